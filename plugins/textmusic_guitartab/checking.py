"""What a grammar says about a text: issues at the places where it stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from textmusic.errors import Issue, Severity
from textmusic.grammar import Grammar
from textmusic_guitartab.piece import MIN_STRINGS, SPAN, STRINGS, Measure

__all__ = ["Checker"]


class _Place(Protocol):
    """A state of a grammar."""

    @property
    def phase(self) -> str: ...


State = TypeVar("State", bound=_Place)


_SPAN = f"a hand holds at most {SPAN + 1} frets at once"
_GRID = "the times within a quarter lie on one grid of 16, 24, 5 or 7 parts"


_METER = "metres have up to 32 beats, and bars a sixteenth to four whole notes"
_SHORT = "only the first bar may be cut short"


def _odd(phase: str, char: str) -> tuple[str, str]:
    """Code and message for a character that only old texts have."""
    if phase == "meter":
        return "meter", _METER
    if phase == "header":
        return "strings", f"a neck has {MIN_STRINGS} to {len(STRINGS)} strings"
    if phase == "reference" or char in "!%":
        return "bar-cut", _SHORT
    return ("span", _SPAN) if phase in {"fret", "cell"} else ("grid", _GRID)


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

        What no hand holds, times on no grid, long metres and bars cut short are music all the same:
        a warning.

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
                code, said = _odd(state.phase, char)
                self.complain(code, f"{char!r}: {said}", place, "warning")
                state = free
            state = grammar.step(state, char)
        return state

    def refuse(self, state: State, char: str, offset: int) -> None:
        """Add an issue for a character that may not follow."""
        self.complain(*self._complaint(state, char), offset)

    def hear(self, measures: Sequence[Measure], offset: int) -> None:
        """Add a warning where bars have no note at all."""
        events = (event for measure in measures for event in measure.events)
        if measures and not any(event.pairs and event.length for event in events):
            self.complain("silent", "the text has no note", offset, "warning")

    def complain(self, name: str, message: str, offset: int, severity: Severity = "error") -> None:
        """Add an issue of this plugin."""
        self.issues.append(Issue(f"guitartab.{name}", message, offset, 0, severity))
