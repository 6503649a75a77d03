"""All steps of a layer in one call, forward and backward, products and gates together.

A step goes through the units `WIDTH` at a time: their gates are multiplied by `tiles.strip` for all
streams, and the sums are still in the nearest cache when they become states. `gates` has the same
passes step by step, and says what the arguments are. Others:

    panels  packed: forward W_hhᵀ, for each panel of units its gates; backward W_hh, as `deltas`
    inputs  of the first layer as there, of others (C, B, G) for the C steps of a chunk
    saved   (T, panels of units, B, numbers a unit, WIDTH): float32, or with bfloat16 products float16,
            half as large, whose error of 2^-12 is little beside theirs
    deltas  (C, B, D), dL/dgates of a chunk; for a GRU dq dr dz dn, of which the first three belong
            to h W_hhᵀ and the last three to x W_ihᵀ, else in PyTorch's order, for both
    left    `deltas` packed · work (B, gates x WIDTH), for sums
"""

# ruff: noqa: ARG001, PLR0917 - one signature for all kinds, by position
from __future__ import annotations

from typing import Any

from textmusic.lm.kernels.chunks import (
    Below,
    Ends,
    add,
    ahead,
    finish,
    project,
    sums_backward,
    sums_forward,
)
from textmusic.lm.kernels.curves import sigmoid, tanh
from textmusic.lm.kernels.lanes import LANES, load, store
from textmusic.lm.kernels.numeric import compiled, f32
from textmusic.lm.kernels.tiles import WIDTH

__all__ = [
    "gru_backward",
    "gru_forward",
    "lstm_backward",
    "lstm_forward",
    "rnn_backward",
    "rnn_forward",
]


@compiled
def gru_forward(
    panels: Any,
    inputs: Any,
    rows: Any,
    starts: Any,
    bias: Any,
    bias_new: Any,
    memory: Any,
    saved: Any,
    hidden: Any,
    work: Any,
    below: Below,
) -> None:
    """All steps of `gates.gru_forward`."""
    _, batch, size = memory.shape
    for t in range(len(starts)):
        project(t, below, inputs, rows)
        for panel in range(size // WIDTH):
            sums_forward(t, panel, 3, panels, starts, hidden, memory, work)
            for b in range(batch):
                place = ((t * (size // WIDTH) + panel) * batch + b) * 4 * WIDTH
                ahead(saved, place + batch * 4 * size, 4 * WIDTH)
                for half in range(0, WIDTH, LANES):
                    j = panel * WIDTH + half
                    w, s = b * 3 * WIDTH + half, place + half
                    x, m = rows[t, b] * 3 * size + j, (t * batch + b) * size + j
                    r = sigmoid(load(work, w) + load(inputs, x) + load(bias, j))
                    z = sigmoid(
                        load(work, w + WIDTH) + load(inputs, x + size) + load(bias, j + size)
                    )
                    q = load(work, w + 2 * WIDTH) + load(bias_new, j)
                    n = tanh(load(inputs, x + 2 * size) + load(bias, j + 2 * size) + r * q)
                    h = n + z * (load(memory, m) - n)
                    store(memory, m + batch * size, h)
                    store(hidden, m + batch * size, h)
                    store(saved, s, r)
                    store(saved, s + WIDTH, z)
                    store(saved, s + 2 * WIDTH, n)
                    store(saved, s + 3 * WIDTH, q)


@compiled
def gru_backward(
    panels: Any,
    starts: Any,
    rows: Any,
    sums: Any,
    sums_new: Any,
    saved: Any,
    memory: Any,
    carry: Any,
    deltas: Any,
    left: Any,
    work: Any,
    ends: Ends,
) -> None:
    """All steps of `gates.gru_backward`."""
    _, batch, size = memory.shape
    one, time = f32(1), len(starts)
    for t in range(time - 1, -1, -1):
        for panel in range(size // WIDTH):
            sums_backward(t, time, panel, 3 * size, panels, deltas, work)
            for b in range(batch):
                place = ((t * (size // WIDTH) + panel) * batch + b) * 4 * WIDTH
                ahead(saved, place - batch * 4 * size, 4 * WIDTH)
                ahead(memory, ((t - 1) * batch + b) * size + panel * WIDTH, WIDTH)
                ahead(ends.above, ((t - 1) * batch + b) * size + panel * WIDTH, WIDTH)
                more = t + 1 < time and not starts[t + 1, b]
                for half in range(0, WIDTH, LANES):
                    j, s = panel * WIDTH + half, place + half
                    m, c, x = (t * batch + b) * size + j, b * size + j, rows[t, b] * 3 * size + j
                    d = load(ends.above, m)
                    if more:
                        d = d + load(work, b * WIDTH + half) + load(carry, c)
                    r, z = load(saved, s), load(saved, s + WIDTH)
                    n, q = load(saved, s + 2 * WIDTH), load(saved, s + 3 * WIDTH)
                    dz = d * (load(memory, m) - n) * (z * (one - z))
                    dn = d * (one - z) * (one - n * n)
                    dq = dn * r
                    dr = dq * q * (one - r)
                    store(carry, c, d * z)
                    add(sums, x, dr)
                    add(sums, x + size, dz)
                    add(sums, x + 2 * size, dn)
                    add(sums_new, j, dq)
                    g = (t % len(deltas) * batch + b) * 4 * size + j
                    store(deltas, g, dq)
                    store(deltas, g + size, dr)
                    store(deltas, g + 2 * size, dz)
                    store(deltas, g + 3 * size, dn)
        finish(t, time, deltas, left, ends)


@compiled
def lstm_forward(
    panels: Any,
    inputs: Any,
    rows: Any,
    starts: Any,
    bias: Any,
    bias_new: Any,
    memory: Any,
    saved: Any,
    hidden: Any,
    work: Any,
    below: Below,
) -> None:
    """All steps of `gates.lstm_forward`."""
    _, batch, size = memory.shape
    for t in range(len(starts)):
        project(t, below, inputs, rows)
        for panel in range(size // WIDTH):
            sums_forward(t, panel, 4, panels, starts, hidden, memory, work)
            for b in range(batch):
                place = ((t * (size // WIDTH) + panel) * batch + b) * 5 * WIDTH
                ahead(saved, place + batch * 5 * size, 5 * WIDTH)
                for half in range(0, WIDTH, LANES):
                    j = panel * WIDTH + half
                    w, s = b * 4 * WIDTH + half, place + half
                    x, m = rows[t, b] * 4 * size + j, (t * batch + b) * size + j
                    i = load(work, w) + load(inputs, x) + load(bias, j)
                    f = load(work, w + WIDTH) + load(inputs, x + size) + load(bias, j + size)
                    x, y = x + 2 * size, j + 2 * size
                    g = load(work, w + 2 * WIDTH) + load(inputs, x) + load(bias, y)
                    o = load(work, w + 3 * WIDTH) + load(inputs, x + size) + load(bias, y + size)
                    i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
                    c = f * load(memory, m) + i * g
                    out = tanh(c)
                    store(memory, m + batch * size, c)
                    store(hidden, m + batch * size, o * out)
                    store(saved, s, i)
                    store(saved, s + WIDTH, f)
                    store(saved, s + 2 * WIDTH, g)
                    store(saved, s + 3 * WIDTH, o)
                    store(saved, s + 4 * WIDTH, out)


@compiled
def lstm_backward(
    panels: Any,
    starts: Any,
    rows: Any,
    sums: Any,
    sums_new: Any,
    saved: Any,
    memory: Any,
    carry: Any,
    deltas: Any,
    left: Any,
    work: Any,
    ends: Ends,
) -> None:
    """All steps of `gates.lstm_backward`."""
    _, batch, size = memory.shape
    one, time = f32(1), len(starts)
    for t in range(time - 1, -1, -1):
        for panel in range(size // WIDTH):
            sums_backward(t, time, panel, 4 * size, panels, deltas, work)
            for b in range(batch):
                place = ((t * (size // WIDTH) + panel) * batch + b) * 5 * WIDTH
                ahead(saved, place - batch * 5 * size, 5 * WIDTH)
                ahead(memory, ((t - 1) * batch + b) * size + panel * WIDTH, WIDTH)
                ahead(ends.above, ((t - 1) * batch + b) * size + panel * WIDTH, WIDTH)
                more = t + 1 < time and not starts[t + 1, b]
                for half in range(0, WIDTH, LANES):
                    j, s = panel * WIDTH + half, place + half
                    m, k, x = (t * batch + b) * size + j, b * size + j, rows[t, b] * 4 * size + j
                    i, f = load(saved, s), load(saved, s + WIDTH)
                    g, o = load(saved, s + 2 * WIDTH), load(saved, s + 3 * WIDTH)
                    out = load(saved, s + 4 * WIDTH)
                    d = load(ends.above, m)
                    if more:
                        d = d + load(work, b * WIDTH + half)
                    dc = d * o * (one - out * out)
                    dc = dc + load(carry, k) if more else dc
                    do = d * out * (o * (one - o))
                    di = dc * g * (i * (one - i))
                    dg = dc * i * (one - g * g)
                    df = dc * load(memory, m) * (f * (one - f))
                    store(carry, k, dc * f)
                    add(sums, x, di)
                    add(sums, x + size, df)
                    add(sums, x + 2 * size, dg)
                    add(sums, x + 3 * size, do)
                    y = (t % len(deltas) * batch + b) * 4 * size + j
                    store(deltas, y, di)
                    store(deltas, y + size, df)
                    store(deltas, y + 2 * size, dg)
                    store(deltas, y + 3 * size, do)
        finish(t, time, deltas, left, ends)


@compiled
def rnn_forward(
    panels: Any,
    inputs: Any,
    rows: Any,
    starts: Any,
    bias: Any,
    bias_new: Any,
    memory: Any,
    saved: Any,
    hidden: Any,
    work: Any,
    below: Below,
) -> None:
    """All steps of `gates.rnn_forward`; its state is all that backward needs."""
    _, batch, size = memory.shape
    for t in range(len(starts)):
        project(t, below, inputs, rows)
        for panel in range(size // WIDTH):
            sums_forward(t, panel, 1, panels, starts, hidden, memory, work)
            for b in range(batch):
                for half in range(0, WIDTH, LANES):
                    j = panel * WIDTH + half
                    x, m = rows[t, b] * size + j, ((t + 1) * batch + b) * size + j
                    h = tanh(load(work, b * WIDTH + half) + load(inputs, x) + load(bias, j))
                    store(memory, m, h)
                    store(hidden, m, h)
                    store(saved, m - batch * size, h)


@compiled
def rnn_backward(
    panels: Any,
    starts: Any,
    rows: Any,
    sums: Any,
    sums_new: Any,
    saved: Any,
    memory: Any,
    carry: Any,
    deltas: Any,
    left: Any,
    work: Any,
    ends: Ends,
) -> None:
    """All steps of `gates.rnn_backward`."""
    _, batch, size = memory.shape
    one, time = f32(1), len(starts)
    for t in range(time - 1, -1, -1):
        for panel in range(size // WIDTH):
            sums_backward(t, time, panel, size, panels, deltas, work)
            for b in range(batch):
                for half in range(0, WIDTH, LANES):
                    j = panel * WIDTH + half
                    m, x = (t * batch + b) * size + j, rows[t, b] * size + j
                    d = load(ends.above, m)
                    if t + 1 < time and not starts[t + 1, b]:
                        d = d + load(work, b * WIDTH + half)
                    d = d * (one - load(saved, m) * load(saved, m))
                    add(sums, x, d)
                    store(deltas, (t % len(deltas) * batch + b) * size + j, d)
        finish(t, time, deltas, left, ends)
