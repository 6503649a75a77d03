"""The bars of a page on their way from columns to times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from textmusic_guitartab.page.cells import Cell, Event

__all__ = ["Beat", "Complaint", "KnownBar", "Segments", "TimedBar"]

Segments = tuple[str, ...]
"""The text of a bar in every row, the top row first."""


class Complaint(NamedTuple):
    """What is wrong in a bar: the row counted from the top; no column: where the row begins."""

    code: str
    message: str
    row: int
    column: int | None


@dataclass(slots=True, eq=False)
class KnownBar:
    """What is struck in a bar, wherever it stands.

    Args:
        events: what is struck.
        columns: of the events, counted from the bar line; theirs is where they were first read.
        width: columns of the longest row.
        complaints: what could not be read.
        timed: the bar in surroundings that it was met in: where the first beats stand, ticks per
            quarter, metre.
    """

    events: Sequence[Event]
    columns: Sequence[int]
    width: int
    complaints: Sequence[Complaint] = ()
    timed: dict[tuple[int, int, tuple[int, int]], TimedBar] = field(default_factory=dict)


class Beat(NamedTuple):
    """What happens at one time of a bar, in ticks from its start; no cells: a rest or hold."""

    onset: int
    length: int
    cells: Sequence[Cell] = ()
    graces: Sequence[Cell] = ()
    hold: bool = False


@dataclass(slots=True)
class TimedBar:
    """A bar: what happens in it, its length in ticks and what changes at it.

    Where it is `lettered`, that is in `beats`; else it is `events`, of which each lasts `times`.
    """

    length: int
    beats: list[Beat]
    events: Sequence[Event] = ()
    times: tuple[Sequence[int], Sequence[int]] = ((), ())
    """Starts and ends of events in ticks."""
    places: Sequence[tuple[int, int]] = ()
    """(column in the bar, tick) of what has a place, rising."""
    meter: tuple[int, int] | None = None
    tempos: Sequence[tuple[int, float]] = ()
    begins: bool = False
    ends: bool = False
    closed: bool = True
    lettered: bool = False
