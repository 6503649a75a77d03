"""Matrix products of our own, for windows too short for a library's calls to pay.

The inner kernel keeps a tile of the result, `ROWS` rows by `WIDTH` columns, in registers while it
goes along the common dimension (Goto and van de Geijn 2008, "Anatomy of high-performance matrix
multiplication"): two vectors of weights are loaded and each number of the rows is spread over a
vector. With float32 that is one fused multiplication and addition a vector; with bfloat16 it is
VDPBF16PS of AVX512_BF16 (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2;
AMD64 Architecture Programmer's Manual, volume 4), which adds the products of two neighbouring
pairs to each float32 sum. So numbers are taken in *units* along the common dimension, of one
float32 or two bfloat16.

The right factor (K, N) is packed as panels of `WIDTH` columns, each (K / unit, WIDTH, unit): the
kernel reads it from beginning to end. The left factor is read where it stands: `row` and `step`
say how far apart its rows and its units are, so that it may be a packed factor too, transposed.
"""

# ruff: noqa: PLR0917 - numba unpacks positions faster

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from textmusic.lm.kernels.lanes import (
    FEATURES,
    INTS,
    LANES,
    VECTOR,
    BFloat,
    Code,
    address,
    instruction,
    ir,
    outside,
    splat,
)
from textmusic.lm.kernels.numeric import compiled

__all__ = ["BFLOAT16", "NONE", "ROWS", "WIDTH", "strip"]

ROWS = 8 if LANES == 16 else 6
"""With two vectors each: of 32 registers 16 hold sums, or of 16 twelve."""
WIDTH = 2 * LANES
BFLOAT16 = LANES == 16 and bool(FEATURES.get("avx512bf16"))
"""Whether the processor multiplies bfloat16."""
NONE = np.int64(0)
"""Zero as a number like others: compiled code for a constant would be another."""
_APART = 4
"""Sums for each number of one or two rows; units are a multiple of it."""

_LONG = ir.IntType(64)


def _dot(builder: Any, total: Any, left: Any, right: Any) -> Any:
    """Return LLVM code for total + left · right, of vectors of units."""
    if left.type == VECTOR:
        return builder.fadd(total, builder.fmul(left, right, flags=("contract",)), ("contract",))
    pairs = ir.VectorType(BFloat(), 2 * LANES)
    both = [builder.bitcast(value, pairs) for value in (left, right)]
    return outside(builder, "llvm.x86.avx512bf16.dpbf16ps.512", VECTOR, [total, *both])


def _tile(count: int) -> Any:
    """Return compiled code for `count` rows of a product with a panel."""

    def tile(
        _typing: Any,
        left: Any,
        at: Any,  # noqa: ARG001 - numba looks at the types by these names
        row: Any,  # noqa: ARG001
        step: Any,  # noqa: ARG001
        panels: Any,
        first: Any,  # noqa: ARG001
        units: Any,  # noqa: ARG001
        out: Any,
        place: Any,  # noqa: ARG001
        width: Any,  # noqa: ARG001
        add: Any,  # noqa: ARG001
    ) -> Code:
        def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            _call_tile(count, context, builder, sig.args, args)
            return context.get_dummy_value()

        whole = types.intp
        factors = left, whole, whole, whole, panels, whole, whole
        return types.void(*factors, out, whole, whole, types.boolean), code

    return instruction(tile)


def _call_tile(count: int, context: Any, builder: Any, kinds: Any, args: Any) -> None:
    """Call the kernel; it is one function, since LLVM would copy and optimise it at every call."""
    left, at, row, step, panels, first, units, out, place, width, add = args
    unit, kind = (1, VECTOR) if kinds[0].dtype == types.float32 else (2, INTS)
    row, step = (builder.sdiv(value, _LONG(unit)) for value in (row, step))
    given = [
        address(context, builder, kinds[0], (left, at), kind.element),
        *(row, step),
        address(context, builder, kinds[4], (panels, first), kind),
        units,
        address(context, builder, kinds[7], (out, place), VECTOR),
        *(builder.sdiv(width, _LONG(LANES)), add),
    ]
    name = f"textmusic_tile_{count}_{unit}_{LANES}"
    function = builder.module.globals.get(name)
    if function is None:
        shape = ir.FunctionType(ir.VoidType(), [value.type for value in given])
        function = ir.Function(builder.module, shape, name)
        function.linkage = "linkonce_odr"
        function.attributes.add("noinline")
        _build_tile(count, function, kind, unit)
    builder.call(function, given)


def _build_tile(count: int, function: Any, kind: Any, unit: int) -> None:
    """Build a loop over the units, with the sums in registers.

    One addition waits for the one before: so that few rows are not slow, their units are added up
    in several sums side by side.
    """
    apart = _APART if count <= 2 else 1
    left, row, step, panels, units, out, width, add = function.args
    before = function.append_basic_block("before")
    body, after = (function.append_basic_block(name) for name in ("units", "after"))
    builder = ir.IRBuilder(before)
    rows = [builder.gep(left, [builder.mul(row, _LONG(r))]) for r in range(count)]
    lines = [builder.gep(out, [builder.mul(width, _LONG(r))]) for r in range(count)]
    places = [builder.gep(line, [_LONG(c)]) for line in lines for c in (0, 1)]
    zero = ir.Constant(VECTOR, None)
    old = [builder.select(add, builder.load(pointer, align=4), zero) for pointer in places]
    old += [zero] * len(old) * (apart - 1)
    builder.branch(body)
    builder.position_at_end(body)
    k, sums = builder.phi(_LONG), [builder.phi(VECTOR) for _ in old]
    new: list[Any] = []
    for part in range(apart):
        now = builder.add(k, _LONG(part))
        panel, offset = builder.gep(panels, [builder.mul(now, _LONG(2))]), builder.mul(now, step)
        weights = [builder.load(builder.gep(panel, [_LONG(c)]), align=4 // unit) for c in (0, 1)]
        for start in rows:
            number = builder.load(builder.gep(start, [offset]), align=4 // unit)
            value = splat(builder, number, kind)
            new += [_dot(builder, sums[len(new) + c], value, weights[c]) for c in (0, 1)]
    following = builder.add(k, _LONG(apart))
    for phi, first, next_ in zip((k, *sums), (_LONG(0), *old), (following, *new), strict=True):
        phi.add_incoming(first, before)
        phi.add_incoming(next_, body)
    builder.cbranch(builder.icmp_signed("<", following, units), body, after)
    builder.position_at_end(after)
    for index, pointer in enumerate(places):
        value = new[index]
        for other in new[index + len(places) :: len(places)]:
            value = builder.fadd(value, other)
        builder.store(value, pointer, align=4)
    builder.ret_void()


_tile_most, _tile_four, _tile_two, _tile_one = (_tile(count) for count in (ROWS, 4, 2, 1))


@compiled
def strip(
    rows: int,
    left: Any,
    at: int,
    row: int,
    step: int,
    panels: Any,
    first: int,
    units: int,
    out: Any,
    place: int,
    width: int,
    add: bool,  # noqa: FBT001
) -> None:
    """Multiply rows with a panel.

    Args:
        rows: how many.
        left: their array, float32 or bfloat16.
        at: where the first begins.
        row: elements between two rows.
        step: elements between two units of a row.
        panels: of the other factor, of the same type.
        first: where the panel begins.
        units: of the common dimension, at least 1; with fewer than four rows left over after
            tiles of `ROWS` and 4, a multiple of 4.
        out: float32.
        place: where the first result goes.
        width: elements between two rows of `out`.
        add: add to `out` instead of writing.
    """
    done = 0
    while rows - done >= ROWS:
        source, target = at + done * row, place + done * width
        _tile_most(left, source, row, step, panels, first, units, out, target, width, add)
        done += ROWS
    if rows - done >= 4:
        source, target = at + done * row, place + done * width
        _tile_four(left, source, row, step, panels, first, units, out, target, width, add)
        done += 4
    if rows - done >= 2:
        source, target = at + done * row, place + done * width
        _tile_two(left, source, row, step, panels, first, units, out, target, width, add)
        done += 2
    if rows - done >= 1:
        source, target = at + done * row, place + done * width
        _tile_one(left, source, row, step, panels, first, units, out, target, width, add)
