"""Time in Guitar Pro files: lengths as note values, and times that such lengths can reach.

Times are whole numbers of `UNIT`. The shortest note value is a 64th, also in tuplets; programs
that read the format take shorter ones for something else. Where the lengths between the times of a
bar are no sums of note values, each quarter's times move to 64ths or 64ths in triplets, or stay
where they lie on another one of `GRIDS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

__all__ = ["GRIDS", "UNIT", "Value", "on_grid", "signatures", "values"]

UNIT = 1_441_440
"""Units of time in a quarter: 32 · 9 · 5 · 7 · 11 · 13."""

GRIDS = ((16, 1, 1), (24, 3, 2), (20, 5, 4), (28, 7, 4), (18, 9, 8), (22, 11, 8), (26, 13, 8))
"""(steps a quarter, notes, in the time of): 64th notes, plain and in each tuplet of the format."""

_SHORTEST = UNIT // 16
_LARGEST_NUMERATOR = 32
_DENOMINATORS = (4, 8, 16, 32, 64)
_MIXED = 16
"""How many plain 64th notes a length that mixes plain values and tuplets may begin with."""


class Value(NamedTuple):
    """A note value: 1 (whole) … 64, whether dotted, and its tuplet (3 in the time of 2)."""

    value: int
    is_dotted: bool
    notes: int = 1
    times: int = 1


def _plain() -> dict[int, Value]:
    """Lengths in units of the plain and dotted values, longest first."""
    lengths = {}
    for power in range(7):
        length = 4 * UNIT >> power
        lengths[length * 3 // 2] = Value(1 << power, is_dotted=True)
        lengths[length] = Value(1 << power, is_dotted=False)
    return lengths


_PLAIN = _plain()
_DOTTED_64TH = _SHORTEST * 3 // 2
_SINGLE = {
    length * times // notes: value._replace(notes=notes, times=times)
    for _, notes, times in reversed(GRIDS)
    for length, value in _PLAIN.items()
    if length * times % notes == 0 and not (notes > 1 and value.is_dotted)
} | _PLAIN


def values(start: int, end: int) -> tuple[Value, ...] | None:
    """Return note values that add up to the time from `start` to `end`, or None.

    Args:
        start: units from the start of the bar.
        end: likewise, not before `start`.
    """
    length = end - start
    if length in _SINGLE or length % _SHORTEST == 0:
        return _sum(length)
    first, last = -(-start // UNIT) * UNIT, end // UNIT * UNIT
    if first <= last:
        parts = [_sum(b - a) for a, b in ((start, first), (first, last), (last, end))]
        if all(part is not None for part in parts):
            return tuple(value for part in parts for value in part or ())
    return _sum(length)


@lru_cache(maxsize=4096)
def _sum(length: int) -> tuple[Value, ...] | None:
    """Return note values of a length: one if possible, else of one tuplet, else mixed."""
    if length in _SINGLE:
        return (_SINGLE[length],)
    if length % _SHORTEST == 0:
        return _greedy(length)
    for _, notes, times in GRIDS:
        if length * notes % times == 0 and length * notes // times % _SHORTEST == 0:
            found = _greedy(length * notes // times)
            return tuple(value._replace(notes=notes, times=times) for value in found)
    for plain in (_DOTTED_64TH, *range(_SHORTEST, _MIXED * _SHORTEST, _SHORTEST)):
        for steps, *_ in GRIDS:
            if length > plain and (length - plain) % (UNIT // steps) == 0:
                rest = _sum(length - plain)
                return (*_greedy(plain), *rest) if rest else None
    return None


def _greedy(length: int) -> tuple[Value, ...]:
    found = []
    for size, value in _PLAIN.items():
        count, length = divmod(length, size)
        found += [value] * count
    return tuple(found)


def on_grid(times: Iterable[int], bar_length: int) -> dict[int, int]:
    """Map times within a bar to the nearest times that note values can hold.

    Args:
        times: units from the start of the bar, 0…`bar_length`.
        bar_length: in units, a multiple of a 64th note.
    """
    cuts = sorted({0, bar_length, *times})
    if all(values(*pair) is not None for pair in pairwise(cuts)):
        return {time: time for time in cuts}
    cells: dict[int, list[int]] = {}
    for time in cuts:
        cells.setdefault(time // UNIT, []).append(time)
    placed: dict[int, int] = {}
    for cell, members in cells.items():
        start = cell * UNIT
        room = min(bar_length - start, UNIT) or UNIT
        steps = [UNIT // count for count, *_ in GRIDS if room * count % UNIT == 0]
        tries: list[dict[int, int]] = [_placed(members, start, step) for step in steps]
        fitting = [places for places in tries if not _distance(places)]
        nearest: dict[int, int] = min(fitting or tries[:2], key=_distance)
        placed.update(nearest)
    return placed


def _distance(moved: dict[int, int]) -> int:
    return sum(abs(old - new) for old, new in moved.items())


def _placed(times: Iterable[int], start: int, step: int) -> dict[int, int]:
    return {time: start + (time - start + step // 2) // step * step for time in times}


def signatures(length: int, denominator: int) -> list[tuple[int, int]]:
    """Return time signatures that fill `length` units, a multiple of a 64th note: mostly one.

    Args:
        length: above 0.
        denominator: the one wanted, where it fits.
    """
    for lower in (denominator, *_DENOMINATORS):
        if lower > _DENOMINATORS[-1]:
            continue
        numerator, rest = divmod(length * lower, 4 * UNIT)
        if not rest and 1 <= numerator <= _LARGEST_NUMERATOR:
            return [(numerator, lower)]
    part = min(length // (4 * UNIT), 8) * 4 * UNIT or length // UNIT * UNIT or UNIT // 16
    return signatures(part, 4) + (signatures(length - part, denominator) if length > part else [])
