"""A grammar as tables: its states are numbered as they are met, and a known way is a look-up."""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.errors import ConfigError
from textmusic.grammar import HORIZON, Grammar, Local

__all__ = ["UNKNOWN", "Mask", "Masks", "Tables", "Trail"]

Mask = NDArray[np.bool_]
UNKNOWN = -1
_CELLS = 1 << 23
_FIRST = 256


class Tables(NamedTuple):
    """What is known of a grammar. S states, V ids.

    Args:
        allowed: (S, V), the boundary where the state is accepting.
        after: (S, V), the number of the state after an id, or `UNKNOWN`.
        stamps: (S,), when each state was last needed.
        clock: (1,), the time, in any unit.
    """

    allowed: Mask
    after: NDArray[np.int32]
    stamps: NDArray[np.int64]
    clock: NDArray[np.int64]

    @classmethod
    def of(cls, states: int, ids: int) -> Tables:
        """Return tables of states that have no number yet."""
        after = np.full((states, ids), UNKNOWN, np.int32)
        return cls(
            np.zeros((states, ids), np.bool_),
            after,
            np.zeros(states, np.int64),
            np.ones(1, np.int64),
        )


class User(Protocol):
    """Whoever keeps numbers of states."""

    def places(self) -> NDArray[np.int64]:
        """Return the numbers it needs."""
        ...


class _Anything:
    """Any text."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._chars = frozenset(alphabet.chars)

    def start(self) -> None:
        return None

    def allowed(self, state: None) -> frozenset[str]:
        return self._chars

    def step(self, state: None, char: str) -> None:
        return None

    def accepting(self, state: None) -> bool:
        return True

    def finish(self, state: None) -> str:
        return ""


class Masks:
    """Masks and ways of a grammar by the numbers of its states.

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
        self.grammar: Grammar[Any] = grammar if grammar is not None else _Anything(alphabet)
        self.near: Local[Any] | None = grammar if isinstance(grammar, Local) else None
        self.alphabet = alphabet
        self.limit = limit if limit is not None else max(_FIRST, _CELLS // alphabet.size)
        self.users: weakref.WeakSet[Any] = weakref.WeakSet()
        self.tables = Tables.of(min(_FIRST, self.limit), alphabet.size)
        self._free = free
        self._states: list[Hashable] = []
        self._numbers: dict[Hashable, int] = {}
        self._vacant: list[int] = []
        self._by_content: dict[tuple[frozenset[str], bool], Mask] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, state: Hashable) -> Mask:
        """Return the mask (V,) of a state; the boundary is allowed where it is accepting.

        Raises:
            ConfigError: nothing at all is allowed, against the promise of a grammar.
        """
        number = self.number(state)  # which may make the tables anew
        mask: Mask = self.tables.allowed[number]
        return mask

    def state(self, number: int) -> Any:
        """Return the state of a number."""
        return self._states[number]

    def number(self, state: Hashable) -> int:
        """Return the number of a state; those that go on alike share one. Errors are those of `of`."""
        return self._number(state if self.near is None else self.near.local(state), None)

    def step(self, number: int, index: int) -> int:
        """Return the number of the state after an id, and remember the way.

        `UNKNOWN` where that depends on more than the number says (see `Trail`).
        """
        state, char = self._states[number], self.alphabet.chars[index - 1]
        if self.near is not None:
            if self.near.leaves(state, char):
                return UNKNOWN
            state = self.near.local(self.near.through(state, char))
        else:
            state = self.grammar.step(state, char)
        after = self._number(state, number)
        self.tables.after[number, index] = after
        return after

    def _number(self, state: Hashable, needed: int | None) -> int:
        number = self._numbers.get(state)
        if number is None:
            mask = self._mask(state)
            number = self._room(needed)
            self._states[number], self._numbers[state] = state, number
            self.tables.allowed[number] = mask
        self.tables.clock[0] += 1
        self.tables.stamps[number] = self.tables.clock[0]
        return number

    def _mask(self, state: Hashable) -> Mask:
        key = self.grammar.allowed(state), self.grammar.accepting(state)
        mask = self._by_content.get(key)
        if mask is None:
            mask = np.zeros(self.alphabet.size, np.bool_)
            text = "".join(c for c in key[0] if c in self.alphabet)
            mask[self.alphabet.encode(text)] = True
            mask[BOUNDARY] = key[1]
            if not mask.any():
                raise ConfigError(
                    f"the grammar allows no character of this alphabet in state {str(state)[:200]}"
                )
            if self._free is not None and (mask & self._free).any():
                mask &= self._free
            self._by_content[key] = mask
        return mask

    def _room(self, needed: int | None) -> int:
        """Return a number that no state has."""
        if not self._vacant and len(self._states) >= self.limit:
            self._forget(needed)
        if self._vacant:
            return self._vacant.pop()
        number = len(self._states)
        self._states.append(None)
        if number == len(self.tables.stamps):
            more = Tables.of(2 * number, self.alphabet.size)
            more.allowed[:number] = self.tables.allowed
            more.after[:number] = self.tables.after
            more.stamps[:number] = self.tables.stamps
            self.tables = more._replace(clock=self.tables.clock)
        return number

    def _forget(self, needed: int | None) -> None:
        """Make the numbers vacant that were not needed for longest, but none that is in use."""
        count = len(self._states)
        used = np.zeros(count, np.bool_)
        for places in [user.places() for user in self.users]:
            used[places] = True
        if needed is not None:
            used[needed] = True
        oldest = np.argsort(self.tables.stamps[:count])
        gone = oldest[~used[oldest]][: max(1, self.limit // 2)]
        dead = np.zeros(count + 1, np.bool_)  # one more for UNKNOWN
        dead[gone] = True
        after = self.tables.after[:count]
        after[gone] = UNKNOWN
        after[dead[after]] = UNKNOWN
        for number in gone.tolist():
            del self._numbers[self._states[number]]
            self._states[number] = None
            self._vacant.append(number)
        self._by_content.clear()


class Trail:
    """Where a text stands as a whole, where the numbers of `Masks` leave something out.

    Args:
        masks: of the grammar.
        state: the whole state from which the text goes on.
    """

    def __init__(self, masks: Masks, state: Any) -> None:
        self._masks, self._state = masks, state
        self._since: list[int] = []

    def add(self, ids: Sequence[int]) -> bool:
        """Take ids that came, and say whether it is time to ask for a number of the whole state."""
        if self._masks.near is None:
            return False
        self._since += ids
        return len(self._since) > HORIZON // 2

    def whole(self, place: int) -> Any:
        """Return the whole state.

        Args:
            place: its number.
        """
        if self._masks.near is None:
            return self._masks.state(place)
        if self._since:
            chars = self._masks.alphabet.chars
            text = "".join([chars[index - 1] for index in self._since])
            self._state, self._since = self._masks.near.through(self._state, text), []
        return self._state
