"""What stands above and below the layers of a window: the loss, and the embedding.

As `window` does it, but by products of our own (`tiles`) and a chunk of steps at a time, as `layers`.
"""

# ruff: noqa: PLR0917 - numba unpacks positions faster

from __future__ import annotations

import math
from typing import Any

from textmusic.lm.kernels.curves import exp2, larger, largest, total
from textmusic.lm.kernels.lanes import LANES, load, spread, store
from textmusic.lm.kernels.numeric import compiled, f32
from textmusic.lm.kernels.panels import gradient, multiply, pack_pairs, pack_steps
from textmusic.lm.kernels.tiles import NONE

__all__ = ["embedding", "output"]

_PER_BIT = 1.44269504


@compiled
def _loss(logits: Any, n: int, target: int, bias: Any, scale: float, row: Any, sums: Any) -> float:
    """Turn a row of logits into its gradients, add these up, and return its loss in nats."""
    size = len(bias)
    top = spread(f32(-3e38))
    for v in range(0, size, LANES):
        x = load(logits, n * size + v) + load(bias, v)
        store(row, v, x)
        top = larger(x, top)
    high = largest(top)
    wanted, mass = row[target] - high, spread(f32(0))
    for v in range(0, size, LANES):
        x = exp2((load(row, v) - high) * f32(_PER_BIT))
        store(row, v, x)
        mass = mass + x
    whole = total(mass)
    row[target] -= whole
    share = f32(scale) / whole
    for v in range(0, size, LANES):
        x = load(row, v) * share
        store(logits, n * size + v, x)
        store(sums, v, load(sums, v) + x)
    nats: float = math.log(whole) - wanted
    return nats


@compiled
def output(
    below: Any,
    targets: Any,
    scale: float,
    bias: Any,
    sums: Any,
    panels: Any,
    panels_back: Any,
    logits: Any,
    left: Any,
    right: Any,
    weight: Any,
    above: Any,
) -> float:
    """Return the sum of the losses of a window in nats, and write their gradients times `scale`.

    Args:
        below: outputs of the last layer (T, B, H).
        targets: ids (T, B).
        scale: of the gradients.
        bias: (V,) float32, V being whole panels, very low for ids that do not exist.
        sums: (V,) its gradients.
        panels: of the output's Wᵀ.
        panels_back: of W.
        logits: memory for those of a chunk (C, B, V).
        left: memory for them packed.
        right: memory for `below` packed.
        weight: gradients of W (V, H) float32.
        above: gradients of `below`.
    """
    time, batch, size = below.shape
    steps, _, columns = logits.shape
    unit = 4 // logits.itemsize
    row = bias.copy()
    sums[:] = 0
    nats = 0.0
    for t in range(0, time, steps):
        count = min(steps, time - t)
        multiply(below, t * batch, count * batch, NONE, panels, size // unit, logits, NONE)
        for n in range(count * batch):
            target = targets[t + n // batch, n % batch]
            nats += _loss(logits, n, target, bias, scale, row, sums)
        multiply(logits, NONE, count * batch, NONE, panels_back, columns // unit, above, t * batch)
        pack_steps(logits, NONE, count, left)
        pack_steps(below, t, count, right)
        gradient(left, NONE, NONE, right, count * -(-batch // unit), weight, t > 0)
    return nats


@compiled
def embedding(
    sums: Any, embedded: Any, panels: Any, low: Any, left: Any, right: Any, rows: Any, weight: Any
) -> None:
    """Write the gradients of the rows of the embedding that occur, and of the first layer's W_ih.

    Args:
        sums: what comes back for each of these rows, dL/d(x W_ihᵀ) (R, G).
        embedded: the rows (1, R, E), E being whole panels.
        panels: of W_ih.
        low: memory for `sums` in the type of `embedded` (1, at least R, G).
        left: memory for it packed.
        right: memory for `embedded` packed.
        rows: gradients of `embedded` (1, at least R, E), float32.
        weight: gradients of W_ih (G, E) float32.
    """
    count, columns = sums.shape
    unit = 4 // embedded.itemsize
    for n in range(0, count * columns, LANES):
        store(low, n, load(sums, n))
    multiply(low, NONE, count, NONE, panels, columns // unit, rows, NONE)
    pack_pairs(low, NONE, count, left, NONE)
    pack_pairs(embedded, NONE, count, right, NONE)
    gradient(left, NONE, NONE, right, -(-count // unit), weight, count < 0)
