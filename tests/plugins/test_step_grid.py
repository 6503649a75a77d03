"""The grid of the step texts, on notes made one by one and on notes in columns."""

from __future__ import annotations

from array import array
from itertools import starmap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import EncodeError
from textmusic.score import Columns, Note, Score, Track
from textmusic_midi import NoteEventsCodec, PianoRollCodec

CODECS = (
    NoteEventsCodec(),
    NoteEventsCodec(hold="onset", steps=7),
    NoteEventsCodec(hold="repeat", lowest=50, highest=70, outside="drop"),
    PianoRollCodec(),
    PianoRollCodec(states="two", lowest=55, highest=63),
)
NOTES = st.tuples(
    st.integers(0, 2000), st.integers(1, 700), st.integers(40, 80), st.integers(1, 127)
)


def in_columns(track: Track) -> Track:
    rows = [(n.onset, n.duration, n.pitch, n.velocity) for n in track.notes]
    columns = Columns(*(memoryview(array("q", column)) for column in zip(*rows, strict=True)))
    return Track.of(columns, program=track.program, is_drum=track.is_drum)


@pytest.mark.parametrize("codec", CODECS)
@given(parts=st.lists(st.lists(NOTES, min_size=1, max_size=25), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_notes_in_columns_give_the_same_text(codec, parts) -> None:
    made = tuple(
        Track(tuple(starmap(Note, rows)), program=number, is_drum=number == 2)
        for number, rows in enumerate(parts)
    )
    one, other = Score(made, 480), Score(tuple(map(in_columns, made)), 480)
    try:
        held = codec.project(one)
    except EncodeError as error:
        with pytest.raises(EncodeError, match=str(error)):
            codec.project(other)
        return
    assert codec.project(other) == held
    assert codec.explain(other) == codec.explain(one)
    assert codec.encode(codec.project(other)) == codec.encode(held)
    assert codec.decode(codec.encode(held)) == held


@pytest.mark.parametrize("codec", CODECS)
def test_ticks_that_no_machine_number_holds_are_left_out(codec) -> None:
    late = 10**30
    track = Track((Note(0, late, 60), Note(5, 480, 62), Note(late, 1, 60)))
    held = codec.project(Score((track,), 480))
    assert {note.pitch for note in held.notes()} == {60, 62}
    assert max(note.end for note in held.notes()) <= 20_000 * held.tpq
    issues = {
        issue.code.partition(".")[2]: issue.message for issue in codec.explain(Score((track,), 480))
    }
    assert issues["late"].startswith("1 notes left out")


def test_tracks_joined_into_one_part_are_sorted() -> None:
    tracks = [Track((Note(5, 1, 60), Note(9, 1, 60))), Track((Note(0, 1, 72), Note(9, 1, 48)))]
    held = PianoRollCodec().project(Score(tuple(tracks), 24))
    assert [(n.onset, n.pitch) for n in held.notes()] == [(0, 72), (5, 60), (9, 48), (9, 60)]
