"""Note values and spellings: how lengths and pitches are written."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Value", "spelling", "values"]

_NAMES = (
    *("breve", "whole", "half", "quarter", "eighth", "16th"),
    *("32nd", "64th", "128th", "256th", "512th", "1024th"),
)
_BREVE = 8
_SMALLEST = Fraction(1, 256)
_MOST_TIED = 6
_LARGEST_TUPLET = 63
_LINE = "FCGDAEB"
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


class Value(NamedTuple):
    """A written length: quarters, name (empty: no note value fits), dots, tuplet."""

    length: Fraction
    name: str
    dots: int = 0
    played: int = 1
    times: int = 1


def values(start: Fraction, length: Fraction) -> tuple[Value, ...]:
    """Return the note values, to be tied, that a length is written as.

    Args:
        start: quarters from the start of the bar; tuplets are cut at beats.
        length: in quarters, above 0.
    """
    if length.denominator & (length.denominator - 1):
        first, last = -(-start // 1), (start + length) // 1
        if start < first < start + length or (start < last < start + length and first <= last):
            cuts = sorted({start, Fraction(first), Fraction(last), start + length})
            parts = [_sum(b - a) for a, b in pairwise(cuts)]
            joined = tuple(value for part in parts for value in part)
            if len(joined) <= _MOST_TIED and all(value.name for value in joined):
                return joined
    return _sum(length)


@lru_cache(maxsize=4096)
def _sum(length: Fraction) -> tuple[Value, ...]:
    """Return values of one tuplet, longest first; one without a name where that is no help."""
    odd = length.denominator
    while odd % 2 == 0:
        odd //= 2
    played, times = (odd, 1 << (odd.bit_length() - 1)) if odd > 1 else (1, 1)
    plain = length * played / times
    if odd > _LARGEST_TUPLET or plain % _SMALLEST:
        return (Value(length, ""),)
    found = []
    while plain:
        name, dots, size = _longest(plain)
        found.append(Value(size * times / played, name, dots, played, times))
        plain -= size
        if len(found) > _MOST_TIED and length < 4 * _BREVE:
            return (Value(length, ""),)
    return tuple(found)


def _longest(length: Fraction) -> tuple[str, int, Fraction]:
    """Return the longest plain or dotted value (name, dots, quarters) within a length."""
    size = Fraction(_BREVE)
    index = 0
    while size > length:
        size, index = size / 2, index + 1
    for dots in (2, 1):
        dotted = size * (2 - Fraction(1, 2**dots))
        if dotted == length or (dots == 1 and dotted <= length):
            return _NAMES[index], dots, dotted
    return _NAMES[index], 0, size


@lru_cache(maxsize=4096)
def spelling(pitch: int, fifths: int) -> tuple[str, int, int]:
    """Return the step, alteration and octave of a MIDI number in a key of so many fifths."""
    place = (pitch * 7 - fifths + 4) % 12 + fifths - 4  # on the line of fifths, 0 = C
    step = _LINE[(place + 1) % 7]
    alter = (place + 1) // 7
    octave = (pitch - alter - _STEPS[step]) // 12 - 1
    return step, alter, octave
