"""Durations of MusicXML: divisions, and note values where divisions can only round."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from textmusic_musicxml._tree import Element, number, text_of

__all__ = ["exact_length", "quarters"]

_TYPES: dict[str, Fraction] = {
    "long": Fraction(16),
    "breve": Fraction(8),
    "whole": Fraction(4),
    "half": Fraction(2),
    "quarter": Fraction(1),
    "eighth": Fraction(1, 2),
    "16th": Fraction(1, 4),
    "32nd": Fraction(1, 8),
    "64th": Fraction(1, 16),
    "128th": Fraction(1, 32),
    "256th": Fraction(1, 64),
}
_LONGEST = 10_000
"""Quarters that a duration may last."""


@lru_cache(maxsize=4096)
def quarters(text: str, divisions: Fraction) -> Fraction:
    """Return a duration in quarters; 0 for what is no number above 0, or too long."""
    value = number(text) or 0
    if value <= 0:
        return Fraction(0)
    length = Fraction(value).limit_denominator(10_000) / divisions
    return length if length <= _LONGEST else Fraction(0)


def exact_length(note: Element, length: Fraction, divisions: Fraction) -> Fraction:
    """Return the length that a tuplet's note value says where divisions can only round it."""
    tuplet = note.find("time-modification")
    value = _TYPES.get(text_of(note, "type"))
    if tuplet is None or value is None:
        return length
    played = number(text_of(tuplet, "actual-notes"))
    times = number(text_of(tuplet, "normal-notes"))
    if not played or not times or not (1 <= played <= 99 and 1 <= times <= 99):
        return length
    dots = min(len(note.findall("dot")), 4)
    value *= Fraction(int(times), int(played)) * (2 - Fraction(1, 2**dots))
    ticks = value * divisions
    if ticks.denominator == 1 or abs(ticks - length * divisions) >= 1:
        return length
    return value
