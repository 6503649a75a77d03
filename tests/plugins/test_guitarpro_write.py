"""Writing Guitar Pro files: the way back, techniques, what cannot be held."""

from __future__ import annotations

from dataclasses import replace

import pytest
from guitarpro_scores import GUITAR, scores, whole_bars
from hypothesis import given, settings

from textmusic.errors import FormatError
from textmusic.form import Form, unfold
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro import GuitarPro3, GuitarPro4, GuitarPro5

FORMATS = [GuitarPro3(), GuitarPro4(), GuitarPro5()]


def back(score: Score, form: GuitarPro5 | None = None) -> Score:
    form = form or GuitarPro5()
    (again,) = form.decode(form.encode(score).data).scores
    return reduce_ticks(again)


def codes(score: Score, form: GuitarPro5 | None = None) -> set[str]:
    return {issue.code for issue in (form or GuitarPro5()).encode(score).issues}


def guitar(*notes: Note, capo: int = 0) -> Score:
    return Score((Track(notes, "Guitar", 25, tuning=GUITAR, capo=capo),))


def places(score: Score) -> list[tuple[int, int, int | None, int]]:
    score = reduce_ticks(score, 480)
    return [(n.onset, n.duration, n.string, n.pitch) for n in score.notes()]


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


MARKS = (
    *("dead", "ghost", "hammer", "slide", "slide:legato", "slide:in-below", "slide:in-above"),
    *("slide:out-down", "slide:out-up", "bend:1.5", "vibrato", "trill:66", "palm-mute"),
    *("let-ring", "harmonic", "harmonic:artificial", "harmonic:pinch", "harmonic:tap", "tap"),
    *("slap", "pop", "accent", "staccato", "tremolo:8", "tremolo:16", "tremolo:32"),
    *("harmonic:semi", "vibrato:wide", "whammy:0@0,-2@50,0@100", "whammy:-1.5@0"),
)


@pytest.mark.parametrize("mark", MARKS)
def test_each_technique_survives_also_on_a_tied_note(mark: str):
    note = Note(0, 2400, 64, 79, 5, frozenset({mark}))
    score = guitar(note, Note(2400, 480, 66, 79, 5))
    assert [n.marks for n in back(score).notes()] == [{mark}, frozenset()]
    assert codes(score) == set()


def test_pull_offs_and_releases_survive():
    first = Note(0, 480, 67, 79, 5, frozenset({"pull", "bend:2", "release"}))
    score = guitar(first, Note(480, 480, 64, 79, 5))
    assert [n.marks for n in back(score).notes()] == [first.marks, frozenset()]


def test_curves_survive():
    first = {"bend:2", "bend-curve:0@0,0.5@33,2@92"}
    second = {"bend:1", "bend-curve:1@0,1@33,0@67", "release", "palm-mute"}
    score = guitar(
        *(Note(0, 480, 67, 79, 5, frozenset(first)), Note(480, 480, 60, 79, 4, frozenset(second))),
    )
    for form in FORMATS:
        assert codes(score, form) == (set() if form.name != "gp3" else {"guitarpro.techniques"})
    assert [n.marks for n in back(score).notes()] == [first, second]
    assert [n.marks for n in back(score, GuitarPro3()).notes()] == [first, second - {"palm-mute"}]


def test_gp3_has_dips_of_the_bar_and_nothing_else():
    dip, dive = frozenset({"whammy:0@0,-2@50,0@100"}), frozenset({"whammy:0@0,-2@100"})
    score = guitar(Note(0, 480, 67, 79, 5, dip), Note(480, 480, 67, 79, 5, dive))
    assert [n.marks for n in back(score, GuitarPro3()).notes()] == [dip, frozenset()]
    assert codes(score, GuitarPro3()) == {"guitarpro.techniques"}


def test_what_no_version_holds_is_named():
    marks = frozenset({"harmonic:feedback", "arpeggio:up"})
    (issue,) = GuitarPro5().encode(guitar(Note(0, 480, 67, 79, 5, marks))).issues
    assert issue.message == "techniques are lost: arpeggio, harmonic:feedback"
    assert [n.marks for n in back(guitar(Note(0, 480, 67, 79, 5, marks))).notes()] == [frozenset()]


def test_voices_survive_where_there_are_two():
    score = guitar(
        *(Note(0, 960, 40, 79, 0, frozenset({"voice:2"})), Note(0, 480, 64, 79, 5)),
        *(Note(480, 480, 65, 79, 5), Note(480, 480, 55, 79, 3, frozenset({"voice:2"}))),
    )
    assert back(score).tracks == reduce_ticks(score).tracks
    assert codes(score) == set()
    assert codes(score, GuitarPro4()) == {"guitarpro.voice"}
    assert places(back(score, GuitarPro4())) == places(score)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", ["3 1( 2)3", "3 1( 2[1 2)2 3[2", "4 1( 2[1,2 2)3 3[3"])
def test_repeats_and_endings_survive(text: str, form: GuitarPro5):
    notes = tuple(Note(i * 1920, 1920, 64 + i, 79, 5) for i in range(4))
    signs = Form.parse(text)
    assert signs is not None
    page = replace(guitar(*notes[: len(signs.measures)]), tempos=(Tempo(0, 100),))
    score = unfold(page, signs)
    again = back(score, form)
    assert (again.get("form"), again.tracks) == (text, reduce_ticks(score).tracks)
    assert codes(score, form) == set()


def test_endings_that_gp4_cannot_tell_are_written_out():
    notes = tuple(Note(i * 1920, 1920, 64 + i, 79, 5) for i in range(4))
    signs = Form.parse("4 1( 2[1,3 3[2 3)3")
    assert signs is not None
    score = unfold(guitar(*notes), signs)
    assert codes(score) == set()
    assert codes(score, GuitarPro4()) == {"guitarpro.form"}
    assert places(back(score, GuitarPro4())) == places(back(score))


@pytest.mark.parametrize(
    "text",
    [
        "4 1( 2[1,3 2)4 3[2,4 3)4",  # do both ends count the same passes?
        "4 1( 2[1 2)3 3[2,3",  # is the end of an ending that is not played an end?
        "4 2)2 4)2",  # back to where?
    ],
)
def test_repeats_that_programs_play_differently_are_written_out(text: str):
    notes = tuple(Note(i * 1920, 1920, 64 + i, 79, 5) for i in range(4))
    signs = Form.parse(text)
    assert signs is not None
    score = unfold(guitar(*notes), signs)
    assert codes(score) == {"guitarpro.form"}
    assert places(back(score)) == places(score)


def test_repeats_are_written_out_where_bar_lines_have_to_move():
    signs = Form.parse("3 1( 3)2")
    assert signs is not None
    meters = (Meter(0, 2, 4), Meter(1000, 2, 4))  # the first bar is cut off between two 64ths
    page = replace(guitar(Note(0, 1000, 64, 79, 5), Note(1000, 960, 65, 79, 5)), meters=meters)
    assert "guitarpro.form" in codes(unfold(page, signs))


def test_measures_of_over_100_beats_are_divided():
    notes = tuple(Note(i * 30, 30, 64, 79, 5) for i in range(256))
    score = replace(guitar(*notes), meters=(Meter(0, 4, 1),))
    again = back(score)
    assert places(again) == places(score)
    assert {(bar.numerator, bar.denominator) for bar in again.bars()} == {(1, 1)}
    assert codes(score) == {"guitarpro.short-bar"}


def test_drums_above_all_that_there_are_are_left_out_and_named():
    keys = (Note(0, 480, 38, 79), Note(0, 480, 110, 79), Note(480, 480, 100, 79))
    score = Score((Track(keys, "Drums", is_drum=True),))
    (issue,) = GuitarPro5().encode(score).issues
    assert issue.message == "track 1: 2 notes left out: their drums have keys above 99"
    assert [note.pitch for note in back(score).notes()] == [38]


def test_no_tremolo_on_notes_as_short_as_its_own():
    marks = frozenset({"tremolo:32"})
    score = guitar(Note(0, 60, 64, 79, 5, marks), Note(60, 420, 65, 79, 5, marks))
    assert [n.marks for n in back(score).notes()] == [frozenset(), marks]
    (issue,) = GuitarPro5().encode(score).issues
    assert issue.message == "techniques are lost: tremolo"


def test_grace_notes_of_drums_survive():
    notes = (Note(0, 0, 40, 79, None, frozenset({"grace:1"})), Note(0, 480, 38, 79))
    score = Score((Track(notes, "Drums", is_drum=True),))
    assert back(score).tracks == reduce_ticks(score).tracks


def test_what_gp3_cannot_hold_is_named():
    note = Note(0, 480, 64, 79, 5, frozenset({"staccato", "vibrato", "trill:66"}))
    (issue,) = GuitarPro3().encode(guitar(note)).issues
    assert (issue.code, issue.message) == (
        *("guitarpro.techniques", "techniques are lost: staccato, trill, vibrato"),
    )


def test_slides_and_harmonics_that_gp3_has_not_are_named():
    marks = frozenset({"slide:out-up", "harmonic:pinch", "hammer"})
    (issue,) = GuitarPro3().encode(guitar(Note(0, 480, 64, 79, 5, marks))).issues
    assert issue.message == "techniques are lost: harmonic:pinch, slide:out-up"


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


def test_drums_survive_with_their_lengths():
    notes = (Note(0, 240, 36, 79), Note(0, 240, 42, 79), Note(240, 240, 42, 79))
    score = Score((Track(notes, "Drums", is_drum=True),))
    (again,) = back(score).tracks
    assert again.is_drum
    assert places(back(score)) == places(score)


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


def test_a_drum_struck_twice_at_once_keeps_both_lengths():
    notes = (
        Note(0, 240, 57, 79, None, frozenset({"dead"})),
        Note(0, 320, 57, 79),
        Note(320, 160, 38, 79),
    )
    score = Score((Track(notes, "Drums", is_drum=True),))
    assert back(score).tracks == reduce_ticks(score).tracks
