"""Products of whole numbers: int8 weights times hidden states of 15 bits.

A hidden state lies between -1 and 1 and is rounded to a whole number of 16256ths, 127 x 128 of
them. Sums of whole numbers are exact, in whatever order: one stream and many give the same bits
though different code runs them. For many, each state is cut into two digits of 8 bits, and oneDNN
multiplies them, which on processors with VNNI takes half the time of float32.

Shapes: B streams, K terms, N sums.
"""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from textmusic.lm.kernels.numeric import compiled
from textmusic.lm.threads import thread_limit

__all__ = ["LONGEST", "STEPS", "digits", "joined", "multiplies_exactly", "pays", "whole_row"]

f32, i8, i16, i32 = np.float32, np.int8, np.int16, np.int32
STEPS = 127 * 128
LONGEST = (1 << 31) // (STEPS * 127)
"""Terms that a sum of 32 bits can hold."""
_GAIN = 1.3
"""How much faster than float32 they have to be. Processors made for them reach more than 2."""


@compiled
def whole_row(x: Any, weights: Any, scale: Any, rounded: Any, out: Any) -> None:
    """Write x Wᵀ for one row; W is (N, K), and `scale` (N,) makes floats of the sums."""
    for k in range(len(x)):
        rounded[k] = i16(np.rint(x[k] * f32(STEPS)))
    for j in range(len(out)):
        row = weights[j]
        total = i32(0)
        for k in range(len(rounded)):
            total = i32(total + i32(rounded[k]) * i32(row[k]))
        out[j] = f32(total) * scale[j]


@compiled
def digits(x: Any, out: Any) -> None:
    """Cut the numbers (B, K) into digits (2 B, K): first all high ones, then all low ones."""
    count = len(x)
    for b in range(count):
        row, high, low = x[b], out[b], out[count + b]
        for k in range(len(row)):
            value = i32(np.rint(row[k] * f32(STEPS)))
            top = (value + i32(64)) >> i32(7)
            high[k] = i8(top)
            low[k] = i8(value - (top << i32(7)))


@compiled
def joined(sums: Any, scale: Any, out: Any) -> None:
    """Write what `whole_row` does, from the sums of the digits (2 B, N)."""
    count = len(out)
    for b in range(count):
        row, high, low = out[b], sums[b], sums[count + b]
        for j in range(len(row)):
            row[j] = f32(i32(high[j] * i32(128) + low[j])) * scale[j]


def multiplies_exactly(weights: NDArray[np.int8]) -> bool:
    """Whether torch multiplies such weights (N, K) here, and exactly.

    Processors without VNNI may add pairs of products in 16 bits, which overflow.
    """
    extreme = np.where(weights[: min(4, len(weights))] < 0, -127, 127).astype(np.int8)
    try:
        sums = torch._int_mm(torch.from_numpy(extreme), torch.from_numpy(weights).t())  # noqa: SLF001 - the only way to oneDNN's
    except (AttributeError, RuntimeError):
        return False
    return bool((sums.numpy() == extreme.astype(np.int32) @ weights.astype(np.int32).T).all())


@functools.cache
def pays() -> bool:
    """Whether whole numbers are multiplied exactly here, and faster than float32."""
    weights = np.full((768, 256), 127, np.int8)
    if not multiplies_exactly(weights):
        return False
    rows, cut = torch.ones(64, 256), torch.ones(128, 256, dtype=torch.int8)
    real, whole = torch.ones(256, 768), torch.from_numpy(weights).t()
    least = [float("inf"), float("inf")]
    with thread_limit(1), torch.no_grad():
        for _ in range(20):
            started = time.thread_time()
            torch.mm(rows, real)
            between = time.thread_time()
            torch._int_mm(cut, whole)  # noqa: SLF001 - as above
            least = [min(least[0], between - started), min(least[1], time.thread_time() - between)]
    return least[1] * _GAIN < least[0]
