"""`score.gpif` of Guitar Pro 6, 7 and 8: what the page says."""

from __future__ import annotations

from fractions import Fraction

import pytest
from gpif_documents import (
    DRUMS,
    GUITAR,
    PIANO6,
    document,
    flag,
    gp,
    packed,
    sectors,
    song_of,
    track,
)

from textmusic.errors import FormatError
from textmusic_guitarpro.compose import compose
from textmusic_guitarpro.gpif import read_gp
from textmusic_guitarpro.gpif.format import GuitarPro6, GuitarPro7
from textmusic_guitarpro.song import Rhythm, Struck, TempoChange


def test_a_note_has_its_string_fret_and_pitch():
    song = song_of()
    part = song.parts[0]
    assert part.tuning == (40, 45, 50, 55, 59, 64)
    assert part.measures == [[[part.measures[0][0][0]]]]
    assert part.measures[0][0][0].rhythm == Rhythm(1)
    assert part.measures[0][0][0].notes == [Struck(3, 5, velocity=63 + 16)]
    (score,) = GuitarPro7().decode(gp(document())).scores
    assert [note.pitch for note in score.tracks[0].notes] == [67]


def test_the_container_and_not_the_suffix_says_how_to_read():
    xml = document().encode()
    files = (gp(xml), packed(sectors({"score.gpif": xml})), sectors({"score.gpif": xml}))
    scores = [kind().decode(data).scores for data in files for kind in (GuitarPro6, GuitarPro7)]
    assert scores.count(scores[0]) == 6


def test_a_capo_counts_and_frets_are_counted_from_it():
    guitar = track(flag("Tuning", "Pitches", "40 45 50 55 59 64") + flag("CapoFret", "Fret", 2))
    song = song_of(tracks=guitar)
    assert (song.parts[0].capo, song.parts[0].measures[0][0][0].notes[0].fret) == (2, 3)
    assert compose(song).scores[0].tracks[0].notes[0].pitch == 69


@pytest.mark.parametrize(
    ("xml", "rhythm"),
    [
        ("<NoteValue>Long</NoteValue>", Rhythm(-1)),
        ("<NoteValue>DoubleWhole</NoteValue>", Rhythm(0)),
        ('<NoteValue>16th</NoteValue><AugmentationDot count="2"/>', Rhythm(16, 2)),
        ('<NoteValue>Eighth</NoteValue><PrimaryTuplet num="5" den="4"/>', Rhythm(8, 0, 5, 4)),
        ('<NoteValue>Eighth</NoteValue><PrimaryTuplet num="0" den="-1"/>', Rhythm(8)),
        ("<NoteValue>Other</NoteValue>", Rhythm(4)),
    ],
)
def test_note_values(xml: str, rhythm: Rhythm):
    song = song_of(rhythms=f'<Rhythm id="0">{xml}</Rhythm>')
    assert song.parts[0].measures[0][0][0].rhythm == rhythm


def drum(properties: str = "", index: str = "", tracks: str = DRUMS) -> int:
    articulation = f"<InstrumentArticulation>{index}</InstrumentArticulation>"
    notes = f'<Note id="0">{articulation}<Properties>{properties}</Properties></Note>'
    return song_of(notes=notes, tracks=tracks).parts[0].measures[0][0][0].notes[0].fret


def test_drums_of_guitar_pro_7_by_their_place_in_the_kit():
    assert drum(index="2") == 38
    assert drum(flag("Fret", "Fret", 92), index="-1") == 46
    own = DRUMS.replace(
        "</InstrumentSet>",
        "<Elements><Element><Articulations><Articulation><OutputMidiNumber>61</OutputMidiNumber>"
        "</Articulation></Articulations></Element></Elements></InstrumentSet>",
    )
    assert drum(index="0", tracks=own) == 61


def test_drums_of_guitar_pro_6_by_element_and_variation():
    kit = '<Track id="0"><GeneralMidi table="Percussion"/></Track>'
    for element, variation, key in ((0, 0, 36), (1, 2, 37), (10, 1, 46), (15, 0, 51)):
        found = flag("Element", "Element", element) + flag("Variation", "Variation", variation)
        assert drum(found, tracks=kit) == key


def test_guitar_pro_6_names_pitches_without_strings_and_a_grand_staff_is_two_parts():
    song = song_of(
        tracks=PIANO6,
        masters="<MasterBar><Time>4/4</Time><Bars>0 1</Bars></MasterBar>",
        bars='<Bar id="0"><Voices>0 -1 -1 -1</Voices></Bar><Bar id="1"><Voices>-1</Voices></Bar>',
        notes=f'<Note id="0"><Properties>{flag("Octave", "Number", 5)}{flag("Tone", "Step", 4)}'
        "</Properties></Note>",
    )
    assert [part.program for part in song.parts] == [4, 4]
    assert song.parts[0].measures[0][0][0].notes == [Struck(64, None, velocity=79)]
    assert song.parts[1].measures == [[]]


def test_strings_of_instruments_without_frets_become_pitches():
    piano = GUITAR.replace("<Staves>", "<InstrumentSet><Type>acousticPiano</Type></InstrumentSet>"
                           "<Staves>")  # fmt: skip
    below = '<Note id="0"><Properties>' + flag("String", "String", 0) + flag("Fret", "Fret", -7)
    for parts in ({"tracks": piano}, {"notes": below + "</Properties></Note>"}):
        part = song_of(**parts).parts[0]
        assert part.tuning == ()
        assert part.measures[0][0][0].notes[0].fret in {67, 33}


def test_measures_keys_repeats_and_endings():
    masters = (
        "<MasterBar><Key><AccidentalCount>-3</AccidentalCount><Mode>Minor</Mode></Key>"
        '<Time>6/8</Time><Repeat start="true" end="false" count="4"/><Bars>0</Bars></MasterBar>'
        '<MasterBar><Time>3/4</Time><Repeat start="false" end="true" count="3"/>'
        "<AlternateEndings>1 3</AlternateEndings><Bars>0</Bars></MasterBar>"
    )
    first, second = song_of(masters=masters).measures
    assert (first.numerator, first.denominator, first.fifths, first.mode) == (6, 8, -3, "minor")
    assert (first.opens, first.passes) == (True, 0)
    assert (second.opens, second.passes, second.endings) == (False, 3, frozenset({1, 3}))


@pytest.mark.parametrize(
    ("value", "qpm"), [("90 1", 45), ("90 2", 90), ("90 3", 135), ("90.5 4", 181), ("90", 90)]
)
def test_tempos_in_every_unit_and_anywhere(value: str, qpm: float):
    change = (
        "<Automations><Automation><Type>Tempo</Type><Bar>0</Bar><Position>0.333333</Position>"
        f"<Value>{value}</Value></Automation></Automations>"
    )
    assert song_of(master=change).measures[0].tempos == [TempoChange(Fraction(4, 3), qpm)]


def test_a_pickup_is_as_long_as_its_music():
    quarter = '<Rhythm id="0"><NoteValue>Quarter</NoteValue></Rhythm>'
    song = song_of(master="<Anacrusis/>", rhythms=quarter)
    assert song.measures[0].is_pickup


def test_simile_marks_repeat_the_bar_before():
    masters = "".join(f"<MasterBar><Bars>{bar}</Bars></MasterBar>" for bar in (0, 1, 2, 3))
    empty = "<Voices>-1 -1 -1 -1</Voices></Bar>"
    bars = (
        '<Bar id="0"><Voices>0 -1 -1 -1</Voices></Bar>'
        f'<Bar id="1"><SimileMark>Simple</SimileMark>{empty}'
        f'<Bar id="2"><SimileMark>FirstOfDouble</SimileMark>{empty}'
        f'<Bar id="3"><SimileMark>SecondOfDouble</SimileMark>{empty}'
    )
    measures = song_of(masters=masters, bars=bars).parts[0].measures
    assert len(measures) == 4
    assert measures.count(measures[0]) == 4


def test_grace_beats_and_shared_notes():
    song = song_of(
        voices='<Voice id="0"><Beats>1 0 0</Beats></Voice>',
        beats='<Beat id="0"><Rhythm ref="0"/><Notes>0</Notes></Beat>'
        '<Beat id="1"><GraceNotes>BeforeBeat</GraceNotes><Rhythm ref="0"/><Notes>0</Notes></Beat>',
    )
    grace, first, second = song.parts[0].measures[0][0]
    assert (grace.is_grace, first.is_grace) == (True, False)
    assert first == second
    assert first.notes[0] is not second.notes[0]


def test_texts_of_any_script_and_lines_of_the_notices():
    score = (
        "<Title><![CDATA[ Lied \u6b4c & <b> ]]></Title><WordsAndMusic>Wir</WordsAndMusic>"
        "<Music></Music><Notices>provenance: here\n\tand there\nA remark</Notices>"
    )
    assert song_of(score=score).meta == {
        "title": "Lied \u6b4c & <b>",
        "words": "Wir",
        "composer": "Wir",
        "provenance": "here\nand there",
        "comment": "A remark",
    }


def test_what_a_score_does_not_hold_is_named():
    masters = (
        "<MasterBar><Time>4/4</Time><Section><Text>Chorus</Text></Section>"
        "<TripletFeel>Triplet8th</TripletFeel><Directions><Jump>DaCapo</Jump></Directions>"
        "<Fermatas><Fermata/></Fermatas><Bars>0</Bars></MasterBar>"
    )
    beats = (
        '<Beat id="0"><Rhythm ref="0"/><Notes>0</Notes><Chord>1</Chord><FreeText>x</FreeText>'
        f"<Lyrics/><Properties>{flag('Brush', 'Direction', 'Up')}</Properties></Beat>"
    )
    loaded = GuitarPro7().decode(gp(document(masters=masters, beats=beats)))
    text = "\n".join(issue.message for issue in loaded.issues)
    for word in ("section", "fermata", "chord", "text", "lyrics", "brush", "triplet feel", "jump"):
        assert word in text
    assert all(issue.severity != "error" for issue in loaded.issues)


def test_missing_and_odd_ids_are_repaired_and_named():
    song, complaints = read_gp(
        gp(
            document(
                order="0 7",
                masters="<MasterBar><Time>4/4</Time><Bars>0 x</Bars></MasterBar>"
                "<MasterBar><Bars>9</Bars></MasterBar><MasterBar/>",
                bars='<Bar id="0"><Voices>0 8 nan -1 3</Voices></Bar>',
                voices='<Voice id="0"><Beats>0 5 -1</Beats></Voice>',
                beats='<Beat id="0"><Notes>0 6</Notes></Beat>',
                notes="<Note id='0'><Properties/></Note><Note id='0'/>",
            )
        )
    )
    assert len(song.measures) == len(song.parts[0].measures) == 3
    codes = {issue.code for issue in complaints.issues()}
    kinds = ("track", "bars", "bar", "voice", "voices", "beat", "note", "pitch", "rhythm")
    assert {f"guitarpro.{kind}" for kind in kinds} <= codes


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("", "damaged"),
        ("<GPIF>", "damaged"),
        ("<GPIF>&nothing;</GPIF>", "damaged"),
        ("<Other/>", "begins with 'Other'"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><GPIF>&x;</GPIF>', "document type"),
        ("<GPIF>" + "<a>" * 200, "nested deeper"),
        (document(masters="<MasterBar><Time>4</Time></MasterBar>"), "measure 1 is in '4'"),
        (document(masters="<MasterBar/>" * 20_001), "20001 bars"),
        (document(order="0 " * 2000), "more than 1000 staves"),
    ],
)
def test_no_gpif_is_refused_in_one_line(xml: str, message: str):
    with pytest.raises(FormatError, match=message) as raised:
        read_gp(gp(xml))
    assert "\n" not in str(raised.value)


def test_the_word_doctype_in_a_text_is_harmless():
    assert song_of(score="<Title><![CDATA[<!DOCTYPE html>]]></Title>").meta["title"]
