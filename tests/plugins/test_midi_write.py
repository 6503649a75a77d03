"""Writing MIDI files: the way back, mido as the independent reader, what cannot be held."""

from __future__ import annotations

import io

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.midi import mido_notes

from textmusic.errors import FormatError
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.transforms import reduce_ticks, resample
from textmusic_midi import MidiFormat

FORMAT = MidiFormat()


def back(score: Score) -> Score:
    (again,) = FORMAT.decode(FORMAT.encode(score).data).scores
    return again


def codes(score: Score) -> set[str]:
    return {issue.code for issue in FORMAT.encode(score).issues}


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """A track whose equal pitches never overlap."""
    notes, free = [], {}
    for _ in range(draw(st.integers(1, 12))):
        pitch = draw(st.integers(0, 127))
        onset = free.get(pitch, 0) + draw(st.integers(0, 500))
        duration = draw(st.integers(1, 300))
        free[pitch] = onset + duration
        notes.append(Note(onset, duration, pitch, draw(st.integers(1, 127))))
    name = draw(st.text("abc é日", max_size=8)).strip()
    return Track(tuple(notes), name, draw(st.integers(0, 127)), draw(st.booleans()))


@st.composite
def scores(draw: st.DrawFn) -> Score:
    onsets = st.integers(0, 4000)
    return Score(
        tuple(draw(st.lists(tracks(), min_size=1, max_size=18))),
        draw(st.sampled_from([24, 48, 100, 480, 960, 10_080])),
        tuple(Tempo(draw(onsets), draw(st.integers(20, 300))) for _ in range(2)),
        tuple(
            Meter(draw(onsets), draw(st.integers(1, 12)), draw(st.sampled_from([1, 2, 4, 8, 16])))
            for _ in range(3)
        ),
        tuple(
            Key(draw(onsets), draw(st.integers(-7, 7)), draw(st.sampled_from(["major", "minor"])))
            for _ in range(2)
        ),
        {"title": "A tune", "composer": "me"},
    )


@given(scores())
@settings(max_examples=40, deadline=None)
def test_what_is_written_reads_back_equal_and_mido_sees_the_same_notes(score: Score):
    written = FORMAT.encode(score).data
    (again,) = FORMAT.decode(written).scores
    assert again == resample(score, again.tpq)
    ours = sorted((n.onset, n.end, n.pitch, t.is_drum) for t in again.tracks for n in t.notes)
    assert mido_notes(written) == ours


def test_the_same_score_gives_the_same_bytes():
    score = Score((Track((Note(0, 480, 60), Note(0, 480, 64))),))
    assert FORMAT.encode(score).data == FORMAT.encode(score).data


def test_few_ticks_a_quarter_are_scaled_up_exactly():
    score = Score((Track((Note(0, 1, 60), Note(1, 2, 62))),), tpq=7)
    assert back(score).tpq == 483
    assert reduce_ticks(back(score)) == reduce_ticks(score)


def test_too_many_ticks_a_quarter_are_reduced_or_rounded_and_reported():
    fine = Score((Track((Note(0, 50_000, 60),)),), tpq=100_000)
    assert codes(fine) == set()
    assert reduce_ticks(back(fine)) == reduce_ticks(fine)
    odd = Score((Track((Note(0, 99_991, 60),)),), tpq=100_003)
    assert codes(odd) == {"midi.ticks"}
    assert back(odd).tracks[0].notes[0].duration == round(99_991 / 100_003 * 30_240)


def test_every_metre_is_written_so_that_upbeats_survive():
    score = Score(
        (Track((Note(0, 240, 60), Note(240, 1920, 62))),), meters=(Meter(0, 4, 4), Meter(240, 4, 4))
    )
    assert back(score).bars() == score.bars()


def test_many_tracks_keep_off_the_drum_channel_and_their_own_programs():
    many = tuple(Track((Note(0, 480, 60 + i),), f"t{i}", i) for i in range(20))
    drums = Track((Note(0, 480, 36),), "drums", 0, is_drum=True)
    score = Score((*many, drums))
    assert back(score) == score
    assert codes(score) == {"midi.channels"}
    few = Score((*many[:15], drums))
    assert codes(few) == set()
    channels = {
        m.channel
        for t in mido.MidiFile(file=io.BytesIO(FORMAT.encode(few).data)).tracks
        for m in t
        if m.type == "note_on"
    }
    assert channels == set(range(16))


def test_tracks_of_one_program_share_a_channel_before_programs_do():
    many = tuple(Track((Note(0, 480, 60),), f"t{i}", i % 3) for i in range(20))
    assert codes(Score(many)) == set()


def test_overlapping_equal_pitches_both_sound_and_are_reported():
    score = Score((Track((Note(0, 960, 60), Note(480, 960, 60), Note(480, 240, 60))),))
    assert "midi.overlap" in codes(score)
    assert [(n.onset, n.duration) for n in back(score).notes()] == [(0, 480), (480, 960)]


def test_grace_notes_take_their_time_from_the_main_note_of_their_string():
    graces = (
        Note(480, 0, 62, string=1, marks=frozenset({"grace:2"})),
        Note(480, 0, 63, string=1, marks=frozenset({"grace:1"})),
    )
    mains = (Note(480, 480, 64, string=1), Note(480, 480, 40, string=0))
    score = Score((Track((*graces, *mains), tuning=(40, 60)),))
    found = [(n.onset, n.duration, n.pitch) for n in back(score).notes()]
    assert found == [(480, 480, 40), (480, 60, 62), (540, 60, 63), (600, 360, 64)]
    assert codes(score) == {"midi.grace", "midi.strings"}


def test_title_copyright_and_provenance_are_in_the_file():
    meta = {"title": "Reel", "copyright": "none", "provenance": "seed 3", "comment": "x"}
    score = Score((Track((Note(0, 480, 60),)),), meta=meta)
    texts = {
        (m.type, getattr(m, "name", None) or m.text)
        for m in mido.MidiFile(file=io.BytesIO(FORMAT.encode(score).data)).tracks[0]
        if m.type in {"track_name", "text", "copyright"}
    }
    assert ("track_name", "Reel") in texts
    assert ("text", "provenance: seed 3") in texts
    assert back(score).meta == score.meta


def test_what_midi_cannot_hold_is_named():
    note = Note(0, 480, 64, string=0, marks=frozenset({"hammer", "bend:2"}))
    score = Score(
        (Track((note,), tuning=(40,)),), keys=(Key(0, 0, "dorian"),), tempos=(Tempo(0, 2.0),)
    )
    assert codes(score) == {"midi.strings", "midi.techniques", "midi.mode", "midi.tempo"}


def test_a_pause_beyond_the_format_is_an_error():
    with pytest.raises(FormatError, match="pause"):
        FORMAT.encode(Score((Track((Note(1 << 29, 480, 60),)),)))


def test_a_score_without_notes_is_a_file_without_notes():
    written = FORMAT.encode(Score())
    loaded = FORMAT.decode(written.data)
    assert [issue.code for issue in loaded.issues] == ["midi.no-notes"]
