"""Time in Guitar Pro files: a grid that note values can hold, and lengths as note values.

Times are whole numbers of `UNIT`, of which a quarter has so many that every point of every grid
is whole. Within each quarter of a bar all times lie on one of `GRIDS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["GRIDS", "UNIT", "Value", "on_grid", "signatures", "values"]

UNIT = 1_441_440
"""Units of time in a quarter: 32 · 9 · 5 · 7 · 11 · 13."""

GRIDS = ((32, 1, 1), (48, 3, 2), (40, 5, 4), (56, 7, 4), (36, 9, 8), (44, 11, 8), (52, 13, 8))
"""(steps a quarter, notes, in the time of): 128th notes, plain and in each tuplet of the format."""

_BEAT = UNIT // 32
_LARGEST_NUMERATOR = 32
_DENOMINATORS = (4, 8, 16, 32, 64)


class Value(NamedTuple):
    """A note value: 1 (whole) … 128, whether dotted, and its tuplet (3 in the time of 2)."""

    value: int
    is_dotted: bool
    notes: int = 1
    times: int = 1


def _plain() -> dict[int, Value]:
    """Lengths in units of the plain and dotted values, longest first."""
    lengths = {}
    for power in range(8):
        length = 4 * UNIT >> power
        if power < 7:
            lengths[length * 3 // 2] = Value(1 << power, is_dotted=True)
        lengths[length] = Value(1 << power, is_dotted=False)
    return lengths


_PLAIN = _plain()
_SINGLE = {
    length * times // notes: value._replace(notes=notes, times=times)
    for _, notes, times in reversed(GRIDS)
    for length, value in _PLAIN.items()
    if length * times % notes == 0 and not (notes > 1 and value.is_dotted)
} | _PLAIN


def values(start: int, end: int) -> list[Value]:
    """Return note values that add up to the time from `start` to `end`.

    Args:
        start: units from the start of the bar, on its grid.
        end: likewise.
    """
    length = end - start
    if length <= 0:
        return []
    if length in _SINGLE:
        return [_SINGLE[length]]
    if length % _BEAT == 0:
        return _greedy(length)
    first, last = -(-start // UNIT) * UNIT, end // UNIT * UNIT
    parts = [(a, b) for a, b in ((start, first), (first, last), (last, end)) if a < b]
    if first <= last and len(parts) > 1:
        return [value for part in parts for value in values(*part)]
    for steps, notes, times in GRIDS:
        if length % (UNIT // steps) == 0:
            found = _greedy(length * notes // times)
            return [value._replace(notes=notes, times=times) for value in found]
    raise AssertionError((start, end))


def _greedy(length: int) -> list[Value]:
    found = []
    for size, value in _PLAIN.items():
        while length >= size:
            found.append(value)
            length -= size
    return found


def on_grid(times: Iterable[int], bar_length: int) -> dict[int, int]:
    """Map times within a bar to the nearest times that note values can hold.

    Args:
        times: units from the start of the bar, 0…`bar_length`.
        bar_length: in units, a multiple of a 64th note.
    """
    cells: dict[int, list[int]] = {}
    for time in sorted(set(times)):
        cells.setdefault(time // UNIT, []).append(time)
    placed: dict[int, int] = {}
    for cell, members in cells.items():
        start = cell * UNIT
        room = min(bar_length - start, UNIT)
        steps = [UNIT // count for count, _, _ in GRIDS if room * count % UNIT == 0]
        tries: list[dict[int, int]] = [_placed(members, start, step) for step in steps]
        nearest: dict[int, int] = min(tries, key=_distance)
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
