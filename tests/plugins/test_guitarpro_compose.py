"""From the page to what sounds: repeats, ties in playing order, grace notes, voices, pick-ups."""

from __future__ import annotations

from fractions import Fraction

import pytest

from textmusic.errors import FormatError
from textmusic.format import Loaded
from textmusic.score import Key, Meter
from textmusic_guitarpro.compose import compose
from textmusic_guitarpro.song import (
    Beat,
    Measure,
    Part,
    Rhythm,
    Song,
    Struck,
    TempoChange,
    Voice,
)

GUITAR = (40, 45, 50, 55, 59, 64)
WHOLE = Rhythm(1)


def beat(*frets: int, value: Rhythm = WHOLE, tie: bool = False, grace: bool = False) -> Beat:
    """Frets on the strings from the top string down."""
    notes = [Struck(fret, 5 - i, is_tied=tie) for i, fret in enumerate(frets)]
    return Beat(value, notes, is_grace=grace)


def song(*bars: Voice, measures: list[Measure] | None = None) -> Song:
    part = Part("Guitar", 25, tuning=GUITAR, measures=[[voice] for voice in bars])
    return Song(measures or [Measure() for _ in bars], [part])


def frets(loaded: Loaded) -> list[tuple[float, float, int]]:
    score = loaded.scores[0]
    (track,) = score.tracks
    return [
        (n.onset / score.tpq, n.duration / score.tpq, n.pitch - 64 if not track.tuning else f)
        for n in track.notes
        if (f := track.fret(n)) is not None or not track.tuning
    ]


def codes(loaded: Loaded) -> set[str]:
    return {issue.code for issue in loaded.issues}


def test_repeats_are_played_out_and_the_form_is_kept():
    measures = [Measure(opens=True), Measure(passes=2, endings=frozenset({1})), Measure()]
    measures[2].endings = frozenset({2})
    loaded = compose(song([beat(0)], [beat(1)], [beat(2)], measures=measures))
    assert [fret for _, _, fret in frets(loaded)] == [0, 1, 0, 2]
    assert loaded.scores[0].get("form") == "3 1( 2[1 2)2 3[2"


def test_a_repeat_may_close_under_the_ending_of_another_pass():
    measures = [Measure(opens=True), *(Measure() for _ in range(3))]
    measures[1].endings = frozenset({1, 3})
    measures[2].endings, measures[2].passes = frozenset({2}), 4
    loaded = compose(song(*([beat(i)] for i in range(4)), measures=measures))
    assert [fret for _, _, fret in frets(loaded)] == [0, 1, 0, 2, 0, 1, 0, 3]


def test_a_page_without_signs_has_no_form():
    assert compose(song([beat(0)])).scores[0].get("form") == ""


def test_a_form_among_the_texts_of_a_file_is_not_believed():
    page = song([beat(0)])
    page.meta = {"form": "1 1( 1)2", "title": "T"}
    assert compose(page).scores[0].meta == (("title", "T"),)


def test_ties_follow_the_playing_order():
    measures = [Measure(), Measure(opens=True, passes=2)]
    loaded = compose(song([beat(0)], [beat(0, tie=True)], measures=measures))
    assert frets(loaded) == [(0, 12, 0)]
    loaded = compose(song([beat(3)], [beat(0)], [beat(0, tie=True)]))
    assert frets(loaded) == [(0, 4, 3), (4, 8, 0)]


def test_ties_stay_in_their_voice():
    page = song([beat(0)], [])
    page.parts[0].measures = [[[beat(0)], [beat(0)]], [[beat(5)], [beat(0, tie=True)]]]
    loaded = compose(page)
    assert frets(loaded) == [(0, 4, 0), (0, 8, 0), (4, 4, 5)]
    assert [n.marks for n in loaded.scores[0].notes()] == [set(), {"voice:2"}, set()]


def test_several_grace_notes_are_counted_back_from_the_main_note():
    voice = [beat(0, 1, grace=True), beat(2, grace=True), beat(3, value=Rhythm(4)), beat(4)]
    notes = list(compose(song([*voice])).scores[0].notes())
    assert [(n.onset, n.duration, n.pitch, n.grace) for n in notes[:4]] == [
        *((0, 0, 60, 2), (0, 0, 64, 2), (0, 0, 66, 1), (0, 480, 67, 0)),
    ]


def test_hammer_ons_are_pull_offs_where_the_next_fret_of_the_string_is_lower():
    voice = [beat(fret, value=Rhythm(4)) for fret in (2, 5, 3)]
    for each in voice:
        each.notes[0].marks = {"hammer"}
    notes = compose(song(voice)).scores[0].notes()
    assert [n.marks for n in notes] == [{"hammer"}, {"pull"}, {"hammer"}]


def test_a_tie_from_a_grace_note_is_struck_with_it():
    tied = [beat(3, grace=True), beat(3, tie=True)]
    loaded = compose(song([beat(3)], tied))
    assert frets(loaded) == [(0, 4, 3), (4, 0, 3), (4, 4, 3)]
    assert codes(loaded) == {"guitarpro.tie"}


def test_a_bend_of_a_tied_part_is_taken_over_once():
    voice = [beat(0, value=Rhythm(2)), beat(0, value=Rhythm(4), tie=True)]
    voice.append(beat(0, value=Rhythm(4), tie=True))
    voice[1].notes[0].marks = {"bend:2", "release"}
    voice[2].notes[0].marks = {"bend:1"}
    loaded = compose(song(voice))
    assert [n.marks for n in loaded.scores[0].notes()] == [{"bend:2", "release"}]
    assert codes(loaded) == {"guitarpro.tied-curve"}


def test_a_pick_up_is_as_long_as_its_longest_voice():
    measures = [Measure(is_pickup=True), Measure(3, 4)]
    loaded = compose(song([beat(0, value=Rhythm(8, 1))], [beat(1)], measures=measures))
    assert loaded.scores[0].meters == (Meter(0, 4, 4), Meter(360, 3, 4))
    assert frets(loaded)[1][0] == 0.75


def test_tuplets_dots_and_long_values_are_exact():
    values = [Rhythm(0), Rhythm(-1, 2), Rhythm(256, 0, 15, 8), Rhythm(4, 0, 11, 8)]
    score = compose(song([beat(0, value=value) for value in values])).scores[0]
    lengths = [Fraction(n.duration, score.tpq) for n in score.notes()]
    assert lengths == [8, 28, Fraction(1, 120), Fraction(8, 11)]


def test_tempo_key_and_metre_count_where_they_are_passed():
    tempos = [TempoChange(Fraction(1), 90.5)]
    measures = [Measure(opens=True, fifths=2), Measure(2, 4, -1, "minor", passes=2, tempos=tempos)]
    measures[0].tempos = [TempoChange(Fraction(0), 120)]
    score = compose(song([beat(0)], [beat(1, value=Rhythm(2))], measures=measures)).scores[0]
    onsets = [(t.onset // 480, t.qpm) for t in score.tempos]
    assert onsets == [(0, 120), (5, 90.5), (6, 120), (11, 90.5)]
    assert score.keys[:2] == (Key(0, 2), Key(1920, -1, "minor"))
    assert [b.numerator for b in score.bars()] == [4, 2, 4, 2]


def test_drums_and_parts_without_strings_hold_pitches():
    page = song([Beat(WHOLE, [Struck(36), Struck(42)])])
    page.parts[0].is_drum = True
    (track,) = compose(page).scores[0].tracks
    assert [(n.pitch, n.string) for n in track.notes] == [(36, None), (42, None)]
    assert track.tuning == ()
    page.parts[0].is_drum, page.parts[0].tuning = False, ()
    page.parts[0].measures.append([[Beat(WHOLE, [Struck(42, is_tied=True)])]])
    page.measures.append(Measure())
    assert [n.duration for n in compose(page).scores[0].notes()] == [1920, 3840]


def test_what_contradicts_itself_is_repaired_and_reported():
    page = song([beat(0), beat(1)], [beat(7, tie=True), Beat(WHOLE, [Struck(0, 9)])])
    loaded = compose(page)
    assert codes(loaded) == {"guitarpro.overfull", "guitarpro.tie", "guitarpro.string"}


def test_endless_repeats_are_left_out():
    measures = [Measure(opens=True, passes=99) for _ in range(300)]
    loaded = compose(song(*([beat(0)] for _ in measures), measures=measures))
    assert len(loaded.scores[0].tracks[0].notes) == 300
    assert codes(loaded) == {"guitarpro.repeats"}
    measures[0].passes = 200
    assert codes(compose(song([beat(0)], measures=measures[:1]))) == {"guitarpro.repeats"}


@pytest.mark.parametrize("measure", [Measure(0, 4), Measure(4, 3), Measure(300, 4)])
def test_impossible_time_signatures_are_refused(measure: Measure):
    with pytest.raises(FormatError, match="measure 1"):
        compose(song([beat(0)], measures=[measure]))


def test_far_too_many_notes_are_refused():
    measures = [Measure(opens=True, passes=99)]
    voice = [beat(0, 1, 2, 3, 4, 5, value=Rhythm(64))] * 1000
    with pytest.raises(FormatError, match="500000 notes"):
        compose(song(voice, measures=measures))


def test_note_values_that_share_no_unit_are_rounded():
    voice = [beat(0, value=Rhythm(64, 0, prime, 2)) for prime in (97, 89, 83, 79, 73, 71, 67)]
    loaded = compose(song(voice))
    assert codes(loaded) == {"guitarpro.ticks"}
    assert len(loaded.scores[0].tracks[0].notes) == 7


def test_all_tuplets_up_to_13_share_ticks_in_one_piece():
    quarters = [Rhythm(64, 0, number, 4) for number in (5, 7, 9, 11, 13)]
    voice = [beat(0, value=Rhythm(8))] + [beat(0, value=value) for value in quarters]
    (score,) = (loaded := compose(song(voice))).scores
    assert not loaded.issues
    ends = [Fraction(note.duration, score.tpq) for note in score.tracks[0].notes]
    assert ends == [Fraction(1, 2), *(value.length for value in quarters)]


def test_shared_ticks_hold_the_bars_of_every_metre():
    quarters = [Rhythm(64, 0, number, 4) for number in (5, 7, 9, 11, 13)]
    measures = [Measure(), Measure(1, 32, is_pickup=True)]
    (score,) = (
        loaded := compose(song([beat(0, value=v) for v in quarters], [], measures=measures))
    ).scores
    assert not loaded.issues
    assert score.bars(score.tpq * 4 + 1)[1].full == score.tpq // 8
