from __future__ import annotations

from array import array

import corpus_toys as toys
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.corpus._fingerprint import SIZE, signature
from textmusic.score import Columns, Note, Score, Track


def score(pitches, step=1):
    notes = tuple(Note(step * i, step, pitch) for i, pitch in enumerate(pitches))
    return Score((Track(notes),), tpq=1)


def alike(one: Score, other: Score) -> float:
    return float((signature(one, "x") == signature(other, "y")).mean())


TUNE = [48 + toys.PITCHES.index(c) for c in toys.tune(3, 200)]
OTHER = [48 + toys.PITCHES.index(c) for c in toys.tune(4, 200)]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(40, 80), max_size=40), st.integers(-20, 20))
def test_transposition_changes_nothing(pitches, semitones):
    if len(pitches) > 1:
        assert alike(score(pitches), score([p + semitones for p in pitches])) == 1


def test_the_share_in_common_is_that_of_the_shingles():
    half = TUNE[:100] + OTHER[:100]
    assert alike(score(TUNE), score(OTHER)) < 0.05
    assert 0.2 < alike(score(TUNE), score(half)) < 0.47  # half of each: a third of both


def test_repeats_and_speed_change_nothing():
    assert alike(score(TUNE), score(TUNE, step=2)) == 1
    assert alike(score(TUNE), score(TUNE + TUNE)) > 0.9


def test_the_top_line_counts_not_the_chords_below():
    notes = tuple(Note(i, 1, p) for i, p in enumerate(TUNE))
    chords = notes + tuple(Note(i, 1, 30) for i in range(0, len(TUNE), 2))
    assert alike(Score((Track(notes),), tpq=1), Score((Track(chords),), tpq=1)) == 1


def test_music_that_says_little_is_alike_only_when_it_is_the_same():
    drone, pump = [50] * 60, [50] * 61
    assert alike(score(drone), score([55] * 60)) == 1
    assert alike(score(drone), score(pump)) < 0.1


def test_a_text_without_notes_has_a_fingerprint_of_its_text():
    empty = Score()
    one, same, other = signature(empty, "ab"), signature(empty, "ab"), signature(empty, "ba")
    assert len(one) == SIZE
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_drums_do_not_make_two_songs_alike():
    drums = Track(tuple(Note(i, 1, 36 + i * i % 13) for i in range(200)), is_drum=True)
    one = Score((*score(TUNE).tracks, drums), tpq=1)
    other = Score((*score(OTHER).tracks, drums), tpq=1)
    assert alike(one, other) < 0.05
    assert alike(Score((drums,), tpq=1), Score((drums,), tpq=1)) == 1


def test_a_track_of_columns_has_the_fingerprint_of_its_notes():
    notes = score(TUNE).tracks[0].notes
    grace = Note(0, 0, 90, marks=frozenset({"grace:1"}))
    rows = [(note.onset, note.duration, note.pitch, 80) for note in (grace, *notes)]
    columns = Columns(*(memoryview(array("q", column)) for column in zip(*rows, strict=True)))
    marks = [grace.marks, *(note.marks for note in notes)]
    track = Track.of(columns, played=([None] * len(rows), marks))
    assert alike(Score((track,)), Score((Track((grace, *notes)),))) == 1
    assert alike(Score((track,)), score(TUNE)) == 1
