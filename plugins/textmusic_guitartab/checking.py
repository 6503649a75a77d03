"""What a grammar says about a text: issues at the places where it stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from textmusic.errors import Issue, Severity
from textmusic.grammar import Grammar
from textmusic_guitartab.piece import SPAN

__all__ = ["Checker"]


class _Place(Protocol):
    """A state of a grammar."""

    @property
    def phase(self) -> str: ...


State = TypeVar("State", bound=_Place)


_SPAN = f"a hand holds at most {SPAN + 1} frets at once"
_GRID = "the times within a quarter lie on one grid of 16, 24, 5 or 7 parts"


class _LooseGrammar(Grammar[State], Protocol[State]):
    """A grammar that also knows what a text should not hold but may."""

    def loose(self, state: State) -> State:
        """Return the same place without that."""
        ...


class Checker(Generic[State]):
    """Walks through a text part by part and collects issues.

    Args:
        grammar: of the text.
        complaint: code and message for a character that may not follow a state; the character is
            empty where the text stops.
    """

    def __init__(
        self, grammar: _LooseGrammar[State], complaint: Callable[[State, str], tuple[str, str]]
    ) -> None:
        self.issues: list[Issue] = []
        self._grammar = grammar
        self._complaint = complaint

    def walk(self, state: State, text: str, offset: int) -> State | None:
        """Return the state after a part of the text, or None, with an issue, where it is wrong.

        What no hand holds, and times on no grid, are music all the same: a warning.

        Args:
            state: before the part.
            text: the part.
            offset: where it begins in the whole.
        """
        grammar = self._grammar
        for place, char in enumerate(text, offset):
            if char not in grammar.allowed(state):
                free = grammar.loose(state)
                if char not in grammar.allowed(free):
                    self.refuse(state, char, place)
                    return None
                wide = state.phase in {"fret", "cell"}
                code, said = ("span", _SPAN) if wide else ("grid", _GRID)
                self.complain(code, f"{char!r}: {said}", place, "warning")
                state = free
            state = grammar.step(state, char)
        return state

    def refuse(self, state: State, char: str, offset: int) -> None:
        """Add an issue for a character that may not follow."""
        self.complain(*self._complaint(state, char), offset)

    def complain(self, name: str, message: str, offset: int, severity: Severity = "error") -> None:
        """Add an issue of this plugin."""
        self.issues.append(Issue(f"guitartab.{name}", message, offset, 0, severity))
