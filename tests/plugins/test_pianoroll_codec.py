"""The codec `pianoroll`: its laws for each option, what its texts say, what they lose."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from step_scores import STEPS, groove, study, unison

from textmusic.errors import ConfigError, DecodeError, EncodeError, errors_of
from textmusic.grammar import first_error
from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic.testing import check_codec
from textmusic_midi import MidiFormat, PianoRollCodec

GOLDEN = Path(__file__).parent.parent / "golden"
LAYOUTS = ("folded", "bars", "classic")
STATES = ("three", "two", "pairs")
NARROW = {"steps": 4, "lowest": 60, "highest": 67}


def small() -> Score:
    notes = (Note(0, 3, 60), Note(2, 2, 64), Note(4, 1, 62), Note(5, 3, 62))
    return Score((Track(notes),), 4, (Tempo(0, 90),), (Meter(0, 2, 4),))


@pytest.mark.parametrize(
    ("states", "layout", "steps"),
    [("three", "folded", 12), ("two", "bars", 12), ("pairs", "classic", 2)],
)
def test_the_codec_keeps_its_laws(states: str, layout: str, steps: int):
    codec = PianoRollCodec(steps=steps, states=states, layout=layout)
    check_codec(codec, examples=2, golden=GOLDEN)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("states", STATES)
def test_every_option_writes_what_it_reads(states: str, layout: str):
    codec = PianoRollCodec(states=states, layout=layout)
    for piece in (study(), groove(), unison()):
        held = codec.project(piece)
        text = codec.encode(held)
        assert codec.validate(text) == ()
        assert codec.decode(text) == held
        assert codec.canonical(text) == text


@pytest.mark.parametrize(
    "codec",
    [
        PianoRollCodec(steps=1),
        PianoRollCodec(steps=5, lowest=40, highest=82, outside="drop"),
        PianoRollCodec(steps=96, lowest=0, highest=127),
    ],
)
def test_any_grid_and_range_keeps_the_laws(codec: PianoRollCodec):
    check_codec(codec, examples=1)


@pytest.mark.parametrize(
    ("states", "layout", "text"),
    [
        (
            "three",
            "classic",
            "o.......\n-.......\n-...o...\n....-...\n"  # noqa: ISC004 - two bars
            "..o.....\n..o.....\n..-.....\n..-.....\n",
        ),
        ("three", "bars", "o*2\n-...o\n....-\n..o\n..o|\n"),
        ("two", "bars", "1*2\n10001\n00001\n001|\n"),
        ("pairs", "bars", "11*2\n1000000011\n0000000010\n000011\n000011|\n"),
    ],
)  # fmt: skip
def test_what_rolls_look_like(states: str, layout: str, text: str):
    codec = PianoRollCodec(**NARROW, states=states, layout=layout)
    assert codec.encode(codec.project(small())) == f"@4 60 0\n2/4 =90\n{text}"


def test_equal_bars_are_marks():
    notes = tuple(Note(8 * bar, 8, 60 + 2 * (bar % 2)) for bar in range(4))
    codec = PianoRollCodec(**NARROW)
    text = codec.encode(codec.project(Score((Track(notes),), 4, (), (Meter(0, 2, 4),))))
    assert text == "@4 60 0\n2/4\no|\n..o|\n%2\n%2\n"


def test_a_struck_note_is_told_from_a_held_one():
    piece = Score((Track((Note(0, 24, 60), Note(24, 24, 60))),), STEPS, (), (Meter(0, 4, 4),))
    for states in ("three", "pairs"):
        assert PianoRollCodec(states=states).project(piece) == piece
    two = PianoRollCodec(states="two")
    assert two.project(piece).tracks[0].notes == (Note(0, 48, 60),)
    assert [issue.code for issue in two.explain(piece)] == ["pianoroll.unison"]


def test_metre_tempo_and_upbeat_survive():
    codec = PianoRollCodec()
    held = codec.project(study())
    assert held.meters == study().meters
    assert held.tempos == study().tempos
    assert codec.decode(codec.encode(held)) == held


def test_pitched_tracks_become_one_and_drums_go():
    held = PianoRollCodec().project(groove())
    assert [t.program for t in held.tracks] == [33]
    codes = {issue.code for issue in PianoRollCodec().explain(groove())}
    assert codes == {"pianoroll.drums"}
    with pytest.raises(EncodeError):
        PianoRollCodec().project(Score(groove().tracks[:1], STEPS))


def test_one_pitch_sounds_once():
    held = PianoRollCodec().project(unison())
    assert [(n.onset, n.duration) for n in held.notes() if n.pitch == 60] == [(0, 24), (24, 24)]


def test_a_wide_roll_of_a_long_piece_is_refused_in_one_line():
    long = Score((Track((Note(0, 96 * 19_000, 60),)),), 96)
    with pytest.raises(EncodeError, match="fewer steps"):
        PianoRollCodec(steps=96, layout="classic").project(long)
    assert len(PianoRollCodec(steps=96).encode(PianoRollCodec(steps=96).project(long))) < 600_000


@pytest.mark.parametrize("options", [{"states": "x"}, {"layout": "x"}, {"steps": 97}])
def test_odd_options_are_refused(options: dict):
    with pytest.raises(ConfigError):
        PianoRollCodec(**options)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "head", 0),
        ("@4 200 0\n4/4\no|\n", "head", 0),
        ("@4 60 0\n4/4\no?|\n", "cell", 13),
        ("@4 60 0\n4/4\no*17\n", "bar-full", 12),
        ("@4 60 0\n4/4\no*0\n", "steps", 13),
        ("@4 60 0\n4/4\no\n3/4\no|\n", "control", 14),
        ("@4 60 0\n%\n", "reference", 8),
        ("@4 60 0\n4/4\no|-\n", "line", 14),
        ("@4 60 0\n4/4\n-|\n", "held", 12),
        ("@4 120 0\n4/4\n........o|\n", "range", 21),
    ],
)
def test_issues_have_their_place(text: str, code: str, place: int):
    issue = PianoRollCodec(steps=4).validate(text)[0]
    assert (issue.code, issue.offset) == (f"pianoroll.{code}", place)


def test_canonical_joins_equal_lines():
    codec = PianoRollCodec(**NARROW)
    assert codec.canonical("@4 60 0\n2/4\no\n-..\n-\n-\n|\n") == "@4 60 0\n2/4\no*4\n|\n"
    with pytest.raises(DecodeError):
        codec.canonical("@4 60 0\n2/4\n|\n")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_damaged_texts_are_read(layout: str):
    random = Random(layout)
    codec = PianoRollCodec(steps=4, layout=layout)
    text = codec.encode(codec.project(study()))
    for _ in range(300):
        at, span = random.randrange(len(text)), random.choice((0, 1, 1, 3))
        char = random.choice(codec.alphabet.chars)
        damaged = text[:at] + char * random.choice((0, 1, 1, 9)) + text[at + span :]
        for issue in codec.parse(damaged).issues:
            assert 0 <= issue.offset <= issue.offset + issue.length <= len(damaged)


def test_real_midi_files_survive(data: Path):
    codec = PianoRollCodec()
    files = sorted((data / "midi" / "nottingham").glob("*.mid"))
    for file in Random(3).sample(files, min(len(files), 15)):
        held = codec.project(MidiFormat().read(file).scores[0])
        assert codec.decode(codec.encode(held)) == held


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("states", STATES)
def test_the_grammar_allows_what_is_written_and_its_walks_decode(states: str, layout: str):
    codec = PianoRollCodec(steps=4, states=states, layout=layout)
    grammar = codec.grammar()
    for piece in (study(), groove()):
        assert first_error(grammar, codec.encode(codec.project(piece))) is None
    random, state, text = Random(layout), grammar.start(), ""
    for _ in range(400):
        char = random.choice(sorted(grammar.allowed(state)))
        state, text = grammar.step(state, char), text + char
    assert errors_of(codec.validate(text + grammar.finish(state))) == ()


@pytest.mark.parametrize(
    ("text", "offset"), [("@5", 1), ("@4 21 0\no", 8), ("@4 21 0\n1/4\n-", 12),
                         ("@4 21 0\n1/4\n%", 12), ("@4 21 0\n1/4\no*4", 14)]
)  # fmt: skip
def test_the_grammar_finds_the_first_fault(text: str, offset: int):
    assert first_error(PianoRollCodec(steps=4).grammar(), text) == offset
