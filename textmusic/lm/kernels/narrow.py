"""Few streams: whole windows in one compiled call, matrix times vector by vector.

With one or two streams a step's product takes a microsecond or two, less than it takes to call it
from Python. Arguments are those of `gates`, without the time and with the recurrent weights first;
everything is float32.
"""

# ruff: noqa: D403, PLR0917 - formulas begin with small letters; numba unpacks positions faster

from __future__ import annotations

from typing import Any

from textmusic.lm.kernels.gates import (
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)
from textmusic.lm.kernels.numeric import compiled, f32

__all__ = [
    "gru_backward_window",
    "gru_forward_window",
    "lstm_backward_window",
    "lstm_forward_window",
    "rnn_backward_window",
    "rnn_forward_window",
]


@compiled
def _forward_product(rows: Any, weight: Any, out: Any) -> None:
    """out = rows weightᵀ."""
    for b in range(len(rows)):
        x = rows[b]
        for g in range(len(weight)):
            w, total = weight[g], f32(0)
            for k in range(len(x)):
                total += w[k] * x[k]
            out[b, g] = total


@compiled
def _backward_product(rows: Any, weight: Any, out: Any) -> None:
    """out = rows weight; four rows of the weight at a time, to write `out` a quarter as often."""
    whole = len(weight) // 4 * 4
    for b in range(len(rows)):
        x, y = rows[b], out[b]
        y[:] = 0
        for g in range(0, whole, 4):
            x0, x1, x2, x3 = x[g], x[g + 1], x[g + 2], x[g + 3]
            w0, w1, w2, w3 = weight[g], weight[g + 1], weight[g + 2], weight[g + 3]
            for k in range(len(y)):
                y[k] += x0 * w0[k] + x1 * w1[k] + x2 * w2[k] + x3 * w3[k]
        for g in range(whole, len(weight)):
            x0, w0 = x[g], weight[g]
            for k in range(len(y)):
                y[k] += x0 * w0[k]


@compiled
def gru_forward_window(
    weight: Any,
    inputs: Any,
    rows: Any,
    starts: Any,
    recurrent: Any,
    bias: Any,
    bias_new: Any,
    memory: Any,
    saved: Any,
    hidden: Any,
) -> None:
    """All steps of `gru_forward`."""
    for t in range(len(starts)):
        _forward_product(hidden[t], weight, recurrent)
        gru_forward(t, inputs, rows, starts, recurrent, bias, bias_new, memory, saved, hidden)


@compiled
def gru_backward_window(
    weight: Any,
    starts: Any,
    rows: Any,
    sums: Any,
    sums_new: Any,
    saved: Any,
    memory: Any,
    above: Any,
    recurrent: Any,
    carry: Any,
    inner: Any,
    outer: Any,
) -> None:
    """All steps of `gru_backward`."""
    for t in range(len(starts) - 1, -1, -1):
        gru_backward(
            t, starts, rows, sums, sums_new, saved, memory, above, recurrent, carry, inner, outer
        )
        if t:
            _backward_product(inner[t], weight, recurrent)


@compiled
def lstm_forward_window(
    weight: Any,
    inputs: Any,
    rows: Any,
    starts: Any,
    recurrent: Any,
    bias: Any,
    bias_new: Any,
    memory: Any,
    saved: Any,
    hidden: Any,
) -> None:
    """All steps of `lstm_forward`."""
    for t in range(len(starts)):
        _forward_product(hidden[t], weight, recurrent)
        lstm_forward(t, inputs, rows, starts, recurrent, bias, bias_new, memory, saved, hidden)


@compiled
def lstm_backward_window(
    weight: Any,
    starts: Any,
    rows: Any,
    sums: Any,
    sums_new: Any,
    saved: Any,
    memory: Any,
    above: Any,
    recurrent: Any,
    carry: Any,
    inner: Any,
    outer: Any,
) -> None:
    """All steps of `lstm_backward`."""
    for t in range(len(starts) - 1, -1, -1):
        lstm_backward(
            t, starts, rows, sums, sums_new, saved, memory, above, recurrent, carry, inner, outer
        )
        if t:
            _backward_product(inner[t], weight, recurrent)


@compiled
def rnn_forward_window(
    weight: Any,
    inputs: Any,
    rows: Any,
    starts: Any,
    recurrent: Any,
    bias: Any,
    bias_new: Any,
    memory: Any,
    saved: Any,
    hidden: Any,
) -> None:
    """All steps of `rnn_forward`."""
    for t in range(len(starts)):
        _forward_product(hidden[t], weight, recurrent)
        rnn_forward(t, inputs, rows, starts, recurrent, bias, bias_new, memory, saved, hidden)


@compiled
def rnn_backward_window(
    weight: Any,
    starts: Any,
    rows: Any,
    sums: Any,
    sums_new: Any,
    saved: Any,
    memory: Any,
    above: Any,
    recurrent: Any,
    carry: Any,
    inner: Any,
    outer: Any,
) -> None:
    """All steps of `rnn_backward`."""
    for t in range(len(starts) - 1, -1, -1):
        rnn_backward(
            t, starts, rows, sums, sums_new, saved, memory, above, recurrent, carry, inner, outer
        )
        if t:
            _backward_product(inner[t], weight, recurrent)
