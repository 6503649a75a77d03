"""The gates of one time step, forward and backward, in compiled passes over rows.

`forward` finds in `recurrent` what the state before adds to the gates, h W_hhᵀ, and in `inputs`
(by the row numbers `rows`) what the input adds, x W_ihᵀ. It leaves in `saved` what `backward`
needs. `backward` is given dL/dh from above and, from the step after, `recurrent` = dL/dgates W_hh
and `carry`, the rest of dL/dstate. It leaves dL/dgates in `inner` (with respect to h W_hhᵀ) and
`outer` (with respect to x W_ihᵀ; those of GRUs differ in the new gate), and adds the latter up in
the rows `rows` of `sums`. An empty `outer` is not written.

Gates stand in PyTorch's order. Each loop writes few arrays and reads few: LLVM gives up
vectorising those that need many checks for overlap, and then takes ten times as long.

Shapes: T times, B streams, H units, G = gates x H, R rows.
    inputs (R, G) · rows (T, B) · starts (T, B), where the state before is zero · recurrent (B, G)
    forward, (B, H) backward · bias (G,) · bias_new (H,) · memory (T + 1, B, H), the state in
    float32 · hidden (T + 1, B, H) · saved (T, B, S) · above (T, B, H) · carry (B, H) ·
    sums (R, G) · sums_new (H,) · inner, outer (T, B, G)
Float32: bias, bias_new, memory, saved, carry, sums, sums_new. The others: float32 or bfloat16.
"""

# ruff: noqa: ARG001, D403, PLR0917 - one signature for all kinds, by position, which numba unpacks
# faster; formulas begin with small letters

from __future__ import annotations

from typing import Any

import numpy as np

from textmusic.lm.kernels.numeric import compiled, f32, narrow, sigmoid, tanh, wide

__all__ = [
    "gru_backward",
    "gru_forward",
    "lstm_backward",
    "lstm_forward",
    "rnn_backward",
    "rnn_forward",
]


@compiled
def _reset(t: int, starts: Any, recurrent: Any, memory: Any) -> None:
    """Make the state before the step zero where a document starts."""
    for b in range(len(recurrent)):
        if starts[t, b]:
            recurrent[b, :] = 0
            memory[t, b, :] = 0


@compiled
def _gather(t: int, above: Any, recurrent: Any, starts: Any, carry: Any) -> None:
    """Add up dL/dh; nothing comes from the next step where a document starts there."""
    for b in range(len(carry)):
        c, a, r = carry[b], above[t, b], recurrent[b]
        if t + 1 == len(starts) or starts[t + 1, b]:
            for j in range(len(c)):
                c[j] = wide(a[j])
        else:
            for j in range(len(c)):
                c[j] += wide(a[j]) + wide(r[j])


@compiled
def _add(values: Any, total: Any) -> None:
    for j in range(len(total)):
        total[j] += values[j]


@compiled
def _store(values: Any, out: Any) -> None:
    for j in range(len(out)):
        out[j] = narrow(values[j], out)


@compiled
def gru_forward(
    t: int,
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
    """r, z = σ(x + h + b); q = h + b'; n = tanh(x + b + r q); h ← n + z (h - n). Saves r z n q."""
    _reset(t, starts, recurrent, memory)
    size = memory.shape[2]
    for b in range(memory.shape[1]):
        x, h, a = inputs[rows[t, b]], recurrent[b], saved[t, b]
        for j in range(2 * size):
            a[j] = sigmoid(wide(x[j]) + wide(h[j]) + bias[j])
        r, z, n, q = a[:size], a[size : 2 * size], a[2 * size : 3 * size], a[3 * size :]
        x, h, c = x[2 * size :], h[2 * size :], bias[2 * size :]
        for j in range(size):
            q[j] = wide(h[j]) + bias_new[j]
        for j in range(size):
            n[j] = wide(x[j]) + c[j]
        for j in range(size):
            n[j] = tanh(n[j] + r[j] * q[j])
        before, after = memory[t, b], memory[t + 1, b]
        for j in range(size):
            after[j] = n[j] + z[j] * (before[j] - n[j])
        _store(after, hidden[t + 1, b])


@compiled
def gru_backward(
    t: int,
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
    """dn = dh (1 - z)(1 - n²); dz = dh (h - n) z (1 - z); dr = dn q r (1 - r); dq = dn r."""
    _gather(t, above, recurrent, starts, carry)
    size = memory.shape[2]
    row = np.empty(4 * size, f32)
    dr, dz, dn, dq = row[:size], row[size : 2 * size], row[2 * size : 3 * size], row[3 * size :]
    for b in range(memory.shape[1]):
        a, d, before = saved[t, b], carry[b], memory[t, b]
        r, z, n, q = a[:size], a[size : 2 * size], a[2 * size : 3 * size], a[3 * size :]
        for j in range(size):
            dn[j] = d[j] * (f32(1) - z[j]) * (f32(1) - n[j] * n[j])
        for j in range(size):
            dz[j] = d[j] * (before[j] - n[j]) * (f32(1) - z[j])
        for j in range(size):
            d[j] *= z[j]
        for j in range(size):
            dz[j] *= z[j]
        for j in range(size):
            dq[j] = dn[j] * r[j]
        for j in range(size):
            dr[j] = dq[j] * q[j] * (f32(1) - r[j])
        _add(row[: 3 * size], sums[rows[t, b]])
        _add(dq, sums_new)
        _store(row[: 2 * size], inner[t, b, : 2 * size])
        _store(dq, inner[t, b, 2 * size :])
        if len(outer):
            _store(row[: 3 * size], outer[t, b])


@compiled
def lstm_forward(
    t: int,
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
    """i, f, o = σ(x + h + b); g = tanh(x + h + b); c ← f c + i g; h = o tanh c. Saves i f g o tanh c."""
    _reset(t, starts, recurrent, memory)
    size = memory.shape[2]
    for b in range(memory.shape[1]):
        x, h, a = inputs[rows[t, b]], recurrent[b], saved[t, b]
        for j in range(4 * size):
            a[j] = wide(x[j]) + wide(h[j]) + bias[j]
        i, f, g = a[:size], a[size : 2 * size], a[2 * size : 3 * size]
        o, out = a[3 * size : 4 * size], a[4 * size :]
        for j in range(2 * size):
            a[j] = sigmoid(a[j])
        for j in range(size):
            g[j] = tanh(g[j])
        for j in range(size):
            o[j] = sigmoid(o[j])
        before, after = memory[t, b], memory[t + 1, b]
        for j in range(size):
            after[j] = f[j] * before[j]
        for j in range(size):
            after[j] += i[j] * g[j]
        for j in range(size):
            out[j] = tanh(after[j])
        y = hidden[t + 1, b]
        for j in range(size):
            y[j] = narrow(o[j] * out[j], y)


@compiled
def lstm_backward(
    t: int,
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
    """dc += dh o (1 - tanh² c); do = dh tanh c o (1 - o); di = dc g i (1 - i); df = dc c f (1 - f).

    dg = dc i (1 - g²). `carry` is dL/dc; dL/dh has no part that skips the gates.
    """
    size = memory.shape[2]
    d, row = np.empty(size, f32), np.empty(4 * size, f32)
    di, df = row[:size], row[size : 2 * size]
    dg, do = row[2 * size : 3 * size], row[3 * size :]
    for b in range(memory.shape[1]):
        a, c, before = saved[t, b], carry[b], memory[t, b]
        y, h = above[t, b], recurrent[b]
        if t + 1 == len(starts) or starts[t + 1, b]:
            c[:] = 0
            for j in range(size):
                d[j] = wide(y[j])
        else:
            for j in range(size):
                d[j] = wide(y[j]) + wide(h[j])
        i, f, g = a[:size], a[size : 2 * size], a[2 * size : 3 * size]
        o, out = a[3 * size : 4 * size], a[4 * size :]
        for j in range(size):
            c[j] += d[j] * o[j] * (f32(1) - out[j] * out[j])
        for j in range(size):
            do[j] = d[j] * out[j] * o[j] * (f32(1) - o[j])
        for j in range(size):
            di[j] = c[j] * g[j] * i[j] * (f32(1) - i[j])
        for j in range(size):
            dg[j] = c[j] * i[j] * (f32(1) - g[j] * g[j])
        for j in range(size):
            df[j] = c[j] * before[j] * f[j] * (f32(1) - f[j])
        for j in range(size):
            c[j] *= f[j]
        _add(row, sums[rows[t, b]])
        _store(row, inner[t, b])


@compiled
def rnn_forward(
    t: int,
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
    """h ← tanh(x + h + b). Saves h."""
    _reset(t, starts, recurrent, memory)
    for b in range(memory.shape[1]):
        x, h, a = inputs[rows[t, b]], recurrent[b], saved[t, b]
        for j in range(len(a)):
            a[j] = tanh(wide(x[j]) + wide(h[j]) + bias[j])
        memory[t + 1, b] = a
        _store(a, hidden[t + 1, b])


@compiled
def rnn_backward(
    t: int,
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
    """dL/dgate = dh (1 - h²)."""
    _gather(t, above, recurrent, starts, carry)
    for b in range(memory.shape[1]):
        d, a = carry[b], saved[t, b]
        for j in range(len(d)):
            d[j] *= f32(1) - a[j] * a[j]
        _add(d, sums[rows[t, b]])
        _store(d, inner[t, b])
        d[:] = 0
