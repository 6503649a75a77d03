"""Any Score as ABC, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic import Key, Meter, Note, Score, Tempo, Track
from textmusic.errors import ConfigError, EncodeError
from textmusic.grammar import first_error
from textmusic.testing import check_codec, scores
from textmusic_abc import AbcCodec

CODEC = AbcCodec()


def line(*lengths, pitch=60, **score):
    """Notes one after the other; None rests as long as the number after it."""
    notes, now = [], 0
    for length in lengths:
        notes.append(Note(now, length, pitch))
        now += length
        pitch += 1
    return Score((Track(tuple(notes)),), **{"tpq": 12, "keys": (Key(0, 0),), **score})


def held(score):
    projected = CODEC.project(score)
    text = CODEC.encode(projected)
    assert CODEC.decode(text) == projected
    assert CODEC.canonical(text) == text
    return text


def test_laws():
    check_codec(CODEC, examples=40)


def test_laws_of_a_fine_grid():
    check_codec(AbcCodec(divisions=(24,)), examples=10)


@settings(max_examples=60, deadline=None)
@given(scores())
def test_every_score_comes_back_as_projected(score):
    try:
        projected = CODEC.project(score)
    except EncodeError:
        assert not any(note.duration for note in score.notes())
        return
    assert CODEC.project(projected) == projected
    text = CODEC.encode(projected)
    assert CODEC.decode(text) == projected
    assert CODEC.encode(CODEC.decode(text)) == text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 95), st.integers(1, 60), st.integers(50, 60)), min_size=1))
def test_dense_polyphony_is_exact_on_the_grid_of_triplets(rows):
    taken, notes = set(), []
    for onset, duration, pitch in rows:
        span = {(pitch, tick) for tick in range(onset, onset + duration)}
        if not span & taken:
            taken |= span
            notes.append(Note(onset, duration, pitch))
    score = Score((Track(tuple(notes)),), 12, meters=(Meter(0, 3, 4),), keys=(Key(0, -3),))
    projected = CODEC.project(score)
    assert projected.tracks == CODEC.decode(CODEC.encode(projected)).tracks
    twelfths = [(n.onset * 12 // projected.tpq, n.pitch) for n in projected.notes()]
    assert twelfths == [(n.onset, n.pitch) for n in score.notes()]


def test_a_quartet_stands_bar_by_bar():
    tracks = tuple(
        Track((Note(0, 4, pitch), Note(4, 4, pitch + 2)), program=program)
        for pitch, program in ((76, 40), (67, 40), (60, 41), (48, 42))
    )
    score = Score(tracks, 1, tempos=(Tempo(0, 96.0),), meters=(Meter(0, 4, 4),), keys=(Key(0, 0),))
    assert held(score) == (
        "M:4/4\nL:1/8\nQ:1/4=96\nK:C\n"
        "V:1\n%%MIDI program 40\nV:2\n%%MIDI program 40\n"
        "V:3\n%%MIDI program 41\nV:4\n%%MIDI program 42\n"
        "[V:1]e8|[V:2]G8|[V:3]C8|[V:4]C,8|\n"
        "[V:1]^f8|][V:2]A8|][V:3]D8|][V:4]D,8|]"
    )


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (line(12, 24, 12, meters=(Meter(0, 4, 4),)), "C ^C2 D|]"),
        (line(24, 36, 12, meters=(Meter(0, 4, 4),)), "C2 ^C2-|^C D|]"),
        (line(8, 8, 8, meters=(Meter(0, 2, 4),)), "(3C^CD|]"),
        (line(4, 4, 4, 12, meters=(Meter(0, 2, 4),)), "(3C^CD _E2|]"),
        (line(16, 8, meters=(Meter(0, 2, 4),)), "(3:2:2C2^C|]"),
        (line(20, 4, meters=(Meter(0, 2, 4),)), "(3:2:2C5^C|]"),
        (line(12, meters=(Meter(0, 4, 4), Meter(12, 4, 4))), "C|]"),
        (line(12, 48, meters=(Meter(0, 4, 4), Meter(12, 4, 4))), "C|^C4|]"),
        (line(48, 12, 48, meters=(Meter(0, 4, 4), Meter(60, 4, 4))), "C4|[M:1/4]^C||[M:4/4]D4|]"),
        (line(48, 36, meters=(Meter(0, 4, 4), Meter(48, 3, 4))), "C8|[M:3/4]^C6|]"),
        (line(48, 48, meters=(Meter(0, 4, 4),), keys=(Key(0, 0), Key(48, 5))), "C8|[K:B]C8|]"),
    ],
)
def test_bars_and_lengths(score, expected):
    assert held(score).splitlines()[-1] == expected


def test_notes_that_overlap_become_tied_chords():
    track = Track((Note(0, 4, 48), Note(0, 1, 64), Note(1, 3, 65)))
    score = Score((track,), 1, meters=(Meter(0, 4, 4),))
    assert held(score).endswith("[C,-E] [C,F]3|]")


def test_a_chord_avoids_two_kinds_of_one_letter():
    track = Track((Note(0, 4, 60), Note(0, 4, 61)))
    assert held(Score((track,), 1, meters=(Meter(0, 4, 4),))).endswith("[C_D]8|]")


def test_very_low_notes_say_their_accidentals_which_readers_forget():
    track = Track((Note(0, 1, 10), Note(1, 1, 10), Note(2, 1, 9), Note(3, 1, 9)))
    score = Score((track,), 1, meters=(Meter(0, 4, 4),))
    assert held(score).splitlines()[-1] == "_B,,,,, _B,,,,, =A,,,,, =A,,,,,|]"


def test_grace_notes_and_marks():
    notes = (
        Note(0, 0, 62, marks=frozenset({"grace:2"})),
        Note(0, 0, 64, marks=frozenset({"grace:1"})),
        Note(0, 2, 65, marks=frozenset({"trill", "bend:2"})),
        Note(2, 2, 67, velocity=99, marks=frozenset({"staccato"})),
    )
    score = Score((Track(notes),), 1, meters=(Meter(0, 4, 4),))
    assert held(score).endswith("{DE}TF4 .G4|]")
    assert [issue.code for issue in CODEC.explain(score)] == ["abc.marks"]


def test_played_times_go_to_the_grid_and_explain_says_so():
    score = Score((Track((Note(3, 470, 60), Note(481, 455, 62))),), 480)
    projected = CODEC.project(score)
    assert [(n.onset / projected.tpq, n.duration / projected.tpq) for n in projected.notes()] == [
        (0, 1),
        (1, 1),
    ]
    assert [issue.code for issue in CODEC.explain(score)] == ["abc.grid"]


def test_quintuplets_and_septuplets_need_no_grid():
    notes = [Note(7 * i, 7, 60 + i) for i in range(5)] + [Note(35 + 5 * i, 5, 60) for i in range(7)]
    score = Score((Track(tuple(notes)),), 35, meters=(Meter(0, 2, 4),))
    assert CODEC.explain(score) == ()
    assert "(5:4:5" in held(score)
    assert "(7:4:7" in held(score)


def test_played_notes_of_one_pitch_that_overlap_are_parted():
    score = Score((Track((Note(0, 403, 60), Note(201, 403, 60), Note(201, 99, 60))),), 101)
    assert [(n.onset, n.duration) for n in CODEC.project(score).notes()] == [(0, 2), (2, 4)]
    assert {issue.code for issue in CODEC.explain(score)} == {"abc.overlap", "abc.grid"}


@pytest.mark.parametrize("count", [9, 16, 17, 40, 128])
def test_chords_that_no_reader_takes_are_shared_by_layers(count):
    marks = frozenset({"accent"})
    notes = tuple(Note(onset, 12, pitch, marks=marks) for onset in (0, 6) for pitch in range(count))
    score = Score((Track(notes),), 12, (), (), (Key(0, 0),))
    text = held(score)
    assert first_error(CODEC.grammar(), text) is None
    assert not any(note.marks & marks for note in CODEC.decode(text).notes() if count > 100)
    with pytest.raises(EncodeError):
        CODEC.encode(score)


def test_encode_refuses_what_it_would_change():
    with pytest.raises(EncodeError):
        CODEC.encode(Score((Track((Note(0, 1, 60, velocity=33),)),), 1))
    with pytest.raises(EncodeError):
        CODEC.encode(line(5, 7, tpq=11))


@pytest.mark.parametrize(
    "score", [Score(), Score((Track(),)), Score((Track((Note(0, 10**9, 60),)),), 1)]
)
def test_what_cannot_be_projected(score):
    with pytest.raises(EncodeError):
        CODEC.project(score)


def test_options_are_checked():
    with pytest.raises(ConfigError):
        AbcCodec(divisions=(7,))
