"""A model in training, one step at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from textmusic.errors import ConfigError
from textmusic.lm.config import ModelConfig, TrainConfig
from textmusic.lm.data import Streams, Text
from textmusic.lm.model import CharRNN
from textmusic.lm.parallel import Group
from textmusic.lm.plain import PlainTrainer
from textmusic.lm.precision import Product, choose_precision

if TYPE_CHECKING:
    from textmusic.lm.kernels.trainer import CompiledTrainer

__all__ = ["Learner"]

_SHARE = 0.02
"""Of a step in the running average of the loss, once there are enough of them."""


class Learner:
    """A model in training. All that is random in a step depends on the seed and its number.

    Args:
        model_config: the shape of the model.
        config: how it is trained.
        text: what it is trained on.
        group: the processes that train it, each with a share of the streams; None for one process.

    Raises:
        ConfigError: the device is not there, or there are fewer streams than processes.
    """

    def __init__(
        self,
        model_config: ModelConfig,
        config: TrainConfig,
        text: Text,
        group: Group | None = None,
    ) -> None:
        self._group = group = group or Group()
        device = group.device(config.device)
        if device != "cpu" and not _has(torch.device(device)):
            raise ConfigError(f"there is no device {device!r} here; use cpu")
        self.config = config
        self.streams = Streams(text, config.batch, config.window, config.seed)
        self._share = group.share(self.streams.batch)
        batch = self._share.stop - self._share.start
        self.model = CharRNN(model_config, config.seed).to(device)
        self._know(group.lead(lambda: list(map(int, text.counts))))
        self.precision: Product = group.lead(
            lambda: choose_precision(model_config, config, self.streams.batch)
        )
        self._trainer = self._begin()
        self.state = self.model.zero_state(batch)
        self.done = 0
        self.mean_nats = 0.0

    @property
    def path(self) -> str:
        """What computes the steps, in words."""
        return self._trainer.path

    def _know(self, counts: list[int]) -> None:
        """Begin with the frequencies of the characters, which are the first thing to be learnt."""
        shares = torch.tensor(counts, dtype=torch.float64) + 0.5
        with torch.no_grad():
            self.model.output.bias.copy_(torch.log(shares / shares.sum()))

    def _begin(self) -> CompiledTrainer | PlainTrainer:
        if self.config.device != "cpu":
            return PlainTrainer(self.model, self.config, self.streams.batch, self._group)
        from textmusic.lm.kernels.trainer import CompiledTrainer

        dtype = torch.bfloat16 if self.precision == "bfloat16" else torch.float32
        return CompiledTrainer(self.model, self.config, self.streams.batch, dtype, self._group)

    def advance(self) -> None:
        """Do one step.

        Raises:
            ConfigError: the training has diverged.
        """
        window = self.streams.read(self.done, self._share)
        nats, self.state = self._trainer.step(window, self.state, self.done)
        if not math.isfinite(nats):
            raise ConfigError(
                f"the training diverged at step {self.done + 1}: "
                f"take a learning rate below {self.config.peak:g}"
            )
        share = max(_SHARE, 2 / (self.done + 2))
        self.mean_nats += share * (nats - self.mean_nats)
        self.done += 1

    def weights(self) -> dict[str, Tensor]:
        """Return the parameters by name: the live ones."""
        return dict(self.model.named_parameters())

    def align(self) -> None:
        """Give all processes the weights of the first: processors of other kinds round otherwise."""
        if self._group.size > 1:
            self.model.load_state_dict(dict(self._group.spread(self.weights())))

    def tensors(self) -> dict[str, Tensor]:
        """Return all that the next step depends on, beside `done`, `mean_nats` and `precision`.

        The state of all streams is that of the first process; the others have parts of it.
        """
        weights = {f"weight.{name}": value for name, value in self.weights().items()}
        states = {f"hidden.{i}": self._group.gather(value) for i, value in enumerate(self.state)}
        return weights | self._trainer.moments() | states

    def restore(
        self, tensors: Mapping[str, Tensor], done: int, mean_nats: float, precision: Product
    ) -> None:
        """Take up a training where `tensors` left it; KeyError when one is missing."""
        if precision != self.precision:  # of another machine, or of another day
            self.precision = precision
            self._trainer = self._begin()
        self.model.load_state_dict({n: tensors[f"weight.{n}"] for n in self.weights()})
        if done:
            self._trainer.restore(tensors)
        device = self.model.device
        states = [tensors[f"hidden.{i}"] for i in range(len(self.state))]
        self.state = tuple(state[:, self._share].to(device) for state in states)
        self.done, self.mean_nats = done, mean_nats


def _has(device: torch.device) -> bool:
    return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
