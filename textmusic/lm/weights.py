"""Weights in fewer bits, for sampling."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.errors import ConfigError

__all__ = ["AUTO", "PRECISIONS", "Precision", "checked_precision", "rounded", "stored"]

Precision: TypeAlias = Literal["float32", "bfloat16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
AUTO = "auto"


def checked_precision(name: str) -> Precision:
    """Return the name of a precision; ConfigError for another."""
    for known in PRECISIONS:
        if name == known:
            return known
    raise ConfigError(f"precision is one of {AUTO}, {', '.join(PRECISIONS)}, not {name!r}")


def stored(weight: Tensor, precision: Precision) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """Return a weight (N, K) in fewer bits, and what each of its rows is multiplied by.

    Args:
        weight: of a linear map, as PyTorch holds it.
        precision: ``bfloat16`` keeps 8 bits of each number, as `uint16` here: numpy has no such
            type; ``int8`` keeps whole numbers up to 127 and one scale for each row.

    Returns:
        (N, K), and the scale (N,) in float32: 1 unless int8.
    """
    weight = weight.detach().cpu()
    if precision == "int8":
        scale = weight.abs().amax(1).clamp_min(1e-30) / 127
        return torch.round(weight / scale[:, None]).to(torch.int8).numpy(), scale.numpy()
    ones = np.ones(len(weight), np.float32)
    if precision == "bfloat16":
        return weight.to(torch.bfloat16).view(torch.int16).numpy().view(np.uint16), ones
    return weight.numpy().copy(), ones


def rounded(weight: Tensor, precision: Precision) -> Tensor:
    """Return a weight (N, K) as float32 with the values that it has in fewer bits."""
    if precision == "bfloat16":
        return weight.detach().to(torch.bfloat16).float()
    values, scale = stored(weight, precision)
    return torch.from_numpy(values.astype(np.float32) * scale[:, None]).to(weight.device)
