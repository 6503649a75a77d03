"""Labels to Scores: by their beats, or in real time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic_musicnet._beats import SAMPLE_RATE, Written, bar_of, tempos_of, written
from textmusic_musicnet._labels import Label

__all__ = ["score_in_beats", "score_in_seconds"]

_REAL_QPM = 120
_REAL_TICKS = SAMPLE_RATE // 2
"""At 120 quarters a minute a tick is one sample."""
_LEAST_TICKS = 24
_NAMES = {
    1: "Piano",
    7: "Harpsichord",
    41: "Violin",
    42: "Viola",
    43: "Cello",
    44: "Double Bass",
    61: "Horn",
    69: "Oboe",
    71: "Bassoon",
    72: "Clarinet",
    74: "Flute",
}


def _tracks(notes: Iterable[tuple[int, Note]]) -> tuple[Track, ...]:
    """Return a track for each instrument (from 1), in General MIDI order."""
    found: dict[int, list[Note]] = {}
    for instrument, note in notes:
        found.setdefault(instrument, []).append(note)
    return tuple(
        Track(tuple(found[i]), _NAMES.get(i, f"Instrument {i}"), i - 1) for i in sorted(found)
    )


def score_in_seconds(labels: Sequence[Label], meta: dict[str, str]) -> Score:
    """Return the notes when they sound, exactly: a tick is a sample at 44,100 Hz."""
    tracks = _tracks(
        (label.instrument, Note(label.start, label.end - label.start, label.pitch))
        for label in labels
    )
    return Score(tracks, _REAL_TICKS, (Tempo(0, _REAL_QPM),), meta=tuple(meta.items()))


def score_in_beats(labels: Sequence[Label], meta: dict[str, str]) -> Score:
    """Return the notes as note values in bars; the tempo follows the recording.

    Bars before the one in which the first note lies are left out.
    """
    notes, quarters = written(labels)
    beat = Fraction(quarters).limit_denominator(8)
    count, first = bar_of(notes, beat)
    bar, upbeat = count * beat, first * beat
    start = _bar_start(notes[0].onset, bar, upbeat)
    tempos = tempos_of(notes)
    tpq = lcm(_LEAST_TICKS, *(t.denominator for note in notes for t in (note.onset, note.end)))

    def at(place: Fraction) -> int:
        return int((place - start) * tpq)

    def note_of(note: Written) -> Note:
        return Note(at(note.onset), int((note.end - note.onset) * tpq), note.label.pitch)

    metre = _metre(count, beat)
    meters = [Meter(0, *metre)]
    if upbeat > start:
        meters.append(Meter(at(upbeat), *metre))
    return Score(
        _tracks((note.label.instrument, note_of(note)) for note in notes),
        tpq,
        tuple(Tempo(at(place) if i else 0, qpm) for i, (place, qpm) in enumerate(tempos)),
        tuple(meters),
        meta=tuple(meta.items()),
    )


def _bar_start(place: Fraction, bar: Fraction, upbeat: Fraction) -> Fraction:
    """Return the start of the bar that holds a place; the first one may be an upbeat."""
    return max(upbeat + (place - upbeat) // bar * bar, Fraction(0))


def _metre(count: int, beat: Fraction) -> tuple[int, int]:
    """Return the time signature of bars of `count` beats."""
    denominator = min(int(4 / beat), 32)
    return {(4, 2): (2, 2), (4, 8): (2, 4)}.get((count, denominator), (count, denominator))
