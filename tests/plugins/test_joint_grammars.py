"""Grammars of parts: side by side the parts must allow what the whole does."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from textmusic.codec import Codec
from textmusic.controls import Controls
from textmusic.grammar import Grammar, Joint
from textmusic.lm import CharRNN, ModelConfig, SampleConfig, Sampler
from textmusic_guitarpro import GuitarProCodec
from textmusic_guitartab import GuitarTabCodec

CODECS = [GuitarTabCodec(), GuitarProCodec()]
WISHES = [
    None,
    Controls(meter=(3, 4), tempo=90),
    Controls(low=40, high=60),
    Controls(tuning=(40, 45, 50, 55, 59, 64), low=52),
]
TEMPERS = ["", "\n|", "|M!KT([)@%=;~{&}", ":\n", "`~. ", " .wqhEADGe0135\n1", "+4[0123456789@,]#:*"]


class Together:
    """The parts of a grammar as they read a text."""

    def __init__(self, grammar: Joint[Any]) -> None:
        self.grammar = grammar
        self.whole = grammar.start()
        self.before, self.since = self.whole, ""
        self.states = grammar.split(self.whole)

    def check(self) -> frozenset[str]:
        """What may follow, as the whole and as the parts have it."""
        grammar, whole = self.grammar, self.whole
        pairs = list(zip(grammar.parts, self.states, strict=True))
        allowed = grammar.allowed(whole)
        assert frozenset.intersection(*(p.allowed(state) for p, state in pairs)) == allowed
        assert all(p.accepting(state) for p, state in pairs) == grammar.accepting(whole)
        return allowed

    def check_ways(self, allowed: frozenset[str]) -> None:
        """Whether those characters lead to one state that a part says are alike."""
        for part, state in zip(self.grammar.parts, self.states, strict=True):
            for char in sorted(allowed):
                after = part.after(state, char)
                assert after is None or all(
                    part.after(state, other) == after
                    for other in part.alike(state, char) & part.allowed(state)
                )

    def read(self, char: str) -> None:
        """Let the whole and the parts go on."""
        grammar = self.grammar
        self.whole = grammar.step(self.whole, char)
        after = []
        for part, state in zip(grammar.parts, self.states, strict=True):
            after.append(part.after(state, char))
            if after[-1] is None:
                joined = grammar.joined(self.before, self.states, self.since)
                self.before, self.since = grammar.step(joined, char), ""
                self.states = grammar.split(self.before)
                return
        self.states, self.since = tuple(after), self.since + char


@pytest.mark.parametrize("asked", WISHES, ids=str)
@pytest.mark.parametrize("codec", CODECS, ids=str)
def test_the_parts_allow_what_the_whole_does(codec: Codec, asked: Controls | None):
    for seed, liked in enumerate(TEMPERS):
        grammar = codec.grammar(asked)
        assert isinstance(grammar, Joint)
        random, together = Random(f"{codec}{seed}"), Together(grammar)
        for size in range(250):
            chars = sorted(together.check())
            if size % 10 == 0:
                together.check_ways(frozenset(chars))
            best = [char for char in chars if char in liked]
            together.read(random.choice(best if best and random.random() < 0.6 else chars))
        joined = grammar.joined(together.before, together.states, together.since)
        ending = grammar.finish(joined)
        for char in ending:
            assert char in together.check()
            together.read(char)
        assert grammar.accepting(together.whole)


class _Plain:
    """A grammar without parts."""

    def __init__(self, grammar: Grammar[Any]) -> None:
        self.start, self.allowed, self.step = grammar.start, grammar.allowed, grammar.step
        self.accepting, self.finish = grammar.accepting, grammar.finish


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("codec", CODECS, ids=str)
def test_samples_are_the_same_as_without_parts(codec: Codec, *, compiled: bool):
    model = CharRNN(ModelConfig(vocabulary=codec.alphabet.size, hidden=8))
    config = SampleConfig(max_length=400, seed=3, forbid="3")
    grammar = codec.grammar()
    assert grammar is not None
    prime = grammar.finish(grammar.start())[:9]
    texts = [
        [
            sample.text
            for sample in Sampler(model, codec.alphabet, g, config, compiled=compiled).samples(
                3, prime=prime
            )
        ]
        for g in (grammar, _Plain(grammar))
    ]
    assert texts[0] == texts[1]
    assert all(codec.validate(text) == () for text in texts[0])
