"""Which character of an event text may come next.

It knows the steps left in the bar, the order of the notes of a step, the parts, and which earlier
bars there are. So every text that it allows decodes, with full bars.
"""

from __future__ import annotations

from typing import NamedTuple

from textmusic_midi.noteevents.signs import PART_OF, PARTS, PITCH_OF, PITCHES
from textmusic_midi.noteevents.writing import Style
from textmusic_midi.steps import (
    NO_LENGTH,
    UNLIMITED,
    LengthRules,
    LengthState,
    metre_chars,
    tempo_chars,
)

__all__ = ["EventGrammar", "State"]

_BACK = {"2": 2, "4": 4, "8": 8}
_ENDINGS = "\n /'" + "0123456789" + ".,*"


class State(NamedTuple):
    """Where a text stands.

    Args:
        phase: ``head``, ``program``, ``start`` (of a line), ``metre``, ``tempo``, ``cut``,
            ``open`` (a note may come), ``note``, ``wait`` or ``reference``.
        text: what is written of a number; in ``start`` the last control written.
        parts: parts of the first line.
        bars: lines so far, counted to 8.
        meter: the metre in force.
        size: steps of the line.
        at: the step of the present group.
        part: of the last note or marker.
        key: the last pitch of the part in this group; 128 before the first.
        limit: the longest length that the notes without one may get.
        length: of the last note or wait.
    """

    phase: str
    text: str = ""
    parts: int = 0
    bars: int = 0
    meter: tuple[int, int] = (4, 4)
    size: int = 0
    at: int = 0
    part: int = 0
    key: int = 128
    limit: int = UNLIMITED
    length: LengthState = NO_LENGTH


class EventGrammar:
    """The grammar of the texts of one set of options.

    Args:
        steps: steps a quarter.
        lowest: lowest MIDI pitch.
        highest: highest MIDI pitch.
        most_parts: parts that the first line may name; with 1, no drums.
        style: the layout.
    """

    def __init__(
        self, *, steps: int, lowest: int, highest: int, most_parts: int, style: Style
    ) -> None:
        self._steps = steps
        self._head = f"@{steps} "
        self._most = most_parts
        self._style = style
        self._stream = style.layout == "stream"
        self._lengths = LengthRules(steps)
        keys = PITCHES[lowest : highest + 1]
        self._below = {key: frozenset(keys[: max(key - lowest, 0)]) for key in range(129)}

    def start(self) -> State:
        """Return the state before the first character."""
        return State("head")

    def accepting(self, state: State) -> bool:
        """Whether a whole line has just ended."""
        return state.phase == "start" and not state.text and state.bars > 0

    def finish(self, state: State) -> str:
        """Return the end of the line in a few characters."""
        text = ""
        while not self.accepting(state):
            allowed = self.allowed(state)
            endings = _ENDINGS[:3] if state.phase in {"open", "wait"} else _ENDINGS
            char = next((c for c in endings if c in allowed), None)
            if char is None:
                char = min(allowed & self._below[128] or allowed)
            text += char
            state = self.step(state, char)
        return text

    def allowed(self, state: State) -> frozenset[str]:
        """Return the characters that may follow."""
        found: set[str] | frozenset[str] = getattr(self, f"_in_{state.phase}")(state)
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
            return State("head", text) if text != self._head else State("program", parts=1)
        if state.phase == "program":
            if char == " ":
                return state._replace(text="", parts=state.parts + 1)
            if char == "\n":
                return State("start", parts=state.parts)
            return state._replace(text=state.text + char)
        if state.phase in {"metre", "tempo", "cut"}:
            return self._controlled(state, char)
        if state.phase == "start":
            return self._started(state, char)
        return self._played(state, char)

    def _in_head(self, state: State) -> set[str]:
        return {self._head[len(state.text)]}

    def _in_program(self, state: State) -> set[str]:
        text = state.text
        if not text:
            return set("0123456789") | ({"*"} if self._most > 1 else set())
        chars = {"\n"} | ({" "} if state.parts < self._most else set())
        if text not in {"0", "*"}:
            chars |= {digit for digit in "0123456789" if int(text + digit) <= 127}
        return chars

    def _in_start(self, state: State) -> set[str] | frozenset[str]:
        """A control, or what opens a line."""
        before = state.text
        chars = set("123456789") if not before else set()
        if not before and not state.bars:
            return chars
        if before in {"", "metre"}:
            chars.add("=")
        if before != "cut" and not self._stream and self._full(state) > 1:
            chars.add("<")
        if self._stream and not before:
            return chars
        if self._style.layout == "folded" and state.bars:
            chars.add("%")
        return chars | {"\n"} | self._in_open(self._opened(state), fresh=False)

    def _full(self, state: State) -> int:
        return 4 * self._steps * state.meter[0] // state.meter[1]

    def _opened(self, state: State) -> State:
        """The state in which the first character of a body is read."""
        size = UNLIMITED if self._stream else state.size or self._full(state)
        return state._replace(phase="open", text="", size=size)

    def _in_metre(self, state: State) -> set[str]:
        return metre_chars(state.text, self._steps)

    def _in_tempo(self, state: State) -> set[str]:
        return tempo_chars(state.text)

    def _in_cut(self, state: State) -> set[str]:
        limit = self._full(state) - 1
        chars = self._lengths.allowed(state.length, limit)
        return chars | ({" "} if self._lengths.value(state.length, limit) else set())

    def _in_reference(self, state: State) -> set[str]:
        if state.text:
            return {"\n"}
        return {"\n"} | {char for char, back in _BACK.items() if back <= state.bars}

    def _in_open(self, state: State, *, fresh: bool = True) -> set[str] | frozenset[str]:
        """The first note of a part; at the start of a line (not `fresh`) also a wait."""
        notes = self._below[128]
        if fresh:
            return notes
        return notes | set(PARTS[1 : state.parts]) | self._waits(state, 0)

    def _waits(self, state: State, passed: int) -> set[str]:
        return {"|"} if state.at + passed + 1 < state.size else set()

    def _in_note(self, state: State) -> set[str] | frozenset[str]:
        chars = self._below[state.key]
        if self._style.hold == "length":
            more = self._lengths.allowed(state.length, state.limit)
            value = self._lengths.value(state.length, state.limit)
            if value is None:
                return more if state.length.digit else chars | more
            chars = chars | more | ({PITCHES[state.key]} if value > 1 else set())
        closing = {"\n"} | set(PARTS[state.part + 1 : state.parts])
        return chars | closing | self._waits(state, 0)

    def _in_wait(self, state: State) -> set[str] | frozenset[str]:
        room = min(state.size - 1 - state.at, UNLIMITED)
        more = self._lengths.allowed(state.length, room) if self._style.runs else set()
        passed = self._lengths.value(state.length, room)
        if passed is None and state.length.digit:
            return more
        chars = more | self._below[128] | set(PARTS[1 : state.parts])
        silent = self._style.hold == "repeat"
        if silent or not self._style.runs:
            chars |= self._waits(state, passed or 1)
        if silent or self._stream:
            chars |= {"\n"}
        return chars

    def _controlled(self, state: State, char: str) -> State:
        """The state after a character of a control."""
        if char != " ":
            if state.phase == "cut":
                return state._replace(length=self._lengths.step(state.length, char))
            return state._replace(text=state.text + char)
        if state.phase == "metre":
            number, _, under = state.text.partition("/")
            return state._replace(phase="start", text="metre", meter=(int(number), int(under)))
        if state.phase == "tempo":
            return state._replace(phase="start", text="tempo")
        size = self._lengths.value(state.length, self._full(state) - 1) or 0
        return state._replace(phase="start", text="cut", size=size, length=NO_LENGTH)

    def _started(self, state: State, char: str) -> State:
        """The state after the first character of a line or after a control."""
        if char.isdigit():
            return state._replace(phase="metre", text=char)
        if char in "=<":
            return state._replace(phase="tempo" if char == "=" else "cut", text="")
        if char == "%":
            return state._replace(phase="reference", text="")
        return self._played(self._opened(state), char)

    def _played(self, state: State, char: str) -> State:
        """The state after a character of a body."""
        if char == "\n":
            bars = min(state.bars + 1, 8)
            return State("start", parts=state.parts, bars=bars, meter=state.meter)
        if state.phase == "reference":
            return state._replace(text=char)
        if char == "|":
            group = state._replace(phase="wait", part=0, key=128, limit=UNLIMITED)
            return group._replace(at=self._now(state), length=NO_LENGTH)
        if char in PITCH_OF:
            return self._struck(state, PITCH_OF[char])
        if char in PART_OF:
            group = state._replace(phase="open", part=PART_OF[char], key=128, limit=UNLIMITED)
            return group._replace(at=self._now(state), length=NO_LENGTH)
        return state._replace(length=self._lengths.step(state.length, char))

    def _now(self, state: State) -> int:
        """The step of what comes next."""
        if state.phase != "wait":
            return state.at
        room = min(state.size - 1 - state.at, UNLIMITED)
        at = state.at + (self._lengths.value(state.length, room) or 1)
        return 0 if self._stream else at

    def _struck(self, state: State, pitch: int) -> State:
        limit = state.limit
        if state.phase == "note":
            value = self._lengths.value(state.length, state.limit)
            if pitch == state.key and value:
                limit = value - 1
            elif value:
                limit = UNLIMITED
        at = self._now(state)
        return state._replace(phase="note", key=pitch, limit=limit, at=at, length=NO_LENGTH)
