"""Adam along the axes of the gradients: what it does, when it does nothing, what it keeps."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from textmusic.lm import CharRNN, ModelConfig, TrainConfig
from textmusic.lm.axes import Axes
from textmusic.lm.data import Window
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
    optimizer = torch.optim.Adam([weight], betas=(0.9, 0.99))
    axes, means, squares = Axes({"w": weight}, chars), {}, {}
    for number in range(steps):
        loss = ((inputs @ weight.t() - wanted) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - number / steps)
        with axes.turned(number, {"w": weight.grad}, means, squares):
            optimizer.step()
        means["w"] = optimizer.state[weight]["exp_avg"]
        squares["w"] = optimizer.state[weight]["exp_avg_sq"]
    return float(loss.detach())


def test_inputs_that_are_nearly_alike_are_told_apart_sooner():
    assert loss_after(200, chars=1000) < loss_after(200, chars=0) / 10


def test_a_step_of_few_characters_is_plain_adam():
    weight = torch.randn(4, 6)
    axes, gradient = Axes({"w": weight}, chars=47), torch.randn(4, 6)
    before = gradient.clone()
    with axes.turned(0, {"w": gradient}, {}, {}):
        weight -= 1
    assert torch.equal(gradient, before)
    assert not axes.tensors()


def test_where_nothing_varies_no_step_is_taken():
    generator = torch.Generator().manual_seed(0)
    weight = torch.zeros(8, 6)
    axes, read = Axes({"w": weight}, 1000), torch.randn(2, 6, generator=generator)
    for number in range(41):
        gradient = torch.randn(8, 2, generator=generator) @ read
        with axes.turned(number, {"w": gradient}, {}, {}):
            weight -= gradient.sign()
    _, sizes, _ = torch.linalg.svd(weight)
    assert sizes[1] > 1
    assert sizes[2] < 1e-3


def test_what_adam_keeps_turns_with_the_axes():
    generator = torch.Generator().manual_seed(0)
    weight, mean = torch.randn(8, 6, generator=generator), torch.randn(8, 6, generator=generator)
    axes, straight, square = Axes({"w": weight}, 1000), mean.clone(), torch.zeros(8, 6)
    before = weight.clone()
    for number in range(41):
        gradient = torch.randn(8, 6, generator=generator) * torch.arange(1, 7)
        with axes.turned(number, {"w": gradient}, {"w": mean}, {"w": square}):
            pass
    turned = axes.tensors()["axes.w"]
    torch.testing.assert_close(turned.t() @ turned, torch.eye(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(mean @ turned.t(), straight, atol=1e-5, rtol=1e-5)
    assert (mean**2 <= 25 * square + 1e-6).all()
    assert torch.equal(weight, before)


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
