"""Compiled sampling steps against the plain ones."""

import sys

import numpy as np
import pytest
import torch
from lm_toys import ALPHABET, toy_ids
from test_lm_sample import Pairs

from textmusic.errors import ConfigError
from textmusic.lm import CharRNN, ModelConfig, SampleConfig, Sampler, evaluate
from textmusic.lm.draw import draw
from textmusic.lm.kernels import whole
from textmusic.lm.kernels.choosing import choose
from textmusic.lm.kernels.lanes import LANES, load
from textmusic.lm.kernels.nets import net_of
from textmusic.lm.kernels.numeric import compiled
from textmusic.lm.kernels.products import strip
from textmusic.lm.kernels.stepping import Work, step
from textmusic.lm.rows import Options
from textmusic.lm.stepper import Stepper
from textmusic.lm.weights import rounded, stored

PRECISIONS = ("float32", "bfloat16", "int8")
WHOLE = {whole.STORED, np.dtype(np.int16)}
"""The ways of products of whole numbers that this processor knows."""
TOLERANCE = {"float32": 1e-5, "bfloat16": 1e-5, "int8": 2e-2}  # int8 rounds hidden states, too


def toy_model(kind="gru", hidden=12, layers=2, vocabulary=7):
    config = ModelConfig(
        vocabulary=vocabulary, kind=kind, hidden=hidden, layers=layers, embedding=5
    )
    return CharRNN(config, seed=1)


def read(net, ids):
    """Logits (T, B, V) of streams of ids (T, B)."""
    hidden, memory = (np.repeat(part, ids.shape[1], axis=1) for part in net.zero_state())
    work, found = Work.of(net, ids.shape[1]), []
    for row in ids:
        step(net, row, hidden, memory, work)
        found.append(work.logits + net.bias_out)
    return np.array(found)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn"])
def test_compiled_steps_equal_plain_ones(kind, precision):
    model = toy_model(kind)
    ids = np.random.default_rng(0).integers(1, 7, (9, 5))
    stepper, state = Stepper(model, precision), model.zero_state(5)
    got = read(net_of(model, precision), ids)[:, :, :7]
    for row, logits in zip(ids, got, strict=True):
        with torch.no_grad():
            expected, state = stepper.step(torch.from_numpy(row), state)
        assert np.abs(expected.numpy() - logits).max() < TOLERANCE[precision]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("kind", "hidden", "layers"), [("lstm", 9, 1), ("gru", 101, 2)])
def test_a_stream_is_the_same_to_the_last_bit_in_any_company(kind, hidden, layers, precision):
    net = net_of(toy_model(kind, hidden, layers, vocabulary=300), precision)
    ids = np.random.default_rng(0).integers(0, 300, (6, 17))
    together = read(net, ids)
    for count in (1, 2, 3, 4, 7, 11):
        assert np.array_equal(read(net, ids[:, :count]), together[:, :count])


@pytest.mark.parametrize("like", WHOLE)
@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn"])
def test_sums_of_whole_numbers_are_exact_on_every_way(kind, like):
    @compiled
    def outputs(net, hidden, work):
        for j in range(0, hidden.size, LANES):
            whole.keep(work.below, j, load(hidden, j))
        width = net.kind.gates * LANES
        for panel in range(work.logits.shape[1] // width):
            strip(net.kind, work.below, net.output, panel, work.logits, panel * width)

    model, rng = toy_model(kind, 80, vocabulary=90), np.random.default_rng(0)
    with torch.no_grad():
        model.output.weight.copy_(torch.from_numpy(rng.uniform(-1, 1, (90, 80))).sign())
    net = net_of(model, "int8", like)
    for count in (1, 2, 5, 17):
        states = rng.uniform(-1, 1, (count, 80)).astype(np.float32)
        states[0] = model.output.weight[0].detach().numpy()
        work = Work.of(net, count)
        outputs(net, states, work)
        weights, scale = stored(model.output.weight, "int8")
        sums = np.rint(states * np.float32(127)).astype(int) @ weights.T.astype(int)
        assert abs(sums[0, 0]) == 127 * 127 * 80
        expected = sums.astype(np.float32) * (scale / np.float32(127))
        assert np.array_equal(work.logits[:, :90], expected)
        assert not work.logits[:, 90:].any()


def test_models_draw_the_same_with_whole_numbers_by_two_as_by_four():
    ids = np.random.default_rng(0).integers(0, 7, (6, 9))
    one, *others = (read(net_of(toy_model(), "int8", like), ids) for like in WHOLE)
    assert all(np.array_equal(one, other) for other in others)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_sample_does_not_depend_on_those_beside_it(toy_checkpoint, precision):
    config = SampleConfig(seed=3, top_p=0.97)
    for grammar in (None, Pairs()):
        how = toy_checkpoint.model, ALPHABET, grammar, config
        sampler = Sampler(*how, precision=precision)
        together = [sample.text for sample in sampler.samples(20)]
        for batch in (1, 2, 5):
            assert [sample.text for sample in sampler.samples(20, batch=batch)] == together
        assert ["".join(sampler.stream(index=i)) for i in range(6)] == together[:6]


@pytest.mark.parametrize(
    "options", [{}, {"top_p": 0.9, "temperature": 1.3}, {"top_k": 3, "greedy": 0.3}]
)
def test_compiled_and_plain_samples_are_the_same(toy_checkpoint, options):
    config = SampleConfig(max_length=60, min_length=10, require="b", forbid="d", **options)
    for grammar in (None, Pairs()):
        how = toy_checkpoint.model, ALPHABET, grammar, config
        compiled, plain = Sampler(*how), Sampler(*how, compiled=False)
        assert (compiled.compiled, plain.compiled) == (True, False)
        for stop in (None, lambda text: text.count("b") > 3):
            pairs = zip(compiled.samples(25, stop=stop), plain.samples(25, stop=stop), strict=True)
            for one, other in pairs:
                assert (one.text, one.ended, one.finish) == (other.text, other.ended, other.finish)
                assert one.bits == pytest.approx(other.bits, rel=1e-4)


def test_without_numba_the_plain_path_is_taken(toy_checkpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "textmusic.lm.kernels.writing", None)
    sampler = Sampler(toy_checkpoint.model, ALPHABET)
    assert not sampler.compiled
    assert next(sampler.samples(1)).text


def test_weights_in_fewer_bits_cost_little(toy_checkpoint):
    model, ids = toy_checkpoint.model, toy_ids(300, 5)
    exact = evaluate(model, ids).bits_per_char
    for precision, limit in (("bfloat16", 1e-3), ("int8", 5e-3)):
        with torch.no_grad():
            for weight in model.parameters():
                if weight.dim() == 2:
                    weight.copy_(rounded(weight, precision))
        assert abs(evaluate(model, ids).bits_per_char - exact) < limit


def test_an_unknown_precision_is_refused(toy_checkpoint):
    with pytest.raises(ConfigError, match="float32, bfloat16, int8"):
        Sampler(toy_checkpoint.model, ALPHABET, precision="float64")


def test_the_fastest_precision_is_taken_where_compiled_code_runs(toy_checkpoint, monkeypatch):
    def taken(**how):
        return Sampler(toy_checkpoint.model, ALPHABET, precision="auto", **how).precision

    monkeypatch.setattr(whole, "pays", lambda: True)
    assert taken() == "int8"
    assert taken(compiled=False) == "float32"
    monkeypatch.setattr(whole, "pays", lambda: False)
    assert taken() == "float32"
    monkeypatch.setitem(sys.modules, "textmusic.lm.kernels.whole", None)
    monkeypatch.setitem(sys.modules, "textmusic.lm.kernels.writing", None)
    assert taken() == "float32"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"top_p": 0.9},
        {"top_p": 0.3, "temperature": 1.7},
        {"top_k": 5},
        {"top_k": 20, "top_p": 0.8, "temperature": 0.5, "greedy": 0.2},
        {"temperature": 0.0},
        {"temperature": 1e-300},
        {"temperature": 1e300},
    ],
)
def test_compiled_draws_equal_plain_ones(options):
    rng = np.random.default_rng(1)
    count, size = 400, 37
    logits = rng.normal(0, 3, (count, size)).astype(np.float32)
    logits[::3] = np.round(logits[::3])  # many are equal
    allowed = rng.random((count, size)) < 0.4
    allowed[np.arange(count), rng.integers(0, size, count)] = True
    chances = rng.random((count, 2))
    config = SampleConfig(**options)
    expected, bits = draw(logits.astype(np.float64), allowed, chances, config)
    scratch = np.empty((2, size), np.float32)
    for b in range(count):
        chosen, cost = choose(logits[b], allowed[b], chances[b], Options.of(config), scratch)
        assert chosen == expected[b]
        assert cost == pytest.approx(bits[b], abs=1e-5)
