"""The raster layouts: every sixteenth of time is written, sounding or not.

``columns``, one line a sixteenth, one character a string, string 0 first::

    text   = header { bar }
    bar    = [ "M" num "/" den LF ] { column LF } ( "|" | "!" ) LF    "!" ends a bar cut short
    column = cells, one a string                a fret as in `events`, x, or "-": nothing begins
           | "r" and "-" for the other strings  silence begins

``rows``, one line a string, the last string on top, one bar a system, as tablature is printed::

    bar    = [ "M" num "/" den LF ] { string "|" cells ( "|" | "!" ) LF } LF

with ``r`` in the top row where silence begins. Header and strings: `piece`. Techniques, grace notes
and times off the sixteenths have no place; `projection` leaves them out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from textmusic.codec import Parsed
from textmusic.errors import EncodeError, Issue
from textmusic.lengths import bar_ticks
from textmusic_guitartab.piece import (
    FRETS,
    STRINGS,
    Event,
    Measure,
    Pair,
    Piece,
    read_header,
)

__all__ = ["CHARS", "read_columns", "read_rows", "write_columns", "write_rows"]

STEP = 420
"""Ticks of a column: a sixteenth."""
CHARS = "".join(sorted({*"\n @/#M-|!rxct0123456789ABCDEFG", *FRETS, *STRINGS[-1]}))
"""Every character of the raster texts."""
_METER = re.compile(r"M(?P<num>[1-9]\d?)/(?P<den>1|2|4|8|16)")
_CELL = re.compile(r"[-0-9a-ox]+")
_MAX_ISSUES = 100


def write_columns(piece: Piece) -> str:
    """Return the text of layout ``columns``; EncodeError where a piece does not fit the raster."""

    def lines(grid: list[str], end: str) -> Iterator[str]:
        yield from grid
        yield end

    return _write(piece, lines)


def write_rows(piece: Piece) -> str:
    """Return the text of layout ``rows``; EncodeError where a piece does not fit the raster."""
    letters = STRINGS[len(piece.tuning) - 1]

    def lines(grid: list[str], end: str) -> Iterator[str]:
        for string in range(len(letters) - 1, -1, -1):
            cells = (_turned(column)[string] for column in grid)
            yield f"{letters[string]}|{''.join(cells)}{end}"
        yield ""

    return _write(piece, lines)


def _turned(column: str) -> str:
    """A column of `rows`: silence is marked in the top row, the last string."""
    return column[1:] + "r" if column.startswith("r") else column


def _write(piece: Piece, lines: Callable[[list[str], str], Iterator[str]]) -> str:
    written = [piece.header()]
    meter = piece.meter
    for measure in piece.measures:
        if measure.meter != meter:
            meter = measure.meter
            written.append("M{}/{}\n".format(*meter))
        grid = _grid(measure, len(piece.tuning))
        written += [line + "\n" for line in lines(grid, "!" if measure.is_short else "|")]
    return "".join(written)


def _grid(measure: Measure, strings: int) -> list[str]:
    grid = ["-" * strings] * (measure.length // STEP)
    for event in measure.events:
        off_grid = event.start % STEP or event.length % STEP or not event.length
        if off_grid or event.touch or any(pair.marks for pair in event.pairs):
            raise EncodeError("holds what is no plain sixteenth: project first")
        if event.kind != "hold":
            grid[event.start // STEP] = _column(event, strings)
    return grid


def _column(event: Event, strings: int) -> str:
    if event.kind == "rest":
        return "r" + "-" * (strings - 1)
    cells = ["-"] * strings
    for pair in event.pairs:
        cells[pair.string] = "x" if pair.fret < 0 else FRETS[pair.fret]
    return "".join(cells)


@dataclass
class _Reader:
    """What was read so far."""

    piece: Piece
    issues: list[Issue] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    grid: list[str] = field(default_factory=list)
    meter: tuple[int, int] = (4, 4)

    def complain(self, name: str, message: str, offset: int, length: int = 0) -> None:
        if len(self.issues) < _MAX_ISSUES:
            self.issues.append(Issue(f"guitartab.{name}", message, offset, length))

    def close(self, end: str, offset: int) -> None:
        """Make a bar of the columns since the last one."""
        full = bar_ticks(*self.meter)
        length = len(self.grid) * STEP
        fits = 0 < length < full if end == "!" else length == full
        if not fits:
            what = f"the bar has {len(self.grid)} sixteenths, its metre {full / STEP:g}"
            self.complain("bar-short" if length < full else "bar-overfull", what, offset)
        length = length if end == "!" and fits else full
        self.measures.append(Measure(self.meter, length, tuple(_events(self.grid, length))))
        self.grid = []

    def metre(self, line: str, offset: int) -> bool:
        """Read a line that changes the metre."""
        match = _METER.fullmatch(line)
        if match is None:
            return False
        self.meter = (int(match["num"]), int(match["den"]))
        self.whole(offset)
        return True

    def whole(self, offset: int) -> None:
        if bar_ticks(*self.meter) % STEP:
            self.complain("meter", "a bar of this layout has whole sixteenths", offset)

    def parsed(self, size: int) -> Parsed:
        if not self.measures:
            self.complain("bar", "the text has no bars", size)
        piece = replace(self.piece, measures=tuple(self.measures))
        return Parsed(piece.to_score(), tuple(self.issues))


def _events(grid: list[str], length: int) -> Iterator[Event]:
    """The events of a bar's columns; time without columns is silent."""
    starts = [i for i, column in enumerate(grid[: length // STEP]) if column.strip("-")]
    written = min(len(grid) * STEP, length)
    if not starts or starts[0]:
        first = starts[0] * STEP if starts else written
        if first:
            yield Event("hold", 0, first)
    for index, following in zip(starts, [*starts[1:], written // STEP], strict=False):
        start, ticks = index * STEP, (following - index) * STEP
        column = grid[index]
        if column.startswith("r"):
            yield Event("rest", start, ticks)
        else:
            yield Event("note", start, ticks, tuple(_pairs(column)))
    if written < length:
        yield Event("rest", written, length - written)


def _pairs(column: str) -> Iterator[Pair]:
    for string, cell in enumerate(column):
        if cell != "-":
            yield Pair(string, -1 if cell == "x" else FRETS.index(cell))


def _started(text: str) -> tuple[_Reader, list[str], int]:
    """A reader past the header, the lines, and the offset of the first bar."""
    lines = text.split("\n")
    piece = read_header(lines[0])
    reader = _Reader(piece, meter=piece.meter)
    if piece.header() != lines[0] + "\n":
        reader.complain("header", "expected a header such as '@4/4 E2 A2 D3 G3 B3 E4'", 0)
    reader.whole(0)
    if lines[-1]:
        reader.complain("bar", "the last line has no line end", len(text))
    return reader, lines[1:], len(lines[0]) + 1


def read_columns(text: str) -> Parsed:
    """Return the music of a text of layout ``columns`` and its issues. Never raises."""
    reader, lines, offset = _started(text)
    strings = len(reader.piece.tuning)
    silence = "r" + "-" * (strings - 1)
    for line in lines[:-1]:
        if line in {"|", "!"}:
            reader.close(line, offset)
        elif reader.grid or not reader.metre(line, offset):
            if len(line) == strings and (line == silence or _CELL.fullmatch(line)):
                reader.grid.append(line)
            else:
                reader.complain("column", f"not {strings} cells: {line[:20]!r}", offset, len(line))
        offset += len(line) + 1
    if reader.grid:
        reader.complain("bar", "the last bar is not closed by '|' or '!'", len(text))
        reader.close("!", len(text))
    return reader.parsed(len(text))


def read_rows(text: str) -> Parsed:
    """Return the music of a text of layout ``rows`` and its issues. Never raises."""
    reader, lines, offset = _started(text)
    letters = STRINGS[len(reader.piece.tuning) - 1][::-1]
    rows: list[str] = []
    for line in lines[:-1]:
        if line or not rows:
            if rows or not reader.metre(line, offset):
                rows.append(line)
        else:
            _system(reader, rows, letters, offset)
            rows = []
        offset += len(line) + 1
    if rows:
        reader.complain("bar", "the last system is not closed by an empty line", len(text))
        _system(reader, rows, letters, len(text))
    return reader.parsed(len(text))


def _system(reader: _Reader, rows: list[str], letters: str, end: int) -> None:
    """Read the rows of one bar, which lie before the offset `end`."""
    start = end - sum(len(row) + 1 for row in rows)
    closing = rows[0][-1:]
    heads = [row[:2] == f"{letter}|" for row, letter in zip(rows, letters, strict=False)]
    shapes = {(len(row), row[-1:]) for row in rows}
    if len(rows) != len(letters) or not all(heads) or len(shapes) > 1 or closing not in {"|", "!"}:
        message = f"expected {len(letters)} rows of one length, named {letters}, ended by '|'"
        reader.complain("system", message, max(start, 0), 0)
        return
    for cells in zip(*(row[2:-1] for row in reversed(rows)), strict=True):
        column = "".join(cells)
        if column.endswith("r") and not column[:-1].strip("-"):
            reader.grid.append("r" + column[:-1])
        elif _CELL.fullmatch(column):
            reader.grid.append(column)
        else:
            reader.complain("column", f"no cells: {column!r}", max(start, 0), 0)
            reader.grid.append("-" * len(column))
    reader.close(closing, max(start, 0))
