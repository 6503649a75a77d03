"""A grammar of a header and then bars: what the layouts have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from textmusic.controls import Controls
from textmusic_guitartab.heading import Head, Heading

__all__ = ["HeadedGrammar"]

State = TypeVar("State")


class HeadedGrammar(ABC, Generic[State]):
    """What may follow in a text of a layout. See `textmusic.grammar.Grammar`.

    Args:
        meters: the metres of the layout.
        controls: what every text keeps.

    Raises:
        ConfigError: no text can.
    """

    def __init__(self, meters: frozenset[tuple[int, int]], controls: Controls | None) -> None:
        self._heading = Heading(meters, controls or Controls())

    def start(self) -> Head | State:
        """Return the state before the header."""
        return Head()

    def allowed(self, state: Head | State) -> frozenset[str]:
        """Return the characters that may follow."""
        if isinstance(state, Head):
            return frozenset(self._heading.moves(state))
        return self._follow(state)

    def step(self, state: Head | State, char: str) -> Head | State:
        """Return the state after a character; ValueError where it may not follow."""
        if isinstance(state, Head):
            head = self._heading.moves(state).get(char)
            if head is not None:
                return self._begun(head) if head.phase == "bar" else head
        else:
            following = self._after(state, char)
            if following is not None:
                return following
        raise ValueError(f"{char!r} may not follow here")

    def accepting(self, state: Head | State) -> bool:
        """Whether the text may end: after a whole bar."""
        return not isinstance(state, Head) and self._whole(state)

    def finish(self, state: Head | State) -> str:
        """Return an ending that completes what was begun, and the bar."""
        ending = ""
        while not self.accepting(state):
            if isinstance(state, Head):
                written = self._heading.finish(state)
            else:
                written = self._ending(state)
            for char in written:
                state = self.step(state, char)
            ending += written
        return ending

    def loose(self, state: Head | State) -> Head | State:
        """Return the same place where neither the hand nor the grid of the beat forbids anything.

        Nor do the bounds of metres and of bars cut short, which old texts do not keep.
        """
        return state._replace(is_old=True) if isinstance(state, Head) else self._loose(state)

    @abstractmethod
    def _begun(self, head: Head) -> State:
        """The state after the header."""

    @abstractmethod
    def _follow(self, state: State) -> frozenset[str]:
        """What may follow in the bars."""

    @abstractmethod
    def _after(self, state: State, char: str) -> State | None:
        """The state after a character in the bars; None where it may not follow."""

    @abstractmethod
    def _whole(self, state: State) -> bool:
        """Whether a whole bar lies before."""

    @abstractmethod
    def _ending(self, state: State) -> str:
        """The next characters of an ending."""

    @abstractmethod
    def _loose(self, state: State) -> State:
        """The state without what is only a warning."""
