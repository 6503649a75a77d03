"""Laying a Score out as measures and beats in which every length is a Guitar Pro note value."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from textmusic.score import Note, Score, Track
from textmusic_guitarpro._rhythm import UNIT, Value, on_grid, signatures, values

__all__ = ["Measure", "Sound", "Span", "measures_of", "placed", "spans_of", "voices_of"]

_SHORTEST_MEASURE = UNIT // 16
_TINY = UNIT // 28
"""Shorter than any note value; such notes get a 64th."""
_DRUM_STRINGS = 6
_MOST_VOICES = 2


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
    values: tuple[Value, ...]
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


def placed(
    track: Track, tpq: int, measures: Sequence[Measure], extra: Iterable[int], lost: dict[str, int]
) -> tuple[Track, list[int], list[int]]:
    """Return a track with its times in units, moved where note values cannot hold them.

    Args:
        track: any track.
        tpq: ticks per quarter of its times.
        measures: of the whole piece.
        extra: ticks of other events that need a place (tempo changes).
        lost: counts by kind what had to change: ``moved``, ``length``.

    Returns:
        The track, the places of `extra`, and all places in use, each measure's start included.
    """
    timed = [(_units(n.onset, tpq), _units(n.end, tpq), n) for n in track.notes]
    timed = [(a, b if b - a >= _TINY else a + _SHORTEST_MEASURE, n) for a, b, n in timed]
    others = [_units(tick, tpq) for tick in extra]
    at = _places({*others, *(t for a, b, _ in timed for t in (a, b))}, measures)
    places = sorted({*at.values(), *(measure.start for measure in measures)})
    notes = []
    for raw, raw_end, note in timed:
        onset, end = at[raw], at[raw_end]
        if end <= onset:
            end = next(iter(places[bisect_right(places, onset) :]), onset + _SHORTEST_MEASURE)
        duration = end - onset if note.duration else 0
        stays = onset * tpq == note.onset * UNIT
        lost["moved"] += not stays
        lost["length"] += stays and duration * tpq != note.duration * UNIT
        notes.append(replace(note, onset=onset, duration=duration))
    return replace(track, notes=tuple(notes)), [at[time] for time in others], places


def voices_of(track: Track, stop: int, lost: dict[str, int]) -> list[list[Sound]]:
    """Return the notes of a track in one voice, or two where a string is struck twice at once.

    Args:
        track: from `placed`, and every note has a string (or it is a drum track).
        stop: the end of the last measure.
        lost: counts by kind what had to change: ``shortened``, ``dropped``, ``grace``.
    """
    sounds = [
        Sound(n.onset, n.end, n.string or 0, n.pitch if track.is_drum else track.fret(n) or 0, n)
        for n in track.notes
        if n.duration
    ]
    if track.is_drum:
        _spread(sounds)
    voices: list[list[Sound]] = []
    while sounds and len(voices) < _MOST_VOICES:
        voice, sounds = _one_by_one(sounds, stop, lost)
        voices.append(voice)
    lost["dropped"] += len(sounds)
    _give_graces(track, [sound for voice in voices for sound in voice], lost)
    return voices


def _places(times: Iterable[int], measures: Sequence[Measure]) -> dict[int, int]:
    """Map times to the grid of their measures; what lies behind the last one to its end."""
    at: dict[int, int] = {}
    waiting = sorted(times)
    index = 0
    for measure in measures:
        begin = index
        while index < len(waiting) and waiting[index] < measure.end:
            index += 1
        start = measure.start
        grid = on_grid((time - start for time in waiting[begin:index]), measure.length)
        at |= {start + time: start + place for time, place in grid.items()}
    return at | dict.fromkeys(waiting[index:], measures[-1].end)


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


def _one_by_one(
    sounds: list[Sound], stop: int, lost: dict[str, int]
) -> tuple[list[Sound], list[Sound]]:
    """End each note where the next one starts on its string.

    Returns:
        One voice, and the notes that start together with one of it on the same string.
    """
    strings: dict[int, list[Sound]] = {}
    second: list[Sound] = []
    for sound in sorted(sounds, key=lambda s: (s.onset, -s.end, s.fret)):
        row = strings.setdefault(sound.string, [])
        if sound.string < 0 or sound.onset >= stop:
            lost["dropped"] += 1
        elif row and row[-1].onset == sound.onset:
            second.append(sound)
        else:
            row.append(sound)
    kept = []
    for row in strings.values():
        for sound, after in pairwise(row):
            if sound.end > after.onset:
                lost["shortened"] += 1
                sound.end = after.onset
        kept += row
    return sorted(kept, key=lambda s: (s.onset, s.string)), second


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
            continue
        fits[0].grace = note
        lost["grace-string"] += note.string not in {None, fits[0].note.string}


def spans_of(
    measure: Measure, sounds: Sequence[Sound], extra: Iterable[int], places: Sequence[int]
) -> list[Span]:
    """Cut a measure wherever a note of `sounds` (those that sound in it) starts or ends.

    What no note values fill is cut at each of `places` too: these follow one another by lengths
    that note values have.
    """
    cuts = {measure.start, measure.end, *extra}
    cuts |= {t for s in sounds for t in (s.onset, s.end) if measure.start < t < measure.end}
    for start, end in list(pairwise(sorted(cuts))):
        if values(start - measure.start, end - measure.start) is None:
            cuts |= {*places[bisect_right(places, start) : bisect_right(places, end)]}
    spans = [
        Span(start, end, values(start - measure.start, end - measure.start) or ())
        for start, end in pairwise(sorted(cuts))
    ]
    for span in spans:
        span.sounds = [s for s in sounds if s.onset <= span.onset < s.end]
    return spans
