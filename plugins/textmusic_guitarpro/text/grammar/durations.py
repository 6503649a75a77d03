"""Lengths of events character by character, such that the rest of the bar can be written too.

Within a quarter the times of a voice lie on one of the grids of `times`. Whatever was written, the
finest step of that grid can follow until the quarter ends: there is no dead end.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from textmusic.lengths import LENGTHS
from textmusic_guitarpro.text.grammar.spelling import Words
from textmusic_guitarpro.text.times import (
    ALL_GRIDS,
    GRIDS,
    TICK,
    UNITS,
    beat_of,
    grids_at,
    length_words,
)

__all__ = ["Room", "fraction", "has_fraction", "letters", "moved", "wanted"]

_LETTERS = {letter: ticks * TICK for letter, ticks in LENGTHS.items()}
_PARTS = {n: grids_at(UNITS // n) for n in range(1, max(GRIDS) + 1) if grids_at(UNITS // n)}
"""The denominators of fractions, and the grids that hold them."""
_SPELLED = frozenset(n for n in _PARTS if 48 % n == 0 or n in {5, 7})
"""Those that letters write, where those may stand."""


class Room(NamedTuple):
    """Where a length may stand."""

    at: int
    """Units since the bar line."""
    left: int
    """Units to the next one."""
    grids: int = ALL_GRIDS
    """The grids that hold the times of the quarter so far."""
    strict: bool = False
    """Whether something must be left behind the length."""


def moved(room: Room, units: int) -> int:
    """Return the grids of the quarter behind a length; 0 where none holds its times."""
    end = room.at + units
    held = grids_at(end)
    if end // UNITS == room.at // UNITS:
        return room.grids & held
    return held & beat_of(end, room.at + room.left) if units < room.left else held


@lru_cache(maxsize=1 << 14)
def letters(room: Room) -> dict[str, int]:
    """Return the letters that may stand there, with their units."""
    if room.at % TICK:
        return {}
    most = room.left - room.strict
    return {c: units for c, units in _LETTERS.items() if units <= most and moved(room, units)}


def _fractions(room: Room) -> Iterator[tuple[str, int]]:
    """Lengths in brackets, as the codec itself would write them, without the brackets."""
    here, most = grids_at(room.at), room.left - room.strict
    for parts, grids in _PARTS.items():
        if not here & grids or (parts in _SPELLED and not room.at % TICK):
            continue
        step = UNITS // parts
        for number in range(1, most // step + 1):
            if gcd(number, parts) == 1 and moved(room, number * step):
                word = f"{number}/{parts}"
                if length_words(room.at, number * step) == (f"[{word}]",):
                    yield word, number * step


@lru_cache(maxsize=1 << 13)
def has_fraction(room: Room) -> bool:
    """Whether any length in brackets fits."""
    return next(_fractions(room), None) is not None


@lru_cache(maxsize=1 << 11)
def _known(room: Room) -> tuple[Words, dict[str, int]]:
    found = dict(_fractions(room))
    return Words(found), found


def fraction(room: Room, text: str) -> tuple[frozenset[str], int]:
    """Return what may follow within a fraction, and the units where it is whole, else 0."""
    words, found = _known(room)
    chars = words.after(text)
    return (chars | {"]"} if text in found else chars), found.get(text, 0)


def wanted(room: Room, text: str | None = None) -> str:
    """Return the next character of a length that fills what is left, or most of it.

    Args:
        room: where it stands.
        text: what was read of a fraction, None where there is none.
    """
    known = letters(room)
    if text is None:
        return max(known, key=known.__getitem__) if known else "["
    found = _known(room)[1]
    word = max((w for w in found if w.startswith(text)), key=found.__getitem__)
    return f"{word}]"[len(text)]
