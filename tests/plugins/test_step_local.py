"""The grammars of steps leave out what does not matter yet: the masks must not tell."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from textmusic.codec import Codec
from textmusic.grammar import HORIZON, Grammar, Local
from textmusic.lm import CharRNN, ModelConfig, SampleConfig, Sampler
from textmusic_midi import NoteEventsCodec, PianoRollCodec

KINDS = [
    NoteEventsCodec(),
    NoteEventsCodec(hold="onset", layout="bars"),
    NoteEventsCodec(hold="repeat", runs=False),
    NoteEventsCodec(layout="stream"),
    NoteEventsCodec(steps=4, lowest=60, highest=62),
    PianoRollCodec(),
    PianoRollCodec(states="two", layout="bars"),
    PianoRollCodec(states="pairs"),
    PianoRollCodec(steps=4, lowest=60, highest=63, layout="classic"),
]


def walk(grammar: Grammar[Any], seed: int, size: int) -> str:
    """A text that gets through many bars."""
    random, state, text = Random(seed), grammar.start(), ""
    for _ in range(size):
        chars = sorted(grammar.allowed(state))
        weights = [6 if char in "\n%" else 3 if char in "|*." else 1 for char in chars]
        text += random.choices(chars, weights)[0]
        state = grammar.step(state, text[-1])
    return text


@pytest.mark.parametrize("codec", KINDS, ids=str)
def test_a_local_state_goes_on_like_the_whole_one(codec: Codec):
    grammar = codec.grammar()
    assert isinstance(grammar, Local)
    for seed in range(2):
        whole = origin = grammar.start()
        local, since = grammar.local(whole), ""
        for char in walk(grammar, seed, HORIZON // 2):
            leaves = grammar.leaves(local, char)
            local = grammar.local(grammar.through(local, char))
            whole, since = grammar.step(whole, char), since + char
            if leaves:
                origin, since = grammar.through(origin, since), ""
                local = grammar.local(origin)
                assert origin == whole
            assert grammar.allowed(local) == grammar.allowed(whole)
            assert grammar.accepting(local) == grammar.accepting(whole)
            assert grammar.local(local) == local


@pytest.mark.parametrize("codec", KINDS, ids=str)
def test_a_text_leads_where_its_characters_lead(codec: Codec):
    grammar = codec.grammar()
    assert isinstance(grammar, Local)
    text = walk(grammar, 7, 200)
    states = [grammar.start()]
    for char in text:
        states.append(grammar.step(states[-1], char))
    for start in range(0, len(text), 29):
        for end in range(start, len(text) + 1, 31):
            assert grammar.through(states[start], text[start:end]) == states[end]


def test_near_its_limits_a_text_is_told_by_all_of_its_past():
    grammar = NoteEventsCodec(steps=1).grammar()
    state = grammar.through(grammar.start(), "@1 0\n255/1 Y1\n" + 18 * "\n")
    assert grammar.local(state) != state
    state = grammar.through(state, "\n")
    assert grammar.local(state) == state


class _Plain:
    """A grammar that is not local."""

    def __init__(self, grammar: Grammar[Any]) -> None:
        self.start, self.allowed, self.step = grammar.start, grammar.allowed, grammar.step
        self.accepting, self.finish = grammar.accepting, grammar.finish


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("codec", [NoteEventsCodec(), PianoRollCodec()], ids=str)
def test_samples_are_the_same_as_without(codec: Codec, *, compiled: bool):
    model = CharRNN(ModelConfig(vocabulary=codec.alphabet.size, hidden=8))
    config = SampleConfig(max_length=600, seed=3)
    grammar = codec.grammar()
    assert grammar is not None
    texts = [
        [s.text for s in Sampler(model, codec.alphabet, g, config, compiled=compiled).samples(2)]
        for g in (grammar, _Plain(grammar))
    ]
    assert texts[0] == texts[1]
    assert all(codec.validate(text) == () for text in texts[0])
