"""The recurrent step of some streams, without gradients: products, then the gates.

Shapes: B streams, L layers, H units, G = gates x H, V ids.
"""

# ruff: noqa: PLR0917 - arrays are passed by position: numba unpacks those faster

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textmusic.lm.kernels.numeric import sigmoid, tanh
from textmusic.lm.kernels.products import ordered, product

__all__ = ["GRU", "LSTM", "Net", "Work", "pass_gates", "step"]

f32 = np.float32
GRU, LSTM = 1, 2
_PANEL = 1 << 16
"""Weights that are used for all rows before others: 256 kB, which a core's own cache holds."""


class Work(NamedTuple):
    """Memory for a step: what the inputs and the state add to the gates, the logits, and scratch."""

    inputs: NDArray[np.float32]
    recurrent: NDArray[np.float32]
    logits: NDArray[np.float32]
    rounded: NDArray[np.int16]
    panel: NDArray[np.float32]
    panel_out: NDArray[np.float32]

    @classmethod
    def of(cls, net: Net, count: int) -> Work:
        """Return memory for so many streams."""
        columns, ids, size = net.table.shape[1], len(net.bias_out), net.bias_new.shape[1]
        widest = max(32, _PANEL // size)
        return cls(
            np.empty((count, columns), f32),
            np.empty((count, columns), f32),
            np.empty((count, ids), f32),
            np.empty(size, np.int16),
            np.empty((size, min(columns, widest)), f32),
            np.empty((size, min(ids, widest)), f32),
        )


class Net(NamedTuple):
    """The weights of a model; the products are x W, so they stand the other way than PyTorch's.

    Args:
        kind: `GRU`, `LSTM` or another number for the plain RNN.
        table: (V, G), what each id adds to the gates of the first layer, with their biases.
        w_in: (L - 1, H, G), of the layers above; if int8, (L - 1, G, H).
        scale_in: (L - 1, G), of int8 weights: what makes floats of the sums.
        bias: (L - 1, G).
        w_state: (L, H, G); if int8, (L, G, H).
        scale_state: (L, G).
        bias_new: (L, H), which a GRU adds to the new gate before it is reset.
        w_out: (H, V); if int8, (V, H).
        scale_out: (V,).
        bias_out: (V,).
    """

    kind: int
    table: NDArray[np.float32]
    w_in: NDArray[Any]
    scale_in: NDArray[np.float32]
    bias: NDArray[np.float32]
    w_state: NDArray[Any]
    scale_state: NDArray[np.float32]
    bias_new: NDArray[np.float32]
    w_out: NDArray[Any]
    scale_out: NDArray[np.float32]
    bias_out: NDArray[np.float32]


@ordered
def _gru(inputs: Any, recurrent: Any, bias_new: Any, hidden: Any) -> None:
    """r, z = σ(x + h); n = tanh(x + r (h + b)); h ← n + z (h - n); gates r z n."""
    size = len(hidden)
    for j in range(2 * size):
        inputs[j] = sigmoid(inputs[j] + recurrent[j])
    reset, update, new = inputs[:size], inputs[size : 2 * size], inputs[2 * size :]
    before = recurrent[2 * size :]
    for j in range(size):
        before[j] += bias_new[j]
    for j in range(size):
        new[j] += reset[j] * before[j]
    for j in range(size):
        new[j] = tanh(new[j])
    for j in range(size):
        hidden[j] = new[j] + update[j] * (hidden[j] - new[j])


@ordered
def _lstm(inputs: Any, recurrent: Any, hidden: Any, memory: Any) -> None:
    """i, f, o = σ(x + h); g = tanh(x + h); c ← f c + i g; h = o tanh c; gates i f g o."""
    size = len(hidden)
    for j in range(4 * size):
        inputs[j] += recurrent[j]
    entry, forget = inputs[:size], inputs[size : 2 * size]
    new, output = inputs[2 * size : 3 * size], inputs[3 * size :]
    for j in range(2 * size):
        inputs[j] = sigmoid(inputs[j])
    for j in range(size):
        new[j] = tanh(new[j])
    for j in range(size):
        output[j] = sigmoid(output[j])
    for j in range(size):
        memory[j] *= forget[j]
    for j in range(size):
        memory[j] += entry[j] * new[j]
    for j in range(size):
        hidden[j] = output[j] * tanh(memory[j])


@ordered
def _gates(net: Any, layer: int, b: int, hidden: Any, memory: Any, work: Any) -> None:
    inputs, recurrent, after = work.inputs[b], work.recurrent[b], hidden[layer][b]
    if net.kind == GRU:
        _gru(inputs, recurrent, net.bias_new[layer], after)
    elif net.kind == LSTM:
        _lstm(inputs, recurrent, after, memory[layer][b])
    else:
        for j in range(len(after)):
            after[j] = tanh(inputs[j] + recurrent[j])


@ordered
def _add(values: Any, out: Any) -> None:
    for j in range(len(out)):
        out[j] += values[j]


@ordered
def _copy(values: Any, out: Any) -> None:
    """As `out[:] = values`, which takes seconds to compile."""
    for j in range(len(out)):
        out[j] = values[j]


@ordered
def pass_gates(net: Any, layer: int, ids: Any, hidden: Any, memory: Any, work: Any) -> None:
    """Write the state of a layer; the products are in `work`, but for the first layer's input."""
    for b in range(len(ids)):
        if layer:
            _add(net.bias[layer - 1], work.inputs[b])
        else:
            _copy(net.table[ids[b]], work.inputs[b])
        _gates(net, layer, b, hidden, memory, work)


@ordered
def step(net: Any, ids: Any, hidden: Any, memory: Any, work: Any) -> None:
    """Read one id a stream, and leave the logits in `work`, their bias not yet added.

    Args:
        net: a `Net`.
        ids: (B,).
        hidden: (L, B, H), overwritten.
        memory: the same, of an LSTM; of others any array of that many dimensions.
        work: a `Work`.
    """
    for layer in range(len(hidden)):
        if layer:
            above = layer - 1
            weights, scale = net.w_in[above], net.scale_in[above]
            product(hidden[above], weights, scale, work, work.panel, work.inputs)
        weights, scale = net.w_state[layer], net.scale_state[layer]
        product(hidden[layer], weights, scale, work, work.panel, work.recurrent)
        pass_gates(net, layer, ids, hidden, memory, work)
    product(hidden[-1], net.w_out, net.scale_out, work, work.panel_out, work.logits)
