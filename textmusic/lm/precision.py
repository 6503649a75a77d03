"""Which precision the matrix products of a training have."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

import torch

from textmusic.lm.config import ModelConfig, TrainConfig
from textmusic.lm.threads import thread_limit

__all__ = ["Product", "choose_precision"]

Product: TypeAlias = Literal["float32", "bfloat16"]
_SMALLEST = 2048
"""Numbers in a state of one thread's streams, from which bfloat16 pays."""
_GAIN = 1.3
"""How much faster bfloat16 has to be. Processors that have it reach about 2, others below 1."""


def choose_precision(model: ModelConfig, train: TrainConfig, batch: int) -> Product:
    """Return the precision in which the products of a training are computed.

    Args:
        model: the shape of the model.
        train: its `precision` decides, unless that is ``auto``.
        batch: streams read side by side.
    """
    if train.precision != "auto":
        return train.precision
    rows = batch // train.threads
    small = model.hidden < 128 or rows * model.hidden < _SMALLEST
    if small or train.device != "cpu" or not _bfloat16_is_faster():
        return "float32"
    return "bfloat16"


@functools.cache
def _bfloat16_is_faster() -> bool:
    """Measure a product of the size that a training step is made of."""
    pairs = [
        (torch.ones(64, 256, dtype=dtype), torch.ones(256, 768, dtype=dtype))
        for dtype in (torch.float32, torch.bfloat16)
    ]
    with thread_limit(1), torch.no_grad():
        seconds = [_seconds(functools.partial(torch.mm, *pair)) for pair in pairs]
    return seconds[1] * _GAIN < seconds[0]


def _seconds(action: Callable[[], object]) -> float:
    """Return the least processor time of a few calls; other programs do not disturb that."""
    action()
    times = []
    for _ in range(20):
        started = time.thread_time()
        action()
        times.append(time.thread_time() - started)
    return min(times)
