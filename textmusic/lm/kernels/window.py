"""Forward and backward over a window of some streams, without autograd, for layers of any size.

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

from textmusic.lm.kernels.kinds import KINDS
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
        self._passes = KINDS[config.kind]
        self._few = batch <= FEW and dtype == torch.float32
        layers, size = config.layers, config.hidden
        width = self._passes.gates * size
        self._memory = torch.zeros(layers, time + 1, batch, size)
        self._hidden = torch.zeros(layers, time + 1, batch, size, dtype=dtype)
        self._saved = torch.zeros(layers, time, batch, self._passes.saved * size)
        self._inner = torch.zeros(time, batch, width, dtype=dtype)
        self._outer = torch.zeros_like(self._inner) if self._passes.outer else self._inner
        self._above = torch.zeros(time, batch, size, dtype=dtype)
        self._dropped = torch.zeros(layers if config.dropout else 0, time, batch, size, dtype=dtype)
        self._logits = torch.zeros(time * batch, config.vocabulary, dtype=dtype)
        self._recurrent = torch.zeros(batch, width, dtype=dtype)
        self._returned = torch.zeros(batch, size, dtype=dtype)
        self._sums = torch.zeros(config.vocabulary, width)
        self._sums_new = np.zeros(size, np.float32)
        self._steps = np.arange(time * batch).reshape(time, batch)
        self._first = np.zeros((time, batch), np.int64)
        self._forward_arrays = [self._forward_memory(layer) for layer in range(layers)]
        self._backward_arrays = [self._backward_memory(layer) for layer in range(layers)]

    def _forward_memory(self, layer: int) -> tuple[Array, ...]:
        """Return the last arguments of a forward pass, which are the same for all windows."""
        weights = self._weights
        return (
            *(_array(self._recurrent), weights.bias[layer], weights.bias_new[layer]),
            *map(_array, (self._memory[layer], self._saved[layer], self._hidden[layer])),
        )

    def _backward_memory(self, layer: int) -> tuple[Array, ...]:
        """Return the last arguments of a backward pass; the first layer needs no `outer`."""
        carry = torch.zeros(self._returned.shape)
        return (
            self._sums_new,
            *map(_array, (self._saved[layer], self._memory[layer], self._above)),
            *map(_array, (self._returned, carry, self._inner)),
            _array(self._outer if layer else self._outer[:0]),
        )

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
            layers = range(self._weights.config.layers)
            for layer in layers:
                self._forward(layer, rows, starts, state)
                if keep:
                    self._drop(self._hidden[layer, 1:], keep[layer], self._dropped[layer])
            nats = self._output(targets, chars)
            for layer in reversed(layers):
                if keep:
                    self._drop(self._above, keep[layer], self._above)
                self._backward(layer, rows, starts)
            return nats, self._state()

    def _state(self) -> State:
        last = self._memory[:, -1].clone()
        if self._weights.config.kind != "lstm":
            return (last,)
        return self._hidden[:, -1].to(torch.float32, copy=True), last

    def _outputs(self, layer: int) -> Tensor:
        """Return what the next layer reads, (T B, H)."""
        kept = self._dropped[layer] if len(self._dropped) else self._hidden[layer, 1:]
        return _flat(kept)

    def _drop(self, values: Tensor, keep: Array, out: Tensor) -> None:
        scale = np.float32(1 / (1 - self._weights.config.dropout))
        drop(_array(values).reshape(-1), keep.reshape(-1), scale, _array(out).reshape(-1))

    def _forward(self, layer: int, rows: Array, starts: Array, state: State) -> None:
        low, hidden = self._weights.low, self._hidden[layer]
        hidden[0] = state[0][layer]
        self._memory[layer, 0] = state[-1][layer]
        projected, w_state = self._weights.table, low[f"rnn.weight_hh_l{layer}"]
        if layer:
            projected, rows = _flat(self._outer), self._steps
            w_in = low[f"rnn.weight_ih_l{layer}"]
            torch.mm(self._outputs(layer - 1), w_in.t(), out=projected)
        arrays = (_array(projected), rows, starts, *self._forward_arrays[layer])
        if self._few:
            self._passes.forward_window(_array(w_state), *arrays)
            return
        turned, recurrent = w_state.t(), self._recurrent
        for t, before in enumerate(hidden[:-1].unbind(0)):
            torch.mm(before, turned, out=recurrent)
            self._passes.forward(t, *arrays)

    def _output(self, targets: Array, chars: int) -> float:
        """Turn the last outputs into dL/d(last outputs)."""
        weights, logits, gradients = self._weights, self._logits, self._gradients
        below = self._outputs(weights.config.layers - 1)
        w_out, b_out = weights.low["output.weight"], weights.full["output.bias"].numpy()
        bias = gradients["output.bias"].numpy()
        bias.fill(0)
        torch.mm(below, w_out.t(), out=logits)
        nats: float = cross_entropy(
            _array(logits), b_out, targets.reshape(-1), np.float32(1 / chars), bias
        )
        _product(logits.t(), below, gradients["output.weight"])
        torch.mm(logits, w_out, out=_flat(self._above))
        return nats

    def _backward(self, layer: int, rows: Array, starts: Array) -> None:
        weights, gradients, hidden = self._weights, self._gradients, self._hidden[layer]
        sums = self._sums[: 1 if layer else len(weights.table)]
        sums.numpy().fill(0)
        self._sums_new.fill(0)
        arrays = (starts, self._first if layer else rows, sums.numpy())
        w_state = weights.low[f"rnn.weight_hh_l{layer}"]
        self._back_through_time(w_state, (*arrays, *self._backward_arrays[layer]))
        before = hidden[:-1]
        if starts.any():
            before[torch.from_numpy(starts)] = 0
        _product(_flat(self._inner).t(), _flat(before), gradients[f"rnn.weight_hh_l{layer}"])
        self._biases(layer, sums.numpy().sum(0))
        if layer:
            outer, below = _flat(self._outer), self._outputs(layer - 1)
            _product(outer.t(), below, gradients[f"rnn.weight_ih_l{layer}"])
            torch.mm(outer, weights.low[f"rnn.weight_ih_l{layer}"], out=_flat(self._above))
        else:
            sums = sums.to(weights.dtype)
            rows_of_ids = torch.mm(sums, weights.low["rnn.weight_ih_l0"]).float()
            gradients["embedding.weight"].zero_().index_copy_(0, weights.used, rows_of_ids)
            _product(sums.t(), weights.embedded, gradients["rnn.weight_ih_l0"])

    def _back_through_time(self, w_state: Tensor, arrays: tuple[Array, ...]) -> None:
        if self._few:
            self._passes.backward_window(_array(w_state), *arrays)
            return
        steps = self._inner.unbind(0)
        for t in reversed(range(len(steps))):
            self._passes.backward(t, *arrays)
            if t:
                torch.mm(steps[t], w_state, out=self._returned)

    def _biases(self, layer: int, total: Array) -> None:
        b_state = self._gradients[f"rnn.bias_hh_l{layer}"].numpy()
        self._gradients[f"rnn.bias_ih_l{layer}"].numpy()[:] = b_state[:] = total
        if self._weights.config.kind == "gru":
            b_state[-len(self._sums_new) :] = self._sums_new


def _product(left: Tensor, right: Tensor, out: Tensor) -> None:
    """Multiply into a float32 tensor, whatever the precision of the factors."""
    if left.dtype == out.dtype:
        torch.mm(left, right, out=out)
    else:
        out.copy_(torch.mm(left, right))


def _flat(tensor: Tensor) -> Tensor:
    """Return (T, B, N) as (T B, N)."""
    return tensor.view(-1, tensor.shape[2])


def _array(tensor: Tensor) -> Array:
    """Return the memory of a tensor as an array; bfloat16 as its bits."""
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(np.uint16)
    return tensor.numpy()
