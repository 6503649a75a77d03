"""Pieces that a model writes, and drawing until enough of them are fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from textmusic import api
from textmusic.codec import Codec
from textmusic.errors import ConfigError, Issue
from textmusic.score import Score

if TYPE_CHECKING:
    from textmusic.lm.sample import Sample as Drawn

__all__ = ["Drawing", "Sample"]

_TRIES = 20


@dataclass(frozen=True)
class Sample:
    """One piece that a model wrote.

    Args:
        number: from 1.
        text: the codec text.
        score: the music that is in it; its meta names where it comes from.
        issues: what is wrong with the text; empty when it is well formed.
        bits: information of what was drawn under the model: minus its log-likelihood.
        drawn: characters that were drawn: without a priming text, and an ending of the grammar's.
        codec: the codec of the text.
    """

    number: int
    text: str
    score: Score
    issues: tuple[Issue, ...]
    bits: float
    drawn: int
    codec: Codec = field(repr=False)

    def write(self, path: str | Path) -> tuple[Issue, ...]:
        """Write it as a music file; the suffix tells the format. Returns what was lost.

        Raises:
            FormatError: the format cannot hold it, or the file cannot be written.
        """
        return api.write(self.score, path)


@dataclass(frozen=True)
class Drawing:
    """Draws until enough pieces are fit.

    Args:
        draw: draws so many texts, the first of them of the index given.
        make: makes a piece of one.
        faults: what makes a piece unfit.
    """

    draw: Callable[[int, int], Iterator[Drawn]]
    make: Callable[[Drawn], Sample]
    faults: Mapping[str, Callable[[Sample], bool]]

    def accepted(self, wanted: int) -> Iterator[Sample]:
        """Yield so many fit pieces; ConfigError when nearly all are unfit."""
        first, left, refused = 0, wanted, Counter[str]()
        while left:
            if first > _TRIES * wanted:
                reason, count = refused.most_common(1)[0]
                raise ConfigError(
                    f"{count} of {first} samples {reason}: ask for less, or change the temperature"
                )
            for drawn in self.draw(left, first):
                first = drawn.index + 1
                sample = self.make(drawn)
                fault = next((name for name, found in self.faults.items() if found(sample)), None)
                if fault:
                    refused[fault] += 1
                else:
                    left -= 1
                    yield sample
