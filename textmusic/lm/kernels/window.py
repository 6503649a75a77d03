"""Forward and backward over a window of some streams, without autograd.

What does not depend on the step before is one matrix product for the whole window: the input
projections of each layer but the first, and every gradient of a weight. The first layer's
projections are rows of a table, one an id that occurs: E W_ihᵀ. What comes back for an id is summed, and from
these sums follow the gradients of E and of W_ih. (The parameters are E and W_ih themselves: a
table trained in their place starts with inputs 16 times too small.) A document that starts within
the window costs nothing: the gates take the state before it for zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.lm.kernels.gates import GATES
from textmusic.lm.kernels.narrow import LOOPS
from textmusic.lm.kernels.output import cross_entropy, drop
from textmusic.lm.kernels.weights import Weights
from textmusic.lm.recurrence import State

__all__ = ["FEW", "Window"]

Array = NDArray[Any]
FEW = 2
"""Streams up to which a window is one compiled call (float32 only)."""


class Window:
    """The arrays of a window, and the passes over them.

    Args:
        weights: shared with other windows, refreshed by the caller.
        gradients: of the parameters, by name, float32: each pass overwrites them.
        time: characters of each stream.
        batch: streams.
    """

    def __init__(
        self, weights: Weights, gradients: dict[str, Tensor], time: int, batch: int
    ) -> None:
        config, dtype = weights.config, weights.dtype
        self._weights, self._gradients = weights, gradients
        self._gates = GATES[config.kind]
        self._time = time
        self._loops = None
        if batch <= FEW and dtype == torch.float32:
            self._loops = LOOPS[config.kind]
        layers, size = config.layers, config.hidden
        width = self._gates.gates * size
        self._memory = torch.zeros(layers, time + 1, batch, size)
        self._hidden = torch.zeros(layers, time + 1, batch, size, dtype=dtype)
        self._saved = torch.zeros(layers, time, batch, self._gates.saved * size)
        self._inner = torch.zeros(time, batch, width, dtype=dtype)
        self._outer = torch.zeros_like(self._inner) if self._gates.outer else self._inner
        self._above = torch.zeros(time, batch, size, dtype=dtype)
        self._dropped = torch.zeros(layers if config.dropout else 0, time, batch, size, dtype=dtype)
        self._logits = torch.zeros(time * batch, config.vocabulary, dtype=dtype)
        self._recurrent = torch.zeros(batch, width, dtype=dtype)
        self._returned = torch.zeros(batch, size, dtype=dtype)
        self._carry = torch.zeros(batch, size)
        self._sums_new = torch.zeros(size)
        self._table_sums = torch.zeros(config.vocabulary, width)
        self._row_sums = torch.zeros(1, width)
        self._steps = np.arange(time * batch).reshape(time, batch)
        self._first = np.zeros((time, batch), np.int64)

    def run(
        self,
        rows: Array,
        targets: Array,
        starts: Array,
        state: State,
        *,
        chars: int,
        keep: Sequence[Array] = (),
    ) -> tuple[float, State]:
        """Read a window and leave the gradients of its part of the mean loss.

        Args:
            rows: of the table of the weights, those of the ids read (T, B).
            targets: ids (T, B).
            starts: (T, B), where the state is zero before the input is read.
            state: before the window, as in `unroll`.
            chars: predictions that the loss is the mean of, those of other windows included.
            keep: for each layer which of its outputs are not dropped (T, B, H); empty for no
                dropout.

        Returns:
            The sum of the losses in nats, and the state after the window.
        """
        rows = np.ascontiguousarray(rows)
        starts = np.ascontiguousarray(starts)
        with torch.no_grad():
            below = None
            for layer in range(self._weights.config.layers):
                self._forward(layer, rows, starts, state, below)
                below = self._kept(layer, keep)
            nats = self._output(below, targets, chars, keep)
            for layer in reversed(range(self._weights.config.layers)):
                self._backward(layer, rows, starts, keep)
            return nats, self._state()

    def _state(self) -> State:
        last = self._memory[:, -1].clone()
        if self._weights.config.kind != "lstm":
            return (last,)
        return self._hidden[:, -1].float(), last

    def _kept(self, layer: int, keep: Sequence[Array]) -> Tensor:
        """Return the outputs of a layer that the next one reads, (T B, H)."""
        outputs = self._hidden[layer, 1:]
        if keep:
            self._drop(outputs, keep[layer], self._dropped[layer])
            outputs = self._dropped[layer]
        return outputs.view(-1, outputs.shape[2])

    def _drop(self, values: Tensor, keep: Array, out: Tensor) -> None:
        scale = np.float32(1 / (1 - self._weights.config.dropout))
        drop(_array(values).reshape(-1), keep.reshape(-1), scale, _array(out).reshape(-1))

    def _forward(
        self, layer: int, rows: Array, starts: Array, state: State, below: Tensor | None
    ) -> None:
        weights = self._weights
        hidden, memory = self._hidden[layer], self._memory[layer]
        hidden[0].copy_(state[0][layer])
        memory[0].copy_(state[-1][layer])
        if below is None:
            projected = weights.table
        else:
            projected, rows = self._outer.view(-1, self._outer.shape[2]), self._steps
            torch.mm(below, weights.low[f"rnn.weight_ih_l{layer}"].t(), out=projected)
        w_state, recurrent = weights.low[f"rnn.weight_hh_l{layer}"], self._recurrent
        arrays = (
            *(_array(projected), rows, starts, _array(recurrent)),
            *(weights.bias[layer], weights.bias_new[layer]),
            *(_array(memory), _array(self._saved[layer]), _array(hidden)),
        )
        if self._loops is not None:
            self._loops[0](_array(w_state), *arrays)
            return
        turned = w_state.t()
        for t, before in enumerate(hidden[:-1].unbind(0)):
            torch.mm(before, turned, out=recurrent)
            self._gates.forward(t, *arrays)

    def _output(
        self, below: Tensor, targets: Array, chars: int, keep: Sequence[Array]
    ) -> float:
        """Turn the last outputs into dL/d(last outputs)."""
        weights, logits, above = self._weights, self._logits, self._above
        w_out = weights.low["output.weight"]
        torch.mm(below, w_out.t(), out=logits)
        bias = self._gradients["output.bias"].zero_()
        nats: float = cross_entropy(
            *(_array(logits), weights.full["output.bias"].numpy(), np.ascontiguousarray(targets).reshape(-1)),
            *(np.float32(1 / chars), bias.numpy()),
        )
        _product(logits.t(), below, self._gradients["output.weight"])
        torch.mm(logits, w_out, out=above.view(-1, above.shape[2]))
        if keep:
            self._drop(above, keep[-1], above)
        return nats

    def _backward(self, layer: int, rows: Array, starts: Array, keep: Sequence[Array]) -> None:
        weights, inner, outer = self._weights, self._inner, self._outer
        hidden = self._hidden[layer]
        sums = self._table_sums[: len(weights.table)]
        if layer:
            sums, rows = self._row_sums, self._first
        for zeroed in (self._carry, self._returned, self._sums_new, sums):
            zeroed.zero_()
        arrays = (
            *(_array(self._saved[layer]), _array(self._memory[layer]), starts),
            *(_array(self._above), _array(self._returned), _array(self._carry), rows),
            *(_array(sums), _array(self._sums_new), _array(inner)),
            _array(outer if layer else outer[:0]),
        )
        self._back_through_time(weights.low[f"rnn.weight_hh_l{layer}"], arrays)
        flat = inner.view(-1, inner.shape[2])
        before = hidden[:-1]
        if starts.any():
            before[torch.from_numpy(starts)] = 0
        _product(flat.t(), before.view(-1, hidden.shape[2]), self._gradients[f"rnn.weight_hh_l{layer}"])
        self._biases(layer, sums)
        if layer:
            self._pass_down(layer, keep)
        else:
            w_in = weights.full["rnn.weight_ih_l0"]
            torch.mm(sums.t(), weights.embedded, out=self._gradients["rnn.weight_ih_l0"])
            self._gradients["embedding.weight"].zero_()[weights.used] = torch.mm(sums, w_in)

    def _back_through_time(self, w_state: Tensor, arrays: Sequence[Array]) -> None:
        if self._loops is not None:
            self._loops[1](_array(w_state), *arrays)
            return
        steps = self._inner.unbind(0)
        for t in reversed(range(self._time)):
            self._gates.backward(t, *arrays)
            if t:
                torch.mm(steps[t], w_state, out=self._returned)

    def _biases(self, layer: int, sums: Tensor) -> None:
        b_in = self._gradients[f"rnn.bias_ih_l{layer}"]
        b_state = self._gradients[f"rnn.bias_hh_l{layer}"]
        torch.sum(sums, 0, out=b_in)
        b_state.copy_(b_in)
        if self._weights.config.kind == "gru":
            b_state[-len(self._sums_new) :] = self._sums_new

    def _pass_down(self, layer: int, keep: Sequence[Array]) -> None:
        """Turn dL/dgates into dL/d(outputs of the layer below)."""
        outer, above = self._outer.view(-1, self._outer.shape[2]), self._above
        below = self._dropped[layer - 1] if keep else self._hidden[layer - 1, 1:]
        w_in = self._weights.low[f"rnn.weight_ih_l{layer}"]
        _product(
            outer.t(), below.view(-1, below.shape[2]), self._gradients[f"rnn.weight_ih_l{layer}"]
        )
        torch.mm(outer, w_in, out=above.view(-1, above.shape[2]))
        if keep:
            self._drop(above, keep[layer - 1], above)


def _product(left: Tensor, right: Tensor, out: Tensor) -> None:
    """Multiply into a float32 tensor, whatever the precision of the factors."""
    if left.dtype == out.dtype:
        torch.mm(left, right, out=out)
    else:
        out.copy_(torch.mm(left, right))


def _array(tensor: Tensor) -> Array:
    """Return the memory of a tensor as an array; bfloat16 as its bits."""
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(np.uint16)
    return tensor.numpy()
