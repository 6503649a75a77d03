"""From what sounds to the page: folded repeats, voices, rests and ties, grace notes, limits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from guitarpro_scores import GUITAR, scores
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.form import Form, unfold
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro.compose import compose
from textmusic_guitarpro.engrave import Limits, engrave
from textmusic_guitarpro.song import Part, Rhythm, Song, TempoChange

BAR = 1920


def guitar(*notes: Note, tuning: tuple[int, ...] = GUITAR) -> Score:
    return Score((Track(notes, "Guitar", 25, tuning=tuning),))


def page(score: Score, limits: Limits | None = None) -> tuple[Song, set[str]]:
    song, issues = engrave(score, limits)
    return song, {issue.code for issue in issues}


def back(score: Score, limits: Limits | None = None) -> Score:
    return reduce_ticks(compose(engrave(score, limits)[0]).scores[0])


def rhythms(part: Part, measure: int = 0, voice: int = 0) -> list[Rhythm]:
    return [beat.rhythm for beat in part.measures[measure][voice]]


def four(frets: tuple[int, ...] = (0, 1, 2, 3)) -> Score:
    """Four bars of a whole note each, with metre, key and tempo known."""
    notes = (Note(i * BAR, BAR, 64 + f, 95, 5) for i, f in enumerate(frets))
    return replace(
        guitar(*notes), tempos=(Tempo(0, 100),), meters=(Meter(0, 4, 4),), keys=(Key(0, 0),)
    )


@given(scores())
@settings(max_examples=25, deadline=None)
def test_what_note_values_hold_comes_back_equal(score: Score):
    assert back(score) == reduce_ticks(score)


@pytest.mark.parametrize("text", ["4 1( 4)2", "4 2( 3)3", "4 1( 2[1,2 2)3 3[3", "4 2)2 3( 4)2"])
def test_repeats_are_folded(text: str):
    form = Form.parse(text)
    assert form is not None
    score = unfold(four(), form)
    song, codes = page(score)
    assert len(song.measures) == 4
    assert back(score) == reduce_ticks(score)
    assert codes == set()


def test_repeats_that_the_music_does_not_have_are_written_out():
    score = replace(four(), meta={"form": "2 1( 2)2"})
    song, codes = page(score)
    assert len(song.measures) == 4
    assert codes == {"guitarpro.form"}
    assert "form" not in song.meta


def test_repeats_that_a_note_sounds_out_of_are_written_out():
    form = Form.parse("4 1( 2)2")
    assert form is not None
    score = unfold(four(), form)
    (track,) = score.tracks
    last = replace(track.notes[3], duration=2 * BAR)
    long = replace(score, tracks=(replace(track, notes=(*track.notes[:3], last)),))
    assert page(long)[1] == {"guitarpro.form"}
    assert back(long).tracks == reduce_ticks(long).tracks


@pytest.mark.parametrize("text", ["4 1( 2)2 4)2", "4 1)2 2[1,2 2)2"])
def test_repeats_that_programs_read_differently_are_written_out(text: str):
    form = Form.parse(text)
    assert form is not None
    assert page(unfold(four(), form))[1] == {"guitarpro.form"}


def test_a_format_may_hold_fewer_signs():
    form = Form.parse("4 1( 4)2")
    assert form is not None
    plain = Limits(form=lambda form: Form(form.measures[:0]))
    assert page(unfold(four(), form), plain)[1] == {"guitarpro.form"}


def test_voices_are_as_marked():
    low = Note(0, 960, 40, 95, 0, frozenset({"voice:2"}))
    score = guitar(low, Note(0, 480, 64, 95, 5), Note(480, 480, 65, 95, 5))
    part = page(score)[0].parts[0]
    assert rhythms(part) == [Rhythm(4), Rhythm(4), Rhythm(2)]
    assert rhythms(part, voice=1) == [Rhythm(2), Rhythm(2)]
    assert back(score).tracks == reduce_ticks(score).tracks


def test_a_voice_too_many_moves():
    score = guitar(Note(0, 480, 40, 95, 0, frozenset({"voice:3"})), Note(0, 480, 64, 95, 5))
    assert page(score)[1] == set()
    song, codes = page(score, Limits(voices=2))
    assert codes == {"guitarpro.voice"}
    assert len(song.parts[0].measures[0]) == 2


def test_a_silent_measure_has_rests_in_its_first_voice_only():
    score = guitar(Note(0, 480, 40, 95, 0, frozenset({"voice:2"})), Note(BAR, 480, 64, 95, 5))
    part = page(score)[0].parts[0]
    assert [len(voice) for voice in part.measures[1]] == [2, 0]
    assert not any(beat.notes for beat in part.measures[0][0])


def test_grace_notes_of_all_kinds_survive():
    graces = [
        Note(480, 0, 60, 95, 4, frozenset({"grace:2", "hammer"})),
        Note(480, 0, 66, 95, 5, frozenset({"grace:2"})),
        Note(480, 0, 62, 95, 4, frozenset({"grace:1"})),
        Note(960, 0, 62, 95, 4, frozenset({"grace:1"})),
    ]
    score = guitar(*graces, Note(480, 480, 64, 95, 4))
    assert back(score).tracks == reduce_ticks(score).tracks
    assert page(score)[1] == set()
    assert page(score, Limits(grace_runs=False))[1] == {"guitarpro.grace"}


def test_a_note_ends_where_a_grace_note_is_struck_on_its_string():
    held, grace = Note(0, 1920, 45, 80, 1), Note(960, 0, 47, 80, 1, frozenset({"grace:1"}))
    main = Note(960, 960, 52, 80, 2)
    song, codes = page(guitar(held, grace, main))
    heard = back(guitar(held, grace, main)).notes()
    assert [(n.onset, n.duration) for n in heard] == [(0, 2), (2, 0), (2, 2)]
    assert not any(note.is_tied for beat in song.parts[0].measures[0][0] for note in beat.notes)
    assert "guitarpro.shortened" in codes


def test_marks_that_lead_on_stand_on_the_last_tied_part():
    note = Note(0, 2400, 66, 95, 5, frozenset({"pull", "palm-mute"}))
    part = page(guitar(note, Note(2400, 480, 64, 95, 5)))[0].parts[0]
    first, last = part.measures[0][0][0].notes[0], part.measures[1][0][0].notes[0]
    assert (first.marks, first.is_tied) == ({"palm-mute"}, False)
    assert (last.marks, last.is_tied, last.fret) == ({"hammer"}, True, 2)


def test_a_pick_up_keeps_its_signature_where_that_can_be_said():
    score = replace(
        guitar(Note(0, 240, 64, 95, 5), Note(240, BAR, 62, 95, 4)),
        meters=(Meter(0, 4, 4), Meter(240, 4, 4)),
    )
    song, codes = page(score)
    assert song.measures[0].is_pickup
    assert codes == set()
    assert back(score).meters == reduce_ticks(score).meters
    assert page(score, Limits(pickup=False))[1] == {"guitarpro.short-bar"}


def test_tempos_keep_their_places_and_decimals():
    score = replace(four(), tempos=(Tempo(0, 90.5), Tempo(BAR + 701, 100.25)))
    song = page(score)[0]
    assert song.measures[1].tempos == [TempoChange(Fraction(701, 480), 100.25)]
    assert len(song.parts[0].measures[1][0]) == 1
    cut = page(score, Limits(tempo_at_beat=True))[0]
    (change,) = cut.measures[1].tempos
    lengths = [beat.rhythm.length for beat in cut.parts[0].measures[1][0]]
    assert change.offset in {sum(lengths[:i], Fraction(0)) for i in range(len(lengths))}


def test_changes_after_the_last_note_are_kept():
    score = replace(four(), tempos=(Tempo(0, 90), Tempo(6 * BAR, 80)))
    assert back(score).tempos == reduce_ticks(score).tempos


def test_dots_and_short_values_are_those_of_the_format():
    score = guitar(Note(0, 840, 64, 95, 5), Note(840, 15, 64, 95, 5))
    fine = rhythms(page(score)[0].parts[0])
    assert fine[:2] == [Rhythm(4, 2), Rhythm(128)]
    coarse, codes = page(score, Limits(shortest=64, dots=1))
    assert rhythms(coarse.parts[0])[:2] == [Rhythm(4, 1), Rhythm(16)]
    assert codes == {"guitarpro.length"}


def test_strings_are_as_many_as_the_format_holds():
    many = guitar(*(Note(0, 480, 30 + 5 * i, 95, i) for i in range(9)), tuning=(*range(30, 75, 5),))
    assert len(page(many)[0].parts[0].tuning) == 9
    song, codes = page(many, Limits(strings=7))
    assert len(song.parts[0].tuning) == 7
    assert "guitarpro.strings" in codes


def test_chords_of_keys_get_a_string_each():
    chord = tuple(Note(0, 480, pitch) for pitch in (36, 40, 43, 48, 52, 55, 60, 64, 67))
    score = Score((Track(chord),))
    assert sorted(n.pitch for n in back(score).notes()) == [n.pitch for n in chord]
    part = page(score, Limits(unstringed=True))[0].parts[0]
    assert part.tuning == ()
    assert [note.fret for note in part.measures[0][0][0].notes] == [n.pitch for n in chord][::-1]


def test_notes_below_the_open_string_are_a_matter_of_the_format():
    score = guitar(Note(0, 480, 38, 95, 0))
    assert back(score).tracks == reduce_ticks(score).tracks
    assert page(score, Limits(lowest_fret=0))[1] == {"guitarpro.fret"}


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 900), st.integers(0, 5)), max_size=30)
)
@settings(max_examples=40, deadline=None)
def test_every_voice_fills_its_measure_whatever_the_times_are(raw: list[tuple[int, int, int]]):
    notes = tuple(Note(onset, length, 50 + 5 * s, 80, s) for onset, length, s in raw)
    song = page(guitar(*notes))[0]
    for number, measure in enumerate(song.measures):
        for voice in song.parts[0].measures[number]:
            assert not voice or sum(beat.rhythm.length for beat in voice) == measure.length


def test_tempo_changes_that_move_are_named():
    note = Note(0, 1920, 64, 79, 5)
    score = Score((Track((note,), tuning=GUITAR),), tempos=(Tempo(0, 100), Tempo(485, 90)))
    song, issues = engrave(score, Limits(shortest=64, dots=1, tempo_at_beat=True))
    assert [change.offset for change in song.measures[0].tempos] == [0, 1]
    assert [(issue.code, issue.message) for issue in issues] == [
        ("guitarpro.tempo", "1 tempo changes move to the nearest time that note values can hold")
    ]
    assert not engrave(score, Limits())[1]


def test_a_note_between_two_times_is_not_held_up_to_the_next_note():
    notes = (Note(0, 480, 62, 79, 5), Note(952, 18, 64, 79, 5), Note(1440, 480, 65, 79, 5))
    score = Score((Track(notes, tuning=GUITAR),))
    again = back(score, Limits(shortest=64, dots=1))
    note = again.tracks[0].notes[1]
    assert (note.onset, note.duration * 16) == (2 * again.tpq, again.tpq)
