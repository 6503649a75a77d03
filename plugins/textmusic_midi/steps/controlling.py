"""The part of a grammar of steps that knows first lines and controls."""

from __future__ import annotations

from typing import Generic

from textmusic.cuts import APART
from textmusic_midi.steps.columns import LONGEST
from textmusic_midi.steps.controlrules import metre_chars, tempo_chars
from textmusic_midi.steps.lengthrules import NO_LENGTH, LengthRules
from textmusic_midi.steps.states import Body, Rules, State

__all__ = ["ControlGrammar"]


class ControlGrammar(Generic[Body]):
    """What stands before bars: the parts, metres, tempos, and how long a bar is cut."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._longest = LONGEST * rules.steps
        self._lengths = LengthRules(rules.steps)

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
            chars = {*self._lengths.allowed(state.length, limit)}
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

    def _size(self, state: State[Body]) -> int:
        """The steps of the bar that begins."""
        if self._rules.barred:
            return state.size or self._full(state)
        return self._longest - state.past.steps

    def _opened(self, state: State[Body]) -> State[Body]:
        """The state in which the first character of a bar is read."""
        return state._replace(phase="open", text="", size=self._size(state))
