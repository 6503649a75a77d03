"""Where a text of steps stands, and how the texts of a codec are built."""

from __future__ import annotations

from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from textmusic.bars import DISTANCES
from textmusic.cuts import APART
from textmusic_midi.steps.asking import Asked
from textmusic_midi.steps.lengthrules import NO_LENGTH, LengthState

__all__ = ["HISTORY", "NO_PAST", "Body", "Past", "Rules", "State", "Written", "reduced"]

HISTORY = max(DISTANCES.values())
"""Bars that a text may refer back."""

Body = TypeVar("Body")


class Written(NamedTuple):
    """A bar that was written.

    Args:
        steps: that it needs at least.
        notes: in it.
        before: what must sound before it, as the subclass has it.
        after: what sounds at its end.
        rings: steps from its start until the last of its notes ends.
    """

    steps: int
    notes: int
    before: int = 0
    after: int = 0
    rings: int = 0


class Past(NamedTuple):
    """What was written before a bar.

    Args:
        steps: of all bars.
        notes: in them.
        bars: the last eight.
        rings: steps until the last note ends, from now on.
        whole: bars since one was cut short, up to `APART`.
        owed: steps that the last bar lacks, which was cut short: the next bar, unless its metre is
            another.
    """

    steps: int = 0
    notes: int = 0
    bars: tuple[Written, ...] = ()
    rings: int = 0
    whole: int = 0
    owed: int = 0


NO_PAST = Past()


class State(NamedTuple, Generic[Body]):
    """Where a text stands.

    Args:
        phase: ``head``, ``program``, ``start`` (of a bar), ``metre``, ``tempo``, ``cut``,
            ``reference``, or one of the subclass.
        body: what the subclass has to know of the bar.
        text: what is written of a number; in ``start`` the last control written.
        parts: for each part of the first line, whether it is percussion.
        meter: the metre in force.
        size: steps of the bar; 0 before it begins, unless it is cut short.
        at: the step reached in the bar.
        notes: in the bar so far.
        length: that is being written.
        past: what was written before.
        rings: steps from the start of the bar until the last of its notes ends.
    """

    phase: str
    body: Body
    text: str = ""
    parts: tuple[bool, ...] = ()
    meter: tuple[int, int] = (4, 4)
    size: int = 0
    at: int = 0
    notes: int = 0
    length: LengthState = NO_LENGTH
    past: Past = NO_PAST
    rings: int = 0


_FITS, _TOO_LONG = Written(0, 0), Written(1 << 40, 0)


@lru_cache(maxsize=1024)
def reduced(fitting: tuple[int, ...], rings: bool, whole: bool, owed: int) -> Past:  # noqa: FBT001 - a cache's key
    """Return what of the past decides how a bar may begin.

    Args:
        fitting: how far back those bars lie that may stand here once more.
        rings: whether a note sounds on.
        whole: whether `APART` bars are whole since one was cut short.
        owed: as `Past` has it.
    """
    bars = tuple([_FITS if back in fitting else _TOO_LONG for back in range(HISTORY, 0, -1)])
    return Past(0, 1, bars, int(rings), APART if whole else 0, owed)


class Rules(NamedTuple):
    """How the texts of a codec are built.

    Args:
        steps: steps a quarter.
        head: the first line up to the programs.
        most_parts: that the first line names; with 1 there is no percussion.
        most_notes: that are read.
        asked: what must hold of a text.
        folded: bars may refer to earlier ones.
        barred: there are bars; else a line lasts as long as it likes.
        lone: controls stand on a line of their own.
    """

    steps: int
    head: str
    most_parts: int
    most_notes: int
    asked: Asked
    folded: bool
    barred: bool = True
    lone: bool = False
