"""The canonical text: one spelling of everything, and the same music."""

import pytest

from textmusic import DecodeError
from textmusic_abc import AbcCodec

CODEC = AbcCodec()
JIG = """% our own tune
X: 7
T:The Canonical Jig
C:nobody
M:6/8
Q:3/8=110 % lively
R:jig
K:Edor
w: not | a word
d|"Em"e2 f {fg}Tgfe|"D"(d>ef) !trill!a3-|a3 "^slow" (3bag f|1 [Be]3 e2:|2 [Be]3 e3||
"Bm"b/a/gf e/d/cB|[K:D]^cde f3|[M:9/8]A,B,C,D,E,F,G,A,z|]
"""
CANONICAL = """M:6/8
L:1/8
Q:3/8=110
K:Edor
|:d|"Em"e2f {fg}Tgfe|"D"d>ef Ta3-|a3 (3bagf|1[Be]3 e2:|2[Be]3 e3||"Bm"b/2a/2gf e/2d/2cB|\
[K:D]cde f3|[M:9/8]A,B,C, D,E,F, G,A,z|]"""


def body(text, header="M:4/4\nL:1/4\nK:C\n"):
    canonical = CODEC.canonical(f"X:1\n{header}{text}\n")
    assert canonical.startswith(header)
    return canonical[len(header) :]


def test_a_whole_tune():
    assert CODEC.canonical(JIG) == CANONICAL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CDEF", "C D E F|]"),
        ("C D/D/ E F2/2", "C D/2D/2 E F|]"),
        ("C // D", "C/4D|]"),
        ("CDEF|GABc:|", "|:C D E F|G A B c:|"),
        ("|:CDEF|1GABc:|cBAG|]", "|:C D E F|1G A B c:|2c B A G|]"),
        ("|:C4-|1C4:|2D4|]", "|:C4-|1C4:|2D4|]"),
        ("|:C4-|1E4:|2D4|]", "|:C4|1E4:|2D4|]"),
        ("|:C4|1 .C4:|2C4|]", "|:C4|1C4:|2C4|]"),
        ("CDEF:|GABc:|", "|:C D E F::G A B c:|"),
        ("CDEF:||:GABc:|", "|:C D E F::G A B c:|"),
        ("CDEF:| |: GABc:|", "|:C D E F::G A B c:|"),
        ("|:CDEF|[1GABc:|[2cBAG|]", "|:C D E F|1G A B c:|2c B A G|]"),
        ("|:CDEF|[1-2 GABc:|[3cBAG|]", "|:C D E F|1,2G A B c:|3c B A G|]"),
        ("| C4 | || D4 [| E4 :|", "|:C4||D4||E4:|"),
        ("Z2|C4", "z4|z4|C4|]"),
        ("C y D !f! E $ F", "C D E F|]"),
        ("(3CDE (3:2:3CDE|(3::CDE z", "(3CDE (3CDE|(3CDE z|]"),
        ("C>D E<F", "C>D E<F|]"),
        ("C>>D E>.F", "C7/4D/4 E3/2.F/2|]"),
        ("C>D>E F", "C3/2D3/4E/2F|]"),
        ("C2-D2", "C2 D2|]"),
        ("C4-|C4", "C4-|C4|]"),
        ("[ECG]4", "[CEG]4|]"),
        ("[C2E2G2]2", "[CEG]4|]"),
        ("[C-E]2 [CF]2", "[C-E]2 [CF]2|]"),
        ("^C^C=CC", "^C C =C C|]"),
        ("^Cc z2", "^C ^c z2|]"),
        ('"G7/B"C "hello"D "@3"E "^up"F', '"G7/B"C D E F|]'),
        ("!trill!C !fermata!D ~E .F", "TC D ~E .F|]"),
        ("[K:C]C4", "C4|]"),
        ("C4|[L:1/8]D8", "C4|D4|]"),
        ("C2&E2|D4", "C2&E2|D4|]"),
        ("C4|[M:4/4]D4", "C4|D4|]"),
    ],
)
def test_spellings(text, expected):
    assert body(text) == expected
    again = CODEC.canonical(CODEC.canonical(f"M:4/4\nL:1/4\nK:C\n{text}\n"))
    assert again.endswith(expected)


def test_voices_stand_bar_by_bar():
    text = "V:1\nCDEF|GABc|]\nV:2\nC,4|E,4|]\n"
    assert body(text) == "[V:1]C D E F|[V:2]C,4|\n[V:1]G A B c|][V:2]E,4|]"


def test_voices_that_do_not_line_up_are_played_out():
    text = "V:1\n|:CDEF:|\nV:2\nC,4|E,4|G,4|]\n"
    canonical = CODEC.canonical(f"X:1\nM:4/4\nL:1/4\nK:C\n{text}")
    assert len(CODEC.decode(canonical).tracks) == 2
    assert CODEC.canonical(canonical) == canonical


def test_explicit_accidentals_of_a_key_move_to_the_notes():
    assert CODEC.canonical("X:1\nM:2/4\nL:1/4\nK:D exp ^f\nFC|") == "M:2/4\nL:1/4\nK:C\n^F C|]"


def test_a_transposing_voice_is_written_as_it_sounds():
    assert CODEC.canonical("M:2/4\nL:1/4\nK:D clef=treble-8\nfc|") == "M:2/4\nL:1/4\nK:D\nF C|]"
    assert CODEC.canonical("M:2/4\nL:1/4\nK:C transpose=2\nCE|") == "M:2/4\nL:1/4\nK:C\nD ^F|]"


def test_parts_keep_their_order():
    text = "X:1\nP:AB\nM:2/4\nL:1/4\nK:C\nP:B\nCD|\nP:A\nEF|\n"
    canonical = CODEC.canonical(text)
    assert canonical == "M:2/4\nL:1/4\nP:AB\nK:C\n[P:B]C D|[P:A]E F|]"
    assert CODEC.decode(canonical) == CODEC.decode(text)


def test_programs_survive():
    text = "M:2/4\nL:1/4\nK:C\n%%MIDI program 40\nC D|]"
    assert CODEC.canonical(text) == text


@pytest.mark.parametrize("text", ["", "no music here", "X:1\nT:Empty\nK:C\n", "X:1\nK:C\nz4|]"])
def test_without_notes_there_is_nothing_to_learn(text):
    with pytest.raises(DecodeError):
        CODEC.canonical(text)


def test_the_music_stays_the_same():
    one, two = CODEC.decode(CODEC.canonical(JIG)), CODEC.parse(JIG).score
    assert [(n.onset, n.duration, n.pitch) for n in one.notes()] == [
        (n.onset, n.duration, n.pitch) for n in two.notes()
    ]


@pytest.mark.parametrize("semitones", range(-6, 7))
def test_transposed_text_keeps_repeats_and_chord_symbols(semitones):
    moved = CODEC.transpose(CANONICAL, semitones)
    assert moved is not None
    assert moved.count('"') == CANONICAL.count('"')
    assert [n.pitch - semitones for n in CODEC.decode(moved).notes()] == [
        n.pitch for n in CODEC.decode(CANONICAL).notes()
    ]
    assert CODEC.transpose(moved, -semitones) == CANONICAL


def test_a_pitch_beyond_midi_cannot_be_transposed():
    assert CODEC.transpose("M:none\nL:1/4\nK:C\nC,,,,,|]", -1) is None
    assert CODEC.transpose("M:none\nL:1/4\nK:C\nC|]", 100) is None


def test_an_opening_can_go_on():
    assert CODEC.opening("M:4/4\nL:1/4\nK:C\nC4|[CE]4|]") == "M:4/4\nL:1/4\nK:C\nC4|[CE]4|"
    assert CODEC.opening("K:C\n|:C4:|") == "K:C\n|:C4:|"
    assert CODEC.opening("K:C\n[V:1]C4|][V:2]E4|]") == "K:C\n[V:1]C4|[V:2]E4|\n"


def test_a_first_bar_that_is_too_long_gives_the_metre():
    canonical = CODEC.canonical("M:2/4\nL:1/4\nK:C\nC D E|F G|A B|]")
    assert canonical == "M:3/4\nL:1/4\nK:C\nC D E|[M:2/4]F G|A B|]"
    assert CODEC.canonical(canonical) == canonical


def test_a_repeat_in_a_part_goes_back_to_the_start_of_the_part():
    text = "M:4/4\nL:1/4\nP:ABB\nK:C\nP:A\nC4||\nK:G\nP:B\nD4:|\n"
    canonical = CODEC.canonical(text)
    assert canonical == "M:4/4\nL:1/4\nP:ABB\nK:C\n[P:A]C4||[K:G][P:B]|:D4:|"
    assert [n.pitch for n in CODEC.decode(canonical).notes()] == [60, 62, 62, 62, 62]


def test_as_many_grace_notes_as_readers_take():
    assert body("{CDEFGABcde}C4") == "{EFGABcde}C4|]"
