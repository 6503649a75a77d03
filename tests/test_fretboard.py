"""Fingering: strings for pitches."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.fretboard import BASS, GUITAR, TUNINGS, finger, octave_shift
from textmusic.score import Note, Track


def melody(*pitches: int) -> Track:
    return Track(tuple(Note(i * 480, 480, p) for i, p in enumerate(pitches)))


def chord(*pitches: int) -> Track:
    return Track(tuple(Note(0, 480, p) for p in pitches))


def frets(track: Track) -> list[int | None]:
    return [track.fret(note) for note in track.notes]


def strings(track: Track) -> list[int | None]:
    return [note.string for note in track.notes]


def test_a_scale_in_first_position_uses_open_strings():
    track, issues = finger(melody(40, 41, 43, 45, 47, 48, 50, 52, 53, 55, 57, 59, 60, 62, 64))
    assert issues == ()
    assert frets(track) == [0, 1, 3, 0, 2, 3, 0, 2, 3, 0, 2, 0, 1, 3, 0]


def test_open_chords_are_fingered_as_guitarists_do():
    c_major, _ = finger(chord(48, 52, 55, 60, 64))
    assert list(zip(strings(c_major), frets(c_major), strict=True)) == [
        (1, 3), (2, 2), (3, 0), (4, 1), (5, 0),
    ]  # fmt: skip
    e_major, _ = finger(chord(40, 47, 52, 56, 59, 64))
    assert frets(e_major) == [0, 2, 2, 1, 0, 0]


def test_a_barre_chord_lies_under_one_hand():
    track, issues = finger(chord(44, 51, 56, 60, 63, 68))
    assert frets(track) == [4, 6, 6, 5, 4, 4]
    assert issues == ()


def test_a_high_passage_stays_in_one_position():
    track, _ = finger(melody(76, 74, 72, 71, 69, 71, 72, 74, 76))
    used = [fret for fret in frets(track) if fret]
    assert max(used) - min(used) <= 5


def test_notes_with_a_playable_string_keep_it():
    played = Track((Note(0, 480, 64, string=3), Note(480, 480, 60)), tuning=GUITAR)
    track, _ = finger(played)
    assert track.notes[0].string == 3
    assert track.fret(track.notes[0]) == 9


def test_two_notes_on_one_string_are_separated():
    clash = Track((Note(0, 480, 45, string=0), Note(0, 480, 47, string=0)), tuning=GUITAR)
    track, issues = finger(clash)
    assert len(set(strings(track))) == 2
    assert [issue.code for issue in issues] == ["fretboard.string"]


def test_a_chord_of_more_notes_than_strings_keeps_the_outer_ones_and_says_so():
    track, issues = finger(chord(40, 45, 50, 52, 55, 57, 59, 64))
    assert len(track.notes) <= 6
    assert {40, 64} <= {note.pitch for note in track.notes}
    assert [issue.code for issue in issues] == ["fretboard.dropped"]
    assert "tick 0" in issues[0].message


def test_notes_out_of_range_are_dropped_unless_octaves_are_asked_for():
    track, issues = finger(melody(30, 50, 120))
    assert [note.pitch for note in track.notes] == [50]
    assert issues[0].code == "fretboard.dropped"
    assert issues[0].message.startswith("2 notes")
    track, issues = finger(melody(30, 50, 120), octaves=True)
    assert [note.pitch for note in track.notes] == [42, 50, 84]
    assert [issue.code for issue in issues] == ["fretboard.octave"]


def test_capo_and_tuning_of_the_track_come_first():
    track, _ = finger(Track((Note(0, 480, 45),), tuning=BASS, capo=2), GUITAR, 0)
    assert (track.tuning, track.capo) == (BASS, 2)
    assert frets(track)[0] is not None
    capoed, issues = finger(melody(40, 42), capo=2)
    assert frets(capoed) == [0]
    assert len(issues) == 1


def test_grace_notes_and_main_note_may_share_a_string():
    grace = Note(0, 0, 64, marks=frozenset({"grace:1"}))
    track, issues = finger(Track((grace, Note(0, 480, 65))))
    assert len(track.notes) == 2
    assert issues == ()


def test_octave_shift_brings_tunes_into_low_positions():
    fiddle = [62, 66, 69, 74, 78, 81, 83]
    assert octave_shift(fiddle) == -12
    assert octave_shift([40, 45, 52, 64]) == 0
    assert octave_shift([28, 33, 35]) == 12
    assert octave_shift([]) == 0


def test_nothing_to_finger_is_no_error():
    track, issues = finger(Track())
    assert (track.notes, issues) == ((), ())
    assert track.tuning == GUITAR


@pytest.mark.parametrize("name", sorted(TUNINGS))
def test_every_named_tuning_can_be_fingered(name: str):
    tuning = TUNINGS[name]
    track, issues = finger(chord(*tuning), tuning)
    assert sorted(n.pitch for n in track.notes) == sorted(tuning)
    assert issues == ()


def work(chords: int) -> int:
    """The number of calls, of Python and C functions, that fingering some chords makes."""
    notes = [
        Note(i * 240, 240, 45 + (i * 7 + 5 * k) % 30)
        for i in range(chords)
        for k in range(1 + i % 4)
    ]
    track, calls = Track(tuple(notes)), [0]

    def count(_frame: object, event: str, _argument: object) -> None:
        calls[0] += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        finger(track)
    finally:
        sys.setprofile(None)
    return calls[0]


def test_the_work_grows_with_the_number_of_chords_and_no_faster():
    assert work(2000) < 2000 * 1000
    assert work(2000) < 5 * work(500)  # chords that are known by now


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 127)), max_size=25),
    st.sampled_from(sorted(TUNINGS.values())),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_what_is_fingered_can_be_played(
    placed: list[tuple[int, int]],
    tuning: tuple[int, ...],
    octaves: bool,  # noqa: FBT001 - drawn by hypothesis
):
    notes = tuple(Note(onset, 1, pitch) for onset, pitch in placed)
    track, issues = finger(Track(notes), tuning, octaves=octaves)
    places = [(note.onset, note.string) for note in track.notes]
    assert len(set(places)) == len(places)
    assert all(fret is not None and 0 <= fret <= 24 for fret in frets(track))
    dropped = [issue for issue in issues if issue.code == "fretboard.dropped"]
    assert (len(track.notes) == len(notes)) == (not dropped)
    again, more = finger(track, octaves=octaves)
    assert again == track
    assert more == ()
