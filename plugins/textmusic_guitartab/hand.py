"""Beats that no hand holds: played on other strings where that helps, else thinned out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


@lru_cache(maxsize=1 << 14)
def _held(opens: tuple[int, ...], beat: tuple[tuple[int, int, bool], ...]) -> tuple[int, ...]:
    """The strings for (pitch, string, is dead) of a beat, -1 for a note that is left out."""
    places = [
        [
            (string, pitch - low)
            for string, low in enumerate(opens)
            if 0 <= pitch - low <= MAX_FRET and (string == own or not dead)
        ]
        for pitch, own, dead in beat
    ]
    owns = [own for _, own, _ in beat]
    hands = [_hands([fret for _, fret in own]) for own in places]
    staying = [
        _hands([fret for string, fret in own if string == mine])
        for own, mine in zip(places, owns, strict=True)
    ]
    best = _Way(-1, 0, ())
    for first in sorted({pitch - low for pitch, _, _ in beat for low in opens}):
        if not 0 < first <= MAX_FRET:
            continue
        most = sum([hand >> first & 1 for hand in hands])
        stay = sum([hand >> first & 1 for hand in staying])
        # a hand that cannot be better need not be tried
        if (most, stay - most) > best[:2]:
            last = first + SPAN
            reached = [
                [string for string, fret in own if not fret or first <= fret <= last]
                for own in places
            ]
            way = _in_hand(reached, owns)
            if way[:2] > best[:2]:
                best = way
    return best.strings


def _hands(frets: Iterable[int]) -> int:
    """The hands that reach one of some frets: bit N for the hand whose lowest fret is N."""
    reaching = 0
    for fret in frets:
        if not fret:
            return -1
        reaching |= (1 << SPAN + 1) - 1 << fret >> SPAN
    return reaching


def _in_hand(reached: Sequence[Sequence[int]], owns: Sequence[int]) -> _Way:
    """The best way with the hand at a place, by dynamic programming over the strings in use.

    Args:
        reached: for each note the strings that can play it there.
        owns: for each note its own string.
    """
    ways: dict[int, tuple[int, int, tuple[int, ...]]] = {0: (0, 0, ())}
    for strings, own in zip(reached, owns, strict=True):
        found: dict[int, tuple[int, int, tuple[int, ...]]] = {}
        for used, (kept, moved, chosen) in ways.items():
            options = {used: (kept, moved, (*chosen, -1))}
            for string in strings:
                if not used >> string & 1:
                    way = kept + 1, moved - (string != own), (*chosen, string)
                    options[used | 1 << string] = way
            for key, option in options.items():
                if key not in found or option > found[key]:
                    found[key] = option
        ways = found
    return _Way(*max(ways.values()))
