"""Beats that no hand holds: played on other strings where that helps, else thinned out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from textmusic.errors import Issue
from textmusic.score import Note, Track
from textmusic_guitartab.piece import MAX_FRET, SPAN, is_wide

__all__ = ["is_held", "within_reach"]


class _Way(NamedTuple):
    """A way to play some notes of a beat; the greatest is the best."""

    kept: int
    moved: int
    """0, or how many notes change strings, negative."""
    strings: tuple[int, ...]
    """For each note, -1 where it is left out."""


def within_reach(track: Track, issues: list[Issue]) -> Track:
    """Return a track of which a hand can hold every beat.

    As many notes as possible are kept, then as many as possible on their strings.

    Args:
        track: every note has a string of its own in its beat, and a fret of the neck.
        issues: to add to: ``guitartab.span``.
    """
    notes: list[Note] = []
    moved = lost = 0
    for beat in _beats(track):
        if not _is_wide(track, beat):
            notes += beat
            continue
        opens = tuple(pitch + track.capo for pitch in track.tuning)
        strings = _held(opens, tuple((n.pitch, n.string or 0, "dead" in n.marks) for n in beat))
        for note, string in zip(beat, strings, strict=True):
            lost += string < 0
            moved += string not in {-1, note.string}
            if string >= 0:
                notes.append(replace(note, string=string))
    if not moved + lost:
        return track
    said = f"beats wider than {SPAN} frets: {moved} notes moved to other strings, {lost} left out"
    issues.append(Issue("guitartab.span", said, 0, 0, "warning"))
    return replace(track, notes=tuple(notes))


def is_held(track: Track) -> bool:
    """Whether a hand can hold every beat of a track with strings."""
    return not any(_is_wide(track, beat) for beat in _beats(track))


def _beats(track: Track) -> Iterator[list[Note]]:
    for _, notes in groupby(track.notes, key=lambda n: (n.onset, n.grace)):
        yield list(notes)


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
