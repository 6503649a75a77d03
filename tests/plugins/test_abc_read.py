"""Reading ABC: what each sign of the notation sounds like."""

import pytest

from textmusic.score import Meter
from textmusic_abc import AbcCodec

CODEC = AbcCodec()


def sounding(body, key="C", meter="4/4", unit="1/4"):
    """(onset, pitch, duration) in quarters."""
    score = CODEC.parse(f"X:1\nT:t\nM:{meter}\nL:{unit}\nK:{key}\n{body}\n").score
    return [
        (note.onset / score.tpq, note.pitch, note.duration / score.tpq)
        for track in score.tracks
        for note in track.notes
    ]


def pitches(body, key="C"):
    return [pitch for _, pitch, _ in sounding(body, key)]


def lengths(body, **header):
    return [duration for _, _, duration in sounding(body, **header)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("C c C, c'", [60, 72, 48, 84]),
        ("^C _D =E ^^F __B", [61, 61, 64, 67, 69]),
        ("^C C|C", [61, 61, 60]),
        ("^C c C,", [61, 73, 49]),  # in all octaves
        ("^C-|C C", [61, 60]),  # a tie carries the accidental, and only the tie
        ("[+CE] ^/C", [60, 64, 60]),
        ("[CEG] [c2e2]", [60, 64, 67, 72, 76]),
        ("+CEG+ A", [60, 64, 67, 69]),
        ("C!trill!D ~E .F", [60, 62, 64, 65]),
        ('"Am"A "^slowly"B', [69, 71]),
        ("C2 y D2 % a comment E", [60, 62]),
        ("CD!\nEF!", [60, 62, 64, 65]),
        ("CD\\\nEF", [60, 62, 64, 65]),
    ],
)
def test_pitches(body, expected):
    assert pitches(body) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("D", [66, 61]),
        ("Dm", [65, 60]),
        ("D dor", [65, 60]),
        ("Ddorian", [65, 60]),
        ("D Mix", [66, 60]),
        ("Bb", [65, 60]),
        ("HP", [66, 61]),
        ("Hp", [66, 61]),
        ("none", [65, 60]),
        ("D exp ^c", [65, 61]),
        ("D =c", [66, 60]),
        ("C^f^c", [66, 61]),
        ("D clef=treble", [66, 61]),
        ("EM", [66, 60]),  # all readers take it for E minor
        ("D transpose=-12", [54, 49]),
        ("D clef=treble-8", [54, 49]),
    ],
)
def test_keys(key, expected):
    assert pitches("FC", key) == expected


def test_key_changes_inline_and_on_a_line_of_its_own():
    assert pitches("F|[K:D]F|\nK:F\nB") == [65, 66, 70]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("C 2 C 3 /2 C /2", [2, 1.5, 0.5]),
        ("C2 C C/2 C/ C// C3/2", [2, 1, 0.5, 0.5, 0.25, 1.5]),
        ("C>D", [1.5, 0.5]),
        ("C<D", [0.5, 1.5]),
        ("C>>D", [1.75, 0.25]),
        ("C> D2", [1.5, 1]),
        ("C>D>E", [1.5, 0.75, 0.5]),
        ("[CE]2", [2, 2]),
        ("[C2E2]2", [4, 4]),
        ("[C2E4]", [2, 4]),
        ("C-C", [2]),
        ("C-|C2", [3]),
        ("[CE]-[CE]", [2, 2]),
        ("[C-E][CF]", [2, 1, 1]),
        ("C-D", [1, 1]),
    ],
)
def test_lengths(body, expected):
    assert lengths(body) == expected


@pytest.mark.parametrize(
    ("body", "meter", "expected"),
    [
        ("(3CDE", "4/4", [2 / 3] * 3),
        ("(2CD", "6/8", [1.5] * 2),
        ("(4CDEF", "6/8", [0.75] * 4),
        ("(5CDEFG", "4/4", [0.4] * 5),
        ("(5CDEFG", "6/8", [0.6] * 5),
        ("(3:2:2C2D", "4/4", [4 / 3, 2 / 3]),
        ("(3::4CDEF", "4/4", [2 / 3] * 4),
        ("(3C>DE", "4/4", [1, 1 / 3, 2 / 3]),
    ],
)
def test_tuplets(body, meter, expected):
    assert lengths(body, meter=meter) == pytest.approx(expected)


def test_rests_and_bars_of_rest():
    assert sounding("C z D2|Z2|x4|E") == [(0, 60, 1), (2, 62, 2), (16, 64, 1)]


def test_overlay_starts_the_bar_again():
    assert sounding("C4|D4&F2G2|A") == [
        (0, 60, 4),
        (4, 62, 4),
        (4, 65, 2),
        (6, 67, 2),
        (8, 69, 1),
    ]


def test_grace_notes_have_marks_and_no_time():
    score = CODEC.parse("X:1\nL:1/4\nK:C\n{dc}B2 .A").score
    found = [(n.pitch, n.duration, sorted(n.marks)) for n in score.notes()]
    assert found == [
        (74, 0, ["grace:2"]),
        (72, 0, ["grace:1"]),
        (71, 2, []),
        (69, 1, ["staccato"]),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("|:C4:|D4", "CCD"),
        ("C4:|D4:|", "CCDD"),
        ("C4|:D4:|", "CDD"),
        ("C4::D4:|", "CCDD"),
        ("C4:||:D4:|", "CCDD"),
        ("C4:| |:D4:|", "CCDD"),
        ("|:C4|1D4:|2E4||F4", "CDCEF"),
        ("|:C4|[1 D4:|[2 E4|]", "CDCE"),
        ("|:C4|1,3D4:|2E4:|F4", "CDCECDF"),
        ("|:C4|[1-2 D4:|3E4|]", "CDCDCE"),
        ("C4|1D4:|2E4|F4|1G4:|2A4|]", "CDCEFGFA"),
        ("|:C4|1D4:|F4", "CDCF"),
        ("|::C4::|D4", "CCCD"),
        ("|:C4||D4:|", "CDCD"),
        ("C4 [|]:| D4", "CCD"),
        ("C4:|D4||E4:|", "CCDEE"),
        ("C4||D4:|", "CDCD"),
    ],
)
def test_repeats_are_played_out(body, expected):
    names = {60: "C", 62: "D", 64: "E", 65: "F", 67: "G", 69: "A"}
    assert "".join(names[pitch] for pitch in pitches(body)) == expected


def test_parts_are_played_in_the_order_of_the_header():
    text = "X:1\nP:A(BA)2\nL:1/4\nK:C\nP:A\nC|\nP:B\nD|\n"
    assert [n.pitch for n in CODEC.decode(text).notes()] == [60, 62, 60, 62, 60]


def test_a_label_that_is_no_letter_of_the_order_is_no_part():
    text = "X:1\nP:AAB\nL:1/4\nK:C\nP:A\nC|\nP:B\nD\nP:fine\nE|\n"
    assert [n.pitch for n in CODEC.decode(text).notes()] == [60, 60, 62, 64]


def test_a_repeat_restores_metre_and_key():
    score = CODEC.parse("X:1\nM:2/4\nL:1/4\nK:C\n|:CF|[M:3/4][K:D]CDF:|\n").score
    assert [n.pitch for n in score.notes()] == [60, 65, 61, 62, 66] * 2
    assert [(m.onset, m.numerator) for m in score.meters] == [(0, 2), (2, 3), (5, 2), (7, 3)]
    assert [(k.onset, k.fifths) for k in score.keys] == [(0, 0), (2, 2), (5, 0), (7, 2)]


def test_an_upbeat_is_a_short_bar():
    score = CODEC.parse("X:1\nM:3/4\nL:1/4\nK:C\nC|DEF|GAB|]").score
    assert [(m.onset, m.numerator) for m in score.meters] == [(0, 3), (1, 3)]
    assert [bar.onset for bar in score.bars()] == [0, 1, 4]


def test_a_repeated_upbeat_completes_the_last_bar():
    score = CODEC.parse("X:1\nM:3/4\nL:1/4\nK:C\n|:C|DEF|GA:|").score
    assert [bar.onset for bar in score.bars()] == [0, 1, 4, 7, 10]
    assert len(score.meters) == 2


@pytest.mark.parametrize(
    "body",
    [
        "V:1\nCD|EF|\nV:2\nG,2|A,2|",
        "[V:1]CD|[V:2]G,2|\n[V:1]EF|[V:2]A,2|",
        "V:1\nCD|\nV:2\nG,2|\nV:1\nEF|\nV:2\nA,2|",
    ],
)
def test_voices(body):
    score = CODEC.parse(f"X:1\nM:2/4\nL:1/4\nV:1 name=Alt\nV:2\nK:C\n{body}\n").score
    assert [[n.pitch for n in track.notes] for track in score.tracks] == [
        [60, 62, 64, 65],
        [55, 57],
    ]
    assert score.tracks[0].name == "Alt"


def test_programs_and_drums():
    text = "X:1\nL:1/4\nK:C\nV:1\n%%MIDI program 40\nC\nV:2\n%%MIDI channel 10\nD\n"
    one, two = CODEC.decode(text).tracks
    assert (one.program, one.is_drum, two.is_drum) == (40, False, True)


@pytest.mark.parametrize(
    "text",
    [
        "[L:1/8]\n[M:2/4]\n[K:CMaj]\nC 2 E /2 F /2 (3 G A G | [ C 2 E 2 ] > G 2 |\n",
        "M:2/4\nL:1/8\nK:Cmaj\nC 2 E /2 F /2 (3 G A G | [ C 2 E 2 ] > G 2 |\n",
        "X:0\n[L:1/8]\n[M:2/4]\n[K:CMaj] C 2 E /2 F /2 (3 G A G | [ C 2 E 2 ] > G 2 |\n",
    ],
)
def test_the_token_dialect_of_folkrnn(text):
    score = CODEC.decode(text)
    # in twelfths of a quarter
    times = [(12 * n.onset // score.tpq, n.pitch) for n in score.notes()]
    assert times == [
        (0, 60),
        (12, 64),
        (15, 65),
        (18, 67),
        (22, 69),
        (26, 67),
        (30, 60),
        (30, 64),
        (48, 67),
    ]


def test_meta_comes_from_the_header():
    score = CODEC.parse("X:1\nT:First\nT:Second\nC:Me\nR:jig\nK:C\nC").score
    assert dict(score.meta) == {"title": "First", "composer": "Me", "rhythm": "jig"}


def test_halves_of_a_bar_around_a_double_line_stay_two_bars():
    text = "M:6/8\nL:1/8\nK:D\nABcd||ef|ABcd||ef|ABcdef|]\n"
    score = AbcCodec().decode(text)
    eighths = [2 * (bar.end - bar.onset) // score.tpq for bar in score.bars()]
    assert eighths == [4, 2, 4, 2, 6]


def test_three_parts_of_a_bar_stay_apart_and_none_joins_the_next_bar():
    score = CODEC.decode("M:4/4\nL:1/4\nK:C\nC4|G2||G||G|G3||G|G4|]")
    assert [bar.end - bar.onset for bar in score.bars()] == [4, 2, 1, 1, 3, 1, 4]


def test_the_last_bar_is_one_where_an_ending_divides_it_and_stops_early():
    score = CODEC.decode("M:4/4\nL:1/4\nK:C\n|:C4|D3[1E:|2F/2|]")
    assert score.meters == (Meter(0, 4, 4),)
