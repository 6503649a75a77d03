"""Beats that no hand holds: played on other strings where that helps, else thinned out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from textmusic.score import Note, Track
from textmusic_guitartab.piece import MAX_FRET, SPAN, is_wide

__all__ = ["held", "is_held"]


class _Way(NamedTuple):
    """A way to play some notes of a beat; the greatest is the best."""

    kept: int
    moved: int
    """0, or how many notes change strings, negative."""
    strings: tuple[int, ...]
    """For each note, -1 where it is left out."""


def held(track: Track, beat: Sequence[Note]) -> tuple[Sequence[Note], int, int]:
    """Return notes of a beat that a hand can hold, how many changed strings, how many are left out.

    As many notes as possible are kept, then as many as possible on their strings.

    Args:
        track: whose neck it is.
        beat: every note has a string of its own, and a fret of the neck.
    """
    if not _is_wide(track, beat):
        return beat, 0, 0
    opens = tuple(pitch + track.capo for pitch in track.tuning)
    strings = _held(opens, tuple((n.pitch, n.string or 0, "dead" in n.marks) for n in beat))
    moved = sum(s not in {-1, n.string} for n, s in zip(beat, strings, strict=True))
    kept = [replace(n, string=s) for n, s in zip(beat, strings, strict=True) if s >= 0]
    return kept, moved, len(beat) - len(kept)


def is_held(track: Track) -> bool:
    """Whether a hand can hold every beat of a track with strings."""
    beats = groupby(track.notes, key=lambda n: (n.onset, n.grace))
    return not any(_is_wide(track, list(beat)) for _, beat in beats)


def _is_wide(track: Track, beat: Sequence[Note]) -> bool:
    if len(beat) < 2:
        return False
    frets = (track.fret(note) for note in beat if "dead" not in note.marks)
    return is_wide(fret for fret in frets if fret is not None)


@lru_cache(maxsize=4096)
def _held(opens: tuple[int, ...], beat: tuple[tuple[int, int, bool], ...]) -> tuple[int, ...]:
    """The strings for (pitch, string, is dead) of a beat, -1 for a note that is left out."""
    places = {pitch - low for pitch, _, _ in beat for low in opens}
    hands = sorted(fret for fret in places if 0 < fret <= MAX_FRET)
    return max((_in_hand(opens, beat, first) for first in hands), key=lambda way: way[:2]).strings


def _in_hand(opens: tuple[int, ...], beat: tuple[tuple[int, int, bool], ...], first: int) -> _Way:
    """The best way with the hand at a fret, by dynamic programming over the strings in use."""
    ways: dict[int, _Way] = {0: _Way(0, 0, ())}
    for pitch, own, dead in beat:
        found: dict[int, _Way] = {}
        for used, way in ways.items():
            options = {used: _Way(way.kept, way.moved, (*way.strings, -1))}
            for string, low in enumerate(opens):
                free = not used >> string & 1 and (string == own or not dead)
                if free and (pitch == low or first <= pitch - low <= min(first + SPAN, MAX_FRET)):
                    moved = way.moved - (string != own)
                    options[used | 1 << string] = _Way(way.kept + 1, moved, (*way.strings, string))
            for key, option in options.items():
                if key not in found or option > found[key]:
                    found[key] = option
        ways = found
    return max(ways.values())
