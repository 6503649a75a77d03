"""One optimiser step at a time: forward, backward, clip, Adam."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from textmusic.errors import ConfigError
from textmusic.lm.config import ModelConfig, TrainConfig
from textmusic.lm.data import Streams, Text
from textmusic.lm.model import CharRNN
from textmusic.lm.threads import thread_limit

__all__ = ["Learner"]

_SHARE = 0.02
"""Of a step in the running average of the loss, once there are enough of them."""


class Learner:
    """A model in training. All that is random in a step depends on the seed and its number.

    Args:
        model_config: the shape of the model.
        config: how it is trained.
        text: what it is trained on.

    Raises:
        ConfigError: the device is not there.
    """

    def __init__(self, model_config: ModelConfig, config: TrainConfig, text: Text) -> None:
        if config.device != "cpu" and not _has(torch.device(config.device)):
            raise ConfigError(f"there is no device {config.device!r} here; use cpu")
        self.config = config
        self.streams = Streams(text, config.batch, config.window, config.seed)
        self.model = CharRNN(model_config, config.seed).to(config.device)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), betas=(0.9, config.beta2), fused=True
        )
        self.state = self.model.zero_state(self.streams.batch)
        self.done = 0
        self.mean_nats = 0.0

    def advance(self) -> None:
        """Do one step.

        Raises:
            ConfigError: the training has diverged.
        """
        window = self.streams.read(self.done)
        with thread_limit(self.config.threads), self._dropout_seed():
            logits, state = self.model.train()(torch.from_numpy(window.inputs), self.state)
            targets = torch.from_numpy(window.targets).to(self.model.device)
            loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch has no annotation here
            clip_grad_norm_(self.model.parameters(), self.config.clip)
            for group in self.optimizer.param_groups:
                group["lr"] = self.config.rate(self.done)
            self.optimizer.step()
        nats = float(loss.detach())
        if not math.isfinite(nats):
            raise ConfigError(
                f"the training diverged at step {self.done + 1}: "
                f"take a learning rate below {self.config.peak:g}"
            )
        share = max(_SHARE, 2 / (self.done + 2))
        self.mean_nats += share * (nats - self.mean_nats)
        self.state = tuple(s.detach() for s in state)
        self.done += 1

    @contextlib.contextmanager
    def _dropout_seed(self) -> Iterator[None]:
        if not self.model.config.dropout:
            yield
            return
        seed = np.random.SeedSequence([self.config.seed, 1, self.done]).generate_state(1, np.uint64)
        devices = [self.model.device] if self.model.device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            torch.manual_seed(int(seed[0]))
            yield

    def weights(self) -> dict[str, Tensor]:
        """Return the parameters by name: the live ones."""
        return dict(self.model.named_parameters())

    def tensors(self) -> dict[str, Tensor]:
        """Return all that the next step depends on, beside `done` and `mean_nats`."""
        tensors = {f"weight.{name}": value for name, value in self.weights().items()}
        for name, value in self.weights().items():
            for moment, tensor in self.optimizer.state[value].items():
                tensors[f"{moment}.{name}"] = tensor
        return tensors | {f"hidden.{i}": value for i, value in enumerate(self.state)}

    def restore(self, tensors: Mapping[str, Tensor], done: int, mean_nats: float) -> None:
        """Take up a training where `tensors` left it; KeyError when one is missing."""
        device = self.model.device
        self.model.load_state_dict({n: tensors[f"weight.{n}"] for n in self.weights()})
        if done:
            for name, value in self.weights().items():
                self.optimizer.state[value] = {
                    "step": tensors[f"step.{name}"].to(device),
                    "exp_avg": tensors[f"exp_avg.{name}"].to(device),
                    "exp_avg_sq": tensors[f"exp_avg_sq.{name}"].to(device),
                }
        self.state = tuple(tensors[f"hidden.{i}"].to(device) for i in range(len(self.state)))
        self.done, self.mean_nats = done, mean_nats


def _has(device: torch.device) -> bool:
    return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
