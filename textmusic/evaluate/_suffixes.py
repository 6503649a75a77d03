"""A suffix array over a long sequence of numbers: where the longest matches of a query lie.

Built by prefix doubling that sorts only what is still tied (Larsson and Sadakane, 2007), in blocks,
so that beside the result stands one number a token; queries are answered for all their positions
at once by a vectorised binary search that remembers what its bounds share with the query (Manber
and Myers, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEPTH", "Ints", "Suffixes"]

DEPTH = 128
"""The longest match that is told apart; longer ones are followed from the place found."""

_BLOCK = 1 << 20
_COMPARED = 8
Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Suffixes:
    """The suffix array of a sequence.

    Args:
        sequence: shape (n,), int32; a value that no query holds stands between pieces.
        order: shape (n,), the starts of the suffixes, sorted by their first `DEPTH` values; those
            that are equal so far stand as in the sequence.
    """

    sequence: NDArray[np.int32]
    order: NDArray[np.int32]

    @classmethod
    def build(cls, sequence: NDArray[np.int32], block: int = _BLOCK) -> Self:
        """Sort the suffixes of a sequence of non-negative numbers, fewer than 2**31.

        Args:
            sequence: shape (n,).
            block: how many suffixes are sorted at a time; more where more begin alike.
        """
        sequence = np.asarray(sequence, np.int32)
        order, rank = _by_first_value(sequence, block)
        width = 1
        while width < DEPTH and _refine(order, rank, width, block):
            width *= 2
        return cls(sequence, order)

    def longest(self, query: NDArray[np.int32]) -> tuple[Ints, Ints]:
        """Return, for each start in a query, the length of its longest match and where it lies.

        A negative number in the query matches nothing: it parts several queries in one.
        Both have the query's shape (m,); where nothing matches, the length and place are 0.
        """
        starts = np.arange(len(query))
        if not len(self.order) or not len(query):
            return np.zeros_like(starts), np.zeros_like(starts)
        low = self._position(query)
        best = np.zeros_like(starts)
        where = np.zeros_like(starts)
        for neighbour in (low - 1, low):
            inside = (neighbour >= 0) & (neighbour < len(self.order))
            places = self.order[np.clip(neighbour, 0, len(self.order) - 1)].astype(np.int64)
            found = np.where(inside, self._common(query, starts, places, limit=None), 0)
            where = np.where(found > best, places, where)
            best = np.maximum(best, found)
        return best, where

    def _position(self, query: NDArray[np.int32]) -> Ints:
        """Where in the order each suffix of a query belongs."""
        starts = np.arange(len(query))
        low, high = np.zeros_like(starts), np.full_like(starts, len(self.order))
        shared_low, shared_high = np.zeros_like(starts), np.zeros_like(starts)
        active = starts
        while len(active):
            middle = (low[active] + high[active]) // 2
            places = self.order[middle].astype(np.int64)
            known = np.minimum(shared_low[active], shared_high[active])
            common = self._common(query, active, places, known)
            before = _value(self.sequence, places + common) < _value(query, active + common)
            right, left = active[before], active[~before]
            low[right], shared_low[right] = middle[before] + 1, common[before]
            high[left], shared_high[left] = middle[~before], common[~before]
            active = active[low[active] < high[active]]
        return low

    def _common(
        self,
        query: NDArray[np.int32],
        starts: Ints,
        places: Ints,
        known: Ints | None = None,
        limit: int | None = DEPTH,
    ) -> Ints:
        """The length of the common beginning of query[start:] and sequence[place:], for each."""
        common = np.zeros_like(starts) if known is None else known.copy()
        alive = np.arange(len(starts))
        if limit is not None:
            alive = alive[common < limit]
        while len(alive):
            one = _values(query, starts[alive] + common[alive])
            two = _values(self.sequence, places[alive] + common[alive])
            same = np.minimum.accumulate((one == two) & (one >= 0), axis=1)
            common[alive] += same.sum(axis=1)
            alive = alive[same[:, -1]]
            if limit is not None:
                alive = alive[common[alive] < limit]
        return common


def _by_first_value(
    sequence: NDArray[np.int32], block: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return suffixes in the order of their first values, and where in it their equals begin.

    The second has `DEPTH` times -1 more behind its end: nothing comes before anything.
    """
    size = len(sequence)
    blocks = [slice(start, min(start + block, size)) for start in range(0, size, block)]
    values = np.zeros(0, np.int32)
    for part in blocks:
        values = np.union1d(values, sequence[part])
    counts = np.zeros(len(values), np.int64)
    for part in blocks:
        counts += np.bincount(np.searchsorted(values, sequence[part]), minlength=len(values))
    begins = np.cumsum(counts) - counts
    rank = np.full(size + DEPTH, -1, np.int32)
    order = np.empty(size, np.int32)
    free = begins.copy()
    for part in blocks:
        ids = np.searchsorted(values, sequence[part])
        rank[part] = begins[ids]
        by = np.argsort(ids, kind="stable")
        ids = ids[by]
        own = np.bincount(ids, minlength=len(values))
        within = np.arange(len(ids)) - (np.cumsum(own) - own)[ids]
        order[free[ids] + within] = by + part.start
        free += own
    return order, rank


def _refine(order: NDArray[np.int32], rank: NDArray[np.int32], width: int, block: int) -> bool:
    """Sort what is equal in `width` values by the next `width`; return whether ties are left.

    Ranks that an earlier block has refined serve the later ones: they only tell more apart.
    """
    low, ties = 0, False
    while low < len(order):
        high = _end(order, rank, low, block)
        places = order[low:high]
        own = rank[places]
        same = own[1:] == own[:-1]
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        if len(tied):
            chosen = places[tied]
            key = (own[tied].astype(np.int64) << 32) | (rank[chosen + width] + 1)
            by = np.argsort(key, kind="stable")
            key, chosen = key[by], chosen[by]
            fresh = np.append(True, key[1:] != key[:-1])
            places[tied] = chosen
            rank[chosen] = np.maximum.accumulate(np.where(fresh, tied + low, 0))
            ties = ties or not fresh.all()
        low = high
    return ties


def _end(order: NDArray[np.int32], rank: NDArray[np.int32], low: int, block: int) -> int:
    """The end of a block of the order: no group of equals goes on behind it."""
    high = low + block
    while high < len(order):
        start = int(rank[order[high]])
        if start > low:
            return start
        high += block
    return len(order)


def _values(values: NDArray[np.int32], at: Ints) -> Ints:
    """A few values from each place on: many comparisons for one pass of Python."""
    return _value(values, at[:, None] + np.arange(_COMPARED))


def _value(values: NDArray[np.int32], at: Ints) -> Ints:
    """The values at some places, -1 behind the end."""
    inside = at < len(values)
    found = values[np.where(inside, at, 0)].astype(np.int64) if len(values) else at * 0
    return np.where(inside, found, -1)
