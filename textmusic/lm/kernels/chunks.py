"""What the layers of a window have in common: sums of a panel of units, and chunks of steps.

Before a chunk (as many steps as `chunk` says) the inputs of a layer above the first are projected,
and after it, on the way back, weights get their gradients and the layer below its own: what passes
between stays in the cache of the core. Arguments are those of `layers`.
"""

# ruff: noqa: PLR0917 - numba unpacks positions faster

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from textmusic.lm.kernels.lanes import LANES, fetch, load, spread, store
from textmusic.lm.kernels.numeric import compiled, f32
from textmusic.lm.kernels.panels import gradient, multiply, pack_steps
from textmusic.lm.kernels.tiles import NONE, WIDTH, strip

__all__ = [
    "Below",
    "Ends",
    "add",
    "ahead",
    "chunk",
    "finish",
    "project",
    "sums_backward",
    "sums_forward",
]

Array = NDArray[Any]
_ROWS = 256


class Below(NamedTuple):
    """What a layer reads of the one below it; of the first layer, nothing: arrays of length 0.

    Args:
        values: its outputs (T, B, H).
        panels: of W_ihᵀ.
    """

    values: Array
    panels: Array


class Ends(NamedTuple):
    """Where the gradients of a layer go.

    Args:
        before: the states before each step (T + 1, B, H), zero where a document starts.
        right: memory for packed inputs.
        state: (G, H), of W_hh.
        shift: row of `state` to which the first of `deltas` belong.
        below: outputs of the layer below (T, B, H), none of the first layer.
        inputs: (G, H), of W_ih.
        panels: of W_ih.
        above: (T, B, H), dL/d(outputs), first of this layer and then of the one below.
    """

    before: Array
    right: Array
    state: Array
    shift: int
    below: Array
    inputs: Array
    panels: Array
    above: Array


def chunk(batch: int) -> int:
    """Return the steps of a chunk, which hold about 256 rows; at least 2, for the step after."""
    return max(2, _ROWS // batch)


@compiled
def project(t: int, below: Below, inputs: Any, rows: Any) -> None:
    """Write x W_ihᵀ of a chunk that begins here; `rows` number its rows."""
    time, batch = rows.shape
    if len(below.values) and rows[t, 0] == 0:
        count = min(len(inputs), time - t) * batch
        units = below.values.shape[2] * below.values.itemsize // 4
        multiply(below.values, t * batch, count, NONE, below.panels, units, inputs, NONE)


@compiled
def finish(t: int, time: int, deltas: Any, left: Any, ends: Ends) -> None:
    """Write or add all that follows from the gates of a chunk, if it begins here."""
    if t % len(deltas):
        return
    steps, batch = min(len(deltas), time - t), deltas.shape[1]
    units = steps * -(-batch * deltas.itemsize // 4)
    later = t + steps < time
    pack_steps(deltas, NONE, steps, left)
    pack_steps(ends.before, t, steps, ends.right)
    gradient(left, NONE, ends.shift, ends.right, units, ends.state, later)
    if len(ends.below):
        total, rows = deltas.shape[2], len(ends.inputs)
        first = total - rows
        pack_steps(ends.below, t, steps, ends.right)
        gradient(left, first // WIDTH, NONE, ends.right, units, ends.inputs, later)
        columns = rows * deltas.itemsize // 4
        multiply(
            *(deltas, NONE, steps * batch, first, ends.panels, columns, ends.above, t * batch),
        )


@compiled
def sums_forward(
    t: int, panel: int, gates: int, panels: Any, starts: Any, hidden: Any, memory: Any, work: Any
) -> None:
    """Write h W_hhᵀ of a panel of units; the state before a document is zero."""
    batch, size = memory.shape[1:]
    unit = 4 // hidden.itemsize
    for gate in range(gates):
        strip(
            *(batch, hidden, t * batch * size, size, unit),
            *(panels, (panel * gates + gate) * size * WIDTH, size // unit),
            *(work, gate * WIDTH, gates * WIDTH, False),
        )
    zero = spread(f32(0))
    for b in range(batch):
        if starts[t, b]:
            for j in range(0, gates * WIDTH, LANES):
                store(work, b * gates * WIDTH + j, zero)
            for j in range(panel * WIDTH, (panel + 1) * WIDTH, LANES):
                store(memory, (t * batch + b) * size + j, zero)


@compiled
def sums_backward(
    t: int, time: int, panel: int, width: int, panels: Any, deltas: Any, work: Any
) -> None:
    """Write dL/dgates W_hh of a panel of units, from the gates of the step after."""
    batch, total = deltas.shape[1:]
    unit = 4 // deltas.itemsize
    if t + 1 < time:
        strip(
            *(batch, deltas, (t + 1) % len(deltas) * batch * total, total, unit),
            *(panels, panel * width * WIDTH, width // unit, work, 0, WIDTH, False),
        )


@compiled
def ahead(array: Any, at: int, numbers: int) -> None:
    """Ask for numbers that the next step needs; places outside of the array do no harm."""
    for line in range(at, at + numbers, 64 // array.itemsize):
        fetch(array, line)


@compiled
def add(array: Any, at: int, value: Any) -> None:
    """Add a vector to the elements from `at` on."""
    store(array, at, load(array, at) + value)
