"""The frets that one hand holds in a chord."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic_guitartab.automata.chars import ALL, ENDS, LETTERS
from textmusic_guitartab.heading import Neck, frets
from textmusic_guitartab.piece import FRETS, STRINGS

__all__ = ["Hand"]

_SIGNS = ALL - LETTERS - ENDS


class Hand(NamedTuple):
    """What the hand holds in the present chord."""

    is_fret: bool = False
    """Whether a fret follows."""
    low: int = 0
    high: int = 0
    """The lowest and the highest fret that it holds; 0 for none."""
    neck: Neck = ()
    """The frets that a range of pitches leaves; empty without one."""
    string: int = 0
    """That of the fret, where there is a neck."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        return _in_hand(self)

    def after(self, char: str) -> Hand:
        """Return what is known after a character."""
        if self.is_fret:
            if char in "0x":
                return Hand(False, self.low, self.high, self.neck)  # noqa: FBT003 - a field
            fret = FRETS.index(char)
            low, high = min(fret, self.low or fret), max(fret, self.high)
            return Hand(False, low, high, self.neck)  # noqa: FBT003 - a field
        if char in LETTERS:
            string = STRINGS[len(self.neck) - 1].index(char) if self.neck else 0
            return self._replace(is_fret=True, string=string)
        return Hand(neck=self.neck) if char in ENDS else self

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.is_fret:
            return frozenset("0x" if char in "0x" else char)
        if char in LETTERS:
            return frozenset(char) if self.neck else LETTERS
        return ENDS if char in ENDS else _SIGNS


@lru_cache(maxsize=1 << 14)
def _in_hand(hand: Hand) -> frozenset[str]:
    reach = hand.low, hand.high
    if hand.is_fret:
        return frozenset(frets(hand.neck, hand.string, *reach))
    if not hand.neck:
        return ALL
    letters = STRINGS[len(hand.neck) - 1]
    silent = (n for n in range(len(hand.neck)) if not any(frets(hand.neck, n, *reach)))
    return ALL.difference(letters[number] for number in silent)
