"""What of a voice depends on its time: which lengths fit, and where the bar ends.

`Beats` reads all of a voice but counts only time; what it does not know of it allows. It tells
lengths from frets and marks by what stands before them, in texts that `voice` allows. A number in
brackets may be a length or that of a mark: it knows both, until a character tells.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic.lengths import GRACE, LENGTHS
from textmusic_guitarpro.text.bounds import MAX_BEND, MAX_TRILL
from textmusic_guitarpro.text.grammar.durations import (
    Room,
    fraction,
    has_fraction,
    letters,
    moved,
)
from textmusic_guitarpro.text.grammar.notes import note_moves, trill_numbers
from textmusic_guitarpro.text.grammar.spelling import TREMOLO_NUMBERS, number_chars
from textmusic_guitarpro.text.grammar.voice import Voice
from textmusic_guitarpro.text.times import TICK, UNITS

__all__ = ["AGAIN", "ALL", "INSTEAD", "PLACES", "SEMICOLON", "Beats"]

ALL = frozenset("\n") | frozenset(map(chr, range(32, 127)))
_UNITS = {letter: ticks * TICK for letter, ticks in LENGTHS.items()}
PLACES = "OLNJFCEADGBe"
"""The letters of strings, from the lowest."""
INSTEAD = frozenset("%=:M!KT([)")
"""What may stand in place of a voice: a reference, a word, in the header another part."""
_PLACES = frozenset(PLACES)
_SWITCHES = frozenset("{&}")
_NUMBERED = frozenset("+#:")


class Beats(NamedTuple):
    """The time of a voice; hashable, and equal wherever the same may follow."""

    phase: str
    """``event`` between two, ``switched`` at the start of one, ``fret``, ``notes``, ``whammy`` before its
    bracket, ``bracket``, ``number`` (a bracket that may be that of a mark or a length),
    ``fraction`` (that of a length), ``time`` of a rest or hold, ``end`` of the bar, ``semicolon`` before one and ``again`` behind it."""
    left: int = 0
    """Units to the end of the bar."""
    at: int = 0
    """Units since the last quarter."""
    grids: int = 0
    last: int = 0
    """Units of the note event before, if it may be repeated now."""
    sings: bool = False
    begun: bool = False
    text: str = ""
    """``r`` or ``~`` before its length, or a mark that a number in brackets may follow."""
    is_tied: bool = False
    """Whether a note of the event goes on."""
    has_frets: bool = True
    is_ranged: bool = False
    """Whether notes have a range, which trills must keep."""
    is_last: bool = False
    """Whether no other voice may follow."""
    inner: str = ""
    """What was read of a number or a fraction."""

    @classmethod
    def of(cls, voice: Voice, *, is_last: bool = False) -> Beats | None:
        """Return the time of a voice; None within the brackets of a mark or length."""
        part, event, phase = voice.part, voice.event, voice.phase
        if phase == "fraction" or event.bracket:
            return None
        text = voice.text if phase == "time" else ""
        if phase == "notes":
            phase = {"fret": "fret", "number": "bracket"}.get(event.phase, "notes")
            if event.phase == "points":
                phase = "whammy"
            elif event.takes_bracket:
                text = event.word[0] if "[" in note_moves(part, (), event) else ""
        if phase == "done":
            phase = "event"
        return cls(
            *(phase, voice.left, voice.at % UNITS, voice.grids),
            last=voice.last if _repeats(voice.room, voice.last) else 0,
            sings=voice.sings,
            begun=voice.begun,
            text=text,
            is_tied=bool(event.ties),
            has_frets=bool(part.opens),
            is_ranged=(part.low > 0 or part.high < 127) and not part.is_drum,
            is_last=is_last,
        )

    @property
    def room(self) -> Room:
        """Where the length of the present event stands."""
        return Room(self.at, self.left, self.grids, not self.sings and self.text == "r")

    def after(self, char: str) -> Beats | tuple[()] | None:
        """Return the time after a character, empty behind the voices; None before another."""
        phase = self.phase
        if phase == "notes":
            return self._in_notes(char)
        if phase == "fret":
            if char == "~":
                return self._turned("notes", is_tied=True)
            return self._turned("bracket" if char == "[" else "notes", is_tied=self.is_tied)
        if phase == "time":
            return self._in_time(char)
        if phase in {"whammy", "bracket", "number", "fraction"}:
            return self._in_bracket(char)
        if phase in {"end", "semicolon", "again"}:
            return self._behind(char)
        return self._opened(char)

    def _behind(self, char: str) -> Beats | tuple[()] | None:
        """Behind a voice."""
        if char == "\n":
            return ()
        if self.phase == "again":
            return None
        return SEMICOLON if char == " " else AGAIN

    def _turned(self, phase: str, text: str = "", *, is_tied: bool | None = None) -> Beats:
        tied = self.is_tied if is_tied is None else is_tied
        last = self.last if phase == "switched" else 0
        return Beats(
            *(phase, self.left, self.at, self.grids, last, self.sings, self.begun, text, tied),
            *(self.has_frets, self.is_ranged, self.is_last),
        )

    def _opened(self, char: str) -> Beats | tuple[()]:
        if char == " ":
            return self
        if char in INSTEAD:
            return ()
        if char == ".":
            return self._timed(self.last, self.last)
        if char in "r~":
            return self._turned("time", char)
        if char in _SWITCHES:
            return self._turned("switched")
        return self._turned("fret" if self.has_frets else "notes")

    def _in_time(self, char: str) -> Beats | tuple[()] | None:
        if char in _UNITS:
            return self._timed(_UNITS[char], 0)
        return self._replace(phase="fraction") if char == "[" else self._behind(char)

    def _in_bracket(self, char: str) -> Beats:
        if self.phase == "whammy":
            return self._turned("bracket")
        if self.phase == "bracket":
            if char == "]":
                return self._turned("notes", self.text)
            return self._turned("bracket") if char == "@" else self
        inner = self.inner + char
        if self.phase == "fraction" or char not in _of_mark(self.text, self.inner):
            if char != "]":
                return self._replace(phase="fraction", inner=inner)
            units = fraction(self.room, self.inner)[1]
            return self._timed(units, 0 if self.is_tied or self.text in {"r", "~"} else units)
        if char == "]":
            return self._turned("notes", "+" if self.text == "+" else "")
        if char in "@.":
            return self._turned("bracket", "" if char == "@" else self.text)
        return self._replace(inner=inner)

    def _in_notes(self, char: str) -> Beats | None:
        if char in _UNITS:
            units = _UNITS[char]
            return self._timed(units, 0 if self.is_tied else units)
        if char == GRACE:
            done = self._turned("event", is_tied=False)
            return done._replace(begun=True, sings=True, last=0)
        if char == "[":
            return self._replace(phase="number" if self.text else "fraction")
        if char == "#" and self.is_ranged:
            return None
        if char == "~":
            return self._turned("notes", is_tied=True)
        if char == "@":
            return self._turned("whammy")
        if self.has_frets and char in _PLACES:
            return self._turned("fret")
        if char in _NUMBERED:
            return self._turned("notes", char)
        stays = self.text == "+" and char.isdigit()
        return self if stays or not self.text else self._turned("notes")

    def _timed(self, units: int, last: int) -> Beats:
        """Behind an event of a length."""
        left, grids = self.left - units, moved(self.room, units)
        after = Beats(
            *("event" if left else "end", left, (self.at + units) % UNITS, grids, last),
            sings=self.sings or self.text != "r",
            begun=True,
            has_frets=self.has_frets,
            is_ranged=self.is_ranged,
            is_last=self.is_last,
        )
        return after if _repeats(after.room, last) else after._replace(last=0)

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the time is the same."""
        phase = self.phase
        if phase == "notes" and not self.text:
            marks = _MARKS if self.has_frets else _MARKS_OR_NAMES
            if char in marks:
                return marks
        if phase in {"event", "switched"} and not self.has_frets:
            return _NAMES if char in _NAMES else frozenset(char)
        if phase in {"notes", "event", "switched"}:
            return _PLACES if char in _PLACES else frozenset(char)
        if phase == "fret" and char not in "~[":
            return ALL - {"~", "["}
        if phase == "bracket" and char not in "]@":
            return ALL - {"]", "@"}
        return frozenset(char)

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        phase = self.phase
        if phase == "notes":
            return _in_notes(self.room, bool(self.text))
        if phase in {"event", "switched"}:
            return _in_event(self.room._replace(strict=not self.sings), bool(self.last))
        if phase == "time":
            chars = _in_time(self.room)
            return chars | _ENDS if self.text == "r" and not self.begun else chars
        if phase == "fraction":
            return fraction(self.room, self.inner)[0]
        if phase == "number":
            return fraction(self.room, self.inner)[0] | _of_mark(self.text, self.inner)
        if phase == "end":
            return _LINE_END if self.is_last else _ENDS
        return _FIXED.get(phase, ALL)


SEMICOLON, AGAIN = Beats("semicolon"), Beats("again")
_LINE_END, _ENDS = frozenset("\n"), frozenset(" \n")
_FIXED = {"semicolon": frozenset(";"), "again": frozenset(" ")}
_MARKS = ALL - set(_UNITS) - _PLACES - _NUMBERED - {GRACE, "[", "~", "@"}
"""Marks without a number, and more of what stands before them."""
_MARKS_OR_NAMES = _MARKS | _PLACES
_NAMES = ALL - INSTEAD - _SWITCHES - set(" .r~")
"""What begins the name of a note without strings."""


def _repeats(room: Room, last: int) -> bool:
    return 0 < last <= room.left and bool(moved(room, last))


@lru_cache(maxsize=1 << 13)
def _in_time(room: Room) -> frozenset[str]:
    return frozenset([*letters(room), *("[" * has_fraction(room))])


@lru_cache(maxsize=1 << 13)
def _in_notes(room: Room, is_numbered: bool) -> frozenset[str]:  # noqa: FBT001 - a cache's key
    fitting = _in_time(room)
    barred = _UNITS.keys() - fitting
    return ALL - barred - ({"["} if not is_numbered and "[" not in fitting else set())


@lru_cache(maxsize=1 << 13)
def _in_event(room: Room, repeats: bool) -> frozenset[str]:  # noqa: FBT001 - a cache's key
    rests = "" if _in_time(room) else "r"
    return ALL - {";", "\n", *rests, *("" if repeats else ".")}


@lru_cache(maxsize=256)
def _of_mark(sign: str, inner: str) -> frozenset[str]:
    """What may follow in brackets that are the number of a mark.

    Args:
        sign: of the mark.
        inner: what was read of the number; of a bend only digits.
    """
    if sign == "+":
        chars, is_whole = number_chars(inner, MAX_BEND)
        return chars | {"@", "]"} if is_whole else chars
    words = trill_numbers(-MAX_TRILL, MAX_TRILL) if sign == "#" else TREMOLO_NUMBERS
    return words.after(f"[{inner}")
