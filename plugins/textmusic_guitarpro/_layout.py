"""Laying a Score out as measures and beats in which every length is a Guitar Pro note value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from textmusic.score import Note, Score, Track
from textmusic_guitarpro._rhythm import UNIT, Value, on_grid, signatures, values

__all__ = ["Measure", "Sound", "Span", "measures_of", "sounds_of", "spans_of"]

_SHORTEST_MEASURE = UNIT // 16
_SHORTEST = UNIT // 32
_DRUM_STRINGS = 6


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: start and length in units, time signature, and the score's tick at its start."""

    start: int
    length: int
    numerator: int
    denominator: int
    onset: int
    is_fitted: bool = False

    @property
    def end(self) -> int:
        """Where the next measure starts."""
        return self.start + self.length


@dataclass(slots=True)
class Sound:
    """A note to be written; times in units from the start of the piece."""

    onset: int
    end: int
    string: int
    fret: int
    note: Note
    grace: Note | None = None


@dataclass(slots=True)
class Span:
    """A stretch of one measure in which nothing starts or ends: `values` fill it."""

    onset: int
    end: int
    values: list[Value]
    sounds: list[Sound] = field(default_factory=list)


def measures_of(score: Score) -> list[Measure]:
    """Return at least one measure; irregular bars get time signatures that fit them."""
    measures: list[Measure] = []
    for bar in score.bars(max(score.end, 1)):
        start, end = (_whole(_units(tick, score.tpq)) for tick in (bar.onset, bar.end))
        if end <= start:
            continue
        found = signatures(end - start, bar.denominator)
        is_fitted = found != [(bar.numerator, bar.denominator)]
        for numerator, denominator in found:
            length = 4 * UNIT * numerator // denominator
            measures.append(Measure(start, length, numerator, denominator, bar.onset, is_fitted))
            start += length
    return measures


def _units(tick: int, tpq: int) -> int:
    return (2 * tick * UNIT + tpq) // (2 * tpq)


def _whole(time: int) -> int:
    return (time + _SHORTEST_MEASURE // 2) // _SHORTEST_MEASURE * _SHORTEST_MEASURE


def sounds_of(
    track: Track, tpq: int, measures: Sequence[Measure], extra: Iterable[int], lost: dict[str, int]
) -> tuple[list[Sound], list[int]]:
    """Return the notes of a track on the grid, one at a time on each string, and other places.

    Args:
        track: every note has a string (or it is a drum track).
        tpq: ticks per quarter of its times.
        measures: of the whole piece.
        extra: ticks of other events that need a place (tempo changes).
        lost: counts by kind what had to change: ``moved``, ``shortened``, ``dropped``, ``grace``.
    """
    timed = [(_units(n.onset, tpq), _units(n.end, tpq), n) for n in track.notes if n.duration]
    timed = [(onset, max(end, onset + _SHORTEST), note) for onset, end, note in timed]
    others = [_units(tick, tpq) for tick in extra]
    places = _places({*others, *(t for onset, end, _ in timed for t in (onset, end))}, measures)
    sounds: list[Sound] = []
    for raw, raw_end, note in timed:
        onset, end = places[raw], places[raw_end]
        exact = onset * tpq == note.onset * UNIT and end * tpq == note.end * UNIT
        lost["moved"] += not exact
        fret = note.pitch if track.is_drum else track.fret(note) or 0
        sounds.append(Sound(onset, end, note.string or 0, fret, note))
    if track.is_drum:
        _spread(sounds)
    sounds = _one_by_one(sounds, measures[-1].end, lost)
    _give_graces(track, sounds, lost)
    return sounds, [places[time] for time in others]


def _places(times: Iterable[int], measures: Sequence[Measure]) -> dict[int, int]:
    """Map times to the grid of their measures; what lies behind the last one to its end."""
    placed: dict[int, int] = {}
    waiting = sorted(times)
    index = 0
    for measure in measures:
        begin = index
        while index < len(waiting) and waiting[index] < measure.end:
            index += 1
        start = measure.start
        grid = on_grid((time - start for time in waiting[begin:index]), measure.length)
        placed |= {start + time: start + place for time, place in grid.items()}
    return placed | dict.fromkeys(waiting[index:], measures[-1].end)


def _spread(sounds: list[Sound]) -> None:
    """Put drum notes on strings that are free, from the top; -1 where none is."""
    ends = [0] * _DRUM_STRINGS
    onsets = [-1] * _DRUM_STRINGS
    for sound in sorted(sounds, key=lambda s: (s.onset, -s.fret)):
        open_strings = [i for i in range(_DRUM_STRINGS) if onsets[i] != sound.onset]
        if not open_strings:
            sound.string = -1
            continue
        free = [i for i in open_strings if ends[i] <= sound.onset]
        string = max(free) if free else min(open_strings, key=lambda i: ends[i])
        ends[string], onsets[string], sound.string = sound.end, sound.onset, string


def _one_by_one(sounds: list[Sound], stop: int, lost: dict[str, int]) -> list[Sound]:
    """End each note where the next one starts on its string; drop what has no string or time."""
    strings: dict[int, list[Sound]] = {}
    for sound in sorted(sounds, key=lambda s: (s.onset, -s.end, s.fret)):
        before = strings.setdefault(sound.string, [])
        is_second = bool(before) and before[-1].onset == sound.onset
        if sound.string < 0 or is_second or sound.onset >= stop:
            lost["dropped"] += 1
        else:
            before.append(sound)
    kept = []
    for row in strings.values():
        for sound, after in pairwise(row):
            if sound.end > after.onset:
                lost["shortened"] += 1
                sound.end = after.onset
        kept += row
    return sorted(kept, key=lambda s: (s.onset, s.string))


def _give_graces(track: Track, sounds: list[Sound], lost: dict[str, int]) -> None:
    """Hang each first grace note on the main note of its string, or on another of its onset."""
    mains: dict[int, list[Sound]] = {}
    for sound in sounds:
        mains.setdefault(sound.note.onset, []).append(sound)
    for note in track.notes:
        if note.duration:
            continue
        free = [s for s in mains.get(note.onset, ()) if s.grace is None]
        free.sort(key=lambda s: (s.note.string != note.string, abs(s.note.pitch - note.pitch)))
        fits = [s for s in free if s.fret + note.pitch - s.note.pitch >= 0]
        if note.grace > 1 or not fits:
            lost["grace"] += 1
        else:
            fits[0].grace = note


def spans_of(measure: Measure, sounds: Sequence[Sound], extra: Iterable[int]) -> list[Span]:
    """Cut a measure wherever a note of `sounds` (those that sound in it) starts or ends."""
    cuts = {measure.start, measure.end, *extra}
    cuts |= {t for s in sounds for t in (s.onset, s.end) if measure.start < t < measure.end}
    spans = [
        Span(start, end, values(start - measure.start, end - measure.start))
        for start, end in pairwise(sorted(cuts))
    ]
    for span in spans:
        span.sounds = [s for s in sounds if s.onset <= span.onset < s.end]
    return spans
