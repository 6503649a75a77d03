"""Where an extended text stands."""

from __future__ import annotations

from typing import NamedTuple

from textmusic_pitchdigits.asking import Asked
from textmusic_pitchdigits.pitches import TONICS, tonic_of

__all__ = ["FREE", "DigitState", "Measure"]

FREE = Asked()


class Measure(NamedTuple):
    """What matters of a bar to those that follow; of the bar at hand, as far as it is written."""

    ticks: int = 0
    """Negative for a whole bar that is cut short."""
    tied: bool = False
    """It begins with ``~``."""
    heard: bool = False
    rings: bool = False
    """A note sounds at its end, which ``~`` may go on with."""
    lowest: int = TONICS[0]
    highest: int = TONICS[-1]
    """The tonics between which its notes lie in the range."""
    fine: bool = False
    """It has events shorter than a thirty-second."""


class DigitState(NamedTuple):
    """Where in a text; hashable, and equal wherever the same may follow."""

    phase: str
    """A key of `_PHASES`."""
    full: int = 0
    """Ticks of a bar of the metre in force; 0 in the first line before it."""
    tonic: int = tonic_of(None)
    past: tuple[Measure, ...] = ()
    """The last eight bars."""
    bar: Measure = Measure()
    run: int = 0
    """Ticks of this bar's rest or note so far, if the event at hand goes on with it."""
    word: str = ""
    """What was read of a word, a length, an accidental or octave marks."""
    rank: int = 0
    """The first of `_WORDS` that may follow in a directive."""
    offset: int = 0
    """Semitones above the tonic of the note at hand."""
    lead: str = ""
    """What was read of the line, while it may yet be a directive."""
    spent: int = 0
    """Notes that were played by references, at most."""
    asked: Asked = FREE
