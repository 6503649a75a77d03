"""Fitting the notes of a track onto the strings of a part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from textmusic.errors import Issue
from textmusic.fretboard import BASS, GUITAR, TUNINGS, finger
from textmusic.score import Note, Track
from textmusic_guitarpro.limits import Limits

__all__ = ["stringed"]

_USUAL_STRINGS = 7
_MOST_STRINGS = 12
_FEWEST_STRINGS = 4
_REACH = 24
_BASS_PROGRAMS = range(32, 40)


def stringed(track: Track, place: str, limits: Limits, issues: list[Issue]) -> Track:
    """Return a track within limits, every note on a string at a fret.

    Strings that are there stay; other notes are fingered. What cannot be played is left out and
    reported with `place`. Drums, and what may do without strings, lose theirs.
    """
    if track.is_drum or (limits.unstringed and not track.tuning):
        return replace(track, tuning=(), notes=tuple(replace(n, string=None) for n in track.notes))
    if not track.tuning or any(note.string is None for note in track.notes):
        tuning = track.tuning or _tuning(track, limits)
        track, found = finger(track, tuning, track.capo, _REACH)
        issues += [replace(issue, message=f"{place}: {issue.message}") for issue in found]
        track = replace(track, tuning=track.tuning or tuning)
    if limits.strings is not None:
        if len(track.tuning) > limits.strings:
            track = _narrowed(track, limits.strings, place, issues)
        elif len(track.tuning) < _FEWEST_STRINGS:
            message = f"{place}: {len(track.tuning)} strings, where Guitar Pro has 4 to 7"
            issues.append(Issue("guitarpro.strings", message, severity="note"))
    low, high = limits.lowest_fret, limits.highest_fret
    kept = tuple(n for n in track.notes if low <= _fret(track, n) <= high)
    if len(kept) < len(track.notes):
        lost = len(track.notes) - len(kept)
        message = f"{place}: {lost} notes below fret {low} or above fret {high} are left out"
        issues.append(Issue("guitarpro.fret", message, severity="warning"))
    return replace(track, notes=kept)


def _fret(track: Track, note: Note) -> int:
    fret = track.fret(note)
    return -1000 if fret is None else fret


def _tuning(track: Track, limits: Limits) -> tuple[int, ...]:
    """Choose a tuning on which the pitches of a track lie, with strings for its largest chord."""
    pitches = [note.pitch for note in track.notes] or [60]
    low, high = min(pitches), max(pitches)
    chord = max(Counter((note.onset, note.grace) for note in track.notes).values(), default=1)
    bass = (BASS, TUNINGS["bass-5"], TUNINGS["bass-6"])
    guitar = (GUITAR, TUNINGS["guitar-7"])
    for tuning in bass if track.program in _BASS_PROGRAMS else guitar:
        reaches = tuning[0] <= low and high <= tuning[-1] + _REACH
        if reaches and (chord <= len(tuning) or limits.strings is not None):
            return tuning
    count = min(max(chord, _USUAL_STRINGS), limits.strings or _MOST_STRINGS)
    bottom, top = min(low, GUITAR[0]), max(GUITAR[-1], high - _REACH)
    return tuple(bottom + (top - bottom) * i // (count - 1) for i in range(count))


def _narrowed(track: Track, most: int, place: str, issues: list[Issue]) -> Track:
    """Keep the `most` neighbouring strings that carry most; move other notes to the nearest."""
    count = [0] * len(track.tuning)
    for note in track.notes:
        count[note.string or 0] += 1
    first = max(range(len(count) - most + 1), key=lambda i: sum(count[i : i + most]))
    tuning = track.tuning[first : first + most]
    moved = len(track.notes) - sum(count[first : first + most])
    message = (
        f"{place}: {len(count)} strings, where the file has {most}; {moved} notes change string"
    )
    issues.append(Issue("guitarpro.strings", message, severity="warning"))
    used = {(n.onset, n.string) for n in track.notes}
    notes = [replace(n, string=_nearest(n, first, tuning, track.capo, used)) for n in track.notes]
    return replace(track, notes=tuple(n for n in notes if n.string is not None), tuning=tuning)


def _nearest(
    note: Note,
    first: int,
    tuning: Sequence[int],
    capo: int,
    used: set[tuple[int, int | None]],
) -> int:
    """Return the string, counted from `first`, that plays a note; a free one if there is any."""
    string = (note.string or 0) - first
    if 0 <= string < len(tuning):
        return string
    playable = [i for i, value in enumerate(tuning) if value + capo <= note.pitch] or [0]
    free = [i for i in playable if (note.onset, i + first) not in used] or playable
    chosen = min(free, key=lambda i: abs(i - string))
    used.add((note.onset, chosen + first))
    return chosen
