"""Endings of Guitar Pro 3 and 4, which store of each the last pass alone."""

from __future__ import annotations

__all__ = ["MOST_ENDINGS", "EarlyEndings"]

MOST_ENDINGS = 8


class EarlyEndings:
    """Tells, measure by measure, which passes an ending is for: those that have none yet.

    Counting starts anew where a repeat opens, and with the first measure without an ending behind
    a repeat that closed. The first is what PyGuitarPro does, the second what alphaTab does.
    """

    def __init__(self) -> None:
        self._taken: frozenset[int] = frozenset()
        self._has_closed = False

    def up_to(self, last: int) -> frozenset[int]:
        """Return the passes, from 1, of an ending of the next measure, stored as its last pass."""
        return frozenset(range(1, min(last, MOST_ENDINGS) + 1)) - self._taken

    def add(self, *, opens: bool, closes: bool, endings: frozenset[int]) -> None:
        """Take note of the signs of the next measure."""
        if opens or (self._has_closed and not endings):
            self._taken = frozenset()
        else:
            self._taken |= endings
        self._has_closed = closes
