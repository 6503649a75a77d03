"""The model: exact resets, gradients, PyTorch's own layout."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from textmusic.lm import CharRNN, ModelConfig

KINDS = ("gru", "lstm", "rnn")


def model_of(kind: str, **fields) -> CharRNN:
    return CharRNN(ModelConfig(vocabulary=7, kind=kind, hidden=12, embedding=5, **fields), seed=1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_with_resets_equals_each_document_alone(kind):
    model = model_of(kind)
    rng = np.random.default_rng(0)
    ids = torch.from_numpy(np.where(rng.random((60, 5)) < 0.12, 0, rng.integers(1, 7, (60, 5))))
    ids[0] = 0
    ids[7:9, 2] = 0
    state, parts = model.zero_state(5), []
    for window in ids.split([20, 1, 39]):
        logits, state = model(window, state)
        parts.append(logits)
    together = torch.cat(parts)
    for stream in range(5):
        starts = [*torch.nonzero(ids[:, stream] == 0).flatten().tolist(), 60]
        for start, end in itertools.pairwise(starts):
            hidden, _ = model.rnn(model.embedding(ids[start:end, stream : stream + 1]))
            torch.testing.assert_close(
                together[start:end, stream], model.output(hidden)[:, 0], atol=1e-5, rtol=1e-4
            )


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_equal_those_of_the_documents_alone(kind):
    model = model_of(kind)
    ids = torch.tensor([[0], [1], [2], [0], [3], [4]])
    model(ids, model.zero_state(1))[0].square().sum().backward()
    together = {n: p.grad.clone() for n, p in model.named_parameters()}
    model.zero_grad()
    for part in ids.split(3):
        model(part, model.zero_state(1))[0].square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().sum() > 0
        torch.testing.assert_close(together[name], parameter.grad)


def test_gradients_do_not_cross_a_document_start():
    model = model_of("gru")
    state = tuple(s.requires_grad_() for s in model.zero_state(2))
    ids = torch.tensor([[0, 1], [3, 4]])
    model(ids, state)[0].sum().backward()
    assert state[0].grad[:, 0].abs().sum() == 0
    assert state[0].grad[:, 1].abs().sum() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_load_into_plain_torch_modules(kind):
    model = model_of(kind)
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    assert shapes == model.config.shapes()
    plain = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}[kind](5, 12, 2)
    plain.load_state_dict(model.rnn.state_dict())


def test_the_seed_decides_the_weights_and_torch_keeps_its_random_state():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second = model_of("gru"), model_of("gru")
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.embedding.weight, second.embedding.weight)
    other = CharRNN(first.config, seed=2)
    assert not torch.equal(first.embedding.weight, other.embedding.weight)
    assert float(first.embedding.weight.detach().std()) == pytest.approx(1, abs=0.4)
