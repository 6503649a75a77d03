"""One character at a time: the recurrent step without autograd, for sampling.

A compiled step can stand in for `Stepper.step`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from textmusic.lm.model import CharRNN
from textmusic.lm.recurrence import State

__all__ = ["Stepper"]

ROWS = 4
"""Fewer streams are padded to this many: matrix products of fewer rows round otherwise, and a
sample would depend on how many are drawn beside it."""


class Stepper:
    """The weights of a model as they are now, arranged for single steps.

    `nn.GRU` at length 1 costs several times as much. The first layer's input projection is a
    table, one row an id.
    """

    def __init__(self, model: CharRNN) -> None:
        self._kind = model.config.kind
        weights = {name: value.detach().clone() for name, value in model.named_parameters()}
        self._layers = []
        for layer in range(model.config.layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            w_in, w_state, b_in, b_state = (weights[f"rnn.{name}_l{layer}"] for name in names)
            self._layers.append((_turned(w_in), _turned(w_state), b_in, b_state))
        w_in, _, b_in, _ = self._layers[0]
        self._table = torch.addmm(b_in, weights["embedding.weight"], w_in)
        self._output = _turned(weights["output.weight"]), weights["output.bias"]

    def step(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Read one id a stream; unlike `CharRNN.forward`, the boundary resets nothing.

        Args:
            ids: (B,) int64, on the model's device; B at least `ROWS`.
            state: (layers, B, H) each.

        Returns:
            The logits (B, V), and the new state.
        """
        inputs = self._table.index_select(0, ids)
        after: list[State] = []
        for layer, (w_in, w_state, b_in, b_state) in enumerate(self._layers):
            if layer:
                inputs = torch.addmm(b_in, after[-1][0], w_in)
            before = tuple(s[layer] for s in state)
            recurrent = torch.addmm(b_state, before[0], w_state)
            after.append(self._cell(inputs, recurrent, before))
        weight, bias = self._output
        logits = torch.addmm(bias, after[-1][0], weight)
        return logits, tuple(torch.stack(parts) for parts in zip(*after, strict=True))

    def _cell(self, inputs: Tensor, recurrent: Tensor, before: State) -> State:
        """Return one layer's state; gates in PyTorch's order (r z n; i f g o)."""
        hidden = before[0].shape[1]
        if self._kind == "rnn":
            return (torch.tanh(inputs + recurrent),)
        if self._kind == "gru":
            gates = torch.sigmoid(inputs[:, : 2 * hidden] + recurrent[:, : 2 * hidden])
            reset, update = gates.chunk(2, 1)
            new = torch.addcmul(inputs[:, 2 * hidden :], reset, recurrent[:, 2 * hidden :]).tanh_()
            return (torch.lerp(new, before[0], update),)
        entry, forget, cell, output = (inputs + recurrent).chunk(4, 1)
        memory = forget.sigmoid() * before[1] + entry.sigmoid() * cell.tanh()
        return output.sigmoid() * memory.tanh(), memory


def _turned(weight: Tensor) -> Tensor:
    return weight.t().contiguous()
