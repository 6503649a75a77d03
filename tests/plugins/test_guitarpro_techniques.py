"""Playing techniques in Guitar Pro files: the way back, and what a version cannot hold."""

from __future__ import annotations

import pytest
from guitarpro_writing import FORMATS, back, codes, guitar

from textmusic.score import Note, Score, Track
from textmusic_guitarpro import GuitarPro3, GuitarPro5

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


def test_tapped_harmonics_of_high_drums_and_frets_are_read_without_a_complaint():
    marks = frozenset({"harmonic:tap"})
    drum = Track((Note(0, 480, 99, 79, None, marks),), is_drum=True)
    string = Track((Note(0, 480, 127, 79, 0, marks),), tuning=(28, 33, 38, 43))
    written = GuitarPro5().encode(Score((string, drum)))
    assert GuitarPro5().decode(written.data).issues == ()
    assert [n.marks for n in back(Score((string, drum))).notes()] == [marks, marks]


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


def test_no_tremolo_on_notes_as_short_as_its_own():
    marks = frozenset({"tremolo:32"})
    score = guitar(Note(0, 60, 64, 79, 5, marks), Note(60, 420, 65, 79, 5, marks))
    assert [n.marks for n in back(score).notes()] == [frozenset(), marks]
    (issue,) = GuitarPro5().encode(score).issues
    assert issue.message == "techniques are lost: tremolo"


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
