"""The grammar of canonical texts: which characters may come next, counting musical time.

Module `form` has bars and sections in time, shared with the writer; `lengths` what of a bar can still
be filled; `wanted` what a user asks for; `header` the fields before the music and `inline` those in
it; `pitching`, `tuplets`, `lasting` and `sounds` notes, chords and rests; `bars` bars and layers,
`labels` voices; `ending` a short legal ending. `near` says what decides which characters come soon;
of that `inside` and `timing` are two parts for samplers, and `whole` is the way back from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Self

from textmusic.controls import Controls
from textmusic_abc.grammar.bars import body_allowed, may_end
from textmusic_abc.grammar.ending import next_char
from textmusic_abc.grammar.header import header_allowed
from textmusic_abc.grammar.inside import Contents
from textmusic_abc.grammar.near import reduced
from textmusic_abc.grammar.state import State
from textmusic_abc.grammar.timing import Timed, Timing, timed
from textmusic_abc.grammar.wanted import KEPT, Wanted, wanted_of
from textmusic_abc.grammar.whole import stepped, whole

__all__ = ["KEPT", "AbcGrammar", "State"]

_LONGEST_ENDING = 5000
"""Characters; 32 voices, or a tune of parts, need some hundreds."""


class AbcGrammar:
    """What may follow in a canonical tune. See `textmusic.grammar.Joint`.

    Args:
        controls: what must hold of the whole tune.
        endless: ``|]`` comes only where nothing else can.

    Raises:
        ConfigError: no tune can keep them.
    """

    def __init__(self, controls: Controls | None = None, *, endless: bool = False) -> None:
        wanted = wanted_of(controls)
        if endless:
            wanted = (wanted or Wanted())._replace(endless=True)
        self._controls, self._start = controls, State("M", wanted=wanted)
        self.parts = Contents(), Timing()

    def endless(self) -> Self:
        """Return the grammar of tunes that no ``|]`` ends; see `textmusic.grammar.Endless`."""
        return type(self)(self._controls, endless=True)

    def start(self) -> State:
        """Return the state before the header."""
        return self._start

    def allowed(self, state: State) -> frozenset[str]:
        """Return the characters that may follow."""
        return _allowed(state)

    def step(self, state: State, char: str) -> State:
        """Return the state after a character; ValueError where it may not follow."""
        if char not in _allowed(state):
            raise ValueError(f"{char!r} may not follow here")
        return stepped(state, char)

    def through(self, state: State, text: str) -> State:
        """Return what `step` does, for a text that may follow; it is not checked."""
        for char in text:
            state = stepped(state, char)
        return state

    def accepting(self, state: State) -> bool:
        """Whether the text may end: after a final bar of the last voice."""
        return may_end(state)

    def split(self, state: State) -> tuple[State, Timed]:
        """Return the states of the parts."""
        contents, timing = self.parts
        near = reduced(state)
        return contents.of(near), timing.of(near)

    def joined(self, before: State, states: Sequence[Any], text: str) -> State:
        """Return the whole state.

        Args:
            before: one that was split.
            states: those of the parts, which went on from there each by its own ways.
            text: what was read since then.
        """
        near, moment = states
        return whole(before, text, timed(near, moment.moment.time))

    def finish(self, state: State) -> str:
        """Return an ending that completes the token, the bar and the section.

        Raises:
            RuntimeError: none was found; a defect of the grammar.
        """
        if state.wanted:
            state = state._replace(wanted=state.wanted._replace(endless=False))
        ending = ""
        while not may_end(state):
            if len(ending) == _LONGEST_ENDING:
                raise RuntimeError(f"the grammar of ABC finds no end after {ending[:80]!r}")
            char = next_char(state, _allowed(state))
            ending += char
            state = stepped(state, char)
        return ending


@lru_cache(maxsize=1 << 16)
def _allowed(state: State) -> frozenset[str]:
    return header_allowed(state) if state.mode[0].isupper() else body_allowed(state)
