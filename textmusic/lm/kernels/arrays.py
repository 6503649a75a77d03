"""Tensors as compiled code wants them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_LINE = 64
"""Bytes."""

__all__ = ["array_of", "zeros"]


def array_of(tensor: Tensor) -> NDArray[Any]:
    """Return the memory of a tensor as an array; bfloat16 as its bits."""
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(np.uint16)
    return tensor.detach().numpy()


def zeros(shape: int | tuple[int, ...], dtype: Any = np.float32) -> NDArray[Any]:
    """Return zeros from the beginning of a line of the cache, which vectors then do not straddle."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.zeros(size + _LINE, np.uint8)
    begin = -memory.ctypes.data % _LINE
    array: NDArray[Any] = memory[begin : begin + size].view(dtype).reshape(shape)
    return array
