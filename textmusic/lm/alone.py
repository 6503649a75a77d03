"""A grammar without parts as its only part, and the grammar of any text."""

from __future__ import annotations

from typing import Any

from textmusic.alphabet import Alphabet
from textmusic.grammar import Grammar, Local

__all__ = ["Alone", "Anything"]


class Alone:
    """A grammar as its only part."""

    def __init__(self, grammar: Grammar[Any]) -> None:
        self.allowed, self.accepting = grammar.allowed, grammar.accepting
        self._step = grammar.step
        self._near = grammar if isinstance(grammar, Local) else None

    def after(self, state: Any, char: str) -> Any:
        """Return the state after a character; None where that needs the whole."""
        if self._near is None:
            return self._step(state, char)
        if self._near.leaves(state, char):
            return None
        return self._near.local(self._near.through(state, char))

    def alike(self, state: Any, char: str) -> frozenset[str]:
        """Return the character: others lead elsewhere."""
        return frozenset(char)


class Anything:
    """Any text."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._chars = frozenset(alphabet.chars)

    def start(self) -> str:
        """Return the only state."""
        return ""

    def allowed(self, state: str) -> frozenset[str]:
        """Return all characters."""
        return self._chars

    def step(self, state: str, char: str) -> str:
        """Return the only state."""
        return state

    def accepting(self, state: str) -> bool:
        """Whether the text may end: always."""
        return True

    def finish(self, state: str) -> str:
        """Return nothing."""
        return ""
