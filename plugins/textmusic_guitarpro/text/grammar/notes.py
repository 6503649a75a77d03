"""The notes of one event, character by character: places in order, frets, techniques."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from textmusic_guitarpro.text.events import MAX_COPIES
from textmusic_guitarpro.text.grammar.spelling import (
    TREMOLOS,
    Words,
    number_chars,
    numbers,
    point_chars,
)
from textmusic_guitarpro.text.parts import FRETS, Part
from textmusic_guitarpro.text.signs import PLAIN

__all__ = ["Event", "note_finish", "note_moves"]

_PLAIN = tuple(PLAIN)
_BEND, _TREMOLO, _TRILL, _WHAMMY = range(len(_PLAIN), len(_PLAIN) + 4)
_FAMILIES = {_BEND: "+", _TREMOLO: ":", _TRILL: "#", _WHAMMY: "@"}
_MOST_POINTS = 64


class Event(NamedTuple):
    """The notes of an event as far as they are written."""

    phase: str = "first"
    """``first`` before a note, ``place`` within its name, ``fret``, ``number`` of a fret,
    ``whole`` behind a note and its marks, ``points`` of a curve."""
    places: tuple[int, ...] = ()
    ties: tuple[int, ...] = ()
    word: str = ""
    """Of a place, fret or point; else the mark before, which may be continued."""
    pitch: int = 0
    """Of the last note."""
    mark: int = -1
    """Number of its last mark; -2 where it may be dead."""
    bracket: str = ""
    """What was read of a bracket: the number of a mark, or a length."""
    points: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the event may have its length now."""
        return self.phase == "whole" and not self.bracket

    @property
    def takes_bracket(self) -> bool:
        """Whether a bracket may also be the number of the mark before."""
        return self.is_whole and self.word[:1] in {"+", "#", ":"} and bool(self.word)


_Moves = Iterator[tuple[str, Event]]


@lru_cache(maxsize=1 << 17)
def note_moves(part: Part, sounding: tuple[int, ...], event: Event) -> dict[str, Event]:
    """Return what may follow within the notes of an event, and the event after it."""
    if event.phase == "points":
        return dict(_points(event))
    if event.phase == "fret":
        return dict(_fret(part, sounding, event))
    if event.phase == "number":
        return dict(_number(part, event))
    if event.phase == "place":
        return dict(_place(part, sounding, event))
    if event.bracket:
        return dict(_bracket(event))
    return {
        **dict(_place(part, sounding, event._replace(phase="place", word=""))),
        **(dict(_marks(event)) if event.phase == "whole" else {}),
    }
