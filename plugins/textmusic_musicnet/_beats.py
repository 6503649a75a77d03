"""Labels in beats to note values, and the bars and tempos around them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

from textmusic_musicnet._labels import Label

__all__ = ["SAMPLE_RATE", "Written", "bar_of", "tempos_of", "written"]

SAMPLE_RATE = 44_100
_NOMINAL = {
    "Whole": 4.0,
    "Half": 2.0,
    "Quarter": 1.0,
    "Eighth": 0.5,
    "Sixteenth": 0.25,
    "Dotted Half": 3.0,
    "Dotted Quarter": 1.5,
}
_GRIDS = (1, 2, 4, 3, 8, 6, 12, 5, 16, 7, 24)
"""Parts of a quarter, the simplest first."""
_FINEST = 48
_NEAR = 0.012
"""How far, in quarters, a time may lie from a simpler grid's: labels come early by 1/96."""
_EXACT = 0.01
_LONGEST_GAP = 1.34
_LENGTHS = sorted(
    {Fraction(k, 16) for k in (1, 2, 3, 4, 6, 8, 12, 14)}
    | {Fraction(k, 12) for k in (1, 2, 4, 8)}
    | {Fraction(1, 24)}
)
"""Usual lengths below a quarter; longer ones are multiples of a quarter, or of a third, of it."""
_FASTEST = 1200
"""Quarters a minute; what would be faster is a label out of order."""
_TRIPLE, _EVEN = 1.4, 1.15
"""How much heavier than others the first beats of bars must be to be told."""


@dataclass(frozen=True, slots=True)
class Written:
    """A label with its onset and end in quarters, on a grid."""

    label: Label
    onset: Fraction
    end: Fraction


def _beats_a_quarter(labels: Sequence[Label]) -> tuple[float, float]:
    """Return how many beats a quarter has (a power of two), and how much of it notes last."""
    ratios = [label.length / _NOMINAL[label.value] for label in labels if label.value in _NOMINAL]
    if not ratios:
        return 1.0, 1.0
    middle = median(ratios)
    beats = 2.0 ** min(max(round(math.log2(middle) + 0.1), -3), 3)
    return beats, min(max(middle / beats, 0.5), 1.0)


def _delay(times: Sequence[float]) -> float:
    """Return by how much nearly all times come late against a grid of sixteenths."""
    rests = Counter(round(time % 0.25, 3) for time in times)
    rest, count = rests.most_common(1)[0]
    return rest if _NEAR < rest < 0.25 - _NEAR and 2 * count > len(times) else 0.0


def written(labels: Sequence[Label]) -> tuple[list[Written], float]:
    """Return the labels on grids, each quarter's on the simplest that holds its onsets.

    Returns:
        The notes, by onset, and the quarters a beat.
    """
    beats, lasting = _beats_a_quarter(labels)
    times = [label.beat / beats for label in labels]
    late = _delay(times)
    times = [max(time - late, 0.0) for time in times]
    at = _onsets(times)
    rows: dict[int, list[Fraction]] = {}
    for label, time in zip(labels, times, strict=True):
        rows.setdefault(label.instrument, []).append(at[time])
    for instrument, row in rows.items():
        rows[instrument] = sorted(set(row))
    is_exact = lasting > 1 - _EXACT
    notes = []
    for label, time in zip(labels, times, strict=True):
        onset, length = at[time], label.length / beats
        end = _end(onset, length, rows[label.instrument], 1.0 if is_exact else lasting)
        notes.append(Written(label, onset, end))
    notes.sort(key=lambda note: (note.onset, note.label.instrument, note.label.pitch))
    return notes, 1 / beats


def _onsets(times: Iterable[float]) -> dict[float, Fraction]:
    """Map times to their grid, quarter by quarter."""
    quarters: dict[int, list[float]] = {}
    for time in set(times):
        quarters.setdefault(math.floor(time + _NEAR), []).append(time)
    at: dict[float, Fraction] = {}
    for inside in quarters.values():
        grid = next((g for g in _GRIDS if all(_fits(t, g) for t in inside)), _FINEST)
        at |= {time: Fraction(round(time * grid), grid) for time in inside}
    return at


def _fits(time: float, grid: int, near: float = _NEAR) -> bool:
    return abs(time - round(time * grid) / grid) <= near


def _end(onset: Fraction, length: float, onsets: Sequence[Fraction], lasting: float) -> Fraction:
    """Return where a note ends: at the next onset when only a gap of articulation lies between.

    Args:
        onset: of the note.
        length: in quarters, as labelled.
        onsets: of all notes of its instrument.
        lasting: which part of their note values the notes of the file last.
    """
    usual = _usual(length)
    is_exact = lasting == 1.0 and abs(float(usual) - length) <= _NEAR
    until = float(onset) + length
    following = bisect_left(onsets, until - 2 * _NEAR)
    if following < len(onsets) and onsets[following] > onset:
        gap = 1 + _EXACT if is_exact else _LONGEST_GAP
        if float(onsets[following] - onset) <= length * gap + _NEAR:
            return onsets[following]
    if is_exact:
        return onset + usual
    return onset + _usual(max(length / lasting, length + _NEAR), up=lasting == 1.0)


def _usual(length: float, *, up: bool = False) -> Fraction:
    """Return the usual length nearest to one, or the next one up; in quarters."""
    if length >= 1 - _NEAR:
        step = 2 if length > 4 else 4
        thirds = Fraction(round(length * 3), 3)
        if not up and abs(float(thirds) - length) <= _NEAR:
            return thirds
        return Fraction(math.ceil(length * step) if up else round(length * step), step)
    if up:
        return next((usual for usual in _LENGTHS if usual >= length), Fraction(1))
    return min((*_LENGTHS, Fraction(1)), key=lambda usual: abs(float(usual) - length))


def bar_of(notes: Sequence[Written], beat: Fraction) -> tuple[int, int]:
    """Return how many beats the bars seem to have (3 or 4) and which beat is their first.

    Labels have no metre. First beats of bars carry more and longer notes.

    Args:
        notes: on their grid.
        beat: in quarters.
    """
    weights: Counter[int] = Counter()
    for note in notes:
        place = note.onset / beat
        if place.denominator == 1:
            weights[int(place)] += round(960 * min((note.end - note.onset) / beat, Fraction(4)))
    total = sum(weights.values())
    if not total:
        return 4, 0

    def heaviest(beats: int) -> tuple[float, int]:
        shares = [0] * beats
        for place, weight in weights.items():
            shares[place % beats] += weight
        first = max(range(beats), key=lambda i: (shares[i], -i))
        return beats * shares[first] / total, first

    triple, first = heaviest(3)
    if triple >= _TRIPLE and triple > heaviest(2)[0]:
        return 3, first
    even, first = heaviest(4)
    return (4, first) if even >= _EVEN else (4, 0)


def tempos_of(notes: Sequence[Written]) -> list[tuple[Fraction, float]]:
    """Return the tempo from quarter to quarter, so that onsets sound when the labels say.

    Returns:
        Places in quarters, and quarters a minute.
    """
    starts: dict[Fraction, list[int]] = {}
    for note in notes:
        starts.setdefault(note.onset, []).append(note.label.start)
    places = sorted(starts)
    anchors: list[tuple[Fraction, float]] = []
    for place in places:
        second = median(starts[place]) / SAMPLE_RATE
        if not anchors or _follows(anchors[-1], (place, second)):
            anchors.append((place, second))
    last = max(notes, key=lambda note: note.label.end)
    end = (last.end, last.label.end / SAMPLE_RATE)
    if _follows(anchors[-1], end):
        anchors.append(end)
    return [
        (place, max(float(after - place) * 60 / (later - second), 1.0))
        for (place, second), (after, later) in pairwise(anchors)
    ]


def _follows(one: tuple[Fraction, float], two: tuple[Fraction, float]) -> bool:
    """Whether a place lies a quarter or more after another, and a fitting time."""
    quarters = float(two[0] - one[0])
    return quarters >= 1 and (two[1] - one[1]) * _FASTEST >= quarters * 60
