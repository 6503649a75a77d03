"""Bar lines and beats, and which grid of each beat holds its times.

A *fine* time is an exact integer: `tpq` fine units make one tick of `lengths.BEAT`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from textmusic.score import Meter, Score
from textmusic_guitartab.lengths import BEAT
from textmusic_guitartab.piece import DENOMINATORS, MAX_NUMERATOR, bar_ticks

__all__ = ["COARSE", "Clock", "clean_meters"]

_DIVISIONS = (1, 2, 4, 3, 8, 6, 12, 5, 16, 7, 24)
"""Grids in parts of a beat, the simplest first."""
COARSE = (1, 2, 4)
"""The grids of the raster layouts: every 1/16."""
_PLAYED = 1 / 20
_RELEASED = 1 / 8


def clean_meters(score: Score, *, coarse: bool = False) -> list[Meter]:
    """Return the metres of a score in ticks of BEAT, each one writable and on the grid.

    Args:
        score: any score.
        coarse: bars have whole sixteenths only.
    """
    largest = 16 if coarse else DENOMINATORS[-1]
    steps = (420,) if coarse else (105, 70)
    meters: list[Meter] = []
    for meter in (Meter(0, 4, 4), *score.meters):
        numerator, denominator = meter.numerator, meter.denominator
        while denominator > largest or numerator > MAX_NUMERATOR:
            numerator = (numerator + 1) // 2
            denominator = denominator // 2 if denominator > largest else denominator
        onset = 0
        if meters:
            onset = _bar_line(meter.onset * BEAT, score.tpq, meters[-1], steps)
            if onset == meters[-1].onset:
                meters.pop()
        meters.append(Meter(onset, numerator, denominator))
    return _joined(list(Score(tpq=BEAT, meters=tuple(meters)).meters))


def _bar_line(fine: int, tpq: int, last: Meter, steps: Sequence[int]) -> int:
    """The bar line nearest to a fine time, on the grid that starts at the bar before."""
    full = bar_ticks(last.numerator, last.denominator)
    bars, inside = divmod(fine - last.onset * tpq, full * tpq)
    options = {(2 * inside + step * tpq) // (2 * step * tpq) * step for step in steps}
    nearest = min(sorted({*options, full}), key=lambda ticks: abs(ticks * tpq - inside))
    return max(last.onset, last.onset + bars * full + min(nearest, full))


def _joined(meters: list[Meter]) -> list[Meter]:
    """Drop the bar line between two cut bars of one metre that make a full one."""
    kept: list[Meter] = []
    index = 0
    while index < len(meters):
        meter = meters[index]
        if kept:
            last = kept[-1]
            full = bar_ticks(last.numerator, last.denominator)
            cut = (meter.onset - last.onset) % full
            same = (last.numerator, last.denominator) == (meter.numerator, meter.denominator)
            following = meters[index + 1] if index + 1 < len(meters) else None
            if cut and same and following and following.onset == meter.onset + full - cut:
                index += 1
                continue
            if same and not cut:
                index += 1
                continue
        kept.append(meter)
        index += 1
    return kept


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
        struck = [fine - start * self._tpq for fine in onsets]
        released = [fine - start * self._tpq for fine in ends]
        if not struck:
            struck, released = released, struck
        grids = [g for g in self._divisions if (end - start) * g % BEAT == 0]
        grid = self._grid(grids or [self._divisions[-1]], struck, released)
        for fine in (*onsets, *ends):
            offset = fine - start * self._tpq
            tick = (2 * offset * grid + unit) // (2 * unit) * (BEAT // grid)
            yield fine, min(start + tick, end)

    def _grid(self, grids: list[int], struck: list[int], released: list[int]) -> int:
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

    def _error(self, grid: int, offsets: list[int], penalty: int = 1) -> float:
        """The largest distance in beats, and `penalty` for each pair of times that would meet."""
        unit = BEAT * self._tpq
        worst, places = 0, set()
        for offset in offsets:
            place = (2 * offset * grid + unit) // (2 * unit)
            worst = max(worst, abs(offset * grid - place * unit))
            places.add(place)
        return worst / (unit * grid) + penalty * (len(set(offsets)) - len(places))
