"""Drawing texts: options, grammar, seeds."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from lm_toys import ALPHABET, toy_ids
from torch import nn

from textmusic.alphabet import Alphabet
from textmusic.errors import CheckpointError, ConfigError, EncodeError
from textmusic.grammar import first_error
from textmusic.lm import CharRNN, ModelConfig, SampleConfig, Sampler, character_bits
from textmusic.lm.draw import draw, probabilities
from textmusic.lm.masks import Masks
from textmusic.lm.stepper import Stepper


@dataclass(frozen=True)
class Pairs:
    """Texts of the pairs `ab` and `cd`, at least one, ended by a bar."""

    def start(self):
        return "empty"

    def allowed(self, state):
        table = {"empty": "ac", "a": "b", "c": "dZ", "full": "ac|", "over": ""}
        return frozenset(table[state])

    def step(self, state, char):
        if char not in self.allowed(state):
            raise ValueError(char)
        return {"a": "a", "c": "c", "b": "full", "d": "full", "|": "over"}[char]

    def accepting(self, state):
        return state == "over"

    def finish(self, state):
        return {"empty": "ab|", "a": "b|", "c": "d|", "full": "|", "over": ""}[state]


def texts(sampler, number=6, **options):
    return [sample.text for sample in sampler.samples(number, **options)]


def sampler_of(checkpoint, grammar=None, **options):
    return Sampler(checkpoint.model, checkpoint.alphabet, grammar, SampleConfig(**options))


@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn"])
def test_steps_equal_windows(kind):
    model = CharRNN(ModelConfig(vocabulary=7, kind=kind, hidden=12, embedding=5), seed=1)
    ids = torch.randint(1, 7, (9, 4), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected, last = model(ids, model.zero_state(4))
        stepper, state = Stepper(model), model.zero_state(4)
        for row, logits in zip(ids, expected, strict=True):
            got, state = stepper.step(row, state)
            torch.testing.assert_close(got, logits, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(state, last, atol=1e-5, rtol=1e-4)


def test_samples_look_like_the_language(toy_checkpoint):
    drawn = list(sampler_of(toy_checkpoint).samples(200, batch=50))
    joined = "".join(sample.text for sample in drawn)
    follow = sum(joined.count(pair) for pair in ("ab", "bc", "cd", "da"))
    assert follow / len(joined) > 0.75
    assert 15 < len(joined) / 200 < 40
    assert {sample.ended for sample in drawn} == {"boundary"}


def test_bits_are_those_of_the_model_alone(toy_checkpoint):
    for sample in sampler_of(toy_checkpoint, temperature=2.0, top_k=3).samples(5):
        ids = np.r_[0, ALPHABET.encode(sample.text), 0]
        assert sample.bits == pytest.approx(
            character_bits(toy_checkpoint.model, ids).sum(), rel=1e-4
        )
        assert sample.drawn == len(sample.text)


def test_a_sample_depends_on_seed_and_index_only(toy_checkpoint):
    sampler = sampler_of(toy_checkpoint, seed=3)
    together = texts(sampler, 20)
    assert len(set(together)) > 10
    for batch in (1, 3, 7, 20):
        assert texts(sampler, 20, batch=batch) == together
    assert texts(sampler, 5, first=10) == together[10:15]
    assert ["".join(sampler.stream(index=i)) for i in range(5)] == together[:5]
    assert texts(sampler_of(toy_checkpoint, seed=4), 20) != together


def test_greedy_ways_agree(toy_checkpoint):
    greedy = texts(sampler_of(toy_checkpoint, temperature=0.0, max_length=50))
    assert len(set(greedy)) == 1
    for options in ({"top_k": 1}, {"top_p": 1e-9}, {"greedy": 1.0}, {"temperature": 1e-6}):
        assert texts(sampler_of(toy_checkpoint, max_length=50, **options)) == greedy


def test_priming_is_part_of_the_text_and_steers_it(toy_checkpoint):
    sampler = sampler_of(toy_checkpoint, temperature=0.0, max_length=8, min_length=8)
    assert texts(sampler, 1, prime="bcd") == ["bcdabcda"]
    assert "".join(sampler.stream(prime="bcd")) == "abcda"
    assert next(sampler.samples(1, prime="bcd")).drawn == 5


def test_lengths_are_kept(toy_checkpoint):
    drawn = list(sampler_of(toy_checkpoint, min_length=15, max_length=30).samples(40))
    assert all(15 <= len(sample.text) <= 30 for sample in drawn)
    assert {sample.ended for sample in drawn} == {"boundary", "length"}
    cut = [sample for sample in drawn if sample.ended == "length"]
    assert all(len(sample.text) == 30 for sample in cut)


def test_the_caller_may_stop_a_sample(toy_checkpoint):
    sampler = sampler_of(toy_checkpoint, min_length=50)
    for sample in sampler.samples(5, stop=lambda text: text.count("a") == 3):
        assert sample.ended == "stop"
        assert sample.text.count("a") == 3
        assert sample.text.endswith("a")


def test_a_long_text_is_shown_to_the_caller_now_and_then(toy_checkpoint):
    seen = []
    sampler = sampler_of(toy_checkpoint, max_length=2000)
    [sample] = sampler.samples(1, stop=lambda text: bool(seen.append(len(text))))
    assert sample.ended == "length"
    assert seen[:20] == list(range(1, 21))
    assert len(seen) < 200
    assert all(b - a <= 1 + a // 32 for a, b in itertools.pairwise(seen))


def test_forbidden_characters_are_not_drawn_and_required_ones_are(toy_checkpoint):
    drawn = texts(sampler_of(toy_checkpoint, max_length=40, forbid="a", seed=2), 20)
    assert not any("a" in text for text in drawn)
    drawn = texts(sampler_of(toy_checkpoint, max_length=400, require="abcd"), 20)
    assert all(set(text) >= set("abcd") for text in drawn)
    with pytest.raises(ConfigError, match="no character"):
        sampler_of(toy_checkpoint, forbid="é")
    with pytest.raises(ConfigError, match="both forbidden and required"):
        SampleConfig(forbid="ab", require="b")


def test_a_grammar_that_leaves_no_choice_overrides_what_is_forbidden(toy_checkpoint):
    drawn = texts(sampler_of(toy_checkpoint, Pairs(), max_length=15, forbid="b"), 20)
    assert any("b" in text for text in drawn)
    assert all(first_error(Pairs(), text) is None for text in drawn)


def test_what_leads_steers_the_text_and_is_not_shown(toy_checkpoint):
    sampler = sampler_of(toy_checkpoint, temperature=0.0, max_length=5, min_length=5)
    shown = next(sampler.samples(1, prime="bcd")).text
    lead = sampler.alphabet.encode("bcd").tolist()
    assert next(sampler.samples(1, lead=lead)).text[:2] == shown[3:]
    assert "".join(sampler.stream(lead=lead)) == next(sampler.samples(1, lead=lead)).text


def test_a_model_may_know_ids_that_the_alphabet_lacks(toy_checkpoint):
    fewer = Alphabet(toy_checkpoint.alphabet.chars[:-1])
    for sample in Sampler(toy_checkpoint.model, fewer, None, SampleConfig(max_length=60)).samples(
        9
    ):
        assert set(sample.text) <= set(fewer.chars)


def test_a_grammar_is_obeyed_and_finishes_what_is_cut(toy_checkpoint):
    grammar = Pairs()
    for sample in sampler_of(toy_checkpoint, grammar, max_length=15).samples(30, batch=8):
        state = grammar.start()
        for char in sample.text:
            state = grammar.step(state, char)
        assert grammar.accepting(state)
        assert (sample.finish == "") == (sample.ended == "boundary" or sample.text[-1:] == "")
        if sample.ended == "length":
            assert len(sample.text) == 15 + len(sample.finish)


def test_a_stream_ends_with_the_grammars_ending(toy_checkpoint):
    sampler = sampler_of(toy_checkpoint, Pairs(), max_length=9)
    pieces = list(sampler.stream(prime="a"))
    assert "a" + "".join(pieces) == texts(sampler, 1, prime="a")[0]
    assert pieces[-1].endswith("|")


def test_priming_texts_that_cannot_be_are_refused(toy_checkpoint):
    plain = sampler_of(toy_checkpoint, max_length=4)
    with pytest.raises(EncodeError, match="no such character") as caught:
        texts(plain, prime="abX")
    assert caught.value.issues[0].offset == 2
    with pytest.raises(EncodeError, match="grammar forbids") as caught:
        texts(sampler_of(toy_checkpoint, Pairs()), prime="abb")
    assert caught.value.issues[0].offset == 2
    with pytest.raises(ConfigError, match="max_length 4"):
        texts(plain, prime="abcd")


def test_alphabet_and_model_must_fit(toy_checkpoint):
    with pytest.raises(ConfigError, match="7 ids"):
        Sampler(toy_checkpoint.model, Alphabet("abcdef"))


def test_a_diverged_model_is_refused(toy_checkpoint):
    nn.init.constant_(toy_checkpoint.model.output.bias, math.nan)
    with pytest.raises(CheckpointError, match="diverged"):
        texts(sampler_of(toy_checkpoint))


def test_sampling_does_not_touch_the_model_in_training(toy_checkpoint):
    model = toy_checkpoint.model.train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    texts(sampler_of(toy_checkpoint, max_length=20))
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


LOGITS = np.log(np.array([[0.4, 0.3, 0.2, 0.1]]))
ALL = np.ones((1, 4), bool)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.4, 0.3, 0.2, 0.1]),
        ({"top_k": 2}, [4 / 7, 3 / 7, 0, 0]),
        ({"top_k": 9}, [0.4, 0.3, 0.2, 0.1]),
        ({"top_p": 0.65}, [4 / 7, 3 / 7, 0, 0]),
        ({"top_p": 0.71}, [4 / 9, 3 / 9, 2 / 9, 0]),
        ({"top_k": 3, "top_p": 0.4}, [1, 0, 0, 0]),
        ({"temperature": 0.5}, [16 / 30, 9 / 30, 4 / 30, 1 / 30]),
        ({"temperature": 1e9}, [0.25] * 4),
    ],
)
def test_filters_keep_what_they_say(options, expected):
    result = probabilities(LOGITS, ALL, SampleConfig(**options))
    assert result[0] == pytest.approx(expected, abs=1e-6)


def test_a_mask_comes_before_every_filter():
    allowed = np.array([[False, True, False, True]])
    result = probabilities(LOGITS, allowed, SampleConfig(top_k=1))
    assert result[0].tolist() == [0, 1, 0, 0]
    chances = np.full((1, 2), 0.999999)
    assert draw(LOGITS, allowed, chances, SampleConfig())[0].tolist() == [3]


def test_draws_follow_the_distribution_and_the_greedy_mix():
    rng = np.random.default_rng(0)
    count = 20_000
    many = np.repeat(LOGITS, count, axis=0), np.ones((count, 4), bool)
    chosen, bits = draw(*many, rng.random((count, 2)), SampleConfig())
    assert np.bincount(chosen) / count == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=0.015)
    assert bits == pytest.approx(-np.log2(np.array([0.4, 0.3, 0.2, 0.1]))[chosen])
    chosen, _ = draw(*many, rng.random((count, 2)), SampleConfig(greedy=0.5))
    assert np.bincount(chosen) / count == pytest.approx([0.7, 0.15, 0.1, 0.05], abs=0.015)


def test_masks_are_shared_and_bounded():
    masks = Masks(Pairs(), ALPHABET, limit=2)
    full = masks.of("full")
    assert full.tolist() == [False, True, False, True, False, True]
    assert masks.number("full") == masks.number("full")
    assert masks.of("over").tolist() == [True] + [False] * 5
    masks.of("a")
    assert masks.of("c").tolist() == [False] * 4 + [True, False]
    assert len(masks) <= 2


def test_masks_of_many_states_outgrow_their_first_tables():
    masks = Masks(Counted(), ALPHABET)
    assert all(masks.of(state).any() for state in range(1000))


@dataclass(frozen=True)
class Counted:
    """Any text of a and b, with a state for each length."""

    def start(self):
        return 0

    def allowed(self, state):
        return frozenset("ab")

    def step(self, state, char):
        return state + 1

    def accepting(self, state):
        return state > 50

    def finish(self, state):
        return "a" * (51 - state)


def test_what_was_not_needed_for_longest_is_forgotten_first():
    masks = Masks(Counted(), ALPHABET, limit=8)
    place = masks.number(0)
    for _ in range(100):
        kept = masks.number(-1)
        place = masks.step(place, 1)
        assert masks.number(-1) == kept
        assert len(masks) <= 8
    assert masks.state(place) == 100
    for number in {masks.number(-1), place}:
        for after in masks.tables.after[number].tolist():
            assert after < 0 or masks.state(after) == masks.state(number) + 1


@pytest.mark.parametrize("compiled", [True, False])
def test_forgetting_changes_no_sample_even_of_another_run(toy_checkpoint, compiled):
    config = SampleConfig(max_length=80, seed=1)
    how = toy_checkpoint.model, ALPHABET, Counted(), config
    expected = texts(Sampler(*how, compiled=compiled), 12)
    sampler = Sampler(*how, compiled=compiled)
    sampler._masks.limit = 3
    streams = [sampler.stream(index=i) for i in range(3)]
    pieces = list(itertools.zip_longest(*streams, fillvalue=""))
    assert ["".join(column) for column in zip(*pieces, strict=True)] == expected[:3]
    assert texts(sampler, 12) == expected
    assert len(sampler._masks) <= 40


def test_a_grammar_in_a_dead_end_is_named():
    class Dead(Pairs):
        def allowed(self, state):
            return frozenset("Z")

    with pytest.raises(ConfigError, match="allows no character"):
        Masks(Dead(), ALPHABET).of("a")


def test_toy_documents_are_made_of_the_toy_alphabet():
    assert toy_ids(3, 0).max() < ALPHABET.size
