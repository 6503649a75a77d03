"""Which character of a roll of three states may come next: full bars, keys held where struck."""

from __future__ import annotations

from typing import NamedTuple

from textmusic_midi.steps import NO_LENGTH, LengthRules, LengthState, metre_chars, tempo_chars

__all__ = ["RollGrammar", "State"]

_BACK = {"2": 2, "4": 4, "8": 8}
_ANY = -1
"""Every key may be held: what sounds after a repeated bar is not followed."""


class State(NamedTuple):
    """Where a text stands.

    Args:
        phase: ``head``, ``program``, ``start`` (of a bar), ``more`` (after a space in a control),
            ``metre``, ``tempo``, ``cut``, ``row``, ``count``, ``end`` (after a bar line) or
            ``reference``.
        text: what is written of a number; in ``more`` the control before it.
        bars: bars so far, counted to 8.
        meter: the metre in force.
        size: steps of the bar.
        at: the step of the line.
        column: cells written in the line.
        row: bits of the keys that sound in the line.
        sounding: bits of the keys that sounded in the line before.
        is_off: whether the last cell is empty.
        length: of a bar cut short.
    """

    phase: str
    text: str = ""
    bars: int = 0
    meter: tuple[int, int] = (4, 4)
    size: int = 0
    at: int = 0
    column: int = 0
    row: int = 0
    sounding: int = 0
    is_off: bool = False
    length: LengthState = NO_LENGTH


class RollGrammar:
    """The grammar of the texts of one set of options.

    Args:
        steps: steps a quarter.
        lowest: lowest MIDI pitch.
        highest: highest MIDI pitch.
        layout: see the codec.
    """

    def __init__(self, *, steps: int, lowest: int, highest: int, layout: str) -> None:
        self._steps = steps
        self._head = f"@{steps} {lowest} "
        self._width = highest - lowest + 1
        self._classic = layout == "classic"
        self._folded = layout == "folded"
        self._lengths = LengthRules(steps)

    def start(self) -> State:
        """Return the state before the first character."""
        return State("head")

    def accepting(self, state: State) -> bool:
        """Whether a bar, or in the classic layout a line, has just ended."""
        if state.phase == "row" and self._classic:
            return not state.column and state.at > 0
        return state.phase == "start" and state.bars > 0

    def finish(self, state: State) -> str:
        """Return the end of the bar or line."""
        text = ""
        first = "|\n/" + ("." if self._classic else "o")
        while not self.accepting(state):
            allowed = self.allowed(state)
            char = next((c for c in first if c in allowed), None) or min(allowed)
            text += char
            state = self.step(state, char)
        return text

    def allowed(self, state: State) -> frozenset[str]:
        """Return the characters that may follow."""
        found: set[str] = getattr(self, f"_in_{state.phase}")(state)
        return frozenset(found)

    def step(self, state: State, char: str) -> State:
        """Return the state after a character.

        Raises:
            ValueError: `allowed` does not name it.
        """
        if char not in self.allowed(state):
            raise ValueError(f"{char!r} may not follow here")
        if state.phase == "head":
            text = state.text + char
            return State("program") if text == self._head else State("head", text)
        if state.phase in {"start", "more"} and (char.isdigit() or char in "=<"):
            phase = {"=": "tempo", "<": "cut"}.get(char, "metre")
            return state._replace(phase=phase, text=char if phase == "metre" else "")
        if state.phase == "start":
            return self._celled(self._opened(state), char)
        if state.phase == "row":
            return self._celled(state, char)
        return self._numbered(state, char)

    def _full(self, state: State) -> int:
        return 4 * self._steps * state.meter[0] // state.meter[1]

    def _opened(self, state: State) -> State:
        """The state at the start of the first line of a bar."""
        size = state.size or self._full(state)
        return state._replace(phase="row", text="", size=size, at=0, column=0, length=NO_LENGTH)

    def _in_head(self, state: State) -> set[str]:
        return {self._head[len(state.text)]}

    def _in_program(self, state: State) -> set[str]:
        if not state.text:
            return set("0123456789")
        if state.text == "0":
            return {"\n"}
        return {"\n"} | {digit for digit in "0123456789" if int(state.text + digit) <= 127}

    def _in_start(self, state: State) -> set[str]:
        if not state.bars:
            return set("123456789")
        chars = set("123456789=") | self._in_row(self._opened(state))
        if self._full(state) > 1:
            chars.add("<")
        return chars

    def _in_more(self, state: State) -> set[str]:
        chars = {"="} if state.text == "metre" else set()
        return chars | ({"<"} if self._full(state) > 1 else set())

    def _in_metre(self, state: State) -> set[str]:
        chars = metre_chars(state.text, self._steps)
        return chars | {"\n"} if " " in chars else chars

    def _in_tempo(self, state: State) -> set[str]:
        chars = tempo_chars(state.text)
        if " " not in chars:
            return chars
        return (chars if self._full(state) > 1 else chars - {" "}) | {"\n"}

    def _in_cut(self, state: State) -> set[str]:
        limit = self._full(state) - 1
        chars = self._lengths.allowed(state.length, limit)
        return chars | ({"\n"} if self._lengths.value(state.length, limit) else set())

    def _in_row(self, state: State) -> set[str]:
        """A cell, or what ends the line."""
        chars = set()
        if state.column < self._width:
            chars.add("o")
            if self._classic or state.column + 1 < self._width:
                chars.add(".")
            if state.sounding >> state.column & 1:
                chars.add("-")
        elif self._classic:
            return {"\n"}
        if self._folded and state.bars and not (state.at or state.column):
            chars.add("%")
        if not self._classic and not (state.is_off and state.column):
            left = state.size - state.at
            chars |= {"|"} | ({"\n"} if left > 1 else set()) | ({"*"} if left > 2 else set())
        return chars

    def _in_count(self, state: State) -> set[str]:
        most = state.size - state.at - 1
        digits = "0123456789" if state.text else "123456789"
        chars = {digit for digit in digits if int(state.text + digit) <= most}
        return chars | ({"\n"} if state.text else set())

    def _in_end(self, state: State) -> set[str]:
        return {"\n"}

    def _in_reference(self, state: State) -> set[str]:
        if state.text:
            return {"\n"}
        return {"\n"} | {char for char, back in _BACK.items() if back <= state.bars}

    def _celled(self, state: State, char: str) -> State:
        """The state after a character of a line of cells."""
        if char == "\n":
            return self._next_line(state, 1)
        if char == "%":
            return state._replace(phase="reference", text="")
        if char in "|*":
            return state._replace(phase="end" if char == "|" else "count", text="")
        row = state.row | (char != ".") << state.column
        return state._replace(column=state.column + 1, row=row, is_off=char == ".")

    def _next_line(self, state: State, count: int) -> State:
        at = state.at + count
        if at >= state.size:
            return self._next_bar(state, state.row)
        return state._replace(
            phase="row", text="", at=at, column=0, row=0, sounding=state.row, is_off=False
        )

    def _next_bar(self, state: State, sounding: int) -> State:
        bars = min(state.bars + 1, 8)
        return State("start", bars=bars, meter=state.meter, sounding=sounding)

    def _numbered(self, state: State, char: str) -> State:
        """The state after a character of a control, a count or a reference."""
        if state.phase == "cut" and char != "\n":
            return state._replace(length=self._lengths.step(state.length, char))
        if char not in " \n":
            return state._replace(text=state.text + char)
        if state.phase == "program":
            return State("start")
        if state.phase == "count":
            return self._next_line(state, int(state.text))
        if state.phase in {"end", "reference"}:
            return self._next_bar(state, state.row if state.phase == "end" else _ANY)
        if state.phase == "metre":
            number, _, under = state.text.partition("/")
            state = state._replace(meter=(int(number), int(under)))
        if state.phase == "cut":
            cut = self._lengths.value(state.length, self._full(state) - 1) or 0
            state = state._replace(size=cut)
        if char == " ":
            return state._replace(phase="more", text=state.phase)
        return self._opened(state)
