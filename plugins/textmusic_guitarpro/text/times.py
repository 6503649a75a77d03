"""Lengths as text: the letters of `textmusic.lengths`, and a fraction where no letters fit.

Times are whole units, `UNITS` a quarter: enough for 1/64 notes and for every tuplet from 3 to 13.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from math import gcd, lcm

from textmusic.lengths import BEAT, LENGTHS, LETTERS, spell

__all__ = [
    "FINE",
    "LENGTH",
    "TICK",
    "TICK_FRACTIONS",
    "UNITS",
    "WRITTEN",
    "bar_units",
    "is_fine",
    "length_words",
    "sum_of",
    "unit_length",
]

UNITS = 720_720
TICK = UNITS // BEAT
"""Units in a tick of `textmusic.lengths`."""
WRITTEN: tuple[int, ...] = (*range(1, 17), 18, 20, 24, 28, 30, 36, 40, 48, 60, 120)
"""Denominators of times (in quarters) that note values and tuplets give."""
TICK_FRACTIONS = frozenset(n for n in range(1, BEAT + 1) if BEAT % n == 0)
"""Denominators of whole ticks."""
FINE = frozenset(lcm(one, two) for one in WRITTEN for two in {*WRITTEN, *TICK_FRACTIONS})
"""Denominators of lengths: notes that are held across each other divide a quarter by two at once."""
LENGTH = rf"[{''.join(LENGTHS)}]|\[\d{{1,6}}/\d{{1,6}}\]"
"""A length: a letter, or ``[n/d]`` of a quarter."""
_LENGTH = re.compile(LENGTH)


def bar_units(numerator: int, denominator: int) -> int:
    """Return the length of a full bar."""
    return 4 * UNITS * numerator // denominator


def is_fine(units: int) -> bool:
    """Whether a length is a fraction that texts have."""
    return UNITS // gcd(units, UNITS) in FINE


@lru_cache(maxsize=4096)
def length_words(start: int, length: int) -> tuple[str, ...]:
    """Return the words that sum to a length, the longest first.

    Args:
        start: units since the bar line; it decides where a length that mixes grids is split.
        length: above 0.
    """
    if start % TICK == 0 and length % TICK == 0:
        try:
            return tuple(LETTERS[ticks] for ticks in spell(start // TICK, length // TICK))
        except ValueError:
            pass
    common = gcd(length, UNITS)
    return (f"[{length // common}/{UNITS // common}]",)


def unit_length(word: str) -> int:
    """Return the length of a word that `LENGTH` matches; 0 where it is no whole units."""
    if word in LENGTHS:
        return LENGTHS[word] * TICK
    numerator, _, denominator = word[1:-1].partition("/")
    if not int(denominator):
        return 0
    units, rest = divmod(int(numerator) * UNITS, int(denominator))
    return 0 if rest else units


def sum_of(words: str) -> int:
    """Return the sum of lengths written one after the other."""
    return sum(_lengths(words))


def _lengths(words: str) -> Iterator[int]:
    for match in _LENGTH.finditer(words):
        yield unit_length(match[0])
