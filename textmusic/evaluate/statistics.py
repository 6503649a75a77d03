"""What a set of pieces is like in numbers, and how far two sets lie apart.

Histograms are counted over all pieces and compared by their Jensen-Shannon divergence (Lin, 1991)
and their overlapping area (Yang and Lerch, 2020, who take it of smoothed densities). Polyphony is
that of MusPy (Dong et al., 2020). The share of bars of wrong length stands where NotaGen (Wang et
al., 2025) has its bar alignment error; as bars of a `Score` cannot differ between tracks, each is
held against its metre.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from textmusic.score import Bar, Note, Score, Track

__all__ = [
    "FIGURES",
    "HISTOGRAMS",
    "Distance",
    "Statistics",
    "distance",
    "statistics",
    "wrong_bars",
]

HISTOGRAMS = ("pitch class", "interval", "duration", "onset")
"""Pitch classes 0…11; intervals in the top line of a track, -24…24 semitones; durations and places
in the bar in quarters, to the nearest 1/12."""
FIGURES: Mapping[str, str] = {
    "bars": "bars a piece",
    "notes a bar": "notes a bar",
    "wrong bars": "share of bars whose length is not what the metre says",
    "bars repeated": "share of bars that repeat an earlier one of the piece",
    "self-similarity": "likeness of a bar to the likest of the 16 before it, 0…1",
    "polyphony": "notes that sound together, while any sounds",
    "range": "semitones from the lowest note to the highest",
    "playable": "share of what is struck together that one hand can hold on the neck",
}
_STEPS = 12
_LONGEST = 16 * _STEPS
_REACH = 16
_SPAN = 4
_FRETS = 24

Histogram = Mapping[float, int]
_Event = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two histograms lie apart.

    Args:
        divergence: Jensen-Shannon, in bits, 0…1.
        area: that they share, 0…1.
    """

    divergence: float
    area: float


@dataclass(frozen=True)
class Statistics:
    """What a set of pieces is like; drums are left out.

    Args:
        pieces: how many hold notes.
        histograms: by the names of `HISTOGRAMS`, counts by value.
        figures: by the names of `FIGURES`, means over the pieces; a figure that no piece has, such
            as what is playable without strings, is missing.
    """

    pieces: int
    histograms: dict[str, Histogram]
    figures: dict[str, float]


def statistics(scores: Iterable[Score]) -> Statistics:
    """Measure a set of pieces."""
    histograms: dict[str, Counter[float]] = {name: Counter() for name in HISTOGRAMS}
    figures: dict[str, list[float]] = {name: [] for name in FIGURES}
    pieces = 0
    for score in scores:
        tracks = [t for t in score.tracks if not t.is_drum and any(n.duration for n in t.notes)]
        if not tracks:
            continue
        pieces += 1
        bars = score.bars()
        for name, values in _values(tracks, score.tpq, bars):
            histograms[name].update(values)
        for name, value in _figures(tracks, bars):
            figures[name].append(value)
    means = {name: fmean(values) for name, values in figures.items() if values}
    counts = {name: dict(sorted(counter.items())) for name, counter in histograms.items()}
    return Statistics(pieces, {**counts}, means)


def distance(one: Histogram, two: Histogram) -> Distance | None:
    """Compare two histograms; None where one is empty."""
    from math import log2

    sums = sum(one.values()), sum(two.values())
    if not all(sums):
        return None
    divergence = area = 0.0
    for value in {*one, *two}:
        p, q = one.get(value, 0) / sums[0], two.get(value, 0) / sums[1]
        area += min(p, q)
        divergence += sum(x * log2(2 * x / (p + q)) / 2 for x in (p, q) if x)
    return Distance(max(divergence, 0.0), area)


def wrong_bars(bars: Iterable[Bar]) -> int:
    """Count the bars that are cut short of their metre.

    An upbeat is not wrong, and neither are bars in a row that make up one: it was split by a
    repeat or a double bar.
    """
    wrong = length = pieces = 0
    for bar in list(bars)[1:]:
        if not bar.is_short:
            wrong += pieces
            length = pieces = 0
            continue
        length, pieces = length + bar.end - bar.onset, pieces + 1
        if length >= bar.full:
            wrong += pieces if length > bar.full else 0
            length = pieces = 0
    return wrong + pieces


def _values(
    tracks: list[Track], tpq: int, bars: tuple[Bar, ...]
) -> Iterator[tuple[str, Iterator[float]]]:
    starts = [bar.onset for bar in bars]
    notes = [note for track in tracks for note in track.notes if note.duration]

    def quarters(ticks: int) -> float:
        return min(round(ticks * _STEPS / tpq), _LONGEST) / _STEPS

    def place(note: Note) -> float:
        return quarters(note.onset - starts[bisect_right(starts, note.onset) - 1])

    yield "pitch class", (float(note.pitch % 12) for note in notes)
    yield "duration", (quarters(note.duration) for note in notes)
    yield "onset", (place(note) for note in notes)
    for track in tracks:
        top = list({note.onset: note.pitch for note in track.notes if note.duration}.values())
        steps = zip(top[1:], top, strict=False)
        yield "interval", (float(min(max(b - a, -24), 24)) for b, a in steps)


def _figures(tracks: list[Track], bars: tuple[Bar, ...]) -> Iterator[tuple[str, float]]:
    notes = [note for track in tracks for note in track.notes if note.duration]
    pitches = [note.pitch for note in notes]
    yield "bars", len(bars)
    yield "notes a bar", len(notes) / len(bars)
    yield "wrong bars", wrong_bars(bars) / len(bars)
    yield "range", max(pitches) - min(pitches)
    yield "polyphony", _polyphony(notes)
    contents = [frozenset(events) for events in _contents(tracks, bars)]
    if len(contents) > 1:
        seen: set[frozenset[_Event]] = set()
        repeated = 0
        for content in contents:
            repeated += bool(content) and content in seen
            seen.add(content)
        yield "bars repeated", repeated / (len(contents) - 1)
        yield "self-similarity", _likeness(contents)
    chords = [chord for track in tracks for chord in _chords(track)]
    if chords:
        yield "playable", fmean(map(_playable, chords))


def _contents(tracks: list[Track], bars: tuple[Bar, ...]) -> list[list[_Event]]:
    """What begins in each bar: track, place, pitch, duration."""
    starts = [bar.onset for bar in bars]
    found: list[list[_Event]] = [[] for _ in bars]
    for number, track in enumerate(tracks):
        for note in track.notes:
            if note.duration:
                bar = bisect_right(starts, note.onset) - 1
                found[bar].append((number, note.onset - starts[bar], note.pitch, note.duration))
    return found


def _likeness(contents: list[frozenset[_Event]]) -> float:
    """Mean Jaccard similarity of the bars from the second on to the likest of those before."""
    best = []
    for index in range(1, len(contents)):
        here = contents[index]
        before = contents[max(0, index - _REACH) : index]
        best.append(max(len(here & one) / (len(here | one) or 1) for one in before) if here else 0)
    return fmean(best)


def _polyphony(notes: list[Note]) -> float:
    """Time of all notes over the time in which any sounds."""
    covered = reached = 0
    for note in sorted(notes, key=lambda n: n.onset):
        covered += max(0, note.end - max(note.onset, reached))
        reached = max(reached, note.end)
    return sum(note.duration for note in notes) / covered


def _chords(track: Track) -> Iterator[list[tuple[int, int]]]:
    """String and fret of the notes that are struck together, where all have a string."""
    for _, group in groupby((n for n in track.notes if n.duration), key=lambda n: n.onset):
        chord = [(note.string, track.fret(note)) for note in group]
        held = [(s, fret) for s, fret in chord if s is not None and fret is not None]
        if len(held) == len(chord):
            yield held


def _playable(chord: list[tuple[int, int]]) -> bool:
    """Whether no string is struck twice, and the stopped frets lie under one stretched hand."""
    stopped = [fret for _, fret in chord if fret]
    on_neck = all(0 <= fret <= _FRETS for _, fret in chord)
    apart = len({string for string, _ in chord}) == len(chord)
    return on_neck and apart and (not stopped or max(stopped) - min(stopped) <= _SPAN)
