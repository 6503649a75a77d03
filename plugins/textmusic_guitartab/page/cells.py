"""Read the cells of one bar: frets and the characters of techniques between them.

Characters, and the marks they become (table of `textmusic.track`):

========= ============================== ========= ==================================
``5h7``   hammer on 5                    ``(5)``   ghost
``7p5``   pull on 7                      ``<12>``  harmonic (``12*`` too)
``5/7``   slide; ``5s7`` slide:legato    ``[12]``  harmonic:artificial
``/7``    slide:in-below (``\\7`` above)  ``x``     dead (pitch of the open string)
``7\\``    slide:out-down (``7/`` up)     ``~ v``   vibrato
``7b9``   bend:2 (``7b`` bend)           ``t12``   tap
``7b9r``  bend:2 and release             ``7tr9``  trill with the pitch of fret 9
``g5``    a grace note before the event  ``^``     like b
========= ============================== ========= ==================================
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

__all__ = ["MAX_FRET", "Cell", "Event", "read_bar"]

MAX_FRET = 24
_new = tuple.__new__  # a third of the time of a call of a named tuple
_COLUMN = attrgetter("column")
_PLAIN: frozenset[str] = frozenset()
_DIGITS = {str(digit): digit for digit in range(10)}
_RUN = re.compile(r"[^-]+")
_SIGN = re.compile(r"[^-0-9]")
_PACKED = re.compile(r"\d\d+")
_TOKEN = re.compile(r"\d+|tr(?=\d)|.")
_POST = {
    "h": "hammer", "H": "hammer", "p": "pull", "P": "pull",
    "s": "slide:legato", "S": "slide:legato",
    "~": "vibrato", "v": "vibrato", "V": "vibrato",
    "b": "bend", "B": "bend", "^": "bend", "r": "release", "R": "release",
}  # fmt: skip
_SLIDES = {"/": "slide:in-below", "\\": "slide:in-above"}
_OPENING = {"(": "ghost", "{": "ghost", "<": "harmonic", "[": "harmonic:artificial"}
_SILENT = frozenset(" .:o')>]}+,&\"Oc|?!")


@dataclass(slots=True)
class Cell:
    """One note of a bar: column, string (row from the bottom), fret and marks."""

    column: int
    width: int
    string: int
    fret: int
    marks: set[str] | frozenset[str] = _PLAIN
    grace: bool = False
    trill: int | None = None


class Event(NamedTuple):
    """What is struck together: the column of its first digit, the widest cell, and its cells.

    Cells may be shared between events, and then have columns of their own: only the distances
    between them hold.
    """

    column: int
    width: int
    cells: list[Cell]
    graces: list[Cell]


def read_bar(segments: Sequence[str], *, spread: bool) -> tuple[list[Event], list[tuple[int, int]]]:
    """Return the events of a bar and the places of characters that mean nothing here.

    Args:
        segments: the text of the bar in every row, the top row first.
        spread: digits side by side are always one number (pages with duration letters).

    Returns:
        Events by column, and (row, column) of each unknown character.
    """
    cells: list[Cell] = []
    unknown: list[tuple[int, int]] = []
    packed = None if spread else _packed(segments)
    last = len(segments) - 1
    for row, segment in enumerate(segments):
        if not segment.strip("-"):
            continue
        reader = _RowReader(last - row, packed)
        if _SIGN.search(segment):
            cells += reader.read(segment).cells
            unknown += [(last - row, column) for column in reader.unknown]
        else:
            cells += reader.read_frets(segment)
    return _events(cells), unknown


@dataclass(slots=True)
class _RowReader:
    """Reads one row of a bar, a small state machine that starts afresh in every run.

    A run is a stretch of characters without a dash.
    """

    string: int
    packed: frozenset[int] | None
    cells: list[Cell] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    target: str = ""
    """What the next number is when it is no note: ``bend``, ``release`` or ``trill``."""
    brackets: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)
    """Marks of the next note."""
    grace: bool = False
    touched: bool = False
    """Whether the last note stands in this run."""

    def read_frets(self, segment: str) -> list[Cell]:
        """Return the cells of a row of frets only."""
        for run in _RUN.finditer(segment):
            text = run[0]
            if text in _DIGITS:
                self.cells.append(Cell(run.start(), 1, self.string, _DIGITS[text]))
            else:
                self._numbers(text, run.start())
        return self.cells

    def read(self, segment: str) -> _RowReader:
        for run in _RUN.finditer(segment):
            text, column = run[0], run.start()
            if text in _DIGITS:
                self.cells.append(Cell(column, 1, self.string, _DIGITS[text]))
            elif text.isdecimal() and text.isascii():
                self._numbers(text, column)
            else:
                self._run(text, column)
        after: Cell | None = None
        for cell in reversed(self.cells):
            if cell.marks:
                _settle_slide(cell, after)
            after = cell
        return self

    def _numbers(self, text: str, column: int) -> None:
        for at, width in _split(text, column, self.packed):
            self.cells.append(Cell(column + at, width, self.string, int(text[at : at + width])))

    def _run(self, text: str, column: int) -> None:
        self.target, self.grace, self.touched = "", False, False
        self.brackets, self.before = set(), set()
        for token in _TOKEN.finditer(text):
            char, at = token[0], column + token.start()
            if char[0] in _DIGITS:
                if self.target and self.touched:
                    _aim(self.cells[-1], self.target, int(char[:2]))
                    self.target = ""
                    continue
                count = len(self.cells)
                self._numbers(char, at)
                self._start(self.cells[count])
            elif char in "xX":
                self.cells.append(Cell(at, 1, self.string, 0, {"dead"}))
                self._start(self.cells[-1])
            else:
                self._sign(char, at, last=token.end() == len(text))

    def _start(self, cell: Cell) -> None:
        """A note begins: what stood before it applies to it."""
        cell.grace = self.grace
        if self.before or self.brackets:
            cell.marks = {*cell.marks, *self.before, *self.brackets}
        self.before, self.grace, self.touched = set(), False, True

    def _sign(self, char: str, at: int, *, last: bool) -> None:
        """A character that is no fret; `last` of its run."""
        note = self.cells[-1] if self.cells else None
        if char in _OPENING:
            self.brackets.add(_OPENING[char])
        elif char in ")>]}":
            self.brackets.clear()
        elif char in _SLIDES:
            if note and (self.touched or last):
                _mark(note, "~slide" + char)
            else:
                self.before.add(_SLIDES[char])
        elif char in _POST:
            self.target = _POST[char] if char in "bB^rR" else ""
            if note:
                _mark(note, _POST[char])
        elif char in "tT":
            self.before.add("tap")
        elif char == "tr":
            self.target = "trill"
        elif char == "g":
            self.grace = True
        elif char == "*" and not (note and self.touched):
            self.before.add("harmonic")
        elif char == "*" and note:
            _mark(note, "harmonic")
        elif char not in _SILENT:
            self.unknown.append(at)


def _split(text: str, column: int, packed: frozenset[int] | None) -> list[tuple[int, int]]:
    """Cut digits side by side into frets: (start, width) of each."""
    count = len(text)
    if count == 1:
        return [(0, 1)]
    if packed is None:
        return [(i, min(2, count - i)) for i in range(0, count, 2)]
    if count == 2:
        single = not _number(text) or column in packed or column + 1 in packed
        return [(0, 1), (1, 1)] if single else [(0, 2)]
    pairs = [text[i : i + 2] for i in range(0, count, 2)]
    if count % 2 == 0 and len(set(text)) > 1 and all(map(_number, pairs)):
        return [(i, 2) for i in range(0, count, 2)]
    return [(i, 1) for i in range(count)]


def _number(text: str) -> bool:
    return text[0] != "0" and int(text) <= MAX_FRET


def _packed(segments: Sequence[str]) -> frozenset[int]:
    """The columns at which some row has one-digit frets side by side."""
    columns: set[int] = set()
    for segment in segments:
        for run in _PACKED.finditer(segment):
            parts = _split(run[0], run.start(), _EMPTY)
            if parts[0][1] == 1:
                columns.update(range(run.start(), run.end()))
    return frozenset(columns)


_EMPTY: frozenset[int] = frozenset()


def _mark(cell: Cell, mark: str) -> None:
    cell.marks = {*cell.marks, mark}


def _settle_slide(cell: Cell, after: Cell | None) -> None:
    for char, out in (("/", "slide:out-up"), ("\\", "slide:out-down")):
        if "~slide" + char in cell.marks:
            cell.marks = {*cell.marks, out if after is None else "slide"} - {"~slide" + char}


def _aim(cell: Cell, target: str, fret: int) -> None:
    """A number after b, r or tr: where the string is bent to, or the other note of a trill."""
    if target == "trill":
        cell.trill = fret
    elif target == "bend" and 0 < fret - cell.fret <= 12:
        cell.marks = {*cell.marks, f"bend:{fret - cell.fret}"} - {"bend"}


def _events(cells: list[Cell]) -> list[Event]:
    """Gather what overlaps in columns and lies on different strings."""
    cells.sort(key=_COLUMN)
    events: list[Event] = []
    graces: list[Cell] = []
    chord: list[Cell] = []
    end, used, width = -1, 0, 0
    for cell in cells:
        if cell.grace:
            graces.append(cell)
            continue
        bit = 1 << cell.string
        if cell.column >= end or used & bit:
            chord = [cell]
            events.append(_new(Event, (cell.column, cell.width, chord, graces)))
            graces = []
            end, used, width = cell.column + cell.width, bit, cell.width
            continue
        chord.append(cell)
        used |= bit
        if cell.width > width:
            width = cell.width
            events[-1] = events[-1]._replace(width=width)
    return events
