"""Windows by products of our own equal PyTorch's: gradients, states, bits; and the products numpy's."""

import itertools

import numpy as np
import pytest
import torch
from test_kernels import assert_near, compiled, expected, state_of
from torch.nn import functional

from textmusic.lm import CharRNN, ModelConfig
from textmusic.lm.data import Window
from textmusic.lm.kernels import curves, lanes, numeric, packed, panels, trainer
from textmusic.lm.kernels.blocks import BlockWindow
from textmusic.lm.kernels.lanes import LANES
from textmusic.lm.kernels.tiles import BFLOAT16, WIDTH
from textmusic.lm.kernels.trainer import CompiledTrainer
from textmusic.lm.recurrence import unroll

KINDS = ("gru", "lstm", "rnn")
TIME, VOCABULARY, HIDDEN = 14, 37, 2 * WIDTH


def model_of(kind, layers, embedding=None, dropout=0.0):
    sizes = {"vocabulary": VOCABULARY, "hidden": HIDDEN, "embedding": embedding}
    return CharRNN(ModelConfig(kind=kind, layers=layers, dropout=dropout, **sizes), seed=1)


def window_of(batch, seed=0):
    """Documents start in the middle, at the beginning and twice in a row."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(1, VOCABULARY, (TIME + 1, batch))
    ids[rng.random(ids.shape) < 0.1] = 0
    ids[0, 0] = 0
    ids[5:7, batch - 1] = 0
    return Window(ids[:-1], ids[1:])


@pytest.fixture(autouse=True)
def _own_products(monkeypatch):
    """Run them also where LLVM has to split their vectors."""
    monkeypatch.setattr(packed, "FEATURES", {"avx2": True})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("layers", "embedding", "batch", "threads"),
    [(1, 9, 1, 1), (2, None, 7, 1), (3, 40, 60, 1), (2, None, 5, 3)],
)
def test_gradients_equal_those_of_torch_in_float32(kind, layers, embedding, batch, threads):
    model, window = model_of(kind, layers, embedding), window_of(batch)
    state = state_of(model, batch)
    loss, gradients, after = expected(model, window, state)
    ours = compiled(model, batch, threads=threads)
    assert ours.path == "compiled, own products"
    for _ in range(2):  # nothing is left over from an earlier window
        nats, reached = ours.differentiate(window, state, 0)
    assert nats == pytest.approx(loss, rel=1e-6)
    assert_near(ours.gradients, gradients, 1e-5)
    for part, wanted in zip(reached, after, strict=True):
        torch.testing.assert_close(part, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("layers", "batch"), [(1, 2), (2, 7), (2, 60)])
def test_gradients_are_near_those_of_torch_in_bfloat16(kind, layers, batch):
    model, window = model_of(kind, layers, 9), window_of(batch)
    state = state_of(model, batch)
    loss, gradients, _ = expected(model, window, state)
    ours = compiled(model, batch, torch.bfloat16)
    assert (ours.path == "compiled, own products") == BFLOAT16
    nats, _ = ours.differentiate(window, state, 0)
    assert nats == pytest.approx(loss, rel=1e-3)
    assert_near(ours.gradients, gradients, 1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_with_dropout_equal_those_of_torch_with_the_same_mask(kind, monkeypatch):
    model, window = model_of(kind, 2, dropout=0.4), window_of(4)
    rng = np.random.default_rng(2)
    masks = [rng.random((TIME, 4, HIDDEN)) < 0.6 for _ in range(2)]
    monkeypatch.setattr(trainer, "_keep", lambda *_: masks)
    monkeypatch.setattr(CompiledTrainer, "_compile", lambda self: None)
    state = state_of(model, 4)
    hidden = model.embedding(torch.from_numpy(window.inputs))
    for layer, mask in enumerate(masks):
        alone = type(model.rnn)(HIDDEN, HIDDEN)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            delattr(alone, f"{name}_l0")
            setattr(alone, f"{name}_l0", getattr(model.rnn, f"{name}_l{layer}"))
        before = tuple(s[layer : layer + 1] for s in state)
        outputs, _ = unroll(alone, hidden, before, window.inputs == 0)
        hidden = outputs * torch.from_numpy(mask) / 0.6
    logits = model.output(hidden).flatten(0, 1)
    functional.cross_entropy(logits, torch.from_numpy(window.targets).flatten()).backward()
    ours = compiled(model, 4)
    ours.differentiate(window, state, 0)
    assert_near(ours.gradients, {n: p.grad for n, p in model.named_parameters()}, 1e-5)


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


def test_a_stream_does_not_depend_on_those_beside_it():
    model, window = model_of("gru", 2), window_of(11)
    state = state_of(model, 11)
    _, (together,) = compiled(model, 11).differentiate(window, state, 0)
    part = Window(window.inputs[:, 8:], window.targets[:, 8:])
    _, (alone,) = compiled(model, 3).differentiate(part, (state[0][:, 8:],), 0)
    torch.testing.assert_close(alone, together[:, 8:], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_step_that_is_not_finite_is_not_taken(value):
    model = model_of("gru", 2)
    ours = compiled(model, 4)
    with torch.no_grad():
        model.rnn.weight_hh_l1[3, 4] = value
    before = model.output.weight.detach().clone()
    nats, _ = ours.step(window_of(4), model.zero_state(4), 0)
    assert np.isnan(nats)
    assert torch.equal(model.output.weight, before)


def test_products_are_left_to_torch_where_ours_do_not_fit_or_are_not_wanted(monkeypatch):
    config = model_of("gru", 1).config
    odd = ModelConfig(vocabulary=9, hidden=WIDTH + 1)
    assert packed.fits(config, torch.float32)
    assert not packed.fits(odd, torch.float32)
    monkeypatch.setenv("TEXTMUSIC_PRODUCTS", "torch")
    assert not packed.fits(config, torch.float32)
    assert compiled(model_of("gru", 1), 4).path == "compiled"
    monkeypatch.delenv("TEXTMUSIC_PRODUCTS")
    monkeypatch.setattr(packed, "FEATURES", {})
    assert not packed.fits(config, torch.float32)


def test_large_layers_are_left_to_a_processor_with_matrix_instructions(monkeypatch):
    monkeypatch.setattr(packed, "BFLOAT16", True)
    small, large = (ModelConfig(vocabulary=9, hidden=hidden) for hidden in (128, 256))
    assert packed.fits(large, torch.bfloat16)
    monkeypatch.setattr(packed, "FEATURES", {"amx-bf16": True})
    assert packed.fits(small, torch.bfloat16)
    assert not packed.fits(large, torch.bfloat16)


def test_weights_that_are_not_packed_are_refused():
    model = model_of("gru", 1)
    weights = trainer.Weights(model.config, trainer.Flat(model), torch.float32)
    with pytest.raises(ValueError, match="packed"):
        BlockWindow(weights, {}, 2, 2)


@numeric.compiled
def _curves(x, out):
    for n in range(0, len(x), LANES):
        value = lanes.load(x, n)
        lanes.store(out[0], n, curves.sigmoid(value))
        lanes.store(out[1], n, curves.tanh(value))
        lanes.store(out[2], n, curves.exp2(value))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0, 1e4])
def test_the_functions_are_those_of_numpy(scale):
    x = (np.random.default_rng(0).standard_normal(64 * LANES) * scale).astype(np.float32)
    out, wide = np.zeros((3, len(x)), np.float32), x.astype(np.float64)
    _curves(x, out)
    with np.errstate(over="ignore"):
        wanted = 1 / (1 + np.exp(-wide)), np.tanh(wide), 2.0 ** np.clip(wide, -126, 126)
    for found, want in zip(out, wanted, strict=True):
        np.testing.assert_allclose(found, want, rtol=1e-5, atol=3e-7)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 33, 100])
def test_products_are_those_of_numpy(rows):
    rng = np.random.default_rng(rows)
    left, right = (
        rng.standard_normal(shape).astype(np.float32) for shape in ((rows, 48), (48, 64))
    )
    across, out = (
        np.zeros((64 // WIDTH, 48, WIDTH), np.float32),
        np.zeros((1, rows, 64), np.float32),
    )
    panels.pack_pairs(right[np.newaxis], 0, 48, across, 0)
    panels.multiply(left[np.newaxis], 0, rows, 0, across, 48, out, 0)
    np.testing.assert_allclose(out[0], left @ right, rtol=1e-4, atol=1e-5)
    turned = np.ascontiguousarray(right.T).view(np.uint32)
    panels.pack_turned(turned, across.view(np.uint32), 0, 1)
    panels.multiply(left[np.newaxis], 0, rows, 0, across, 48, out, 0)
    np.testing.assert_allclose(out[0], left @ right, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rows", [1, 5, 40])
def test_gradients_of_weights_are_sums_over_rows_turned_and_added(rows):
    rng = np.random.default_rng(rows)
    deltas, inputs = (rng.standard_normal((rows, 64)).astype(np.float32) for _ in range(2))
    left, right = (np.zeros((64 // WIDTH, rows, WIDTH), np.float32) for _ in range(2))
    panels.pack_pairs(deltas[np.newaxis], 0, rows, left, 0)
    panels.pack_pairs(inputs[np.newaxis], 0, rows, right, 0)
    out = np.zeros((64, 64), np.float32)
    wanted = np.roll(deltas.T @ inputs, 32, axis=0)
    for times in (1, 2):
        panels.gradient(left, 0, 32, right, rows, out, times > 1)
        np.testing.assert_allclose(out, times * wanted, rtol=1e-4, atol=1e-4)
