"""Times in steps, written as sums of note values.

``1`` whole, ``2`` half, ``4`` quarter, ``8`` eighth, ``6`` sixteenth, ``3`` thirty-second; ``.``
after one dots it, ``,`` makes it a third shorter (triplets), ``'`` is one step. Values that follow
each other add up: ``48`` is a quarter and an eighth. Only values of whole steps exist on a grid.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

__all__ = ["LENGTH", "LENGTH_CHARS", "Lengths"]

LENGTH_CHARS = "124863.,'"
LENGTH = r"(?:[124863][.,]?|')+"
"""Regular expression of a written length."""

_QUARTERS = {"1": Fraction(4), "2": Fraction(2), "4": Fraction(1), "8": Fraction(1, 2),
             "6": Fraction(1, 4), "3": Fraction(1, 8)}  # fmt: skip
_CHANGES = {"": Fraction(1), ".": Fraction(3, 2), ",": Fraction(2, 3)}
_PART = re.compile(r"[124863][.,]?|'")


class Lengths:
    """The lengths of a grid.

    Args:
        steps: steps a quarter.

    Example:
        >>> Lengths(24).write(36), Lengths(24).write(60), Lengths(24).read("48")
        ('4.', '28', 36)
    """

    def __init__(self, steps: int) -> None:
        self.values: dict[str, int] = {}
        for change, factor in _CHANGES.items():
            for char, quarters in _QUARTERS.items():
                value = steps * quarters * factor
                if value.denominator == 1:
                    self.values[char + change] = int(value)
        self.values["'"] = 1
        units: dict[int, str] = {}
        for token, size in self.values.items():
            units.setdefault(size, token)
        self.units = tuple(sorted(units.items(), reverse=True))
        self._written: dict[int, str] = {}

    @staticmethod
    def of(steps: int) -> Lengths:
        """Return the lengths of a grid, made once."""
        return _lengths(steps)

    def write(self, steps: int) -> str:
        """Return the canonical text of a length of at least one step."""
        text = self._written.get(steps)
        if text is None:
            parts, rest = [], steps
            for value, token in self.units:
                count, rest = divmod(rest, value)
                parts.append(token * count)
            text = "".join(parts)
            if len(self._written) < 10_000:
                self._written[steps] = text
        return text

    def read(self, text: str) -> int | None:
        """Return the steps of a text of the form LENGTH; None where the grid lacks a value."""
        if text in self.values:
            return self.values[text]
        total = 0
        for token in _PART.findall(text):
            value = self.values.get(token)
            if value is None:
                return None
            total += value
        return total


@lru_cache(maxsize=64)
def _lengths(steps: int) -> Lengths:
    return Lengths(steps)
