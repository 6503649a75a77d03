"""Several voices in one track: layers of a bar."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic import Key, Meter, Note, Score, Tempo, Track
from textmusic.errors import EncodeError
from textmusic_abc import AbcCodec

CODEC = AbcCodec()


def voice(number, *notes):
    marks = frozenset({f"voice:{number}"}) if number > 1 else frozenset()
    return [Note(onset, duration, pitch, marks=marks) for onset, duration, pitch in notes]


def piece(*notes, **score):
    return Score((Track(notes),), **{"tpq": 2, "meters": (Meter(0, 4, 4),), **score})


def body(score):
    """The text after its key, once it has proved to be exact."""
    assert CODEC.explain(score) == ()
    held = CODEC.project(score)
    text = CODEC.encode(held)
    assert CODEC.decode(text) == held
    assert CODEC.canonical(text) == text
    assert sorted((n.onset * score.tpq / held.tpq, n.pitch, *n.marks) for n in held.notes()) == (
        sorted((n.onset, n.pitch, *n.marks) for n in score.notes())
    )
    return text.split("\nK:C\n")[1]


def test_voices_of_a_track_are_layers_of_its_bars():
    upper = voice(1, (0, 4, 72), (4, 4, 74), (8, 8, 76))
    lower = voice(2, (0, 6, 60), (6, 2, 62))
    assert body(piece(*upper, *lower)) == "c2 d2&C3 D|e4|]"


def test_a_unison_of_two_voices_is_two_notes():
    assert body(piece(*voice(1, (0, 8, 60)), *voice(2, (0, 4, 60), (4, 4, 60)))) == "C8&C4 C4|]"


def test_ties_and_their_accidentals_stay_in_their_voice_over_the_bar():
    upper = voice(1, (0, 12, 73), (12, 4, 72))
    lower = voice(2, (0, 10, 61), (10, 6, 60))
    assert body(piece(*upper, *lower)) == "^c4-&^C4-|^c2 =c2&^C =C3|]"
    upper = voice(1, (0, 8, 61), (8, 8, 60))
    lower = voice(2, (0, 12, 61), (12, 4, 60))
    assert body(piece(*upper, *lower)) == "^C8&^C8-|C8&^C4 =C4|]"


def test_a_silent_first_voice_rests():
    assert body(piece(*voice(2, (0, 8, 60)), *voice(3, (4, 4, 48)))) == "z8&C8&z4 C,4|]"


def test_a_voice_has_grace_notes_and_marks_of_its_own():
    grace = Note(4, 0, 62, marks=frozenset({"voice:2", "grace:1"}))
    struck = Note(4, 4, 60, marks=frozenset({"voice:2", "staccato"}))
    score = piece(*voice(1, (0, 8, 72)), grace, struck)
    assert body(score) == "c8&z4 {D}.C4|]"


def test_unmarked_notes_of_one_pitch_that_overlap_go_to_two_voices():
    score = piece(*voice(1, (0, 4, 60), (2, 4, 60), (2, 2, 64)))
    assert CODEC.explain(score) == ()
    held = CODEC.project(score)
    assert [(n.onset, n.duration, n.pitch, set(n.marks)) for n in held.notes()] == [
        (0, 2, 60, set()),
        (1, 2, 60, {"voice:2"}),
        (1, 1, 64, set()),
    ]
    assert CODEC.encode(held).endswith("C- [CE] z&z C2|]")


def test_drums_that_overlap_are_cut():
    drums = Track(voice(1, (0, 4, 36), (2, 2, 36)), is_drum=True)
    score = Score((drums,), 2)
    assert [(n.onset, n.duration) for n in CODEC.project(score).notes()] == [(0, 1), (1, 1)]
    assert [issue.code for issue in CODEC.explain(score)] == ["abc.overlap"]


def test_more_unisons_than_there_are_voices_are_cut():
    score = piece(*voice(1, *((0, length, 60) for length in range(1, 17))))
    held = CODEC.project(score)
    assert [n.duration for n in held.notes()] == [16, 15, 14, 13, 12, 11, 10, 9][::-1]
    assert [issue.code for issue in CODEC.explain(score)] == ["abc.overlap"]


def test_a_tempo_stays_where_a_note_starts_and_else_goes_to_its_bar():
    tempos = (Tempo(0, 90.0), Tempo(4, 60.0), Tempo(10, 120.0))
    score = piece(*voice(1, (0, 4, 60), (4, 12, 62)), tempos=tempos, keys=(Key(0, 0),))
    held = CODEC.project(score)
    assert CODEC.encode(held).endswith("Q:1/4=90\nK:C\nC4[Q:1/4=60] D4-|[Q:1/4=120]D8|]")
    assert [issue.code for issue in CODEC.explain(score)] == ["abc.tempo"]


def test_a_tempo_within_a_long_note_is_said_by_another_voice():
    tracks = Track(voice(1, (0, 8, 72))), Track(voice(1, (0, 4, 60), (4, 4, 62)))
    tempos = Tempo(0, 90.0), Tempo(4, 60.0)
    score = Score(tracks, 2, tempos, (Meter(0, 4, 4),), (Key(0, 0),))
    assert CODEC.explain(score) == ()
    assert CODEC.encode(CODEC.project(score)).endswith("[V:1]c8|][V:2]C4[Q:1/4=60] D4|]")
    with pytest.raises(EncodeError, match="a tempo of 60"):
        CODEC.encode(Score(tracks, 2, (Tempo(0, 90.0), Tempo(3, 60.0)), (Meter(0, 4, 4),)))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 24), st.integers(58, 64), st.integers(1, 3)),
        min_size=1,
        max_size=24,
    )
)
def test_notes_in_voices_are_exact(rows):
    notes = [note for row in rows for note in voice(row[3], row[:3])]
    held = CODEC.project(piece(*notes, tpq=12))
    assert CODEC.project(held) == held
    text = CODEC.encode(held)
    assert CODEC.decode(text) == held
    assert CODEC.canonical(text) == text
    times = sorted((n.onset * 12 // held.tpq, n.pitch) for n in held.notes())
    if not CODEC.explain(piece(*notes, tpq=12)):
        assert times == sorted((n.onset, n.pitch) for n in notes)
