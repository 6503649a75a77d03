"""The passes of each kind of layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from textmusic.lm.kernels import gates, layers, narrow

__all__ = ["KINDS", "Passes"]

Pass = Callable[..., None]


class Passes(NamedTuple):
    """What is computed with layers of one kind.

    Args:
        forward: one step forward.
        backward: one step backward.
        forward_window: all steps forward, of few streams.
        backward_window: all steps backward, of few streams.
        forward_all: all steps forward, with panels of weights.
        backward_all: all steps backward, with panels of weights.
        gates: rows of the weights, in units.
        saved: numbers kept for the backward step, in units.
        outer: whether the gradients with respect to x W_ihᵀ and h W_hhᵀ differ.
    """

    forward: Pass
    backward: Pass
    forward_window: Pass
    backward_window: Pass
    forward_all: Pass
    backward_all: Pass
    gates: int
    saved: int
    outer: bool


KINDS = {
    "gru": Passes(
        *(gates.gru_forward, gates.gru_backward),
        *(narrow.gru_forward_window, narrow.gru_backward_window),
        *(layers.gru_forward, layers.gru_backward),
        gates=3,
        saved=4,
        outer=True,
    ),
    "lstm": Passes(
        *(gates.lstm_forward, gates.lstm_backward),
        *(narrow.lstm_forward_window, narrow.lstm_backward_window),
        *(layers.lstm_forward, layers.lstm_backward),
        gates=4,
        saved=5,
        outer=False,
    ),
    "rnn": Passes(
        *(gates.rnn_forward, gates.rnn_backward),
        *(narrow.rnn_forward_window, narrow.rnn_backward_window),
        *(layers.rnn_forward, layers.rnn_backward),
        gates=1,
        saved=1,
        outer=False,
    ),
}
