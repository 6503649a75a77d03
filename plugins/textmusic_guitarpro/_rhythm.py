"""Time as note values: lengths that they add up to, and times that they can reach.

Times are whole numbers of `UNIT`. Where the lengths between the times of a bar are no sums of
note values, each quarter's times move to the shortest value or its triplet, or stay where they lie
on another tuplet's grid.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from textmusic_guitarpro.song import Rhythm

__all__ = ["SHORTEST_MEASURE", "TUPLETS", "UNIT", "NoteValues", "note_values", "signatures"]

UNIT = 11_531_520
"""Units of time in a quarter: 256 · 9 · 5 · 7 · 11 · 13."""

TUPLETS = ((1, 1), (3, 2), (5, 4), (7, 4), (9, 8), (11, 8), (13, 8))
"""Notes, and in the time of how many; others are sums of these."""

SHORTEST_MEASURE = UNIT // 16
_LARGEST_NUMERATOR = 32
_DENOMINATORS = (4, 8, 16, 32, 64)


@lru_cache(maxsize=16)
def note_values(shortest: int, dots: int) -> NoteValues:
    """Return the note values of a format.

    Args:
        shortest: 64, 128 or 256; tuplets are made of values that long too.
        dots: 1 or 2, the most that a note has.
    """
    return NoteValues(shortest, dots)


class NoteValues:
    """Note values from a dotted whole note down to the shortest; use `note_values`."""

    def __init__(self, shortest: int, dots: int) -> None:
        self.shortest = 4 * UNIT // shortest
        self.tiny = self.shortest * 4 // 7
        """Shorter than any note value."""
        self.plain: dict[int, Rhythm] = {}
        for power in range(shortest.bit_length()):
            length = 4 * UNIT >> power
            for count in range(dots, -1, -1):
                dotted = length * (2 ** (count + 1) - 1) // 2**count
                self.plain[dotted] = Rhythm(1 << power, count)
        self.plain = dict(sorted(self.plain.items(), reverse=True))
        self._single = {
            length * times // notes: Rhythm(rhythm.value, 0, notes, times)
            for notes, times in reversed(TUPLETS)
            for length, rhythm in self.plain.items()
            if not rhythm.dots
        } | self.plain
        self.steps = [self.shortest * times // notes for notes, times in TUPLETS]
        """The shortest note value, plain and in each tuplet."""
        self._sum = lru_cache(maxsize=4096)(self._added_up)

    def values(self, start: int, end: int) -> tuple[Rhythm, ...] | None:
        """Return note values that add up to the time from `start` to `end`, or None.

        Args:
            start: units from the start of the bar.
            end: likewise, not before `start`.
        """
        length = end - start
        if length in self._single or length % self.shortest == 0:
            return self._sum(length)
        first, last = -(-start // UNIT) * UNIT, end // UNIT * UNIT
        if first <= last:
            parts = [self._sum(b - a) for a, b in ((start, first), (first, last), (last, end))]
            if all(part is not None for part in parts):
                return tuple(rhythm for part in parts for rhythm in part or ())
        return self._sum(length)

    def _added_up(self, length: int) -> tuple[Rhythm, ...] | None:
        """Return note values of a length: one if possible, else of one tuplet, else mixed."""
        if length in self._single:
            return (self._single[length],)
        if length % self.shortest == 0:
            return self._greedy(length)
        for notes, times in TUPLETS:
            plain, rest = divmod(length * notes, times)
            if not rest and plain % self.shortest == 0:
                found = self._greedy(plain)
                return tuple(Rhythm(r.value, r.dots, notes, times) for r in found)
        dotted = self.shortest * 3 // 2
        for plain in (dotted, *range(self.shortest, UNIT, self.shortest)):
            if length > plain and any((length - plain) % step == 0 for step in self.steps):
                rest_of_it = self._sum(length - plain)
                return (*self._greedy(plain), *rest_of_it) if rest_of_it else None
        return None

    def _greedy(self, length: int) -> tuple[Rhythm, ...]:
        found: list[Rhythm] = []
        for size, rhythm in self.plain.items():
            count, length = divmod(length, size)
            found += [rhythm] * count
        return tuple(found)

    def on_grid(self, times: Iterable[int], bar_length: int) -> dict[int, int]:
        """Map times within a bar to the nearest times that note values can hold.

        Args:
            times: units from the start of the bar, 0…`bar_length`.
            bar_length: in units, a multiple of a 64th note.
        """
        cuts = sorted({0, bar_length, *times})
        if all(self.values(*pair) is not None for pair in pairwise(cuts)):
            return {time: time for time in cuts}
        cells: dict[int, list[int]] = {}
        for time in cuts:
            cells.setdefault(time // UNIT, []).append(time)
        placed: dict[int, int] = {}
        for cell, members in cells.items():
            start = cell * UNIT
            room = min(bar_length - start, UNIT) or UNIT
            steps = (step for step in self.steps if room % step == 0)
            tries: list[dict[int, int]] = [_placed(members, start, step) for step in steps]
            fitting = [places for places in tries if not _distance(places)]
            nearest: dict[int, int] = min(fitting or tries[:2], key=_distance)
            placed |= nearest
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
