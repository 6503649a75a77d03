"""What the codecs of time steps share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from textmusic.codec import Codec, Document
from textmusic.errors import DecodeError, EncodeError, InputError, Issue
from textmusic.score import Score
from textmusic_midi.steps.asking import CONTROLS
from textmusic_midi.steps.bars import documents
from textmusic_midi.steps.grid import Grid, check_grid, project

__all__ = ["StepCodec"]


@dataclass(frozen=True)
class StepCodec(Codec):
    """A codec of scores on a grid.

    Args:
        steps: steps a quarter, 1…96; 24 holds triplets and thirty-seconds.
        lowest, highest: the range, MIDI pitches; default the 88 keys of a piano.
        outside: what `project` does with pitches outside: ``fold`` by octaves, or ``drop``.
    """

    steps: int = 24
    lowest: int = 21
    highest: int = 108
    outside: Literal["fold", "drop"] = "fold"

    renders: ClassVar[tuple[str, ...]] = ("mid",)
    controls: ClassVar[frozenset[str]] = CONTROLS

    def __post_init__(self) -> None:
        check_grid(self.name, self.steps, self.lowest, self.highest, self.outside)

    @property
    @abstractmethod
    def _grid(self) -> Grid:
        """What the text holds."""

    @abstractmethod
    def _check(self, held: Score) -> None:
        """Check that the text of a projected score does not get too long.

        Raises:
            EncodeError: it does.
        """

    @abstractmethod
    def _write(self, score: Score) -> str:
        """Return the text of a projected score."""

    def encode(self, score: Score) -> str:
        """Return the text of a projected score."""
        held = self.project(score)
        if held != score:
            raise EncodeError("the score is not on the grid of this text: project it first")
        return self._write(held)

    def project(self, score: Score) -> Score:
        """Return the nearest score on the grid; `explain` says what that cost."""
        return self._projected(score)[0]

    def explain(self, score: Score) -> tuple[Issue, ...]:
        """Return what `project` changes, as warnings."""
        return self._projected(score)[1]

    def _projected(self, score: Score) -> tuple[Score, tuple[Issue, ...]]:
        held, issues = project(score, self._grid)
        self._check(held)
        return held, issues

    def canonical(self, text: str) -> str:
        """Return the text as this codec writes it."""
        parsed = self.parse(text)
        try:
            return self.encode(self.project(parsed.score))
        except InputError as error:
            raise DecodeError(f"no music to learn: {error}", parsed.issues) from error

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the pieces, each from its first line on."""
        return documents(text)
