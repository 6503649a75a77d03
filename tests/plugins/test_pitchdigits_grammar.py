"""The grammars of both forms: what they accept is music, and what music is written is accepted."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from textmusic import DecodeError
from textmusic.bars import fold, unfold
from textmusic.format import read_text
from textmusic.grammar import first_error
from textmusic.score import Meter, Note, Score, Track
from textmusic_pitchdigits import PitchDigitsCodec
from textmusic_pitchdigits.grammar import ExtendedGrammar
from textmusic_pitchdigits.lengths import fitting, suffixes, ticks_of

CODEC = PitchDigitsCodec()
GRAMMAR = ExtendedGrammar()
FORMS = (
    CODEC,
    PitchDigitsCodec("plain"),
    PitchDigitsCodec("plain", 115, " ", "',", "x"),
    PitchDigitsCodec("plain", 12, "|"),
)
HEADERS = ("", "4/4\n", "1=Gb 3/4\n", "6=E 6/8 q=90\n", "1=F# 1/16\n", "1/64\n", "12/8\n")
TUNE = "6=E 4/4 q=90\n5_!\n1'---\n3/4\n~-~_b7_t0=t\n#1.7.\n%\n1=G 4/4\n~---\n%\n"

Choice = Callable[[Random, frozenset[str], str], str]


def uniform(random: Random, allowed: frozenset[str], _: str) -> str:
    return random.choice(sorted(allowed))


def adversarial(random: Random, allowed: frozenset[str], _: str) -> str:
    awkward = [c for c in sorted(allowed) if c in "%!~,'=t\n-./q0"]
    return random.choice(awkward if awkward and random.random() < 0.6 else sorted(allowed))


def rarest(random: Random, allowed: frozenset[str], text: str) -> str:
    return min(sorted(allowed), key=lambda char: (text.count(char), random.random()))


def tuneful(random: Random, allowed: frozenset[str], _: str) -> str:
    chars = sorted(allowed)
    weights = [8 if c in "1234567" else 4 if c in "\n_-%~" else 0.3 for c in chars]
    return random.choices(chars, weights)[0]


def walk(codec: PitchDigitsCodec, random: Random, choose: Choice) -> str:
    grammar = codec.grammar()
    text = random.choice(HEADERS) if codec.form == "extended" else ""
    state = grammar.start()
    for char in text:
        state = grammar.step(state, char)
    for _ in range(random.choice((20, 60, 200))):
        text += choose(random, grammar.allowed(state), text)
        state = grammar.step(state, text[-1])
    return text + grammar.finish(state)


def is_canonical(text: str) -> bool:
    try:
        return CODEC.canonical(text) == text
    except DecodeError:
        return False


def folded(text: str) -> list[str]:
    """The bars of an extended text, each that equals an earlier one as a reference."""
    bars: list[str] = []
    for line in text.split("\n")[:-1]:
        if not re.search("[/A-Gq]", line):
            bar = unfold(len(bars), line, bars)
            assert bar is not None
            bars.append(bar)
    return fold(bars)


@pytest.mark.parametrize("choose", [uniform, adversarial, rarest, tuneful])
@pytest.mark.parametrize("codec", FORMS)
def test_walks_are_music_written_the_canonical_way(codec: PitchDigitsCodec, choose: Choice) -> None:
    for seed in range(40):
        text = walk(codec, Random(seed), choose)
        assert codec.validate(text) == ()
        canonical = codec.canonical(text)
        assert first_error(codec.grammar(), canonical) is None
        if codec.form == "plain":
            assert canonical == text
        else:
            assert codec.decode(canonical) == codec.decode(text)
            assert folded(canonical) == folded(text)


@pytest.mark.parametrize(
    "text",
    [
        TUNE,
        "4/4\n1155\n665-\n4433\n221-\n",
        "4/4\n12--\n12/8\n1.1.1.1.\n",  # a digit opens a bar or a metre
        "4/4\n1=1=1_0--\n1=G\n1=1=1_0--\n",  # or a bar and a key
        "1=C 4/4\n1---\n1=G\n%\n",
        "4/4\n1---\n~---\n%\n",
        "4/4\n0---\n%\n1---\n",
        "1/64\n1==\n",
        "8/1\n1" + "-" * 31 + "\n",
        "4/4\n1111\n2---\n3---\n1111\n2---\n3---\n",
    ],
)
def test_what_is_accepted(text: str) -> None:
    assert first_error(GRAMMAR, text) is None
    assert CODEC.validate(text) == ()


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("4/4", 3),
        ("4/4\n", 4),
        ("1=C\n1---\n", 3),  # no metre
        ("1=G# 4/4\n", 3),  # A flat
        ("4/4 q=9\n", 7),  # no tempo below 10
        ("4/4 q=501", 8),
        ("129/16", 2),
        ("9/1\n", 3),  # nine whole notes
        ("4/4\n12345\n", 8),
        ("4/4\n123\n", 7),
        ("4/4\n1---!\n", 8),
        ("4/4\n!\n", 4),
        ("3/4\n1---\n", 7),
        ("4/4\n~---\n", 4),
        ("4/4\n0~--\n", 5),
        ("4/4\n%\n", 4),
        ("4/4\n1---\n%2\n", 10),
        ("4/4\n1---\n3/4\n%\n", 13),  # does not fit
        ("4/4\n1---\n~---\n0---\n%2\n", 20),  # nothing that ~ goes on with
        ("1=Gb 4/4\n1''''''---\n1=F#\n%\n", 25),  # too high in the new key
        ("4/4\n#2---\n", 5),  # b3
        ("4/4\n1',---\n", 6),
        ("4/4\n1''''''---\n", 10),
        ("4/4\n1_.=--\n", 7),
        ("4/4\n00--\n", 6),  # one rest: 0-
        ("4/4\n1~--\n", 6),
        ("4/4\n10_.0---\n", 9),
        ("4/4\n1---\n0---\n", 14),  # silence at the end
        ("4/4\n1---\n1_!\n", 11),  # cut short in the second bar
        ("4/4\n1_!\n", 8),  # the last bar is full
        ("4/4\n1---\n3/4\n", 13),
        ("4/4\n1---\n3/4\n4/4\n1---\n", 14),
        ("4/4\n1---\n\n", 9),
        ("4/4\n1---\nq=90 3/4\n", 13),
    ],
)
def test_what_is_refused_and_where(text: str, offset: int) -> None:
    assert first_error(GRAMMAR, text) == offset
    assert CODEC.validate(text) or not is_canonical(text)


def test_every_prefix_has_a_short_ending() -> None:
    state = GRAMMAR.start()
    for index, char in enumerate(TUNE):
        ending = GRAMMAR.finish(state)
        assert len(ending) < 20
        assert CODEC.validate(TUNE[:index] + ending) == ()
        state = GRAMMAR.step(state, char)
    assert GRAMMAR.accepting(state)
    assert GRAMMAR.finish(state) == ""


def test_an_ending_rests_until_the_bar_is_full() -> None:
    state = GRAMMAR.start()
    for char in "4/4\n1234\n5_6":
        state = GRAMMAR.step(state, char)
    assert GRAMMAR.finish(state) == "--0_\n"


def test_a_long_silent_bar_ends_soon() -> None:
    state = GRAMMAR.start()
    for char in "128/16\n0-":
        state = GRAMMAR.step(state, char)
    assert GRAMMAR.finish(state) == "1" + "-" * 29 + "\n"


def test_step_refuses_what_is_not_allowed() -> None:
    for codec in FORMS:
        with pytest.raises(ValueError, match="may not follow"):
            codec.grammar().step(codec.grammar().start(), "\n")


def test_equal_futures_are_equal_states() -> None:
    def after(text: str) -> object:
        state = GRAMMAR.start()
        for char in text:
            state = GRAMMAR.step(state, char)
        return state

    assert after("4/4\n1155\n") == after("4/4 q=90\n3'_4b7_6,,.1_\n")
    assert after("1=G 4/4\n12_") == after("6=E 4/4\n7,,3_")
    assert after("1=G 4/4\n12_") != after("1=C 4/4\n12_")


def test_few_states_and_fewer_masks() -> None:
    states, masks = set(), set()
    bars = ("1155", "665-", "4_4_3_3_2-", "2.1_0_1.", "1=2=3_4--")
    count = 0
    for seed in range(200):
        random = Random(seed)
        state = GRAMMAR.start()
        for char in "4/4\n" + "".join(f"{random.choice(bars)}\n" for _ in range(16)):
            states.add(state)
            masks.add(GRAMMAR.allowed(state))
            state = GRAMMAR.step(state, char)
            count += 1
    assert len(states) < count / 50
    assert len(masks) < 40


def test_any_run_is_spelled_one_way() -> None:
    for ticks in range(1, 500):
        run = 0
        for suffix in suffixes(ticks):
            left = ticks - run
            assert suffix in fitting(run, left) or set(suffix) == {"-"}
            run += ticks_of(suffix) or 0
        assert run == ticks


@pytest.mark.parametrize(
    ("text", "offset"),
    [("155+06-", None), ("", 0), ("0", 1), ("150", 3), ("1#", 2), ("1#2", 2), ("1+-", 2),
     ("1++++++", 6), ("1-----", None), ("1------", 6), ("1 2", 1)],
)  # fmt: skip
def test_the_plain_form(text: str, offset: int | None) -> None:
    assert first_error(FORMS[1].grammar(), text) == offset


@pytest.mark.parametrize(
    ("text", "offset"), [("1 2, x 3", None), ("12", 1), ("1 ", 2), ("1  2", 2), ("2'", 1)]
)
def test_the_plain_form_with_a_separator(text: str, offset: int | None) -> None:
    assert first_error(FORMS[2].grammar(), text) == offset


def test_real_melodies_are_accepted(data: Path) -> None:
    count = 0
    paths = sorted((data / "stave" / "jianpu_db").glob("*.txt"))
    for path in [path for path in paths if path.stat().st_size < 8000][::4]:
        text = read_text(path.read_bytes())
        for document in islice(CODEC.documents(text), 1):
            for codec in FORMS[:2]:
                assert first_error(codec.grammar(), codec.canonical(document.text)) is None
                count += 1
    assert count >= 10


BARS = "4/4\n1---\n%\n%\n%\n%\n%\n%\n"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("4/4\n1!\n1---\n", None),
        (BARS + "1--!\n1!\n1---\n", None),
        (BARS + "1--!\nq=90\n1!\n1---\n", None),
        (BARS + "1--!\n4/4\n1!\n1---\n", None),
        (BARS + "1--!\n3/4\n1--\n", None),
        (BARS + "1--!\n1_!\n", len(BARS) + 7),
        (BARS + "1--!\n1-", len(BARS) + 6),
        (BARS + "1--!\n%\n", len(BARS) + 5),
        (BARS + "1-!\n%\n1---\n", None),
        (BARS + "1--!\n1!\n1--!\n", len(BARS) + 11),
        (BARS[:-2] + "1--!\n", len(BARS) + 1),
    ],
)
def test_bars_are_cut_short_where_music_has_it(text: str, offset: int | None) -> None:
    assert first_error(GRAMMAR, text) == offset
    assert (CODEC.validate(text) == ()) is (offset is None)
    if offset is None:
        assert CODEC.canonical(text).count("!") == text.count("!")


def test_another_short_bar_gets_a_metre_of_its_own() -> None:
    notes = Track(tuple(Note(at, 1, 60) for at in range(12)))
    score = Score((notes,), 1, meters=(Meter(0, 4, 4), Meter(7, 4, 4)))
    text = CODEC.encode(CODEC.project(score))
    assert text == "4/4\n1111\n3/4\n111\n4/4\n%2\n10--\n"
    assert "pitchdigits.cut" in {issue.code for issue in CODEC.explain(score)}
