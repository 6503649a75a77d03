"""The step that is taken: Adam (Kingma and Ba 2015) with Nesterov's look ahead (Dozat 2016).

Trainings of minutes are far from where noise decides, so that the average of the gradients is
short. No number changes by more than `BOUND` times the rate, about as far as Adam's own steps go
where its squares belong to its mean. They do not where `axes` have just turned the mean. Matrices
decay (Loshchilov and Hutter 2019), which costs nothing and tells on texts that were not read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["BETA1", "BOUND", "adam", "decay"]

BETA1 = 0.8
"""Decay of the average of the gradients."""
BOUND = 2.5
"""Of a step, in learning rates."""
_DECAY = 0.1
"""Of a matrix, in a step with a learning rate of 1."""
_TINY = 1e-8


def decay(weights: Mapping[str, Tensor], rate: float) -> None:
    """Shrink all matrices but the embedding, of which a row changes only where its id is read.

    Args:
        weights: by the names of the parameters.
        rate: learning rate of the step that follows.
    """
    with torch.no_grad():
        for name, weight in weights.items():
            if weight.ndim == 2 and name != "embedding.weight":
                weight.mul_(1 - _DECAY * rate)


def adam(  # noqa: PLR0917 - as the compiled one
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    rate: float,
    beta2: float,
    number: int,
) -> None:
    """Take a step in place, as `textmusic.lm.kernels.adam` does.

    Args:
        weight: what is changed.
        gradient: of the loss.
        mean: running average of the gradient; changed.
        square: running average of its square; changed.
        rate: learning rate.
        beta2: decay of `square`.
        number: of the step, from 1.
    """
    with torch.no_grad():
        mean.lerp_(gradient, 1 - BETA1)
        square.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        size = rate / (1 - BETA1**number)
        spread = 1 / math.sqrt(1 - beta2**number)
        ahead = mean.lerp(gradient, 1 - BETA1)
        step = ahead.mul_(size).div_(square.sqrt().mul_(spread).add_(_TINY))
        weight.sub_(step.clamp_(-BOUND * rate, BOUND * rate))
