"""Reading the tab files people type. All tabs here are our own."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

import pytest

from textmusic.score import Track
from textmusic_guitartab.page import find_documents, read_page
from textmusic_guitartab.page.barlines import cut
from textmusic_guitartab.page.cells import Event, read_bar
from textmusic_guitartab.page.scanning import read_bars

GUITAR = (40, 45, 50, 55, 59, 64)


def staff(*rows: str, labels: str = "eBGDAE", bar: str = "|") -> str:
    """Rows of a staff, top first; missing ones are empty."""
    empty = re.sub(r"[^|]", "-", rows[0])
    full = [*rows, *[empty] * (len(labels) - len(rows))]
    return "\n".join(f"{label}{bar}{row}" for label, row in zip(labels, full, strict=True)) + "\n"


def struck(text: str) -> list[tuple[int, int]]:
    """(string, fret) of all notes in order."""
    track = read_page(text).score.tracks[0]
    return [(note.string, track.fret(note)) for note in track.notes]


def onsets(text: str) -> list[float]:
    score = read_page(text).score
    return [note.onset / score.tpq for note in score.notes()]


def marks(text: str) -> list[set[str]]:
    return [set(note.marks) for note in read_page(text).score.notes()]


def codes(text: str) -> set[str]:
    return {issue.code for issue in read_page(text).issues}


def test_a_chord_shape_gives_its_pitches():
    text = "e|-0-|\nB|-1-|\nG|-0-|\nD|-2-|\nA|-3-|\nE|---|\n"
    assert [note.pitch for note in read_page(text).score.notes()] == [48, 52, 55, 60, 64]


@pytest.mark.parametrize("bar", ["|", ")", ":", " |", "||", " ", "-", "[", "l", ": ", "-["])
def test_labels_are_set_off_in_many_ways(bar):
    assert struck(staff("--3---5---", bar=bar)) == [(5, 3), (5, 5)]


@pytest.mark.parametrize(
    "prefixes",
    [
        ["|"] * 6,
        [""] * 6,
        ["l"] * 6,
        ["MI |", "SI |", "SOL|", "RE |", "LA |", "MI |"],
        ["E|", "H|", "G|", "D|", "A|", "E|"],
        ["|e|", "|B|", "|G|", "|D|", "|A|", "|E|"],
        ["1|", "2|", "3|", "4|", "5|", "6|"],
    ],
)
def test_other_labels_and_none_mean_a_guitar_in_standard_tuning(prefixes):
    rows = ["--3---5---", *["----------"] * 5]
    text = "\n".join(a + b for a, b in zip(prefixes, rows, strict=True))
    assert struck(text) == [(5, 3), (5, 5)]
    assert read_page(text).score.tracks[0].tuning == GUITAR


def test_escaped_brackets_take_one_column():
    text = staff("-5--&lt;12&gt;--7-|", "-5----5---7-|")
    assert len(set(onsets(text))) == 3
    assert {"harmonic"} in marks(text)


def test_tapping_signs_over_a_few_staves_are_no_rhythm():
    text = "  T\n" + staff("-77-55-77-55-") + "\n" + staff("-77-55-77-55-") * 2
    assert {fret for _, fret in struck(text)} == {5, 7}


def test_markup_and_byte_order_do_not_hide_a_staff():
    text = "[tab]" + staff("--3---5---").rstrip("\n") + "[/tab]\n[ch]Am[/ch]\n"
    assert struck(text) == [(5, 3), (5, 5)]


def test_dashes_and_bars_outside_ascii_are_read():
    text = staff("--3---5---").replace("-", "—").replace("|", "│")
    assert struck(text) == [(5, 3), (5, 5)]


@pytest.mark.parametrize(
    ("labels", "tuning"),
    [
        (["D", "A", "F", "C", "G", "C"], (36, 43, 48, 53, 57, 62)),
        (["Eb", "Bb", "Gb", "Db", "Ab", "Eb"], (39, 44, 49, 54, 58, 63)),
        (["e", "B", "G", "D", "A", "D"], (38, 45, 50, 55, 59, 64)),
        (["G", "D", "A", "E"], (28, 33, 38, 43)),
        (["E", "A", "D", "G"], (28, 33, 38, 43)),
        (["G", "D", "A", "E", "B"], (23, 28, 33, 38, 43)),
        (["A", "E", "C", "G"], (67, 60, 64, 69)),
        (["D", "B", "G", "D", "G"], (67, 50, 55, 59, 62)),
        (["e", "B", "G", "D", "A", "E", "B"], (35, 40, 45, 50, 55, 59, 64)),
        (["C", "G", "D", "A", "E", "B"], (23, 28, 33, 38, 43, 48)),
    ],
)
def test_labels_give_the_tuning(labels, tuning):
    text = "\n".join(f"{label:2}|--2--0--|" for label in labels)
    assert read_page(text).score.tracks[0].tuning == tuning


def test_a_staff_with_its_lowest_string_on_top_is_turned():
    text = "E|--3--|\nA|-----|\nD|-----|\nG|-----|\nB|-----|\ne|-----|\n"
    assert struck(text) == [(0, 3)]


@pytest.mark.parametrize(
    ("words", "tuning"),
    [
        ("Tuning: D A D G B e", (38, 45, 50, 55, 59, 64)),
        ("tuning DADGAD", (38, 45, 50, 55, 57, 62)),
        ("Drop D", (38, 45, 50, 55, 59, 64)),
        ("dropped C tuning", (36, 43, 48, 53, 57, 62)),
        ("tune down half step", (39, 44, 49, 54, 58, 63)),
        ("1/2 step down", (39, 44, 49, 54, 58, 63)),
        ("Eb standard", (39, 44, 49, 54, 58, 63)),
        ("Open G", (38, 43, 50, 55, 59, 62)),
        ("a drop of blood", GUITAR),
        ("Tuning: Standard", GUITAR),
    ],
)
def test_words_give_the_tuning_where_labels_do_not(words, tuning):
    assert read_page(f"{words}\n\n" + staff("--3---5---")).score.tracks[0].tuning == tuning


@pytest.mark.parametrize(
    ("words", "fret"),
    [
        ("Capo: 3", 3),
        ("capo 2nd fret", 2),
        ("Capo on 4th fret", 4),
        ("Capo on the first fret", 1),
        ("Capo VII", 7),
        ("No capo", 0),
    ],
)
def test_the_capo_raises_what_sounds(words, fret):
    score = read_page(f"{words}\n\n" + staff("--3---5---")).score
    assert score.tracks[0].capo == fret
    assert [note.pitch for note in score.notes()] == [67 + fret, 69 + fret]


def test_words_give_title_metre_and_tempo():
    text = "Song: Little Song\nTime: 3/4\nTempo: 96\n\n" + staff("-0---0---0---")
    score = read_page(text).score
    assert score.get("title") == "Little Song"
    assert (score.meters[0].numerator, score.meters[0].denominator) == (3, 4)
    assert score.tempos[0].qpm == 96
    assert onsets(text) == [0, 1, 2]


@pytest.mark.parametrize(
    ("row", "frets"),
    [
        ("-12-10-", [12, 10]),
        ("-333-777-", [3, 3, 3, 7, 7, 7]),
        ("-00--55-", [0, 0, 5, 5]),
        ("-29-", [2, 9]),
        ("-1012-", [10, 12]),
        ("-24-", [24]),
    ],
)
def test_digits_side_by_side(row, frets):
    assert [fret for _, fret in struck(staff(row))] == frets


def test_digits_side_by_side_follow_the_rows_beside_them():
    text = staff("-22-22---", "-00-00---")
    assert struck(text).count((5, 2)) == 4


def test_one_digit_and_two_digits_of_a_chord_are_struck_together():
    assert len(set(onsets(staff("---9---", "--10---", "---9---")))) == 1


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("-5h7-", [{"hammer"}, set()]),
        ("-7p5-", [{"pull"}, set()]),
        ("-5/7-", [{"slide"}, set()]),
        ("-7\\5-", [{"slide"}, set()]),
        ("-5s7-", [{"slide:legato"}, set()]),
        ("-/7---", [{"slide:in-below"}]),
        ("-\\7---", [{"slide:in-above"}]),
        ("-7\\---", [{"slide:out-down"}]),
        ("-7b9-", [{"bend:2"}]),
        ("-7b9r7-", [{"bend:2", "release"}]),
        ("-7b---", [{"bend"}]),
        ("-7~~~-", [{"vibrato"}]),
        ("-(5)--", [{"ghost"}]),
        ("-<12>-", [{"harmonic"}]),
        ("-12*--", [{"harmonic"}]),
        ("-[12]-", [{"harmonic:artificial"}]),
        ("-x-X--", [{"dead"}, {"dead"}]),
        ("-t12p5-", [{"tap", "pull"}, set()]),
        ("-7tr9--", [{"trill:73"}]),
        ("-5h7p5-", [{"hammer"}, {"pull"}, set()]),
    ],
)
def test_characters_of_techniques_become_marks(row, expected):
    assert marks(staff(row + "---")) == expected


def test_a_slide_at_the_end_of_a_bar_goes_to_the_first_beat_of_the_next():
    assert marks(staff("-5--7/|-9---")) == [set(), {"slide"}, set()]
    assert marks(staff("-5--7/|-7---")) == [set(), {"slide:out-up"}, set()]


def test_palm_mutes_over_the_staff_cover_what_is_under_them():
    text = "  PM---|\n" + staff("-0-0-----0-0-")
    assert marks(text) == [{"palm-mute"}, {"palm-mute"}, set(), set()]


def test_even_spacing_fills_the_bar():
    assert onsets(staff("-0-0-0-0-0-0-0-0-")) == [i / 2 for i in range(8)]
    assert onsets(staff("0---0---0---0---")) == [0, 1, 2, 3]
    assert onsets(staff("-0-----0-----0-----0-----|-0-----------0-----------")) == [
        0,
        1,
        2,
        3,
        4,
        6,
    ]


def test_a_long_line_without_bars_is_several_bars():
    score = read_page(staff("-0" * 32 + "-")).score
    assert [note.onset / score.tpq for note in score.notes()] == [i / 4 for i in range(32)]
    assert len(score.bars()) == 2


@pytest.mark.parametrize(
    "remark", [" x2", " (x2)", "x2", " [2x]", " 2 times", "  repeat 2x", "(X2)"]
)
def test_a_remark_plays_the_staff_out(remark):
    rows = staff("-0---2---", "---------").split("\n")
    rows[0] += "|" + remark
    assert struck("\n".join(rows)) == [(5, 0), (5, 2)] * 2


def test_repeat_signs_play_their_bars_out():
    rows = [f"{label}|{'-0--' if label == 'e' else '----'}|" for label in "eBGDAE"]
    body = [":-1---:|", ":-----:|", ":-----:|", *["------- |".replace(" ", "")] * 3]
    text = "\n".join(a + "|" + b + "|-3--|" for a, b in zip(rows, body, strict=True))
    assert [fret for string, fret in struck(text) if string == 5] == [0, 1, 1, 3]


def test_an_absurd_repeat_is_reported_and_played_once():
    text = staff("-0---2---").rstrip("\n") + "| x500\n"
    assert len(struck(text)) == 2
    assert "guitartab.repeat" in codes(text)


def test_letters_give_the_rhythm():
    text = "  Q. E  H\n" + staff("-0--2--3----")
    assert onsets(text) == [0, 1.5, 2]


def test_small_letters_give_the_rhythm():
    text = "   q     s  s  e\n" + "\n".join(
        f"|{label}|{row}|"
        for label, row in zip("eBGDAE", ["0-----2--3--5---", *["-" * 16] * 5], strict=True)
    )
    assert onsets(text) == [0, 1, 1.25, 1.5]


def test_a_line_of_chords_is_no_rhythm():
    text = "  E            E\n" + staff("-0-0-0-0-0-0-0-0-")
    assert onsets(text) == [i / 2 for i in range(8)]


def test_rows_of_unequal_length_line_up_bar_by_bar():
    rows = staff("-0---|--2---|", "-1---|--3---|").split("\n")
    rows[0] = rows[0].replace("-0---", "-0----")
    text = "\n".join(rows)
    assert "guitartab.uneven-rows" in codes(text)
    assert len(struck(text)) == 4


def test_rows_with_other_bar_lines_follow_the_majority():
    text = staff(
        "-0---|--2-----", "-1------3-----", "-2---|--4-----", "-----|--------", "-----|--------"
    )
    assert "guitartab.uneven-bars" in codes(text)
    assert len(struck(text)) == 6


def test_two_staves_without_a_gap_are_told_apart():
    block = staff("--3---5---")
    assert struck(block + block) == [(5, 3), (5, 5)] * 2
    assert (
        struck(
            (block + block)
            .replace("e|", "|")
            .replace("B|", "|")
            .replace("G|", "|")
            .replace("D|", "|")
            .replace("A|", "|")
            .replace("E|", "|")
        )
        == [(5, 3), (5, 5)] * 2
    )


def test_lines_of_dashes_and_lyrics_are_no_staff():
    text = (
        "----------\nAm    C   --- oh yeah\nla la la - la la\n"
        + staff("--3---5---")
        + "-----------\n"
    )
    assert struck(text) == [(5, 3), (5, 5)]


def test_words_inside_a_row_are_no_notes():
    text = staff("-3-(let ring 4 x)-5-|", "------------------- |".replace(" ", ""))
    assert struck(text) == [(5, 3), (5, 5)]


def test_double_spaced_rows_are_a_staff():
    assert struck(staff("--3---5---").replace("\n", "\n\n")) == [(5, 3), (5, 5)]


def test_guitar_and_bass_are_two_documents_with_their_own_places():
    guitar, bass = staff("--3---5---"), staff("--1---", labels="GDAE")
    text = f"Gtr\n{guitar}\nBass\n{bass}\nGtr\n{guitar}"
    documents = list(find_documents(text))
    assert [len(document.text) for document in documents] == [len(text)] * 2
    scores = [read_page(document.text).score for document in documents]
    assert [len(score.tracks[0].tuning) for score in scores] == [6, 4]
    assert [len(list(score.notes())) for score in scores] == [4, 1]
    assert "guitartab.other-instrument" in codes(text)


def test_a_part_of_a_staff_joins_the_others():
    text = staff("--3---5---") + "\n" + staff("--1---5---") + "\n" + staff("--7---", labels="eBGD")
    (document,) = find_documents(text)
    assert struck(document.text)[-1] == (5, 7)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "la la la\nAm C G\n", "-----\n", "e|---\nB|---\n", "\x00-|-"]
)
def test_what_is_no_tablature_gives_no_document_and_says_so(text):
    assert list(find_documents(text)) == []
    assert [i.code for i in read_page(text).issues if i.severity == "error"] == [
        "guitartab.no-staff"
    ]


def test_issues_point_at_their_place():
    text = "Song\n\n" + staff("--3-%-5---")
    (issue,) = [i for i in read_page(text).issues if i.code == "guitartab.character"]
    assert text[issue.offset] == "%"


def test_a_huge_line_is_no_trouble():
    for row in (
        "-0" * 200_000,
        "1" * 200_000,
        "(" * 200_000,
        "h-" * 200_000,
        "--" + " " * 200_000 + "5",
    ):
        read_page(staff(row + "--"))


def heard(columns: Iterable[int], events: Iterable[Event]) -> list[object]:
    """What is struck where, whatever columns shared cells have."""
    return [
        (column, e.width, sorted((c.string, c.fret, c.width, *sorted(c.marks)) for c in e.cells))
        for column, e in zip(columns, events, strict=True)
    ]


def test_columns_that_are_read_apart_mean_what_the_whole_bar_means():
    rng = random.Random(0)
    for number in range(300):
        signs = "0123456789xhp~()b" if number % 3 else "0123456789"
        bars = [
            tuple("".join(rng.choices("-" * 3 * len(signs) + signs, k=14)) for _ in range(6))
            for _ in range(5)
        ]
        for spread in (False, True):
            found = read_bars([*bars, bars[0]], spread=spread)
            assert set(found) == {*bars}
            for rows, bar in found.items():
                whole, _ = read_bar(rows, spread=spread)
                own = [event.column for event in whole]
                assert heard(bar.columns, bar.events) == heard(own, whole), rows
                assert bar.width == 14


def test_rows_with_and_without_repeat_signs_are_cut_alike():
    for first in ("-5--|--7-", "-5--||-7-", "-5-|---7--|-", "--|7|", "---7---"):
        plain, even = cut([first, *[re.sub(r"[^|]", "-", first)] * 3])
        signed, _ = cut([f":-|{first}", *[re.sub(r"[^|]", "-", f"--|{first}")] * 3])
        assert even
        assert [bar.segments for bar in signed] == [bar.segments for bar in plain]
        assert [bar.column - 3 for bar in signed[-1:]] == [bar.column for bar in plain[-1:]]
        assert [bar.closed for bar in signed] == [bar.closed for bar in plain]


def test_a_bar_that_was_read_before_is_not_read_again():
    rows = ("--3--5--", "--------", "-2------", "--------")
    other = ("-1--", "----", "----", "---7")
    before = read_bars([rows], spread=False)[rows]
    after = read_bars([other, rows], spread=False)
    assert after[rows] is before
    assert after[other].columns == [1, 3]
    assert read_bars([rows], spread=True)[rows] is not before


def test_what_cannot_be_read_in_a_bar_is_said_of_every_staff_alike():
    empty = ("------",) * 3
    (bar,) = read_bars([("-%3-5-", *empty)], spread=False).values()
    assert [(c.code, c.row, c.column) for c in bar.complaints] == [("guitartab.character", 0, 1)]
    (bar,) = read_bars([(*empty, "-35---")], spread=True).values()
    assert [(c.code, c.row, c.column) for c in bar.complaints] == [("guitartab.fret-range", 3, 1)]
    (bar,) = read_bars([("-" * 6000, *empty)], spread=False).values()
    assert [(c.code, c.row, c.column) for c in bar.complaints] == [("guitartab.bar-width", 0, None)]
    assert bar.events == []


def test_notes_of_a_page_are_in_the_order_of_a_track():
    rng = random.Random(1)
    for _ in range(200):
        rows = ["".join(rng.choices("-------0379gx/\\~(12)|", k=40)) for _ in range(6)]
        letters = "".join(rng.choices("    QE.S+", k=40))
        page = rng.choice(["", letters + "\n"]) + "\n".join(rows) + "\n"
        for track in read_page(page).score.tracks:
            assert Track(track.notes, tuning=track.tuning).notes == track.notes
