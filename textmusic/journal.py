"""What a training notes on its way, in the ``log.jsonl`` of its run.

One JSON object a line: at every validation ``step``, ``loss_bits``, ``valid_bits``, ``lr`` and a
short ``sample``; where an interrupted run was taken up, ``step`` and ``resumed``.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from textmusic.alphabet import Alphabet
from textmusic.errors import MissingDependencyError
from textmusic.lm import SampleConfig, Sampler, Step

__all__ = ["Journal", "TensorBoard", "check_tensorboard", "glimpse"]

_CHARACTERS = 200
_TEXTS = 4
_NOTED = ("step", "loss_bits", "valid_bits", "lr")


class Journal:
    """Appends to the log of a run; a context manager.

    Args:
        folder: of the run.
        alphabet: of its texts.
    """

    def __init__(self, folder: Path, alphabet: Alphabet) -> None:
        self._file = (folder / "log.jsonl").open("a", encoding="utf-8")
        self._alphabet = alphabet
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, step: Step) -> None:
        """Note a step, where there is something to note."""
        if not self._begun and 1 < step.step < step.steps:
            self._write({"step": step.step - 1, "resumed": True})
        self._begun = True
        if step.valid_bits is not None:
            entry: dict[str, Any] = {name: getattr(step, name) for name in _NOTED}
            self._write({**entry, "sample": glimpse(step, self._alphabet)})

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


def glimpse(step: Step, alphabet: Alphabet) -> str:
    """Return the beginning of what the model writes now, without its grammar.

    A few texts, one below the other, while they are short. The same seed each time, so that what
    differs is the model; it changes nothing in a training.
    """
    config = SampleConfig(max_length=_CHARACTERS)
    sampler = Sampler(step.model, alphabet, None, config, compiled=False)
    text = "\n".join(one.text for one in sampler.samples(_TEXTS))
    return text[:_CHARACTERS]


def check_tensorboard() -> Any:
    """Return the class that writes event files.

    Raises:
        MissingDependencyError: tensorboard is not installed.
    """
    try:
        from torch.utils.tensorboard.writer import SummaryWriter
    except ImportError as error:
        raise MissingDependencyError("--tensorboard", "tensorboard", "tensorboard") from error
    return SummaryWriter


class TensorBoard:
    """Writes the course of a training as event files, in the folder ``tensorboard`` of its run.

    Args:
        folder: of the run.
        alphabet: of its texts.

    Raises:
        MissingDependencyError: tensorboard is not installed.
    """

    def __init__(self, folder: Path, alphabet: Alphabet) -> None:
        self._writer: Any = check_tensorboard()(str(folder / "tensorboard"))
        self._alphabet = alphabet

    def add(self, step: Step) -> None:
        """Write what a step says: its loss and speed now and then, its validation and a sample."""
        if step.valid_bits is None and step.step % 10:
            return
        for name, value in (
            ("bits a character/training", step.loss_bits),
            ("bits a character/held out", step.valid_bits),
            ("learning rate", step.lr),
            ("characters a second", step.chars_per_second),
        ):
            if value is not None:
                self._writer.add_scalar(name, value, step.step)
        if step.valid_bits is not None:
            text = "".join(f"    {line}\n" for line in glimpse(step, self._alphabet).split("\n"))
            self._writer.add_text("sample", text, step.step)

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()
