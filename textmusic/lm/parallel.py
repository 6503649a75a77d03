"""One training on several processes, of one machine or of many, as ``torchrun`` starts them.

Each process reads a share of the streams with the same weights; their gradients are summed, and
each takes the same step. The first process alone builds, measures, saves and speaks: the others
wait for what it has found out, by a store of short messages that torchrun keeps.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textmusic.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["MEMO", "Group", "attempt", "joined"]

MEMO = 3
"""Numbers at the end of a buffer of gradients in which the processes tell each other more."""


class Group:
    """The processes of a training, seen from one of them. This class: one process alone.

    Every process calls `lead`, `sum`, `spread` and `gather` equally often and in the same order.
    """

    rank = 0
    size = 1

    def __init__(self) -> None:
        self.saving = self.stopping = False
        self._save = False

    @property
    def first(self) -> bool:
        """Whether this process is the one that builds, measures, saves and speaks."""
        return self.rank == 0

    def share(self, batch: int) -> slice:
        """Return which of the streams this process reads.

        Raises:
            ConfigError: there are fewer streams than processes.
        """
        if batch < self.size:
            raise ConfigError(
                f"{batch} streams cannot be shared by {self.size} processes: "
                "take a larger --batch (or more music), or fewer processes"
            )
        return slice(batch * self.rank // self.size, batch * (self.rank + 1) // self.size)

    def device(self, name: str) -> str:
        """Return which device this process computes on, where a training is to run on `name`."""
        return name

    def lead(self, action: Callable[[], Any]) -> Any:
        """Let the first process do something, and return what it returns: JSON values."""
        return action()

    def see(self, path: Path) -> None:
        """Wait until a file that the first process has written is seen by this one too."""

    def ask(self, *, save: bool) -> None:
        """Say before a step whether to save after it; the next `sum` sets `saving`."""
        self._save = save

    def sum(self, buffer: Tensor, nats: float) -> float:
        """Replace what all processes have in a buffer by its sum, the same bits on each.

        Afterwards `saving` is whether one of them asked to save after this step, and `stopping`
        whether one was interrupted.

        Args:
            buffer: a vector of gradients, and `MEMO` numbers more.
            nats: of this process.

        Returns:
            The sum of the nats.
        """
        self.saving = self._save
        return nats

    def spread(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Return the tensors of the first process on each; what others give does not matter."""
        return tensors

    def gather(self, part: Tensor) -> Tensor:
        """Return all parts joined along dimension 1, on the first process; elsewhere the part."""
        return part

    def listening(self) -> contextlib.AbstractContextManager[None]:
        """While it lasts, an interrupted process asks all to stop after the step."""
        return contextlib.nullcontext()


@contextlib.contextmanager
def joined() -> Iterator[Group]:
    """Join the processes that torchrun has started, if it has; else a process is alone.

    Where several fail, the error of the first passes; the others exit in silence.

    Raises:
        TextmusicError: the other processes cannot be reached.
    """
    size = int(os.environ.get("WORLD_SIZE") or 1)
    if size == 1 or "RANK" not in os.environ:
        yield Group()
        return
    from textmusic.lm.processes import join

    group = join()
    try:
        yield group
    except Exception:
        if group.claim():
            raise
        raise SystemExit(1) from None
    group.leave()


def attempt() -> int:
    """Return how often torchrun has started these processes again, because one of them failed."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT") or 0)
