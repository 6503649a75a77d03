"""Many characters in one compiled call: step, draw, move on in the grammar, until Python is asked.

Python is asked when a row has ended, has come to `due`, or takes a way through the grammar that
no row has taken before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY
from textmusic.errors import CheckpointError
from textmusic.lm.config import SampleConfig
from textmusic.lm.kernels.choosing import choose, is_finite
from textmusic.lm.kernels.stepping import GRU, LSTM, Net, Work, ordered, step
from textmusic.lm.masks import UNKNOWN, Tables
from textmusic.lm.model import CharRNN
from textmusic.lm.rows import Options, Rows
from textmusic.lm.weights import Precision, stored

__all__ = ["CompiledWriter", "net_of"]


@ordered
def _take(b: int, rows: Any, tables: Any, options: Any, logits: Any, scratch: Any) -> bool:
    """Give one row its next id, and say whether Python must look at it."""
    place, used = rows.places[b], rows.used[b]
    allowed = scratch.allowed
    others = False
    for v in range(len(allowed)):
        allowed[v] = tables.allowed[place, v]
        others |= v != BOUNDARY and allowed[v]
    if rows.early[b] and others:
        allowed[BOUNDARY] = False
    chosen, bits = choose(logits, allowed, rows.chances[b, used], options, scratch.weights)
    tables.stamps[place] = tables.clock[0]
    rows.bits[b] += bits
    rows.written[b, used] = chosen
    rows.reads[b] = chosen
    rows.used[b] = used + 1
    if chosen == BOUNDARY:
        return True
    after = tables.after[place, chosen]
    if after == UNKNOWN:
        rows.lost[b] = True
        return True
    rows.places[b] = after
    return used + 1 >= rows.due[b]


@ordered
def _advance(
    net: Any, hidden: Any, memory: Any, work: Any, rows: Any, tables: Any, options: Any, scratch: Any
) -> bool:
    """Go on until a row needs Python; False when the model gives no numbers."""
    while True:
        step(net, rows.reads, hidden, memory, work)
        tables.clock[0] += 1
        asked = False
        for b in range(len(rows.reads)):
            if not is_finite(work.logits[b]):
                return False
            rows.asks[b] = _take(b, rows, tables, options, work.logits[b], scratch)
            asked |= rows.asks[b]
        if asked:
            return True


class _Scratch(NamedTuple):
    """Memory for a draw."""

    allowed: NDArray[np.bool_]
    weights: NDArray[np.float32]


class CompiledWriter:
    """Draws with compiled steps; `textmusic.lm.stepper.PlainWriter` says what its methods do."""

    def __init__(self, net: Net, config: SampleConfig, ids: Sequence[int], count: int) -> None:
        self._net, self._options = net, Options.of(config)
        layers, size = net.w_state.shape[:2]
        shape = (layers, 1, size)
        origin = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        work = Work.of(net, 1)
        for index in ids:
            step(net, np.array([index]), *origin, work)
        self._origin = origin
        self._hidden, self._memory = (np.repeat(part, count, axis=1) for part in origin)
        self._work = Work.of(net, count)
        self._scratch: _Scratch | None = None

    def advance(self, rows: Rows, tables: Tables) -> None:
        """Draw at least one id a row, and return when a row asks."""
        if self._scratch is None:
            ids = tables.allowed.shape[1]
            self._scratch = _Scratch(np.empty(ids, np.bool_), np.empty((2, ids), np.float32))
        state = self._hidden, self._memory, self._work
        if not _advance(self._net, *state, rows, tables, self._options, self._scratch):
            raise CheckpointError("the model gives no probabilities: its training diverged")

    def renew(self, row: int) -> None:
        """Put a row back to the start."""
        for now, zero in zip((self._hidden, self._memory), self._origin, strict=True):
            now[:, row] = zero[:, 0]

    def keep(self, left: Sequence[int]) -> None:
        """Forget all rows but some."""
        self._hidden, self._memory = self._hidden[:, left].copy(), self._memory[:, left].copy()
        self._work = Work.of(self._net, len(left))


def net_of(model: CharRNN, precision: Precision) -> Net:
    """Return a model's weights as the compiled step wants them."""
    config = model.config
    full = {name: value.detach().cpu() for name, value in model.named_parameters()}
    layers, size = range(config.layers), config.hidden
    ins = [stored(full[f"rnn.weight_ih_l{n}"], precision) for n in layers]
    states = [stored(full[f"rnn.weight_hh_l{n}"], precision) for n in layers]
    bias = [full[f"rnn.bias_ih_l{n}"].numpy() for n in layers]
    bias_state = [full[f"rnn.bias_hh_l{n}"].numpy() for n in layers]
    both = size * (2 if config.kind == "gru" else len(bias[0]) // size)
    bias = [np.concatenate([a[:both] + b[:both], a[both:]]) for a, b in zip(bias, bias_state, strict=True)]
    table = full["embedding.weight"] @ full["rnn.weight_ih_l0"].t()
    w_out, scale_out = stored(full["output.weight"], precision)
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


def _stack(parts: list[NDArray[Any]], like: NDArray[Any]) -> NDArray[Any]:
    """Stack arrays; of none, return an empty stack of arrays like one."""
    return np.stack(parts) if parts else np.empty((0, *like.shape), like.dtype)
