"""The marks of tuplets, ``(3`` or ``(p:q:r``, where the bar has room for one."""

from __future__ import annotations

from functools import lru_cache

from textmusic_abc.grammar.lengths import Tuplet, least

__all__ = ["tuplet_chars", "tuplet_of"]

_TIMES = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_MAX_TUPLET = 64


@lru_cache(maxsize=1 << 14)
def tuplet_chars(buf: str, left: int) -> frozenset[str]:
    """Return what may follow the start of a tuplet's mark; ``!`` where it is whole."""
    parts = buf[1:].split(":")
    if not buf or buf == "(":
        chars = {str(p) for p in range(2, 10) if len(tuplet_chars(f"({p}", left)) > 0}
        return frozenset("(") if not buf and chars else frozenset(chars if buf else ())
    p = int(parts[0])
    if len(parts) == 1:
        colon = any(_possible(p, q, 1, left) for q in range(1, 10))
        whole = p in _TIMES and _possible(p, _TIMES[p], p, left)
        return frozenset((":" if colon else "") + ("!" if whole else ""))
    if not parts[1]:
        return frozenset(str(q) for q in range(1, 10) if _possible(p, q, 1, left))
    q = int(parts[1])
    if len(parts) == 2:
        return frozenset(":")
    counts = [parts[2] + digit for digit in "0123456789"]
    chars = {
        n[-1]
        for n in counts
        if 0 < int(n) <= _MAX_TUPLET and n[0] != "0" and _possible(p, q, int(n), left)
    }
    return frozenset(chars | ({"!"} if parts[2] else set()))


def _possible(p: int, q: int, count: int, left: int) -> bool:
    return left >= least(left, Tuplet(p, q, count))


def tuplet_of(buf: str) -> Tuplet:
    """Return the tuplet of a whole mark."""
    p, *rest = map(int, buf[1:].split(":"))
    return Tuplet(p, rest[0], rest[1]) if rest else Tuplet(p, _TIMES[p], p)
