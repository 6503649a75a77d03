"""What a part is played on, as far as its notes depend on it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic_guitarpro.text.bounds import MAX_FRET
from textmusic_guitarpro.text.grammar.spelling import Words, numbers
from textmusic_guitarpro.text.parts import FRETS, Part

__all__ = ["Instrument", "fret_numbers", "places"]


class Instrument(NamedTuple):
    """Strings, drums, or neither; parts with equal ones mean the same by the same text."""

    is_drum: bool = False
    opens: tuple[int, ...] = ()
    """What the open strings sound, the capo counted in."""
    low: int = 0
    """The lowest pitch that may sound, and `high` the highest."""
    high: int = 127

    def sounds(self, rank: int) -> bool:
        """Whether a place has a note within the range."""
        if self.opens:
            return self.opens[rank] <= self.high and self.opens[rank] + MAX_FRET >= self.low
        return self.low <= rank <= self.high

    def is_playable(self) -> bool:
        """Whether there is any note within the range."""
        return any(map(self.sounds, range(len(self.opens) or 128)))


@lru_cache(maxsize=1 << 12)
def places(instrument: Instrument, lowest: int) -> tuple[Words, dict[str, int]]:
    """Return the names of the places that sound, from `lowest` on, with their ranks."""
    part = Part(0, instrument.is_drum, instrument.opens)
    ranks = range(lowest, len(instrument.opens) or 128)
    names = {part.name(rank): rank for rank in ranks if instrument.sounds(rank)}
    return Words(names), names


@lru_cache(maxsize=1 << 10)
def fret_numbers(instrument: Instrument, string: int) -> Words:
    """Return the frets of a string that no letter names, in brackets."""
    lowest = instrument.opens[string]
    return Words(
        numbers(max(len(FRETS), instrument.low - lowest), min(MAX_FRET, instrument.high - lowest))
    )
