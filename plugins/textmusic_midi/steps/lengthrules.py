"""Which character of a length may come next."""

from __future__ import annotations

from typing import NamedTuple

from textmusic_midi.steps.lengths import Lengths

__all__ = ["NO_LENGTH", "UNLIMITED", "LengthRules", "LengthState"]

UNLIMITED = 1 << 40
_REMEMBERED = 10_000


class LengthState(NamedTuple):
    """A length while it is written: the sum, its last value, and a digit that may yet be dotted."""

    total: int = 0
    last: int = UNLIMITED
    digit: str = ""


NO_LENGTH = LengthState()


class LengthRules:
    """Lengths whose values do not grow from one to the next, up to a limit.

    Args:
        steps: steps a quarter.
    """

    def __init__(self, steps: int) -> None:
        self.write = Lengths.of(steps).write
        self._values = Lengths.of(steps).values
        self._known: dict[tuple[LengthState, int], frozenset[str]] = {}
        self._least: dict[str, int] = {}
        for token, value in self._values.items():
            known = self._least.get(token[0], value)
            self._least[token[0]] = min(known, value)

    def allowed(self, state: LengthState, limit: int) -> frozenset[str]:
        """Return the characters that may go on; empty where the limit is reached."""
        found = self._known.get((state, limit))
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[state, limit] = frozenset(self._allowed(state, limit))
        return found

    def _allowed(self, state: LengthState, limit: int) -> set[str]:
        """Compute what `allowed` returns."""
        chars = set()
        base: tuple[int, int] | None = state.total, state.last
        if state.digit:
            for sign in ".,":
                value = self._values.get(state.digit + sign, 2 * UNLIMITED)
                if value <= state.last and state.total + value <= limit:
                    chars.add(sign)
            total = self.value(state, limit)
            base = None if total is None else (total, total - state.total)
        if base is not None:
            room = min(base[1], limit - base[0])
            chars |= {char for char, least in self._least.items() if least <= room}
        return chars

    def value(self, state: LengthState, limit: int) -> int | None:
        """Return the steps written so far; None where nothing or half a value is."""
        if not state.digit:
            return state.total or None
        value = self._values.get(state.digit, 2 * UNLIMITED)
        fits = value <= state.last and state.total + value <= limit
        return state.total + value if fits else None

    def step(self, state: LengthState, char: str) -> LengthState:
        """Return the state after a character that `allowed` names."""
        if char in ".,":
            value = self._values[state.digit + char]
            return LengthState(state.total + value, value)
        if state.digit:
            value = self._values[state.digit]
            state = LengthState(state.total + value, value)
        if char == "'":
            return LengthState(state.total + 1, 1)
        return LengthState(state.total, state.last, char)
