"""The grammar of the extended form: it counts the time left in the bar.

What it accepts is what `write_extended` writes, but for two freedoms: a bar that equals an
earlier one may be written out, and a directive may state what is in force already. So every
bar is full or marked as short, lengths and ties are split as `lengths.suffixes` splits them,
pitches are spelled one way and lie in 0…127, references name bars that fit where they stand, bars
are cut short where `textmusic.cuts` has them, and the last bar is full and heard.

A digit at the start of a line may open a bar or a directive (``12/8``, ``1=G``): while both are
possible the state follows the bar and remembers the directive. Any time left can be filled, as
there is a length of one tick: there is no dead end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textmusic_pitchdigits.asking import Asked
from textmusic_pitchdigits.lengths import lasts, longest
from textmusic_pitchdigits.moves import bare, directed, next_bar, referred
from textmusic_pitchdigits.moves import moves as _moves
from textmusic_pitchdigits.near import alike, barred, leaves, reduced
from textmusic_pitchdigits.past import Past, PastPart, past_of
from textmusic_pitchdigits.states import FREE, DigitState, left_of, may_end

__all__ = ["ExtendedGrammar"]

_HEADS = frozenset({"note", "accidental"})
"""Phases that are followed character by character."""
_FINISH = "\n /=4C2q"
"""The first of these that may follow leads to the end of a directive."""


class _Bars:
    """The part of the grammar that knows the bar at hand; see `textmusic.grammar.Part`."""

    alike = staticmethod(alike)

    def allowed(self, near: DigitState) -> frozenset[str]:
        """Return the characters that may follow, whatever stood before the bar."""
        return frozenset(_moves(near))

    def accepting(self, near: DigitState) -> bool:
        """Whether a bar has just ended."""
        return near.phase == "line"

    def after(self, near: DigitState, char: str) -> DigitState | None:
        """Return the state after a character that may follow; None where that needs the whole."""
        return None if leaves(near, char) else reduced(_moves(near)[char])


class ExtendedGrammar:
    """What may follow in an extended text. See `textmusic.grammar.Joint`.

    Args:
        asked: what must hold of it.
    """

    def __init__(self, asked: Asked = FREE) -> None:
        self._asked = asked
        self.parts = _Bars(), PastPart()

    def start(self) -> DigitState:
        """Return the state before the header."""
        return DigitState("directive", asked=self._asked)

    def allowed(self, state: DigitState) -> frozenset[str]:
        """Return the characters that may follow."""
        return frozenset(_moves(state))

    def step(self, state: DigitState, char: str) -> DigitState:
        """Return the state after a character; ValueError where it may not follow."""
        following = _moves(state).get(char)
        if following is None:
            raise ValueError(f"{char!r} may not follow here")
        return following

    def accepting(self, state: DigitState) -> bool:
        """Whether the text may end: after a full bar that is heard."""
        return state.phase == "line" and may_end(state)

    def split(self, state: DigitState) -> tuple[DigitState, Past]:
        """Return the states of the parts."""
        return reduced(state), past_of(state)

    def joined(self, before: DigitState, states: Sequence[Any], text: str) -> DigitState:
        """Return the whole state.

        Args:
            before: one that was split.
            states: those of the parts, which went on from there each by its own ways.
            text: what was read since then.
        """
        state, near = before, states[0]
        *lines, last = text.split("\n")
        while state.phase in _HEADS and (line := lines[0] if lines else last):
            state = _moves(state)[line[0]]
            lines[:1], last = ([line[1:]], last) if lines else ([], line[1:])
        for line in lines:
            if line[:1] == "%" or state.phase == "reference":
                state = referred(state, int(state.word + line.lstrip("%") or 1))
            else:
                state = next_bar(state, barred(state, line, None).bar)
        if near.phase == "directive":
            opened = state.phase == "directive"
            return directed(state, last) if opened else directed(bare(state), state.lead + last)
        if near.phase == "reference":
            return state._replace(phase="reference", word=near.word, lead="") if last else state
        return barred(state, last, near)

    def finish(self, state: DigitState) -> str:
        """Return an ending that completes the word, and fills the bar with a rest."""
        ending = ""
        while not self.accepting(state):
            char = _ending(state)
            ending += char
            state = self.step(state, char)
        return ending


def _ending(state: DigitState) -> str:
    """The next character of a short ending."""
    moves = _moves(state)
    pitch = state.tonic + state.offset
    if state.phase == "note" and not state.asked.low <= pitch <= state.asked.high:
        return next(char for char in "'," if char in moves)
    if state.phase in {"note", "length"}:
        left = left_of(state)
        word = state.word if state.phase == "length" else ""
        heard = state.bar.heard
        if heard or lasts(state.run, left, word) is None:
            whole = longest(state.run, left, word)
            if whole != word:
                return whole[len(word)]
        wanted = ("\n!01" if state.owed else "\n01") if heard else "\n1"
    elif state.phase == "directive":
        wanted = _FINISH
    else:
        wanted = "\n13248"
    return next((char for char in wanted if char in moves), None) or min(
        moves.keys() - {"%", "0"} or moves
    )
