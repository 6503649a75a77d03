"""The weights of a model as `tiles` and `layers` want them, packed anew for every step."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.lm.config import ModelConfig
from textmusic.lm.kernels.arrays import array_of, zeros
from textmusic.lm.kernels.kinds import KINDS
from textmusic.lm.kernels.lanes import FEATURES
from textmusic.lm.kernels.panels import multiply, pack_pairs, pack_turned
from textmusic.lm.kernels.tiles import BFLOAT16, WIDTH

__all__ = ["Packed", "fits", "padded", "whole"]

Array = NDArray[Any]
_SMALL = 128
"""Units for which a call of a library costs more than AMX saves."""


def fits(config: ModelConfig, dtype: torch.dtype) -> bool:
    """Whether `layers` runs such a model here, with products of this precision.

    It needs whole panels of units, and vectors of at least 8 numbers; for bfloat16 a processor that
    multiplies it, and not by AMX, whose tiles PyTorch uses and which are faster for large layers.
    The environment variable TEXTMUSIC_PRODUCTS=torch leaves all products to PyTorch.
    """
    if config.hidden % WIDTH or os.environ.get("TEXTMUSIC_PRODUCTS") == "torch":
        return False
    if dtype == torch.float32:
        return any(FEATURES.get(name) for name in ("avx2", "avx512f"))
    return BFLOAT16 and not (FEATURES.get("amx-bf16") and config.hidden > _SMALL)


def padded(columns: int) -> int:
    """Return the columns of as many panels as hold that many."""
    return -(-columns // WIDTH) * WIDTH


def whole(array: Array, rows: int, columns: int) -> Array:
    """Return a matrix, or, if it is no whole panels, zeros (rows, columns) to put it into."""
    return array if array.shape == (rows, columns) else zeros((rows, columns), array.dtype)


class Packed:
    """Panels of all weights, and the table of the first layer's inputs.

    Args:
        config: the shape of the model, one that `fits`.
        low: its parameters by name, in the precision of the products.
    """

    def __init__(self, config: ModelConfig, low: dict[str, Tensor]) -> None:
        self._low = {name: array_of(value) for name, value in low.items()}
        self._config = config
        layers, size = range(config.layers), config.hidden
        gates, columns = KINDS[config.kind].gates * size, padded(config.vocabulary)
        self._output = whole(self._low["output.weight"], columns, size)
        self._unit = 4 // self._output.itemsize
        width = padded(config.width)
        self._first = whole(self._low["rnn.weight_ih_l0"], gates, width)
        self._embedded = zeros((1, config.vocabulary, width), self._output.dtype)
        self._table = zeros((1, config.vocabulary, gates), self._output.dtype)
        self._first_ahead = self._panels(width, gates)
        self.first_back = self._panels(gates, width)
        """Of the first layer's W_ih, with columns of zeros if an embedding is no whole panels."""
        self.state = [self._panels(size, gates) for _ in layers]
        """Of W_hhᵀ, by layer; for each panel of units its gates one after another."""
        self.state_back = [self._panels(gates, size) for _ in layers]
        """Of W_hh; the new gate of a GRU comes first, as in `layers`."""
        self.inputs = [self._panels(size, gates) for _ in layers[1:]]
        """Of W_ihᵀ, by layer but the first."""
        self.inputs_back = [self._panels(gates, size) for _ in layers[1:]]
        """Of W_ih."""
        self.output = self._panels(size, columns)
        """Of the output's Wᵀ, with columns of zeros for ids that do not exist."""
        self.output_back = self._panels(columns, size)
        """Of the output's W."""

    def _panels(self, rows: int, columns: int) -> Array:
        """Return the memory of a packed matrix (rows, columns)."""
        shape = columns // WIDTH, rows // self._unit, WIDTH * self._unit
        return zeros(shape, self._output.dtype)

    def refresh(self, used: Array) -> None:
        """Take over the weights as they are now, and those ids that occur in the step."""
        size = self._config.hidden
        gates = KINDS[self._config.kind].gates
        for layer, (ahead, back) in enumerate(zip(self.state, self.state_back, strict=True)):
            weight = self._low[f"rnn.weight_hh_l{layer}"]
            for gate in range(gates):
                rows = slice(gate * size, (gate + 1) * size)
                pack_turned(_units(weight[rows]), _units(ahead), gate, gates)
            first = 2 * size if self._config.kind == "gru" else 0
            pack_pairs(weight[np.newaxis], first, len(weight) - first, back, 0)
            pack_pairs(weight[np.newaxis], 0, first, back, (len(weight) - first) // self._unit)
        for layer, (ahead, back) in enumerate(zip(self.inputs, self.inputs_back, strict=True), 1):
            weight = self._low[f"rnn.weight_ih_l{layer}"]
            pack_turned(_units(weight), _units(ahead), 0, 1)
            pack_pairs(weight[np.newaxis], 0, len(weight), back, 0)
        if self._first.shape[1] > self._config.width:
            self._first[:, : self._config.width] = self._low["rnn.weight_ih_l0"]
        pack_turned(_units(self._first), _units(self._first_ahead), 0, 1)
        pack_pairs(self._first[np.newaxis], 0, len(self._first), self.first_back, 0)
        if len(self._output) > self._config.vocabulary:
            self._output[: self._config.vocabulary] = self._low["output.weight"]
        pack_turned(_units(self._output), _units(self.output), 0, 1)
        pack_pairs(self._output[np.newaxis], 0, len(self._output), self.output_back, 0)
        self._look_up(used)

    def _look_up(self, used: Array) -> None:
        """Compute the table of the ids that occur."""
        count, width = len(used), self._config.width
        self.embedded, self.table = self._embedded[:, :count], self._table[:, :count]
        self.embedded[0, :, :width] = self._low["embedding.weight"][used]
        units = self.embedded.shape[2] // self._unit
        multiply(self.embedded, 0, count, 0, self._first_ahead, units, self.table, 0)


def _units(array: Array) -> Array:
    """Return the units of an array as numbers of 32 bits."""
    return array.view(np.uint32)
