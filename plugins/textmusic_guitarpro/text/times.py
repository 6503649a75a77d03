"""Lengths as text: the letters of `textmusic.lengths`, and a fraction where no letters fit.

Times are whole units, `UNITS` a quarter: enough for 1/64 notes and for every tuplet from 3 to 13.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate
from math import gcd

from textmusic.lengths import BEAT, LENGTHS, LETTERS, spell

__all__ = [
    "ALL_GRIDS",
    "GRIDS",
    "LENGTH",
    "TICK",
    "UNITS",
    "WRITTEN",
    "bar_units",
    "beat_of",
    "grids_at",
    "is_bar_end",
    "is_even",
    "length_words",
    "sum_of",
    "unit_length",
]

UNITS = 720_720
TICK = UNITS // BEAT
"""Units in a tick of `textmusic.lengths`."""
WRITTEN: tuple[int, ...] = (*range(1, 17), 18, 20, 24, 28, 30, 36, 40, 48, 60, 120)
"""Denominators of times (in quarters) that note values and tuplets give."""
GRIDS = (16, 24, 20, 28, 18, 22, 26)
"""Parts of a quarter down to 1/64: plain, triplets, and tuplets of 5, 7, 9, 11 and 13.

The times of a voice within a quarter lie on one of them; in 99 % of the pieces of real files all do.
"""
_PLAIN = 3
"""The grids of 16 and 24."""
ALL_GRIDS = (1 << len(GRIDS)) - 1
LENGTH = rf"[{''.join(LENGTHS)}]|\[\d{{1,6}}/\d{{1,6}}\]"
"""A length: a letter, or ``[n/d]`` of a quarter."""
_LENGTH = re.compile(LENGTH)


def bar_units(numerator: int, denominator: int) -> int:
    """Return the length of a full bar."""
    return 4 * UNITS * numerator // denominator


@lru_cache(maxsize=1 << 14)
def grids_at(units: int) -> int:
    """Return the grids that hold a time, one bit each."""
    parts = UNITS // gcd(units, UNITS)
    return sum(1 << bit for bit, grid in enumerate(GRIDS) if grid % parts == 0)


def beat_of(at: int, end: int) -> int:
    """Return the grids that hold the end of the quarter of a time, the last of a bar may be short.

    Args:
        at: units since the bar line.
        end: those of the bar line behind it.
    """
    return grids_at(min(at - at % UNITS + UNITS, end))


def is_even(times: Iterable[int], end: int) -> bool:
    """Whether times since the bar line lie on one grid in each quarter of a bar that ends so."""
    beats: dict[int, int] = {}
    for time in times:
        beat = time // UNITS
        beats[beat] = beats.get(beat, beat_of(time, end)) & grids_at(time)
    return all(beats.values())


def is_bar_end(units: int) -> bool:
    """Whether a bar cut short may end there: on a grid of 16 or 24 parts of a quarter."""
    return bool(grids_at(units) & _PLAIN)


@lru_cache(maxsize=1 << 14)
def length_words(start: int, length: int) -> tuple[str, ...]:
    """Return the words that sum to a length, the longest first.

    Args:
        start: units since the bar line; it decides where a length that mixes grids is split.
        length: above 0.
    """
    pieces: tuple[int, ...] = ()
    if start % TICK == 0 and length % TICK == 0:
        with suppress(ValueError):
            pieces = spell(start // TICK, length // TICK)
    times = (TICK * ticks for ticks in accumulate(pieces, initial=start // TICK))
    if pieces and (len(pieces) == 1 or is_even(times, start + length)):
        return tuple(LETTERS[ticks] for ticks in pieces)
    head = UNITS - start % UNITS
    if (grids_at(length) and not pieces) or head >= length:
        common = gcd(length, UNITS)
        return (f"[{length // common}/{UNITS // common}]",)
    tail = (start + length) % UNITS
    parts = [(start, head), (start + head, length - head - tail), (start + length - tail, tail)]
    return tuple(word for at, units in parts if units for word in length_words(at, units))


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
