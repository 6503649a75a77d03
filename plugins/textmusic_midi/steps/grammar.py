"""The grammar that texts of steps share: first line, controls, references, and what they may sum to.

A subclass knows what stands in a bar. Together they accept only texts that are read without an
issue: no bar is overfull, references name bars that fit where they stand, the music ends before
`LONGEST` and holds a note, but not more than are read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic

from textmusic.bars import DISTANCES
from textmusic.cuts import APART
from textmusic.grammar import HORIZON
from textmusic_midi.steps.columns import LONGEST
from textmusic_midi.steps.controlrules import metre_chars, part_chars, tempo_chars
from textmusic_midi.steps.lengthrules import NO_LENGTH, LengthRules
from textmusic_midi.steps.states import HISTORY, Body, Past, Rules, State, Written, reduced

__all__ = ["StepGrammar"]

_REMEMBERED = 100_000
_STARTS = frozenset({"start", "reference"})
_CONTROLS = frozenset("\n=<0123456789")
_WORDS = frozenset({"head", "program", "metre", "tempo", "cut"})


class StepGrammar(ABC, Generic[Body]):
    """What the grammars of event texts and rolls have in common."""

    _empty: Body

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._longest = LONGEST * rules.steps
        self._far = 6 * rules.steps * HORIZON  # no character of a wait is more than six quarters
        self._lengths = LengthRules(rules.steps)
        self._known: dict[State[Body], frozenset[str]] = {}

    @abstractmethod
    def _opening(self, state: State[Body]) -> set[str] | frozenset[str]:
        """Return what may be the first character of a bar, references left out."""

    @abstractmethod
    def _inside(self, state: State[Body]) -> set[str] | frozenset[str]:
        """Return what may follow in a phase of the subclass."""

    @abstractmethod
    def _played(self, state: State[Body], char: str) -> State[Body]:
        """Return the state after a character of a bar."""

    @abstractmethod
    def _local(self, state: State[Body]) -> State[Body]:
        """Return what `local` does, in a phase of the subclass."""

    @abstractmethod
    def _taken(self, state: State[Body], text: str, offset: int) -> tuple[State[Body], int]:
        """Return the state after as much of a text as can be read at once, and the offset there."""

    @abstractmethod
    def _carried(self, bar: Written) -> Body:
        """Return what the next bar has to know of one."""

    @abstractmethod
    def _ending(self, state: State[Body], allowed: frozenset[str]) -> str:
        """Return the next character of a short ending, in a bar or at its start."""

    def start(self) -> State[Body]:
        """Return the state before the first character."""
        return State("head", self._empty)

    def accepting(self, state: State[Body]) -> bool:
        """Whether a bar has just ended, there is a note in the text, and nothing sounds on."""
        past = state.past
        ended = past.rings <= 0 or past.steps >= self._longest or not self._rules.barred
        return state.phase == "start" and not state.text and past.notes > 0 and ended

    def local(self, state: State[Body]) -> State[Body]:
        """Return a state that goes on alike for `HORIZON` characters, or up to a way that `leaves`."""
        past = state.past
        if state.phase in _WORDS or not (past.notes or state.notes):
            return state
        if self._rules.most_notes - past.notes - state.notes <= HORIZON:
            return state
        if state.phase not in _STARTS:
            return self._local(state)
        left = self._longest - past.steps
        if not past.bars or left <= (0 if self._rules.barred else self._far):
            return state
        opened = state if state.phase == "reference" else self._opened(state)
        return state._replace(past=reduced(past, self._fitting(opened)))

    def leaves(self, state: State[Body], char: str) -> bool:
        """Whether after a character all of the past matters: where a bar ends or a control begins."""
        if state.phase == "start":
            return char in _CONTROLS
        return char == "\n" and state.phase not in _WORDS

    def through(self, state: State[Body], text: str) -> State[Body]:
        """Return the state after a text that may follow; it is not checked."""
        offset = 0
        while offset < len(text):
            state, taken = self._taken(state, text, offset)
            if taken == offset:
                state, taken = self._after(state, text[offset]), offset + 1
            offset = taken
        return state

    def finish(self, state: State[Body]) -> str:
        """Return the end of the bar, a note if there is none yet, and bars until all is silent."""
        text = ""
        while not self.accepting(state):
            allowed = self.allowed(state)
            in_bar = state.phase not in _WORDS
            char = self._ending(state, allowed) if in_bar else min(allowed - {"*"})
            text += "<" if self._owes(state) else char
            state = self.step(state, text[-1])
        return text

    def allowed(self, state: State[Body]) -> frozenset[str]:
        """Return the characters that may follow."""
        key = self.local(state)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = frozenset(self._follows(state))
        return found

    def step(self, state: State[Body], char: str) -> State[Body]:
        """Return the state after a character.

        Raises:
            ValueError: `allowed` does not name it.
        """
        if char not in self.allowed(state):
            raise ValueError(f"{char!r} may not follow here")
        return self._after(state, char)

    def _after(self, state: State[Body], char: str) -> State[Body]:
        """The state after a character that may follow."""
        if state.phase in {"head", "program"}:
            return self._headed(state, char)
        if state.phase in {"metre", "tempo", "cut"}:
            return self._controlled(state, char)
        if state.phase == "reference":
            return self._referred(state, char)
        if state.phase != "start":
            return self._played(state, char)
        opened = self._opened(state)
        if char.isdigit() and (self._is_wanting(state) or char not in self._opening(opened)):
            return state._replace(phase="metre", text=char)
        if char in "=<":
            return state._replace(phase="tempo" if char == "=" else "cut", text="")
        return self._played(opened._replace(phase="start"), char)

    def _follows(self, state: State[Body]) -> set[str] | frozenset[str]:
        """Compute what `allowed` returns."""
        if state.phase == "head":
            return {self._rules.head[len(state.text)]}
        if state.phase == "program":
            most, only = self._rules.most_parts, self._rules.asked.program
            return part_chars(state.text, state.parts, most, only)
        if state.phase in {"metre", "tempo", "cut"}:
            return self._in_control(state)
        if state.phase == "reference":
            return {"\n" if back == 1 or state.text else str(back) for back in self._fitting(state)}
        return self._in_start(state) if state.phase == "start" else self._inside(state)

    def _headed(self, state: State[Body], char: str) -> State[Body]:
        """The state after a character of the first line."""
        text = state.text + char
        if state.phase == "head":
            phase = "program" if text == self._rules.head else "head"
            return state._replace(phase=phase, text="" if phase == "program" else text)
        if char not in " \n":
            return state._replace(text=text)
        phase = "start" if char == "\n" else "program"
        return state._replace(phase=phase, text="", parts=(*state.parts, state.text == "*"))

    def _in_start(self, state: State[Body]) -> set[str] | frozenset[str]:
        """A control, or what opens a bar."""
        if state.past.steps >= self._longest:
            return set()
        words = self._words(state)
        if (state.text and self._rules.lone) or self._is_wanting(state):
            return words
        opened = self._opened(state)
        references = {"%"} if self._fitting(opened) else set()
        return words | references | self._opening(opened)

    def _is_wanting(self, state: State[Body]) -> bool:
        """Whether a control has still to come before the bar."""
        return self._lacks_heading(state) or self._owes(state)

    def _lacks_heading(self, state: State[Body]) -> bool:
        """Whether the first metre, or the tempo that was asked for, has still to be said."""
        said = {"": 0, "metre": 1}.get(state.text, 2)
        return not state.past.bars and said < (2 if self._rules.asked.tempo else 1)

    def _owes(self, state: State[Body]) -> bool:
        """Whether the bar has still to be cut to what the last one lacks, or to get a metre."""
        return state.phase == "start" and state.past.owed > 0 and state.text != "cut"

    def _words(self, state: State[Body]) -> set[str]:
        """The first characters of the controls that may stand here."""
        asked, before, first = self._rules.asked, state.text, not state.past.bars
        chars = set()
        if not before and (first or not asked.meter):
            chars |= metre_chars("", self._rules.steps, asked.meter)
        if before == "metre" or not (before or first):
            chars |= {"="} if first or not asked.tempo else set()
        if before != "cut" and self._may_cut(state) and not self._lacks_heading(state):
            chars.add("<")
        return chars

    def _may_cut(self, state: State[Body]) -> bool:
        """Whether the bar may be shorter than its metre."""
        past, rules = state.past, self._rules
        here = not past.bars or past.owed or (past.whole >= APART and not rules.asked.meter)
        return rules.barred and self._full(state) > 1 and bool(here)

    def _in_control(self, state: State[Body]) -> set[str]:
        """Within a control; where it is whole, what closes it."""
        asked = self._rules.asked
        if state.phase == "metre":
            same = "{}/{}".format(*state.meter) if state.past.owed else ""
            chars = metre_chars(state.text, self._rules.steps, asked.meter, same)
        elif state.phase == "tempo":
            chars = tempo_chars(state.text, asked.tempo)
        elif state.past.owed:
            chars = {(self._lengths.write(state.past.owed) + " ")[len(state.text)]}
        else:
            limit = self._full(state) - 1
            chars = self._lengths.allowed(state.length, limit)
            chars |= {" "} if self._lengths.value(state.length, limit) else set()
        if " " not in chars or not self._rules.lone:
            return chars
        after = self._said(state)
        more = {" "} if self._words(after) else set()
        return (chars - {" "}) | more | (set() if self._is_wanting(after) else {"\n"})

    def _controlled(self, state: State[Body], char: str) -> State[Body]:
        """The state after a character of a control."""
        if char == " ":
            return self._said(state)
        if char == "\n":
            return self._opened(self._said(state))
        if state.phase == "cut":
            state = state._replace(length=self._lengths.step(state.length, char))
        return state._replace(text=state.text + char)

    def _said(self, state: State[Body]) -> State[Body]:
        """The state after a control."""
        if state.phase == "metre":
            number, _, under = state.text.partition("/")
            past = state.past._replace(owed=0)
            state = state._replace(meter=(int(number), int(under)), past=past)
        if state.phase == "cut":
            size = self._lengths.value(state.length, self._full(state) - 1) or 0
            state = state._replace(size=size, length=NO_LENGTH)
        return state._replace(phase="start", text=state.phase)

    def _full(self, state: State[Body]) -> int:
        return 4 * self._rules.steps * state.meter[0] // state.meter[1]

    def _opened(self, state: State[Body]) -> State[Body]:
        """The state in which the first character of a bar is read."""
        if self._rules.barred:
            size = state.size or self._full(state)
        else:
            size = self._longest - state.past.steps
        return state._replace(phase="open", text="", size=size)

    def _fitting(self, state: State[Body]) -> list[int]:
        """How far back those bars lie that may stand here once more."""
        if not self._rules.folded or self._must_sound(state):
            return []
        bars = state.past.bars
        names = DISTANCES.values()
        return [
            back
            for back in names
            if back <= len(bars)
            and (not state.text or state.text == str(back))
            and self._fits(state, bars[-back])
        ]

    def _fits(self, state: State[Body], bar: Written) -> bool:
        """Whether a bar may stand here once more."""
        return bar.steps <= state.size and bar.notes <= self._room(state)

    def _referred(self, state: State[Body], char: str) -> State[Body]:
        """The state after a character of a reference."""
        if char != "\n":
            return state._replace(text=char)
        return self._closed(state, state.past.bars[-int(state.text or 1)], state.size)

    def _closed(self, state: State[Body], bar: Written, size: int) -> State[Body]:
        """The state after a bar of `size` steps."""
        past = state.past
        lacks = self._full(state) - size if self._rules.barred else 0
        past = Past(
            past.steps + size,
            past.notes + bar.notes,
            (*past.bars, bar)[-HISTORY:],
            rings=max(past.rings, bar.rings) - size,
            whole=0 if lacks else min(past.whole + 1, APART),
            owed=lacks if past.bars and not past.owed else 0,
        )
        carried = self._carried(bar)
        return State("start", carried, parts=state.parts, meter=state.meter, past=past)

    def _room(self, state: State[Body]) -> int:
        """How many notes more will be read."""
        return self._rules.most_notes - state.past.notes - state.notes

    def _must_sound(self, state: State[Body]) -> bool:
        """Whether the text was silent for so long that a note must come now."""
        silent = not state.past.notes and not state.notes
        return silent and 2 * (state.past.steps + state.at) >= self._longest
