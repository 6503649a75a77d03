"""Whole numbers of 8 bits: states times int8 weights.

A state lies between -1 and 1 and is rounded to a whole number of 127ths for products; what is kept
of it is float32. Sums of whole numbers are exact, in whatever order.

VPDPBUSD of AVX512_VNNI or AVX_VNNI (Intel 64 and IA-32 Architectures Software Developer's Manual,
volume 2; AMD64 Architecture Programmer's Manual, volume 4) adds the products of four numbers
without a sign and four with one: there states are stored with 128 added, and sums start from -128
times the sum of the weights. Processors without it multiply pairs of 16 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from textmusic.lm.kernels.lanes import (
    FEATURES,
    INTS,
    LANES,
    VECTOR,
    Code,
    address,
    constant,
    instruction,
    ir,
    outside,
    splat,
    vector,
)

__all__ = [
    "FOURS",
    "OFFSET",
    "PAIRS",
    "STEPS",
    "STORED",
    "VNNI",
    "add_fours",
    "add_pairs",
    "keep",
    "pays",
]

STEPS = 127
OFFSET = {np.dtype(np.uint8): 128, np.dtype(np.int16): 0}
"""What is added to a state that is stored in such numbers."""
VNNI = bool(FEATURES.get("avx512vnni" if LANES == 16 else "avxvnni"))
STORED = np.dtype(np.uint8 if VNNI else np.int16)
"""How states are stored here."""
_BYTE = ir.IntType(8)
FOURS, PAIRS = ir.VectorType(_BYTE, 4 * LANES), ir.VectorType(_BYTE, 2 * LANES)
"""Units of weights."""


def pays() -> bool:
    """Whether the processor multiplies whole numbers faster than floats.

    Against float32, one stream and 64, GRU 2x256: with VNNI 4.3 and 3.4 times as fast, in AVX2's
    pairs 2.1 and 1.3 times.
    """
    return VNNI or bool(FEATURES.get("avx2"))


def add_fours(builder: Any, sums: Any, row: Any, weights: Any) -> Any:
    """Return LLVM code that adds four products to each sum."""
    name, value = f"llvm.x86.avx512.vpdpbusd.{32 * LANES}", splat(builder, row, INTS)
    return outside(builder, name, INTS, [sums, value, builder.bitcast(weights, INTS)])


def add_pairs(builder: Any, sums: Any, row: Any, weights: Any) -> Any:
    """Return LLVM code that adds two products to each sum."""
    shorts, wide = (
        ir.VectorType(ir.IntType(16), 2 * LANES),
        ir.VectorType(ir.IntType(32), 2 * LANES),
    )
    left = builder.sext(builder.bitcast(splat(builder, row, INTS), shorts), wide)
    products = builder.mul(left, builder.sext(weights, wide))
    empty = ir.Constant(wide, ir.Undefined)
    for part in (0, 1):
        places = ir.Constant(INTS, [2 * lane + part for lane in range(LANES)])
        sums = builder.add(sums, builder.shuffle_vector(products, empty, places))
    return sums


@instruction
def keep(_typing: Any, array: Any, at: Any, value: Any) -> Code:  # noqa: ARG001 - numba looks at the types by name
    """Store states as whole numbers, from element `at` on."""
    stored = ir.VectorType(ir.IntType(array.dtype.bitwidth), LANES)
    offset = OFFSET[np.dtype(array.dtype.name)]

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        steps = builder.fmul(args[2], constant(VECTOR, STEPS))
        rounded = outside(builder, f"llvm.rint.v{LANES}f32", VECTOR, [steps])
        whole = builder.add(builder.fptosi(rounded, INTS), constant(INTS, offset))
        place = address(context, builder, sig.args[0], args[:2], stored)
        builder.store(builder.trunc(whole, stored), place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), code
