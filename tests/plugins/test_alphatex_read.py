"""alphaTex as people write it, read as alphaTab reads it."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from random import Random

import pytest
from hang import no_hang
from oracles.alphatex import page, page_seen, read_alphatex, signs, signs_seen

from textmusic.errors import FormatError
from textmusic.testing._material import mutate
from textmusic_guitarpro.alphatex import AlphaTex
from textmusic_guitarpro.alphatex.read import read_song
from textmusic_guitarpro.song import Song

SAME = {
    "bare metadata and the separator": r'\title "T" \tempo 120 \ts 3 4 . 3.3.4 5.3 r |',
    "arguments in parentheses": r'\title ("T") \tempo (120) \ts (3 4) 3.3.4 5.3.4 r.4 |',
    "single quotes and escapes": r"\title 'It\'s \u0041\n' 3.3.4",
    "comments": "3.3.4 // one\n5.3 /* two\nthree */ 7.3 // end",
    "note values stay": ":8 3.3 5.3 :16 7.3 8.3 5.3.2 3.3 :-2 3.3",
    "tuplets that stay": ":8 {tu 3} 3.3 5.3 7.3 :4 3.3 :8 {tu 7 8} 3.3",
    "tuplets of one beat": "3.3.8{tu 3} 5.3{tu (5 4)} 7.3{tu 5 3} 3.3",
    "repeated beats": "3.3.8*4 5.3{d}*2 5.3*2{d} r*3",
    "dots": "3.3.4{d} 5.3.8{dd} 7.3",
    "chords and an empty one": "(0.1 2.3{pm} 1.2).4 ().8 (3.6).8",
    "ties on strings": "3.3.4 -.3.8 (5.3 3.4) (-.3 -.4) 5.3{t} | -.3.1",
    "ties to nothing": "5.3{t}.4 r.1 | r.1 | r.1 | r.1 | 7.3{t}.4",
    "dead notes": "x.3.4 3.3{x} (x.1 x.2)",
    "negative and high frets": "-2.3.4 31.1",
    "tuning and capo": r"\tuning D4 A3 F3 C3 G2 D2 \capo 3 . 3.3.4 0.6",
    "four strings": r"\instrument 33 \tuning (G2 D2 A1 E1) 3.4.4 0.1",
    "tuning by the instrument": r"\instrument 33 . 3.4.4 0.1",
    "strings by name": r'\instrument "Electric Bass Finger" . 3.4.4',
    "pitched notes": r"\tuning piano . C4.4 C#4 Db4.8 Fx4 Ebb4 f##3 (C4 E4 G4).2",
    "pitched without a tuning": r"\instrument violin . C4.4 A5",
    "ties of pitches": "C4.4 C4{t} (C4 E4).8 (C4{t} E4{t}).8",
    "ties of pitches by place": "(C4 E4).4 (- -).4",
    "the sound transposed": r"\transpose 2 \tuning (E4 B3 G3) 3.3.4 0.1",
    "the look transposed": r"\displaytranspose 12 3.3.4",
    "drums by number": r"\instrument percussion . :8 36 42 (36 42) 38{g}",
    "drums by own names": r'\instrument "percussion" \articulation Kick 36 \articulation (H 46) Kick.4 (Kick H).8',
    "drums by default names": r'\track {instrument percussion} \articulation defaults "Kick (hit)".4 SnareHit',
    "drums without a word": "KickHit.4 HiHatOpen.8",
    "graces": "3.3.8{gr} 5.3.4 3.3{gr ob} 5.3 (3.3 3.4).16{gr bb} 2.3{gr b} 5.3.2",
    "two tracks": r'\track "A" "a" \ts 2 4 3.3.4 5.3 | 3.3.2 \track "B" \instrument 33 0.4.2 | 2.4.2',
    "tracks with properties": r'\track ("A") {volume 10 balance 3 instrument 27 mute solo color "#FF0000"} 3.3.4',
    "two staves": r'\track "P" \instrument 0 \staff {score} \tuning (piano) C4.4 | D4 \staff {score} \tuning piano \clef F4 C3.2 | D3',
    "voices of the staff": r"\voice 3.3.4 5.3 | 7.3.2 \voice 0.6.2 | 3.6.1",
    "a voice from the start": r"3.3.4 5.3 | 7.3.2 \voice 0.6.2 | 3.6.1",
    "voices of the bar": r"\voicemode barwise \voice 3.3.4 \voice 0.6.2 | \voice 5.3.4 \voice 2.6.2 | 1.1.1",
    "note values over tracks": r'\track "A" 3.3.8 5.3{dy pp} \track "B" 3.3 5.3',
    "a command in a bar starts one": r"3.3.4 \ts 3 4 5.3 7.3 | 8.3",
    "a dot behind a beat starts one": "3.3.4. 5.3.8",
    "empty bars": "3.3.4 | | 5.3.4",
    "empty bars at the end": "3.3.4 | | |",
    "repeats and endings": r"\ro 3.3.1 | \ae 1 \rc 2 5.3 | \ae (2 3) 7.3 | \rc 4 8.3",
    "a parenthesis is no argument of ro": r"3.3.4 | \ro (5.3 3.4).4 | \rc 2 5.3",
    "upbeats and metres": r"\ac 3.3.4 | \ts common 3.3.1 | \ts (6 8) 3.3.8 | \ts 2 2 5.3",
    "tempos": r'\tempo 90 "Slow" 3.3.4 | \tempo (120.5 "" 0.5) \tempo (100) 3.3.2 5.3',
    "tempo at a beat": r"3.3.4 5.3{tempo 100} | 3.3{tempo (80 hide)}",
    "decimals of layout": r"\width 123.5 \scale 0.75 3.3.4 \spd 0.5 5.3",
    "keys": r"\ks Eminor 3.3.4 | \ks Bb 3.3 | \ks f#minor 5.3 | \ks Cb 5.3",
    "sections and jumps": r'\section Intro 3.3.4 | \section "A" "Verse" 5.3 | \jump Fine 7.3 | \tf t8 3.3',
    "dynamics": "3.3.4{dy p} 5.3 (7.3 3.4{dy ff}) 5.3",
    "techniques": "3.3{pm}.4 3.3{lr st} 3.3{g} 3.3{ac} 3.3{hac v} 3.3{vw} 3.3{sib} 3.3{sia sod} 3.3{sou}",
    "techniques to the next note": "3.3{h}.4 5.3{h} 3.3{sl} 5.3{ss} 7.3",
    "harmonics": "12.3{nh}.4 5.3{ah 12} 5.3{ah} 5.3{ph (12)} 5.3{th} 5.3{sh} 5.3{fh}",
    "trills": "3.3{tr 5}.4 3.3{tr (7 32)}",
    "techniques of the beat": "3.3.4{tt} 3.3{s} 3.3{p} 3.3{tp 8} 3.3{tp (2)} 3.3{tp 1} 3.3.4{v} 3.3.4{vw}",
    "a beat's property at a note": "3.3{d}.4 5.3{tt tu 3}.8",
    "properties of looks": "3.3{string acc #}.4{beam up slashed timer ot 8va}",
    "chords, texts, lyrics": r'\chord "C" 0 1 0 2 3 x \lyrics "la la" 3.3.4{ch "C" txt "x" lyrics "la"} 5.3{txt word}',
    "names with odd letters": '\\track "Ünïcødé — \U0001d11e" 3.3.4',
}


@pytest.fixture(scope="module")
def seen(alphatab) -> dict[str, dict]:
    return dict(zip(SAME, read_alphatex(list(SAME.values())), strict=True))


@pytest.mark.parametrize("name", SAME)
def test_alphatab_reads_the_same(seen, name: str):
    song, issues = read_song(SAME[name])
    assert "error" not in seen[name], seen[name]
    assert page(song, signs=True) == page_seen(seen[name], signs=True)
    told = signs_seen(seen[name])
    told[0][-1].discard((Fraction(0), 120.0))  # alphaTab's own tempo where none is told
    mine = signs(song)
    mine[0][-1].discard((Fraction(0), 120.0))
    assert mine == told
    assert not [issue for issue in issues if issue.code not in {"alphatex.skipped", "alphatex.dot"}]


def only(text: str) -> Song:
    return read_song(text)[0]


def marks(text: str) -> list[set[str]]:
    (part,) = only(text).parts
    return [note.marks for bar in part.measures for v in bar for beat in v for note in beat.notes]


def test_bends_and_the_whammy_bar_become_curves():
    assert marks("3.3{be (0 0 30 4 60 4)}.4") == [{"bend:2"}]
    assert marks("3.3{be 0 0 15 4 30 4 45 0 60 0}.4") == [{"bend:2", "release"}]
    assert marks("3.3{b (0 4)}.4") == [{"bend:2", "bend-curve:0@0,2@100"}]
    assert marks("3.3{b custom default (0 4 0)}.4") == [
        {"bend:2", "release", "bend-curve:0@0,2@50,0@100"}
    ]
    assert marks("3.3{be (prebend 0 2.5)}.4") == [{"bend:1.25", "bend-curve:1.25@0"}]
    assert marks("3.3.4{tb (0 -4 0)}") == [{"whammy:0@0,-2@50,0@100"}]
    assert marks("3.3.4{tbe dip 0 0 60 -8}") == [{"whammy:0@0,-4@100"}]


def test_a_simile_mark_stands_for_the_bars_before_it():
    text = r"3.3.1 | 5.3.1 | \simile simple | \simile firstofdouble | \simile secondofdouble |"
    (part,) = only(text).parts
    frets = [bar[0][0].notes[0].fret for bar in part.measures]
    assert frets == [3, 5, 5, 5, 5]


def test_a_section_does_not_eat_the_notes_behind_it():
    (part,) = only(r"\section Verse C4.4 D4 | E4").parts
    assert [len(bar[0]) for bar in part.measures] == [2, 1]


def test_texts_come_to_meta():
    text = r"""\title "T" \subtitle "S" \artist "A" \album "B" \words "W" \music "M" \copyright "C"
    \tab "X" \instructions "I" \notices "free text\nprovenance: here\nmore" 3.3.4"""
    (score,) = AlphaTex().decode(text.encode()).scores
    assert dict(score.meta) == {
        "title": "T",
        "subtitle": "S",
        "artist": "A",
        "album": "B",
        "words": "W",
        "composer": "M",
        "copyright": "C",
        "transcriber": "X",
        "instructions": "I",
        "comment": "free text\nmore",
        "provenance": "here",
    }


def test_frets_without_a_tuning_are_those_of_a_guitar():
    (part,) = only(r"\instrument 0 . 3.6.4").parts
    assert part.tuning == (40, 45, 50, 55, 59, 64)


def test_drum_notes_may_have_strings_as_alphatab_writes_grace_notes():
    song, issues = read_song(r"\instrument percussion KickHit.4 38.-2.8{gr} KickHit.4")
    keys = [beat.notes[0].fret for beat in song.parts[0].measures[0][0]]
    assert keys == [35, 38, 35]
    assert [(issue.code, issue.severity) for issue in issues] == [("alphatex.note", "warning")]


def test_a_word_that_is_no_note_does_not_make_a_drum_kit():
    (part,) = only("verse 3.3.4 5.3").parts
    assert (part.is_drum, len(part.measures[0][0])) == (False, 3)


def test_bells_keep_their_own_keys():
    (part,) = only(r"\instrument percussion :4 83 84 31 33 34 82 91").parts
    keys = [beat.notes[0].fret for beat in part.measures[0][0]]
    assert keys == [83, 84, 31, 33, 34, 82, 38]


def test_a_capo_below_the_nut_lowers_the_tuning():
    (part,) = only(r"\tuning (E4 B3) \capo (-2) 3.1.4").parts
    assert (part.tuning, part.capo) == ((57, 62), 0)


WRONG = {
    "3.3.4 \\nosuch 5.3": ("alphatex.unknown", "\\nosuch"),
    "3.3{zz}.4": ("alphatex.unknown", "zz"),
    "3.3.4{zz 3} 5.3": ("alphatex.unknown", "zz"),
    "3.3.4 5.9 7.3": ("alphatex.note", "5"),
    "3.3.4 C4 7.3": ("alphatex.note", "C4"),
    "3.3.4 8 7.3": ("alphatex.note", "8"),
    "C4.4 3.3 D4": ("alphatex.note", "3"),
    "3.3.4 5.3.5 7.3": ("alphatex.duration", "5"),
    "3.3.4 (5.3 7.3": ("alphatex.unclosed", "("),
    "3.3.4{d 5.3": ("alphatex.unclosed", "{"),
    "3.3.4 } 5.3": ("alphatex.syntax", "}"),
    "3.3.4 : (5.3)": ("alphatex.syntax", "("),
    "3.3.4 5.3*r": ("alphatex.syntax", "r"),
    "\\ts (0 4) 3.3.4": ("alphatex.metre", "\\ts"),
    "\\ts (3 5) 3.3.4": ("alphatex.metre", "\\ts"),
    "\\ks H 3.3.4": ("alphatex.key", "\\ks"),
    "\\tempo 0 3.3.4": ("alphatex.tempo", "\\tempo"),
    "3.3.4 | \\ae 40 5.3": ("alphatex.ending", "\\ae"),
    "\\tuning Z 3.3.4": ("alphatex.tuning", "\\tuning"),
    "\\instrument kazoo 3.3.4": ("alphatex.instrument", "\\instrument"),
    "3.3.4{tu 8}": ("alphatex.tuplet", "tu"),
    "3.3.4{tu 0 2}": ("alphatex.tuplet", "tu"),
    "3.3.4{dy loud}": ("alphatex.dynamic", "dy"),
    "3.3.4{pm}": ("alphatex.misplaced", "pm"),
    '3.3.4 \\title "open\n5.3': ("alphatex.open-string", '"'),
    "3.3.4 /* open": ("alphatex.open-comment", "/*"),
    "3.3.4 \\ 5.3": ("alphatex.character", "\\"),
    "\\articulation (Kick 999) 3.3.4": ("alphatex.drum", "\\articulation"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_place_and_the_rest_is_read(text: str):
    code, place = WRONG[text]
    song, issues = read_song(text)
    first = issues[0]
    assert first.code == code
    assert text[first.offset :].startswith(place)
    (part,) = song.parts
    assert part.measures[0][0][0].notes


def test_what_has_no_place_is_a_note_once_a_kind():
    _, issues = read_song('3.3.4{txt "a"} 5.3{txt "b"} 7.3{f}')
    assert [(issue.code, issue.severity, issue.offset) for issue in issues] == [
        ("alphatex.skipped", "note", 6),
        ("alphatex.skipped", "note", 32),
    ]
    assert "(2 times)" in issues[0].message


@pytest.mark.parametrize("text", ["", "   \n", "Dear Sir or Madam,", "{ } ( ) | *", "\\ \\ \\"])
def test_what_is_no_alphatex_is_refused(text: str):
    with pytest.raises(FormatError, match="alphaTex"):
        AlphaTex().decode(text.encode())


HOSTILE = {
    "bars": "|" * 100_000,
    "tracks": "\\track 3.3 |" * 10_000,
    "empty tracks": "\\track " * 20_000,
    "voices": "3.3 |" * 2_000 + "\\voice 3.3 |" * 10_000,
    "multiplier": "3.3*999999999",
    "digits": "9" * 100_000 + "." + "9" * 100_000,
    "braces": "3.3" + "{" * 50_000,
    "parentheses": "(" * 50_000,
    "quotes": "\"'" * 50_001,
    "escapes": '"' + "\\" * 50_001,
    "lines of quotes": '"\\"\n' * 30_000,
    "comments": "/*" * 50_000,
    "tempos": "3.3{tempo 90}" * 10_000,
    "tempos of a bar": "\\tempo (90 0.1)" * 20_000,
    "similes": "3.3.4*1000 |" + "\\simile simple |" * 5_000,
    "tuplets": "".join(f"3.3{{tu {n} {n + 1}}}" for n in range(1, 90)) * 30,
    "names": "".join(f"\\a{n} " for n in range(10_000)),
    "articulations": "".join(f"\\articulation (a{n} 36) " for n in range(20_000)),
    "bends": "3.3{b (" + "1 " * 100_000 + ")}",
    "strings": "\\tuning " + "E4 " * 100_000 + "3.3",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_read_or_refused(name: str):
    with no_hang(), contextlib.suppress(FormatError):
        assert len(AlphaTex().decode(HOSTILE[name].encode()).issues) < 500


def test_mutated_texts_are_read_or_refused_with_offsets_in_range():
    random = Random(5)
    texts = [text for text in SAME.values() if len(text) < 90]
    chars = "".join(sorted(set("".join(texts)))) + "{}()|\\*.:-"
    for _ in range(2_000):
        text = random.choice(texts)
        for _ in range(random.choice((1, 2, 5))):
            text = mutate(random, text, chars)
        try:
            loaded = AlphaTex().decode(text.encode())
        except FormatError:
            continue
        for issue in loaded.issues:
            assert 0 <= issue.offset <= issue.offset + issue.length <= len(text)
