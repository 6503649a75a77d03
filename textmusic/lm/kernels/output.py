"""The ends of a window: softmax and cross-entropy in one pass, and dropout."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from textmusic.lm.kernels.numeric import compiled, exp, f32, narrow, wide

__all__ = ["cross_entropy", "drop"]


@compiled
def cross_entropy(logits: Any, bias: Any, targets: Any, scale: Any, sums: Any) -> float:
    """Turn logits into their gradients, in place.

    Args:
        logits: (N, V), the bias not yet added; afterwards scale · (softmax - one-hot).
        bias: (V,) float32.
        targets: (N,).
        scale: float32.
        sums: (V,) float32, to which the gradients are added.

    Returns:
        The sum of the negative log-likelihoods, in nats.
    """
    total = 0.0
    row = np.empty(len(bias), f32)
    for n in range(len(logits)):
        x = logits[n]
        for v in range(len(row)):
            row[v] = wide(x[v]) + bias[v]
        top = row[0]
        for v in range(len(row)):
            top = max(top, row[v])
        wanted = row[targets[n]] - top
        mass = f32(0)
        for v in range(len(row)):
            row[v] = exp(row[v] - top)
        for v in range(len(row)):
            mass += row[v]
        share = scale / mass
        for v in range(len(row)):
            row[v] *= share
        row[targets[n]] -= scale
        for v in range(len(row)):
            x[v] = narrow(row[v], x)
        for v in range(len(row)):
            sums[v] += row[v]
        total += math.log(mass) - wanted
    return total


@compiled
def drop(values: Any, keep: Any, scale: Any, out: Any) -> None:
    """Write values · scale where `keep`, else 0; all are one row of equal length."""
    for n in range(len(out)):
        out[n] = narrow(wide(values[n]) * scale * f32(keep[n]), out)
