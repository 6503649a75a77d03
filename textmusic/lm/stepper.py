"""One character at a time in plain PyTorch: the recurrent step without autograd, on any device.

`textmusic.lm.kernels.writing` does the same in compiled code on a CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.alphabet import BOUNDARY
from textmusic.lm.config import SampleConfig
from textmusic.lm.draw import draw
from textmusic.lm.masks import Tables
from textmusic.lm.model import CharRNN
from textmusic.lm.recurrence import State
from textmusic.lm.rows import Rows
from textmusic.lm.threads import thread_limit
from textmusic.lm.weights import Precision, rounded

__all__ = ["Engine", "PlainModel", "PlainWriter", "Stepper", "Writer"]

ROWS = 4
"""Fewer streams are padded to this many: matrix products of fewer rows round otherwise, and a
sample would depend on how many are drawn beside it."""


class Stepper:
    """The weights of a model as they are now, arranged for single steps.

    `nn.GRU` at length 1 costs several times as much. The first layer's input projection is a
    table, one row an id.

    Args:
        model: read only.
        precision: what the weights are rounded to; the arithmetic is float32.
    """

    def __init__(self, model: CharRNN, precision: Precision = "float32") -> None:
        self._kind = model.config.kind
        weights = {name: value.detach().clone() for name, value in model.named_parameters()}
        table = torch.mm(weights["embedding.weight"], weights["rnn.weight_ih_l0"].t())
        self._table = table + weights["rnn.bias_ih_l0"]
        low = {
            name: rounded(value, precision).t().contiguous()
            for name, value in weights.items()
            if value.dim() == 2
        }
        self._layers = []
        for layer in range(model.config.layers):
            w_in, w_state = (low[f"rnn.weight_{part}_l{layer}"] for part in ("ih", "hh"))
            b_in, b_state = (weights[f"rnn.bias_{part}_l{layer}"] for part in ("ih", "hh"))
            self._layers.append((w_in, w_state, b_in, b_state))
        self._output = low["output.weight"], weights["output.bias"]

    def step(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Read one id a stream; unlike `CharRNN.forward`, the boundary resets nothing.

        Args:
            ids: (B,) int64, on the model's device; B at least `ROWS`.
            state: (layers, B, H) each.

        Returns:
            The logits (B, V), and the new state.
        """
        inputs = self._table.index_select(0, ids)
        after: list[State] = []
        for layer, (w_in, w_state, b_in, b_state) in enumerate(self._layers):
            if layer:
                inputs = torch.addmm(b_in, after[-1][0], w_in)
            before = tuple(s[layer] for s in state)
            recurrent = torch.addmm(b_state, before[0], w_state)
            after.append(self._cell(inputs, recurrent, before))
        weight, bias = self._output
        logits = torch.addmm(bias, after[-1][0], weight)
        return logits, tuple(torch.stack(parts) for parts in zip(*after, strict=True))

    def _cell(self, inputs: Tensor, recurrent: Tensor, before: State) -> State:
        """Return one layer's state; gates in PyTorch's order (r z n; i f g o)."""
        hidden = before[0].shape[1]
        if self._kind == "rnn":
            return (torch.tanh(inputs + recurrent),)
        if self._kind == "gru":
            gates = torch.sigmoid(inputs[:, : 2 * hidden] + recurrent[:, : 2 * hidden])
            reset, update = gates.chunk(2, 1)
            new = torch.addcmul(inputs[:, 2 * hidden :], reset, recurrent[:, 2 * hidden :]).tanh_()
            return (torch.lerp(new, before[0], update),)
        entry, forget, cell, output = (inputs + recurrent).chunk(4, 1)
        memory = forget.sigmoid() * before[1] + entry.sigmoid() * cell.tanh()
        return output.sigmoid() * memory.tanh(), memory


class Writer(Protocol):
    """Draws characters into rows, from a model's state after some ids."""

    def advance(self, rows: Rows, tables: Tables) -> None:
        """Read `rows.reads` and draw, at least once, until a row asks.

        Raises:
            CheckpointError: the model gives no probabilities.
        """
        ...

    def renew(self, row: int) -> None:
        """Put a row back to the start, the state after the ids."""
        ...

    def keep(self, left: Sequence[int]) -> None:
        """Forget all rows but some."""
        ...


class Engine(Protocol):
    """A model that writers run.

    Args:
        path: by which code, in words.
    """

    path: str

    def writer(self, config: SampleConfig, ids: Sequence[int], count: int) -> Writer:
        """Return a writer for so many rows, with the model's state after some ids."""
        ...


class PlainModel:
    """An `Engine` in PyTorch.

    Args:
        model: read only.
        precision: of the weights.
        threads: threads of the process.
    """

    path = "PyTorch"

    def __init__(self, model: CharRNN, precision: Precision, threads: int) -> None:
        self._stepper = Stepper(model, precision)
        self.model, self.threads = model, threads

    def step(self, ids: NDArray[np.int64], state: State) -> tuple[Tensor, State]:
        """Read one id a stream."""
        with torch.no_grad(), thread_limit(self.threads):
            return self._stepper.step(torch.from_numpy(ids).to(self.model.device), state)

    def writer(self, config: SampleConfig, ids: Sequence[int], count: int) -> PlainWriter:
        """Return a writer for so many rows, with the model's state after some ids."""
        return PlainWriter(self, config, ids, count)


class PlainWriter:
    """A `Writer` in PyTorch and numpy."""

    def __init__(
        self, model: PlainModel, config: SampleConfig, ids: Sequence[int], count: int
    ) -> None:
        self._model, self._config = model, config
        origin = model.model.zero_state(ROWS)
        for index in ids:
            _, origin = model.step(np.full(ROWS, index), origin)
        self._origin = origin
        self._state = tuple(part[:, :1].repeat(1, max(ROWS, count), 1) for part in origin)

    def advance(self, rows: Rows, tables: Tables) -> None:
        """Draw one id a row."""
        count = len(rows.reads)
        ids = np.zeros(max(ROWS, count), np.int64)
        ids[:count] = rows.reads
        logits, self._state = self._model.step(ids, self._state)
        allowed = tables.allowed[rows.places].all(axis=1)
        wanted = allowed & tables.free
        allowed = np.where(wanted.any(axis=1, keepdims=True), wanted, allowed)
        early = rows.early & allowed[:, 1:].any(axis=1)
        allowed[early, BOUNDARY] = False
        known = logits[:count, : allowed.shape[1]].cpu().numpy().astype(np.float64)
        each = np.arange(count)
        chosen, bits = draw(known, allowed, rows.chances[each, rows.used], self._config)
        tables.clock[0] += 1
        tables.stamps[rows.places] = tables.clock[0]
        rows.bits[:] += bits
        rows.written[each, rows.used] = chosen
        rows.reads[:] = chosen
        rows.used[:] += 1
        after = tables.after[rows.places, chosen[:, None]]
        ended = chosen == BOUNDARY
        rows.lost[:] = (after < 0).any(axis=1) & ~ended
        rows.places[:] = np.where((rows.lost | ended)[:, None], rows.places, after)
        rows.asks[:] = ended | rows.lost | (rows.used >= rows.due)

    def renew(self, row: int) -> None:
        """Put a row back to the start."""
        for now, zero in zip(self._state, self._origin, strict=True):
            now[:, row] = zero[:, 0]

    def keep(self, left: Sequence[int]) -> None:
        """Forget all rows but some."""
        rows = [*left, *[left[0]] * (ROWS - len(left))]
        keep = torch.tensor(rows, device=self._state[0].device)
        self._state = tuple(part.index_select(1, keep) for part in self._state)
