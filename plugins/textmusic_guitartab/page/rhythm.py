"""Rhythm: duration letters above a staff, or a guess from the spacing within a bar.

A letter line has one token an event, at its column: ``Q`` or, where nothing is struck, ``rQ`` (a
rest) or ``+Q`` (what sounds goes on). Letters: W H Q E S are whole to sixteenth, T X Z are 1/32,
1/64, 1/128; ``.`` dots; ``3`` makes it one of three in the time of two, and so with 5, 6, 7, 9, 11
and 13 (in the time of 4, 4, 4, 8, 8, 8). ``Q+S`` adds lengths up. Pages in small letters (w h q e
s) use T, S and t for 1/32, 1/64 and 1/128.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import NamedTuple

__all__ = ["Stroke", "is_line", "letters", "read_line", "spaced", "ticks_for"]

_new = tuple.__new__  # a third of the time of a call of a named tuple
_LENGTHS = {c: Fraction(4, 2**i) for i, c in enumerate("WHQESTXZ")}
_SMALL = {**{c.lower(): _LENGTHS[c] for c in "WHQES"}, "T": _LENGTHS["T"], "S": _LENGTHS["X"]}
_SMALL["t"] = _LENGTHS["Z"]
_TUPLETS = {3: 2, 5: 4, 6: 4, 7: 4, 9: 8, 11: 8, 13: 8}
_PART = re.compile(r"([A-Za-z])(\.?)(\d{0,2})\Z")
_LETTERS = frozenset("WHQESTXZwhqes")
_CHARACTERS = "WHQESTXZwhqestxz+r.0123456789 "


class Stroke(NamedTuple):
    """One token of a letter line: `kind` is "" (struck), "r" (rest) or "+" (goes on)."""

    column: int
    kind: str
    ticks: int


def is_line(line: str) -> bool:
    """Whether a line has the characters of a letter line only."""
    return not line.strip(_CHARACTERS) and not _LETTERS.isdisjoint(line)


def read_line(line: str, tpq: int, *, small: bool = False) -> list[Stroke]:
    """Return the strokes of a letter line, or nothing when the line is something else.

    Args:
        line: the line, in the columns of the staff.
        tpq: ticks per quarter; lengths go to the nearest tick, at least one.
        small: whether the letters are of the small kind.
    """
    if not is_line(line):
        return []
    strokes = []
    column = 0
    for token in line.split():
        column = line.index(token, column)
        stroke = _stroke(token, tpq, small)
        if stroke is None:
            return []
        strokes.append(_new(Stroke, (column, *stroke)))
        column += len(token)
    return strokes


@lru_cache(maxsize=4096)
def _stroke(
    token: str,
    tpq: int,
    small: bool,  # noqa: FBT001 - a key
) -> tuple[str, int] | None:
    kind = token[0] if token[0] in "+r" else ""
    table = _SMALL if small else _LENGTHS
    total = Fraction(0)
    parts = token[len(kind) :].split("+")
    for part in parts[:64]:
        match = _PART.match(part)
        value = (table.get(match[1]) or table.get(match[1].swapcase())) if match else None
        if not match or value is None:
            return None
        if match[2]:
            value *= Fraction(3, 2)
        if match[3]:
            count = int(match[3])
            if count not in _TUPLETS:
                return None
            value *= Fraction(_TUPLETS[count], count)
        total += value
    return kind, max(1, round(total * tpq))


@lru_cache(maxsize=4096)
def letters(quarters: Fraction) -> str | None:
    """Return the letters of a length in quarters, or None where they cannot write it.

    They can write every multiple of 1/32 quarter, and of that times 2/3, 4/5, 4/7, 8/9, 8/11 or
    8/13, up to 32 quarters.
    """
    if not 0 < quarters <= 32:
        return None
    for count in (1, 3, 5, 7, 9, 11, 13):
        plain = quarters * count / _TUPLETS.get(count, 1) * 32
        if plain.denominator == 1:
            return "+".join(_binary(int(plain), str(count) if count > 1 else ""))
    return None


def _binary(units: int, suffix: str) -> list[str]:
    """Spell a number of 1/128 notes; a half that follows its whole becomes a dot."""
    parts = ["W" + suffix] * (units // 128)
    units %= 128
    for index, char in enumerate("HQESTXZ"):
        bit = 64 >> index
        if units & bit:
            dotted = bool(units & (bit >> 1))
            parts.append(char + "." * dotted + suffix)
            units &= ~(bit | (bit >> 1))
    return parts


def ticks_for(tokens: str) -> int:
    """Return ticks per quarter that make the lengths of some letter lines whole numbers."""
    tpq = 480
    for count, factor in ((7, 7), (9, 3), (11, 11), (13, 13)):
        if tpq * factor <= 1_000_000 and re.search(rf"[A-Z]\.?{count}(?!\d)", tokens):
            tpq *= factor
    return tpq


def spaced(
    columns: Sequence[int], widths: Sequence[int], width: int, lead: int, sixteenths: int
) -> tuple[list[int], int, int]:
    """Guess the onsets of a bar without letters from where its events stand.

    The unit is the step that fits the distances between events; the number of units decides what
    it lasts, so that the bar fills its metre. Where more than sixteenths would be needed, the
    stretch counts as several bars.

    Args:
        columns: of the events, rising, at least one.
        widths: of their widest cells.
        width: of the bar in columns.
        lead: column at which a bar's first beat stands.
        sixteenths: length of a full bar in sixteenths, at least 1.

    Returns:
        The places of the events in units, the units of the stretch, the bars that it fills.
    """
    if len(columns) == 1:
        at = max(0, columns[0] - lead)
        units = sixteenths // 2 or 1
        return [min(at * units // max(1, width - lead), units - 1)], units, 1
    step, places = _grid(columns, widths)
    first = max(0, (2 * (columns[0] - lead) + step) // (2 * step))
    places = [first + place for place in places]
    needed = places[-1] + 1
    drawn = places[-1] + max(1, (2 * (width - columns[-1]) + step) // (2 * step))
    units, bars = _units(needed, drawn, sixteenths)
    return places, units, bars


def _grid(columns: Sequence[int], widths: Sequence[int]) -> tuple[int, list[int]]:
    """The step between events in columns, and their places in steps from the first one."""
    apart = [b - a for a, b in pairwise(columns)]
    between = [d - w + 1 for d, w in zip(apart, widths, strict=False)]
    step = gcd(*apart)
    other = gcd(*between) if min(between) > 0 else 1
    if other > step:
        apart, step = between, other
    if step == 1:
        for guess in (4, 3, 2):
            if 10 * sum(d % guess == 0 for d in apart) >= 7 * len(apart):
                step = guess
                break
        else:
            step = min(apart)
    places = [0]
    for distance in apart:
        places.append(places[-1] + max(1, (2 * distance + step) // (2 * step)))
    return step, places


def _units(needed: int, drawn: int, sixteenths: int) -> tuple[int, int]:
    """Units in the stretch and the number of bars it fills."""
    plain = [sixteenths // n for n in (8, 4, 2, 1) if sixteenths % n == 0]
    triplets = [3 * n // 2 for n in plain if n % 2 == 0]
    if drawn in plain or drawn in triplets:
        return drawn, 1
    if needed > sixteenths:
        bars = max(-(-needed // sixteenths), (2 * drawn + sixteenths) // (2 * sixteenths))
        return bars * sixteenths, bars
    fitting = [n for n in plain if n >= needed]
    return min(fitting, key=lambda n: max(n / drawn, drawn / n)), 1
