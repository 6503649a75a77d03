"""Products of whole matrices by the kernel of `tiles`, and the packing of their factors."""

# ruff: noqa: PLR0917 - numba unpacks positions faster

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from textmusic.lm.kernels.lanes import (
    INTS,
    LANES,
    SHORTS,
    Code,
    address,
    constant,
    instruction,
    load,
    store,
)
from textmusic.lm.kernels.numeric import compiled
from textmusic.lm.kernels.tiles import WIDTH, strip

__all__ = ["gradient", "multiply", "pack_pairs", "pack_steps", "pack_turned"]

_BLOCK = 32
"""Rows that are multiplied with all panels before the next: they stay in the nearest cache."""


@compiled
def multiply(
    left: Any, begin: int, rows: int, first: int, panels: Any, units: int, out: Any, place: int
) -> None:
    """Write left W, rounded to the type of `out`.

    Args:
        left: (..., at least first + K); all arrays here have three dimensions, if need be of 1,
            and no number is a constant: each other type would be compiled anew.
        begin: the first of its rows.
        rows: how many.
        first: column of `left` with which the product begins.
        panels: those of W (K, M).
        units: of K.
        out: (..., M).
        place: row of `out` for the first.
    """
    unit = 4 // left.itemsize
    columns, total = left.shape[-1], out.shape[-1]
    size = units * unit * WIDTH
    sums = np.empty(_BLOCK * WIDTH, np.float32)
    for done in range(0, rows, _BLOCK):
        count = min(_BLOCK, rows - done)
        for panel in range(total // WIDTH):
            strip(
                *(count, left, (begin + done) * columns + first, columns, unit),
                *(panels, panel * size, units, sums, 0, WIDTH, False),
            )
            for r in range(count):
                at = (place + done + r) * total + panel * WIDTH
                store(out, at, load(sums, r * WIDTH))
                store(out, at + LANES, load(sums, r * WIDTH + LANES))


@compiled
def pack_turned(weight: Any, panels: Any, first: int, step: int) -> None:
    """Pack W (N, K) to multiply with Wᵀ; both are given as units, of 32 bits, (N, K / unit).

    Args:
        weight: of whole panels of rows.
        panels: (any, K / unit, WIDTH).
        first: where its first panel goes.
        step: from one of its panels to the next.
    """
    for panel in range(len(weight) // WIDTH):
        out = panels[first + panel * step]
        for k in range(len(out)):
            for j in range(WIDTH):
                out[k, j] = weight[panel * WIDTH + j, k]


@instruction
def _weave(_typing: Any, source: Any, at: Any, other: Any, out: Any, place: Any) -> Code:  # noqa: ARG001 - as above
    """Write pairs of bfloat16: of the elements from `at` on, and of those from `other` on."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array, at_, other_, out_, place_ = args
        low, high = (
            builder.zext(
                builder.load(
                    address(context, builder, sig.args[0], (array, begin), SHORTS), align=2
                ),
                INTS,
            )
            for begin in (at_, other_)
        )
        both = builder.or_(low, builder.shl(high, constant(INTS, 16)))
        builder.store(both, address(context, builder, sig.args[3], (out_, place_), INTS), align=2)
        return context.get_dummy_value()

    whole = types.intp
    return types.void(source, whole, whole, out, whole), code


@compiled
def pack_pairs(source: Any, begin: int, rows: int, panels: Any, first: int) -> None:
    """Pack rows of an array: those of a right factor, or of a left one that is to be transposed.

    Args:
        source: (..., K), float32 or bfloat16, of whole panels of columns.
        begin: the first of the rows.
        rows: how many; a pair of bfloat16 that lacks its second gets a zero.
        panels: (K / WIDTH, units, WIDTH x unit), of the type of `source`.
        first: unit with which the rows begin there.
    """
    size, width = source.shape[-1], panels.shape[2]
    unit = width // WIDTH
    for n in range(rows // unit):
        at = (begin + n * unit) * size
        for panel in range(len(panels)):
            place = (panel * panels.shape[1] + first + n) * width
            for column in range(panel * WIDTH, (panel + 1) * WIDTH, LANES):
                if unit == 1:
                    store(panels, place, load(source, at + column))
                else:
                    _weave(source, at + column, at + size + column, panels, place)
                place += LANES * unit
    if rows % unit:
        numbers, at = source.reshape(-1), (begin + rows - 1) * size
        for column in range(size):
            last = panels[column // WIDTH, first + rows // unit]
            place = column % WIDTH * unit
            last[place], last[place + 1] = numbers[at + column], 0


@compiled
def pack_steps(source: Any, begin: int, steps: int, panels: Any) -> None:
    """Pack steps of an array (T, B, K) by `pack_pairs`, no pair of two steps."""
    batch = source.shape[1]
    units = -(-batch * source.itemsize // 4)
    for t in range(steps):
        pack_pairs(source, (begin + t) * batch, batch, panels, t * units)


@compiled
def gradient(
    left: Any,
    begin: int,
    shift: int,
    right: Any,
    units: int,
    out: Any,
    add: bool,  # noqa: FBT001
) -> None:
    """Write leftᵀ right, summed over the rows of both, the gradient of a matrix of weights.

    Args:
        left: packed by `pack_pairs`: dL/d(outputs).
        begin: panel of `left` with which the product begins.
        shift: row of `out` in which it begins; after the last row comes the first.
        right: packed: the inputs.
        units: of the rows.
        out: (N, K), float32.
        add: add to `out` instead of writing.
    """
    rows, columns = out.shape
    size = left.shape[1] * left.shape[2]
    unit = left.shape[2] // WIDTH
    for n in range(rows // WIDTH):
        place = (n * WIDTH + shift) % rows * columns
        for panel in range(len(right)):
            strip(
                *(WIDTH, left, (begin + n) * size, unit, unit * WIDTH, right, panel * size, units),
                *(out, place + panel * WIDTH, columns, add),
            )
