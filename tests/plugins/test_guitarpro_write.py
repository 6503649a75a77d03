"""Writing Guitar Pro files: the way back, and what cannot be held."""

from __future__ import annotations

from dataclasses import replace

import pytest
from guitarpro_scores import GUITAR, scores, whole_bars
from guitarpro_writing import FORMATS, back, codes, guitar, places
from hypothesis import given, settings

from textmusic.errors import FormatError
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro import GuitarPro4, GuitarPro5


@given(scores())
@settings(max_examples=40, deadline=None)
def test_whatever_lies_on_the_grid_reads_back_equal(score: Score):
    assert back(score) == reduce_ticks(score)


@pytest.mark.parametrize("form", FORMATS)
def test_strings_frets_and_lengths_survive_in_each_version(form: GuitarPro5):
    score = guitar(
        *(Note(0, 720, 55, 79, 2), Note(0, 1920, 40, 79, 0), Note(720, 80, 67, 79, 5)),
        *(Note(800, 160, 64, 79, 5), Note(1920, 3000, 47, 79, 1)),
    )
    assert places(back(score, form)) == places(score)
    assert codes(score, form) == set()


def test_chords_of_different_lengths_and_notes_over_bar_lines_are_tied():
    score = guitar(Note(0, 5000, 40, 79, 0), Note(480, 480, 64, 79, 5), Note(1800, 240, 62, 79, 4))
    assert places(back(score)) == places(score)


def test_voices_survive_where_there_are_two():
    score = guitar(
        *(Note(0, 960, 40, 79, 0, frozenset({"voice:2"})), Note(0, 480, 64, 79, 5)),
        *(Note(480, 480, 65, 79, 5), Note(480, 480, 55, 79, 3, frozenset({"voice:2"}))),
    )
    assert back(score).tracks == reduce_ticks(score).tracks
    assert codes(score) == set()
    assert codes(score, GuitarPro4()) == {"guitarpro.voice"}
    assert places(back(score, GuitarPro4())) == places(score)


def test_measures_of_over_100_beats_are_divided():
    notes = tuple(Note(i * 30, 30, 64, 79, 5) for i in range(256))
    score = replace(guitar(*notes), meters=(Meter(0, 4, 1),))
    again = back(score)
    assert places(again) == places(score)
    assert {(bar.numerator, bar.denominator) for bar in again.bars()} == {(1, 1)}
    assert codes(score) == {"guitarpro.short-bar"}


def test_one_grace_note_a_main_note_survives_others_are_reported():
    grace = Note(480, 0, 62, 79, 4, frozenset({"grace:1", "slide"}))
    main = Note(480, 480, 64, 79, 4)
    score = guitar(grace, main)
    assert places(back(score)) == places(score)
    assert next(iter(back(score).notes())).marks == grace.marks
    second = replace(grace, marks=frozenset({"grace:2"}))
    assert codes(guitar(second, grace, main)) == {"guitarpro.grace"}


def test_upbeats_get_a_time_signature_that_fits():
    track = Track((Note(0, 240, 64, 79, 5), Note(240, 1920, 62, 79, 4)), tuning=GUITAR)
    score = Score((track,), meters=(Meter(0, 4, 4), Meter(240, 4, 4)))
    assert [(b.numerator, b.denominator) for b in back(score).bars()] == [(1, 8), (4, 4)]
    assert places(back(score)) == places(score)
    assert codes(score) == {"guitarpro.short-bar"}


def test_tempo_changes_within_a_bar_survive():
    score = replace(
        guitar(Note(0, 3840, 64, 79, 5)), tempos=(Tempo(0, 100), Tempo(720, 90.4), Tempo(960, 80))
    )
    again = reduce_ticks(back(score), 480)
    assert [(t.onset, t.qpm) for t in again.tempos] == [(0, 100), (720, 90), (960, 80)]
    assert codes(score) == {"guitarpro.tempo"}


def test_keys_and_modes_survive_as_signatures():
    score = replace(guitar(Note(0, 3840, 64, 79, 5)), keys=(Key(0, 2, "mixolydian"), Key(1920, -3)))
    again = reduce_ticks(back(score), 480)
    assert again.keys == (Key(0, 2), Key(1920, -3))
    assert codes(score) == {"guitarpro.mode"}


def test_texts_and_provenance_survive():
    meta = {
        "title": "Lied",
        "artist": "Größe",
        "composer": "Чайковский",
        "copyright": "none",
        "provenance": "seed 3 " + "x" * 400,
        "comment": "one\n\ntwo",
    }
    score = replace(guitar(Note(0, 480, 64, 79, 5)), meta=meta)
    assert back(score).meta == score.meta


def test_notes_without_strings_are_fingered():
    track = Track((Note(0, 480, 40, 79), Note(0, 480, 47, 79), Note(0, 480, 52, 79)))
    (again,) = back(Score((track,))).tracks
    assert again.tuning == GUITAR
    assert [(n.string, n.pitch) for n in again.notes] == [(0, 40), (1, 47), (2, 52)]


def test_pitches_beyond_a_guitar_get_a_tuning_that_reaches_them():
    track = Track((Note(0, 480, 24, 79), Note(480, 480, 100, 79)))
    assert [n.pitch for n in back(Score((track,))).notes()] == [24, 100]


def test_bass_programs_get_a_bass():
    track = Track((Note(0, 480, 31, 79),), program=33)
    assert back(Score((track,))).tracks[0].tuning == (28, 33, 38, 43)


def test_eight_strings_become_seven():
    tuning = (30, 35, 40, 45, 50, 55, 59, 64)
    track = Track((Note(0, 480, 64, 79, 7), Note(480, 480, 45, 79, 2)), tuning=tuning)
    score = Score((track,))
    assert codes(score) == {"guitarpro.strings"}
    assert sorted(n.pitch for n in back(score).notes()) == [45, 64]


def test_two_notes_struck_at_once_on_a_string_use_the_second_voice():
    score = guitar(Note(0, 480, 64, 79, 5), Note(0, 480, 67, 79, 5))
    assert places(back(score)) == places(score)
    assert codes(score, GuitarPro4()) == {"guitarpro.dropped"}


def test_a_string_struck_again_ends_the_note_before():
    score = guitar(Note(0, 960, 64, 79, 5), Note(480, 480, 67, 79, 5))
    assert places(back(score)) == [(0, 480, 5, 64), (480, 480, 5, 67)]
    assert codes(score) == {"guitarpro.shortened"}


def test_times_off_the_grid_move_and_are_counted():
    score = guitar(Note(0, 480, 64, 79, 5), Note(485, 475, 67, 79, 5))
    assert codes(score) == {"guitarpro.moved"}
    assert codes(guitar(Note(0, 473, 64, 79, 5))) == {"guitarpro.length"}
    assert [onset for onset, *_ in places(back(score))] == [0, 480]


def test_more_tracks_than_channels_share_them():
    many = tuple(replace(guitar(Note(0, 480, 64, 79, 5)).tracks[0], program=i) for i in range(40))
    again = back(Score(many))
    assert [t.program for t in again.tracks[:30]] == list(range(30))
    assert codes(Score(many)) == {"guitarpro.channels"}


def test_an_empty_score_is_a_file_with_a_measure():
    assert back(Score()).meters == (Meter(0, 4, 4),)


def test_too_long_scores_are_refused():
    with pytest.raises(FormatError, match="measures"):
        GuitarPro5().encode(guitar(Note(480 * 4 * 12_000, 480, 64, 79, 5)))


def test_the_same_score_gives_the_same_bytes():
    score = guitar(Note(0, 480, 64, 79, 5))
    assert GuitarPro5().encode(score).data == GuitarPro5().encode(score).data


def test_real_files_keep_strings_frets_and_times(data):
    paths = sorted(p for p in (data / "gp").rglob("*.gp[345]") if p.stat().st_size < 50_000)
    for path in paths[5::25]:
        score = GuitarPro5().read(path).scores[0]
        assert places(back(score)) == places(score), path
        assert back(score).tempos == reduce_ticks(score).tempos
        assert whole_bars(back(score)) == whole_bars(score)


def test_tempo_changes_that_fall_together_are_named():
    tempos = (Tempo(0, 100), Tempo(953, 90), Tempo(957, 80))
    issues = GuitarPro5().encode(replace(guitar(Note(0, 1920, 64, 79, 5)), tempos=tempos)).issues
    assert [(issue.code, issue.message) for issue in issues] == [
        ("guitarpro.tempo", "2 tempo changes move to the nearest time that note values can hold"),
        ("guitarpro.tempo", "1 tempo changes left out: another one is at their time"),
    ]


def test_tempo_changes_that_fall_on_the_end_are_named():
    tempos = (Tempo(0, 100), Tempo(2390, 80))
    meters = (Meter(0, 4, 4), Meter(1930, 1, 4))  # a bar that is cut off, and one as far off
    notes = Note(0, 1930, 64, 79, 5), Note(1930, 480, 64, 79, 5)
    score = replace(guitar(*notes), tempos=tempos, meters=meters)
    issues = [i for i in GuitarPro5().encode(score).issues if i.code == "guitarpro.tempo"]
    assert [issue.message for issue in issues] == [
        "1 tempo changes move to the nearest time that note values can hold",
        "1 tempo changes left out: they fall on the end of the last measure",
    ]
    assert [tempo.qpm for tempo in back(score).tempos] == [100]
