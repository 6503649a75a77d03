"""The text of `guitarpro`: what each thing looks like, and that it comes back."""

from __future__ import annotations

import pytest

from textmusic.errors import EncodeError
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_guitarpro import GuitarProCodec

CODEC = GuitarProCodec()
GUITAR = (40, 45, 50, 55, 59, 64)
HEAD = "@4/4\n: E2 A2 D3 G3 B3 E4\n"
SONG = """@4/4 K-3m T120
:30 E2 A2 D3 G3 B3 E4 c2
: E1 A1 D2 G2
:x
:
|T90.5@h (
1 {E0i . . . }D5+4[0@0,2@50]q G2*q
2 E0w
3 Bcq Ncq BBci ci NcCq
4 C4E4G4h C4~F4A4h
|!q [1 )2
1 E5xq
2 ~q
|M3/4 [2
1 E0T E1T E2T B3` E0q ; B5H
2 G0q D0i A0i E0q
3 Bq Nq D60q
|
1 {E0i }E3^` E0i . . {. .
2 %
"""


def text_of(*notes: Note, **options: object) -> str:
    """The bars of a guitar part at 4 ticks a quarter."""
    score = Score((Track(notes, program=25, tuning=GUITAR),), 4, **options)
    held = CODEC.project(score)
    text = CODEC.encode(held)
    assert CODEC.validate(text) == ()
    assert CODEC.decode(text) == held
    return text.removeprefix(HEAD)


def note(onset: int, duration: int, string: int, fret: int, *marks: str) -> Note:
    return Note(onset, duration, GUITAR[string] + fret, 80, string, frozenset(marks))


def canonical(text: str) -> str:
    assert CODEC.validate(text) == ()
    return CODEC.canonical(text)


def test_a_whole_song_comes_back_as_it_was_written():
    assert canonical(SONG) == SONG


def test_a_song_holds_what_its_text_says():
    score = CODEC.decode("@3/4 K-3m T120\n:30 E2 A2 D3 c2\n:x\n|\n1 E5*Q A0I rI\n|T90@q\n2 BcH\n")
    guitar, drums = score.tracks
    assert score.meters == (Meter(0, 3, 4),)
    assert score.keys == (Key(0, -3, "minor"),)
    assert score.tempos == (Tempo(0, 120), Tempo(5040 + 1680, 90))
    assert (guitar.program, guitar.tuning, guitar.capo) == (30, (40, 45, 50), 2)
    assert guitar.notes[0] == Note(0, 2520, 47, 80, 0, frozenset({"vibrato"}))
    assert drums.is_drum
    assert [(n.onset, n.duration, n.pitch) for n in drums.notes] == [
        (5040, 5040, 36),
        (5040, 5040, 42),
    ]


def test_a_plain_part_costs_what_it_costs_in_guitartab():
    body = "E0B0q rq G0i B0i D2G0q\n~i eci . Bcs Bas G9j B8j e7j E3A2D0G0B0e3q\n%2\n"
    assert canonical(HEAD + body) == HEAD + body


def test_palm_mute_and_let_ring_are_switches_that_end_with_the_bar():
    muted = [note(i, 1, 0, 0, "palm-mute") for i in range(8)]
    assert text_of(*muted) == "{E0s . . . . . . . rh\n"
    both = text_of(note(0, 4, 0, 0, "palm-mute"), note(4, 4, 0, 0, "palm-mute", "let-ring"))
    assert both == "{E0q &. rh\n"


def test_a_switch_that_not_all_notes_of_a_chord_share_is_a_mark():
    assert text_of(note(0, 16, 0, 0, "let-ring"), note(0, 16, 1, 2)) == "E0&A2w\n"


def test_notes_of_a_chord_may_end_apart():
    assert text_of(note(0, 16, 0, 0), note(0, 4, 1, 2), note(4, 8, 2, 2)) == "E0A2q E~D2h E~q\n"


def test_what_sounds_over_the_bar_line_is_held():
    assert text_of(note(0, 24, 0, 0), note(8, 16, 1, 2)) == "E0h E~A2h\n~h rh\n"


def test_voices_stand_side_by_side():
    lower = note(0, 16, 0, 0, "voice:2")
    assert text_of(note(0, 8, 5, 3), note(8, 8, 5, 0), lower) == "e3h e0h ; E0w\n"
    assert text_of(note(0, 4, 0, 0, "voice:3")) == "r ; r ; E0q rH\n"


@pytest.mark.parametrize(
    ("marks", "signs"),
    [
        (["hammer"], "^"),
        (["slide:legato", "slide:in-below"], "=<"),
        (["bend:2"], "+4"),
        (["bend:0.25"], "+[0.25]"),
        (["bend:2", "release", "bend-curve:0@0,2@25,0@50"], "-+4[0@0,2@25,0@50]"),
        (["whammy:0@0,-2@50,0@100"], "@[0@0,-2@50,0@100]"),
        (["vibrato"], "*"),
        (["vibrato:wide"], "**"),
        (["harmonic:artificial"], "?"),
        (["harmonic:pinch"], ";"),
        (["harmonic:semi"], ";;"),
        (["harmonic:feedback"], '""'),
        (["slap"], "!"),
        (["pop"], "!!"),
        (["trill"], "#"),
        (["trill:47"], "#2"),
        (["trill:44"], "#[-1]"),
        (["tremolo:16"], ":"),
        (["tremolo:8"], ":8"),
        (["tremolo:32"], ":3"),
        (["tremolo:64"], ":[64]"),
        (["dead"], "x"),
        (["accent", "ghost", "staccato", "tap"], "()',"),
    ],
)
def test_each_technique_has_its_sign(marks: list[str], signs: str):
    assert text_of(note(0, 16, 0, 5, *marks)) == f"E5{signs}w\n"


def test_a_dead_note_keeps_its_fret():
    assert text_of(note(0, 8, 0, 0, "dead"), note(8, 8, 0, 7, "dead")) == "Exh E7xh\n"


def test_frets_have_one_character_up_to_32():
    frets = [9, 10, 24, 32, 33, 36]
    text = text_of(*(note(2 * i, 2, 4, fret) for i, fret in enumerate(frets)))
    assert text == "B9i Bai Boi Bwi B[33]i B[36]i rq\n"


def test_grace_notes_stand_before_the_note():
    graces = [note(4, 0, 4, 3, "grace:2", "slide"), note(4, 0, 4, 5, "grace:1")]
    assert text_of(note(0, 4, 4, 0), note(4, 12, 4, 7), *graces) == "B0q B3/` B5` B7H\n"


def test_a_note_ends_where_a_grace_note_is_struck_on_its_string():
    grace = note(4, 0, 4, 3, "grace:1")
    assert text_of(note(0, 16, 4, 0), grace, note(4, 12, 3, 7)) == "B0q B3` G7H\n"


def test_tuplets_have_letters_and_rarer_ones_a_fraction():
    held = CODEC.project(
        Score((Track([Note(i, 1, 60) for i in range(13)]),), 13, meters=(Meter(0, 1, 4),))
    )
    assert CODEC.encode(held).startswith("@1/4\n:\nC4[1/13] . . ")
    quintuplet = CODEC.project(Score((Track([Note(i, 1, 60) for i in range(5)]),), 5))
    assert CODEC.encode(quintuplet) == "@4/4\n:\nC4p . . . . rH\n"


@pytest.mark.parametrize(
    ("count", "letters"), [(1, "E"), (4, "EADG"), (7, "CEADGBe"), (12, "OLNJFCEADGBe")]
)
def test_any_number_of_strings_has_letters(count: int, letters: str):
    tuning = tuple(range(30, 30 + 5 * count, 5))
    notes = [Note(0, 4, pitch, 80, string) for string, pitch in enumerate(tuning)]
    held = CODEC.project(Score((Track(notes, program=25, tuning=tuning),), 1))
    text = CODEC.encode(held)
    assert text.endswith("".join(letter + "0" for letter in letters) + "w\n")
    assert CODEC.decode(text) == held


def test_a_string_tuned_out_of_the_pitches_moves_by_octaves():
    notes = [Note(0, 4, 50, 80, 1)]
    score = Score((Track(notes, tuning=(-2, 50), program=25),), 1)
    held = CODEC.project(score)
    assert CODEC.encode(held) == "@4/4\n:25 A#0 D3\nA0w\n"
    assert [issue.code for issue in CODEC.explain(score)] == ["guitarpro.tuning"]


def test_a_drum_may_be_struck_twice_at_once():
    drums = Track([Note(0, 2, 36), Note(0, 1, 36), Note(0, 2, 42), Note(2, 2, 60)], is_drum=True)
    held = CODEC.project(Score((drums,), 1))
    assert CODEC.encode(held) == "@4/4\n:x\nBBcq B~c~q D60h\n"
    assert CODEC.decode(CODEC.encode(held)) == held


def test_parts_play_bar_by_bar_and_silent_ones_have_no_line():
    guitar = Track([note(16, 16, 0, 0)], program=25, tuning=GUITAR)
    double = Track([note(16, 16, 0, 0)], program=29, tuning=GUITAR)
    held = CODEC.project(Score((guitar, double, Track([Note(0, 32, 60)])), 4))
    head = "@4/4\n: E2 A2 D3 G3 B3 E4\n:29 E2 A2 D3 G3 B3 E4\n:\n"
    assert CODEC.encode(held) == head + "|\n3 C4w\n|\n1 E0w\n2 =1\n3 ~w\n"


def test_repeats_and_endings_are_signs():
    bars = [note(16 * bar, 16, 0, fret) for bar, fret in enumerate([0, 3, 0, 5])]
    text = text_of(*bars, meta={"form": "3 1( 2[1 2)2 3[2"}, meters=(Meter(0, 4, 4),))
    assert text == "( E0w\n[1 )2 E3w\n[2 E5w\n"
    assert CODEC.decode(HEAD + text).get("form") == "3 1( 2[1 2)2 3[2"


def test_repeats_that_do_not_fit_the_music_are_written_out_and_named():
    score = Score(
        (Track([note(0, 16, 0, 0), note(16, 16, 0, 5)], program=25, tuning=GUITAR),),
        4,
        meta={"form": "1 1( 1)2"},
    )
    assert CODEC.encode(CODEC.project(score)) == HEAD + "E0w\nE5w\n"
    assert [issue.code for issue in CODEC.explain(score)] == ["guitarpro.form"]


def test_metre_changes_and_short_bars_are_words():
    meters = (Meter(0, 4, 4), Meter(4, 4, 4), Meter(20, 3, 4))
    notes = (note(0, 4, 0, 0), note(4, 16, 0, 2), note(20, 12, 0, 3))
    assert text_of(*notes, meters=meters) == "!q E0q\nE2w\nM3/4 E3H\n"


def test_what_the_text_cannot_hold_is_named():
    drums = Track([Note(0, 120, 36)] * 6, is_drum=True)
    odd = Track(
        [note(0, 960, 0, 0, "odd", "voice:7"), note(480, 960, 0, 2, "voice:4")], tuning=GUITAR
    )
    played = Track([Note(97 * i * i, 431, 60) for i in range(9)])
    codes = [issue.code for issue in CODEC.explain(Score((drums, odd, played), 480))]
    assert sorted(codes) == [
        "guitarpro.grid",
        "guitarpro.marks",
        "guitarpro.overlap",
        "guitarpro.overlap",
        "guitarpro.unison",
    ]


def test_drums_above_all_that_there_are_are_left_out_and_named():
    drums = Score((Track([Note(0, 120, 38), Note(0, 120, 100)], is_drum=True),), 480)
    assert [issue.code for issue in CODEC.explain(drums)] == ["guitarpro.drums"]
    assert [note.pitch for note in CODEC.project(drums).notes()] == [38]
    with pytest.raises(EncodeError, match="project"):
        CODEC.encode(CODEC.parse("@4/4\n:x\nD100w\n").score)


def test_a_score_without_notes_is_refused():
    with pytest.raises(EncodeError, match="no notes"):
        CODEC.project(Score((Track(),)))


def test_encode_takes_only_what_project_gave():
    with pytest.raises(EncodeError, match="project"):
        CODEC.encode(Score((Track([Note(0, 1, 60)]),), 997, meters=(Meter(0, 4, 4),)))


def test_transposing_moves_frets_and_keeps_drums():
    text = "@4/4\n: E2 A2 D3 G3 B3 E4\n:x\n|\n1 E3#2w\n2 Bw\n"
    assert CODEC.transpose(text, 2) == text.replace("E3", "E5")
    lower = CODEC.transpose(text, -5)
    assert lower is None or "[-" not in lower


def test_documents_begin_with_a_header():
    text = HEAD + "E0w\n" + HEAD + "E1@[0@0,1@9]w\n"
    assert [document.text for document in CODEC.documents(text)] == [
        HEAD + "E0w\n",
        HEAD + "E1@[0@0,1@9]w\n",
    ]
