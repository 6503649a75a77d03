"""Note lengths as numbered notation draws them, in ticks of 1/48 quarter.

A digit alone is a quarter; each ``-`` after it adds a quarter; ``_`` is one underline (an eighth),
``=`` two, ``=_`` three, ``==`` four, ``==_`` five; ``.`` makes it half as long again; ``t`` makes
it two thirds (a triplet). Any other length is written as several, the later ones of ``~``.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["BEAT", "LENGTH", "MARKS", "TICKS", "suffixes", "ticks_of"]

BEAT = 48
"""Ticks per quarter of the extended form."""
MARKS = "-_=.t"
LENGTH = r"(?:-+t?|(?:==?_?|_)?\.?t?)"
"""A regular expression of what may follow a digit; `TICKS` or dashes say whether it means anything."""
TICKS = {
    "-": 96, ".": 72, "-t": 64, "": 48, "_.": 36, "t": 32, "_": 24, "=.": 18, "_t": 16, "=": 12,
    "=_.": 9, "=t": 8, "=_": 6, "=_t": 4, "==": 3, "==t": 2, "==_t": 1,
}  # fmt: skip
"""The ticks of each suffix, longest first; more dashes than one are not in it."""
_DASHES = re.compile("-+")


def ticks_of(suffix: str) -> int | None:
    """Return the length that a suffix means, None for one that means nothing."""
    if _DASHES.fullmatch(suffix):
        return BEAT * (1 + len(suffix))
    return TICKS.get(suffix)


def suffixes(ticks: int) -> tuple[str, ...]:
    """Return the fewest suffixes that together last `ticks` (at least 1), longest first."""
    quarters, rest = divmod(ticks, BEAT)
    if quarters and not rest:
        return ("-" * (quarters - 1),)
    if quarters >= 2:
        return ("-" * (quarters - 1), *_pieces(rest))
    return _pieces(ticks)


@cache
def _pieces(ticks: int) -> tuple[str, ...]:
    """The fewest suffixes of fewer than two quarters."""
    best: tuple[str, ...] | None = None
    for suffix, length in TICKS.items():
        if length == ticks:
            return (suffix,)
        if length < ticks:
            rest = _pieces(ticks - length)
            if best is None or len(rest) + 1 < len(best):
                best = (suffix, *rest)
    assert best is not None
    return best
