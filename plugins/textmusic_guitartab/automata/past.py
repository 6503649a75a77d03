"""Which earlier bars may stand there once more."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic.bars import DISTANCES
from textmusic_guitartab.automata.bartime import full_of
from textmusic_guitartab.automata.chars import ALL

__all__ = ["Past"]

_HISTORY = max(DISTANCES.values())
_NO_REFERENCE = ALL - {"%"}


class Past(NamedTuple):
    """The bars before."""

    phase: str
    """``bar`` at the start of a line, ``meter``, ``reference``, ``in`` a bar, ``short``."""
    full: int
    """Ticks of a bar of the metre in force."""
    bars: tuple[int, ...] = ()
    """Ticks of the last eight bars, negative for a bar cut short."""
    word: str = ""
    """What was read of a metre or reference."""
    is_old: bool = False
    """Whether a bar cut short may stand there once more."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        return _in_past(self)

    def after(self, char: str) -> Past | None:
        """Return what is known after a character; None behind a bar cut short."""
        if char == "\n":
            return self._behind()
        if self.phase == "bar":
            if char == "%":
                return self._replace(phase="reference")
            return Past("meter" if char == "M" else "in", self.full, self.bars)
        if self.phase == "meter":
            if char == " ":
                return Past("in", full_of(self.word), self.bars)
            return self._replace(word=self.word + char)
        if self.phase == "reference":
            return self._replace(word=char)
        return self._replace(phase="short") if char == "!" else self

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.phase == "in" and char not in "!\n":
            return ALL - {"!", "\n"}
        if self.phase == "bar" and char not in "%M":
            return ALL - {"%", "M", "\n"}
        return frozenset(char)

    def _behind(self) -> Past | None:
        if self.phase == "short":
            return None
        is_written = self.phase == "in"
        return self.next(self.full if is_written else self.bars[-DISTANCES["%" + self.word]])

    def next(self, ticks: int) -> Past:
        """Return what is known behind a bar."""
        return Past("bar", self.full, (*self.bars, ticks)[-_HISTORY:])

    def fits(self, back: int) -> bool:
        """Whether the bar so far back may stand here once more."""
        if back > len(self.bars):
            return False
        ticks = self.bars[-back]
        return ticks == self.full or (self.is_old and -self.full < ticks < 0)


@lru_cache(maxsize=1 << 14)
def _in_past(past: Past) -> frozenset[str]:
    if past.phase == "bar":
        return ALL if any(map(past.fits, DISTANCES.values())) else _NO_REFERENCE
    if past.phase != "reference":
        return ALL
    if past.word:
        return frozenset("\n" if past.fits(DISTANCES["%" + past.word]) else "")
    return frozenset(mark[1:] or "\n" for mark, back in DISTANCES.items() if past.fits(back))
