"""A tab piece bar by bar: the value between a Score and each of the three layouts.

The header, common to all layouts::

    header = "@" num "/" den { " " note octave } [ " c" capo ] [ " t" quarters a minute ] LF

with one note for each of 4…9 strings, string 0 first, ``C0`` … ``B5``; capo 1…12; tempo 20…399.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from textmusic.errors import EncodeError
from textmusic.fretboard import GUITAR
from textmusic.lengths import BEAT, bar_ticks
from textmusic.score import Bar, Meter, Note, Score, Tempo, Track
from textmusic_guitartab.marks import TOUCHES, names, signs_of
from textmusic_guitartab.meters import METERS

__all__ = [
    "FRETS",
    "HIGHEST",
    "LOWEST",
    "MAX_CAPO",
    "MAX_FRET",
    "MAX_GRACES",
    "MAX_NOTES",
    "MAX_TEMPO",
    "MIN_STRINGS",
    "MIN_TEMPO",
    "SPAN",
    "STRINGS",
    "Event",
    "Measure",
    "Pair",
    "Piece",
    "is_neck",
    "is_wide",
    "neck_track",
    "pitch_name",
    "program_of",
    "read_header",
]

FRETS = "0123456789abcdefghijklmno"
MAX_FRET = len(FRETS) - 1
MAX_CAPO = 12
MAX_GRACES = 4
SPAN = 5
"""Frets between the lowest and the highest that a hand holds at once.

`textmusic.fretboard` reaches 4 without leaving its position; 99.4 % of the beats of the Guitar Pro
files known lie within 4 and 99.6 % within 5, of the typed tabs 99.8 % and 99.9 %.
"""
MAX_NOTES = 100_000
"""Six times the longest real part known: references let a short text claim any number."""
MIN_TEMPO, MAX_TEMPO = 20, 399
MIN_STRINGS = 4
"""Texts of fewer strings are read, but not written: no page of tablature has so few lines."""
STRINGS = ("E", "EA", "EAD", "EADG", "CEADG", "EADGBe", "CEADGBe", "FCEADGBe", "KFCEADGBe")
"""The letters of the strings, by their number; they name places on the neck, not pitches."""
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
LOWEST, HIGHEST = 12, 83
"""The open strings that the header can name: C0 to B5."""
_HEADER = re.compile(
    r"@(?P<num>[1-9]\d?)/(?P<den>1|2|4|8|16|32)(?P<notes>(?: (?:[CDFGA]#|[A-G])[0-5]){1,9})"
    r"(?: c(?P<capo>1[0-2]|[1-9]))?(?: t(?P<tempo>[1-3]\d\d|[2-9]\d))?"
)


class Pair(NamedTuple):
    """One note of an event: `fret` is -1 for a dead note, `marks` are characters of `marks.MARKS`."""

    string: int
    fret: int
    marks: str = ""


class Event(NamedTuple):
    """What begins (``note``), goes on (``hold``) or is silent (``rest``) for `length` ticks.

    `start` counts from the bar line; a grace note has length 0; `touch` is a key of `marks.TOUCHES` or
    empty.
    """

    kind: Literal["note", "hold", "rest"]
    start: int
    length: int
    pairs: tuple[Pair, ...] = ()
    touch: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One bar: its metre, its length in ticks (less than the metre's when cut), its events."""

    meter: tuple[int, int]
    length: int
    events: tuple[Event, ...]

    @property
    def is_short(self) -> bool:
        """Whether the bar is cut short of its metre."""
        return self.length < bar_ticks(*self.meter)


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole piece; `meter` is that of the header, of the first bar where there is one."""

    meter: tuple[int, int]
    tuning: tuple[int, ...]
    capo: int = 0
    tempo: int | None = None
    measures: tuple[Measure, ...] = ()

    def header(self) -> str:
        """Return the first line of the text, with its line end."""
        words = ["@{}/{}".format(*self.meter), *map(pitch_name, self.tuning)]
        words += [f"c{self.capo}"] * (self.capo > 0) + [f"t{self.tempo}"] * (self.tempo is not None)
        return " ".join(words) + "\n"

    def to_score(self) -> Score:
        """Return the music as a Score of one track."""
        opens = [pitch + self.capo for pitch in self.tuning]
        meters = [Meter(0, *self.meter)]
        notes: list[Note] = []
        sounding: list[Note] = []
        graces: list[Event] = []
        bar = 0
        for measure in self.measures:
            meters.append(Meter(bar, *measure.meter))
            for event in measure.events:
                if event.kind == "hold":
                    sounding = [_longer(note, event.length) for note in sounding]
                    continue
                if event.kind == "note" and not event.length:
                    graces.append(event)
                    continue
                notes += sounding
                sounding = list(_notes(event, bar, opens))
                for rank, grace in enumerate(reversed(graces), 1):
                    notes += _notes(grace, bar, opens, f"grace:{rank}")
                graces = []
            bar += measure.length
            if measure.is_short:
                meters.append(Meter(bar, *measure.meter))
        track = neck_track((*notes, *sounding), self.tuning, self.capo)
        tempos = () if self.tempo is None else (Tempo(0, self.tempo),)
        return Score((track,), BEAT, tempos, tuple(meters))

    @classmethod
    def of(cls, score: Score) -> Piece:
        """Return the piece of a score.

        Raises:
            EncodeError: the score holds what a piece cannot; `projection` brings it inside.
        """
        if len(score.tracks) != 1 or score.tpq != BEAT or not score.meters:
            raise EncodeError(f"needs one track, a metre and {BEAT} ticks a quarter: project first")
        track = score.tracks[0]
        if not is_neck(track.tuning, track.capo):
            raise EncodeError(f"no tab for the tuning {track.tuning} with capo {track.capo}")
        if not any(note.duration for note in track.notes):
            raise EncodeError("the score has no note that sounds")
        measures = tuple(_measures(score, track))
        if odd := {measure.meter for measure in measures} - METERS:
            raise EncodeError("no tab has a metre of {}/{}: project first".format(*min(odd)))
        if any(measure.is_short for measure in measures[1:-1]):
            raise EncodeError("a bar is cut short: project first")
        meter = (score.meters[0].numerator, score.meters[0].denominator)
        tempo = int(score.tempos[0].qpm) if score.tempos else None
        return cls(meter, track.tuning, track.capo, tempo, measures)


def is_neck(tuning: tuple[int, ...], capo: int) -> bool:
    """Whether the header can write this tuning and capo."""
    fits = all(LOWEST <= pitch <= HIGHEST for pitch in tuning)
    return fits and MIN_STRINGS <= len(tuning) <= len(STRINGS) and capo <= MAX_CAPO


def neck_track(notes: Iterable[Note], tuning: tuple[int, ...], capo: int) -> Track:
    """Return a track as the texts know it: no name, and a program that goes with the tuning."""
    return Track(tuple(notes), program=program_of(tuning), tuning=tuning, capo=capo)


def program_of(tuning: tuple[int, ...]) -> int:
    """Return the General MIDI program that goes with a tuning: a bass or a guitar."""
    return 33 if len(tuning) < 6 and min(tuning, default=36) < 36 else 25


def is_wide(frets: Iterable[int]) -> bool:
    """Whether a beat is beyond a hand; open strings (0) and dead notes (-1) need no finger."""
    held = [fret for fret in frets if fret > 0]
    return bool(held) and max(held) - min(held) > SPAN


def read_header(line: str) -> Piece:
    """Return the piece, without bars, of a header line: 4/4 for six strings if it is none."""
    match = _HEADER.match(line)
    if match is None:
        return Piece((4, 4), GUITAR)
    tuning = tuple(map(_pitch, match["notes"].split()))
    capo = int(match["capo"] or 0)
    tempo = int(match["tempo"]) if match["tempo"] else None
    return Piece((int(match["num"]), int(match["den"])), tuning, capo, tempo)


def pitch_name(pitch: int) -> str:
    """Return the name of an open string in the header: ``E2`` for 40."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def _pitch(name: str) -> int:
    sharp = len(name) - 2
    return _NAMES.index(name[0]) + sharp + 12 * (int(name[-1]) + 1)


def _longer(note: Note, ticks: int) -> Note:
    return Note(
        note.onset, note.duration + ticks, note.pitch, note.velocity, note.string, note.marks
    )


def _notes(event: Event, bar: int, opens: list[int], *extra: str) -> Iterator[Note]:
    for string, fret, signs in event.pairs:
        marks = _marks(signs, event.touch, extra, dead=fret < 0)
        pitch = opens[string] + max(fret, 0)
        yield Note(bar + event.start, event.length, pitch, 80, string, marks)


@lru_cache(maxsize=1 << 12)
def _marks(signs: str, touch: str, extra: tuple[str, ...], *, dead: bool) -> frozenset[str]:
    marks = {*names(signs), *extra}
    if touch:
        marks.add(TOUCHES[touch])
    if dead:
        marks.add("dead")
    return frozenset(marks)


class _Span(NamedTuple):
    """A note event or a rest in absolute ticks."""

    onset: int
    end: int
    event: Event


def _measures(score: Score, track: Track) -> Iterator[Measure]:
    bars = score.bars()
    spans = list(_spans(track, bars[-1].end))
    index = 0
    for bar in bars:
        events: list[Event] = []
        while index < len(spans) and spans[index].onset < bar.end:
            events += _clipped(spans[index], bar)
            if spans[index].end > bar.end:
                break
            index += 1
        yield Measure((bar.numerator, bar.denominator), bar.end - bar.onset, tuple(events))


def _clipped(span: _Span, bar: Bar) -> Iterator[Event]:
    """The part of a span that lies in a bar."""
    start, end = max(span.onset, bar.onset), min(span.end, bar.end)
    if start == end and span.event.length:
        return
    kind = span.event.kind
    if kind == "note" and start > span.onset:
        yield Event("hold", start - bar.onset, end - start)
    else:
        yield Event(kind, start - bar.onset, end - start, span.event.pairs, span.event.touch)


def _spans(track: Track, end: int) -> Iterator[_Span]:
    """The timeline without gaps."""
    time = 0
    opens = [pitch + track.capo for pitch in track.tuning]
    for (onset, _), group in groupby(track.notes, key=_moment):
        notes = list(group)
        if onset > time:
            yield _Span(time, onset, Event("rest", 0, onset - time))
        duration = notes[0].duration
        pairs = tuple(sorted([_pair(opens, note) for note in notes]))
        if len(pairs) > 1 and is_wide([pair.fret for pair in pairs]):
            raise EncodeError(f"no hand holds the notes at tick {onset}: project first")
        marks = notes[0].marks
        touch = next((s for s, mark in TOUCHES.items() if mark in marks), "") if marks else ""
        time = onset + duration
        yield _Span(onset, time, Event("note", 0, duration, pairs, touch))
    if time < end:
        yield _Span(time, end, Event("rest", 0, end - time))


def _moment(note: Note) -> tuple[int, int]:
    """What notes of one event have in common."""
    return note.onset, note.grace if note.marks else 0


def _pair(opens: list[int], note: Note) -> Pair:
    fret = -1 if note.string is None else note.pitch - opens[note.string]
    if note.string is None or not 0 <= fret <= MAX_FRET:
        raise EncodeError(f"pitch {note.pitch} at tick {note.onset} has no fret: project first")
    if not note.marks:
        return Pair(note.string, fret)
    return Pair(note.string, -1 if "dead" in note.marks else fret, signs_of(note.marks))
