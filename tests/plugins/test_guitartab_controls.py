"""What a user asks of a piece: the grammars keep it, or say that no text can."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.controls import Controls
from textmusic.errors import ConfigError
from textmusic.grammar import first_error
from textmusic_guitartab import GuitarTabCodec

GUITAR = (40, 45, 50, 55, 59, 64)
BASS = (28, 33, 38, 43)
LAYOUTS = ("events", "columns", "rows")


def sample(codec: GuitarTabCodec, controls: Controls | None, seed: int, steps: int = 150) -> str:
    """A random text that the grammar allows, cut and finished."""
    chance, grammar = random.Random(seed), codec.grammar(controls)
    state, text = grammar.start(), ""
    for _ in range(steps):
        options = sorted(grammar.allowed(state))
        text += chance.choice(options)
        state = grammar.step(state, text[-1])
    return text + grammar.finish(state)


@st.composite
def wishes(draw: st.DrawFn) -> Controls:
    low = draw(st.none() | st.integers(12, 100))
    high = None if low is None else draw(st.none() | st.integers(low, 107))
    return Controls(
        meter=draw(st.none() | st.sampled_from([(4, 4), (3, 4), (6, 8), (5, 16), (99, 1)])),
        tempo=draw(st.none() | st.integers(20, 399)),
        low=low,
        high=high,
        tuning=draw(st.none() | st.sampled_from([GUITAR, BASS, (67, 60, 64, 69)])),
        program=draw(st.sampled_from([None, None, 25, 33])),
    )


@given(wishes(), st.sampled_from(LAYOUTS), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_every_walk_keeps_what_is_asked(controls: Controls, layout: str, seed: int):
    codec = GuitarTabCodec(layout)
    try:
        text = sample(codec, controls, seed)
    except ConfigError:  # a bass tuning with the program of a guitar, say
        return
    assert first_error(codec.grammar(controls), text) is None
    assert first_error(codec.grammar(), text) is None
    assert controls.broken(codec.decode(text)) == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_header_says_what_is_asked(layout: str):
    asked = Controls(meter=(6, 8), tempo=96, tuning=GUITAR, low=45, high=70)
    grammar = GuitarTabCodec(layout).grammar(asked)
    text = grammar.finish(grammar.start())
    assert text.startswith("@6/8 E2 A2 D3 G3 B3 E4 t96\n")


def test_a_range_leaves_some_frets_and_strings():
    grammar = GuitarTabCodec().grammar(Controls(low=45, high=60))
    state = grammar.start()
    for char in "@4/4 E2 A2 D3 G3 B3 E4\n":
        state = grammar.step(state, char)
    assert "e" not in grammar.allowed(state)
    assert "M" not in GuitarTabCodec().grammar(Controls(meter=(4, 4))).allowed(state)
    assert grammar.allowed(grammar.step(state, "B")) == frozenset("01x")
    assert grammar.allowed(grammar.step(state, "E")) == frozenset("56789abcdefghijk")


@pytest.mark.parametrize(
    ("controls", "said"),
    [
        (Controls(key=(0, "major")), "the texts say no key"),
        (Controls(meter=(255, 4)), "no metre of 255/4"),
        (Controls(tempo=500), "whole numbers from 20 to 399, not 500"),
        (Controls(tempo=20.4), "whole numbers from 20 to 399, not 20.4"),
        (Controls(program=0), r"25 \(guitar\) and 33 \(bass\), not 0"),
        (Controls(low=108), "no neck of 4 to 9 strings from C0 to B5 has low 108"),
        (Controls(tuning=(5,)), r"has tuning \(5,\)"),
        (Controls(tuning=BASS, low=80), "has low 80"),
        (Controls(tuning=BASS, program=25), "program 25"),
    ],
)
def test_what_no_text_keeps_is_an_error(controls: Controls, said: str):
    for layout in LAYOUTS:
        with pytest.raises(ConfigError, match=said):
            GuitarTabCodec(layout).grammar(controls)


def test_the_rasters_have_whole_sixteenths():
    GuitarTabCodec().grammar(Controls(meter=(3, 32)))
    with pytest.raises(ConfigError, match="this layout has no metre of 3/32"):
        GuitarTabCodec("rows").grammar(Controls(meter=(3, 32)))


@pytest.mark.parametrize(
    ("layout", "bars"),
    [
        ("events", ["E0h e0h\n", "M2/4 E0q!\n", "%\n"]),
        ("columns", ["0---\n----\n----\n----\n|\n", "M2/4\n-x--\n!\n"]),
        ("rows", ["e|--\nB|0-!\n\n", "M1/8\ne|3-|\nB|--|\n\n"]),
    ],
)
def test_bars_can_be_cut_out(layout: str, bars: list[str]):
    text = "@1/4 E2 A2\n" + "".join(bars)
    offsets = GuitarTabCodec(layout).bar_offsets(text)
    assert [text[a:b] for a, b in pairwise(offsets)] == bars
    assert offsets[-1] == len(text)


@given(st.text(alphabet="@4/ E2A|!\n-e0qM", max_size=60), st.sampled_from(LAYOUTS))
@settings(max_examples=60, deadline=None)
def test_bar_offsets_of_any_text_rise(text: str, layout: str):
    for tried in (text, "@" + text):
        offsets = GuitarTabCodec(layout).bar_offsets(tried)
        assert list(offsets) == sorted(set(offsets))
        assert all(0 <= offset <= len(tried) for offset in offsets)
