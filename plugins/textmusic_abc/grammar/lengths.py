"""Written lengths, and what of a bar they can still fill.

A bar is filled by plain lengths, multiples of `GRID`, and by tuplets, which may leave it at a third,
fifth, seventh or ninth of that. `least` is how much must be left for all to come out even.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import gcd
from typing import NamedTuple

from textmusic_abc.form import GRID

__all__ = ["LONGEST", "PARTS", "Lengths", "Tuplet", "filler", "least", "lengths", "tuplet_lengths"]

PARTS = 315
"""Parts of `GRID`: every tuplet of 2 to 9 notes lies on them."""
_PART = GRID // PARTS
_STEPS = 8192
LONGEST = _STEPS * GRID
"""The longest length that is written."""
_LONGEST_IN_TUPLET = 2048
_FILLERS = ((3, 2, 3), (9, 8, 9), (5, 4, 5), (7, 4, 7))


class Tuplet(NamedTuple):
    """An open tuplet: `p` in the time of `q`, and how many sounds are to come."""

    p: int
    q: int
    rest: int

    @property
    def step(self) -> int:
        """Written lengths are multiples of this, in `GRID`, so that halves do not pile up."""
        halves = self.p & -self.p
        return halves // gcd(halves, self.q)


class Lengths:
    """The spellings of the multiples of a step, 1 to as many as fit into 64 whole notes."""

    def __init__(self, unit: int, step: int) -> None:
        self.steps: dict[str, int] = {}
        self.texts: dict[int, str] = {}
        self.following: dict[str, dict[str, int]] = {}
        for count in range(1, _STEPS // step + 1):
            text = _spell(count * step, unit // GRID)
            self.steps[text], self.texts[count] = count, text
            for place, char in enumerate(text):
                nexts = self.following.setdefault(text[:place], {})
                nexts.setdefault(char, count)


def _spell(number: int, unit: int) -> str:
    common = gcd(number, unit)
    num, den = number // common, unit // common
    return ("" if num == 1 else str(num)) + ("" if den == 1 else f"/{den}")


@lru_cache(maxsize=64)
def lengths(unit: int, step: int) -> Lengths:
    """Return the spellings in a unit (ticks) of the multiples of `step` (in `GRID`)."""
    return Lengths(unit, step)


def _fillers() -> tuple[list[int], list[tuple[int, ...]]]:
    size = [10**9] * PARTS
    way: list[tuple[int, ...]] = [()] * PARTS
    for counts in product(*(range(n) for _, _, n in _FILLERS)):
        total = sum(PARTS * q * c // p for (p, q, _), c in zip(_FILLERS, counts, strict=True))
        if total < size[total % PARTS]:
            size[total % PARTS], way[total % PARTS] = total, counts
    return size, way


_SIZE, _WAY = _fillers()


def filler(left: int) -> tuple[int, int, int] | None:
    """Return the next (p, q, steps) that brings `left` ticks nearer to the grid; None if on it."""
    counts = _WAY[left // _PART % PARTS]
    for (p, q, _), count in zip(_FILLERS, counts, strict=True):
        if count:
            return p, q, count
    return None


@lru_cache(maxsize=1 << 14)
def _least(p: int, q: int, step: int, rest: int, residue: int) -> int:
    best = 10**12
    for count in range(rest, rest + p if rest else 1):
        taken = count * step * q * PARTS // p
        best = min(best, taken + _SIZE[(residue - taken) % PARTS])
    return best


def least(left: int, tuplet: Tuplet | None = None) -> int:
    """Return the ticks that at least have to be left where `left` are, for the bar to come out."""
    residue = left // _PART % PARTS
    if tuplet is None:
        return _SIZE[residue] * _PART
    return _least(tuplet.p, tuplet.q, tuplet.step, tuplet.rest, residue) * _PART


@lru_cache(maxsize=1 << 8)  # up to half a megabyte each
def tuplet_lengths(
    tuplet: Tuplet, unit: int, left: int, *, goes_on: bool = False
) -> tuple[frozenset[int], frozenset[str]]:
    """Return the steps that the next sound of a tuplet may last, and the starts of their texts.

    Args:
        tuplet: the open one.
        unit: ticks of ``L:``.
        left: ticks left in the bar.
        goes_on: whether something has to follow in the bar.
    """
    if left > LONGEST:  # as good as without end
        left = LONGEST + left % GRID
    p, q, rest = tuplet
    step = tuplet.step
    table = lengths(unit, step)
    following = Tuplet(p, q, rest - 1) if rest > 1 else None
    tick = step * GRID * q // p
    most = min(left // tick, _LONGEST_IN_TUPLET // step)
    good = frozenset(
        count
        for count in range(1, most + 1)
        if left - count * tick >= least(left - count * tick, following)
        and not (goes_on and left == count * tick)
    )
    texts = (table.texts[count] for count in good)
    return good, frozenset(text[: end + 1] for text in texts for end in range(len(text)))
