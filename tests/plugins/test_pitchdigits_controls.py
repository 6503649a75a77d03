"""What can be asked of pitch digits, where their bars lie, and what music they leave out."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.controls import Controls
from textmusic.errors import ConfigError, EncodeError
from textmusic.grammar import first_error
from textmusic.score import MODES, Meter, Note, Score, Tempo, Track
from textmusic_pitchdigits import PitchDigitsCodec
from textmusic_pitchdigits import grammar as grammars

CODEC = PitchDigitsCodec()
PLAIN = (PitchDigitsCodec("plain"), PitchDigitsCodec("plain", 115, " ", "',", "x"))


def walk(codec: PitchDigitsCodec, controls: Controls, random: Random, length: int) -> str:
    grammar: Any = codec.grammar(controls)
    state, text = grammar.start(), ""
    while len(text) < length:
        allowed = sorted(grammar.allowed(state))
        awkward = [char for char in allowed if char in "%!~,'=\n-./q0#"]
        text += random.choice(awkward if awkward and random.random() < 0.4 else allowed)
        state = grammar.step(state, text[-1])
    ending = grammar.finish(state)
    assert len(ending) < 200
    return text + ending


def check(codec: PitchDigitsCodec, controls: Controls, seed: int) -> None:
    text = walk(codec, controls, Random(seed), seed % 300)
    assert first_error(codec.grammar(), text) is None
    assert codec.validate(text) == ()
    assert controls.broken(codec.decode(text)) == ()


ranges = st.tuples(st.integers(0, 127), st.integers(0, 40)).map(
    lambda pair: (pair[0], min(sum(pair), 127))
)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from([None, (3, 4), (6, 8), (1, 64), (5, 4)]),
    st.none() | st.tuples(st.integers(-7, 7), st.sampled_from(MODES)),
    st.sampled_from([None, 10, 90, 120.4, 500]),
    st.none() | ranges,
    st.integers(0, 1 << 30),
)
def test_what_is_asked_for_holds_of_any_walk(
    meter: Any, key: Any, tempo: float | None, span: Any, seed: int
) -> None:
    low, high = span or (None, None)
    check(CODEC, Controls(meter=meter, key=key, tempo=tempo, low=low, high=high, program=0), seed)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(PLAIN), ranges, st.integers(0, 1 << 30))
def test_plain_text_stays_in_a_range(
    codec: PitchDigitsCodec, span: tuple[int, int], seed: int
) -> None:
    check(codec, Controls(low=span[0], high=span[1], meter=(4, 4), tempo=120), seed)


@pytest.mark.parametrize(
    ("codec", "controls", "message"),
    [
        (CODEC, Controls(tuning=(40,)), "no tuning"),
        (CODEC, Controls(program=40), "no instrument"),
        (CODEC, Controls(tempo=501), "10…500"),
        (CODEC, Controls(tempo=10.4), "whole quarters"),
        (CODEC, Controls(meter=(9, 1)), "bars of 9/1"),
        (PLAIN[0], Controls(key=(0, "major")), "no key"),
        (PLAIN[0], Controls(meter=(3, 4)), "no meter"),
        (PLAIN[0], Controls(tempo=90), "no tempo"),
    ],
)
def test_what_no_text_can_keep_is_refused(
    codec: PitchDigitsCodec, controls: Controls, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        codec.grammar(controls)


@pytest.mark.parametrize(
    ("controls", "text", "offset"),
    [
        (Controls(key=(1, "major")), "1=G 3/4\n1--\n2/4\n1-\n", None),
        (Controls(key=(1, "major")), "3/4\n1--\n", 0),
        (Controls(key=(1, "major")), "1=G 3/4\n1--\n6=E", 14),
        (Controls(meter=(3, 4)), "6=E 3/4 q=90\n1!\n%\n", 16),
        (Controls(meter=(3, 4)), "1=G 3/4\n1!\n1--\n1=C q=90\n1--\n", None),
        (Controls(meter=(3, 4)), "3/4\n1--\n12!", 10),
        (Controls(meter=(3, 4)), "3/4\n1--\n4/", 9),
        (Controls(tempo=90), "3/4\n", 3),
        (Controls(tempo=90), "3/4 q=91\n", 7),
        (Controls(tempo=90), "3/4 q=90\n1--\n2/4\n1-\n", None),
        (Controls(low=60, high=71), "1/4\n1'\n", 5),
        (Controls(low=72, high=83), "1/4\n1\n", 5),
        (Controls(low=72, high=83), "1/4\n1'\n1=G\n%\n", 11),
        (Controls(low=72, high=74), "1/4\n3", 4),
    ],
)
def test_what_is_asked_for_is_said_first_and_kept(
    controls: Controls, text: str, offset: int | None
) -> None:
    assert first_error(CODEC.grammar(controls), text) == offset


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("1=G 3/4\n1!\n1--\n%\n1=C q=90\n1--\n", ["1!\n", "1--\n", "%\n", "1=C q=90\n1--\n"]),
        ("4/4\n12--\n12/8\n1.1.1.1.\n", ["12--\n", "12/8\n1.1.1.1.\n"]),
        ("4/4\n", []),
        ("", []),
        ("\n\n/\n4", ["\n"]),
    ],
)
def test_a_bar_is_a_line_with_the_changes_before_it(text: str, bars: list[str]) -> None:
    places = CODEC.bar_offsets(text)
    assert [text[a:b] for a, b in pairwise(places)] == bars
    assert PLAIN[0].bar_offsets(text) == ()


def test_odd_metres_and_tempos_become_those_of_music_and_are_named() -> None:
    tune = Track((Note(0, 4, 60), Note(4, 4, 62)))
    odd = Score((tune,), 4, (Tempo(0, 900),), (Meter(0, 255, 4),))
    held = CODEC.project(odd)
    assert held.meters == (Meter(0, 32, 4),)
    assert held.tempos == (Tempo(0, 500),)
    assert [issue.message[:6] for issue in CODEC.explain(odd)] == ["meters", "tempos"]
    assert CODEC.project(held) == held
    for meter, tempo in (((9, 1), 90), ((129, 16), 90), ((4, 4), 900), ((4, 4), 9)):
        score = Score((Track((Note(0, 48, 60),)),), 48, (Tempo(0, tempo),), (Meter(0, *meter),))
        with pytest.raises(EncodeError):
            CODEC.encode(score)


def test_references_play_no_more_notes_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("states", "reading"):
        monkeypatch.setattr(f"textmusic_pitchdigits.{module}.MAX_REPEATED", 200)
    # other tests may not meet what is remembered under this limit, nor this one what they left
    known = lru_cache(grammars._moves.__wrapped__)
    monkeypatch.setattr("textmusic_pitchdigits.grammar._moves", known)
    grammar = CODEC.grammar()
    state, text = grammar.start(), "4/4\n" + "1=_" * 32 + "\n"
    for char in text:
        state = grammar.step(state, char)
    while "%" in grammar.allowed(state):
        state = grammar.step(grammar.step(state, "%"), "\n")
        text += "%\n"
    assert text.count("%") == 200 // 32
    assert CODEC.validate(text) == ()
    assert [issue.code for issue in CODEC.validate(text + "%\n")] == ["pitchdigits.too-long"]
