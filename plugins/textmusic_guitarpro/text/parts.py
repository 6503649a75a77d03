"""One part of a piece: its line in the header, and how its notes are named.

::

    part = ":" [ "x" ] [ program ] { " " note octave } [ " c" capo ] LF
    note = ( "C" | "D" | "F" | "G" | "A" ) [ "#" ] | "E" | "B"       octave: "-" for -1, 0…9;
                                                  or "[n]", a MIDI number outside 0…127

A part with notes in its line has those strings, string 0 first; ``:x`` is a drum kit; any other
has neither strings nor frets. The General MIDI program (from 0) is left out where it is the usual
one: 25, or 33 for a bass; 0 without strings. Notes of a part are named

- on strings by a letter for the string (of ``OLNJFCEADGBe`` the last ones, ``EADG`` on four) and
  the fret: 0-9, a = 10 … w = 32, ``[n]`` for others, x for a dead note on the open string;
- on a drum kit by a letter for a common sound or ``D`` and the General MIDI key;
- else by note and octave.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from textmusic.score import Note, Track

__all__ = [
    "BASS",
    "FRETS",
    "GUITAR",
    "LOWEST_GUITAR",
    "MANY_STRINGS",
    "MAX_STRINGS",
    "Part",
    "Place",
    "pitch_name",
]

_STRINGS = "OLNJFCEADGBe"
_SHORT = ("", "E", "EA", "EAD", "EADG", "CEADG")
MAX_STRINGS = len(_STRINGS)
_MAX_CAPO = 48
GUITAR, BASS = 25, 33
"""The usual programs of parts with strings."""
LOWEST_GUITAR = 36
MANY_STRINGS = 6
"""A part of fewer strings, one of them below `LOWEST_GUITAR`, is a bass."""
FRETS = "0123456789abcdefghijklmnopqrstuvw"
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_OCTAVES = "-0123456789"
_DRUMS = {
    35: "A",
    36: "B",
    37: "X",
    38: "N",
    39: "L",
    40: "E",
    41: "g",
    42: "c",
    43: "F",
    44: "f",
    45: "e",
    46: "o",
    47: "m",
    48: "n",
    49: "C",
    50: "a",
    51: "R",
    52: "J",
    53: "b",
    54: "U",
    55: "l",
    56: "O",
    57: "G",
    59: "Y",
}
"""Bass drums A B, snares N E, side stick X, clap L; hats c f o; toms from low to high
g F e m n a; crashes C G, splash l, china J; rides R Y, bell b; cowbell O, tambourine U."""
_DRUM_KEYS = {letter: key for key, letter in _DRUMS.items()}
_NOTE = r"(?:[CDFGA]#|[A-G])[-0-9]"
_OPEN = rf"(?:{_NOTE}|\[-?\d{{1,3}}\])"
_LINE = re.compile(
    rf":(?P<drums>x?)(?P<program>\d{{1,3}})?(?P<tuning>(?: {_OPEN}){{0,{MAX_STRINGS}}})"
    r"(?: c(?P<capo>[1-9]\d?))?"
)
_KINDS = {
    "strings": (rf"[{_STRINGS}]", r"(?:[0-9a-wx]|\[-?\d{1,3}\])"),
    "drums": (rf"[{''.join(_DRUM_KEYS)}]|D\d{{1,3}}", ""),
    "pitched": (_NOTE, ""),
}


class Place(NamedTuple):
    """Where a note sounds; two notes of one place cannot sound at once.

    `rank` is the string, or the pitch where there are no strings.
    """

    rank: int
    name: str


class Part(NamedTuple):
    """What the header says of a part; see `textmusic.Track`."""

    program: int = 25
    is_drum: bool = False
    tuning: tuple[int, ...] = ()
    capo: int = 0

    @classmethod
    def of(cls, track: Track) -> Part:
        """Return the part of a track."""
        return cls(track.program, track.is_drum, track.tuning, track.capo)

    @classmethod
    def parse(cls, line: str) -> Part | None:
        """Return the part of a header line without its line end, or None where it is none."""
        match = _LINE.fullmatch(line)
        if match is None or int(match["program"] or 0) > 127:
            return None
        tuning = tuple(map(_pitch, match["tuning"].split()))
        part = cls(0, bool(match["drums"]), tuning, int(match["capo"] or 0))
        fits = part.capo <= _MAX_CAPO
        if not fits or (part.is_drum and tuning) or (part.capo and not tuning):
            return None
        program = part.usual if match["program"] is None else int(match["program"])
        return part._replace(program=program)

    @property
    def usual(self) -> int:
        """The program that is not written."""
        if not self.tuning:
            return 0
        is_bass = len(self.tuning) < MANY_STRINGS and min(self.tuning) < LOWEST_GUITAR
        return BASS if is_bass else GUITAR

    @property
    def kind(self) -> tuple[str, tuple[int, ...]]:
        """Parts of one kind mean the same by the same text."""
        opens = tuple(pitch + self.capo for pitch in self.tuning)
        return "strings" if opens else "drums" if self.is_drum else "pitched", opens

    def line(self) -> str:
        """Return the line of the header, with its line end."""
        program = "" if self.program == self.usual else str(self.program)
        words = [f":{'x' if self.is_drum else ''}{program}", *map(pitch_name, self.tuning)]
        return " ".join([*words, *([f"c{self.capo}"] if self.capo else [])]) + "\n"

    def patterns(self) -> tuple[str, str]:
        """Return the patterns of a place's name, and of the fret behind it."""
        return _KINDS[self.kind[0]]

    def letters(self) -> str:
        """Return the letters of the strings, string 0 first."""
        count = len(self.tuning)
        return _SHORT[count] if count < len(_SHORT) else _STRINGS[-count:]

    def place(self, note: Note) -> Place:
        """Return where a note sounds, with its name but without its fret."""
        rank = note.pitch if not self.tuning or note.string is None else note.string
        return _place(self.tuning, self.is_drum, rank)

    def name(self, rank: int) -> str:
        """Return the name of a place."""
        return _place(self.tuning, self.is_drum, rank).name

    def fret(self, note: Note) -> str:
        """Return the fret of a note as text, with ``x`` for a dead note."""
        is_dead = "dead" in note.marks
        if note.string is None:
            return "x" * is_dead
        fret = note.pitch - self.tuning[note.string] - self.capo
        if is_dead and not fret:
            return "x"
        return (FRETS[fret] if 0 <= fret < len(FRETS) else f"[{fret}]") + "x" * is_dead

    def read_place(self, name: str) -> int | None:
        """Return the rank of the place of a name, or None where the part has no such place."""
        if self.tuning:
            string = self.letters().find(name)
            return string if string >= 0 else None
        if self.is_drum:
            key = _DRUM_KEYS[name] if name in _DRUM_KEYS else int(name[1:])
            return key if key <= 127 else None
        pitch = _pitch(name)
        return pitch if 0 <= pitch <= 127 else None

    def read_pitch(self, rank: int, fret: str) -> int | None:
        """Return the pitch at a place and fret, or None outside 0…127."""
        if not self.tuning:
            return rank
        number = 0 if fret == "x" else int(fret[1:-1]) if fret[0] == "[" else FRETS.index(fret)
        pitch = self.tuning[rank] + self.capo + number
        return pitch if 0 <= pitch <= 127 else None


@lru_cache(maxsize=1 << 12)
def _place(tuning: tuple[int, ...], is_drum: bool, rank: int) -> Place:  # noqa: FBT001 - cached
    if tuning:
        return Place(rank, Part(tuning=tuning).letters()[rank])
    return Place(rank, _DRUMS.get(rank, f"D{rank}") if is_drum else pitch_name(rank))


def pitch_name(pitch: int) -> str:
    """Return note and octave, or the number in brackets where it is no MIDI number."""
    if not 0 <= pitch <= 127:
        return f"[{pitch}]"
    return f"{_NAMES[pitch % 12]}{_OCTAVES[pitch // 12]}"


def _pitch(name: str) -> int:
    if name.startswith("["):
        return int(name[1:-1])
    return _NAMES.index(name[:-1]) + 12 * _OCTAVES.index(name[-1])
