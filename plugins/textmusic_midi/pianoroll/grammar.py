"""Which character of a roll may come next: full bars, keys held only where they sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from textmusic.grammar import Part
from textmusic_midi.pianoroll.automata import (
    Line,
    Lines,
    Register,
    Time,
    Timing,
    Whole,
    registers,
)
from textmusic_midi.pianoroll.cells import Signs
from textmusic_midi.steps import Rules, State, StepGrammar, Written, metre_chars
from textmusic_midi.steps.states import reduced

__all__ = ["RollGrammar", "Row"]


_SEVERAL = 3
"""Steps left in a bar, from which on any number of them lets the same follow in a line."""


class Row(NamedTuple):
    """A line of cells; keys are bits, the lowest is the first.

    Args:
        cell: what is written of a cell of two characters.
        column: cells that are whole.
        on: keys that sound in the line.
        sounding: keys that sounded in the line before.
        held: keys that go on in the first line of the bar.
        is_off: whether the last cell is empty.
    """

    cell: str = ""
    column: int = 0
    on: int = 0
    sounding: int = 0
    held: int = 0
    is_off: bool = False


class RollGrammar(StepGrammar[Row]):
    """The grammar of the texts of one set of options.

    In a bar the phases are ``open`` and ``row`` (a line of cells), ``count`` (of its steps) and
    ``end`` (after a bar line). While a bar that opens with digits may yet be a metre, as ``101`` may
    become ``101/8``, `State.text` holds them.

    Where cells are single characters other than digits, and lines end early, the parts of
    `automata` read the text side by side; else the grammar is its only part.

    Args:
        rules: what it shares with event texts.
        signs: the cells.
        lowest, highest: of the codec.
        classic: a full line a step.
    """

    _empty = Row()

    def __init__(
        self, rules: Rules, *, signs: Signs, lowest: int, highest: int, classic: bool
    ) -> None:
        super().__init__(rules)
        self._signs = signs
        self._one_sign = signs.on == signs.held
        self._width = highest - lowest + 1
        self._first, self._last = rules.asked.low - lowest, rules.asked.high - lowest
        self._classic = classic
        chars = re.escape("".join(sorted({*signs.off, *signs.held, *signs.on})))
        self._run = re.compile(f"(?:[{chars}]{{{signs.width}}})+")
        self._registers: list[Register] = []
        self.parts: Sequence[Part[Any]] = [Whole(self)]
        if not classic and signs.off == ".":
            columns = range(self._first, self._last + 1)
            groups = registers(lowest, highest)
            self._registers = [Register(group, signs) for group in groups]
            self.parts = [Lines(self, signs, columns, self._width), Timing(), *self._registers]

    def split(self, state: State[Row]) -> tuple[Any, ...]:
        """Return the states of the parts."""
        local = self.local(state)
        if not self.is_split(state):
            return (local, *[()] * (len(self.parts) - 1))
        row, phase = state.body, state.phase
        if phase == "end":
            return (Line(phase), *[()] * (len(self.parts) - 1))
        first: Line | State[Row] = Line("count")
        time = Time(state.size - state.at, state.text)
        if phase == "row":
            first, time = Line(phase, row.column, row.is_off), Time(state.size - state.at)
        elif phase in {"start", "open"}:
            first, time = self._beginning(local), Time(self._size(state))
        column = self._width if phase == "count" else row.column
        keys = [part.keys(column, row.sounding, row.on) for part in self._registers]
        return first, time, *keys

    def _beginning(self, state: State[Row]) -> State[Row]:
        """The state at the start of a bar without the keys that sound."""
        if state.phase == "start":
            return state._replace(body=self._empty)
        fits = tuple(self._fitting(state, state.size))
        past = reduced(fits, rings=False, whole=False, owed=0)
        return State(state.phase, self._empty, size=state.size, past=past)

    def is_split(self, state: State[Row]) -> bool:
        """Whether parts of the grammar read on from a state, other than the first."""
        if not self._registers or state.phase == "reference" or not self._is_near(state):
            return False
        return state.phase != "start" or "|" in self.allowed(state)

    def joined(self, before: State[Row], states: Sequence[Any], text: str) -> State[Row]:
        """Return the whole state: the text says it."""
        return self.through(before, text)

    def accepting(self, state: State[Row]) -> bool:
        """Whether a bar, or in the classic layout a line, has just ended, and there is a note."""
        if state.phase == "row" and self._classic:
            at_start = not state.body.column and not state.body.cell
            return at_start and state.at > 0 and state.past.notes + state.notes > 0
        return super().accepting(state)

    def leaves(self, state: State[Row], char: str) -> bool:
        """Whether after a character all that was written matters: also where a line ends."""
        return (char == "*" and state.phase == "row") or super().leaves(state, char)

    def _local(self, state: State[Row]) -> State[Row]:
        if state.phase == "end":
            return State("end", self._empty, notes=1)
        if state.phase == "count":
            return State("count", self._empty, state.text, size=state.size - state.at, notes=1)
        if state.phase == "open" or state.text:
            return state
        row, left = state.body, min(state.size - state.at, _SEVERAL)
        later = row.sounding >> row.column << row.column
        body = Row(row.cell, row.column, sounding=later, is_off=row.is_off)
        at = int(self._classic and state.at > 0)
        return State("row", body, at=at, size=at + left, notes=1)

    def _taken(self, state: State[Row], text: str, offset: int) -> tuple[State[Row], int]:
        """Take all the cells of a line, if no metre begins like them."""
        if state.text or state.body.cell or state.phase not in {"start", "row"}:
            return state, offset
        signs, width = self._signs, self._signs.width
        found = self._run.match(text, offset)
        if found is None or (state.phase == "start" and text[offset].isdigit()):
            return state, offset
        run, row = found[0], state.body
        cells = [run[place : place + width] for place in range(0, len(run), width)]
        bits = [(cell, 1 << key) for key, cell in enumerate(cells, row.column) if cell != signs.off]
        on = sum([bit for _, bit in bits])
        held = on & row.sounding
        if not self._one_sign:
            held = sum([bit for cell, bit in bits if cell == signs.held])
        if state.phase == "start":
            state = self._opened(state)
        body = Row(
            *("", row.column + len(cells), row.on | on, row.sounding),
            held=row.held if state.at else row.held | held,
            is_off=cells[-1] == signs.off,
        )
        notes = state.notes + (on & ~held).bit_count()
        return state._replace(phase="row", body=body, notes=notes), found.end()

    def _opening(self, state: State[Row]) -> set[str]:
        return self._in_row(state)

    def _inside(self, state: State[Row]) -> set[str]:
        if state.phase == "open":
            return self._in_row(state) | ({"%"} if self._fitting(state, state.size) else set())
        if state.phase == "row":
            return self._in_row(state) | self._as_metre(state)
        return {"\n"} if state.phase == "end" else self._in_count(state)

    def _as_metre(self, state: State[Row]) -> set[str]:
        """What goes on with the digits of the line as with a metre."""
        return metre_chars(state.text, self._rules.steps) if state.text else set()

    def _in_row(self, state: State[Row]) -> set[str]:
        """A cell, or what ends the line."""
        row = state.body
        if row.column == self._width:
            return {"\n"} if self._classic else self._closing(state)
        cells = self._cells(state)
        size = len(row.cell)
        chars = {cell[size] for cell in cells if cell.startswith(row.cell)}
        if self._classic or row.cell or (row.is_off and row.column):
            return chars
        return chars | self._closing(state)

    def _cells(self, state: State[Row]) -> set[str]:
        """The cells that the next key may have."""
        row, signs, room = state.body, self._signs, self._room(state)
        cells = set()
        if self._first <= row.column <= self._last and room:
            cells.add(signs.on)
        if row.sounding >> row.column & 1:
            cells.add(signs.held)
        later = row.column < self._last and room > 0
        if self._classic:
            if later or row.on or not self._must_sound(state):
                cells.add(signs.off)
        elif later or row.sounding >> row.column + 1:
            cells.add(signs.off)
        return cells

    def _closing(self, state: State[Row]) -> set[str]:
        """What ends a line."""
        if self._must_sound(state):
            return set()
        left = state.size - state.at
        return {"|"} | ({"\n"} if left > 1 else set()) | ({"*"} if left > 2 else set())

    def _in_count(self, state: State[Row]) -> set[str]:
        most = state.size - state.at - 1
        digits = "0123456789" if state.text else "123456789"
        chars = {digit for digit in digits if int(state.text + digit) <= most}
        return chars | ({"\n"} if state.text else set())

    def _played(self, state: State[Row], char: str) -> State[Row]:
        if state.phase == "end":
            return self._close(state)
        if state.phase == "count":
            if char == "\n":
                return self._next_line(state, int(state.text))
            return state._replace(text=state.text + char)
        if char == "%":
            return state._replace(phase="reference", text="")
        if char == "\n":
            return self._next_line(state, 1)
        if char in "|*":
            return state._replace(phase="end" if char == "|" else "count", text="")
        lead = self._lead(state, char)
        if lead and char not in self._in_row(state):
            return self._closed_metre(state, lead)
        return self._celled(state._replace(phase="row", text=lead), state.body.cell + char)

    def _lead(self, state: State[Row], char: str) -> str:
        """The digits of the line while they may be a metre that stands before the bar."""
        starts = state.phase == "start" and char in self._words(state)
        goes_on = state.text and char in self._as_metre(state)
        return state.text + char if starts or goes_on else ""

    def _closed_metre(self, state: State[Row], text: str) -> State[Row]:
        """The state in which the line has turned out to be a metre."""
        bare = State("metre", Row(sounding=state.body.sounding), text, state.parts, state.meter)
        return bare._replace(past=state.past)

    def _celled(self, state: State[Row], cell: str) -> State[Row]:
        """The state after a character of a cell."""
        row, signs = state.body, self._signs
        if len(cell) < signs.width:
            return state._replace(body=row._replace(cell=cell))
        bit = 0 if cell == signs.off else 1 << row.column
        sounds = bool(bit and row.sounding & bit)
        held = sounds if self._one_sign else cell == signs.held
        body = row._replace(
            cell="",
            column=row.column + 1,
            on=row.on | bit,
            held=row.held | (bit if held and not state.at else 0),
            is_off=not bit,
        )
        return state._replace(body=body, notes=state.notes + (bit > 0 and not held))

    def _next_line(self, state: State[Row], count: int) -> State[Row]:
        state = state._replace(at=state.at + count)
        if state.at >= state.size:
            return self._close(state)
        body = Row(sounding=state.body.on, held=state.body.held)
        return state._replace(phase="row", text="", body=body)

    def _close(self, state: State[Row]) -> State[Row]:
        """The state after the last line of a bar."""
        row = state.body
        notes = state.notes + (row.held.bit_count() if self._one_sign else 0)
        bar = Written(state.at + 1, notes, 0 if self._one_sign else row.held, row.on)
        return self._closed(state, bar, state.size)

    def _fits(self, state: State[Row], bar: Written, size: int) -> bool:
        return super()._fits(state, bar, size) and not bar.before & ~state.body.sounding

    def _carried(self, bar: Written) -> Row:
        return Row(sounding=bar.after)

    def _ending(self, state: State[Row], allowed: frozenset[str]) -> str:
        on, off = self._signs.on[0], self._signs.off[0]
        wanted = on + off
        if state.past.notes + state.notes:
            wanted = "|\n" + (off + on if self._classic else on + off)
        return next((char for char in wanted if char in allowed), None) or min(allowed)
