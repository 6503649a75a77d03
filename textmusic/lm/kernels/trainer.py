"""Training steps on a CPU: shards of the streams, each on a thread of its own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.alphabet import BOUNDARY
from textmusic.lm.adam import decay
from textmusic.lm.axes import Axes
from textmusic.lm.config import ModelConfig, TrainConfig
from textmusic.lm.data import Window as Text
from textmusic.lm.kernels.adam import adam, norm
from textmusic.lm.kernels.blocks import BlockWindow
from textmusic.lm.kernels.packed import fits
from textmusic.lm.kernels.weights import Flat, Weights
from textmusic.lm.kernels.window import FEW, Window
from textmusic.lm.model import CharRNN
from textmusic.lm.parallel import MEMO, Group
from textmusic.lm.recurrence import State
from textmusic.lm.threads import thread_limit

__all__ = ["CompiledTrainer"]


class CompiledTrainer:
    """Gradients by the compiled passes, then clipping and Adam in one pass.

    Each thread takes a share of the streams through the window with products of one thread: they
    meet once a step, where torch's own threads would at every product, and wait by spinning. The
    shares' gradients are summed in their order, so that the bits do not depend on who was first.

    Args:
        model: on the CPU; changed by every step. Its parameters become views of one vector.
        config: how it is trained; of its threads no more than `batch` are used.
        batch: streams, of all processes together.
        dtype: of the matrix products, `torch.float32` or `torch.bfloat16`.
        group: the processes, each with a share of the streams; None for one process.
    """

    def __init__(
        self,
        model: CharRNN,
        config: TrainConfig,
        batch: int,
        dtype: torch.dtype,
        group: Group | None = None,
    ) -> None:
        self.model, self._config, self._batch = model, config, batch
        self._group = group or Group()
        self._flat = Flat(model)
        self._mean, self._square = self._flat.like(), self._flat.like()
        self._axes = Axes(self._flat.views(self._flat.vector), batch * config.window, dtype)
        mine = self._group.share(batch)
        self._first, batch = mine.start, mine.stop - mine.start
        count = min(config.threads, batch)
        edges = [batch * i // count for i in range(count + 1)]
        self._shares = [slice(*pair) for pair in itertools.pairwise(edges)]
        blocks = fits(model.config, dtype)
        self._kind: type[BlockWindow | Window] = BlockWindow if blocks else Window
        self._weights = Weights(model.config, self._flat, dtype, packed=blocks)
        self._buffer = torch.zeros(len(self._flat.vector) + MEMO)
        self._sums = [self._buffer[:-MEMO], *(self._flat.like() for _ in self._shares[1:])]
        self._windows = [
            self._kind(
                self._weights, self._flat.views(sums), config.window, share.stop - share.start
            )
            for sums, share in zip(self._sums, self._shares, strict=True)
        ]
        self._pool = None
        if count > 1:
            self._pool = ThreadPoolExecutor(
                count - 1, initializer=torch.set_num_threads, initargs=(1,)
            )
        self._compile()

    def _compile(self) -> None:
        """Compile what a step calls, on a window of nothing, before steps are timed."""
        batch = min(FEW + 1, self._shares[0].stop)
        ids = np.zeros((2, batch), np.int64)
        with thread_limit(1):
            self._weights.refresh(ids)
            tiny = self._kind(self._weights, self._flat.views(self._sums[0]), 2, batch)
            keep = _keep(self.model.config, ids.shape, (0,))
            state = self.model.zero_state(batch)
            tiny.run(ids, ids, ids == BOUNDARY, state, chars=ids.size, keep=keep)
        none = np.zeros(1, np.float32)
        adam(none, none, none, none, norm(none), 0.0, 0.0, 1)

    def step(self, window: Text, state: State, number: int) -> tuple[float, State]:
        """Read a window and change the model, as `PlainTrainer.step` does.

        Where a gradient is not finite the model stays as it was, and the loss is nan.
        """
        with thread_limit(1):
            nats, after = self.differentiate(window, state, number)
            nats = self._group.sum(self._buffer, nats)
            length = norm(self._sums[0].numpy())
            if not math.isfinite(length):
                return math.nan, after
            self._update(number, min(1.0, self._config.clip / (length + 1e-6)))
        return nats, after

    def differentiate(self, window: Text, state: State, number: int) -> tuple[float, State]:
        """Read a window and leave the gradients in `gradients`; the model is not changed.

        With several processes, loss and gradients are this one's part of the mean over all.
        """
        self._weights.refresh(window.inputs)
        chars = len(window.targets) * self._batch
        starts = window.inputs == BOUNDARY

        def run(index: int) -> tuple[float, State]:
            share = self._shares[index]
            targets = window.targets[:, share]
            return self._windows[index].run(
                *(self._weights.rows[:, share], targets, starts[:, share]),
                tuple(s[:, share] for s in state),
                chars=chars,
                keep=_keep(
                    self.model.config,
                    targets.shape,
                    (self._config.seed, 1, number),
                    self._first + share.start,
                ),
            )

        if self._pool is None:
            nats, after = run(0)
            return nats / chars, after
        others = [self._pool.submit(run, index) for index in range(1, len(self._shares))]
        parts = [run(0), *(other.result() for other in others)]
        for sums in self._sums[1:]:
            self._sums[0] += sums
        nats = sum(part for part, _ in parts) / chars
        states = zip(*(after for _, after in parts), strict=True)
        return nats, tuple(torch.cat(part, 1) for part in states)

    def _update(self, number: int, scale: float) -> None:
        vectors = self._flat.vector, self._sums[0], self._mean, self._square
        rate, beta2 = self._config.rate(number), float(self._config.beta2)
        decay(self._flat.views(self._flat.vector), rate)
        with self._axes.turned(number, self.gradients, self._flat.views(self._mean), scale):
            adam(*(vector.numpy() for vector in vectors), scale, rate, beta2, number + 1)

    @property
    def path(self) -> str:
        """What computes, in words."""
        return "compiled, own products" if self._kind is BlockWindow else "compiled"

    @property
    def gradients(self) -> dict[str, Tensor]:
        """The gradients of the last step, by parameter."""
        return self._flat.views(self._sums[0])

    def moments(self) -> dict[str, Tensor]:
        """Return what Adam and its axes keep, by moment and parameter."""
        return self._moments() | self._axes.tensors()

    def _moments(self) -> dict[str, Tensor]:
        means, squares = self._flat.views(self._mean), self._flat.views(self._square)
        return {f"exp_avg.{name}": value for name, value in means.items()} | {
            f"exp_avg_sq.{name}": value for name, value in squares.items()
        }

    def restore(self, moments: Mapping[str, Tensor]) -> None:
        """Take over what `moments` returned; KeyError when one is missing."""
        for name, value in self._moments().items():
            value.copy_(moments[name])
        self._axes.restore(moments)


def _keep(
    config: ModelConfig, shape: tuple[int, ...], seed: tuple[int, ...], first: int = 0
) -> list[NDArray[Any]]:
    """Draw which outputs of each layer are kept; nothing without dropout.

    All streams share one sequence of random numbers, of which each has its own stretch: what is
    dropped does not depend on how threads and processes share the streams.

    Args:
        config: of the model.
        shape: of a window (T, B).
        seed: of the step.
        first: number of the first stream of the window.
    """
    if not config.dropout:
        return []
    time, batch = shape
    count = config.layers * time * config.hidden  # of 16 bits, four to a draw
    draws = -(-count // 4)
    source = np.random.PCG64(seed).advance(first * draws)
    drawn = source.random_raw(batch * draws).view(np.uint16).reshape(batch, -1)[:, :count]
    kept = drawn >= round(config.dropout * (1 << 16))
    kept = kept.reshape(batch, config.layers, time, config.hidden)
    return list(np.ascontiguousarray(kept.transpose(1, 2, 0, 3)))
