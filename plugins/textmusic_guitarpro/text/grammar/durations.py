"""Lengths of events character by character, such that the rest of the bar can be written too.

Written music divides a quarter by the denominators of note values and tuplets (`WRITTEN`);
notes that are held across each other divide it by two of them at once. What is left of a bar is
always such a fraction, so one more length can fill it: there is no dead end.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from textmusic.lengths import LENGTHS
from textmusic_guitarpro.text.times import FINE, TICK, TICK_FRACTIONS, UNITS, length_words

__all__ = ["bracket_chars", "can_bracket", "fractions", "letters", "target"]

_MOST = 999_999
_LETTERS = {letter: ticks * TICK for letter, ticks in LENGTHS.items()}


def letters(at: int, left: int) -> dict[str, int]:
    """Return the letters that may stand at a time, with their units.

    Args:
        at: units since the bar line.
        left: units that they may last.
    """
    if at % TICK:
        return {}
    return {letter: units for letter, units in _LETTERS.items() if units <= left}


def _denominator(units: int) -> int:
    return UNITS // gcd(units, UNITS)


@lru_cache(maxsize=4096)
def _most(left: int, *, strict: bool, ticks: bool) -> int:
    """The largest numerator: over the finest denominator that divides what is left."""
    own = _denominator(left)
    finest = max(number for number in (TICK_FRACTIONS if ticks else FINE) if number % own == 0)
    return min(left * finest // UNITS - strict, _MOST)


def can_bracket(left: int, *, strict: bool, ticks: bool = False) -> bool:
    """Whether any fraction fits.

    Args:
        left: units to the end of the bar, not 0.
        strict: something must be left behind it.
        ticks: only whole ticks of `textmusic.lengths`.
    """
    return _most(left, strict=strict, ticks=ticks) > 0


def bracket_chars(text: str, left: int, *, strict: bool, ticks: bool = False) -> str:
    """Return what may follow the start of a numerator."""
    if text and not (text.isdecimal() and text[0] != "0" and int(text) <= _MOST):
        return ""
    most = _most(left, strict=strict, ticks=ticks)
    if text and int(text) > most:
        return ""
    digits = "".join(d for d in "0123456789" if 0 < int(text + d) <= most)
    return digits + "/" * bool(text)


@lru_cache(maxsize=1 << 14)
def fractions(
    numerator: int, at: int, left: int, *, strict: bool, ticks: bool = False
) -> dict[str, int]:
    """Return the denominators that fit, as text, with the units of the fraction.

    Where there are any, only those that the codec itself would write: reduced, and no letter.
    """
    found = {}
    grid = TICK_FRACTIONS if ticks else FINE
    for number in sorted(grid):
        units, rest = divmod(numerator * UNITS, number)
        if not rest and units <= left - strict and _denominator(left - units) in grid:
            found[str(number)] = units
    own = {
        d: units for d, units in found.items() if length_words(at, units) == (f"[{numerator}/{d}]",)
    }
    return own or found


def target(at: int, left: int, *, strict: bool) -> str:
    """Return a length that fills what is left, or most of it."""
    most = left - strict
    if at % TICK == 0 and most >= min(_LETTERS.values()):
        return max((u, letter) for letter, u in _LETTERS.items() if u <= most)[1]
    if strict:
        return f"[1/{max(n for n in FINE if n % _denominator(left) == 0)}]"
    common = gcd(left, UNITS)
    if left // common <= _MOST:
        return f"[{left // common}/{UNITS // common}]"
    return f"[{left // UNITS}/1]"
