"""From logits to the next id in compiled code: `textmusic.lm.draw` for one stream."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from textmusic.lm.kernels.numeric import compiled, exp

__all__ = ["choose", "is_finite"]

f32, u32 = np.float32, np.uint32
_INFINITE = u32(0x7F800000)


@compiled
def is_finite(values: Any) -> Any:
    """Whether no number is infinite or nan; by their bits, as compiled code may ignore nan."""
    largest = u32(0)
    for v in range(len(values)):
        largest = max(largest, f32(values[v]).view(u32) & _INFINITE)
    return largest != _INFINITE


@compiled
def _exponentials(logits: Any, top: Any, scale: Any, out: Any) -> Any:
    """Write e^((x - top) scale) and return the sum."""
    for v in range(len(out)):
        out[v] = exp(max(logits[v] - top, f32(-1e4)) * scale)
    total = f32(0)
    for v in range(len(out)):
        total += out[v]
    return total


@compiled
def _total(weights: Any) -> Any:
    total = f32(0)
    for v in range(len(weights)):
        total += weights[v]
    return total


@compiled
def _reached(weights: Any, measures: Any, threshold: Any) -> tuple[Any, int]:
    """Add up the measures of the weights from a threshold on, and count them."""
    total = f32(0)
    for v in range(len(weights)):
        total += measures[v] if weights[v] >= threshold else f32(0)
    count = 0
    for v in range(len(weights)):
        count += weights[v] >= threshold
    return total, count


@compiled
def _keep(weights: Any, measures: Any, goal: Any) -> None:
    """Set all weights to zero but the largest ones, the fewest whose measures add up to the goal.

    Of equal weights those of the lower ids are taken first. The threshold is found by bisection,
    as the bits of positive float32 numbers are in the order of the numbers: at the end lie between
    the two bounds one weight, or equal ones.
    """
    low, high = 0, 0x7F800000
    count_low, count_high = len(weights), 0
    total = f32(0)
    while high - low > 1 and count_low - count_high > 1:
        middle = (low + high) >> 1
        reached, count = _reached(weights, measures, u32(middle).view(f32))
        if reached >= goal:
            low, count_low = middle, count
        else:
            high, count_high, total = middle, count, reached
    lower, upper = u32(low).view(f32), u32(high).view(f32)
    for v in range(len(weights)):
        if weights[v] < upper:
            if weights[v] >= lower and total < goal:
                total += measures[v]
            else:
                weights[v] = 0


@compiled
def _likeliest(logits: Any, allowed: Any) -> int:
    best = -1
    for v in range(len(allowed)):
        if allowed[v] and (best < 0 or logits[v] > logits[best]):
            best = v
    return best


@compiled
def choose(
    logits: Any, allowed: Any, chances: Any, options: Any, scratch: Any
) -> tuple[int, float]:
    """Choose the next id.

    Args:
        logits: (V,) or more, finite; only the first are chosen from.
        allowed: (V,), at least one.
        chances: (2,), uniform in [0, 1): whether to be greedy, and what to draw.
        options: an `Options`.
        scratch: (2, V) float32, overwritten.

    Returns:
        The id, and its information in bits under the model alone.
    """
    weights, measures = scratch[0], scratch[1]
    top = f32(-3e38)
    for v in range(len(weights)):
        top = max(top, logits[v])
    mass = _exponentials(logits, top, f32(1), weights)
    best = _likeliest(logits, allowed)
    chosen = best
    if options.temperature > 0 and chances[0] >= options.greedy:
        scale = f32(1 / max(options.temperature, 1e-30))
        if scale != 1 or logits[best] != top:
            _exponentials(logits, logits[best], scale, weights)
        for v in range(len(weights)):
            weights[v] = weights[v] if allowed[v] else f32(0)
        if 0 < options.top_k < len(weights):
            for v in range(len(weights)):
                measures[v] = 1
            _keep(weights, measures, f32(options.top_k))
        if options.top_p < 1:
            for v in range(len(weights)):
                measures[v] = weights[v]
            _keep(weights, measures, f32(options.top_p) * _total(weights))
        chosen = _drawn(weights, chances[1], best)
    return chosen, (math.log(mass) + top - logits[chosen]) / math.log(2)


@compiled
def _drawn(weights: Any, chance: float, default: int) -> int:
    """Return the id in whose share of the whole the chance falls."""
    total = 0.0
    for v in range(len(weights)):
        total += weights[v]
    goal = chance * total
    reached = 0.0
    for v in range(len(weights)):
        reached += weights[v]
        if reached > goal:
            return v
    return default
