"""Clipping, and the step of `textmusic.lm.adam` over all parameters at once."""

from __future__ import annotations

import math
from typing import Any

from textmusic.lm.adam import BETA1, BOUND
from textmusic.lm.kernels.numeric import compiled, f32

__all__ = ["adam", "norm"]


@compiled
def norm(gradient: Any) -> float:
    """Return the Euclidean norm of a float32 vector, summed in float64."""
    total = 0.0
    for n in range(len(gradient)):
        total += float(gradient[n]) * float(gradient[n])
    return math.sqrt(total)


@compiled
def adam(  # noqa: PLR0917 - numba unpacks positions faster
    vector: Any,
    gradient: Any,
    mean: Any,
    square: Any,
    scale: float,
    rate: float,
    beta2: float,
    number: int,
) -> None:
    """Take a step in place, as `textmusic.lm.adam` does.

    Args:
        vector: the parameters, float32.
        gradient: of the loss.
        mean: running average of the gradient.
        square: running average of its square.
        scale: by which the gradient is multiplied first.
        rate: learning rate.
        beta2: decay of `square`.
        number: of the step, from 1.
    """
    factor, b1, b2, one = f32(scale), f32(BETA1), f32(beta2), f32(1)
    size, bound = f32(rate / (1 - BETA1**number)), f32(BOUND * rate)
    spread = f32(1 / math.sqrt(1 - beta2**number))
    for n in range(len(vector)):
        g = gradient[n] * factor
        m = b1 * mean[n] + (one - b1) * g
        v = b2 * square[n] + (one - b2) * g * g
        mean[n] = m
        square[n] = v
        m = b1 * m + (one - b1) * g
        step = size * m / (f32(math.sqrt(v)) * spread + f32(1e-8))
        vector[n] -= min(max(step, -bound), bound)
