"""Forward and backward over a window of some streams, by products of our own.

Each layer is one call forward (`layers`) and one backward, and the rest are products over the whole
window (`tiles`): the projections of the next layer's inputs, what comes down from above, and the
gradients of weights, for which states and gates are packed once. `window` has the same passes for all
sizes, and says what is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.lm.kernels.arrays import array_of, zeros
from textmusic.lm.kernels.chunks import Below, Ends, chunk
from textmusic.lm.kernels.ends import embedding, output
from textmusic.lm.kernels.kinds import KINDS
from textmusic.lm.kernels.output import drop
from textmusic.lm.kernels.packed import padded, whole
from textmusic.lm.kernels.tiles import WIDTH
from textmusic.lm.kernels.weights import Weights
from textmusic.lm.recurrence import State

__all__ = ["BlockWindow"]

Array = NDArray[Any]
_ABSENT = -1e30
"""The logit of an id that does not exist."""


class BlockWindow:
    """The arrays of a window, and the passes over them, as of `window.Window`.

    Args:
        weights: packed; shared with other windows, refreshed by the caller.
        gradients: of the parameters, by name, float32: each pass overwrites them.
        time: characters of each stream.
        batch: streams.
    """

    def __init__(
        self, weights: Weights, gradients: dict[str, Tensor], time: int, batch: int
    ) -> None:
        if weights.packed is None:
            raise ValueError("the weights of a BlockWindow are packed")
        config, self._packed = weights.config, weights.packed
        self._weights, self._config = weights, config
        self._gradients = {name: value.numpy() for name, value in gradients.items()}
        self._kind = kind = KINDS[config.kind]
        dtype = array_of(torch.empty(0, dtype=weights.dtype)).dtype
        layers, size, columns = config.layers, config.hidden, padded(config.vocabulary)
        self._unit = unit = 4 // dtype.itemsize
        kept = np.float32 if unit == 1 else np.int16
        width, deltas = kind.gates * size, (kind.gates + kind.outer) * size
        steps = min(chunk(batch), time)
        units = steps * -(-batch // unit)
        self._memory = zeros((layers, time + 1, batch, size))
        self._hidden = zeros((layers, time + 1, batch, size), dtype)
        self._dropped = zeros((layers if config.dropout else 0, time, batch, size), dtype)
        self._saved = zeros((layers, time * batch, kind.saved * size), kept)
        self._inputs = zeros((steps, batch, width), dtype)
        self._work = zeros((batch, kind.gates * WIDTH))
        self._carry = zeros((batch, size))
        self._above = zeros((time, batch, size), dtype)
        self._deltas = zeros((max(2, steps), batch, deltas), dtype)
        self._left = zeros((deltas // WIDTH, units, WIDTH * unit), dtype)
        self._right = zeros((size // WIDTH, units, WIDTH * unit), dtype)
        self._logits = zeros((steps, batch, columns), dtype)
        self._left_out = zeros((columns // WIDTH, units, WIDTH * unit), dtype)
        self._output_sums = whole(self._gradients["output.weight"], columns, size)
        self._bias_out, self._bias_sums = zeros(columns) + _ABSENT, zeros(columns)
        self._sums = zeros((config.vocabulary, width))
        self._sums_new = zeros(size)
        self._sums_low = zeros((1, config.vocabulary, width), dtype)
        across, ids = padded(config.width), -(-config.vocabulary // unit)
        self._left_first = zeros((width // WIDTH, ids, WIDTH * unit), dtype)
        self._right_first = zeros((across // WIDTH, ids, WIDTH * unit), dtype)
        self._rows = zeros((1, config.vocabulary, across))
        self._first_sums = whole(self._gradients["rnn.weight_ih_l0"], width, across)
        self._places = (np.arange(time * batch) % (steps * batch)).reshape(time, batch)
        self._first = np.zeros((time, batch), np.int64)
        self._nothing = Below(zeros((0, batch, size), dtype), zeros((0, 1, WIDTH * unit), dtype))

    def run(
        self,
        rows: Array,
        targets: Array,
        starts: Array,
        state: State,
        *,
        chars: int,
        keep: Sequence[Array] = (),
    ) -> tuple[float, State]:
        """Read a window and leave the gradients of its part of the mean loss: see `Window.run`."""
        rows = np.ascontiguousarray(rows)
        starts = np.ascontiguousarray(starts)
        layers = range(self._config.layers)
        for layer in layers:
            self._forward(layer, rows, starts, state)
            if keep:
                self._drop(self._hidden[layer, 1:], keep[layer], self._dropped[layer])
        nats = self._output(targets, chars)
        for layer in reversed(layers):
            if keep:
                self._drop(self._above, keep[layer], self._above)
            self._backward(layer, rows, starts)
        return nats, self._state()

    def _state(self) -> State:
        last = torch.from_numpy(self._memory[:, -1].copy())
        if self._config.kind != "lstm":
            return (last,)
        hidden = self._hidden[:, -1].copy()
        if self._unit == 1:
            return torch.from_numpy(hidden), last
        return torch.from_numpy(hidden.view(np.int16)).view(torch.bfloat16).float(), last

    def _outputs(self, layer: int) -> Array:
        """Return what the next layer reads, (T, B, H)."""
        return self._dropped[layer] if len(self._dropped) else self._hidden[layer, 1:]

    def _drop(self, values: Array, keep: Array, out: Array) -> None:
        scale = np.float32(1 / (1 - self._config.dropout))
        drop(values.reshape(-1), keep.reshape(-1), scale, out.reshape(-1))

    def _forward(self, layer: int, rows: Array, starts: Array, state: State) -> None:
        weights, packed = self._weights, self._packed
        self._hidden[layer, 0] = array_of(state[0][layer].to(weights.dtype))
        self._memory[layer, 0] = state[-1][layer].numpy()
        inputs, below = packed.table, self._nothing
        if layer:
            inputs, rows = self._inputs, self._places
            below = Below(self._outputs(layer - 1), packed.inputs[layer - 1])
        self._kind.forward_all(
            *(packed.state[layer], inputs, rows, starts),
            *(weights.bias[layer], weights.bias_new[layer], self._memory[layer]),
            *(self._saved[layer], self._hidden[layer], self._work, below),
        )

    def _output(self, targets: Array, chars: int) -> float:
        """Turn the last outputs into dL/d(last outputs)."""
        packed, ids = self._packed, self._config.vocabulary
        self._bias_out[:ids] = self._weights.full["output.bias"].numpy()
        nats: float = output(
            *(self._outputs(self._config.layers - 1), np.ascontiguousarray(targets), 1 / chars),
            *(self._bias_out, self._bias_sums, packed.output, packed.output_back),
            *(self._logits, self._left_out, self._right, self._output_sums, self._above),
        )
        if len(self._output_sums) > ids:
            self._gradients["output.weight"][:] = self._output_sums[:ids]
        self._gradients["output.bias"][:] = self._bias_sums[:ids]
        return nats

    def _backward(self, layer: int, rows: Array, starts: Array) -> None:
        packed, gradients = self._packed, self._gradients
        before, below = self._hidden[layer, :-1], self._nothing
        before[starts] = 0
        if layer:
            below = Below(self._outputs(layer - 1), packed.inputs_back[layer - 1])
        sums = self._sums[: 1 if layer else packed.table.shape[1]]
        sums.fill(0)
        self._sums_new.fill(0)
        of_state, of_inputs = (gradients[f"rnn.weight_{part}_l{layer}"] for part in ("hh", "ih"))
        shift = 2 * self._config.hidden if self._kind.outer else 0
        ends = Ends(
            before, self._right, of_state, shift, below.values, of_inputs, *below[1:], self._above
        )
        self._kind.backward_all(
            *(packed.state_back[layer], starts, self._first if layer else rows),
            *(sums, self._sums_new, self._saved[layer], self._memory[layer]),
            *(self._carry, self._deltas, self._left, self._work, ends),
        )
        self._biases(layer, sums.sum(0))
        if not layer:
            self._embedding(sums)

    def _embedding(self, sums: Array) -> None:
        """Write the gradients of the embedding and of the first layer's W_ih."""
        weights, gradients = self._weights, self._gradients
        embedding(
            *(sums, self._packed.embedded, self._packed.first_back),
            *(self._sums_low, self._left_first, self._right_first),
            *(self._rows, self._first_sums),
        )
        gradients["embedding.weight"].fill(0)
        width = self._config.width
        gradients["embedding.weight"][weights.used.numpy()] = self._rows[0, : len(sums), :width]
        if self._first_sums.shape[1] > width:
            gradients["rnn.weight_ih_l0"][:] = self._first_sums[:, :width]

    def _biases(self, layer: int, total: Array) -> None:
        b_state = self._gradients[f"rnn.bias_hh_l{layer}"]
        self._gradients[f"rnn.bias_ih_l{layer}"][:] = b_state[:] = total
        if self._config.kind == "gru":
            b_state[-len(self._sums_new) :] = self._sums_new
