"""Many characters in one compiled call: step, draw, move on in the grammar, until Python is asked.

Python is asked when a row has ended or has come to `due`, and in the midst, by a C function, where a
row takes a way through the grammar that no row has taken before.
"""

# ruff: noqa: PLR0917 - arrays are passed by position: numba unpacks those faster

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY
from textmusic.errors import CheckpointError
from textmusic.lm.config import SampleConfig
from textmusic.lm.kernels.asking import ask
from textmusic.lm.kernels.choosing import choose, is_finite
from textmusic.lm.kernels.nets import net_of
from textmusic.lm.kernels.products import ordered
from textmusic.lm.kernels.stepping import Work, step
from textmusic.lm.kernels.whole import VNNI
from textmusic.lm.masks import Tables
from textmusic.lm.model import CharRNN
from textmusic.lm.rows import Options, Rows
from textmusic.lm.weights import Precision

__all__ = ["CompiledModel", "CompiledWriter"]

Floats: TypeAlias = NDArray[np.float32]


@ordered
def _mask(places: Any, early: Any, tables: Any, allowed: Any) -> None:
    """Write what all parts allow."""
    first = tables.allowed[places[0]]
    for v in range(len(allowed)):  # `allowed[:] = first` would take two seconds to compile
        allowed[v] = first[v]
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
        if tables.after[place, chosen] < 0:
            rows.lost[b] = True
            return used + 1 >= rows.due[b]
    for part in range(len(places)):
        places[part] = tables.after[places[part], chosen]
    return used + 1 >= rows.due[b]


@ordered
def _take_all(net: Any, logits: Any, rows: Any, tables: Any, options: Any, scratch: Any) -> Any:
    """Give each row its next id: 1 when a row asks, -1 when the model gives no numbers."""
    tables.clock[0] += 1
    asked, lost = 0, False
    for b in range(len(rows.reads)):
        row = logits[b]
        for v in range(len(row)):
            row[v] += net.bias_out[v]
        if not is_finite(row):
            return -1
        rows.asks[b] = _take(b, rows, tables, options, row, scratch)
        asked |= rows.asks[b]
        lost |= rows.lost[b]
    if lost and (rows.finders[0] == 0 or ask(rows.finders[0]) != 0):
        return 1
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


class CompiledModel:
    """A model's weights as compiled steps want them.

    Args:
        model: on the CPU; read only.
        precision: of the weights.
    """

    def __init__(self, model: CharRNN, precision: Precision) -> None:
        self.net = net_of(model, precision)
        self.path = "compiled, VNNI" if precision == "int8" and VNNI else "compiled"

    def writer(self, config: SampleConfig, ids: Sequence[int], count: int) -> CompiledWriter:
        """Return a `Writer` that has read some ids, for so many rows."""
        return CompiledWriter(self, config, ids, count)


class CompiledWriter:
    """Draws with compiled steps; `textmusic.lm.stepper.PlainWriter` says what its methods do."""

    def __init__(
        self, model: CompiledModel, config: SampleConfig, ids: Sequence[int], count: int
    ) -> None:
        self._net, self._options = model.net, Options.of(config)
        origin, work = self._net.zero_state(), Work.of(self._net, 1)
        for index in ids:
            step(self._net, np.array([index]), *origin, work)
        self._origin = origin
        self._scratch: _Scratch | None = None
        self._take_over(*(np.repeat(part, count, axis=1) for part in origin))

    def _take_over(self, hidden: Floats, memory: Floats) -> None:
        self._hidden, self._memory = hidden, memory
        self._work = Work.of(self._net, hidden.shape[1])

    def advance(self, rows: Rows, tables: Tables) -> None:
        """Draw at least one id a row, and return when a row asks."""
        if self._scratch is None:
            ids = tables.allowed.shape[1]
            self._scratch = _Scratch(np.empty(ids, np.bool_), np.empty((2, ids), np.float32))
        state = self._hidden, self._memory, self._work
        drawing = rows, tables, self._options, self._scratch
        if _advance(self._net, *state, *drawing) < 0:
            raise CheckpointError("the model gives no probabilities: its training diverged")

    def renew(self, row: int) -> None:
        """Put a row back to the start."""
        for now, zero in zip((self._hidden, self._memory), self._origin, strict=True):
            now[:, row] = zero[:, 0]

    def keep(self, left: Sequence[int]) -> None:
        """Forget all rows but some."""
        self._take_over(self._hidden[:, left].copy(), self._memory[:, left].copy())
