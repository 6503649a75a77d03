"""One letter for each usual length, at 1,680 ticks a quarter: what the event texts have in common.

1,680 holds 1/64 notes, triplets down to 1/64, and the 5:4 and 7:4 groups exactly. Within one beat
(a quarter counted from the bar line) times lie on one grid: 16 or 24 parts, 5 parts or 7 parts.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["BEAT", "GRACE", "LENGTHS", "LETTERS", "bar_ticks", "fillable", "is_bar_end", "spell"]

BEAT = 1680
GRACE = "`"
"""Stands in the place of a length: a grace note before the next event."""
LENGTHS: dict[str, int] = {
    "W": 10080,
    "w": 6720,
    "H": 5040,
    "h": 3360,
    "Q": 2520,
    "y": 2240,
    "q": 1680,
    "I": 1260,
    "T": 1120,
    "i": 840,
    "P": 672,
    "S": 630,
    "j": 560,
    "V": 480,
    "s": 420,
    "p": 336,
    "Z": 315,
    "t": 280,
    "v": 240,
    "z": 210,
    "u": 140,
    "k": 105,
    "d": 70,
}
"""Ticks of each length letter: whole W (dotted) w, half H h, quarter Q q, eighth I i, 1/16 S s,
1/32 Z z, 1/64 k; triplets y T j t u d; fifths of a quarter P (two) p; sevenths V (two) v."""
LETTERS = {ticks: letter for letter, ticks in LENGTHS.items()}
_FAMILIES = (35, 336, 240)
_ATOM, _FIFTH, _SEVENTH = _FAMILIES


def spell(start: int, length: int) -> tuple[int, ...]:
    """Return the fewest lengths that have a letter and sum to `length`, the longest first.

    Args:
        start: ticks since the bar line. A length that mixes grids is split at the next beat.
        length: ticks, above 0.

    Raises:
        ValueError: no letters can write it.
    """
    pieces = _pure(length)
    if pieces is None:
        head = BEAT - start % BEAT
        first, rest = (_pure(head), _pure(length - head)) if head < length else (None, None)
        if first is None or rest is None:
            raise ValueError(f"no letters for {length}/{BEAT} of a quarter")
        pieces = first + rest
    return pieces


def _pure(length: int) -> tuple[int, ...] | None:
    """Letters of one grid family, or None."""
    if length in LETTERS:
        return (length,)
    for family in _FAMILIES:
        if length % family == 0:
            wholes = max(0, length // LENGTHS["w"] - 1)
            rest = _fewest(length - wholes * LENGTHS["w"], family)
            return None if rest is None else (LENGTHS["w"],) * wholes + rest
    return None


@lru_cache(maxsize=4096)
def _fewest(length: int, family: int) -> tuple[int, ...] | None:
    """By dynamic programming, for lengths below two whole notes."""
    letters = [ticks for ticks in LETTERS if ticks % family == 0]
    best: dict[int, tuple[int, ...]] = {0: ()}
    for total in range(family, length + 1, family):
        options = [(t, *best[total - t]) for t in letters if total - t in best]
        if options:
            best[total] = min(options, key=lambda o: (len(o), [-t for t in o]))
    return best.get(length)


@lru_cache(maxsize=65536)
def fillable(left: int) -> bool:
    """Whether some letters sum to exactly `left` ticks."""
    for fifths in range(5):
        for sevenths in range(7):
            rest = left - fifths * _FIFTH - sevenths * _SEVENTH
            # one atom (1/48 of a quarter) alone has no letter; two and three have
            if rest >= 0 and rest % _ATOM == 0 and rest != _ATOM:
                return True
    return False


def is_bar_end(ticks: int) -> bool:
    """Whether a bar cut short may end there: on a grid of 16 or 24 parts of a quarter."""
    return ticks > 0 and (ticks % LENGTHS["k"] == 0 or ticks % LENGTHS["d"] == 0)


def bar_ticks(numerator: int, denominator: int) -> int:
    """Return the length of a full bar in ticks."""
    return 4 * BEAT * numerator // denominator
