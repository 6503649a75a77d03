"""The processes of a training that torchrun has started: what `Group` promises, between them."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, distributed
from torch.distributed.rendezvous import rendezvous

from textmusic.errors import ConfigError, TextmusicError
from textmusic.lm.parallel import MEMO, Group, attempt

if TYPE_CHECKING:
    from torch.distributed import Store  # type: ignore[attr-defined]  # documented

__all__ = ["join"]

SILENCE = 300.0
"""Seconds without a sign of life after which the first process is given up."""
_BEAT = 5.0
_JOINS = itertools.count()
"""A program may train more than once; each time its messages have names of their own."""
_PATIENCE = timedelta(minutes=30)
_VISIBLE = 90.0
"""Seconds after which a file that one machine wrote is seen by all; network file systems cache."""
_LOST = (
    "another process of the training is gone, so this one ends too; "
    "what was saved last stands, and --resume continues it"
)


class _Processes(Group):
    """_Processes that torchrun has started."""

    def __init__(self, rank: int, size: int, local: int, store: Store) -> None:
        super().__init__()
        self.rank, self.size = rank, size
        self._local, self._store = local, store
        self._turns = 0
        self._interrupted = False

    def device(self, name: str) -> str:
        if name.startswith("cuda:"):
            raise ConfigError(
                f"with several processes give --device cuda instead of {name}: "
                "each takes the GPU of its own number"
            )
        return f"{name}:{self._local}" if name == "cuda" else name

    def lead(self, action: Callable[[], Any]) -> Any:
        self._turns += 1
        key = f"turn {self._turns}"
        if self.first:
            with self._beating():
                result = json.dumps(action())
            self._store.set(key, result)
        else:
            self._wait(key)
            result = self._store.get(key).decode()
        return json.loads(result)

    @contextlib.contextmanager
    def _beating(self) -> Iterator[None]:
        """Give signs of life to the processes that wait."""
        done = threading.Event()

        def beat() -> None:
            with contextlib.suppress(RuntimeError):  # the store is gone, and with it who waits
                while not done.wait(_BEAT):
                    self._store.add("beats", 1)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _wait(self, key: str) -> None:
        """Wait for a message of the first process, as long as that is alive."""
        heard, since, pause = -1, time.monotonic(), 0.01
        while True:  # and not Store.wait, which writes two lines to the terminal when time is up
            with _losing():
                if self._store.check([key]):
                    return
                failed, beats = self._store.check(["failed"]), self._store.add("beats", 0)
            if failed:
                raise TextmusicError(_LOST)
            if beats != heard:
                heard, since = beats, time.monotonic()
            elif time.monotonic() - since > SILENCE:
                raise TextmusicError(
                    f"process {self.rank} has waited {SILENCE:.0f} seconds without a sign of life "
                    "from process 0: look at its machine, then continue with --resume"
                )
            time.sleep(pause)
            pause = min(1.5 * pause, 0.5)

    def see(self, path: Path) -> None:
        since = time.monotonic()
        while not path.exists():
            if time.monotonic() - since > _VISIBLE:
                raise ConfigError(
                    f"process {self.rank} on {socket.gethostname()} does not see {path}, which "
                    "process 0 wrote: --out must be a folder that all machines share"
                )
            time.sleep(0.5)

    def sum(self, buffer: Tensor, nats: float) -> float:
        memo = buffer[-MEMO:]
        memo.copy_(torch.tensor([nats, self._save, self._interrupted]))
        with _losing():
            distributed.all_reduce(buffer)
            nats, save, stop = memo.tolist()
        self.saving, self.stopping = save > 0, stop > 0
        return nats

    def spread(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        names = {name: [list(t.shape), str(t.dtype)] for name, t in tensors.items()}
        spread = {}
        for name, (shape, dtype) in self.lead(lambda: names).items():
            if self.first:
                value = tensors[name].detach().cpu().contiguous()
            else:
                value = torch.empty(shape, dtype=getattr(torch, dtype.removeprefix("torch.")))
            with _losing():
                distributed.broadcast(value, 0)
            spread[name] = value
        return spread

    def gather(self, part: Tensor) -> Tensor:
        part = part.detach().cpu().contiguous()
        with _losing():
            width = torch.tensor([part.shape[1]])
            if not self.first:
                distributed.send(width, 0)
                distributed.send(part, 0)
                return part
            parts = [part]
            for rank in range(1, self.size):
                distributed.recv(width, rank)
                parts.append(part.new_empty(part.shape[0], int(width), *part.shape[2:]))
                distributed.recv(parts[-1], rank)
        return torch.cat(parts, 1)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        self._interrupted = False

        def stop(*_: object) -> None:
            if self._interrupted:
                raise KeyboardInterrupt
            self._interrupted = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def claim(self) -> bool:
        """Return whether this process is the first to fail: it alone says why."""
        with contextlib.suppress(RuntimeError):  # without the store each speaks for itself
            return self._store.add("failed", 1) == 1
        return True

    def leave(self) -> None:
        """End the connections, when all went well."""
        distributed.destroy_process_group()


def join() -> _Processes:
    """Join the processes that the environment tells of.

    Raises:
        TextmusicError: they do not reach each other.
    """
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if torch.cuda.is_available() and local < torch.cuda.device_count():
        torch.cuda.set_device(local)
    try:
        shared, rank, size = next(rendezvous("env://"))
        name = f"textmusic {attempt()}.{next(_JOINS)}"
        store = distributed.PrefixStore(name, shared)  # type: ignore[attr-defined]  # documented
        distributed.init_process_group(
            backend,
            store=store,
            rank=rank,
            world_size=size,
            timeout=_PATIENCE,
        )
    except (RuntimeError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise TextmusicError(f"the processes do not reach each other: {why}") from error
    return _Processes(rank, size, local, store)


@contextlib.contextmanager
def _losing() -> Iterator[None]:
    """Say what it means when a message between processes does not arrive."""
    try:
        yield
    except RuntimeError as error:
        raise TextmusicError(_LOST) from error
