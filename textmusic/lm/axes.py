"""Adam along the axes in which gradients vary: SOAP (Vyas et al. 2024), on the side of the inputs.

What a layer reads is correlated, so that the gradients of a matrix vary much in some directions
of its input and hardly in others. Adam's step has a size of its own for each number, which evens
that out only where the directions are the numbers' own. So a gradient G is turned to the
eigenvectors of the average of GᵀG, Adam does its step there, and the step is turned back. Adam's
mean turns with the axes. Its squares stay, as in the paper: they are those of the largest axis, of
the second largest and so on, whichever way these point. A mean that turns into an axis where
little was so far would make a long stride of it, and a toy language diverged so: hence the bound
of `adam`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

__all__ = ["Axes"]

_LOOK = 5
"""Steps from one gradient that is looked at to the next."""
_KEEP = 0.8
"""Of the average of GᵀG, when one more is added."""
_TURN = 20
"""Steps from one turn of the axes to the next: each is one step of orthogonal iteration."""
_NOISE = 1e-6
"""Share of the largest eigenvalue below which there is rounding only, which Adam would magnify: no
step is taken along such an axis. (The first layer reads no more directions than there are ids.)"""
_PAYS = 8
"""Characters of a step for each unit, from which the turning is little beside the step itself."""


class Axes:
    """The axes of those matrices of a model for which it pays.

    Args:
        weights: all parameters by name: the live ones, which `turned` changes.
        chars: characters of a step.
        dtype: of the products that turn.
    """

    def __init__(
        self, weights: Mapping[str, Tensor], chars: int, dtype: torch.dtype = torch.float32
    ) -> None:
        self._weights = {
            name: weight
            for name, weight in weights.items()
            if weight.ndim == 2 and name != "embedding.weight" and chars >= _PAYS * weight.shape[1]
        }
        self._grams, self._axes = {}, {}
        for name, weight in self._weights.items():
            size = weight.shape[1]
            self._grams[name] = torch.zeros(size, size, device=weight.device)
            self._axes[name] = torch.eye(size, device=weight.device)
        self._dtype = dtype

    @contextlib.contextmanager
    def turned(
        self,
        number: int,
        gradients: Mapping[str, Tensor],
        means: Mapping[str, Tensor],
        scale: float = 1.0,
    ) -> Iterator[None]:
        """Turn the gradients; what is done to the weights meanwhile is turned back.

        Args:
            number: of the step, from 0.
            gradients: by the names of the parameters; changed.
            means: Adam's averages of them, likewise; empty before the first step.
            scale: by which Adam multiplies the gradients.
        """
        with torch.no_grad():
            before = {}
            for name, weight in self._weights.items():
                gradient = gradients[name]
                if number % _LOOK == 0:
                    square = (gradient.t() @ gradient) * scale**2
                    self._grams[name].lerp_(square, 1 - _KEEP)
                if number % _TURN == 0:
                    self._turn(name, means.get(name))
                gradient.copy_(self._product(gradient, self._axes[name]))
                before[name] = weight.clone()
                weight.zero_()
            yield
            for name, weight in self._weights.items():
                step = self._product(weight, self._axes[name].t())
                torch.add(before[name], step, out=weight)

    def _product(self, left: Tensor, right: Tensor) -> Tensor:
        return left.to(self._dtype) @ right.to(self._dtype)

    def _turn(self, name: str, mean: Tensor | None) -> None:
        gram, old = self._grams[name], self._axes[name]
        new, _ = torch.linalg.qr(gram @ old)
        if mean is not None:
            mean.copy_(mean @ (old.t() @ new))
        sizes = (new * (gram @ new)).sum(0)
        torch.mul(new, sizes > _NOISE * sizes.max(), out=old)

    def tensors(self) -> dict[str, Tensor]:
        """Return what the next step depends on, by name."""
        kept = {"gram": self._grams, "axes": self._axes}
        return {f"{kind}.{n}": value for kind, part in kept.items() for n, value in part.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over what `tensors` returned; a run of an older version has none yet."""
        for name, value in self.tensors().items():
            if name in tensors:
                value.copy_(tensors[name])
