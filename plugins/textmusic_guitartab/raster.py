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
from dataclasses import replace

from textmusic.codec import Parsed
from textmusic.errors import EncodeError
from textmusic.lengths import bar_ticks
from textmusic_guitartab.checking import Checker
from textmusic_guitartab.heading import Head
from textmusic_guitartab.meters import COARSE_METERS
from textmusic_guitartab.piece import FRETS, STRINGS, Event, Measure, Pair, Piece, read_header
from textmusic_guitartab.rastergrammar import STEP, RasterGrammar, RasterState
from textmusic_guitartab.scoring import score_of

__all__ = ["CHARS", "read_columns", "read_rows", "write_columns", "write_rows"]

CHARS = "".join(sorted({*"\n @/#M-|!rxct0123456789ABCDEFG", *FRETS, *STRINGS[-1]}))
"""Every character of the raster texts."""
_METER = re.compile(r"M(?P<num>[1-9]\d?)/(?P<den>1|2|4|8|16)")
_CELL = re.compile(r"[-0-9a-ox]+")
_COLUMN_BAR = re.compile(r".*?^[|!]\n", re.DOTALL | re.MULTILINE)
_ROW_BAR = re.compile(r".*?\n\n", re.DOTALL)


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
        if measure.meter not in COARSE_METERS:
            raise EncodeError("holds a metre of no sixteenths: project first")
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


def read_columns(text: str) -> Parsed:
    """Return the music of a text of layout ``columns`` and its issues. Never raises."""
    return _read(text, RasterGrammar(rows=False), _COLUMN_BAR, _columns)


def read_rows(text: str) -> Parsed:
    """Return the music of a text of layout ``rows`` and its issues. Never raises."""
    return _read(text, RasterGrammar(rows=True), _ROW_BAR, _turned_rows)


def _read(
    text: str,
    grammar: RasterGrammar,
    bar: re.Pattern[str],
    columns: Callable[[list[str], int], list[str] | None],
) -> Parsed:
    """Read bar by bar: what is wrong spoils one bar only.

    Args:
        text: any.
        grammar: says what is wrong with it.
        bar: matches one bar of the layout, and the rest of a text.
        columns: the columns of the lines of a bar, for a number of strings; None for no bar.
    """
    checker: Checker[Head | RasterState] = Checker(grammar, _complaint)
    start = text.find("\n") + 1 or len(text)
    piece = read_header(text[:start])
    strings, meter = len(piece.tuning), piece.meter
    state = checker.walk(grammar.start(), text[:start], 0)
    if isinstance(state, Head):
        checker.refuse(state, "", start)
    if not isinstance(state, RasterState):
        state = grammar.at_bar(strings, meter)
    measures: list[Measure] = []
    while start < len(text):
        found = bar.match(text, start)
        body = found[0] if found else text[start:]
        after = checker.walk(state, body, start)
        start += len(body)
        if after is not None and after.phase != "bar":
            checker.refuse(after, "", start)
            after = None
        lines = body.rstrip("\n").split("\n")
        if match := _METER.fullmatch(lines[0]):
            meter = (int(match["num"]), int(match["den"]))
            del lines[0]
        grid = columns(lines, strings)
        if grid is not None:
            measures.append(_measure(grid, meter, cut=body.rstrip("\n")[-1:] == "!"))
        state = after or grammar.at_bar(strings, meter)
    if not measures:
        checker.complain("bar", "the text has no bars", len(text))
    checker.hear(measures, len(text))
    return Parsed(score_of(replace(piece, measures=tuple(measures))), tuple(checker.issues))


def _columns(lines: list[str], strings: int) -> list[str] | None:
    """The columns of a bar of `columns`; what is none is passed over."""
    silence = "r" + "-" * (strings - 1)
    return [
        line
        for line in lines
        if len(line) == strings and (line == silence or _CELL.fullmatch(line))
    ]


def _turned_rows(rows: list[str], strings: int) -> list[str] | None:
    """The columns of a system of `rows`; None where its rows do not match."""
    letters = STRINGS[strings - 1][::-1]
    heads = [row[:2] == f"{letter}|" for row, letter in zip(rows, letters, strict=False)]
    if len(rows) != strings or not all(heads) or len({(len(r), r[-1:]) for r in rows}) > 1:
        return None
    grid = []
    for cells in zip(*(row[2:-1] for row in reversed(rows)), strict=True):
        column = "".join(cells)
        if column.endswith("r") and not column[:-1].strip("-"):
            grid.append("r" + column[:-1])
        else:
            grid.append(column if _CELL.fullmatch(column) else "-" * strings)
    return grid


def _measure(grid: list[str], meter: tuple[int, int], *, cut: bool) -> Measure:
    full = bar_ticks(*meter)
    length = min(len(grid) * STEP, full)
    if not cut or not length:
        length = full
    return Measure(meter, length, tuple(_events(grid, length)))


def _complaint(state: Head | RasterState, char: str) -> tuple[str, str]:
    """Return code and message for a character that may not follow; empty at the end of a text."""
    found = repr(char) if char else "the end of the text"
    code, wanted = _WANTED[state.phase]
    if isinstance(state, RasterState) and not state.width and state.phase in {"column", "cell"}:
        between = state.phase == "column" or state.rows
        if between and state.pos == state.full and char != "\n":
            return "bar-overfull", f"the bar is full after {state.full} sixteenths, found {found}"
        if between and char == "|":
            said = f"the bar has {state.pos} sixteenths, its metre {state.full}"
            return "bar-short", f"{said}; '!' marks a short bar"
    return code, f"expected {wanted}, found {found}"


_WANTED = {
    "at": ("header", "'@' and a metre"),
    "meter": ("meter", "a metre of whole sixteenths, such as 4/4"),
    "header": ("header", "an open string such as E2, a capo such as c2 or a tempo such as t120"),
    "bar": ("bar", "a bar"),
    "column": ("column", "a column, '|' or '!'"),
    "cell": ("column", "'-', x, or a fret (0-9, a-o for 10-24), a cell for each string"),
    "name": ("system", "the next string of the system"),
    "edge": ("system", "'|' after the string"),
    "line": ("system", "a line end"),
    "close": ("bar", "a line end after the bar"),
}
