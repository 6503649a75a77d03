"""The compiled training steps equal PyTorch's: gradients, states, updates, bits."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
import torch
from lm_toys import ALPHABET, toy_ids
from torch.nn import functional

from textmusic.errors import ConfigError
from textmusic.lm import CharRNN, ModelConfig, TrainConfig, fit, learner
from textmusic.lm.data import Window
from textmusic.lm.kernels import numeric, trainer
from textmusic.lm.kernels.trainer import CompiledTrainer
from textmusic.lm.plain import PlainTrainer
from textmusic.lm.precision import choose_precision
from textmusic.lm.recurrence import unroll

KINDS = ("gru", "lstm", "rnn")
TIME, VOCABULARY = 14, 11


def model_of(kind, layers, **fields):
    config = ModelConfig(
        vocabulary=VOCABULARY, kind=kind, layers=layers, hidden=20, embedding=9, **fields
    )
    return CharRNN(config, seed=1)


def window_of(batch, seed=0):
    """A window in which documents start in the middle, at its beginning and twice in a row."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(1, VOCABULARY, (TIME + 1, batch))
    ids[rng.random(ids.shape) < 0.1] = 0
    ids[0, 0] = 0
    ids[5:7, batch - 1] = 0
    return Window(ids[:-1], ids[1:])


def state_of(model, batch):
    generator = torch.Generator().manual_seed(3)
    return tuple(torch.randn(s.shape, generator=generator) / 2 for s in model.zero_state(batch))


def compiled(model, batch, dtype=torch.float32, **fields):
    return CompiledTrainer(model, TrainConfig(window=TIME, batch=batch, **fields), batch, dtype)


def expected(model, window, state):
    """The loss, gradients and state that autograd and torch's own layers give."""
    model.zero_grad()
    logits, after = model(torch.from_numpy(window.inputs), state)
    targets = torch.from_numpy(window.targets)
    loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    loss.backward()
    return loss.item(), {n: p.grad for n, p in model.named_parameters()}, after


def assert_near(found, wanted, tolerance):
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        error = (found[name] - value).norm() / value.norm()
        assert error < tolerance, (name, float(error))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize(("batch", "threads"), [(6, 1), (1, 1), (5, 3)])
def test_gradients_equal_those_of_torch_in_float32(kind, layers, batch, threads):
    model, window = model_of(kind, layers), window_of(batch)
    state = state_of(model, batch)
    loss, gradients, after = expected(model, window, state)
    ours = compiled(model, batch, threads=threads)
    for _ in range(2):  # nothing is left over from an earlier window
        nats, reached = ours.differentiate(window, state, 0)
    assert nats == pytest.approx(loss, rel=1e-6)
    assert_near(ours.gradients, gradients, 1e-5)
    for part, wanted in zip(reached, after, strict=True):
        torch.testing.assert_close(part, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_gradients_are_near_those_of_torch_in_bfloat16(kind, layers):
    model, window = model_of(kind, layers), window_of(6)
    state = state_of(model, 6)
    loss, gradients, _ = expected(model, window, state)
    ours = compiled(model, 6, torch.bfloat16)
    nats, _ = ours.differentiate(window, state, 0)
    assert nats == pytest.approx(loss, rel=1e-3)
    assert_near(ours.gradients, gradients, 1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_with_dropout_equal_those_of_torch_with_the_same_mask(kind, monkeypatch):
    model, window = model_of(kind, 3, dropout=0.4), window_of(4)
    rng = np.random.default_rng(2)
    masks = [rng.random((TIME, 4, 20)) < 0.6 for _ in range(3)]
    monkeypatch.setattr(trainer, "_keep", lambda *_: masks)
    state = state_of(model, 4)
    hidden = model.embedding(torch.from_numpy(window.inputs))
    for layer, mask in enumerate(masks):
        alone = type(model.rnn)(hidden.shape[2], 20)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            delattr(alone, f"{name}_l0")
            setattr(alone, f"{name}_l0", getattr(model.rnn, f"{name}_l{layer}"))
        before = tuple(s[layer : layer + 1] for s in state)
        outputs, _ = unroll(alone, hidden, before, window.inputs == 0)
        hidden = outputs * torch.from_numpy(mask) / 0.6
    logits = model.output(hidden).flatten(0, 1)
    functional.cross_entropy(logits, torch.from_numpy(window.targets).flatten()).backward()
    wanted = {n: p.grad for n, p in model.named_parameters()}
    monkeypatch.setattr(CompiledTrainer, "_compile", lambda self: None)
    ours = compiled(model, 4)
    ours.differentiate(window, state, 0)
    assert_near(ours.gradients, wanted, 1e-5)


def test_dropout_drops_the_share_asked_for_and_another_each_step():
    config = model_of("gru", 2, dropout=0.3).config
    first, again, other = (trainer._keep(config, (50, 40), (0, n)) for n in (1, 1, 2))
    assert np.mean(first) == pytest.approx(0.7, abs=0.01)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_steps_change_the_weights_as_torch_would(kind):
    ours, plain = model_of(kind, 2), model_of(kind, 2)
    train = TrainConfig(steps=20, window=TIME, batch=3, peak=1e-2, clip=0.2)
    trainers = CompiledTrainer(ours, train, 3, torch.float32), PlainTrainer(plain, train)
    states = [model.zero_state(3) for model in (ours, plain)]
    for number in range(5):
        window = window_of(3, seed=number)
        losses = []
        for index, one in enumerate(trainers):
            nats, states[index] = one.step(window, states[index], number)
            losses.append(nats)
        assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for ours_, plain_ in zip(ours.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours_, plain_, rtol=1e-4, atol=1e-5)
    found, wanted = (one.moments() for one in trainers)
    assert_near(found, {name: wanted[name] for name in found}, 1e-4)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_equal_steps_end_with_equal_bits(threads, dtype):
    ends = []
    for _ in range(2):
        model = model_of("gru", 2, dropout=0.2)
        ours = compiled(model, 6, dtype, threads=threads)
        state = model.zero_state(6)
        for number in range(3):
            _, state = ours.step(window_of(6, seed=number), state, number)
        ends.append([*model.state_dict().values(), *state])
    assert all(torch.equal(*pair) for pair in itertools.zip_longest(*ends))


def test_torch_keeps_its_number_of_threads():
    before = torch.get_num_threads()
    model = model_of("gru", 1)
    compiled(model, 4, threads=2).step(window_of(4), model.zero_state(4), 0)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("batch", [2, 4])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_step_that_is_not_finite_is_not_taken(batch, value):
    model = model_of("gru", 2)
    ours = compiled(model, batch)
    with torch.no_grad():
        model.rnn.weight_hh_l1[3, 4] = value
    before = model.output.weight.detach().clone()
    nats, _ = ours.step(window_of(batch), model.zero_state(batch), 0)
    assert np.isnan(nats)
    assert torch.equal(model.output.weight, before)


def test_ids_that_do_not_occur_have_no_gradient():
    model = model_of("gru", 1)
    ours = compiled(model, 2)
    ids = np.full((TIME, 2), 4)
    ours.differentiate(Window(ids, ids), model.zero_state(2), 0)
    rows = ours.gradients["embedding.weight"].abs().sum(1)
    assert np.flatnonzero(rows.numpy()).tolist() == [4]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0, 1e4])
def test_the_functions_are_those_of_numpy(scale):
    x = (np.random.default_rng(0).standard_normal(1000) * scale).astype(np.float32)
    wide = x.astype(np.float64)
    with np.errstate(over="ignore"):
        pairs = [
            (numeric.sigmoid, 1 / (1 + np.exp(-wide))),
            (numeric.tanh, np.tanh(wide)),
        ]
    for function, wanted in pairs:
        found = np.array([function(value) for value in x])
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=3e-7)


def test_bfloat16_is_rounded_as_torch_does():
    x = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    bits = np.zeros(1000, np.uint16)

    @numeric.compiled
    def convert(values, out):
        for n in range(len(out)):
            out[n] = numeric.narrow(values[n], out)
        for n in range(len(out)):
            values[n] = numeric.wide(out[n])

    wanted = torch.from_numpy(x).bfloat16()
    convert(x, bits)
    assert np.array_equal(bits.view(np.int16), wanted.view(torch.int16).numpy())
    assert np.array_equal(x, wanted.float().numpy())


def test_old_machine_code_is_not_used_with_new_sources(monkeypatch):
    cache = numeric.exp._cache
    signature, codegen = numeric.exp.signatures, numeric.exp.targetctx.codegen()
    before = cache._index_key(signature, codegen)
    monkeypatch.setattr(numeric, "_SOURCES", "changed")
    assert cache._index_key(signature, codegen) != before


def test_the_precision_is_that_asked_for_or_follows_from_the_size():
    small, large = (ModelConfig(vocabulary=90, hidden=hidden) for hidden in (32, 256))
    for name in ("float32", "bfloat16"):
        assert choose_precision(small, TrainConfig(precision=name), 16) == name
    assert choose_precision(small, TrainConfig(), 64) == "float32"
    assert choose_precision(large, TrainConfig(), 4) == "float32"
    assert choose_precision(large, TrainConfig(device="cuda"), 64) == "float32"
    assert choose_precision(large, TrainConfig(), 64) == choose_precision(large, TrainConfig(), 64)
    with pytest.raises(ConfigError, match="auto, float32, bfloat16"):
        TrainConfig(precision="int8")


def test_a_run_keeps_the_precision_that_it_was_started_with(tmp_path, monkeypatch):
    ids, header = toy_ids(60, 0), {"alphabet": ALPHABET.chars}
    model = ModelConfig(vocabulary=ALPHABET.size, layers=1, hidden=16)
    train = TrainConfig(steps=6, batch=4, window=10)
    monkeypatch.setattr(learner, "choose_precision", lambda *_: "bfloat16")
    for _ in fit(model, train, ids, None, tmp_path / "whole", header):
        pass
    for step in fit(model, train, ids, None, tmp_path / "cut", header):
        if step.step == 3:
            break
    monkeypatch.setattr(learner, "choose_precision", lambda *_: "float32")
    for _ in fit(model, train, ids, None, tmp_path / "cut", header, resume=True):
        pass
    for _ in fit(model, train, ids, None, tmp_path / "other", header):
        pass
    whole, cut, other = (
        (tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "cut", "other")
    )
    assert whole == cut != other


@pytest.mark.parametrize("module", ["textmusic.lm", "textmusic.lm.config", "textmusic.cli.train"])
def test_numba_is_not_imported_before_a_training(module):
    code = f"import sys, {module}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
