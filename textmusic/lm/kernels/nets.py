"""A model's weights as sampling steps want them: padded, and packed in the order in which they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmusic.lm.kernels.arrays import zeros
from textmusic.lm.kernels.lanes import LANES
from textmusic.lm.kernels.products import KINDS, Panels
from textmusic.lm.kernels.stepping import WIDTH, Net
from textmusic.lm.kernels.whole import OFFSET, STEPS, STORED
from textmusic.lm.model import CharRNN
from textmusic.lm.weights import Precision, stored

__all__ = ["net_of"]

Array = NDArray[Any]


def net_of(model: CharRNN, precision: Precision, whole: np.dtype[Any] = STORED) -> Net:
    """Return the weights in a precision.

    Args:
        model: on the CPU; read only.
        precision: of the weights.
        whole: how states are stored for products of whole numbers; see `kernels.whole`.
    """
    config, kind = model.config, KINDS[model.config.kind]
    full = {name: value.detach().numpy() for name, value in model.named_parameters()}
    like = np.empty(0, whole if precision == "int8" else np.float32)

    def panels(names: Sequence[str], biases: Sequence[Array], gates: int) -> Panels:
        parts = []
        for name, bias in zip(names, biases, strict=True):
            values, scale = stored(model.get_parameter(name), precision)
            rows, *ends = (_arranged(part, gates, kind.gates) for part in (values, scale, bias))
            parts.append(_packed(rows, *ends, like=like))
        return Panels(*(_line_up(arrays) for arrays in zip(*parts, strict=True)))

    layers = range(config.layers)
    before, inside = zip(*(_biases(full, n, kind.gates, config.kind) for n in layers), strict=True)
    table = full["rnn.weight_ih_l0"] @ full["embedding.weight"].T + before[0][:, None]
    by_id = np.moveaxis(_arranged(table, kind.gates, kind.gates), 2, 0)
    above = [f"rnn.weight_ih_l{n}" for n in layers[1:]] or ["rnn.weight_hh_l0"]  # one unused
    return Net(
        kind=kind,
        table=_line_up([by_id.reshape(len(by_id), -1)]),
        inputs=panels(above, before[1:] or before, kind.gates),
        state=panels([f"rnn.weight_hh_l{n}" for n in layers], inside, kind.gates),
        output=panels(["output.weight"], [np.zeros(config.vocabulary, np.float32)], 1),
        bias_out=_padded(full["output.bias"], 0, kind.gates * LANES),
        like=like,
    )


def _biases(full: dict[str, Array], layer: int, gates: int, kind: str) -> tuple[Array, Array]:
    """Return what is added to the sums of a layer's inputs, and to those of its state."""
    of_inputs, of_state = (full[f"rnn.bias_{part}_l{layer}"] for part in ("ih", "hh"))
    inside = np.zeros_like(of_state)
    if kind == "gru":
        new = 2 * len(of_state) // gates
        inside[new:] = of_state[new:]
    return of_inputs + (of_state - inside), inside


def _arranged(rows: Array, gates: int, columns: int) -> Array:
    """Arrange rows as panels of so many vectors: (panels, columns x LANES, ...).

    Args:
        rows: (gates x N, ...).
        gates: 1, or as many as there are vectors in a panel, each of another gate.
        columns: vectors of a panel.
    """
    apart = _padded(rows.reshape(gates, -1, *rows.shape[1:]), 1, WIDTH * columns // gates)
    vectors = apart.reshape(gates, -1, columns // gates, LANES, *rows.shape[1:])
    return np.moveaxis(vectors, 0, 1).reshape(-1, columns * LANES, *rows.shape[1:])


def _packed(values: Array, scale: Array, bias: Array, *, like: Array) -> Panels:
    """Pack weights (panels, C x LANES, K) and what belongs to their sums."""
    values = _padded(values, 2, WIDTH)
    starts, unit = np.zeros(bias.shape, np.int32), 4 // values.itemsize
    if values.dtype == np.int8:
        starts -= OFFSET[like.dtype] * values.sum(2, dtype=np.int32)
        scale, unit = scale / np.float32(STEPS), 4 // like.itemsize
    panels, width, size = values.shape
    units = values.reshape(panels, width, size // unit, unit).swapaxes(1, 2)
    return Panels(units.reshape(panels, size // unit, width * unit), starts, scale, bias)


def _padded(array: Array, axis: int, multiple: int) -> Array:
    """Put zeros behind an array, up to a multiple."""
    more = [(0, 0)] * array.ndim
    more[axis] = (0, -array.shape[axis] % multiple)
    return np.pad(array, more)


def _line_up(arrays: Sequence[Array]) -> Array:
    """Join arrays, from the beginning of a line of the cache."""
    joined = np.concatenate(arrays)
    out = zeros(joined.shape, joined.dtype)
    out[:] = joined
    return out
