"""Score: construction, order, bars."""

from __future__ import annotations

import copy
import pickle
import random
from array import array
from dataclasses import replace

import pytest

from textmusic.errors import ScoreError
from textmusic.score import Columns, Key, Meter, Note, Score, Tempo, Track


def test_equal_music_is_equal_whatever_the_order() -> None:
    a, b = Note(0, 10, 60), Note(10, 10, 62)
    assert Track([a, b]) == Track([b, a])
    assert hash(Track([a, b])) == hash(Track([b, a]))


@pytest.mark.parametrize(
    "values", [(-1, 1, 60), (0, 0, 60), (0, 1, 128), (0, 1, 60, 0), (0, -5, 60, 80)]
)
def test_notes_are_checked(values: tuple[int, ...]) -> None:
    with pytest.raises(ScoreError):
        Note(*values)


def test_notes_are_stored_in_one_order_however_they_come() -> None:
    rng = random.Random(1)
    for _ in range(300):
        notes = [
            Note(onset, length, pitch, marks=frozenset(rng.choice(((), (), ("dead",), ("tap",)))))
            for onset, length, pitch in (
                (rng.randrange(3), rng.randrange(1, 3), rng.randrange(60, 62)) for _ in range(4)
            )
        ]
        notes.append(Note(1, 0, 60, marks=frozenset({f"grace:{rng.randrange(1, 3)}"})))
        stored = Track(tuple(notes)).notes
        rng.shuffle(notes)
        assert Track(tuple(notes)).notes == stored == Track(stored).notes


def test_grace_notes_take_no_time_and_keep_their_order() -> None:
    main = Note(0, 10, 60)
    first, second = (Note(0, 0, 67, marks=frozenset({f"grace:{k}"})) for k in (2, 1))
    assert Track([main, second, first]).notes == (first, second, main)


def test_an_upbeat_is_a_meter_that_cuts_a_bar() -> None:
    notes = [Note(0, 240, 60), Note(240, 1920, 62)]
    score = Score([Track(notes)], meters=[Meter(0, 4, 4), Meter(240, 4, 4)])
    assert [(b.onset, b.end, b.is_short) for b in score.bars()] == [
        (0, 240, True),
        (240, 2160, False),
    ]


def test_meters_that_change_nothing_are_dropped() -> None:
    assert Score(meters=[Meter(0, 4, 4), Meter(1920, 4, 4)]).meters == (Meter(0, 4, 4),)
    assert len(Score(meters=[Meter(0, 4, 4), Meter(960, 4, 4)]).meters) == 2
    assert Score(tempos=[Tempo(0, 90), Tempo(5, 90)]).tempos == (Tempo(0, 90),)
    assert Score(keys=[Key(0, 1), Key(0, 2)]).keys == (Key(0, 2),)


def test_seconds_follow_the_tempo() -> None:
    score = Score(tempos=[Tempo(0, 60), Tempo(480, 120)])
    assert score.seconds(960) == pytest.approx(1.5)


def test_bars_can_be_counted_without_them() -> None:
    meters = (Meter(240, 4, 4), Meter(6000, 3, 8))
    score = Score((Track((Note(0, 9000, 60),)),), meters=meters)
    for end in (None, 0, 1, 240, 5999, 6000, 6001, 20_000):
        assert score.bar_count(end) == len(score.bars(end))


def test_a_bar_must_be_whole_ticks() -> None:
    with pytest.raises(ScoreError, match="whole number of ticks"):
        Score(tpq=1, meters=[Meter(0, 3, 8)])


def columns(*notes: tuple[int, int, int, int]) -> Columns:
    return Columns(*(memoryview(array("q", column)) for column in zip(*notes, strict=True)))


def test_a_track_of_columns_is_the_track_of_the_same_notes() -> None:
    rows = [(0, 2, 60, 80), (0, 3, 64, 90), (5, 1, 60, 1)]
    made = Track(tuple(Note(*row) for row in rows), "solo", 7)
    for use in (lambda t: t, replace, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))):
        track = use(Track.of(columns(*rows), name="solo", program=7))
        assert track == made
        assert made == track
        assert hash(track) == hash(made)
        assert repr(track) == repr(made)
        assert track.notes is track.notes
    assert made.columns is None
    assert Score((made,)).end == Score((Track.of(columns(*rows)),)).end == 6


def test_a_track_of_columns_can_have_strings_and_marks() -> None:
    grace, dead = frozenset({"grace:1"}), frozenset({"dead"})
    notes = (Note(0, 0, 45, 80, 1, grace), Note(0, 3, 40, 80, 0), Note(3, 2, 40, 80, 0, dead))
    rows = columns((0, 0, 45, 80), (0, 3, 40, 80), (3, 2, 40, 80))
    played = ([1, 0, 0], [grace, frozenset[str](), dead])
    track = Track.of(rows, tuning=(40, 45), capo=0, played=played)
    assert track.columns is None
    assert track.sounds == rows
    assert track == Track(notes, tuning=(40, 45))
    assert pickle.loads(pickle.dumps(track)) == track
    assert Score((Track.of(rows, tuning=(40, 45), played=played),)).end == 5


def test_tracks_of_columns_differ_where_a_note_or_another_value_does() -> None:
    track = Track.of(columns((0, 2, 60, 80)))
    assert track == Track.of(columns((0, 2, 60, 80)))
    assert track != Track.of(columns((0, 2, 60, 81)))
    assert track != Track.of(columns((0, 2, 60, 80)), is_drum=True)
    assert track != "a track"


def test_notes_of_columns_are_checked_when_they_are_made() -> None:
    track = Track.of(columns((0, 2, 128, 80)))
    with pytest.raises(ScoreError, match="pitch 128"):
        _ = track.notes
    with pytest.raises(AttributeError, match="'Track' object has no attribute 'note'"):
        _ = track.note
