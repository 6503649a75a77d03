"""The grammar of `guitarpro`: what it takes, what it refuses and where, and how it ends."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from textmusic.errors import EncodeError
from textmusic.form import Form, Measure
from textmusic.grammar import first_error
from textmusic.registry import formats
from textmusic.testing import check_codec
from textmusic_guitarpro import GuitarProCodec
from textmusic_guitarpro.text.repeats import is_regular

CODEC = GuitarProCodec()
GRAMMAR = CODEC.grammar()
SOLO = "@4/4\n: E2 A2 D3 G3 B3 E4\n"
BAND = "@4/4\n: E2 A2 D3 G3 B3 E4\n: D2 A2 D3 G3 B3 E4\n: E2 A2 D3 G3 B3 E4\n:x\n:\n"
DUO = "@2/4 K-2m T90.5\n: E2 A2 D3 G3 B3 E4 c2\n:x\n"


@pytest.mark.parametrize(
    "text",
    [
        SOLO + "E0w\n",
        SOLO + "E0A2i . {E0i }&E3^i B1+4[0@0,2@50]q r[1/9] B1[8/9]\n",
        SOLO + "E0A2h A~B3h\n~h e[36]xh\n%\n",
        SOLO + "E5` E7` B3w\n",
        SOLO + "E0A0h E3` A~B1h\n~h e3` ~h\n",
        SOLO + "E0w ; B3h B1h\n%\nr\n%\n",
        SOLO + "r\nE0+[1/9] E0+[0.5][8/9] E0#[-1]q E0:[64]h\n",
        SOLO + "E0***;;;!!!h Ex@[-1@0,0@99]h\n",
        SOLO + "E0w\nM3/4 !q K2 T80 T90@i ( E0q\n",
        SOLO + "!q E0q\n( E0w\n[1 )2 %\n[2 %2\nK-1@q E3w\n",
        DUO + "|(\n1 E0h\n2 Bcq D27D60xq\n|T90@q [1 )2\n2 %\n|\n",
        BAND + "|\n1 E0w\n3 =1\n5 C4C4C#4G4w\n|\n1 ~w\n3 =1\n5 C4~E4w\n|\n1 r ; E3w\n",
        "@3/4 T10\n: E2 C8\nE0h Ewq\n",
    ],
)
def test_it_takes_what_is_music(text: str):
    assert first_error(GRAMMAR, text) is None
    assert CODEC.validate(text) == ()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@4/5\n", "5\n"),
        ("@4/4\n:x E2\n", " E2\n"),
        ("@4/4 T0\n", "0\n"),
        ("@4/4 T9\n", "\n"),
        ("@4/4 T401\n", "1\n"),
        ("@4/4 T400.5\n", ".5\n"),
        ("@4/4 T90.25\n", "25\n"),
        ("@33/4\n", "3/4\n"),
        ("@17/4\n", "4\n"),
        ("@1/64\n", "64\n"),
        ("@4/4\n: [130]\n", "[130]\n"),
        ("@4/4\n: C9\n", "9\n"),
        ("@4/4\n: E2 c13\n", "3\n"),
        (SOLO + "E0+[13]w\n", "]w\n"),
        (SOLO + "E0+[1@101]w\n", "1]w\n"),
        (SOLO + "E0@[-25@0]w\n", "5@0]w\n"),
        (SOLO + "E0#[25]w\n", "]w\n"),
        (SOLO + "E[37]w\n", "7]w\n"),
        (SOLO + "E[-1]w\n", "-1]w\n"),
        (SOLO + "O0w\n", "O0w\n"),
        (SOLO + "E0E3w\n", "E3w\n"),
        (SOLO + "A0E3w\n", "E3w\n"),
        (SOLO + "e[64]w\n", "64]w\n"),
        (SOLO + "E0h B1w\n", "w\n"),
        (SOLO + "E0h\n", "\n"),
        (SOLO + "E0h ~q ; E3w\n", ";"),
        (SOLO + "~w\n", "~w\n"),
        (SOLO + "E0q rq ~h\n", "~h\n"),
        (SOLO + "E0h A~h\n", "~h\n"),
        (SOLO + "E0h rq .\n", ".\n"),
        (SOLO + ". E0w\n", ". E0w\n"),
        (SOLO + "{{E0w\n", "{E0w\n"),
        (SOLO + "}E0w\n", "}E0w\n"),
        (SOLO + "E0_^w\n", "^w\n"),
        (SOLO + "E0^^w\n", "^w\n"),
        (SOLO + "E0w E3`\n", "E3`\n"),
        (SOLO + "rw\n", "w\n"),
        (SOLO + "E0h E3` ~h\n", "~h\n"),
        (SOLO + "E0A0h E3` E~h\n", "~h\n"),
        (SOLO + "A0w\nE3` ~w\nE5w\n%2\n", "2\n"),
        (SOLO + "%\n", "%\n"),
        (SOLO + "E0w\n%2\n", "2\n"),
        (SOLO + "E0w\nM3/4 %\n", "%\n"),
        (SOLO + "M4/4 E0w\n", "M4/4 E0w\n"),
        (SOLO + "!w E0w\n", "w E0w\n"),
        (SOLO + "E0w\n!q E0q\n", "E0q\n"),
        (SOLO + "E0w\n!q T80 E0q\n", "E0q\n"),
        (SOLO + "E0[1/48]\n", "48]\n"),
        (SOLO + "E0[1/9] E0i", "i"),
        (SOLO + "E0T E0k", "k"),
        (SOLO + "E0[1/22] E0[1/26]", "6]"),
        (SOLO + "[2 E0w\n", "2 E0w\n"),
        (SOLO + "( [1 E0w\n[2 E0w\n", "2 E0w\n"),
        (SOLO + "( )1 E0w\n", "1 E0w\n"),
        (SOLO + "E0w ; r\n", "\n"),
        (DUO + "E0h\n", "E0h\n"),
        (DUO + "|\n2 Bh\n1 E0h\n", "1 E0h\n"),
        (DUO + "|\n1 r\n", "\n"),
        (DUO + "|\n1 E0h\n2 =1\n", "=1\n"),
        (DUO + "|\n3 E0h\n", "3 E0h\n"),
        (DUO + "|\n1 E0h\n|\n|\n1 ~h\n", "~h\n"),
        (BAND + "|\n1 E0w\n2 =1\n", "=1\n"),
        (BAND + "|\n1 E0h A~h\n", "~h\n"),
        (BAND + "|\n4 D36w\n", "6w\n"),
        (BAND + "|\n4 D100w\n", "0w\n"),
        (SOLO + "r\n", ""),
        (DUO + "|\n", ""),
    ],
)
def test_it_stops_at_what_is_not(text: str, rest: str):
    at = first_error(GRAMMAR, text)
    assert at is not None
    assert text[at:].startswith(rest)


def test_a_held_bar_may_come_again_only_where_something_sounds():
    held = SOLO + "E0w\n~w\n"
    assert first_error(GRAMMAR, held + "%\n") is None
    assert first_error(GRAMMAR, held + "r\n%2\n") == len(held) + len("r\n%")


def _walk(random: Random, length: int, liked: str, disliked: str) -> str:
    state, text = GRAMMAR.start(), ""
    while len(text) < length:
        allowed = sorted(GRAMMAR.allowed(state))
        best = [char for char in allowed if char in liked]
        others = [char for char in allowed if char not in disliked] or allowed
        char = random.choice(best if best and random.random() < 0.6 else others)
        text, state = text + char, GRAMMAR.step(state, char)
    return text + GRAMMAR.finish(state)


@pytest.mark.parametrize(
    ("liked", "disliked"),
    [("", ""), ("\n|", ""), ("|M!KT([)@%=;~{&}", ""), (":\n", "[+@:#"), ("", "\n"), ("`~.", "[")],
)
def test_walks_of_every_temper_are_music(liked: str, disliked: str):
    for seed in range(12):
        text = _walk(Random(f"{liked}{disliked}{seed}"), 60 + 25 * seed, liked, disliked)
        assert CODEC.validate(text) == (), text
        score = CODEC.decode(text)
        assert any(not note.grace for note in score.notes())
        for name in CODEC.renders:
            assert formats.get(name)().encode(score).data


def test_endings_are_short_even_in_the_longest_bar():
    text = "@4/1\n" + ":\n" * 61 + "|\n1 C4[1/13"
    state = GRAMMAR.start()
    for char in text:
        state = GRAMMAR.step(state, char)
    ending = GRAMMAR.finish(state)
    assert len(ending) < 100
    assert CODEC.validate(text + ending) == ()


def test_equal_texts_give_equal_states_and_long_ones_no_larger():
    sizes = []
    for bars in (20, 400):
        state = GRAMMAR.start()
        for char in DUO + "|\n1 E0q .\n2 Bh\n" * bars:
            state = GRAMMAR.step(state, char)
        sizes.append(len(repr(state)))
        last = state
    assert sizes[0] == sizes[1]
    assert hash(last)


def _ending(measure: Measure) -> str:
    return f"[{','.join(map(str, sorted(measure.endings)))} " if measure.endings else ""


@pytest.mark.parametrize(
    ("form", "regular"),
    [
        ("4 1( 2)2", True),
        ("4 2)8", True),
        ("4 1( 2[1 2)2 3[2", True),
        ("5 2[1,2 2)3 3[3 4( 5)2", True),
        ("4 1( 2[1 3[1 3)2 4[2", True),
        ("4 1( 2[1 3[2 3)2", False),
        ("4 1( 2)1", False),
        ("4 1( 2)10", False),
        ("4 2[2", False),
    ],
)
def test_entangled_repeats_are_written_out(form: str, regular: bool):  # noqa: FBT001 - a case
    parsed = Form.parse(form)
    assert parsed
    assert is_regular(parsed) == regular
    measures = [
        "( " * m.opens + _ending(m) + f"){m.passes} " * bool(m.passes) + f"E{index}w\n"
        for index, m in enumerate(parsed.measures)
    ]
    text = CODEC.canonical(SOLO + "".join(measures))
    assert ("(" in text or ")" in text) == regular
    assert first_error(GRAMMAR, text) is None


def test_the_laws_hold_on_many_walks():
    check_codec(CODEC, examples=6, mutations=6, seed=7)


def test_real_pieces_are_taken(data: Path):
    taken = 0
    for path in sorted((data / "gp").rglob("*"))[::50]:
        name = path.suffix.lower()[1:]
        if name not in {"gp3", "gp4", "gp5", "gpx", "gp"}:
            continue
        try:
            text = CODEC.encode(CODEC.project(formats.get(name)().read(path).scores[0]))
        except EncodeError:
            continue
        assert first_error(GRAMMAR, text) is None
        taken += 1
    assert taken > 4
