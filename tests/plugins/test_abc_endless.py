"""Tunes of which a number of bars is asked for: no final bar line may come before."""

from __future__ import annotations

from random import Random

import pytest

from textmusic import Controls, get_codec
from textmusic.grammar import Endless, first_error
from textmusic_abc.grammar import AbcGrammar

VOICES = "M:3/4\nL:1/4\nK:C\nV:1\nV:2\n[V:1]c3|[V:2]C3|\n[V:1]c3"


@pytest.mark.parametrize("controls", [None, Controls(key=(1, "major"), low=50, high=80)])
@pytest.mark.parametrize("seed", range(12))
def test_something_else_may_always_come_and_the_ending_is_legal(controls, seed) -> None:
    grammar, random = AbcGrammar(controls), Random(seed)
    assert isinstance(grammar, Endless)
    endless = grammar.endless()
    state, text = endless.start(), ""
    for _ in range(random.randrange(40, 400)):
        char = random.choice(sorted(endless.allowed(state)))
        state, text = endless.step(state, char), text + char
    ended = text + endless.finish(state)
    assert first_error(grammar, ended) is None
    assert not get_codec("abc").parse(ended).issues


def test_a_final_bar_line_waits() -> None:
    for text in ("M:4/4\nL:1/4\nK:C\nCDEF|", VOICES + "|"):
        for grammar, may in ((AbcGrammar(), True), (AbcGrammar().endless(), False)):
            state = grammar.start()
            for char in text:
                state = grammar.step(state, char)
            assert ("]" in grammar.allowed(state)) == may


def test_an_accidental_of_a_grace_note_holds_for_the_next() -> None:
    grammar = AbcGrammar(Controls(key=(1, "major"), low=50, high=80))
    state = grammar.start()
    for char in "M:4/4\nL:1/8\nK:G\n_a{=A":
        state = grammar.step(state, char)
    assert "a" not in grammar.allowed(state)  # a natural now, which is too high
