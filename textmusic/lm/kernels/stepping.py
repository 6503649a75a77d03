"""The recurrent step of some streams, without gradients: rows times weights, then the gates.

However many rows there are, each sum of a product is taken in the same order, so that a stream
does not depend on those beside it, to the last bit. Weights are float32 or bfloat16 (their bits), and
the sums are float32; or they are int8 and the sums are exact (`whole`). One row alone costs the reading of the weights;
many rows share blocks of columns that stay in the cache.

Shapes: B streams, L layers, H units, G = gates x H, V ids.
"""

# ruff: noqa: PLR0917 - arrays are passed by position: numba unpacks those faster

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import overload
from numpy.typing import NDArray

from textmusic.lm.kernels.numeric import sigmoid, tanh, wide
from textmusic.lm.kernels.whole import whole_row

__all__ = ["GRU", "LSTM", "Net", "Work", "ordered", "pass_gates", "product", "step"]

f32 = np.float32
GRU, LSTM = 1, 2
_PANEL = 1 << 16
"""Weights that are used for all rows before others: 256 kB, which a core's own cache holds."""


def ordered(function: Callable[..., Any]) -> Any:
    """Compile as `numeric.compiled` does, but leave sums in the order in which they are written."""
    options = {"nogil": True, "fastmath": {"contract"}, "error_model": "numpy"}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        return njit(**options)(function)


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
def _row(x: Any, weights: Any, out: Any) -> None:
    """Write x W for one row. Eight rows of W at a time: `out` is read and written less often."""
    for j in range(len(out)):
        out[j] = 0
    size = len(x) - len(x) % 8
    for k in range(0, size, 8):
        x0, x1, x2, x3 = x[k], x[k + 1], x[k + 2], x[k + 3]
        x4, x5, x6, x7 = x[k + 4], x[k + 5], x[k + 6], x[k + 7]
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        w4, w5, w6, w7 = weights[k + 4], weights[k + 5], weights[k + 6], weights[k + 7]
        for j in range(len(out)):
            total = out[j]
            total += x0 * wide(w0[j])
            total += x1 * wide(w1[j])
            total += x2 * wide(w2[j])
            total += x3 * wide(w3[j])
            total += x4 * wide(w4[j])
            total += x5 * wide(w5[j])
            total += x6 * wide(w6[j])
            total += x7 * wide(w7[j])
            out[j] = total
    for k in range(size, len(x)):
        value, row = x[k], weights[k]
        for j in range(len(out)):
            out[j] += value * wide(row[j])


@ordered
def _four(
    a: Any, b: Any, c: Any, d: Any, weights: Any, out_a: Any, out_b: Any, out_c: Any, out_d: Any
) -> None:
    """Write x W for four rows: each weight that is loaded is used four times."""
    for j in range(len(out_a)):
        out_a[j] = 0
        out_b[j] = 0
        out_c[j] = 0
        out_d[j] = 0
    size = len(a) - len(a) % 4
    for k in range(0, size, 4):
        a0, a1, a2, a3 = a[k], a[k + 1], a[k + 2], a[k + 3]
        b0, b1, b2, b3 = b[k], b[k + 1], b[k + 2], b[k + 3]
        c0, c1, c2, c3 = c[k], c[k + 1], c[k + 2], c[k + 3]
        d0, d1, d2, d3 = d[k], d[k + 1], d[k + 2], d[k + 3]
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for j in range(len(out_a)):
            v0, v1, v2, v3 = w0[j], w1[j], w2[j], w3[j]
            total_a, total_b, total_c, total_d = out_a[j], out_b[j], out_c[j], out_d[j]
            total_a += a0 * v0
            total_b += b0 * v0
            total_c += c0 * v0
            total_d += d0 * v0
            total_a += a1 * v1
            total_b += b1 * v1
            total_c += c1 * v1
            total_d += d1 * v1
            total_a += a2 * v2
            total_b += b2 * v2
            total_c += c2 * v2
            total_d += d2 * v2
            total_a += a3 * v3
            total_b += b3 * v3
            total_c += c3 * v3
            total_d += d3 * v3
            out_a[j] = total_a
            out_b[j] = total_b
            out_c[j] = total_c
            out_d[j] = total_d
    for k in range(size, len(a)):
        row = weights[k]
        for j in range(len(out_a)):
            out_a[j] += a[k] * row[j]
            out_b[j] += b[k] * row[j]
            out_c[j] += c[k] * row[j]
            out_d[j] += d[k] * row[j]


@ordered
def _columns(x: Any, weights: Any, out: Any, first: int, panel: Any) -> None:
    """Write some columns of x W: as float32 they fit into `panel` and the cache."""
    size = panel.shape[1]
    last = first + size
    for k in range(len(panel)):
        row, copy = weights[k][first:last], panel[k]
        for j in range(size):
            copy[j] = wide(row[j])
    whole = len(x) - len(x) % 4
    for b in range(0, whole, 4):
        y0, y1 = out[b][first:last], out[b + 1][first:last]
        y2, y3 = out[b + 2][first:last], out[b + 3][first:last]
        _four(x[b], x[b + 1], x[b + 2], x[b + 3], panel, y0, y1, y2, y3)
    for b in range(whole, len(x)):
        _row(x[b], panel, out[b][first:last])


def product(x: Any, weights: Any, scale: Any, work: Any, panel: Any, out: Any) -> None:
    """Write x W, (B, K) times (K, N); int8 weights are (N, K) and have a scale each sum."""
    raise NotImplementedError  # for compiled code only


@overload(product, strict=False)
def _product(x: Any, weights: Any, scale: Any, work: Any, panel: Any, out: Any) -> Any:
    if weights.dtype == types.int8:

        def whole(x: Any, weights: Any, scale: Any, work: Any, panel: Any, out: Any) -> None:
            for b in range(len(x)):
                whole_row(x[b], weights, scale, work.rounded, out[b])

        return whole

    def real(x: Any, weights: Any, scale: Any, work: Any, panel: Any, out: Any) -> None:
        if len(x) < 4:
            for b in range(len(x)):
                _row(x[b], weights, out[b])
        else:
            width, columns = panel.shape[1], weights.shape[1]
            for first in range(
                0, columns, width
            ):  # the last may begin earlier: some are done twice
                _columns(x, weights, out, min(first, columns - width), panel)

    return real


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
