"""Bar lines that texts can write: only an upbeat, and bars at repeats, are cut short."""

from __future__ import annotations

from collections.abc import Sequence

from textmusic.errors import Issue
from textmusic.form import Measure
from textmusic.score import Meter, Score
from textmusic_guitarpro.text.bounds import METERS, fitting_meter
from textmusic_guitarpro.text.fitting import denominator, warning
from textmusic_guitarpro.text.times import UNITS, bar_units

__all__ = ["clean_meters", "written_time"]

_GRID = UNITS // 48
_ENDS = (UNITS // 16, UNITS // 24)
_SHAPES = {bar_units(*m): m for m in sorted(METERS, key=lambda m: (m[1] > 2, -m[0]))}
"""The lengths of bars, and the metre that is usual for each."""


def written_time(onset: int, tpq: int) -> int:
    """Return the units of a time: exact where that is a written one, else on a grid."""
    units, rest = divmod(onset * UNITS, tpq)
    if not rest and denominator(units):
        return units
    return (2 * onset * UNITS + tpq * _GRID) // (2 * tpq * _GRID) * _GRID


def clean_meters(score: Score, measures: Sequence[Measure], issues: list[Issue]) -> list[Meter]:
    """Return the metres in units, each one writable.

    A bar cut short gets a metre of its own length, the nearest that there is.

    Args:
        score: any.
        measures: the signs of its bars; at repeats, and at first, bars may be cut short.
        issues: to add to.
    """
    meters = [Meter(0, 4, 4)]
    count = changed = 0
    for meter in score.meters:
        last = meters[-1]
        full = bar_units(last.numerator, last.denominator)
        onset = max(written_time(meter.onset, score.tpq), last.onset)
        whole, cut = divmod(onset - last.onset, full)
        start = onset - cut
        count += whole
        signed = count < len(measures) and measures[count] != Measure()
        if cut and (not start or signed):
            count += 1
            onset = start + min((_near(cut, step) for step in _ENDS), key=lambda n: abs(n - cut))
            onset = min(onset, start + full)
        elif cut:
            length = min((0, full, *_SHAPES), key=lambda units: abs(units - cut))
            onset = start + min(length, full)
            count += length > 0
            if 0 < length < full:
                _put(meters, Meter(start, *_SHAPES[length]))
        fitting = fitting_meter(meter.numerator, meter.denominator)
        odd = fitting != (meter.numerator, meter.denominator)
        changed += odd or onset * score.tpq != meter.onset * UNITS or (cut > 0 and start > 0)
        _put(meters, Meter(onset, *fitting))
    if changed:
        issues.append(warning("meter", f"{changed} metres or bar lines changed"))
    return list(Score(tpq=UNITS, meters=tuple(meters)).meters)


def _put(meters: list[Meter], meter: Meter) -> None:
    """Add a metre, in place of one at the same time."""
    if meters[-1].onset == meter.onset:
        meters.pop()
    meters.append(meter)


def _near(units: int, step: int) -> int:
    return (2 * units + step) // (2 * step) * step
