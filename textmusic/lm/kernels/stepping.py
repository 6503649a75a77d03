"""The recurrent step of some streams, without gradients: products, then the gates.

Units are taken `LANES` at a time: a panel of weights gives the sums of all their gates, for all
streams, and while those are in the nearest cache the gates make states of them.

Shapes: B streams, L layers, H units, a multiple of `WIDTH` (those too many stay zero), P panels of
units, W numbers a panel of units (gates x LANES), V ids.
"""

# ruff: noqa: ARG001, PLR0917 - numba wants the same arguments of all variants, by position

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload
from numpy.typing import NDArray

from textmusic.lm.kernels.arrays import zeros
from textmusic.lm.kernels.curves import sigmoid, tanh
from textmusic.lm.kernels.lanes import LANES, load, store
from textmusic.lm.kernels.products import GRU, LSTM, RNN, Panels, ordered, strip
from textmusic.lm.kernels.whole import keep

__all__ = ["WIDTH", "Net", "Work", "step"]

WIDTH = 16
"""Whole vectors of units, and whole turns of the loop over the units of a product."""


class Net(NamedTuple):
    """The weights of a model.

    Args:
        kind: of the layers.
        table: (V, P x W), what each id adds to the gates of the first layer, with their biases.
        inputs: of the layers above, (L - 1) P panels.
        state: L P panels; their biases are those of a GRU that are added before the reset.
        output: panels of ids.
        bias_out: (V or more,).
        like: empty, of the type in which products read states.
    """

    kind: RNN | GRU | LSTM
    table: NDArray[np.float32]
    inputs: Panels
    state: Panels
    output: Panels
    bias_out: NDArray[np.float32]
    like: NDArray[Any]

    def zero_state(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return states and memory (L, 1, H) of one stream that has read nothing."""
        size = self.table.shape[1] // self.kind.gates
        layers = len(self.state.bias) * LANES // size
        return zeros((layers, 1, size)), zeros((layers, 1, size))


class Work(NamedTuple):
    """Memory for a step.

    Args:
        inputs: (B, W), what the inputs add to the gates.
        recurrent: (B, W), what the state adds.
        before: (B, H), the state of a layer before the step as products read it.
        below: (B, H), that of the layer below after the step.
        logits: (B, V or more), their bias not yet added.
    """

    inputs: NDArray[np.float32]
    recurrent: NDArray[np.float32]
    before: NDArray[Any]
    below: NDArray[Any]
    logits: NDArray[np.float32]

    @classmethod
    def of(cls, net: Net, count: int) -> Work:
        """Return memory for so many streams."""
        width, size = net.kind.gates * LANES, net.table.shape[1] // net.kind.gates
        return cls(
            inputs=zeros((count, width)),
            recurrent=zeros((count, width)),
            before=zeros((count, size), net.like.dtype),
            below=zeros((count, size), net.like.dtype),
            logits=zeros((count, net.output.bias.size)),
        )


def _read(states: Any, first: int, out: Any) -> None:
    """Write states, from element `first` on, as products read them."""
    raise NotImplementedError  # for compiled code only


@overload(_read, strict=False)
def _reader(states: Any, first: int, out: Any) -> Any:
    put = store if out.dtype == types.float32 else keep

    def code(states: Any, first: int, out: Any) -> None:
        for j in range(0, out.size, LANES):
            put(out, j, load(states, first + j))

    return code


def _gates(
    kind: Any, inputs: Any, x: int, sums: Any, w: int, hidden: Any, memory: Any, m: int
) -> None:
    """Make states of the sums of one vector of units, which begin at x, w and m."""
    raise NotImplementedError  # for compiled code only


@overload(_gates, strict=False)
def _gates_of(
    kind: Any, inputs: Any, x: int, sums: Any, w: int, hidden: Any, memory: Any, m: int
) -> Any:
    return {GRU: _gru, LSTM: _lstm, RNN: _rnn}[kind.instance_class]


def _gru(
    kind: Any, inputs: Any, x: int, sums: Any, w: int, hidden: Any, memory: Any, m: int
) -> None:
    """r, z = σ(x + h); n = tanh(x + r h); h ← n + z (h - n)."""
    r = sigmoid(load(inputs, x) + load(sums, w))
    z = sigmoid(load(inputs, x + LANES) + load(sums, w + LANES))
    n = tanh(load(inputs, x + 2 * LANES) + r * load(sums, w + 2 * LANES))
    store(hidden, m, n + z * (load(hidden, m) - n))


def _lstm(
    kind: Any, inputs: Any, x: int, sums: Any, w: int, hidden: Any, memory: Any, m: int
) -> None:
    """i, f, o = σ(x + h); g = tanh(x + h); c ← f c + i g; h = o tanh c."""
    i = sigmoid(load(inputs, x) + load(sums, w))
    f = sigmoid(load(inputs, x + LANES) + load(sums, w + LANES))
    g = tanh(load(inputs, x + 2 * LANES) + load(sums, w + 2 * LANES))
    o = sigmoid(load(inputs, x + 3 * LANES) + load(sums, w + 3 * LANES))
    c = f * load(memory, m) + i * g
    store(memory, m, c)
    store(hidden, m, o * tanh(c))


def _rnn(
    kind: Any, inputs: Any, x: int, sums: Any, w: int, hidden: Any, memory: Any, m: int
) -> None:
    store(hidden, m, tanh(load(inputs, x) + load(sums, w)))


@ordered
def _first_layer(net: Any, ids: Any, panel: int, hidden: Any, memory: Any, work: Any) -> None:
    width, size = work.recurrent.shape[1], hidden.shape[2]
    strip(net.kind, work.before, net.state, panel, work.recurrent, 0)
    for b in range(len(ids)):
        x, m = ids[b] * net.table.shape[1] + panel * width, b * size + panel * LANES
        _gates(net.kind, net.table, x, work.recurrent, b * width, hidden, memory, m)


@ordered
def _upper_layer(net: Any, layer: int, panel: int, hidden: Any, memory: Any, work: Any) -> None:
    _, count, size = hidden.shape
    number, width = layer * (size // LANES) + panel, work.recurrent.shape[1]
    strip(net.kind, work.before, net.state, number, work.recurrent, 0)
    strip(net.kind, work.below, net.inputs, number - size // LANES, work.inputs, 0)
    for b in range(count):
        m = (layer * count + b) * size + panel * LANES
        _gates(net.kind, work.inputs, b * width, work.recurrent, b * width, hidden, memory, m)


@ordered
def step(net: Any, ids: Any, hidden: Any, memory: Any, work: Any) -> None:
    """Read one id a stream, and leave the logits in `work`, their bias not yet added.

    Args:
        net: a `Net`.
        ids: (B,).
        hidden: (L, B, H), overwritten.
        memory: the same, of an LSTM; of others any array of that many dimensions.
        work: a `Work`.
    """
    layers, count, size = hidden.shape
    for layer in range(layers):
        _read(hidden, layer * count * size, work.before)
        for panel in range(size // LANES):
            if layer:
                _upper_layer(net, layer, panel, hidden, memory, work)
            else:
                _first_layer(net, ids, panel, hidden, memory, work)
        _read(hidden, layer * count * size, work.below)
    width = work.recurrent.shape[1]
    for panel in range(work.logits.shape[1] // width):
        strip(net.kind, work.below, net.output, panel, work.logits, panel * width)
