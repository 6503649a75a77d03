"""Bar lines that the tab texts can write, and the grids of their layouts."""

from __future__ import annotations

from collections.abc import Sequence

from textmusic.lengths import BEAT, bar_ticks
from textmusic.score import Meter, Score
from textmusic_guitartab.piece import DENOMINATORS, MAX_NUMERATOR

__all__ = ["ALL_GRIDS", "COARSE", "clean_meters", "grids_at"]

COARSE = (1, 2, 4)
"""The grids of the raster layouts: every 1/16."""


_FINEST = (105, 70, 336, 240)
"""Ticks of the finest grids of a quarter: 16, 24, 5 and 7 parts; `textmusic.clock` snaps to one."""
ALL_GRIDS = (1 << len(_FINEST)) - 1


def grids_at(ticks: int) -> int:
    """Return the grids that hold a time within a quarter, one bit each."""
    return sum(1 << bit for bit, step in enumerate(_FINEST) if ticks % step == 0)


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
