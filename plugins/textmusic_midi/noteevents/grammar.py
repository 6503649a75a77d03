"""Which character of an event text may come next.

It knows the steps left in the bar, the order of the notes of a step, the parts, how long what
sounds still lasts, and which earlier bars there are. So every text that it allows decodes, with
full bars, and ends when the last note does.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from textmusic_midi.noteevents.signs import PART_OF, PARTS, PITCH_OF, PITCHES
from textmusic_midi.steps import (
    LENGTH_CHARS,
    NO_LENGTH,
    NO_PAST,
    SOON,
    Lengths,
    Rules,
    State,
    StepGrammar,
    Written,
)

__all__ = ["EventGrammar", "Group"]

_REMEMBERED = 10_000
_ANY = (4, 4)
"""A metre, where none counts."""
_NO_BAR = frozenset("%=<0123456789")
_GROUP = re.compile(f"([|]?)([{LENGTH_CHARS}]*)([^|{LENGTH_CHARS}]*)")
"""A wait and its steps, or the length of what stands before; then notes and parts."""


class Group(NamedTuple):
    """The notes that start at a step, or all that sound.

    Args:
        part: of the last note or marker.
        key: the last pitch of the part; 128 before the first.
        limit: the longest length that the notes without one may get.
    """

    part: int = 0
    key: int = 128
    limit: int = 0


class EventGrammar(StepGrammar[Group]):
    """The grammar of the texts of one set of options.

    In a bar the phases are ``open`` (a note must come), ``note`` and ``wait``.

    Args:
        rules: what it shares with rolls.
        hold, runs: see the codec.
        lowest, highest: of the codec, for percussion; other parts have the range that is asked for.
    """

    def __init__(self, rules: Rules, *, hold: str, runs: bool, lowest: int, highest: int) -> None:
        super().__init__(rules)
        self._exact = hold == "length"
        self._open = hold == "onset"
        self._silent = hold == "repeat"
        self._runs = runs
        self._steps: dict[str, int] = {}
        self._empty = Group(limit=self._longest)
        self._below = tuple(
            tuple(frozenset(PITCHES[low : max(min(key, high + 1), low)]) for key in range(129))
            for low, high in ((rules.asked.low, rules.asked.high), (lowest, highest))
        )

    def _local(self, state: State[Group]) -> State[Group]:
        left = state.size - state.at
        if not self._rules.barred:
            if left <= self._far:
                return state
            left = self._longest
        return State(
            state.phase, state.body, "", state.parts, _ANY, left, 0, 1, state.length, NO_PAST, 0
        )

    def _taken(self, state: State[Group], text: str, offset: int) -> tuple[State[Group], int]:
        """Take a whole bar without a control."""
        if (
            state.phase != "start"
            or text[offset] in _NO_BAR
            or (end := text.find("\n", offset)) < 0
        ):
            return state, offset
        bar = text[offset:end]
        notes = sum(map(PITCH_OF.__contains__, bar))
        lasts = SOON * self._rules.steps if self._open else 0
        at = rings = is_open = 0
        for wait, length, names in _GROUP.findall(bar):
            if wait:
                at, is_open = at + (self._read(length) if length else 1), 0
            elif length:
                rings = max(rings, at + self._read(length))
            if names:
                rings, is_open = max(rings, at + lasts), 1
        size = self._size(state) if self._rules.barred else at + is_open
        return self._closed(state, Written(at + is_open, notes, rings=rings), size), end + 1

    def _read(self, length: str) -> int:
        """The steps of a length, which is whole."""
        steps = self._steps.get(length)
        if steps is None:
            if len(self._steps) >= _REMEMBERED:
                self._steps.clear()
            steps = self._steps[length] = Lengths.of(self._rules.steps).read(length) or 0
        return steps

    def _opening(self, state: State[Group]) -> set[str] | frozenset[str]:
        chars = self._notes(state, self._empty) | self._markers(state, 0) | self._waits(state, 0)
        return chars if self._must_sound(state) or not self._rules.barred else chars | {"\n"}

    def _inside(self, state: State[Group]) -> set[str] | frozenset[str]:
        if state.phase == "open":
            return self._notes(state, state.body)
        return self._in_note(state) if state.phase == "note" else self._in_wait(state)

    def _notes(self, state: State[Group], group: Group) -> frozenset[str]:
        """The pitches below the last one of a group."""
        if not self._room(state):
            return frozenset()
        return self._below[state.parts[group.part]][group.key]

    def _markers(self, state: State[Group], part: int) -> set[str]:
        """The parts after one."""
        return set(PARTS[part + 1 : len(state.parts)]) if self._room(state) else set()

    def _waits(self, state: State[Group], passed: int) -> set[str]:
        """A wait, where a note may come after it."""
        sounds = self._silent or self._room(state)
        return {"|"} if sounds and state.at + passed + 1 < state.size else set()

    def _in_note(self, state: State[Group]) -> set[str] | frozenset[str]:
        group = state.body
        chars = self._notes(state, group)
        if self._exact:
            more = self._lengths.allowed(state.length, group.limit)
            value = self._lengths.value(state.length, group.limit)
            if value is None:
                return more if state.length.digit else chars | more
            same = {PITCHES[group.key]} if value > 1 and self._room(state) else set()
            chars = chars | more | same
        return chars | {"\n"} | self._markers(state, group.part) | self._waits(state, 0)

    def _in_wait(self, state: State[Group]) -> set[str] | frozenset[str]:
        room = state.size - 1 - state.at
        more = self._lengths.allowed(state.length, room) if self._runs else frozenset[str]()
        passed = self._lengths.value(state.length, room)
        if passed is None and state.length.digit:
            return more
        chars: frozenset[str] = more | self._notes(state, self._empty) | self._markers(state, 0)
        if self._silent or not self._runs:
            chars |= self._waits(state, passed or 1)
        if (self._silent or not self._rules.barred) and not self._must_sound(state):
            chars |= {"\n"}
        return chars

    def _played(self, state: State[Group], char: str) -> State[Group]:
        if char == "%":
            return state._replace(phase="reference", text="")
        phase, body, text, parts, meter, size, at, notes, length, past, rings = state
        if char in LENGTH_CHARS:
            length = self._lengths.step(length, char)
            return State(phase, body, text, parts, meter, size, at, notes, length, past, rings)
        at, is_open = self._now(state), phase == "note"
        if is_open:
            rings = max(rings, at + self._sounding(state))
        if char == "\n":
            size = size if self._rules.barred else at + is_open
            return self._closed(state, Written(at + is_open, notes, rings=rings), size)
        if char == "|":
            phase, body = "wait", self._empty
        elif char in PITCH_OF:
            phase, body, notes = "note", self._struck(state, PITCH_OF[char]), notes + 1
        else:
            phase, body = "open", Group(PART_OF[char], limit=self._longest)
        return State(phase, body, "", parts, meter, size, at, notes, NO_LENGTH, past, rings)

    def _sounding(self, state: State[Group]) -> int:
        """The steps that the notes before the next character last at most."""
        if self._open:
            return SOON * self._rules.steps
        value = self._lengths.value(state.length, state.body.limit) if self._exact else None
        return value or 0

    def _now(self, state: State[Group]) -> int:
        """The step of what comes next."""
        if state.phase != "wait":
            return state.at
        return state.at + (self._lengths.value(state.length, state.size - 1 - state.at) or 1)

    def _struck(self, state: State[Group], pitch: int) -> Group:
        """The group with one more note."""
        part, key, limit = state.body
        if state.phase == "note":
            value = self._lengths.value(state.length, limit)
            if value:
                limit = value - 1 if pitch == key else self._longest
        return Group(part, pitch, limit)

    def _carried(self, bar: Written) -> Group:
        return self._empty

    def _ending(self, state: State[Group], allowed: frozenset[str]) -> str:
        heard = state.past.notes + state.notes > 0
        if heard and "\n" in allowed:
            return "\n"
        if state.phase == "note" and "'" in allowed:
            return "'"
        return min([char for char in allowed if char in PITCH_OF] or allowed)
