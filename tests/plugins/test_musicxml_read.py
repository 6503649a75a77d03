"""Reading MusicXML: what sounds, repeats played out, and what damaged files do."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction

import pytest

from textmusic.errors import FormatError
from textmusic.score import Key, Meter, Note, Score, Tempo
from textmusic_musicxml import CompressedMusicXmlFormat, MusicXmlFormat

FORMAT = MusicXmlFormat()


def document(
    *measures: str, parts: str = '<score-part id="P1"><part-name>A</part-name></score-part>'
):
    inside = "".join(f'<measure number="{i}">{m}</measure>' for i, m in enumerate(measures, 1))
    return (
        f'<?xml version="1.0"?><score-partwise version="4.0"><part-list>{parts}</part-list>'
        f'<part id="P1">{inside}</part></score-partwise>'
    ).encode()


def attributes(beats: int = 4, kind: int = 4, more: str = "", divisions: int = 12) -> str:
    return (
        f"<attributes><divisions>{divisions}</divisions><time><beats>{beats}</beats>"
        f"<beat-type>{kind}</beat-type></time>{more}</attributes>"
    )


def note(step: str, ticks: int, more: str = "", head: str = "", octave: int = 4) -> str:
    return (
        f"<note>{head}<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
        f"<duration>{ticks}</duration>{more}</note>"
    )


def read(data: bytes) -> Score:
    (score,) = FORMAT.decode(data).scores
    return score


def sounds(score: Score) -> list[tuple[Fraction, Fraction, int]]:
    return [
        (Fraction(n.onset, score.tpq), Fraction(n.duration, score.tpq), n.pitch)
        for n in score.notes()
    ]


TIE = '<tie type="{}"/>'
START, STOP = TIE.format("start"), TIE.format("stop")


def test_ties_over_bar_lines_become_one_note():
    score = read(document(attributes() + note("C", 48, START), note("C", 48, STOP)))
    assert sounds(score) == [(0, 8, 60)]


def test_a_tie_whose_stop_is_missing_still_ties_within_its_voice():
    score = read(document(attributes() + note("C", 48, START), note("C", 48)))
    assert sounds(score) == [(0, 8, 60)]


def test_unisons_of_two_voices_keep_their_own_ties():
    voice = "<voice>{}</voice>"
    one = note("C", 48, START + voice.format(1))
    two = note("C", 24, voice.format(2)) + note("C", 24, voice.format(2))
    back = "<backup><duration>48</duration></backup>"
    after = note("C", 48, STOP + voice.format(1))
    score = read(document(attributes() + one + back + two, after))
    assert sounds(score) == [(0, 2, 60), (0, 8, 60), (2, 2, 60)]
    assert [sorted(n.marks) for n in score.notes()] == [["voice:2"], [], ["voice:2"]]


def test_tuplets_are_exact_where_divisions_can_only_round():
    triplet = (
        "<type>eighth</type><time-modification><actual-notes>3</actual-notes>"
        "<normal-notes>2</normal-notes></time-modification>"
    )
    notes = "".join(note(s, d, triplet) for s, d in zip("CDE", (85, 85, 86), strict=True))
    score = read(document(attributes(1, 4, divisions=256) + notes))
    third = Fraction(1, 3)
    assert sounds(score) == [(0, third, 60), (third, third, 62), (2 * third, third, 64)]


def test_grace_notes_are_counted_back_from_their_main_note():
    grace = "<note><grace/>{}<pitch><step>{}</step><octave>4</octave></pitch></note>"
    graces = grace.format("", "C") + grace.format("", "D") + grace.format("<chord/>", "F")
    score = read(document(attributes() + graces + note("E", 48)))
    assert [(n.pitch, n.duration, n.grace) for n in score.notes()] == [
        *((60, 0, 2), (62, 0, 1), (65, 0, 1)),
        (64, score.tpq * 4, 0),
    ]


def test_an_upbeat_is_a_short_bar_and_a_bar_of_rests_too_many_is_not_long():
    rest = "<note><rest/><duration>48</duration></note>"
    score = read(document(attributes() + note("C", 12), note("D", 48), rest + rest, note("E", 48)))
    quarters = [Fraction(m.onset, score.tpq) for m in score.meters]
    assert quarters == [0, 1]
    assert [s[0] for s in sounds(score)] == [0, 1, 9]


def test_transposing_instruments_sound_and_the_key_with_them():
    clarinet = (
        "<key><fifths>2</fifths><mode>major</mode></key>"
        "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    )
    more = attributes(more=clarinet.split("<transpose>")[0])
    more = more.replace("</attributes>", "<transpose>" + clarinet.split("<transpose>")[1])
    score = read(document(more + "</attributes>" + note("D", 48)))
    assert [n.pitch for n in score.notes()] == [60]
    assert score.keys in {(Key(0, 0),), (Key(0, 2),)}


def test_tempo_marks_in_words_numbers_and_sound():
    mark = (
        "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "<per-minute>c. 60</per-minute></metronome></direction-type></direction>"
    )
    sound = '<direction><direction-type/><offset>12</offset><sound tempo="72.5"/></direction>'
    score = read(document(attributes() + mark + note("C", 24) + sound + note("C", 24)))
    assert score.tempos == (Tempo(0, 90), Tempo(3 * score.tpq, 72.5))


def test_staves_are_tracks_and_voices_count_on_their_staff():
    place = "<voice>{}</voice><staff>{}</staff>"
    back = "<backup><duration>48</duration></backup>"
    notes = back.join(
        [
            note("E", 48, place.format(1, 1)),
            note("D", 48, place.format(2, 1)),
            note("C", 48, place.format(5, 2), octave=3),
        ]
    )
    score = read(document(attributes(more="<staves>2</staves>") + notes))
    assert [[(n.pitch, sorted(n.marks)) for n in t.notes] for t in score.tracks] == [
        [(62, ["voice:2"]), (64, [])],
        [(48, [])],
    ]


def test_a_voice_without_staff_stays_on_the_staff_of_its_first_note():
    back = "<backup><duration>24</duration></backup>"
    left = note("C", 24, "<voice>2</voice><staff>2</staff>", octave=3)
    first = note("E", 24, "<voice>1</voice><staff>1</staff>") + back + left
    second = note("E", 24, "<voice>1</voice>") + back + note("D", 24, "<voice>2</voice>", octave=3)
    score = read(document(attributes(2, 4) + first, second))
    assert [[n.pitch for n in t.notes] for t in score.tracks] == [[64, 64], [48, 50]]


def test_percussion_reads_its_general_midi_keys():
    part = (
        '<score-part id="P1"><part-name>Kit</part-name>'
        '<score-instrument id="I1"><instrument-name>x</instrument-name></score-instrument>'
        '<score-instrument id="I2"><instrument-name>y</instrument-name></score-instrument>'
        '<midi-instrument id="I1"><midi-unpitched>37</midi-unpitched></midi-instrument>'
        '<midi-instrument id="I2"><midi-unpitched>43</midi-unpitched></midi-instrument>'
        "</score-part>"
    )
    hit = (
        "<note>{}<unpitched><display-step>F</display-step><display-octave>4</display-octave>"
        "</unpitched><duration>24</duration>{}</note>"
    )
    data = document(
        attributes()
        + hit.format("", '<instrument id="I1"/>')
        + hit.format("<chord/>", '<instrument id="I2"/>')
        + hit.format("", ""),
        parts=part,
    )
    loaded = FORMAT.decode(data)
    (track,) = loaded.scores[0].tracks
    assert track.is_drum
    assert [n.pitch for n in track.notes] == [36, 42, 36]
    assert [issue.code for issue in loaded.issues] == ["musicxml.drum"]


def test_strings_come_with_a_tuning_that_fits_their_frets():
    place = "<notations><technical><string>{}</string><fret>{}</fret></technical></notations>"
    notes = note("E", 24, place.format(1, 0)) + note("C", 24, place.format(2, 1))
    (track,) = read(document(attributes() + notes)).tracks
    assert [(n.string, track.fret(n)) for n in track.notes] == [(3, 0), (2, 1)]


def test_timewise_documents_read_as_partwise_ones():
    data = (
        '<score-timewise><part-list><score-part id="P1"/></part-list>'
        f'<measure number="1"><part id="P1">{attributes()}{note("C", 48)}</part></measure>'
        f'<measure number="2"><part id="P1">{note("D", 48)}</part></measure></score-timewise>'
    )
    assert sounds(read(data.encode())) == [(0, 4, 60), (4, 4, 62)]


def test_chord_symbols_and_cue_notes_do_not_sound():
    harmony = "<harmony><root><root-step>C</root-step></root><kind>major</kind></harmony>"
    score = read(document(attributes() + harmony + note("C", 24, head="<cue/>") + note("D", 24)))
    assert sounds(score) == [(2, 2, 62)]


def test_utf16_documents_are_read():
    text = document(attributes() + note("C", 48)).decode()
    assert len(sounds(read(text.encode("utf-16")))) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_encoding(encoding):
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><score-partwise>&b;</score-partwise>'
    )
    with pytest.raises(FormatError, match="declares entities"):
        FORMAT.decode(bomb.encode(encoding))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "not well-formed XML"),
        (b"<score-partwise>", "not well-formed XML"),
        (b"<html></html>", "not MusicXML: the root element is <html>"),
        (b"<score-partwise/>", "holds no measures"),
        (document(attributes() + note("C", 48), *[""] * 300,
                  '<barline><repeat direction="backward" times="99"/></barline>'), "too long"),
    ],
)  # fmt: skip
def test_what_is_no_music_gets_one_line(data, line):
    with pytest.raises(FormatError, match=line) as caught:
        FORMAT.decode(data)
    assert "\n" not in str(caught.value)


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("_", "/") if name.startswith("META") else name, data)
    return packed.getvalue()


def test_archives_without_a_container_are_read_by_their_suffix():
    data = archive(**{"a.png": b"x", "tune.xml": document(attributes() + note("C", 48))})
    (score,) = CompressedMusicXmlFormat().decode(data).scores
    assert len(score.tracks[0].notes) == 1


def test_archives_that_unpack_to_too_much_are_refused():
    with pytest.raises(FormatError, match="unpacks to more than"):
        CompressedMusicXmlFormat().decode(archive(**{"tune.xml": b" " * (40 << 20)}))


def test_archives_without_music_are_refused():
    with pytest.raises(FormatError, match="no MusicXML document"):
        CompressedMusicXmlFormat().decode(archive(**{"a.txt": b"x"}))


def test_formats_recognise_their_files_by_content():
    assert MusicXmlFormat.recognises(document())
    assert MusicXmlFormat.recognises(b"<!-- <html> --><!DOCTYPE x><score-timewise>")
    assert not MusicXmlFormat.recognises(b"<mei/>")
    assert not MusicXmlFormat.recognises(b"\xff\xfe")


def test_meters_that_add_up():
    time = "<attributes><divisions>2</divisions><time><beats>3+2</beats><beat-type>8</beat-type>"
    score = read(document(time + "</time></attributes>" + note("C", 5)))
    assert score.meters == (Meter(0, 5, 8),)


def test_marks_of_notations():
    inside = (
        "<notations><articulations><accent/><staccato/></articulations><technical>"
        "<bend><bend-alter>2</bend-alter><release/></bend><hammer-on type='start'/></technical>"
        "<ornaments><tremolo type='single'>3</tremolo></ornaments><slide type='start'/>"
        "<tied type='let-ring'/></notations><play><mute>palm</mute></play>"
    )
    (only,) = read(document(attributes() + note("C", 48, inside))).notes()
    assert only == Note(
        0,
        only.duration,
        60,
        marks=frozenset(
            [
                "accent",
                "staccato",
                "bend:2",
                "release",
                "hammer",
                "tremolo:32",
                "slide",
                "let-ring",
                "palm-mute",
            ]
        ),
    )
