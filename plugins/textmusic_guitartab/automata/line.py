"""The order of events, strings and marks."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic.lengths import GRACE
from textmusic_guitartab.automata.chars import ALL, LENGTH_CHARS, LETTERS, SWITCHES
from textmusic_guitartab.marks import MARKS
from textmusic_guitartab.piece import FRETS, MAX_GRACES, STRINGS

__all__ = ["Line"]

_MARKS = tuple(MARKS)
_NUMBERS = {mark: number for number, mark in enumerate(_MARKS)}
_BEND = _NUMBERS["+"]
_QUARTER_TONES = frozenset("123456789")
_METER = frozenset("0123456789/")


class Line(NamedTuple):
    """The order of things; it knows all that the others do not."""

    phase: str
    """``bar`` at the start of a line, ``meter``, ``reference``, ``event`` and ``switched`` at the
    start of one, ``fret``, ``pair`` behind one, ``time`` of a rest or hold, ``done``, ``short``."""
    strings: int = 0
    steady: bool = False
    """Whether the metre may not change."""
    begun: bool = False
    """Whether there is a bar before."""
    heard: bool = False
    """Whether there was a note, other than grace notes."""
    touch: str = "}"
    """The switch in force: ``{``, ``&`` or, neither, ``}``."""
    graces: int = 0
    """Grace notes that wait for their main note."""
    string: int = 0
    """The lowest string that may follow."""
    mark: int = -1
    """Number of the last mark of the pair."""
    is_sized: bool = False
    """Whether that is a bend with its quarter tones."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        return _in_line(self)

    def after(self, char: str) -> Line:
        """Return what is known after a character."""
        phase = self.phase
        if phase == "fret":
            return self._replace(phase="pair")
        if char == "\n":
            return Line("bar", self.strings, self.steady, begun=True, heard=self.heard)
        if phase in {"meter", "reference"}:
            return self._replace(phase="event") if char == " " else self
        if char in LETTERS:
            string = STRINGS[self.strings - 1].index(char) + 1
            return self._replace(phase="fret", string=string, mark=-1, is_sized=False)
        if phase == "pair":
            return self._in_pair(char)
        if phase == "time" or char == ".":
            return self._replace(phase="done")
        if char in SWITCHES:
            return self._replace(phase="switched", touch=char)
        return self._replace(phase=_PHASES[char])

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.phase == "fret":
            return ALL
        if self.phase in {"pair", "time"} and char in LENGTH_CHARS:
            return LENGTH_CHARS
        return _METER if self.phase == "meter" and char in _METER else frozenset(char)

    def _in_pair(self, char: str) -> Line:
        number = _NUMBERS.get(char)
        if number is not None:
            return self._replace(mark=number, is_sized=False)
        if char in _QUARTER_TONES:
            return self._replace(is_sized=True)
        done = Line("done", *self[1:6])
        if char == GRACE:
            return done._replace(graces=self.graces + 1)
        return done._replace(heard=True)


_PHASES = {
    "%": "reference",
    "M": "meter",
    "r": "time",
    "~": "time",
    " ": "event",
    "!": "short",
}


def _in_line(line: Line) -> frozenset[str]:
    phase, graces = line.phase, line.graces
    if phase in _FIXED:
        return _FIXED[phase]
    if phase == "done":
        return _DONE if graces else _DONE_OR_SHORT
    if phase == "pair":
        takes_tones = line.mark == _BEND and not line.is_sized
        return _in_pair(line.strings, line.string, line.mark, takes_tones, graces < MAX_GRACES)
    chars = "" if graces else "." if phase == "switched" else ".r~"
    switch = "" if phase == "switched" else line.touch
    if phase == "bar" and line.begun:
        chars += "%" if line.steady else "%M"
    return _at_event(line.strings, chars, switch)


_DONE, _DONE_OR_SHORT = frozenset(" \n"), frozenset(" \n!")


@lru_cache(maxsize=1 << 11)
def _in_pair(strings: int, string: int, mark: int, *flags: bool) -> frozenset[str]:
    takes_tones, takes_grace = flags
    chars = {*STRINGS[strings - 1][string:], *_MARKS[mark + 1 :], *LENGTH_CHARS}
    if takes_tones:
        chars |= _QUARTER_TONES
    return frozenset(chars | {GRACE} if takes_grace else chars)


@lru_cache(maxsize=256)
def _at_event(strings: int, chars: str, touch: str) -> frozenset[str]:
    """A note, other characters, or a switch but that in force; none without one."""
    switches = SWITCHES - {touch} if touch else ()
    return frozenset({*STRINGS[strings - 1], *chars, *switches})


_FIXED = {
    "fret": frozenset({*FRETS, "x"}),
    "time": LENGTH_CHARS,
    "meter": _METER | {" "},
    "reference": frozenset("248\n"),
    "short": frozenset("\n"),
}
