"""Adam along the axes of the gradients: what it does, when it does nothing, what it keeps."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from textmusic.lm import CharRNN, ModelConfig, TrainConfig
from textmusic.lm.adam import BOUND, adam, decay
from textmusic.lm.axes import Axes
from textmusic.lm.data import Window
from textmusic.lm.kernels.adam import adam as kernel
from textmusic.lm.kernels.trainer import CompiledTrainer
from textmusic.lm.plain import PlainTrainer

TIME, BATCH, UNITS = 16, 8, 12
CONFIG = ModelConfig(vocabulary=30, hidden=UNITS)
TRAIN = TrainConfig(steps=200, window=TIME, batch=BATCH, peak=1e-2)


def window_of(number):
    ids = np.random.default_rng(number).integers(0, 30, (TIME + 1, BATCH))
    return Window(ids[:-1], ids[1:])


def loss_after(steps, chars):
    """The loss of a map learnt from inputs that are nearly alike."""
    generator = torch.Generator().manual_seed(0)
    mixing = torch.eye(6) * 0.05 + torch.ones(6, 6)
    inputs = torch.randn(64, 6, generator=generator) @ mixing
    wanted = inputs @ torch.randn(4, 6, generator=generator).t()
    weight = torch.zeros(4, 6, requires_grad=True)
    axes, mean, square = Axes({"w": weight}, chars), torch.zeros(4, 6), torch.zeros(4, 6)
    for number in range(steps):
        weight.grad = None
        loss = ((inputs @ weight.t() - wanted) ** 2).mean()
        loss.backward()
        rate = 0.1 * (1 - number / steps)
        with axes.turned(number, {"w": weight.grad}, {"w": mean}):
            adam(weight, weight.grad, mean, square, rate, 0.99, number + 1)
    return float(loss.detach())


def test_inputs_that_are_nearly_alike_are_told_apart_sooner():
    assert loss_after(200, chars=1000) < loss_after(200, chars=0) / 10


def test_a_step_of_few_characters_is_plain_adam():
    weight = torch.randn(4, 6)
    axes, gradient = Axes({"w": weight}, chars=47), torch.randn(4, 6)
    before = gradient.clone()
    with axes.turned(0, {"w": gradient}, {}):
        weight -= 1
    assert torch.equal(gradient, before)
    assert not axes.tensors()


def test_where_nothing_varies_no_step_is_taken():
    generator = torch.Generator().manual_seed(0)
    weight = torch.zeros(8, 6)
    axes, read = Axes({"w": weight}, 1000), torch.randn(2, 6, generator=generator)
    for number in range(41):
        gradient = torch.randn(8, 2, generator=generator) @ read
        with axes.turned(number, {"w": gradient}, {}):
            weight -= gradient.sign()
    _, sizes, _ = torch.linalg.svd(weight)
    assert sizes[1] > 1
    assert sizes[2] < 1e-3


def test_what_adam_keeps_turns_with_the_axes():
    generator = torch.Generator().manual_seed(0)
    weight, mean = torch.randn(8, 6, generator=generator), torch.randn(8, 6, generator=generator)
    axes, straight = Axes({"w": weight}, 1000), mean.clone()
    before = weight.clone()
    for number in range(41):
        gradient = torch.randn(8, 6, generator=generator) * torch.arange(1, 7)
        with axes.turned(number, {"w": gradient}, {"w": mean}):
            pass
    turned = axes.tensors()["axes.w"]
    torch.testing.assert_close(turned.t() @ turned, torch.eye(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(mean @ turned.t(), straight, atol=1e-5, rtol=1e-5)
    assert torch.equal(weight, before)


@pytest.mark.parametrize("compiled", [False, True])
def test_no_number_takes_a_longer_step_than_the_bound(compiled):
    weight, gradient = torch.zeros(3), torch.tensor([1.0, -1e-3, 1e-6])
    mean, square = torch.tensor([0.0, 1.0, 1.0]), torch.tensor([0.0, 1e-6, 1e-6])
    vectors = weight, gradient, mean, square
    if compiled:
        kernel(*(vector.numpy() for vector in vectors), 1.0, 0.5, 0.99, 1)
    else:
        adam(*vectors, 0.5, 0.99, 1)
    torch.testing.assert_close(weight, torch.tensor([-0.9, -1.25, -1.25]))
    assert BOUND == 2.5


def test_matrices_decay_but_the_embedding_and_biases_do_not():
    model = CharRNN(CONFIG)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    decay(dict(model.named_parameters()), 0.5)
    for name, value in model.named_parameters():
        share = 1 if value.ndim == 1 or name == "embedding.weight" else 0.95
        torch.testing.assert_close(value.detach(), before[name] * share)


def test_the_compiled_steps_turn_as_the_plain_ones_do():
    ours, plain = CharRNN(CONFIG), CharRNN(CONFIG)
    slow = replace(TRAIN, peak=1e-3)  # Adam makes much of rounding where a gradient is near 0
    trainers = CompiledTrainer(ours, slow, BATCH, torch.float32), PlainTrainer(plain, slow)
    states = [ours.zero_state(BATCH), plain.zero_state(BATCH)]
    for number in range(25):
        for index, one in enumerate(trainers):
            _, states[index] = one.step(window_of(number), states[index], number)
    assert any(name.startswith("axes.rnn.weight_hh") for name in trainers[0].moments())
    for found, wanted in zip(ours.parameters(), plain.parameters(), strict=True):
        assert (found - wanted).norm() < 1e-3 * wanted.norm()


@pytest.mark.parametrize("plain", [False, True])
def test_a_training_goes_on_from_what_is_kept(plain):
    def begun(model):
        if plain:
            return PlainTrainer(model, TRAIN)
        return CompiledTrainer(model, TRAIN, BATCH, torch.float32)

    model = CharRNN(CONFIG)
    trainer, state = begun(model), model.zero_state(BATCH)
    for number in range(24):
        _, state = trainer.step(window_of(number), state, number)
    other = CharRNN(CONFIG, seed=5)
    resumed = begun(other)
    other.load_state_dict(model.state_dict())
    resumed.restore({name: value.clone() for name, value in trainer.moments().items()})
    for number in range(24, 44):
        for one in (trainer, resumed):
            one.step(window_of(number), state, number)
    pairs = zip(model.parameters(), other.parameters(), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)


def test_a_run_of_a_version_without_axes_goes_on():
    model = CharRNN(CONFIG)
    trainer, state = CompiledTrainer(model, TRAIN, BATCH, torch.float32), model.zero_state(BATCH)
    moments = {n: v for n, v in trainer.moments().items() if n.startswith("exp_avg")}
    trainer.restore(moments)
    nats, _ = trainer.step(window_of(7), state, 7)
    assert np.isfinite(nats)
