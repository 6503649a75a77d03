"""A suffix array over a long sequence of numbers: where the longest matches of a query lie.

Built by prefix doubling (Manber and Myers, 1993) with numpy's sorts, as deep as matches are of
interest; queries are answered for all their positions at once by a vectorised binary search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEPTH", "Suffixes"]

DEPTH = 128
"""The longest match that is told apart; longer ones are followed from the place found."""

_BLOCK = 8
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Suffixes:
    """The suffix array of a sequence.

    Args:
        sequence: shape (n,), int32; a value that no query holds stands between pieces.
        order: shape (n,), the starts of the suffixes, sorted by their first `DEPTH` values.
    """

    sequence: NDArray[np.int32]
    order: NDArray[np.int32]

    @classmethod
    def build(cls, sequence: NDArray[np.int32]) -> Self:
        """Sort the suffixes of a sequence of non-negative numbers, fewer than 2**31."""
        size = len(sequence)
        rank = np.unique(sequence, return_inverse=True)[1].astype(np.int64) + 1
        order = np.argsort(rank, kind="stable")
        width = 1
        while width < DEPTH and size:
            following = np.zeros(size, np.int64)
            following[: size - width] = rank[width:]
            key = (rank << 32) | following
            order = np.argsort(key, kind="stable")
            ranked = key[order]
            fresh = np.empty(size, np.int64)
            fresh[order] = np.cumsum(np.concatenate(([True], ranked[1:] != ranked[:-1])))
            rank = fresh
            width *= 2
            if rank.max() == size:
                break
        return cls(np.asarray(sequence, np.int32), order.astype(np.int32))

    def longest(self, query: NDArray[np.int32]) -> tuple[Ints, Ints]:
        """Return, for each start in a query, the length of its longest match and where it lies.

        Both have the query's shape (m,); where nothing matches, the length and place are 0.
        """
        starts = np.arange(len(query))
        if not len(self.order) or not len(query):
            return np.zeros_like(starts), np.zeros_like(starts)
        low = np.zeros_like(starts)
        high = np.full_like(starts, len(self.order))
        while np.any(low < high):
            middle = np.minimum((low + high) // 2, len(self.order) - 1)
            places = self.order[middle].astype(np.int64)
            common = self._common(query, starts, places)
            before = self._value(self.sequence, places + common) < self._value(
                query, starts + common
            )
            active = low < high
            low = np.where(active & before, middle + 1, low)
            high = np.where(active & ~before, middle, high)
        best = np.zeros_like(starts)
        where = np.zeros_like(starts)
        for neighbour in (low - 1, low):
            inside = (neighbour >= 0) & (neighbour < len(self.order))
            places = self.order[np.clip(neighbour, 0, len(self.order) - 1)].astype(np.int64)
            found = np.where(inside, self._common(query, starts, places, limit=None), 0)
            where = np.where(found > best, places, where)
            best = np.maximum(best, found)
        return best, where

    def _common(
        self, query: NDArray[np.int32], starts: Ints, places: Ints, limit: int | None = DEPTH
    ) -> Ints:
        """The length of the common beginning of query[start:] and sequence[place:], for each."""
        common = np.zeros_like(starts)
        alive = np.arange(len(starts))
        while len(alive) and (limit is None or int(common.max()) < limit):
            one = self._values(query, starts[alive] + common[alive])
            two = self._values(self.sequence, places[alive] + common[alive])
            same = np.minimum.accumulate((one == two) & (one >= 0), axis=1)
            common[alive] += same.sum(axis=1)
            alive = alive[same[:, -1]]
        return common

    @classmethod
    def _values(cls, values: NDArray[np.int32], at: Ints) -> Ints:
        """A block of values from each place on: many comparisons for one pass of Python."""
        return cls._value(values, at[:, None] + np.arange(_BLOCK))

    @staticmethod
    def _value(values: NDArray[np.int32], at: Ints) -> Ints:
        """The values at some places, -1 behind the end."""
        inside = at < len(values)
        found = values[np.where(inside, at, 0)].astype(np.int64) if len(values) else at * 0
        return np.where(inside, found, -1)
