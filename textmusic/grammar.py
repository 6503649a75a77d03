"""Grammars: which characters may come next.

One definition has three uses: the mask while sampling, the position of the first error, and the
generator of test cases. A state is hashable and immutable, so a sampler can cache one mask a
state.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

__all__ = ["Grammar", "first_error"]

State = TypeVar("State")


class Grammar(Protocol[State]):
    """The language of one codec's canonical texts, character by character.

    Two promises: there is no dead end (from every reachable state `finish` is legal), and
    whatever is accepted decodes without an error.
    """

    def start(self) -> State:
        """Return the state before the first character."""
        ...

    def allowed(self, state: State) -> frozenset[str]:
        """Return the characters that may follow; empty only where `accepting` is true."""
        ...

    def step(self, state: State, char: str) -> State:
        """Return the state after a character that `allowed` names; ValueError for any other."""
        ...

    def accepting(self, state: State) -> bool:
        """Whether the document may end here."""
        ...

    def finish(self, state: State) -> str:
        """Return a short legal ending: after it the state is accepting. It may be empty."""
        ...


def first_error(grammar: Grammar[State], text: str) -> int | None:
    """Return the offset of the first character that the grammar forbids.

    ``len(text)`` means that the text stops too early; None that it is accepted.
    """
    state = grammar.start()
    for offset, char in enumerate(text):
        if char not in grammar.allowed(state):
            return offset
        state = grammar.step(state, char)
    return None if grammar.accepting(state) else len(text)
