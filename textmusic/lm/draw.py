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
    size = weights.shape[1]
    if not 0 < config.top_k < size and config.top_p >= 1:
        return weights
    order = np.argsort(-weights, axis=1, kind="stable")
    ranked = np.take_along_axis(weights, order, axis=1)
    if 0 < config.top_k < size:
        ranked[:, config.top_k :] = 0
        ranked /= ranked.sum(axis=1, keepdims=True)
    before = np.cumsum(ranked, axis=1) - ranked
    ranked[before >= config.top_p] = 0
    np.put_along_axis(weights, order, ranked, axis=1)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


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
