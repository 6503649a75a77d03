"""What is drawn side by side, as arrays: the part of each sample that changes at every character."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from textmusic.lm.config import SampleConfig

__all__ = ["BLOCK", "Options", "Rows"]

BLOCK = 256
"""Characters of a row that are drawn before their text is read and new chances are put in."""


class Rows(NamedTuple):
    """One row a sample, (B,), (B, BLOCK) or (B, parts of the grammar).

    Args:
        reads: the id that the model reads next.
        places: the states of the grammar's parts after it, as `Masks` numbers them.
        early: whether the document may not end yet, if anything else is allowed.
        used: ids drawn of the block.
        due: the voice wants to be asked when so many are.
        bits: information of all ids drawn, under the model alone.
        lost: the grammar's state after the last id is not known; `places` is that before it.
        asks: the row ended, is lost or due.
        finders: address of a C function that finds the ways of all lost rows, the same for each row; it
            returns whether the drawing must be left nevertheless; 0 where it must be left for that.
        chances: (B, BLOCK, 2) random numbers, uniform in [0, 1).
        written: the ids drawn.
    """

    reads: NDArray[np.int64]
    places: NDArray[np.int64]
    early: NDArray[np.bool_]
    used: NDArray[np.int64]
    due: NDArray[np.int64]
    bits: NDArray[np.float64]
    lost: NDArray[np.bool_]
    asks: NDArray[np.bool_]
    finders: NDArray[np.int64]
    chances: NDArray[np.float64]
    written: NDArray[np.int64]

    @classmethod
    def of(cls, count: int, parts: int) -> Self:
        """Return rows that no voice has filled."""
        numbers = [np.zeros(count, np.int64) for _ in range(4)]
        flags = [np.zeros(count, np.bool_) for _ in range(3)]
        return cls(
            reads=numbers[0],
            places=np.zeros((count, parts), np.int64),
            early=flags[0],
            used=numbers[1],
            due=numbers[2],
            bits=np.zeros(count),
            lost=flags[1],
            asks=flags[2],
            finders=numbers[3],
            chances=np.zeros((count, BLOCK, 2)),
            written=np.zeros((count, BLOCK), np.int64),
        )

    def kept(self, left: Sequence[int]) -> Self:
        """Return some of the rows."""
        columns: Any = (column[left] for column in self)
        return type(self)(*columns)


class Options(NamedTuple):
    """The part of a `SampleConfig` that decides each draw."""

    temperature: float
    top_k: int
    top_p: float
    greedy: float

    @classmethod
    def of(cls, config: SampleConfig) -> Self:
        """Take them out of a config."""
        numbers = float(config.temperature), config.top_k, float(config.top_p)
        return cls(*numbers, float(config.greedy))
