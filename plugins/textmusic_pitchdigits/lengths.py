"""Note lengths as numbered notation draws them, in ticks of 1/48 quarter.

A digit alone is a quarter; each ``-`` after it adds a quarter; ``_`` is one underline (an eighth),
``=`` two, ``=_`` three, ``==`` four, ``==_`` five; ``.`` makes it half as long again; ``t`` makes
it two thirds (a triplet). Any other length is written as several, the later ones of ``~``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

__all__ = [
    "BEAT",
    "LENGTH",
    "MARKS",
    "fitting",
    "lasts",
    "longer",
    "longest",
    "suffixes",
    "ticks_of",
]

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


@cache
def fitting(run: int, left: int) -> dict[str, int]:
    """Return the suffixes of up to two quarters that may be written next, longest first.

    Args:
        run: ticks that are written of the same rest or note; 0 for none.
        left: ticks until the end of the bar.
    """
    before = suffixes(run) if run else ()
    return {
        suffix: ticks
        for suffix, ticks in TICKS.items()
        if ticks <= left and suffixes(run + ticks) == (*before, suffix)
    }


def longer(run: int, left: int, word: str) -> Iterator[str]:
    """Yield what may follow on the beginning of a suffix; `run` and `left` as in `fitting`."""
    size = len(word)
    fit = fitting(run, left)
    yield from {name[size] for name in fit if len(name) > size and name.startswith(word)}
    if word and not run and BEAT * (size + 2) <= left and _DASHES.fullmatch(word):
        yield "-"


def lasts(run: int, left: int, word: str) -> int | None:
    """Return the ticks of a suffix that `longer` spelled, None where it is not complete."""
    dashes = len(word) > 1 and _DASHES.fullmatch(word)
    return ticks_of(word) if dashes else fitting(run, left).get(word)


def longest(run: int, left: int, word: str) -> str:
    """Return the longest suffix that begins with `word`."""
    if not run and left >= 2 * BEAT and not word.strip("-"):
        return "-" * (left // BEAT - 1)
    return next(name for name in fitting(run, left) if name.startswith(word))
