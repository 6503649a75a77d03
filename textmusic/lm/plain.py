"""Training steps by PyTorch alone: on a GPU, and what the compiled passes are tested against."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from textmusic.lm.adam import adam, decay
from textmusic.lm.axes import Axes
from textmusic.lm.config import TrainConfig
from textmusic.lm.data import Window
from textmusic.lm.model import CharRNN
from textmusic.lm.parallel import MEMO, Group
from textmusic.lm.recurrence import State

__all__ = ["PlainTrainer"]


class PlainTrainer:
    """Forward by the modules, backward by autograd, `adam` along `Axes`.

    Args:
        model: changed by every step.
        config: how it is trained.
        batch: streams of all processes together; 0 for those of the window.
        group: the processes, each with a share of the streams; None for one process.
    """

    path = "PyTorch"
    """What computes, in words."""

    def __init__(
        self, model: CharRNN, config: TrainConfig, batch: int = 0, group: Group | None = None
    ) -> None:
        self.model, self._config, self._batch = model, config, batch
        self._group = group or Group()
        self._weights = dict(model.named_parameters())
        self._means = {name: torch.zeros_like(value) for name, value in self._weights.items()}
        self._squares = {name: torch.zeros_like(value) for name, value in self._weights.items()}
        chars = (batch or config.batch) * config.window
        self._axes = Axes(self._weights, chars)

    def step(self, window: Window, state: State, number: int) -> tuple[float, State]:
        """Read a window and change the model.

        Args:
            window: what is read, and what should have been said.
            state: before the window.
            number: of the step, from 0: it decides the rate and the dropout.

        Returns:
            The mean loss in nats before the change, and the state after the window.
        """
        with self._dropout(number):
            logits, after = self.model.train()(torch.from_numpy(window.inputs), state)
        targets = torch.from_numpy(window.targets).to(self.model.device)
        loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss = loss * (targets.shape[1] / (self._batch or targets.shape[1]))
        self.model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no annotation here
        nats = self._sum(float(loss.detach()))
        clip_grad_norm_(self.model.parameters(), self._config.clip)
        self._update(number)
        return nats, tuple(s.detach() for s in after)

    def _update(self, number: int) -> None:
        gradients, rate = self._gradients(), self._config.rate(number)
        decay(self._weights, rate)
        with self._axes.turned(number, gradients, self._means):
            for name, weight in self._weights.items():
                vectors = weight, gradients[name], self._means[name], self._squares[name]
                adam(*vectors, rate, self._config.beta2, number + 1)

    def _gradients(self) -> dict[str, Tensor]:
        parameters = self.model.named_parameters()
        return {name: value.grad for name, value in parameters if value.grad is not None}

    def _sum(self, nats: float) -> float:
        """Sum gradients and loss over the processes, all gradients at once."""
        if self._group.size == 1:
            return self._group.sum(torch.empty(0), nats)
        gradients = [value.grad for value in self.model.parameters() if value.grad is not None]
        parts = [gradient.flatten() for gradient in gradients]
        buffer = torch.cat([*parts, parts[0].new_zeros(MEMO)])
        nats = self._group.sum(buffer, nats)
        sums = torch.split(buffer[:-MEMO], [gradient.numel() for gradient in gradients])
        for gradient, total in zip(gradients, sums, strict=True):
            gradient.copy_(total.view_as(gradient))
        return nats

    @contextlib.contextmanager
    def _dropout(self, number: int) -> Iterator[None]:
        if not self.model.config.dropout:
            yield
            return
        rank = [self._group.rank] if self._group.rank else []
        seed = np.random.SeedSequence([self._config.seed, 1, number, *rank]).generate_state(
            1, np.uint64
        )
        devices = [self.model.device] if self.model.device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            torch.manual_seed(int(seed[0]))
            yield

    def moments(self) -> dict[str, Tensor]:
        """Return what Adam and its axes keep, by moment and parameter."""
        return self._moments() | self._axes.tensors()

    def _moments(self) -> dict[str, Tensor]:
        kept = {"exp_avg": self._means, "exp_avg_sq": self._squares}
        return {f"{kind}.{n}": value for kind, part in kept.items() for n, value in part.items()}

    def restore(self, moments: Mapping[str, Tensor]) -> None:
        """Take over what `moments` returned; KeyError when one is missing."""
        for name, value in self._moments().items():
            value.copy_(moments[name])
        self._axes.restore(moments)
