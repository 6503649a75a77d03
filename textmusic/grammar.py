"""Grammars: which characters may come next.

One definition has three uses: the mask while sampling, the position of the first error, and the
generator of test cases. A state is hashable and immutable, so a sampler can cache one mask a
state.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

__all__ = ["HORIZON", "Endless", "Grammar", "Joint", "Local", "Opened", "Part", "first_error"]

HORIZON = 512
"""Characters that a `Local` grammar looks ahead."""

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


@runtime_checkable
class Local(Grammar[State], Protocol[State]):
    """A grammar that can leave out of a state what does not matter yet. A grammar need not be one.

    Where a bar ends, say, all that was written counts: how long the text is, and which bars may
    stand there once more. Within it only the bar does; and of such states there are few, so that
    a sampler meets them again and again and need not ask.
    """

    def local(self, state: State) -> State:
        """Return a state in place of a whole one, the same for as many as possible.

        For the next `HORIZON` characters `allowed` and `accepting` are the same after it as after
        the whole one, also where each state on the way is put through `local` again; but not
        behind a way that `leaves`. A local state is its own.
        """
        ...

    def leaves(self, state: State, char: str) -> bool:
        """Whether the whole state is needed after a character that may follow a local one."""
        ...

    def through(self, state: State, text: str) -> State:
        """Return what `step` does, for a text that may follow; it is not checked."""
        ...


class Part(Protocol[State]):
    """One of the automata that read a text of a `Joint` grammar side by side."""

    def allowed(self, state: State) -> frozenset[str]:
        """Return the characters that may follow as far as this part knows."""
        ...

    def accepting(self, state: State) -> bool:
        """Whether the document may end here as far as this part knows."""
        ...

    def after(self, state: State, char: str) -> State | None:
        """Return the state after a character that may follow; None where that needs the whole."""
        ...

    def alike(self, state: State, char: str) -> frozenset[str]:
        """Return characters after which the state is that after this one."""
        ...


@runtime_checkable
class Joint(Grammar[State], Protocol[State]):
    """A grammar of parts, each with a state of its own. A grammar need not be one.

    What may follow is what all parts allow, and a text may end where all of them accept. What is
    being typed times the time left in the bar are many states; either alone is few, so that a
    sampler meets them again and again and need not ask. A grammar that has `through`, as `Local` has
    it, saves the sampler the checks of `step`.
    """

    parts: Sequence[Part[Any]]

    def split(self, state: State) -> tuple[Hashable, ...]:
        """Return the states of the parts."""
        ...

    def joined(self, before: State, states: Sequence[Any], text: str) -> State:
        """Return the whole state.

        Args:
            before: one that was split.
            states: those of the parts, which went on from there each by its own ways.
            text: what was read since then.
        """
        ...


@runtime_checkable
class Endless(Grammar[State], Protocol[State]):
    """A grammar whose texts can say that they are over, as a final bar line does.

    A sampler holds back the end of a text of so many bars, but not a character after which there
    is nothing else. A grammar without such characters need not be one.
    """

    def endless(self) -> Grammar[State]:
        """Return the grammar without that, where anything else can come; `finish` still ends."""
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


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Before a character of the opening."""

    next: int


class Opened(Generic[State]):
    """The texts of a grammar that begin with a given one.

    Args:
        grammar: of the whole texts.
        opening: what each begins with.

    Raises:
        ValueError: the grammar forbids the opening.
    """

    def __init__(self, grammar: Grammar[State], opening: str) -> None:
        self._grammar = grammar
        self._opening = opening
        state = grammar.start()
        for char in opening:
            state = grammar.step(state, char)
        self._opened = state

    def start(self) -> State | _Waiting:
        """Return the state before the opening: which of its characters comes next."""
        return _Waiting(0) if self._opening else self._opened

    def allowed(self, state: State | _Waiting) -> frozenset[str]:
        """Return the next character of the opening, and after it what the grammar allows."""
        if isinstance(state, _Waiting):
            return frozenset(self._opening[state.next])
        return self._grammar.allowed(state)

    def step(self, state: State | _Waiting, char: str) -> State | _Waiting:
        """Return the state after a character."""
        if not isinstance(state, _Waiting):
            return self._grammar.step(state, char)
        if char != self._opening[state.next]:
            raise ValueError(f"{char!r} is not {self._opening[state.next]!r}")
        after = state.next + 1
        return _Waiting(after) if after < len(self._opening) else self._opened

    def accepting(self, state: State | _Waiting) -> bool:
        """Whether the text may end here."""
        return not isinstance(state, _Waiting) and self._grammar.accepting(state)

    def finish(self, state: State | _Waiting) -> str:
        """Return the rest of the opening and a legal ending."""
        if not isinstance(state, _Waiting):
            return self._grammar.finish(state)
        return self._opening[state.next :] + self._grammar.finish(self._opened)
