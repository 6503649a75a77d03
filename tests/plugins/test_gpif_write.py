"""Guitar Pro 7 files that we write: what they hold, and how they are laid out."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from guitarpro_scores import scores
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import FormatError
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro.gpif import read_gp, write_gp
from textmusic_guitarpro.gpif._strings import rows_of, tied_behind
from textmusic_guitarpro.gpif.format import GuitarPro6, GuitarPro7
from textmusic_guitarpro.song import Beat, Measure, Part, Rhythm, Song, Struck, TempoChange

GUITAR = (40, 45, 50, 55, 59, 64)


def gpif(data: bytes) -> ET.Element:
    return ET.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("Content/score.gpif"))


def song(*beats: Beat, **about: object) -> Song:
    part = {"name": "Lead", "program": 27, "tuning": GUITAR, **about}
    measure = Measure(tempos=[TempoChange(Fraction(0), 120.0)])
    return Song([measure], [Part(**part, measures=[[list(beats)]])])  # type: ignore[arg-type]


def back(written: Song) -> Song:
    return read_gp(write_gp(written).data)[0]


def test_a_file_has_all_six_entries_and_the_same_bytes_each_time():
    data = write_gp(song(Beat(Rhythm(1), [Struck(3, 5)]))).data
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == [
        "VERSION",
        "Content/BinaryStylesheet",
        "Content/LayoutConfiguration",
        "Content/PartConfiguration",
        "Content/Preferences.json",
        "Content/score.gpif",
    ]
    assert data == write_gp(song(Beat(Rhythm(1), [Struck(3, 5)]))).data


def test_the_layout_names_a_view_of_all_tracks_and_one_of_each():
    written = song(Beat(Rhythm(1), [Struck(3, 5)]))
    written.parts.append(Part("Drums", is_drum=True, measures=[[]]))
    archive = zipfile.ZipFile(io.BytesIO(write_gp(written).data))
    views = archive.read("Content/PartConfiguration")
    assert views.hex(" ") == (
        "00 00 00 03 00 00 00 00 02 03 01 00 00 00 00 01 03 00 00 00 00 01 01 00 00 00 01"
    )
    assert len(archive.read("Content/LayoutConfiguration")) == 4 + 2 + 4 + 4


def test_every_bar_has_four_places_for_voices_and_every_note_all_properties():
    root = gpif(write_gp(song(Beat(Rhythm(2), [Struck(3, 5)]), Beat(Rhythm(2)))).data)
    assert root.findtext("Bars/Bar/Voices") == "0 -1 -1 -1"
    names = [each.get("name") for each in root.findall("Notes/Note/Properties/Property")]
    assert names == ["ConcertPitch", "Fret", "Midi", "String", "TransposedPitch"]
    assert root.findtext("Notes/Note/InstrumentArticulation") == "0"
    assert root.findtext("Score/ScoreSystemsLayout") == "4"


MARKS = (
    *("dead", "ghost", "hammer", "slide", "slide:legato", "slide:in-below", "slide:in-above"),
    *("slide:out-down", "slide:out-up", "vibrato", "vibrato:wide", "trill:70", "palm-mute"),
    *("let-ring", "harmonic", "harmonic:artificial", "harmonic:pinch", "harmonic:tap"),
    *("harmonic:semi", "harmonic:feedback", "tap", "slap", "pop", "accent", "staccato"),
    *("tremolo:8", "tremolo:16", "tremolo:32", "whammy:0@0,-2@25,0@50", "bend:2", "bend:0.5"),
)


@pytest.mark.parametrize("mark", MARKS)
def test_every_technique_comes_back(mark: str):
    written = song(Beat(Rhythm(1), [Struck(7, 4, velocity=79, marks={mark})]))
    assert back(written) == written
    assert not write_gp(written).issues


@pytest.mark.parametrize(
    "marks",
    [
        {"bend:2", "release"},
        {"bend:1", "bend-curve:1@0"},
        {"bend:2", "bend-curve:0@0,1@20,1@60,2@80"},
        {"bend:2", "release", "bend-curve:0@0,2@10,2@30,1@90"},
        {"bend:2", "release", "bend-curve:2@0,2@40,0@90"},
        {"whammy:-1@0,-1@30,0@60"},
    ],
)
def test_curves_come_back(marks: set[str]):
    written = song(Beat(Rhythm(1), [Struck(7, 4, velocity=79, marks=marks)]))
    assert back(written) == written


def test_a_curve_of_too_many_turns_is_simplified_and_named():
    marks = {"bend:2", "release", "bend-curve:0@0,2@10,0@20,2@30,0@40"}
    written = write_gp(song(Beat(Rhythm(1), [Struck(7, 4, marks=marks)])))
    assert "guitarpro.curve" in {issue.code for issue in written.issues}
    read_gp(written.data)


def test_techniques_that_a_file_cannot_hold_are_named():
    marks = {"rasgueado", "tremolo:64", "trill", "slide:sideways"}
    notes = [Struck(7, 4, velocity=80, marks=marks), Struck(7, 3, velocity=79)]
    text = str(write_gp(song(Beat(Rhythm(1), notes))).issues)
    for word in ("rasgueado", "tremolo", "trill", "slide:sideways", "loudness"):
        assert word in text


def test_all_note_values_come_back():
    rhythms = [Rhythm(value, dots) for value in (-1, 0, 1, 4, 64, 256) for dots in (0, 1, 2)]
    rhythms += [Rhythm(8, 0, 3, 2), Rhythm(16, 1, 7, 4), Rhythm(4, 0, 2, 3)]
    written = song(*(Beat(rhythm, [Struck(0, 0, velocity=79)]) for rhythm in rhythms))
    assert back(written) == written


def test_ties_hammers_and_graces_are_told_to_both_notes():
    written = song(
        Beat(Rhythm(32), [Struck(2, 4)], is_grace=True),
        Beat(Rhythm(4), [Struck(5, 4, marks={"hammer"}), Struck(0, 0)]),
        Beat(Rhythm(4), [Struck(7, 4), Struck(0, 0, is_tied=True)]),
    )
    root = gpif(write_gp(written).data)
    ties = [(tie.get("origin"), tie.get("destination")) for tie in root.iter("Tie")]
    assert ties == [("true", "false"), ("false", "true")]
    names = [each.get("name") for each in root.iter("Property")]
    assert (names.count("HopoOrigin"), names.count("HopoDestination")) == (1, 1)
    assert root.findtext("Beats/Beat/GraceNotes") == "BeforeBeat"


def test_every_drum_key_comes_back():
    beats = [Beat(Rhythm(4), [Struck(key, velocity=79)]) for key in range(128)]
    beats.append(Beat(Rhythm(4), [Struck(key, velocity=79) for key in range(36, 47)]))
    beats.append(Beat(Rhythm(4), [Struck(36, is_tied=True, velocity=79)]))
    written = song(*beats, is_drum=True, tuning=(), program=0)
    assert back(written) == written
    root = gpif(write_gp(written).data)
    assert len(root.findall(".//Articulation")) > 95
    assert root.findtext("Tracks/Track/MidiConnection/PrimaryChannel") == "9"


def test_parts_without_strings_come_back_as_such_with_chords_and_ties():
    chord = [Struck(pitch, velocity=79) for pitch in (36, 48, 60, 64, 67, 72, 76, 84)]
    held = [Struck(note.fret, is_tied=True, velocity=79) for note in chord]
    for program in (0, 25, 40, 73, 127):
        written = song(Beat(Rhythm(2), chord), Beat(Rhythm(2), held), program=program, tuning=())
        assert back(written) == written
    numbers = [int(each.text or "") for each in gpif(write_gp(written).data).iter("Number")]
    assert numbers[1:9] == [36, 48, 60, 64, 67, 72, 76, 84]


def test_more_notes_than_strings_are_left_out_and_named():
    chord = [Struck(pitch) for pitch in range(40, 60)]
    written = write_gp(song(Beat(Rhythm(1), chord), tuning=()))
    assert "10 × note on no string" in written.issues[0].message


def test_texts_of_any_kind_come_back():
    written = song(Beat(Rhythm(1)))
    written.meta = {
        "title": 'Ä & <b> "\u6b4c" ]]>',
        "composer": "N. N.",
        "instructions": "two\nlines",
        "comment": "a remark\nof two lines",
        "provenance": "first\nsecond",
        "key": "value",
    }
    assert back(written).meta == written.meta
    written.meta = {"title": "bell \a and \x00 and \ud800"}
    assert back(written).meta == {"title": "bell  and  and"}


def test_measures_repeats_keys_and_tempos_come_back():
    measures = [
        Measure(6, 8, -3, "minor", opens=True, tempos=[TempoChange(Fraction(0), 96.5)]),
        Measure(3, 4, 2, passes=3, endings=frozenset({1, 2})),
        Measure(2, 2, endings=frozenset({3}), tempos=[TempoChange(Fraction(7, 3), 60.0)]),
    ]
    part = Part("Lead", 27, tuning=GUITAR, capo=2, measures=[[], [[Beat(Rhythm(4))]], []])
    written = Song(measures, [part])
    assert back(written) == written


def test_a_piece_without_tempo_is_written_at_120():
    assert back(Song([Measure()])).measures[0].tempos == [TempoChange(Fraction(0), 120.0)]


def test_a_pickup_is_marked_and_short():
    written = song(Beat(Rhythm(4), [Struck(0, 0, velocity=79)]))
    written.measures[0].is_pickup = True
    written.measures[0].tempos = [TempoChange(Fraction(1, 2), 100.0)]
    again = back(written)
    assert again.measures[0].is_pickup
    assert again.measures[0].tempos[-1] == TempoChange(Fraction(1, 2), 100.0)


def test_a_piece_beyond_all_measure_is_refused():
    with pytest.raises(FormatError, match="too many"):
        write_gp(Song([Measure()] * 20_001))
    with pytest.raises(FormatError, match="too many"):
        write_gp(song(*[Beat(Rhythm(4))] * 200_001))


def test_only_guitar_pro_7_is_written():
    with pytest.raises(FormatError, match="not written"):
        GuitarPro6().encode(Score())


@given(st.lists(scores(), min_size=1, max_size=1))
@settings(max_examples=25, deadline=None)
def test_scores_that_a_file_can_hold_come_back(batch: list[Score]):
    (score,) = batch
    (again,) = GuitarPro7().decode(GuitarPro7().encode(score).data).scores
    assert reduce_ticks(again) == reduce_ticks(score)


def test_a_score_of_every_kind_of_track_comes_back():
    score = Score(
        (
            Track((Note(0, 480, 66, 79, 5), Note(960, 960, 60, 79, 4)), "G", 27, tuning=GUITAR),
            Track(tuple(Note(0, 1920, pitch, 79) for pitch in (48, 64, 67)), "P", 0),
            Track(tuple(Note(i * 240, 240, 42, 79) for i in range(8)), "D", is_drum=True),
        ),
        tempos=(Tempo(0, 101.25),),
        meters=(Meter(0, 4, 4),),
        keys=(Key(0, -2, "minor"),),
        meta={"title": "T", "provenance": "own"},
    )
    (again,) = GuitarPro7().decode(GuitarPro7().encode(score).data).scores
    assert again == score


def test_a_grace_note_leaves_the_string_of_a_note_that_goes_on():
    grace = Beat(Rhythm(32), [Struck(88)], is_grace=True)
    main = Beat(Rhythm(4), [Struck(83, is_tied=True)])
    opens, held = (40, 79, 84), {83: 2}
    waiting = tied_behind([grace, main], 0)
    assert rows_of(grace, opens, held, waiting) == [1]
    assert rows_of(main, opens, held, tied_behind([grace, main], 1)) == [2]
