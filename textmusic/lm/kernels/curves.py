"""Functions of the vectors of `lanes`: those of the gates and of the loss.

LLVM's own exp calls a library for each number. Here 2^x is a power of two times a polynomial, and a
quotient one step of Newton's method from the processor's estimate (with AVX-512).
"""

from __future__ import annotations

from typing import Any

from numba import types

from textmusic.lm.kernels.lanes import (
    FLOAT,
    INT,
    INTS,
    LANES,
    SHORT,
    VECTOR,
    Code,
    constant,
    instruction,
    outside,
    vector,
)
from textmusic.lm.kernels.numeric import compiled, f32

__all__ = ["exp2", "larger", "largest", "sigmoid", "tanh", "total"]


def _function(name: str) -> Any:
    """Return one of LLVM's functions of a vector."""

    def function(_typing: Any, x: Any) -> Code:  # noqa: ARG001 - as above
        def code(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
            return outside(builder, f"llvm.{name}.v{LANES}f32", VECTOR, args)

        return vector(vector), code

    return instruction(function)


_rounded = _function("rint")


@instruction
def larger(_typing: Any, x: Any, y: Any) -> Code:  # noqa: ARG001 - as above
    """Return the larger of each two."""

    def code(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return vector(vector, vector), code


def _folded(name: str, *start: Any) -> Any:
    """Return one of LLVM's functions that make one number of a vector."""

    def function(_typing: Any, x: Any) -> Code:  # noqa: ARG001 - as above
        def code(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
            full = f"llvm.vector.reduce.{name}.v{LANES}f32"
            return outside(builder, full, FLOAT, [*start, *args], fastmath=("reassoc",))

        return types.float32(vector), code

    return instruction(function)


largest, total = _folded("fmax"), _folded("fadd", FLOAT(-0.0))
"""The largest and the sum of a vector's numbers."""


@instruction
def _limited(_typing: Any, x: Any) -> Code:  # noqa: ARG001 - as above
    """Return x, but at most 126 and at least -126."""

    def code(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        low, high = constant(VECTOR, -126.0), constant(VECTOR, 126.0)
        x = builder.select(builder.fcmp_ordered("<", args[0], low), low, args[0])
        return builder.select(builder.fcmp_ordered(">", x, high), high, x)

    return vector(vector), code


@instruction
def _scaled(_typing: Any, x: Any, power: Any) -> Code:  # noqa: ARG001 - as above
    """Return x 2^power, of a whole power between -126 and 126."""

    def code(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        if LANES == 16:
            name = "llvm.x86.avx512.mask.scalef.ps.512"
            zero, all_, current = constant(VECTOR, 0.0), SHORT(-1), INT(4)
            return outside(builder, name, VECTOR, [*args, zero, all_, current])
        whole = builder.fptosi(args[1], INTS)
        bits = builder.shl(builder.add(whole, constant(INTS, 127)), constant(INTS, 23))
        return builder.fmul(args[0], builder.bitcast(bits, VECTOR))

    return vector(vector, vector), code


@instruction
def _estimate(_typing: Any, x: Any) -> Code:  # noqa: ARG001 - as above
    """Return 1 / x to 2^-14 (AVX-512's vrcp14ps), or exactly."""

    def code(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        if LANES != 16:
            return builder.fdiv(constant(VECTOR, 1.0), args[0])
        zero, all_ = constant(VECTOR, 0.0), SHORT(-1)
        return outside(builder, "llvm.x86.avx512.rcp14.ps.512", VECTOR, [args[0], zero, all_])

    return vector(vector), code


@compiled
def _reciprocal(x: Any) -> Any:
    """Return 1 / x to 2e-7: one step of Newton's method from the estimate."""
    y = _estimate(x)
    return y * (f32(2) - x * y)


@compiled
def exp2(x: Any) -> Any:
    """Return 2^x for x clipped to ±126, to 2e-7.

    On ±1/2 the polynomial of degree 5 that is 1 at 0 and whose largest relative error is least.
    """
    x = _limited(x)
    whole = _rounded(x)
    rest = x - whole
    series = rest * f32(1.3264725690e-3) + f32(9.6715130905e-3)
    series = series * rest + f32(5.5507337515e-2)
    series = series * rest + f32(2.4022242078e-1)
    series = series * rest + f32(6.9314697759e-1)
    return _scaled(series * rest + f32(1), whole)


@compiled
def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^-x)."""
    return _reciprocal(exp2(x * f32(-1.44269504)) + f32(1))


@compiled
def tanh(x: Any) -> Any:
    """Return tanh x to 2e-7 of 1."""
    return _reciprocal(exp2(x * f32(-2.88539008)) + f32(1)) * f32(2) - f32(1)
