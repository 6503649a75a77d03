"""The notes of a track in voices, and the grace notes before them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from textmusic.score import Note, Track
from textmusic_guitarpro._layout import Sound

__all__ = ["Graces", "end_under_graces", "graces_of", "run_graces_of", "voices_of"]

Graces = list[dict[int, list[list[Sound]]]]
"""For each voice the grace beats before each time."""


def voices_of(track: Track, most: int, stop: int, lost: dict[str, int]) -> list[list[Sound]]:
    """Return the notes of a track in one voice or more: as marked, else in the first.

    A note that is struck together with another one on its string goes to another voice.

    Args:
        track: from `placed`, and every note has a string (or none has one).
        most: the number of voices there may be.
        stop: the end of the last measure.
        lost: counts by kind what had to change: ``voice``, ``shortened``, ``dropped``.
    """
    rows: list[dict[int, list[Sound]]] = [{} for _ in range(most)]
    sounds = [_sound(track, note) for note in track.notes if note.duration]
    for sound in sorted(sounds, key=lambda s: (s.onset, -s.end, s.fret)):
        marked = _voice(sound.note)
        wanted = min(marked, most - 1)
        choices = [wanted, *(voice for voice in range(most) if voice != wanted)]
        for voice in choices:
            row = rows[voice].setdefault(sound.key, [])
            if sound.onset < stop and (track.is_drum or not row or row[-1].onset < sound.onset):
                row.append(sound)
                lost["voice"] += voice != marked
                break
        else:
            lost["dropped"] += 1
    voices = []
    for voice_rows in rows:
        for row in voice_rows.values():
            lost["shortened"] += _end_where_struck_again(row)
        voice_sounds = (sound for row in voice_rows.values() for sound in row)
        # of a drum struck twice at once a tie prolongs the one that is read last
        voices.append(sorted(voice_sounds, key=lambda s: (s.onset, s.key, s.end)))
    while len(voices) > 1 and not voices[-1]:
        voices.pop()
    return voices


def _sound(track: Track, note: Note) -> Sound:
    fret = track.fret(note)
    return Sound(note.onset, note.end, note.string, note.pitch if fret is None else fret, note)


def _voice(note: Note) -> int:
    """The voice that a note is marked with, from 0."""
    for mark in note.marks:
        if mark.startswith("voice:") and mark[6:].isdecimal() and len(mark) < 9:
            return max(int(mark[6:]) - 1, 0)
    return 0


def _end_where_struck_again(row: Sequence[Sound]) -> int:
    """Shorten notes that sound into a later one on their string; return how many."""
    count = 0
    limit = None
    after = None
    for sound in reversed(row):
        if after is not None and after.onset > sound.onset:
            limit = after.onset
        if limit is not None and sound.end > limit:
            sound.end = limit
            count += 1
        after = sound
    return count


def run_graces_of(
    track: Track, voices: Sequence[Sequence[Sound]], stop: int, lost: dict[str, int]
) -> Graces:
    """Return all grace notes of a track, in the voices of their main notes."""
    found: Graces = [{} for _ in voices]
    beats: dict[tuple[int, int, int], list[Sound]] = {}
    mains: dict[int, list[tuple[int, Sound]]] = {}
    for voice, sounds in enumerate(voices):
        for sound in sounds:
            mains.setdefault(sound.onset, []).append((voice, sound))
    for note in track.notes:
        if note.duration:
            continue
        sound = _sound(track, note)
        candidates = mains.get(note.onset, [])
        wanted = _voice(note)
        ranked = sorted(
            candidates, key=lambda c: (c[0] != wanted, c[1].string != note.string, c[0])
        )
        voice = ranked[0][0] if ranked else min(wanted, len(voices) - 1)
        beat = beats.setdefault((voice, note.onset, note.grace), [])
        if note.onset >= stop or any(other.key == sound.key for other in beat):
            lost["grace"] += 1
            continue
        beat.append(sound)
    for (voice, onset, _), beat in sorted(beats.items(), key=lambda item: -item[0][2]):
        if beat:
            found[voice].setdefault(onset, []).append(sorted(beat, key=lambda s: s.key))
    return found


def graces_of(
    track: Track, voices: Sequence[Sequence[Sound]], most_fret: int, lost: dict[str, int]
) -> Graces:
    """Hang each first grace note on the main note of its string, or on another of its onset."""
    mains: dict[int, list[tuple[int, Sound]]] = {}
    found: Graces = [{} for _ in voices]
    for voice, sounds in enumerate(voices):
        for sound in sounds:
            mains.setdefault(sound.onset, []).append((voice, sound))
    taken: set[int] = set()
    for note in track.notes:
        if note.duration:
            continue
        free = [m for m in mains.get(note.onset, ()) if id(m[1]) not in taken]
        free.sort(key=lambda m: (m[1].note.string != note.string, _far(m[1].note, note)))
        fits = [m for m in free if 0 <= m[1].fret + note.pitch - m[1].note.pitch <= most_fret]
        if note.grace > 1 or not fits:
            lost["grace"] += 1
            continue
        voice, main = fits[0]
        taken.add(id(main))
        fret = main.fret + note.pitch - main.note.pitch
        beat = found[voice].setdefault(note.onset, [[]])[0]
        beat.append(Sound(note.onset, note.onset, main.string, fret, note))
        lost["grace-string"] += note.string not in {None, main.note.string}
    return found


def end_under_graces(
    voices: Sequence[Sequence[Sound]], graces: Graces, lost: dict[str, int]
) -> None:
    """End notes where a grace note is struck on their string: a tie would prolong the grace note."""
    for sounds, found in zip(voices, graces, strict=True):
        struck: dict[int, list[int]] = {}
        for onset in sorted(found):
            for key in {sound.key for beat in found[onset] for sound in beat}:
                struck.setdefault(key, []).append(onset)
        for sound in sounds:
            onsets = struck.get(sound.key, [])
            after = bisect_right(onsets, sound.onset)
            if after < len(onsets) and onsets[after] < sound.end:
                sound.end = onsets[after]
                lost["shortened"] += 1


def _far(one: Note, other: Note) -> int:
    return abs(one.pitch - other.pitch)
