"""A grammar as tables: its states are numbered as they are met, and a known way is a look-up."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.errors import ConfigError
from textmusic.grammar import Grammar, Joint, Local, Part
from textmusic.lm.alone import Alone, Anything

__all__ = ["UNKNOWN", "Mask", "Masks", "Tables"]

Mask = NDArray[np.bool_]
UNKNOWN = -1
_LEAVES = -2
"""In place of a number, where it depends on more than the state of a part."""
_NONE = (-1, None)
"""In place of a part and its state."""
_NOWHERE = -1, 0
_AHEAD = 8
"""Ways that are taken at once where only one character may follow."""
_CELLS = 1 << 23
_FIRST = 256
_FOLLOWED = 1 << 14
"""Whole states remembered with what follows them."""


class Tables(NamedTuple):
    """What is known of a grammar. S states, V ids.

    Args:
        allowed: (S, V), the boundary where the state is accepting.
        after: (S, V), the number of the state after an id; negative where it has to be asked for.
        stamps: (S,), when each state was last needed.
        clock: (1,), the time, in any unit.
        free: (V,), what is forbidden for another reason is not; all may come where nothing else may.
    """

    allowed: Mask
    after: NDArray[np.int32]
    stamps: NDArray[np.int64]
    clock: NDArray[np.int64]
    free: Mask

    @classmethod
    def of(cls, states: int, free: Mask) -> Tables:
        """Return tables of states that have no number yet."""
        ids = len(free)
        after = np.full((states, ids), UNKNOWN, np.int32)
        return cls(
            np.zeros((states, ids), np.bool_),
            after,
            np.zeros(states, np.int64),
            np.ones(1, np.int64),
            free,
        )


class User(Protocol):
    """Whoever keeps numbers of states."""

    def places(self) -> NDArray[np.int64]:
        """Return the numbers it needs."""
        ...


class Masks:
    """Masks and ways of the parts of a grammar by the numbers of their states.

    A grammar that is not `Joint` is one part.

    Args:
        grammar: whose states they are; None allows any text.
        alphabet: gives the ids; what the grammar allows outside it cannot be drawn.
        free: which ids are not forbidden anyway; it gives way where nothing else may come.
        limit: states remembered, unless more are in use; when there are more, the half that was
            not needed for longest is forgotten. None takes what fits into 40 MB.
    """

    def __init__(
        self,
        grammar: Grammar[Any] | None,
        alphabet: Alphabet,
        free: Mask | None = None,
        limit: int | None = None,
    ) -> None:
        self.grammar: Grammar[Any] = grammar if grammar is not None else Anything(alphabet)
        self.joint: Joint[Any] | None = grammar if isinstance(grammar, Joint) else None
        self.near: Local[Any] | None = grammar if isinstance(grammar, Local) else None
        self.parts: list[Part[Any]] = (
            [Alone(self.grammar)] if self.joint is None else list(self.joint.parts)
        )
        self._step = getattr(grammar, "through", self.grammar.step)
        self.alphabet = alphabet
        self.limit = limit if limit is not None else max(_FIRST, _CELLS // alphabet.size)
        self.users: weakref.WeakSet[Any] = weakref.WeakSet()
        self._free = np.ones(alphabet.size, np.bool_) if free is None else free
        self.tables = Tables.of(min(_FIRST, self.limit), self._free)
        self._states: list[tuple[int, Any]] = []
        self._numbers: list[dict[Any, int]] = [{} for _ in self.parts]
        self._followed: dict[tuple[Any, str], tuple[Any, tuple[int, ...]]] = {}
        self._vacant: list[int] = []
        self._by_content: dict[tuple[frozenset[str], bool], tuple[Mask, int]] = {}
        self._ahead = _NOWHERE
        self._known_ids: dict[frozenset[str], NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._numbers))

    def of(self, state: Any) -> Mask:
        """Return the mask (V,) of a whole state; the boundary is allowed where it is accepting.

        Raises:
            ConfigError: nothing at all is allowed, against the promise of a grammar.
        """
        numbers = self.numbers(state)  # which may make the tables anew
        mask: Mask = np.logical_and.reduce(self.tables.allowed[list(numbers)])
        wanted = mask & self._free
        return wanted if wanted.any() else mask

    def state(self, number: int) -> Any:
        """Return the state of a number."""
        return self._states[number][1]

    def number(self, state: Any) -> int:
        """Return the number of a whole state where there is one part."""
        return self.numbers(state)[0]

    def numbers(self, state: Any) -> tuple[int, ...]:
        """Return a number for each part of a whole state; those that go on alike share one."""
        found: tuple[int, ...] = ()
        for part, own in enumerate(self._split(state)):
            found += (self._number(part, own, found),)
        self.tables.clock[0] += 1
        self.tables.stamps[list(found)] = self.tables.clock[0]
        return found

    def follow(self, state: Any, char: str) -> tuple[Any, tuple[int, ...]]:
        """Return the whole state after a character that may follow one, and its numbers."""
        known = self._followed.get((state, char))
        if known is None:
            after = self._step(state, char)
            known = after, self.numbers(after)  # which may forget what was followed
            if len(self._followed) >= _FOLLOWED:
                self._followed.clear()
            self._followed[state, char] = known
        return known

    def _split(self, state: Any) -> tuple[Any, ...]:
        if self.joint is not None:
            return self.joint.split(state)
        return (state if self.near is None else self.near.local(state),)

    def after(self, numbers: Sequence[int], index: int) -> tuple[int, ...] | None:
        """Return the numbers after an id; None where that depends on more than they say."""
        found: tuple[int, ...] = ()
        for number in numbers:
            after: int = self.tables.after.item(number, index)
            if after == UNKNOWN:
                after = self.step(number, index, found)
            if after < 0:
                return None
            found += (after,)
        return found

    def step(self, number: int, index: int, needed: tuple[int, ...] = ()) -> int:
        """Return the number of the state of a part after an id, and remember the way.

        `UNKNOWN` where that depends on more than the number says.

        Args:
            number: of the state.
            index: the id.
            needed: numbers in use that no user knows of.
        """
        after = found = self._way(number, index, needed)
        for _ in range(_AHEAD):
            born, only = self._ahead
            if found != born or not only:
                break
            self._ahead = _NOWHERE
            found = self._way(found, only, (*needed, number, after))
        return after

    def _way(self, number: int, index: int, needed: tuple[int, ...]) -> int:
        part, before = self._states[number]
        automaton, char = self.parts[part], self.alphabet.chars[index - 1]
        state = automaton.after(before, char)
        if state is None:
            self.tables.after[number, index] = _LEAVES
            return UNKNOWN
        after = self._number(part, state, (*needed, number))
        alike, row = automaton.alike(before, char), self.tables.after[number]
        row[index if len(alike) == 1 else self._ids(alike)] = after
        return after

    def _ids(self, chars: frozenset[str]) -> NDArray[np.int64]:
        ids = self._known_ids.get(chars)
        if ids is None:
            known = "".join(char for char in chars if char in self.alphabet)
            ids = self._known_ids[chars] = self.alphabet.encode(known).astype(np.int64)
        return ids

    def _number(self, part: int, state: Any, needed: tuple[int, ...]) -> int:
        number = self._numbers[part].get(state)
        if number is None:
            mask, only = self._mask(part, state)
            number = self._room(needed)
            self._states[number] = part, state
            self._numbers[part][state] = number
            self.tables.allowed[number] = mask
            self.tables.stamps[number] = self.tables.clock[0]
            self._ahead = number, only
        return number

    def _mask(self, part: int, state: Any) -> tuple[Mask, int]:
        """Return the mask of a state, and its id where there is but one; else 0."""
        automaton = self.parts[part]
        key = automaton.allowed(state), automaton.accepting(state)
        known = self._by_content.get(key)
        if known is None:
            mask = np.zeros(self.alphabet.size, np.bool_)
            mask[self._ids(key[0])] = True
            mask[BOUNDARY] = key[1]
            allowed = np.flatnonzero(mask).tolist()
            if not allowed:
                raise ConfigError(
                    f"the grammar allows no character of this alphabet in state {str(state)[:200]}"
                )
            known = self._by_content[key] = mask, allowed[0] if len(allowed) == 1 else 0
        return known

    def _room(self, needed: tuple[int, ...]) -> int:
        """Return a number that no state has."""
        if not self._vacant and len(self._states) >= self.limit:
            self._forget(needed)
        if self._vacant:
            return self._vacant.pop()
        number = len(self._states)
        self._states.append(_NONE)
        if number == len(self.tables.stamps):
            more = Tables.of(2 * number, self._free)
            more.allowed[:number] = self.tables.allowed
            more.after[:number] = self.tables.after
            more.stamps[:number] = self.tables.stamps
            self.tables = more._replace(clock=self.tables.clock)
        return number

    def _forget(self, needed: tuple[int, ...]) -> None:
        """Make the numbers vacant that were not needed for longest, but none that is in use."""
        count = len(self._states)
        used = np.zeros(count, np.bool_)
        for places in [user.places() for user in self.users]:
            used[places] = True
        used[list(needed)] = True
        oldest = np.argsort(self.tables.stamps[:count])
        gone = oldest[~used[oldest]][: max(1, self.limit // 2)]
        dead = np.zeros(count + 2, np.bool_)  # two more for UNKNOWN and _LEAVES
        dead[gone] = True
        after = self.tables.after[:count]
        after[gone] = UNKNOWN
        after[dead[after]] = UNKNOWN
        for number in gone.tolist():
            part, state = self._states[number]
            del self._numbers[part][state]
            self._states[number] = _NONE
            self._vacant.append(number)
        self._by_content.clear()
        self._followed.clear()
