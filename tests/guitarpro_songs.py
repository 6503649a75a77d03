"""Songs of PyGuitarPro to be read as Guitar Pro files, and what was read of them."""

from __future__ import annotations

import io

import guitarpro
from guitarpro import models as gp

from textmusic.format import Loaded
from textmusic.score import Note
from textmusic_guitarpro import GuitarPro5

__all__ = ["QUARTER", "codes", "load", "notes", "song", "spans", "strike"]

QUARTER = 480


def song(measures: int = 1) -> gp.Song:
    """Return a song of empty measures for one guitar."""
    made = gp.Song()
    while len(made.measureHeaders) < measures:
        made.newMeasure()
    for measure in made.tracks[0].measures:
        measure.voices[1].beats = [gp.Beat(measure.voices[1])]
    return made


def strike(
    made: gp.Song, fret: int, string: int = 1, *, measure: int = 0, voice: int = 0, value: int = 4
) -> gp.Note:
    """Add a beat with one note; string 1 is the highest."""
    place = made.tracks[0].measures[measure].voices[voice]
    beat = gp.Beat(place, duration=gp.Duration(value), status=gp.BeatStatus.normal)
    note = gp.Note(beat, fret, string=string, type=gp.NoteType.normal)
    beat.notes.append(note)
    if voice and place.beats and place.beats[0].status is gp.BeatStatus.empty:
        place.beats.clear()
    place.beats.append(beat)
    return note


def load(made: gp.Song, version: tuple[int, int, int] = (5, 1, 0)) -> Loaded:
    """Write a song as a Guitar Pro file and read that."""
    stream = io.BytesIO()
    guitarpro.write(made, stream, version=version)
    return GuitarPro5().decode(stream.getvalue())


def notes(loaded: Loaded) -> tuple[Note, ...]:
    """Return the notes of the first track."""
    return loaded.scores[0].tracks[0].notes


def spans(loaded: Loaded) -> list[tuple[int, int, int]]:
    """Return onset, duration and pitch of the notes."""
    return [(n.onset, n.duration, n.pitch) for n in notes(loaded)]


def codes(loaded: Loaded) -> set[str]:
    """Return the codes of the issues."""
    return {issue.code for issue in loaded.issues}
