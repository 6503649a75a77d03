"""Played times to written ones: beat by beat, to the simplest grid that holds them.

A *fine* time is an exact integer: `tpq` fine units make one tick of `lengths.BEAT`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import gcd

from textmusic.lengths import BEAT, bar_ticks
from textmusic.score import Meter

__all__ = ["Clock"]

_DIVISIONS = (1, 2, 4, 3, 8, 6, 12, 5, 16, 7, 24)
"""Grids in parts of a beat, the simplest first."""
_FINE = BEAT // 16
_PLAYED = 1 / 20
_RELEASED = 1 / 8


class Clock:
    """Snaps fine times to ticks, beat by beat.

    Args:
        meters: from `clean_meters`; the first lies at 0.
        tpq: fine units a tick.
        divisions: the grids that may be used, in parts of a beat, the simplest first.
    """

    def __init__(
        self, meters: Sequence[Meter], tpq: int, divisions: tuple[int, ...] | None
    ) -> None:
        self._meters = meters
        self._onsets = [meter.onset for meter in meters]
        self._tpq = tpq
        self._divisions = divisions or _DIVISIONS
        # sixteenths of a beat are on the grid everywhere: what lies there need not be moved
        self._is_even = BEAT // _FINE in self._divisions and not gcd(*self._onsets) % _FINE
        self._grids: dict[tuple[int, tuple[int, ...], tuple[int, ...]], int] = {}

    def is_free(self, ticks: int) -> bool:
        """Whether all multiples of so many ticks lie on a grid of their beat, whichever it is."""
        common = gcd(ticks, *self._onsets)
        return any(grid in self._divisions and not common % (BEAT // grid) for grid in (16, 24))

    def bar(self, tick: int) -> tuple[int, int]:
        """Return start and end of the bar that holds a tick."""
        index = bisect_right(self._onsets, tick) - 1
        meter = self._meters[index]
        full = bar_ticks(meter.numerator, meter.denominator)
        start = meter.onset + (tick - meter.onset) // full * full
        if index + 1 < len(self._onsets):
            return start, min(start + full, self._onsets[index + 1])
        return start, start + full

    def beat(self, tick: int) -> tuple[int, int]:
        """Return start and end of the beat that holds a tick; the last of a bar may be short."""
        start, end = self.bar(tick)
        start += (tick - start) // BEAT * BEAT
        return start, min(start + BEAT, end)

    def snap(self, onsets: Iterable[int], ends: Iterable[int]) -> dict[int, int]:
        """Return the tick for each fine time; those of one beat share a grid."""
        onsets, ends = list(onsets), list(ends)
        if self._is_even and not gcd(*onsets, *ends) % (_FINE * self._tpq):
            return {fine: fine // self._tpq for fine in (*onsets, *ends)}
        beats: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
        for which, times in enumerate((onsets, ends)):
            for fine in times:
                beat = self.beat(fine // self._tpq)
                beats.setdefault(beat, ([], []))[which].append(fine)
        return {
            fine: tick
            for (start, end), (struck, released) in beats.items()
            for fine, tick in self._snap_beat(start, end, struck, released)
        }

    def _snap_beat(
        self, start: int, end: int, onsets: list[int], ends: list[int]
    ) -> Iterable[tuple[int, int]]:
        unit = BEAT * self._tpq
        origin = start * self._tpq
        struck = tuple([fine - origin for fine in onsets])
        released = tuple([fine - origin for fine in ends])
        if not struck:
            struck, released = released, struck
        key = (end - start, struck, released)
        grid = self._grids.get(key)
        if grid is None:
            grids = [g for g in self._divisions if (end - start) * g % BEAT == 0]
            grid = self._grid(grids or [self._divisions[-1]], struck, released)
            self._grids[key] = grid
        for fine in (*onsets, *ends):
            offset = fine - origin
            tick = (2 * offset * grid + unit) // (2 * unit) * (BEAT // grid)
            yield fine, min(start + tick, end)

    def _grid(self, grids: list[int], struck: Sequence[int], released: Sequence[int]) -> int:
        unit = BEAT * self._tpq
        for grid in grids:
            if not any(offset * grid % unit for offset in (*struck, *released)):
                return grid
        errors = {g: (self._error(g, struck), self._error(g, released, 0)) for g in grids}
        for limits in ((0.0, _RELEASED), (_PLAYED, _RELEASED)):
            for grid in grids:
                if all(e <= limit for e, limit in zip(errors[grid], limits, strict=True)):
                    return grid
        return min(grids, key=lambda g: errors[g][0] + errors[g][1] / 4 + g / 500)

    def _error(self, grid: int, offsets: Sequence[int], penalty: int = 1) -> float:
        """The largest distance in beats, and `penalty` for each pair of times that would meet."""
        unit = BEAT * self._tpq
        worst, places = 0, set()
        for offset in offsets:
            place = (2 * offset * grid + unit) // (2 * unit)
            worst = max(worst, abs(offset * grid - place * unit))
            places.add(place)
        return worst / (unit * grid) + penalty * (len(set(offsets)) - len(places))
