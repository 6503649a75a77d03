"""A call of a C function whose address is a number."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

__all__ = ["ask"]


def _ask(context: Any, address: Any) -> Any:  # noqa: ARG001 - numba gives its type
    def called(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(builder.inttoptr(args[0], kind.as_pointer()), [])

    return types.int64(types.int64), called


ask: Any = intrinsic(_ask)
"""Calls a function without arguments by its address, and returns its int64.

The function takes Python's lock itself, as those of `ctypes` do.
"""
