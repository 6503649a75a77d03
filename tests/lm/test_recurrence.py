"""A window in pieces, as a CPU does it, and side by side, as a GPU does it: the same."""

import numpy as np
import pytest
import torch
from torch import nn

from textmusic.lm.recurrence import in_pieces, side_by_side

LAYERS = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize(
    ("length", "count", "share"), [(1, 4, 0.5), (23, 6, 0), (23, 6, 0.2), (9, 3, 1)]
)
def test_both_ways_give_the_same_outputs_states_and_gradients(kind, length, count, share):
    rng = np.random.default_rng(length)
    starts = rng.random((length, count)) < share
    torch.manual_seed(0)
    rnn = LAYERS[kind](5, 8, 2)
    found = []
    for run in (in_pieces, side_by_side):
        torch.manual_seed(1)
        inputs = torch.randn(length, count, 5, requires_grad=True)
        state = tuple(
            torch.randn(2, count, 8, requires_grad=True) for _ in range(1 + (kind == "lstm"))
        )
        outputs, after = run(rnn, inputs, state, starts)
        rnn.zero_grad()
        weights = torch.linspace(-1, 1, outputs.numel()).view_as(outputs)
        ((outputs * weights).sum() + sum(part.square().sum() for part in after)).backward()
        gradients = [part.grad for part in (inputs, *state, *rnn.parameters())]
        found.append([outputs, *after, *(grad.clone() for grad in gradients)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
