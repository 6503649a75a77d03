"""Vectors of float32 in compiled code, as many numbers as a register of the processor holds.

LLVM vectorises a loop over arrays only after it has checked at run time that they do not overlap,
and gives up where there are many: the loops of `layers` read and write ten. Here a vector is a value:
`load`, `store` and `spread` make and keep it, and ``+ - * / -x`` are one instruction each (LLVM
joins a product and a sum to one). Arrays are contiguous and addressed by the number of an element
from their beginning, whatever their shape; nothing is checked. bfloat16 are `uint16` as in `numeric`, and float16 `int16`.

LLVM splits vectors where the processor's are shorter, so that all this runs anywhere; it is made for
16 lanes (AVX-512) and 8 (AVX2), see `LANES`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import binding, ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

__all__ = [
    "FEATURES",
    "FLOAT",
    "INT",
    "INTS",
    "LANES",
    "SHORT",
    "SHORTS",
    "VECTOR",
    "BFloat",
    "Code",
    "address",
    "constant",
    "fetch",
    "instruction",
    "ir",
    "load",
    "outside",
    "splat",
    "spread",
    "store",
    "vector",
]

FEATURES: dict[str, bool] = dict(binding.get_host_cpu_features())
"""What the processor has, by LLVM's names."""
LANES = 16 if FEATURES.get("avx512f") else 8


class BFloat(ir.Type):  # type: ignore[misc]  # llvmlite's
    """LLVM's bfloat, which llvmlite lacks."""

    def _to_string(self) -> str:
        return "bfloat"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BFloat)

    def __hash__(self) -> int:
        return hash("bfloat")


FLOAT, SHORT, INT = ir.FloatType(), ir.IntType(16), ir.IntType(32)
VECTOR = ir.VectorType(FLOAT, LANES)
_BFLOATS = ir.VectorType(BFloat(), LANES)
_HALVES = ir.VectorType(ir.HalfType(), LANES)
SHORTS, INTS = ir.VectorType(SHORT, LANES), ir.VectorType(INT, LANES)
_STORED = {types.float32: VECTOR, types.int16: _HALVES, types.uint16: SHORTS}
"""How numbers of an array stand in memory."""
_FUSE = ("contract",)

Code = tuple[Any, Callable[..., Any]]


class _Vector(types.Type):
    """`LANES` float32 numbers."""


vector = _Vector(f"lanes{LANES}")


@register_model(_Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)  # type: ignore[no-untyped-call]  # numba's


def constant(kind: Any, value: float) -> Any:
    """Return LLVM's vector of equal numbers."""
    return ir.Constant(kind, [ir.Constant(kind.element, value)] * LANES)


def _operator(symbol: Any, name: str) -> None:
    """Define an operator of two vectors, or of a vector and a float32."""
    cases = [(vector, vector), (vector, types.float32), (types.float32, vector)]
    sign: Any = signature
    members = {"cases": [sign(vector, *case) for case in cases]}
    infer: Any = infer_global(symbol)  # type: ignore[no-untyped-call]  # numba's
    infer(type(f"_{name}", (ConcreteTemplate,), members))

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:  # noqa: ARG001 - numba's
        both = [
            value if kind == vector else splat(builder, value, VECTOR)
            for value, kind in zip(args, sig.args, strict=True)
        ]
        return getattr(builder, name)(*both, flags=_FUSE)

    for case in cases:
        lowered: Any = lower_builtin(symbol, *case)  # type: ignore[no-untyped-call]  # numba's
        lowered(lower)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
_operator(operator.truediv, "fdiv")


def instruction(function: Callable[..., Code]) -> Any:
    """Make a function for compiled code of one that returns its types and LLVM code."""
    return intrinsic(function)


def outside(builder: Any, name: str, result: Any, args: Sequence[Any], **how: Any) -> Any:
    """Return LLVM code for a call of one of LLVM's own functions."""
    kind = ir.FunctionType(result, [value.type for value in args])
    declare: Any = cgutils.get_or_insert_function
    return builder.call(declare(builder.module, kind, name), args, **how)


def splat(builder: Any, value: Any, kind: Any) -> Any:
    """Return LLVM code for a vector whose elements are all `value`."""
    empty = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(INT, 0))
    return builder.shuffle_vector(first, empty, ir.Constant(ir.VectorType(INT, kind.count), None))


def address(context: Any, builder: Any, kind: Any, place: Sequence[Any], target: Any) -> Any:
    """Return LLVM code for a pointer to an element of an array (array, number), as one to `target`."""
    array, at = place
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), target.as_pointer())


@instruction
def spread(_typing: Any, value: Any) -> Code:  # noqa: ARG001 - numba looks at the types by name
    """Return a vector of equal numbers."""
    return vector(types.float32), lambda _context, builder, _sig, args: splat(
        builder, args[0], VECTOR
    )


@instruction
def load(_typing: Any, array: Any, at: Any) -> Code:  # noqa: ARG001 - as above
    """Return the elements from `at` on."""
    stored = _STORED[array.dtype]

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = address(context, builder, sig.args[0], args, stored)
        value = builder.load(place, align=array.dtype.bitwidth // 8)
        if stored == VECTOR:
            return value
        if stored == _HALVES:
            return builder.fpext(value, VECTOR)
        bits = builder.shl(builder.zext(value, INTS), constant(INTS, 16))
        return builder.bitcast(bits, VECTOR)

    return vector(array, types.intp), code


@instruction
def store(_typing: Any, array: Any, at: Any, value: Any) -> Code:  # noqa: ARG001 - as above
    """Write the elements from `at` on, rounded to nearest even."""
    stored = _STORED[array.dtype]

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        value = args[2]
        if stored == _HALVES:
            value = builder.fptrunc(value, _HALVES)
        elif stored == SHORTS:
            value = builder.bitcast(builder.fptrunc(value, _BFLOATS), SHORTS)
        place = address(context, builder, sig.args[0], args[:2], stored)
        builder.store(value, place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), code


@instruction
def fetch(_typing: Any, array: Any, at: Any) -> Code:  # noqa: ARG001 - as above
    """Ask for the line of the cache with element `at`, to be read or written soon."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        byte = ir.IntType(8)
        place = address(context, builder, sig.args[0], args, byte)
        hints = [INT(hint) for hint in (0, 3, 1)]
        outside(builder, "llvm.prefetch.p0", ir.VoidType(), [place, *hints])
        return context.get_dummy_value()

    return types.void(array, types.intp), code
