"""What of a voice depends on its time: which lengths fit, and where the bar ends.

`Beats` reads all of a voice but counts only time; what it does not know of it allows. It tells
lengths from frets and marks by what stands before them, in texts that `voice` allows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic.lengths import GRACE, LENGTHS
from textmusic_guitarpro.text.grammar.durations import Room, has_fraction, letters, moved
from textmusic_guitarpro.text.grammar.notes import note_moves
from textmusic_guitarpro.text.grammar.voice import Voice
from textmusic_guitarpro.text.times import TICK, UNITS

__all__ = ["ALL", "Beats"]

ALL = frozenset("\n") | frozenset(map(chr, range(32, 127)))
_UNITS = {letter: ticks * TICK for letter, ticks in LENGTHS.items()}
_PLACES = frozenset("OLNJFCEADGBe")
_SWITCHES = frozenset("{&}")
_NUMBERED = frozenset("+#:")


class Beats(NamedTuple):
    """The time of a voice; hashable, and equal wherever the same may follow."""

    phase: str
    """``event`` or ``switched`` at the start of one, ``fret``, ``notes``, ``whammy`` before its
    bracket, ``bracket``, ``time`` of a rest or hold, ``done`` behind an event, ``end``."""
    left: int
    """Units to the end of the bar."""
    at: int
    """Units since the last quarter."""
    grids: int
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
    ends: str = " \n"
    """What may stand behind a full bar."""
    silence: str = " "
    """What may stand behind a silent one."""
    extra: str = ""
    """What else may stand here: words and references."""
    accepts: bool = False
    """Whether the text may end here."""

    @classmethod
    def of(cls, voice: Voice) -> Beats | None:
        """Return the time of a voice; None in a length in brackets, or what may become one."""
        part, event, phase = voice.part, voice.event, voice.phase
        if phase == "fraction" or (event.bracket and event.phase != "points"):
            return None
        text = voice.text if phase == "time" else ""
        if phase == "notes":
            phase = {"fret": "fret", "number": "bracket"}.get(event.phase, "notes")
            if event.phase == "points":
                phase = "bracket" if event.bracket else "whammy"
            elif event.takes_bracket:
                text = event.word[0] if "[" in note_moves(part, (), event) else ""
        return cls(
            *(phase, voice.left, voice.at % UNITS, voice.grids),
            last=voice.last if _repeats(voice.room, voice.last) else 0,
            sings=voice.sings,
            begun=voice.begun,
            text=text,
            is_tied=bool(event.ties),
            has_frets=bool(part.opens),
            is_ranged=(part.low > 0 or part.high < 127) and not part.is_drum,
        )

    @property
    def room(self) -> Room:
        """Where the length of the present event stands."""
        return Room(self.at, self.left, self.grids, not self.sings and self.text == "r")

    def after(self, char: str) -> Beats | None:
        """Return the time after a character; None where that needs the whole state."""
        phase = self.phase
        if phase == "notes":
            return self._in_notes(char)
        if phase == "fret":
            if char == "~":
                return self._turned("notes", is_tied=True)
            return self._turned("bracket" if char == "[" else "notes", is_tied=self.is_tied)
        if phase == "done":
            return self._replace(phase="event")
        if phase == "time":
            return self._timed(_UNITS[char], 0) if char in _UNITS else None
        if phase in {"whammy", "bracket"}:
            going = phase == "bracket" and char != "]"
            return self if going else self._turned("bracket" if phase == "whammy" else "notes")
        return None if phase == "end" else self._opened(char)

    def _turned(self, phase: str, text: str = "", *, is_tied: bool | None = None) -> Beats:
        tied = self.is_tied if is_tied is None else is_tied
        last = self.last if phase == "switched" else 0
        return Beats(
            *(phase, self.left, self.at, self.grids, last, self.sings, self.begun, text, tied),
            *(self.has_frets, self.is_ranged, self.ends, self.silence),
        )

    def _opened(self, char: str) -> Beats | None:
        if char in self.extra:
            return None
        if char == ".":
            return self._timed(self.last, self.last)
        if char in "r~":
            return self._turned("time", char)
        if char in _SWITCHES:
            return self._turned("switched")
        return self._turned("fret" if self.has_frets else "notes")

    def _in_notes(self, char: str) -> Beats | None:
        if char in _UNITS:
            units = _UNITS[char]
            return self._timed(units, 0 if self.is_tied else units)
        if char == GRACE:
            done = self._turned("done", is_tied=False)
            return done._replace(begun=True, sings=True, last=0)
        if char == "[" or (char == "#" and self.is_ranged):
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
            *("done" if left else "end", left, (self.at + units) % UNITS, grids, last),
            sings=self.sings or self.text != "r",
            begun=True,
            has_frets=self.has_frets,
            is_ranged=self.is_ranged,
            ends=self.ends,
            silence=self.silence,
        )
        return after if _repeats(after.room, last) else after._replace(last=0)

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the time is the same."""
        phase = self.phase
        if phase == "notes" and not self.text and char in _MARKS:
            return _MARKS
        if phase in {"notes", "event", "switched"} and self.has_frets and not self.extra:
            return _PLACES if char in _PLACES else frozenset(char)
        if phase == "fret" and char not in "~[":
            return ALL - {"~", "["}
        return ALL - {"]"} if phase == "bracket" and char != "]" else frozenset(char)

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        phase = self.phase
        if phase == "notes":
            return _in_notes(self.room, bool(self.text))
        if phase in {"event", "switched"}:
            return _in_event(self.room._replace(strict=not self.sings), bool(self.last))
        if phase == "time":
            chars = _in_time(self.room)
            return chars.union(self.silence) if self.text == "r" and not self.begun else chars
        if phase == "done":
            return _SPACE
        return frozenset(self.ends) if phase == "end" else ALL


_SPACE = frozenset(" ")
_MARKS = ALL - set(_UNITS) - _PLACES - _NUMBERED - {GRACE, "[", "~", "@"}
"""Marks without a number, and more of what stands before them."""


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
    return ALL - {*rests, *("" if repeats else ".")}
