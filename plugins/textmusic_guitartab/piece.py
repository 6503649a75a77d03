"""A tab piece bar by bar: the value between a Score (`scoring`) and each of the three layouts.

The header, common to all layouts::

    header = "@" num "/" den { " " note octave } [ " c" capo ] [ " t" quarters a minute ] LF

with one note for each of 4…9 strings, string 0 first, ``C0`` … ``B5``; capo 1…12; tempo 20…399.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from textmusic.fretboard import GUITAR
from textmusic.lengths import bar_ticks

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
    measures: Sequence[Measure] = ()

    def header(self) -> str:
        """Return the first line of the text, with its line end."""
        words = ["@{}/{}".format(*self.meter), *map(pitch_name, self.tuning)]
        words += [f"c{self.capo}"] * (self.capo > 0) + [f"t{self.tempo}"] * (self.tempo is not None)
        return " ".join(words) + "\n"


def is_neck(tuning: tuple[int, ...], capo: int) -> bool:
    """Whether the header can write this tuning and capo."""
    fits = all(LOWEST <= pitch <= HIGHEST for pitch in tuning)
    return fits and MIN_STRINGS <= len(tuning) <= len(STRINGS) and capo <= MAX_CAPO


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
