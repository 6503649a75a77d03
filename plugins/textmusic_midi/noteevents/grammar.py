"""Which character of an event text may come next.

It knows the steps left in the bar, the order of the notes of a step, the parts, how long what
sounds still lasts, and which earlier bars there are. So every text that it allows decodes, with
full bars, and ends when the last note does.
"""

from __future__ import annotations

from typing import NamedTuple

from textmusic_midi.noteevents.signs import PART_OF, PARTS, PITCH_OF, PITCHES, TOKEN
from textmusic_midi.steps import (
    LENGTH_CHARS,
    NO_LENGTH,
    SOON,
    Lengths,
    Rules,
    State,
    StepGrammar,
    Written,
)

__all__ = ["EventGrammar", "Group"]

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
        self._read = Lengths.of(rules.steps).read
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
            *(state.phase, state.body, "", state.parts),
            size=left,
            notes=1,
            length=state.length,
        )

    def _taken(self, state: State[Group], text: str, offset: int) -> tuple[State[Group], int]:
        """Take a whole bar without a control."""
        end = text.find("\n", offset)
        first = text[offset]
        if state.phase != "start" or end < 0 or first in "%=<" or first.isdigit():
            return state, offset
        state = self._opened(state)
        at = rings = notes = 0
        is_open, lasts = False, SOON * self._rules.steps if self._open else 0
        for char, length, wait, marker in TOKEN.findall(text, offset, end):
            if char:
                notes, is_open = notes + 1, True
                steps = self._read(length) or 0 if length else lasts
                rings = max(rings, at + steps)
            elif not marker:
                at, is_open = at + (self._read(wait) if wait else 1) or 1, False
        size = state.size if self._rules.barred else at + is_open
        return self._closed(state, Written(at + is_open, notes, rings=rings), size), end + 1

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
        more = self._lengths.allowed(state.length, room) if self._runs else set()
        passed = self._lengths.value(state.length, room)
        if passed is None and state.length.digit:
            return more
        chars = more | self._notes(state, self._empty) | self._markers(state, 0)
        if self._silent or not self._runs:
            chars |= self._waits(state, passed or 1)
        if (self._silent or not self._rules.barred) and not self._must_sound(state):
            chars |= {"\n"}
        return chars

    def _played(self, state: State[Group], char: str) -> State[Group]:
        if char == "%":
            return state._replace(phase="reference", text="")
        if char in LENGTH_CHARS:
            return state._replace(length=self._lengths.step(state.length, char))
        at = self._now(state)
        if state.phase == "note":
            state = state._replace(rings=max(state.rings, at + self._sounding(state)))
        if char == "\n":
            is_open = state.phase == "note"
            size = state.size if self._rules.barred else at + is_open
            bar = Written(at + is_open, state.notes, rings=state.rings)
            return self._closed(state, bar, size)
        if char == "|":
            return state._replace(phase="wait", body=self._empty, at=at, length=NO_LENGTH)
        if char in PITCH_OF:
            return self._struck(state, PITCH_OF[char], at)
        group = self._empty._replace(part=PART_OF[char])
        return state._replace(phase="open", body=group, at=at, length=NO_LENGTH)

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

    def _struck(self, state: State[Group], pitch: int, at: int) -> State[Group]:
        group, limit = state.body, state.body.limit
        if state.phase == "note":
            value = self._lengths.value(state.length, limit)
            if value:
                limit = value - 1 if pitch == group.key else self._longest
        body = group._replace(key=pitch, limit=limit)
        return state._replace(
            phase="note", body=body, at=at, notes=state.notes + 1, length=NO_LENGTH
        )

    def _carried(self, bar: Written) -> Group:
        return self._empty

    def _ending(self, state: State[Group], allowed: frozenset[str]) -> str:
        heard = state.past.notes + state.notes > 0
        if heard and "\n" in allowed:
            return "\n"
        if state.phase == "note" and "'" in allowed:
            return "'"
        return min([char for char in allowed if char in PITCH_OF] or allowed)
