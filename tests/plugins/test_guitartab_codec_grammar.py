"""The grammar of event texts: what it allows, and that every walk through it is music."""

from __future__ import annotations

import random

import pytest

from textmusic.errors import EncodeError
from textmusic.grammar import first_error
from textmusic.lengths import BEAT, LENGTHS, fillable, spell
from textmusic_guitartab import GuitarTabCodec
from textmusic_guitartab.grammar import EventGrammar, TabState

CODEC = GuitarTabCodec()
GRAMMAR = EventGrammar()
HEADER = "@4/4 E2 A2 D3 G3 B3 E4\n"


def after(text: str) -> TabState:
    state = GRAMMAR.start()
    for char in text:
        state = GRAMMAR.step(state, char)
    return state


def allowed(text: str) -> frozenset[str]:
    return GRAMMAR.allowed(after(text))


def walk(seed: int, steps: int, weights: dict[str, float]) -> str:
    """A text that the grammar allows, cut after some characters and finished."""
    chance = random.Random(seed)
    state, text = GRAMMAR.start(), HEADER if seed % 2 else ""
    if text:
        state = after(text)
    for _ in range(steps):
        options = sorted(GRAMMAR.allowed(state))
        char = chance.choices(options, [weights.get(c, 1.0) for c in options])[0]
        text += char
        state = GRAMMAR.step(state, char)
    return text + GRAMMAR.finish(state)


def test_a_bar_ends_only_when_it_is_full_or_marked_as_short():
    assert "\n" not in allowed(HEADER + "e0h")
    assert "!" in allowed(HEADER + "e0h")
    assert allowed(HEADER + "e0w") == {"\n"}
    assert allowed(HEADER + "e0h!") == {"\n"}


def test_lengths_fit_what_is_left_of_the_bar():
    assert "w" not in allowed(HEADER + "e0h e0")
    assert "h" in allowed(HEADER + "e0h e0")
    # a fifth of a quarter must leave what can be filled
    assert "w" in allowed(HEADER + "e0")
    assert {"p", "P"} <= allowed(HEADER + "e0p e0")
    assert "q" not in allowed(HEADER + "rH e0p e0")


def test_references_name_bars_that_exist_and_fit():
    assert "%" not in allowed(HEADER)
    assert allowed(HEADER + "e0w\n%") == {"\n"}
    assert allowed(HEADER + "e0w\n%\n%") == {"\n", "2"}
    assert "%" not in allowed(HEADER + "e0w\nM3/4 ")
    assert allowed(HEADER + "e0w\nM3/4 e0H\n%") == {"\n"}
    assert allowed(HEADER + "e0w\n" * 9 + "%") == {"\n", "2", "4", "8"}


def test_strings_stand_in_order_and_once():
    assert allowed(HEADER + "D2") & set("EADGBe") == {"G", "B", "e"}
    assert allowed("@4/4 E1 A1 D2 G2\n") & set("EADGBeC") == set("EADG")


def test_frets_reach_twenty_four():
    assert allowed(HEADER + "e") == set("0123456789abcdefghijklmnox")


def test_a_dot_follows_an_event_of_this_bar():
    assert "." not in allowed(HEADER)
    assert "." in allowed(HEADER + "e0q ")
    assert "." not in allowed(HEADER + "e0H ")
    assert "." not in allowed(HEADER + "e0q rq ")
    assert "." not in allowed(HEADER + "e0w\n")


def test_grace_notes_lead_to_a_main_note():
    assert allowed(HEADER + "e0`") == {" "}
    assert not allowed(HEADER + "e0` ") & set("r~.\n")
    assert "`" not in allowed(HEADER + "e0` e1` e2` e3` e4")


def test_wrong_characters_are_value_errors():
    with pytest.raises(ValueError, match="may not follow"):
        GRAMMAR.step(GRAMMAR.start(), "x")


@pytest.mark.parametrize(
    "weights",
    [
        {},
        {"\n": 50, "%": 20, "M": 5},
        {"p": 20, "v": 20, "d": 20, "k": 20, " ": 30},
        {"`": 50, "{": 20, "&": 20, "}": 20},
        {"M": 100, "!": 50},
    ],
)
def test_every_walk_decodes_without_an_issue(weights: dict[str, float]):
    for seed in range(100):
        text = walk(seed, random.Random(seed).randrange(160), weights)
        assert first_error(GRAMMAR, text) is None
        assert CODEC.validate(text) == (), text
        assert set(text) <= set(CODEC.alphabet.chars)


def test_the_ending_fills_the_bar_and_is_short():
    assert GRAMMAR.finish(after(HEADER + "e0q e")) == "0H\n"
    assert GRAMMAR.finish(after(HEADER + "e0q")) == " rH\n"
    assert GRAMMAR.finish(after(HEADER + "e0w\n")) == ""
    for seed in range(80):
        text = walk(seed, 100, {})
        state = after(text[:60])
        assert len(GRAMMAR.finish(state)) < 500


def test_states_are_few_and_equal_where_the_same_may_follow():
    one = after(HEADER + "e0q G2q rh\n")
    two = after(HEADER + "B1i B2i ~H\n")
    assert one == two
    assert hash(one) == hash(two)


def test_every_grid_position_can_be_filled():
    for parts in (16, 24, 5, 7):
        for index in range(parts):
            left = 2 * BEAT - index * BEAT // parts
            assert fillable(left)
            assert sum(spell(index * BEAT // parts, left)) == left


def test_lengths_are_spelled_with_the_fewest_letters():
    names = {ticks: letter for letter, ticks in LENGTHS.items()}
    assert [names[t] for t in spell(0, 5 * BEAT // 2)] == ["h", "i"]
    assert [names[t] for t in spell(0, 5 * BEAT)] == ["w", "q"]
    assert [names[t] for t in spell(3 * BEAT // 5, 2 * BEAT // 5 + BEAT // 3)] == ["P", "j"]
    assert len(spell(0, 400 * BEAT)) == 100
    with pytest.raises(ValueError, match="no letters"):
        spell(0, 1)


NECK = "@4/4 E2 A2 D3 G3 B3 E4\n"


@pytest.mark.parametrize(
    ("layout", "silent", "ending"),
    [
        ("events", NECK + "rw\n", "E0w\n"),
        ("columns", NECK.replace("4/4", "1/16") + "r-----\n|\n", "0"),
        ("rows", "@1/16 E2 A2 D3 G3\nG|r|\nD|-|\nA|-|\nE|-|\n\n", "G|0"),
    ],
)
def test_a_text_has_a_note(layout: str, silent: str, ending: str):
    codec = GuitarTabCodec(layout)
    grammar = codec.grammar()
    state = grammar.start()
    for char in silent:
        state = grammar.step(state, char)
    assert not grammar.accepting(state)
    written = grammar.finish(state)
    assert written.startswith(ending)
    assert codec.validate(silent + written) == ()
    assert [(i.code, i.severity) for i in codec.validate(silent)] == [
        ("guitartab.silent", "warning")
    ]
    with pytest.raises(EncodeError, match="no note"):
        codec.encode(codec.decode(silent))


@pytest.mark.parametrize(
    ("text", "code", "canonical"),
    [
        (NECK + "E0w\nE0q!\nE0w\n", "bar-cut", NECK + "E0w\nM1/4 E0q\nM4/4 E0w\n"),
        (NECK + "E0w\nE0q!\n%\n", "bar-cut", NECK + "E0w\nM1/4 E0q\n%\n"),
        (NECK + "E0w\nM20/4 E0w ~w ~w ~w ~w\n", "meter", None),
        ("@40/8 E2 A2 D3 G3\nE0w ~w ~w ~w ~w\n", "meter", None),
        ("@4/4 E2 A2 D3\nE0w\n", "strings", NECK + "E0w\n"),
    ],
)
def test_what_only_old_texts_have_is_read_with_a_warning(
    text: str, code: str, canonical: str | None
):
    codec = GuitarTabCodec()
    issues = codec.validate(text)
    assert {(issue.code, issue.severity) for issue in issues} == {(f"guitartab.{code}", "warning")}
    written = codec.canonical(text)
    assert codec.validate(written) == ()
    assert canonical in {None, written}
    if code != "strings":
        assert [n.onset for n in codec.decode(text).notes()] == [
            n.onset for n in codec.decode(written).notes()
        ]


def test_bar_lines_that_change_are_named():
    codec = GuitarTabCodec()
    score = codec.decode(NECK + "E0w\nE0q!\nE0w\n")
    assert [issue.code for issue in codec.explain(score)] == ["guitartab.meter"]
    with pytest.raises(EncodeError, match="cut short"):
        codec.encode(score)
