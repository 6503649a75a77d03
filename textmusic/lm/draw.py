"""From logits to the next id: filters, then one draw."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from textmusic.errors import CheckpointError
from textmusic.lm.config import SampleConfig

__all__ = ["draw", "probabilities"]

Floats = NDArray[np.float64]


def probabilities(logits: Floats, allowed: NDArray[np.bool_], config: SampleConfig) -> Floats:
    """Return the distribution that is drawn from.

    Args:
        logits: (B, V), finite.
        allowed: (B, V), at least one in each row.
        config: temperature above 0, top-k and top-p apply in this order.

    Returns:
        (B, V), each row with sum 1.
    """
    scores = np.where(allowed, logits, -np.inf)
    scores -= scores.max(axis=1, keepdims=True)
    weights = np.exp(scores / config.temperature)
    weights /= weights.sum(axis=1, keepdims=True)
    if 0 < config.top_k < weights.shape[1]:
        weights = _largest(weights, np.ones_like(weights), config.top_k)
    if config.top_p < 1:
        weights = _largest(weights, -np.sort(-weights, axis=1), config.top_p)
    return weights


def _largest(weights: Floats, measures: Floats, goal: float) -> Floats:
    """Return the largest weights, the fewest whose measures add up to the goal; the rest is zero.

    Of equal weights those of the lower ids are taken first. To sort numbers is several times
    faster than to sort their places: so the smallest weight that is taken is looked for, and then
    how many are equal to it.

    Args:
        weights: (B, V).
        measures: (B, V), of the weights in falling order.
        goal: what the measures have to reach.

    Returns:
        (B, V), each row with sum 1.
    """
    before = np.cumsum(measures, axis=1) - measures
    count = np.maximum((before < goal).sum(axis=1, keepdims=True), 1)
    smallest = np.take_along_axis(-np.sort(-weights, axis=1), count - 1, axis=1)
    larger, equal = weights > smallest, weights == smallest
    room = count - larger.sum(axis=1, keepdims=True)
    kept: Floats = np.where(larger | (equal & (np.cumsum(equal, axis=1) <= room)), weights, 0)
    kept /= kept.sum(axis=1, keepdims=True)
    return kept


def draw(
    logits: Floats, allowed: NDArray[np.bool_], chances: Floats, config: SampleConfig
) -> tuple[NDArray[np.int64], Floats]:
    """Choose the next id of each stream.

    Args:
        logits: (B, V).
        allowed: (B, V), at least one in each row.
        chances: (B, 2), uniform in [0, 1): whether to be greedy, and what to draw.
        config: how to draw.

    Returns:
        The ids (B,), and their information in bits under the model alone: no filter, no
        grammar, temperature 1.

    Raises:
        CheckpointError: logits that are no numbers.
    """
    if not np.isfinite(logits).all():
        raise CheckpointError("the model gives no probabilities: its training diverged")
    chosen: NDArray[np.int64] = np.where(allowed, logits, -np.inf).argmax(axis=1)
    drawing = chances[:, 0] >= config.greedy
    if config.temperature > 0 and drawing.any():
        totals = np.cumsum(probabilities(logits, allowed, config), axis=1)
        goals = chances[:, 1:] * totals[:, -1:]
        chosen = np.where(drawing, (totals <= goals).sum(axis=1), chosen)
    top = logits.max(axis=1, keepdims=True)
    normal = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    own = np.take_along_axis(logits, chosen[:, None], axis=1)[:, 0]
    return chosen, (normal - own) / math.log(2)
