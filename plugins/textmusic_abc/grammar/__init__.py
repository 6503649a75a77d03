"""The grammar of canonical texts: which characters may come next, counting musical time.

Module `form` has bars and sections in time, shared with the writer; `lengths` what of a bar can still
be filled; `wanted` what a user asks for; `header` the fields before the music and `inline` those in it; `pitching`, `tuplets` and
`sounds` notes, chords and rests; `bars` bars, layers, voices; `ending` a short legal ending.
"""

from __future__ import annotations

from functools import lru_cache

from textmusic.controls import Controls
from textmusic_abc.grammar.bars import body_allowed, body_step, may_end
from textmusic_abc.grammar.ending import next_char
from textmusic_abc.grammar.header import header_allowed, header_step
from textmusic_abc.grammar.state import State
from textmusic_abc.grammar.wanted import KEPT, wanted_of

__all__ = ["KEPT", "AbcGrammar", "State"]

_LONGEST_ENDING = 5000
"""Characters; 32 voices, or a tune of parts, need some hundreds."""


class AbcGrammar:
    """What may follow in a canonical tune. See `textmusic.grammar.Grammar`.

    Args:
        controls: what must hold of the whole tune.

    Raises:
        ConfigError: no tune can keep them.
    """

    def __init__(self, controls: Controls | None = None) -> None:
        self._start = State("M", wanted=wanted_of(controls))

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
        return header_step(state, char) if state.mode[0].isupper() else body_step(state, char)

    def accepting(self, state: State) -> bool:
        """Whether the text may end: after a final bar of the last voice."""
        return may_end(state)

    def finish(self, state: State) -> str:
        """Return an ending that completes the token, the bar and the section.

        Raises:
            RuntimeError: none was found; a defect of the grammar.
        """
        ending = ""
        while not may_end(state):
            if len(ending) == _LONGEST_ENDING:
                raise RuntimeError(f"the grammar of ABC finds no end after {ending[:80]!r}")
            char = next_char(state, _allowed(state))
            ending += char
            state = self.step(state, char)
        return ending


@lru_cache(maxsize=1 << 16)
def _allowed(state: State) -> frozenset[str]:
    return header_allowed(state) if state.mode[0].isupper() else body_allowed(state)
