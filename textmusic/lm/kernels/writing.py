"""Many characters in one compiled call: step, draw, move on in the grammar, until Python is asked.

Python is asked when a row has ended, has come to `due`, or takes a way through the grammar that
no row has taken before.
"""

# ruff: noqa: PLR0917 - arrays are passed by position: numba unpacks those faster

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.alphabet import BOUNDARY
from textmusic.errors import CheckpointError, ConfigError
from textmusic.lm.config import SampleConfig
from textmusic.lm.kernels.choosing import choose, is_finite
from textmusic.lm.kernels.products import ordered
from textmusic.lm.kernels.stepping import GRU, LSTM, Net, Work, pass_gates, step
from textmusic.lm.kernels.whole import LONGEST, STEPS, digits, joined, multiplies_exactly
from textmusic.lm.masks import UNKNOWN, Tables
from textmusic.lm.model import CharRNN
from textmusic.lm.rows import Options, Rows
from textmusic.lm.threads import thread_limit
from textmusic.lm.weights import Precision, stored

__all__ = ["CompiledModel", "CompiledWriter"]

Floats: TypeAlias = NDArray[np.float32]
_MANY = 3
"""Streams from which on torch's products of whole numbers pay."""


@ordered
def _mask(places: Any, early: Any, tables: Any, allowed: Any) -> None:
    """Write what all parts allow."""
    allowed[:] = tables.allowed[places[0]]
    for part in range(1, len(places)):
        more = tables.allowed[places[part]]
        for v in range(len(allowed)):
            allowed[v] &= more[v]
    for place in places:
        tables.stamps[place] = tables.clock[0]
    wanted = False
    for v in range(len(allowed)):
        wanted |= allowed[v] & tables.free[v]
    if wanted:
        for v in range(len(allowed)):
            allowed[v] &= tables.free[v]
    others = False
    for v in range(1, len(allowed)):
        others |= allowed[v]
    if early and others:
        allowed[BOUNDARY] = False


@ordered
def _take(b: int, rows: Any, tables: Any, options: Any, logits: Any, scratch: Any) -> Any:
    """Give one row its next id, and say whether Python must look at it."""
    places, used = rows.places[b], rows.used[b]
    allowed = scratch.allowed
    _mask(places, rows.early[b], tables, allowed)
    chosen, bits = choose(logits, allowed, rows.chances[b, used], options, scratch.weights)
    rows.bits[b] += bits
    rows.written[b, used] = chosen
    rows.reads[b] = chosen
    rows.used[b] = used + 1
    if chosen == BOUNDARY:
        return True
    for place in places:
        if tables.after[place, chosen] == UNKNOWN:
            rows.lost[b] = True
            return True
    for part in range(len(places)):
        places[part] = tables.after[places[part], chosen]
    return used + 1 >= rows.due[b]


@ordered
def _take_all(net: Any, logits: Any, rows: Any, tables: Any, options: Any, scratch: Any) -> Any:
    """Give each row its next id: 1 when a row asks, -1 when the model gives no numbers."""
    tables.clock[0] += 1
    asked = 0
    for b in range(len(rows.reads)):
        row = logits[b]
        for v in range(len(row)):
            row[v] += net.bias_out[v]
        if not is_finite(row):
            return -1
        rows.asks[b] = _take(b, rows, tables, options, row, scratch)
        asked |= rows.asks[b]
    return asked


@ordered
def _advance(
    net: Any,
    hidden: Any,
    memory: Any,
    work: Any,
    rows: Any,
    tables: Any,
    options: Any,
    scratch: Any,
) -> Any:
    """Go on until a row asks; returns what `_take_all` does."""
    while True:
        step(net, rows.reads, hidden, memory, work)
        asked = _take_all(net, work.logits, rows, tables, options, scratch)
        if asked:
            return asked


class _Scratch(NamedTuple):
    """Memory for a draw."""

    allowed: NDArray[np.bool_]
    weights: NDArray[np.float32]


class _Digits:
    """The step for many streams with int8 weights, in torch's products of whole numbers."""

    def __init__(self, net: Net, count: int) -> None:
        self._net = net
        layers, columns, size = net.w_state.shape
        self._digits = np.empty((layers, 2 * count, size), np.int8)
        self._sums = torch.empty((2 * count, columns), dtype=torch.int32)
        self._sums_out = torch.empty((2 * count, len(net.w_out)), dtype=torch.int32)
        self._cut = torch.from_numpy(self._digits).unbind(0)
        self._w_in = [torch.from_numpy(weight).t() for weight in net.w_in]
        self._w_state = [torch.from_numpy(weight).t() for weight in net.w_state]
        self._w_out = torch.from_numpy(net.w_out).t()

    def read(self, hidden: Floats) -> None:
        """Take over the hidden states (L, B, H)."""
        for layer, part in enumerate(hidden):
            digits(part, self._digits[layer])

    def step(self, ids: NDArray[np.int64], hidden: Floats, memory: Floats, work: Work) -> None:
        """Do what `stepping.step` does."""
        net = self._net
        for layer, cut in enumerate(self._cut):
            if layer:
                below, weight = self._cut[layer - 1], self._w_in[layer - 1]
                _multiply(below, weight, self._sums, net.scale_in[layer - 1], work.inputs)
            weight, scale = self._w_state[layer], net.scale_state[layer]
            _multiply(cut, weight, self._sums, scale, work.recurrent)
            pass_gates(net, layer, ids, hidden, memory, work)
            digits(hidden[layer], self._digits[layer])
        _multiply(self._cut[-1], self._w_out, self._sums_out, net.scale_out, work.logits)


def _multiply(left: Tensor, right: Tensor, sums: Tensor, scale: Floats, out: Floats) -> None:
    torch._int_mm(left, right, out=sums)  # noqa: SLF001 - the only way to oneDNN's
    joined(sums.numpy(), scale, out)


class CompiledModel:
    """A model's weights as compiled steps want them.

    Args:
        model: on the CPU; read only.
        precision: of the weights.
        threads: of torch, for many streams with int8 weights.

    Raises:
        ConfigError: the layers are too wide for int8.
    """

    def __init__(self, model: CharRNN, precision: Precision, threads: int) -> None:
        if precision == "int8" and model.config.hidden > LONGEST:
            raise ConfigError(f"int8 is for layers of at most {LONGEST} units")
        self.net, self.threads = _net_of(model, precision), threads
        weights = [*self.net.w_in, *self.net.w_state, self.net.w_out]
        self.in_digits = precision == "int8" and all(map(multiplies_exactly, weights))

    def writer(self, config: SampleConfig, ids: Sequence[int], count: int) -> CompiledWriter:
        """Return a `Writer` that has read some ids, for so many rows."""
        return CompiledWriter(self, config, ids, count)


class CompiledWriter:
    """Draws with compiled steps; `textmusic.lm.stepper.PlainWriter` says what its methods do."""

    def __init__(
        self, model: CompiledModel, config: SampleConfig, ids: Sequence[int], count: int
    ) -> None:
        self._model, self._net, self._options = model, model.net, Options.of(config)
        layers, size = self._net.bias_new.shape
        shape = (layers, 1, size)
        origin = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        work = Work.of(self._net, 1)
        for index in ids:
            step(self._net, np.array([index]), *origin, work)
        self._origin = origin
        self._scratch: _Scratch | None = None
        self._take_over(*(np.repeat(part, count, axis=1) for part in origin))

    def _take_over(self, hidden: Floats, memory: Floats) -> None:
        self._hidden, self._memory = hidden, memory
        count = hidden.shape[1]
        self._work = Work.of(self._net, count)
        many = count >= _MANY and self._model.in_digits
        self._digits = _Digits(self._net, count) if many else None

    def advance(self, rows: Rows, tables: Tables) -> None:
        """Draw at least one id a row, and return when a row asks."""
        if self._scratch is None:
            ids = tables.allowed.shape[1]
            self._scratch = _Scratch(np.empty(ids, np.bool_), np.empty((2, ids), np.float32))
        state = self._hidden, self._memory, self._work
        drawing = rows, tables, self._options, self._scratch
        if self._digits is None:
            asked = _advance(self._net, *state, *drawing)
        else:
            self._digits.read(self._hidden)
            asked = 0
            with thread_limit(self._model.threads):
                while not asked:
                    self._digits.step(rows.reads, *state)
                    asked = _take_all(self._net, self._work.logits, *drawing)
        if asked < 0:
            raise CheckpointError("the model gives no probabilities: its training diverged")

    def renew(self, row: int) -> None:
        """Put a row back to the start."""
        for now, zero in zip((self._hidden, self._memory), self._origin, strict=True):
            now[:, row] = zero[:, 0]

    def keep(self, left: Sequence[int]) -> None:
        """Forget all rows but some."""
        self._take_over(self._hidden[:, left].copy(), self._memory[:, left].copy())


def _net_of(model: CharRNN, precision: Precision) -> Net:
    config, size = model.config, model.config.hidden
    full = {name: value.detach() for name, value in model.named_parameters()}
    layers = range(config.layers)
    ins = [_arranged(full[f"rnn.weight_ih_l{n}"], precision) for n in layers]
    states = [_arranged(full[f"rnn.weight_hh_l{n}"], precision) for n in layers]
    bias_state = [full[f"rnn.bias_hh_l{n}"].numpy() for n in layers]
    bias = [
        full[f"rnn.bias_ih_l{n}"].numpy() + part for n, part in zip(layers, bias_state, strict=True)
    ]
    if config.kind == "gru":
        for n in layers:
            bias[n][2 * size :] = full[f"rnn.bias_ih_l{n}"][2 * size :].numpy()
    table = full["embedding.weight"] @ full["rnn.weight_ih_l0"].t()
    w_out, scale_out = _arranged(full["output.weight"], precision)
    return Net(
        kind={"gru": GRU, "lstm": LSTM, "rnn": 0}[config.kind],
        table=table.numpy() + bias[0],
        w_in=_stack([weight for weight, _ in ins[1:]], states[0][0]),
        scale_in=_stack([scale for _, scale in ins[1:]], states[0][1]),
        bias=_stack(bias[1:], bias[0]),
        w_state=np.stack([weight for weight, _ in states]),
        scale_state=np.stack([scale for _, scale in states]),
        bias_new=np.stack([part[-size:] for part in bias_state]),
        w_out=w_out,
        scale_out=scale_out,
        bias_out=full["output.bias"].numpy().copy(),
    )


def _arranged(weight: Tensor, precision: Precision) -> tuple[NDArray[Any], Floats]:
    """Return a weight (N, K) in its precision, (K, N) unless int8, and the scale of its sums."""
    values, scale = stored(weight, precision)
    if precision == "int8":
        return values, scale / np.float32(STEPS)
    return np.ascontiguousarray(values.T), scale


def _stack(parts: list[NDArray[Any]], like: NDArray[Any]) -> NDArray[Any]:
    """Stack arrays; of none, return an empty stack of arrays like one."""
    return np.stack(parts) if parts else np.empty((0, *like.shape), like.dtype)
