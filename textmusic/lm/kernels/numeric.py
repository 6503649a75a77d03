"""What the compiled passes are made of: a compiler with a cache, float32 functions, bfloat16 bits.

numpy knows no bfloat16: such arrays are `uint16` here, the upper halves of float32 numbers.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit, types
from numba.core.caching import FunctionCache
from numba.extending import overload

__all__ = ["compiled", "exp", "f32", "narrow", "sigmoid", "tanh", "wide"]

f32, i32, u16, u32 = np.float32, np.int32, np.uint16, np.uint32
"""Constants of compiled code take the type that they are given."""

_SOURCES = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()


class _Cache(FunctionCache):
    """numba's cache, which by itself takes old code for new when a called function has changed."""

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        key = super()._index_key(sig, codegen)  # type: ignore[no-untyped-call]  # numba's
        return key, _SOURCES

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep machine code for later; a full disk costs later processes time, and no more."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]  # numba's


def compiled(function: Callable[..., Any], *, fastmath: bool | set[str] = True) -> Any:
    """Compile at the first call, without the GIL, and keep the machine code for later processes.

    numba keeps it beside the source or, where that cannot be written, in the user's cache folder;
    where neither can, each process compiles again.

    Args:
        function: what is compiled.
        fastmath: what LLVM may do to float arithmetic; by default all: without reordering no sum
            is vectorised.
    """
    dispatcher: Any = njit(nogil=True, fastmath=fastmath, error_model="numpy")(function)
    with contextlib.suppress(RuntimeError):  # no folder for the cache
        cache: Any = _Cache
        dispatcher._cache = cache(function)  # noqa: SLF001 - what `cache=True` does
    return dispatcher


@compiled
def exp(x: Any) -> Any:
    """Return e^x to 2e-7, without branches, for x clipped to ±87: Cephes' expf (Moshier 1989)."""
    x = min(max(x, f32(-87.0)), f32(87.0))
    whole = np.floor(x * f32(1.44269504) + f32(0.5))
    rest = x - whole * f32(0.693359375) - whole * f32(-2.12194440e-4)
    series = f32(1.9875691500e-4)
    series = series * rest + f32(1.3981999507e-3)
    series = series * rest + f32(8.3334519073e-3)
    series = series * rest + f32(4.1665795894e-2)
    series = series * rest + f32(1.6666665459e-1)
    series = series * rest + f32(5.0000001201e-1)
    power = i32(i32(i32(whole) + i32(127)) << i32(23)).view(f32)
    return (series * rest * rest + rest + f32(1.0)) * power


@compiled
def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^-x)."""
    return f32(1.0) / (f32(1.0) + exp(-x))


@compiled
def tanh(x: Any) -> Any:
    """Return tanh x to 1e-7 of 1."""
    return f32(2.0) / (f32(1.0) + exp(f32(-2.0) * x)) - f32(1.0)


def wide(x: Any) -> Any:
    """Return a number of either precision as float32."""
    raise NotImplementedError


def narrow(x: Any, like: Any) -> Any:
    """Return a float32 number in the precision of the array `like`, rounded to nearest even."""
    raise NotImplementedError


@overload(wide, strict=False)
def _wide(x: Any) -> Any:
    if x == types.uint16:
        return lambda x: u32(u32(x) << u32(16)).view(f32)
    return lambda x: x


@overload(narrow, strict=False)
def _narrow(x: Any, like: Any) -> Any:  # noqa: ARG001 - numba looks at the types by these names
    if like.dtype != types.uint16:
        return lambda x, like: x  # noqa: ARG005

    def to_bfloat16(x: Any, like: Any) -> Any:  # noqa: ARG001
        bits = f32(x).view(u32)
        return u16((bits + u32(0x7FFF) + ((bits >> u32(16)) & u32(1))) >> u32(16))

    return to_bfloat16
