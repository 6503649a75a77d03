"""Rows times weights, such that a row does not depend on those beside it, to the last bit.

However many rows there are, each sum is taken in the same order. Weights are float32 or bfloat16
(their bits), and the sums are float32; or they are int8 and the sums are exact (`whole`). One row
alone costs the reading of the weights; many rows share blocks of columns that stay in the cache.
"""

# ruff: noqa: ARG001, PLR0917 - numba wants the same arguments of all variants, by position

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import overload

from textmusic.lm.kernels.numeric import compiled, wide
from textmusic.lm.kernels.whole import whole_row

__all__ = ["ordered", "product"]


def ordered(function: Callable[..., Any]) -> Any:
    """Compile as `compiled` does, but leave sums in the order in which they are written."""
    return compiled(function, fastmath={"contract"})


@ordered
def _row(x: Any, weights: Any, out: Any) -> None:
    """Write x W for one row. Eight rows of W at a time: `out` is read and written less often."""
    for j in range(len(out)):
        out[j] = 0
    size = len(x) - len(x) % 8
    for k in range(0, size, 8):
        x0, x1, x2, x3 = x[k], x[k + 1], x[k + 2], x[k + 3]
        x4, x5, x6, x7 = x[k + 4], x[k + 5], x[k + 6], x[k + 7]
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        w4, w5, w6, w7 = weights[k + 4], weights[k + 5], weights[k + 6], weights[k + 7]
        for j in range(len(out)):
            total = out[j]
            total += x0 * wide(w0[j])
            total += x1 * wide(w1[j])
            total += x2 * wide(w2[j])
            total += x3 * wide(w3[j])
            total += x4 * wide(w4[j])
            total += x5 * wide(w5[j])
            total += x6 * wide(w6[j])
            total += x7 * wide(w7[j])
            out[j] = total
    for k in range(size, len(x)):
        value, row = x[k], weights[k]
        for j in range(len(out)):
            out[j] += value * wide(row[j])


@ordered
def _four(
    a: Any, b: Any, c: Any, d: Any, weights: Any, out_a: Any, out_b: Any, out_c: Any, out_d: Any
) -> None:
    """Write x W for four rows: each weight that is loaded is used four times."""
    for j in range(len(out_a)):
        out_a[j] = 0
        out_b[j] = 0
        out_c[j] = 0
        out_d[j] = 0
    size = len(a) - len(a) % 4
    for k in range(0, size, 4):
        a0, a1, a2, a3 = a[k], a[k + 1], a[k + 2], a[k + 3]
        b0, b1, b2, b3 = b[k], b[k + 1], b[k + 2], b[k + 3]
        c0, c1, c2, c3 = c[k], c[k + 1], c[k + 2], c[k + 3]
        d0, d1, d2, d3 = d[k], d[k + 1], d[k + 2], d[k + 3]
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for j in range(len(out_a)):
            v0, v1, v2, v3 = w0[j], w1[j], w2[j], w3[j]
            total_a, total_b, total_c, total_d = out_a[j], out_b[j], out_c[j], out_d[j]
            total_a += a0 * v0
            total_b += b0 * v0
            total_c += c0 * v0
            total_d += d0 * v0
            total_a += a1 * v1
            total_b += b1 * v1
            total_c += c1 * v1
            total_d += d1 * v1
            total_a += a2 * v2
            total_b += b2 * v2
            total_c += c2 * v2
            total_d += d2 * v2
            total_a += a3 * v3
            total_b += b3 * v3
            total_c += c3 * v3
            total_d += d3 * v3
            out_a[j] = total_a
            out_b[j] = total_b
            out_c[j] = total_c
            out_d[j] = total_d
    for k in range(size, len(a)):
        row = weights[k]
        for j in range(len(out_a)):
            out_a[j] += a[k] * row[j]
            out_b[j] += b[k] * row[j]
            out_c[j] += c[k] * row[j]
            out_d[j] += d[k] * row[j]


@ordered
def _columns(x: Any, weights: Any, out: Any, first: int, panel: Any) -> None:
    """Write some columns of x W: as float32 they fit into `panel` and the cache."""
    size = panel.shape[1]
    last = first + size
    for k in range(len(panel)):
        row, copy = weights[k][first:last], panel[k]
        for j in range(size):
            copy[j] = wide(row[j])
    whole = len(x) - len(x) % 4
    for b in range(0, whole, 4):
        y0, y1 = out[b][first:last], out[b + 1][first:last]
        y2, y3 = out[b + 2][first:last], out[b + 3][first:last]
        _four(x[b], x[b + 1], x[b + 2], x[b + 3], panel, y0, y1, y2, y3)
    for b in range(whole, len(x)):
        _row(x[b], panel, out[b][first:last])


def product(x: Any, weights: Any, scale: Any, work: Any, panel: Any, out: Any) -> None:
    """Write x W, (B, K) times (K, N); int8 weights are (N, K) and have a scale each sum."""
    raise NotImplementedError  # for compiled code only


@overload(product, strict=False)
def _product(x: Any, weights: Any, scale: Any, work: Any, panel: Any, out: Any) -> Any:
    if weights.dtype == types.int8:

        def whole(x: Any, weights: Any, scale: Any, work: Any, panel: Any, out: Any) -> None:
            for b in range(len(x)):
                whole_row(x[b], weights, scale, work.rounded, out[b])

        return whole

    def real(x: Any, weights: Any, scale: Any, work: Any, panel: Any, out: Any) -> None:
        if len(x) < 4:
            for b in range(len(x)):
                _row(x[b], weights, out[b])
        else:
            width, columns = panel.shape[1], weights.shape[1]
            for first in range(
                0, columns, width
            ):  # the last may begin earlier: some are done twice
                _columns(x, weights, out, min(first, columns - width), panel)

    return real
