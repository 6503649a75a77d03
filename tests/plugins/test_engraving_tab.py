"""Tablature drawn by ourselves: frets on their strings, rhythm, techniques, repeats, drums."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from textmusic.form import Form, Measure, unfold
from textmusic.fretboard import GUITAR
from textmusic.registry import formats
from textmusic.score import Meter, Note, Score, Track
from textmusic_engraving._layout import LEFT, RIGHT, systems
from textmusic_engraving._rhythm import beamed, beats_of, tupleted
from textmusic_engraving._staves import is_tab, piece_of

SVG = "{http://www.w3.org/2000/svg}"


def guitar(*notes: Note, **score) -> Score:
    return Score((Track(notes, "Guitar", 25, tuning=GUITAR),), 480, **score)


def on(string: int, fret: int, onset: int = 0, length: int = 480, *marks: str) -> Note:
    pitch = GUITAR[string] + fret
    return Note(onset, length, pitch, string=string, marks=frozenset(marks))


def labels(score: Score) -> list[tuple[str, float, float]]:
    """Texts with their places."""
    picture = ET.fromstring(formats.get("svg")().encode(score).data)
    return [
        ("".join(part.itertext()), float(part.get("x", 0)), float(part.get("y", 0)))
        for part in picture.iter(f"{SVG}text")
    ]


def words(score: Score) -> list[str]:
    return [text for text, _, _ in labels(score)]


def test_frets_stand_on_their_strings_in_order():
    score = guitar(on(0, 3), on(5, 12, 480), on(2, 7, 960))
    found = {text: (x, y) for text, x, y in labels(score) if text in {"3", "12", "7"}}
    assert found["3"][0] < found["12"][0] < found["7"][0]
    assert found["12"][1] < found["7"][1] < found["3"][1]
    assert found["3"][1] - found["12"][1] == pytest.approx(5 * 11)
    assert words(score).count("Guitar") == 1


@pytest.mark.parametrize(
    ("marks", "shown"),
    [
        (("dead",), "x"),
        (("ghost",), "(5)"),
        (("harmonic",), "<5>"),
        (("bend:2",), "full"),
        (("bend:1", "release"), "½"),
        (("palm-mute",), "P.M."),
        (("let-ring",), "let ring"),
        (("hammer",), "H"),
        (("pull",), "P"),
        (("tap",), "T"),
        (("harmonic:pinch",), "P.H."),
        (("trill:67",), "tr"),
        (("accent",), ">"),
    ],
)
def test_techniques_have_their_signs(marks, shown):
    score = guitar(on(3, 5, 0, 480, *marks), on(3, 7, 480))
    assert shown in words(score)
    assert shown not in words(guitar(on(3, 6), on(3, 7, 480)))


@pytest.mark.parametrize("mark", ["slide", "slide:legato", "slide:in-below", "slide:out-down"])
def test_slides_and_waves_are_lines(mark):
    def paths(*marks: str) -> int:
        data = formats.get("svg")().encode(guitar(on(3, 5, 0, 480, *marks), on(3, 7, 480))).data
        return data.count(b"<path")

    assert paths(mark) > paths()
    assert paths("vibrato") > paths()


def test_repeats_and_endings_are_drawn_once():
    page = guitar(*(on(3, fret, 1920 * i, 1920) for i, fret in enumerate((5, 7, 9))))
    first, second = Measure(passes=2, endings=frozenset({1})), Measure(endings=frozenset({2}))
    score = unfold(page, Form((Measure(opens=True), first, second)))
    assert [track.fret(note) for track in score.tracks for note in track.notes] == [5, 7, 5, 9]
    assert len(piece_of(score).bars) == 3
    found = words(score)
    assert found.count("5") == found.count("7") == found.count("9") == 1
    assert {"1.", "2."} <= set(found)


def test_drums_that_go_with_guitars_have_a_line_each():
    drums = Track((Note(0, 120, 36), Note(480, 120, 42), Note(960, 120, 38)), is_drum=True)
    score = Score((*guitar(on(3, 5)).tracks, drums), 480)
    assert {"BD", "HH", "SD", "o", "x"} <= set(words(score))


def test_a_track_without_places_is_no_tablature():
    assert not is_tab(Track((Note(0, 480, 60),), tuning=GUITAR))
    assert not is_tab(Track(tuning=GUITAR))
    assert not is_tab(Track((Note(0, 480, 64, string=5),), tuning=GUITAR, capo=3))
    mixed = Score((*guitar(on(3, 5)).tracks, Track((Note(0, 1920, 72),), "Flute", 73)), 480)
    data = formats.get("svg")().encode(mixed).data
    assert b'class="note"' in data
    assert re.search(b">5</text>", data)


def test_every_line_fits_the_page_and_all_bars_are_there():
    notes = [on(i % 6, i % 20, i * 60, 60) for i in range(960)]
    piece = piece_of(guitar(*notes))
    found = list(systems(piece))
    assert [index for system in found for index in system.bars] == list(range(len(piece.bars)))
    for system in found:
        assert system.edges[0] == LEFT
        assert system.edges[-1] <= RIGHT + 0.01
        assert sorted(system.at.values()) == [system.at[tick] for tick in sorted(system.at)]


def test_rests_dots_and_ties_fill_the_bar():
    bar = guitar(on(3, 5, 0, 1920)).bars()[0]
    letters = [(b.letter, b.is_rest) for b in beats_of(bar, 480, [(0, 720), (960, 1200)])]
    assert letters == [("Q", False), ("i", True), ("i", False), ("Q", True)]
    carried = beats_of(bar, 480, [(-480, 240), (480, 960)])
    assert [(b.letter, b.is_tied) for b in carried][:2] == [("i", True), ("i", False)]
    assert beats_of(bar, 480, [])[0].letter == "w"


def test_beams_and_tuplets_of_a_bar():
    bar = guitar(on(3, 5, 0, 1920)).bars()[0]
    times = [(i * 160, (i + 1) * 160) for i in range(3)] + [
        (480 + i * 120, 600 + i * 120) for i in range(4)
    ]
    beats = beats_of(bar, 480, times)
    assert [len(group) for group in beamed(bar, 480, beats)] == [3, 4]
    assert [(n, len(group)) for n, group in tupleted(bar, 480, beats)] == [(3, 3)]


def test_a_metre_is_shown_where_it_changes():
    notes = (on(3, 5, 0, 1920), on(3, 5, 1920, 1440))
    found = words(guitar(*notes, meters=(Meter(0, 4, 4), Meter(1920, 3, 4))))
    assert found.count("4") == 3
    assert found.count("3") == 1
