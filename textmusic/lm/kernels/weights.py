"""Parameters as a step wants them: in one vector, and in the precision of its products."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.lm.config import ModelConfig
from textmusic.lm.kernels.packed import Packed
from textmusic.lm.model import CharRNN

__all__ = ["Flat", "Weights"]


class Flat:
    """The parameters of a model in one vector, so that few passes go over all of them.

    Args:
        model: its parameters become views of the vector.
    """

    def __init__(self, model: CharRNN) -> None:
        parameters = dict(model.named_parameters())
        self._shapes = {name: value.shape for name, value in parameters.items()}
        self._views: dict[int, dict[str, Tensor]] = {}
        self.vector = torch.cat([value.detach().flatten() for value in parameters.values()])
        for name, view in self.views(self.vector).items():
            parameters[name].data = view

    def like(self) -> Tensor:
        """Return zeros for a vector's worth of gradients or moments."""
        return torch.zeros_like(self.vector)

    def views(self, vector: Tensor) -> dict[str, Tensor]:
        """Return the parts of a vector by the names of the parameters: the same ones each time."""
        known = self._views.get(vector.data_ptr())  # no other vector: its views keep the memory
        if known is None:
            parts = torch.split(vector, [shape.numel() for shape in self._shapes.values()])
            known = self._views[vector.data_ptr()] = {
                name: part.view(shape)
                for (name, shape), part in zip(self._shapes.items(), parts, strict=True)
            }
        return known


class Weights:
    """What the windows of a step read.

    Args:
        config: the shape of the model.
        flat: its parameters, which `refresh` reads.
        dtype: of the matrix products, `torch.float32` or `torch.bfloat16`.
        packed: for products of our own, which need it; else for those of PyTorch.
    """

    def __init__(
        self, config: ModelConfig, flat: Flat, dtype: torch.dtype, *, packed: bool = False
    ) -> None:
        self.config, self.dtype = config, dtype
        self._flat = flat.vector
        self._low = self._flat if dtype == torch.float32 else self._flat.to(dtype)
        self.full, self.low = flat.views(self._flat), flat.views(self._low)
        self._biases = [
            tuple(self.full[f"rnn.bias_{part}_l{layer}"].numpy() for part in ("ih", "hh"))
            for layer in range(config.layers)
        ]
        self.packed = Packed(config, self.low) if packed else None
        self.bias = [np.empty_like(b_in) for b_in, _ in self._biases]
        self.bias_new = [b_state[-config.hidden :] for _, b_state in self._biases]

    def refresh(self, ids: NDArray[Any]) -> None:
        """Take over the parameters as they are now, for the ids (T, B) of a batch."""
        if self._low is not self._flat:
            self._low.copy_(self._flat)
        summed = 2 * self.config.hidden if self.config.kind == "gru" else None
        for bias, (b_in, b_state) in zip(self.bias, self._biases, strict=True):
            bias[:] = b_in
            bias[:summed] += b_state[:summed]
        occurs = np.bincount(ids.reshape(-1), minlength=self.config.vocabulary) > 0
        self.rows = (np.cumsum(occurs) - 1)[ids]
        used = np.flatnonzero(occurs)
        self.used = torch.from_numpy(used)
        if self.packed:
            self.packed.refresh(used)
            return
        with torch.no_grad():
            self.embedded = self.low["embedding.weight"].index_select(0, self.used)
            self.table = torch.mm(self.embedded, self.low["rnn.weight_ih_l0"].t())
