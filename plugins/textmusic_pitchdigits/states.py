"""Where an extended text stands, and which bars may stand there."""

from __future__ import annotations

from typing import NamedTuple

from textmusic.cuts import APART
from textmusic_pitchdigits.asking import Asked
from textmusic_pitchdigits.lengths import BEAT
from textmusic_pitchdigits.pitches import TONICS, tonic_of
from textmusic_pitchdigits.reading import MAX_REPEATED

__all__ = [
    "FINE",
    "FREE",
    "DigitState",
    "Known",
    "Measure",
    "fits",
    "has_begun",
    "left_of",
    "may_cut",
    "may_end",
    "most_notes",
    "repeats_left",
    "sounds",
]

FREE = Asked()
FINE = BEAT // 8
"""A thirty-second."""


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


class Known(NamedTuple):
    """What is known of the bars before, where another part of the grammar knows them."""

    begun: bool
    """There are bars. Whatever they are may be referred to, go on, or let this one be cut short."""


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
    owed: int = 0
    """Ticks that the last bar lacks, which was cut short: the next bar, unless the metre changes."""
    metre: str = ""
    """The metre in force."""
    spent: int = 0
    """Notes that were played by references, at most."""
    asked: Asked = FREE
    known: Known | None = None
    """In place of `past`, `metre` and `spent`."""


def left_of(state: DigitState) -> int:
    """Return the ticks left in the bar."""
    return (state.owed or state.full) - state.bar.ticks


def has_begun(state: DigitState) -> bool:
    """Whether there are bars before."""
    return bool(state.past) if state.known is None else state.known.begun


def may_end(state: DigitState) -> bool:
    """Whether the text may end before this bar."""
    if state.known is not None:
        return True
    return bool(state.past) and state.past[-1].heard and state.past[-1].ticks > 0


def sounds(state: DigitState) -> bool:
    """Whether a note sounds at the end of the bar before."""
    if state.known is not None:
        return True
    return bool(state.past) and state.past[-1].rings


def repeats_left(state: DigitState) -> int:
    """Return how many notes references may play yet."""
    return MAX_REPEATED - state.spent


def fits(state: DigitState, back: int) -> bool:
    """Whether the bar `back` bars before may stand here once more."""
    if state.known is not None:
        return True
    if back > len(state.past):
        return False
    bar = state.past[-back]
    fills = bar.ticks == (-state.owed if state.owed else state.full)
    is_cut = -state.full < bar.ticks < 0 and not state.owed and may_cut(state)
    return (
        (fills or is_cut)
        and (state.past[-1].rings or not bar.tied)
        and bar.lowest <= state.tonic <= bar.highest
        and most_notes(bar) <= repeats_left(state)
    )


def may_cut(state: DigitState) -> bool:
    """Whether a bar may be cut short: the first, and after whole ones; see `textmusic.cuts`."""
    if state.known is not None:
        return True
    if not state.past:
        return True
    whole = len(state.past) >= APART and all(bar.ticks > 0 for bar in state.past[-APART:])
    return whole and not state.asked.metre


def most_notes(bar: Measure) -> int:
    """The notes that a bar plays once more, at most."""
    ticks = abs(bar.ticks)
    return ticks if bar.fine else -(-ticks // FINE)
