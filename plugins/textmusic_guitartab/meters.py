"""The metres of the texts, and bar lines that go with them.

Every Guitar Pro file that we know keeps within up to 32 beats and a sixteenth to four whole notes
a bar, and only a first bar is ever shorter than its metre.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textmusic.lengths import BEAT, bar_ticks
from textmusic.score import Meter, Score

__all__ = ["COARSE_METERS", "METERS", "OLD_METERS", "clean_meters", "words"]

_DENOMINATORS = (1, 2, 4, 8, 16, 32)
_COARSEST = 16
OLD_METERS = frozenset((n, d) for n in range(1, 100) for d in _DENOMINATORS)
"""What texts may say: with more beats, or longer bars, than `METERS` they are read, but not written."""
METERS = frozenset(
    (n, d) for n, d in OLD_METERS if n <= 32 and BEAT // 4 <= bar_ticks(n, d) <= 16 * BEAT
)
"""Up to 32 beats, and from a sixteenth to four whole notes a bar."""
COARSE_METERS = frozenset((n, d) for n, d in METERS if d <= _COARSEST)
"""Those of whole sixteenths, for the raster layouts."""


_SHAPES = {
    coarse: {bar_ticks(*m): m for m in sorted(known, key=lambda m: (m[1] > 2, -m[0]))}
    for coarse, known in ((False, METERS), (True, COARSE_METERS))
}
"""The metre of a bar by its ticks."""


def words(meters: Iterable[tuple[int, int]]) -> frozenset[str]:
    """Return metres as the texts spell them."""
    return frozenset(f"{n}/{d}" for n, d in meters)


def clean_meters(score: Score, *, coarse: bool = False) -> tuple[list[Meter], int]:
    """Return the metres of a score in ticks of BEAT, each one writable, and how many were changed.

    A bar cut short gets a metre of its own length, the nearest that there is; the first bar, an
    upbeat, may stay as it is.

    Args:
        score: any score.
        coarse: bars have whole sixteenths only.
    """
    known = COARSE_METERS if coarse else METERS
    steps = (BEAT // 4,) if coarse else (105, 70)
    shapes = _SHAPES[coarse]
    meters: list[Meter] = []
    for meter in (Meter(0, 4, 4), *score.meters):
        onset = 0
        if meters:
            onset = _bar_line(meter.onset * BEAT, score.tpq, meters, steps, shapes)
            if onset == meters[-1].onset:
                meters.pop()
        meters.append(Meter(onset, *_fitting(meter.numerator, meter.denominator, known)))
    whole = _whole(_joined(list(Score(tpq=BEAT, meters=tuple(meters)).meters)), shapes)
    kept = {(m.onset * score.tpq, m.numerator, m.denominator) for m in whole}
    stated = {(m.onset * BEAT, m.numerator, m.denominator) for m in score.meters}
    added = {meter for meter in kept - stated if meter[0]}
    return whole, max(len(stated - kept), len(added))


def _fitting(
    numerator: int, denominator: int, known: frozenset[tuple[int, int]]
) -> tuple[int, int]:
    """The metre itself, or one whose bar lines are those of it as far as can be.

    A bar that is too long becomes several equal ones; one too short is joined with the next ones.
    """
    if (numerator, denominator) in known:
        return numerator, denominator
    largest = max(d for _, d in known)
    while denominator > largest:
        numerator, denominator = (numerator + 1) // 2, denominator // 2
    for part in range(1, numerator + 1):
        if numerator % part == 0 and (numerator // part, denominator) in known:
            return numerator // part, denominator
    return max(1, denominator // 16), denominator


def _bar_line(
    fine: int,
    tpq: int,
    before: Sequence[Meter],
    steps: Sequence[int],
    shapes: Iterable[int],
) -> int:
    """The bar line nearest to a fine time at which a bar can end."""
    last = before[-1]
    full = bar_ticks(last.numerator, last.denominator)
    bars, inside = divmod(fine - last.onset * tpq, full * tpq)
    if not inside and bars >= 0:
        return last.onset + bars * full
    if len(before) == 1 and not bars:
        options = {(2 * inside + step * tpq) // (2 * step * tpq) * step for step in steps}
    else:
        options = {0, *shapes}
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


def _whole(meters: Sequence[Meter], shapes: dict[int, tuple[int, int]]) -> list[Meter]:
    """Give each bar that is cut short, but the first, the metre of its length."""
    kept = list(meters[:1])
    for meter in meters[1:]:
        last = kept[-1]
        full = bar_ticks(last.numerator, last.denominator)
        cut = (meter.onset - last.onset) % full
        start = meter.onset - cut
        if cut and start:
            if start == last.onset:
                kept.pop()
            kept.append(Meter(start, *shapes[cut]))
        kept.append(meter)
    return kept
