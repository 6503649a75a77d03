"""Drums in Guitar Pro files: the way back, and which of them a file cannot hold."""

from __future__ import annotations

from guitarpro_writing import back, places

from textmusic.score import Note, Score, Track
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro import GuitarPro5


def test_drums_above_all_that_there_are_are_left_out_and_named():
    keys = (Note(0, 480, 38, 79), Note(0, 480, 110, 79), Note(480, 480, 100, 79))
    score = Score((Track(keys, "Drums", is_drum=True),))
    (issue,) = GuitarPro5().encode(score).issues
    assert issue.message == "track 1: 2 notes left out: their drums have keys above 99"
    assert [note.pitch for note in back(score).notes()] == [38]


def test_grace_notes_of_drums_survive():
    notes = (Note(0, 0, 40, 79, None, frozenset({"grace:1"})), Note(0, 480, 38, 79))
    score = Score((Track(notes, "Drums", is_drum=True),))
    assert back(score).tracks == reduce_ticks(score).tracks


def test_drums_survive_with_their_lengths():
    notes = (Note(0, 240, 36, 79), Note(0, 240, 42, 79), Note(240, 240, 42, 79))
    score = Score((Track(notes, "Drums", is_drum=True),))
    (again,) = back(score).tracks
    assert again.is_drum
    assert places(back(score)) == places(score)


def test_a_drum_struck_twice_at_once_keeps_both_lengths():
    notes = (
        Note(0, 240, 57, 79, None, frozenset({"dead"})),
        Note(0, 320, 57, 79),
        Note(320, 160, 38, 79),
    )
    score = Score((Track(notes, "Drums", is_drum=True),))
    assert back(score).tracks == reduce_ticks(score).tracks


def test_a_drum_struck_twice_at_once_is_held_once_and_that_is_named():
    twice = (Note(0, 320, 57, 79), Note(0, 320, 57, 79))
    score = Score((Track((*twice, Note(80, 80, 38, 79), Note(160, 80, 38, 79)), is_drum=True),))
    (issue,) = GuitarPro5().encode(score).issues
    assert issue.message == "track 1: 1 notes end early: their drum is struck twice at once"
    assert issue.code == "guitarpro.shortened"


def test_grace_notes_of_drums_that_are_left_out_are_named():
    graces = [Note(0, 0, 60 + i, 79, None, frozenset({"grace:1"})) for i in range(7)]
    drums = [Note(0, 480, 40 + i, 79, None, frozenset({"voice:1"})) for i in range(7)]
    written = GuitarPro5().encode(Score((Track((*graces, *drums), is_drum=True),)))
    assert [issue.message for issue in written.issues] == [
        "track 1: 1 notes left out: no string was free",
        "track 1: 1 grace notes left out: so is their main note",
    ]
