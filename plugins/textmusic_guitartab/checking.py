"""What a grammar says about a text: issues at the places where it stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from textmusic.errors import Issue, Severity
from textmusic.grammar import Grammar
from textmusic_guitartab.piece import SPAN

__all__ = ["Checker"]

State = TypeVar("State")


class _HandGrammar(Grammar[State], Protocol[State]):
    """A grammar that knows the span of a hand."""

    def unheld(self, state: State) -> State:
        """Return the same place with an empty hand."""
        ...


class Checker(Generic[State]):
    """Walks through a text part by part and collects issues.

    Args:
        grammar: of the text.
        complaint: code and message for a character that may not follow a state; the character is
            empty where the text stops.
    """

    def __init__(
        self, grammar: _HandGrammar[State], complaint: Callable[[State, str], tuple[str, str]]
    ) -> None:
        self.issues: list[Issue] = []
        self._grammar = grammar
        self._complaint = complaint

    def walk(self, state: State, text: str, offset: int) -> State | None:
        """Return the state after a part of the text, or None, with an issue, where it is wrong.

        A beat that no hand holds is music all the same: a warning.

        Args:
            state: before the part.
            text: the part.
            offset: where it begins in the whole.
        """
        grammar = self._grammar
        for place, char in enumerate(text, offset):
            if char not in grammar.allowed(state):
                free = grammar.unheld(state)
                if char not in grammar.allowed(free):
                    self.refuse(state, char, place)
                    return None
                said = f"fret {char!r}: a hand holds at most {SPAN + 1} frets at once"
                self.complain("span", said, place, "warning")
                state = free
            state = grammar.step(state, char)
        return state

    def refuse(self, state: State, char: str, offset: int) -> None:
        """Add an issue for a character that may not follow."""
        self.complain(*self._complaint(state, char), offset)

    def complain(self, name: str, message: str, offset: int, severity: Severity = "error") -> None:
        """Add an issue of this plugin."""
        self.issues.append(Issue(f"guitartab.{name}", message, offset, 0, severity))
