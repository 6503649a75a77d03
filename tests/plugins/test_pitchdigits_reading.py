"""Raw text: labelled staves in many dialects, and numbered notation as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hang import no_hang

from textmusic.format import read_text
from textmusic.score import Key, Meter, Score
from textmusic_pitchdigits import PitchDigitsCodec, PitchDigitsText
from textmusic_pitchdigits.notation import pieces, read_notation

CODEC = PitchDigitsCodec()
STAVES = [[60, 62, 64, 79], [55, 72, 60]]


def read(text: str) -> list[list[int]]:
    return [[n.pitch for n in s.notes()] for s in PitchDigitsText().decode(text.encode()).scores]


def music(text: str) -> Score:
    return read_notation(text).score


def notes(text: str) -> list[tuple[float, float, int]]:
    score = music(text)
    return [(n.onset / score.tpq, n.duration / score.tpq, n.pitch) for n in score.notes()]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1235+\n5-1+1\n", "separator none, octave marks + -"),
        ("1 2 3 5+\n5- 1+ 1\n", "separator space, octave marks + -"),
        ("1,2,3,5+\n5-,1+,1\n", "separator comma, octave marks + -"),
        ("1, 2, 3, 5^\n5v, 1^, 1\n", "separator comma, octave marks ^ v"),
        ("1|2|3|5+\n5-|1+|1\n", "separator bar, octave marks + -"),
        ("1 2 3 5'\n5, 1' 1\n", "separator space, octave marks ' comma"),
        ("1 2 3 5\u0307\n5\u0323 1\u0307 1\n", "octave marks dot above dot below after"),
        ("1 2 3 '5\n.5 '1 1\n", "octave marks ' . before the digit"),
        ("１ ２ ３ ５＋\n５－ １＋ １\n", "separator space"),
    ],
)
def test_dialects_are_found_and_reported(text: str, says: str) -> None:
    assert read(text) == STAVES
    issues = PitchDigitsText().decode(text.encode()).issues
    (found,) = [issue for issue in issues if issue.code == "pitchdigits.dialect"]
    assert says in found.message
    assert found.severity == "note"


def test_rests_bars_and_labels() -> None:
    score = CODEC.decode("1 0 2 | 3 5 |\n")
    assert [n.onset for n in score.notes()] == [0, 2, 3, 4]
    assert [bar.end for bar in score.bars()] == [3, 5]
    assert read("Image 1: 1 2 3 5+\nImage 2: 5- 1+ 1\n") == STAVES
    assert read("1. 1 2 3 5+\n2. 5- 1+ 1\n") == STAVES
    assert read("12) 1 2 3 5+\n13) 5- 1+ 1\n") == STAVES


def test_page_numbers_headers_and_captions_are_dropped_and_reported() -> None:
    text = "My labels\nPage 1\n1 2 3 5+\n12\nMy labels\nFrom the last piece\n5- 1+ 1\n13\n"
    assert read(text) == STAVES
    issues = PitchDigitsText().decode(text.encode()).issues
    places = [(i.code.partition(".")[2], text.count("\n", 0, i.offset) + 1) for i in issues]
    assert sorted(places, key=lambda p: p[1]) == [
        ("header", 1), ("page-number", 2), ("dialect", 3), ("page-number", 4),
        ("header", 5), ("caption", 6), ("page-number", 8),
    ]  # fmt: skip


def test_settings_go_before_detection() -> None:
    text = "5- 1 2\n3 4 5\n"
    assert next(PitchDigitsCodec(octaves="-+").decode(text).notes()).pitch == 79
    assert [n.pitch for n in PitchDigitsCodec(tonic=67).decode(text).notes()][1] == 67


def test_lines_or_blocks_make_pieces() -> None:
    text = "1 2 3\n4 5 6\n\n7 1+ 2+\n3 4 5\n"
    assert len(list(CODEC.documents(text))) == 2
    assert len(list(PitchDigitsCodec(lines="image").documents(text))) == 4
    plain = PitchDigitsCodec("plain")
    assert [plain.canonical(d.text) for d in plain.documents(text)] == ["123456", "71+2+345"]


def test_a_wrong_digit_is_an_error_at_its_place() -> None:
    (issue,) = [i for i in CODEC.parse("1 2 9 3\n5 5 5").issues if i.severity == "error"]
    assert (issue.code, issue.offset) == ("pitchdigits.degree", 4)


def test_lengths_of_spelled_notes() -> None:
    text = "title=Study\n4/4\nq1 s2 s3 4 - ,5. q'6 R*1 3[ q1 q2 q3 ] 1 ~ 1 0"
    assert [p for *_, p in notes(text)] == [60, 62, 64, 65, 55, 81, 60, 62, 64, 60]
    third = 1 / 3
    assert [d for _, d, _ in notes(text)] == pytest.approx(
        [0.5, 0.25, 0.25, 2, 1.5, 0.5, third, third, third, 2]
    )
    assert [t for t, *_ in notes(text)] == pytest.approx(
        [0, 0.5, 0.75, 1, 3, 4.5, 9, 9 + third, 9 + 2 * third, 10]
    )


def test_lengths_of_drawn_notes() -> None:
    text = "1=G 3/4\n5_5_ 1' 1. 2_ | 3\u0332 3\u0332 4 - | 0 5,, 8 |"
    assert [pitch for _, _, pitch in notes(text)] == [62, 62, 67, 55, 57, 59, 59, 60, 38, 67]
    assert [length for _, length, _ in notes(text)] == [0.5, 0.5, 1, 1.5, 0.5, 0.5, 0.5, 2, 1, 1]


def test_sticky_lengths_chords_and_base_octaves() -> None:
    assert [d for _, d, _ in notes("KeepLength\n1s 2 3 4c 5")] == [0.25] * 3 + [1, 1]
    assert [p for *_, p in notes("OctavesBefore\nq,7#1,b7 1")] == [58, 59, 61, 60]
    assert [p for *_, p in notes("OctavesAfter\nq1,3' 1")] == [48, 76, 60]
    assert [p for *_, p in notes("q1 > 1 < q1")] == [60, 72, 60]


def test_repeats_and_endings_are_played_out() -> None:
    def degrees(text: str) -> str:
        return "".join("1 2 34 5 6 7"[p - 60] for *_, p in notes(text))

    assert degrees("R{ 1 2 } A{ 3 | 4 } 5 R*1") == "1231245"
    assert degrees("R3{ 1 2 } 3") == "1212123"
    assert degrees("1=C\n1 |: 2 3 :| 4") == "123234"
    assert degrees("R*1 1 Fine 2 DC") == "121"
    assert degrees("R*1 1 Segno 2 ToCoda 3 DS 4") == "12324"


def test_nested_repeats_are_bounded() -> None:
    with no_hang():
        read_notation("R99{ " * 30 + "1 2 3 4 " + "} " * 30)


def test_key_metre_upbeat_tempo_and_parts() -> None:
    text = (
        "title=T\n6=E\n3/4,4\n4=90\n6\n1 2 3\nNextPart\ninstrument=Bass\n,6 - - -\nNextScore\n1 1"
    )
    start, end = next(pieces(text))
    score = music(text[start:end])
    assert score.keys[0] == Key(0, 1, "minor")
    assert [n.pitch for n in score.tracks[0].notes] == [64, 55, 57, 59]
    assert [(m.numerator, m.onset / score.tpq) for m in score.meters] == [(3, 0), (3, 1)]
    assert score.tempos[0].qpm == 90
    assert score.tracks[1].name == "Bass"
    assert len(PitchDigitsText().decode(text.encode()).scores) == 2
    assert len(list(CODEC.documents(text))) == 3


def test_bar_lines_alone_give_the_metre() -> None:
    assert music("1 - 2 | 3 4 5 | 1 - - |").meters == (Meter(0, 3, 4),)


def test_lyrics_and_other_text_are_dropped_and_reported() -> None:
    text = "1=C 2/4\n1 2 | 3 - |\nL: sing a song\nla la la\n5 hey 1 | 1 - |\n% note\nH: 歌词\n"
    parsed = read_notation(text)
    assert [n.pitch for n in parsed.score.notes()] == [60, 62, 64, 67, 60, 60]
    codes = [issue.code.partition(".")[2] for issue in parsed.issues]
    assert codes == ["lyrics", "text", "word", "lyrics"]
    assert text[parsed.issues[2].offset :].startswith("hey")


@pytest.mark.parametrize(
    "text",
    ["e|--0--1--|\nB|--1--3--|\n", "--0--2--3--|\n--2--2--2--|\n", "Dear all,\n\nsee you at 5.\n",
     "[Am] one [C] two\n", "1;60;480\n2;64;960\n8;9;10\n", "000100\n000100\n"],
)  # fmt: skip
def test_other_texts_are_not_recognised(text: str) -> None:
    assert not PitchDigitsText.recognises(text.encode())


def test_pages_of_tablature_are_not_claimed(data: Path) -> None:
    pages = sorted((data / "tabs").rglob("*"))[::5]
    claimed = [p for p in pages if p.suffix in {".txt", ".tab"}
               and p.is_file() and PitchDigitsText.recognises(p.read_bytes()[:20_000])]  # fmt: skip
    assert not claimed


def test_real_numbered_notation_reads(data: Path) -> None:
    count = 0
    for path in sorted((data / "stave" / "jianpu_db").glob("*.txt"))[::48]:
        text = read_text(path.read_bytes())
        found = PitchDigitsText().decode(path.read_bytes())
        count += sum(1 for score in found.scores for _ in score.notes())
        assert not [
            i for i in found.issues if i.severity == "error" and i.code != "pitchdigits.no-notes"
        ]
        document = next(CODEC.documents(text))
        canonical = CODEC.canonical(document.text)
        assert CODEC.validate(canonical) == ()
    assert count > 5_000
