"""The grammar that texts of steps share: first line, controls, references, and what they may sum to.

A subclass knows what stands in a bar. Together they accept only texts that are read without an
issue: no bar is overfull, references name bars that fit where they stand, the music ends before
`LONGEST` and holds a note, but not more than are read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from textmusic.bars import DISTANCES
from textmusic.cuts import APART
from textmusic.grammar import HORIZON
from textmusic_midi.steps.controlling import ControlGrammar
from textmusic_midi.steps.controlrules import part_chars
from textmusic_midi.steps.states import HISTORY, Body, Past, Rules, State, Written, reduced

__all__ = ["StepGrammar"]

_REMEMBERED = 100_000
_STARTS = frozenset({"start", "reference"})
_BACK = sorted(DISTANCES.values())
_CONTROLS = frozenset("\n=<0123456789")
_WORDS = frozenset({"head", "program", "metre", "tempo", "cut"})


class StepGrammar(ControlGrammar[Body], ABC):
    """What the grammars of event texts and rolls have in common."""

    _empty: Body

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._far = 6 * rules.steps * HORIZON  # no character of a wait is more than six quarters
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
        if not self._is_near(state):
            return state
        if state.phase not in _STARTS:
            return self._local(state)
        past = state.past
        fits = tuple(self._fitting(state, self._size(state)))
        past = reduced(fits, past.rings > 0, past.whole >= APART, past.owed)
        return State(
            *(state.phase, state.body, state.text, state.parts, state.meter, state.size),
            past=past,
        )

    def _is_near(self, state: State[Body]) -> bool:
        """Whether no sum of a whole text is near its limit, and the place no word."""
        past = state.past
        if state.phase in _WORDS or not (past.notes or state.notes):
            return False
        if self._rules.most_notes - past.notes - state.notes <= HORIZON:
            return False
        left = self._longest - past.steps
        within = past.bars and left > (0 if self._rules.barred else self._far)
        return state.phase not in _STARTS or bool(within)

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
            if taken <= offset:
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
            return {
                "\n" if back == 1 or state.text else str(back)
                for back in self._fitting(state, state.size)
            }
        return self._in_start(state) if state.phase == "start" else self._inside(state)

    def _in_start(self, state: State[Body]) -> set[str] | frozenset[str]:
        """A control, or what opens a bar."""
        if state.past.steps >= self._longest:
            return set()
        words = self._words(state)
        if (state.text and self._rules.lone) or self._is_wanting(state):
            return words
        references = {"%"} if self._fitting(state, self._size(state)) else set()
        return words | references | self._opening(self._opened(state))

    def _fitting(self, state: State[Body], size: int) -> list[int]:
        """How far back those bars lie that may stand here once more, in a bar of `size` steps."""
        bars, only = state.past.bars, state.text if state.phase == "reference" else ""
        if not self._rules.folded or not bars or self._must_sound(state):
            return []
        return [
            back
            for back in _BACK
            if back <= len(bars)
            and (not only or only == str(back))
            and self._fits(state, bars[-back], size)
        ]

    def _fits(self, state: State[Body], bar: Written, size: int) -> bool:
        """Whether a bar may stand here once more."""
        return bar.steps <= size and bar.notes <= self._room(state)

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
            max(past.rings, bar.rings) - size,
            0 if lacks else min(past.whole + 1, APART),
            lacks if past.bars and not past.owed else 0,
        )
        return State("start", self._carried(bar), "", state.parts, state.meter, past=past)

    def _room(self, state: State[Body]) -> int:
        """How many notes more will be read."""
        return self._rules.most_notes - state.past.notes - state.notes

    def _must_sound(self, state: State[Body]) -> bool:
        """Whether the text was silent for so long that a note must come now."""
        silent = not state.past.notes and not state.notes
        return silent and 2 * (state.past.steps + state.at) >= self._longest
