"""Grammars of parts as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

from textmusic.alphabet import Alphabet
from textmusic.grammar import Joint
from textmusic.lm import CharRNN, ModelConfig, SampleConfig, Sampler
from textmusic.lm.masks import Masks

ALPHABET = Alphabet("ab|.")
_ALL = frozenset("ab|.")


class _Letters:
    """``a`` and ``b`` take turns; a bar begins with ``a``."""

    def allowed(self, state: str) -> frozenset[str]:
        return frozenset({state, "|", "."})

    def accepting(self, state: str) -> bool:
        return True

    def after(self, state: str, char: str) -> str:
        return "b" if char == "a" else "a"

    def alike(self, state: str, char: str) -> frozenset[str]:
        return frozenset("a") if char == "a" else frozenset("b|.")


class _Room:
    """A bar has so many letters as are left."""

    def allowed(self, state: int) -> frozenset[str]:
        return frozenset("ab") if state > 0 else frozenset("|" if state == 0 else "|.")

    def accepting(self, state: int) -> bool:
        return state < 0

    def after(self, state: int, char: str) -> int | None:
        return None if char in "|." else state - 1 or -1

    def alike(self, state: int, char: str) -> frozenset[str]:
        return frozenset(char) if char in "|." else frozenset("ab")


class Whole(NamedTuple):
    turn: str
    left: int
    bars: int


class Growing:
    """Bars of one, two, three … letters; ``.`` says that the next is as long as the last."""

    parts: Sequence[Any] = (_Letters(), _Room())

    def start(self) -> Whole:
        return Whole("a", 1, 1)

    def allowed(self, state: Whole) -> frozenset[str]:
        return _Letters().allowed(state.turn) & _Room().allowed(state.left)

    def accepting(self, state: Whole) -> bool:
        return state.left < 0

    def step(self, state: Whole, char: str) -> Whole:
        if char not in self.allowed(state):
            raise ValueError(char)
        turn, left = _Letters().after(state.turn, char), _Room().after(state.left, char)
        if left is None:
            bars = state.bars + (char == "|")
            return Whole(turn, bars, bars)
        return Whole(turn, left, state.bars)

    def finish(self, state: Whole) -> str:
        text = ""
        while not self.accepting(state):
            text += state.turn
            state = self.step(state, state.turn)
        return text

    def split(self, state: Whole) -> tuple[str, int]:
        return state.turn, state.left

    def joined(self, before: Whole, states: Sequence[Any], text: str) -> Whole:
        assert sum(text.count(letter) for letter in "ab") == len(text)
        return Whole(*states, before.bars)


class _Plain:
    """The same without parts."""

    def __init__(self) -> None:
        grammar = Growing()
        self.start, self.allowed, self.step = grammar.start, grammar.allowed, grammar.step
        self.accepting, self.finish = grammar.accepting, grammar.finish


class _Trusting(Growing):
    """It says what follows what may not."""

    def through(self, state: Whole, text: str) -> Whole:
        return Whole("b", len(text) + 3, 4)


class _Spelled:
    """One text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def start(self) -> int:
        return 0

    def allowed(self, state: int) -> frozenset[str]:
        return frozenset(self._text[state : state + 1])

    def step(self, state: int, char: str) -> int:
        return state + 1

    def accepting(self, state: int) -> bool:
        return state == len(self._text)

    def finish(self, state: int) -> str:
        return self._text[state:]


class _Broken(_Spelled):
    def allowed(self, state: int) -> frozenset[str]:
        if state == 40:
            raise ZeroDivisionError(f"letter {state}")
        return super().allowed(state)


def test_a_mask_is_what_all_parts_allow():
    masks = Masks(Growing(), ALPHABET)
    assert isinstance(Growing(), Joint)
    assert masks.of(Whole("a", 2, 2)).tolist() == [False, True, False, False, False]
    assert masks.of(Whole("b", -1, 3)).tolist() == [True, False, False, True, True]


def test_what_is_forbidden_gives_way_only_where_nothing_else_may_come():
    free = np.array([True, False, True, True, False])
    masks = Masks(Growing(), ALPHABET, free)
    assert masks.of(Whole("a", 2, 2)).tolist() == [False, True, False, False, False]
    assert masks.of(Whole("b", -1, 3)).tolist() == [True, False, False, True, False]


def test_ways_that_are_alike_are_known_at_once():
    masks = Masks(Growing(), ALPHABET)
    letters, room = masks.numbers(Whole("b", 3, 3))
    after = masks.after((letters, room), 2)
    assert after is not None
    assert [masks.state(number) for number in after] == ["a", 2]
    assert masks.tables.after[letters].tolist() == [-1, -1, *[after[0]] * 3]
    assert masks.tables.after[room].tolist() == [-1, after[1], after[1], -1, -1]
    assert masks.after(masks.numbers(Whole("b", -1, 3)), 3) is None


def test_where_one_character_may_follow_the_next_way_is_taken_at_once():
    masks = Masks(Growing(), ALPHABET)
    _, room = masks.numbers(Whole("a", 2, 2))
    one = masks.step(room, 1)
    none = masks.step(one, 1)
    assert [masks.state(number) for number in (one, none)] == [1, -1]
    assert masks.tables.after[none].tolist() == [-1] * 5
    masks = Masks(_Spelled("a|b.|ab"), Alphabet("ab|."))
    assert masks.after(masks.numbers(0), 1) is not None
    assert [masks.state(number) for number in range(len(masks))] == list(range(8))


def test_ways_from_a_whole_state_are_remembered():
    grammar = Growing()
    masks = Masks(grammar, ALPHABET)
    state = Whole("b", -1, 3)
    after, numbers = masks.follow(state, "|")
    assert after == grammar.step(state, "|")
    assert numbers == masks.numbers(after)
    assert masks.follow(state, "|") == (after, numbers)
    masks = Masks(_Trusting(), ALPHABET)
    assert masks.follow(state, "a")[0] == Whole("b", 4, 4)


@pytest.mark.parametrize("compiled", [True, False])
def test_an_error_of_the_grammar_comes_through(*, compiled: bool):
    model = CharRNN(ModelConfig(vocabulary=ALPHABET.size, hidden=8), seed=1)
    sampler = Sampler(model, ALPHABET, _Broken("ab" * 30), compiled=compiled)
    with pytest.raises(ZeroDivisionError, match="letter 40"):
        list(sampler.samples(3))


@pytest.mark.parametrize("limit", [None, 5])
@pytest.mark.parametrize("compiled", [True, False])
def test_samples_are_the_same_as_without_parts(limit: int | None, *, compiled: bool):
    model = CharRNN(ModelConfig(vocabulary=ALPHABET.size, hidden=8), seed=1)
    config = SampleConfig(max_length=120, min_length=40, seed=2)
    drawn = []
    for grammar in (Growing(), _Plain()):
        sampler = Sampler(model, ALPHABET, grammar, config, compiled=compiled)
        if limit is not None:
            sampler._masks.limit = limit
        drawn.append([sample.text for sample in sampler.samples(9, prime="a|", batch=4)])
    assert drawn[0] == drawn[1]
    assert any("." in text for text in drawn[0])
    assert len(set(drawn[0])) == 9
