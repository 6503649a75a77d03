"""Roll texts to scores. Total: whatever the text is, the music that is there comes out."""

from __future__ import annotations

import re
from typing import NamedTuple

from textmusic.bars import DISTANCES
from textmusic.codec import Parsed
from textmusic.errors import Severity
from textmusic.score import Meter, Score, Track
from textmusic_midi.pianoroll.cells import SIGNS, Gatherer, Signs
from textmusic_midi.steps import (
    LONGEST,
    MOST_NOTES,
    MOST_STEPS,
    Issues,
    Timeline,
    is_control,
    read_control,
)

__all__ = ["read", "read_cells"]

_HEAD = re.compile(r"@([0-9]{1,3}) ([0-9]{1,3}) ([0-9]{1,3})")
_LINE = re.compile(r"([^*|]*)(?:\*([0-9]{1,6}))?(\|)?")
_NO_CONTROL = read_control("")


class _Row(NamedTuple):
    """A line: keys struck and keys held, counted from the lowest; its steps; ends the bar."""

    struck: tuple[int, ...]
    held: tuple[int, ...]
    steps: int
    is_last: bool


class _Head(NamedTuple):
    steps: int
    lowest: int
    program: int


def read_cells(text: str, signs: Signs) -> tuple[list[int], list[int], list[int]]:
    """Return the keys struck, the keys held, and the places of characters that are no cell."""
    struck, held, wrong = [], [], []
    width = signs.width
    for key in range((len(text) + width - 1) // width):
        cell = text[key * width : (key + 1) * width]
        if cell == signs.off:
            continue
        if cell == signs.held:
            held.append(key)
        elif cell in {signs.on, "01"}:
            struck.append(key)
        else:
            wrong.append(key * width)
    return struck, held, wrong


class _Reader:
    """Takes lines and gathers bars."""

    def __init__(self, head: _Head, states: str, layout: str, issues: Issues) -> None:
        self.signs = SIGNS[states]
        self.classic = layout == "classic"
        self.issues = issues
        self.time = Timeline(head.steps, issues)
        self.notes = Gatherer(head.lowest)
        self.head = head
        self._bars: list[list[_Row]] = []
        self._rows: dict[str, _Row] = {}
        self._inside = False
        self._at = self._size = 0

    @property
    def is_full(self) -> bool:
        return self.time.is_full or len(self.notes.rows) > MOST_NOTES

    def line(self, line: str, offset: int) -> None:
        """Take a line: a control, a reference to a bar, or cells."""
        if is_control(line):
            if self._inside:
                self.issues.add("control", "a control inside a bar", offset, len(line))
                self._close()
            self._open(line, offset)
        elif line.startswith("%") and not self.classic:
            self._refer(line, offset)
        else:
            if not self._inside:
                self._open("", offset)
            self._take(self._row(line, offset), offset, len(line))

    def _open(self, control: str, offset: int) -> None:
        self._size = self.time.open(read_control(f"{control} " if control else "", offset))
        self._inside, self._at = True, 0
        self._bars.append([])

    def _close(self) -> None:
        self.time.onset += self._size
        self._inside = False

    def _refer(self, line: str, offset: int) -> None:
        """Play an earlier bar again."""
        if self._inside and self._bars[-1]:
            self.issues.add("reference", f"{line[:12]} inside a bar", offset, len(line))
            return
        if not self._inside:
            self._open("", offset)
        back = DISTANCES.get(line, 0)
        if not 0 < back < len(self._bars):
            message = f"{line[:12]} names no earlier bar"
            self.issues.add("reference", message, offset, len(line))
            self._close()
            return
        for row in self._bars[-1 - back]:
            self._take(row, offset, len(line), "warning")
            if not self._inside:
                return
        self._close()

    def _take(self, row: _Row, offset: int, length: int, severity: Severity = "error") -> None:
        """Play a line in the open bar; what goes over its end is cut, as a `severity`."""
        self._bars[-1].append(row)
        left = self._size - self._at
        count = left if row.is_last else row.steps
        if left <= 0 or count > left:
            message = f"the bar is over: it has {self._size} steps"
            self.issues.add("bar-full", message, offset, length, severity)
            count = left
        if count > 0:
            self._sound(row, offset, length)
        self._at += count
        if row.is_last or (self.classic and self._at >= self._size):
            self._close()

    def _sound(self, row: _Row, offset: int, length: int) -> None:
        loose = [key for key in row.held if not self.notes.is_sounding(key)]
        if loose and self.signs.on != self.signs.held:
            message = f"{len(loose)} keys are held that were not struck"
            self.issues.add("held", message, offset, length, "warning")
        self.notes.play(row.struck, row.held, self.time.onset + self._at)

    def _row(self, line: str, offset: int) -> _Row:
        row = self._rows.get(line)
        if row is None:
            row = self._rows[line] = self._parsed(line, offset)
        return row

    def _parsed(self, line: str, offset: int) -> _Row:
        found = _LINE.match(line)
        assert found is not None
        cells, count, last = found.groups()
        if found.end() < len(line):
            self.issues.add("line", "a line ends with its steps (*12) or |", offset + found.end())
        struck, held, wrong = read_cells(cells, self.signs)
        for place in wrong:
            cell = cells[place : place + self.signs.width]
            message = f"no key looks like {cell!r}; keys are {', '.join(sorted(set(self.signs)))}"
            self.issues.add("cell", message, offset + place)
        top = 127 - self.head.lowest
        if (highest := max([*struck, *held], default=0)) > top:
            message = "there is no pitch above 127"
            self.issues.add("range", message, offset + highest * self.signs.width)
        steps = int(count or 1)
        if not steps or steps > LONGEST * self.head.steps:
            self.issues.add("steps", f"a line of {count} steps", offset + len(cells))
            steps = 1
        struck = [key for key in struck if key <= top]
        held = [key for key in held if key <= top]
        return _Row(tuple(struck), tuple(held), steps, last is not None)

    def score(self) -> Score:
        """Return the music of all lines."""
        end = self.time.onset
        if self._inside:
            end += self._at if self.classic else self._size
        track = Track(self.notes.finish(end), program=self.head.program)
        meters = tuple(self.time.meters) or (Meter(0, 4, 4),)
        return Score((track,), self.head.steps, tuple(self.time.tempos), meters)


def read(text: str, steps: int, lowest: int, states: str, layout: str) -> Parsed:
    """Return the music of a text; `steps` and `lowest` hold where no first line says them."""
    issues = Issues("pianoroll", len(text))
    lines = text.removesuffix("\n").split("\n")
    offset = 0
    head = _Head(steps, lowest, 0)
    if text.startswith("@"):
        head = _head(lines[0], head, issues)
        offset = len(lines.pop(0)) + 1
    else:
        message = "no first line such as '@24 21 0': steps a quarter, lowest pitch, program"
        issues.add("head", message, 0, 0, "warning" if text.strip() else "error")
    reader = _Reader(head, states, layout, issues)
    for line in lines:
        if reader.is_full:
            message = "the rest was not read: the text is too long"
            issues.add("too-long", message, offset, 1, "warning")
            break
        reader.line(line, offset)
        offset += len(line) + 1
    return Parsed(reader.score(), issues.all())


def _head(line: str, default: _Head, issues: Issues) -> _Head:
    found = _HEAD.fullmatch(line)
    numbers = [int(number) for number in found.groups()] if found else [0, 0, 0]
    if 1 <= numbers[0] <= MOST_STEPS and max(numbers[1:]) <= 127:
        return _Head(*numbers)
    message = f"not of the form '@24 21 0': 1…{MOST_STEPS} steps a quarter, lowest pitch, program"
    issues.add("head", message, 0, len(line))
    return default
