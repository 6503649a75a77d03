"""The inner loop: a window of inputs through the recurrent layers, reset at document starts.

Here PyTorch computes: on a GPU, where a text is scored, and as what `textmusic.lm.kernels`, which
trains on a CPU, is tested against.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

__all__ = ["State", "in_pieces", "side_by_side", "unroll"]

State: TypeAlias = tuple[Tensor, ...]
"""One tensor (layers, B, H); for an LSTM two, hidden and cell."""


def unroll(
    rnn: nn.RNNBase, inputs: Tensor, state: State, starts: NDArray[np.bool_]
) -> tuple[Tensor, State]:
    """Run the layers over a window.

    Args:
        rnn: the layers.
        inputs: (T, B, E).
        state: before the window.
        starts: (T, B), where the state is zero before the input is read.

    Returns:
        The outputs of the last layer (T, B, H), and the state after the window.
    """
    run = side_by_side if inputs.is_cuda else in_pieces
    return run(rnn, inputs, state, starts)


def in_pieces(
    rnn: nn.RNNBase, inputs: Tensor, state: State, starts: NDArray[np.bool_]
) -> tuple[Tensor, State]:
    """Do what `unroll` does, piece after piece: for a CPU.

    The window is cut at each time at which a document starts in some stream, and there the state
    of that stream is set to zero. torch's loop over time costs the same in one piece or in
    several; on a CPU `side_by_side` took 1.4 to 2.5 times as long, because each of its time steps
    fills a gradient of the whole window.
    """
    cuts = np.flatnonzero(starts.any(axis=1)).tolist()
    edges = [0, *(cut for cut in cuts if cut), len(starts)]
    keep = torch.from_numpy(~starts).to(inputs.device).unsqueeze(-1)  # (T, B, 1)
    outputs = []
    for begin, piece in zip(edges, torch.split(inputs, np.diff(edges).tolist()), strict=False):
        state = tuple(torch.where(keep[begin], part, 0.0) for part in state)
        hidden, state = _run(rnn, piece, state)
        outputs.append(hidden)
    return torch.cat(outputs), state


def side_by_side(
    rnn: nn.RNNBase, inputs: Tensor, state: State, starts: NDArray[np.bool_]
) -> tuple[Tensor, State]:
    """Do what `unroll` does in one call of the layers: for a GPU.

    The part of a document that a window holds is a sequence of its own, with the state before it
    or with zeros, and all of them are one packed sequence. With hundreds of streams a document
    starts at nearly every time: in pieces, that would be a call for each character.
    """
    count = starts.shape[1]
    edges = starts.copy()
    edges[0] = True
    streams, begins = np.nonzero(edges.T)
    ends = np.append(begins[1:], 0)
    ends[ends == 0] = len(starts)  # the next sequence is that of another stream
    order = np.argsort(begins - ends, kind="stable")  # longest first, as a packed sequence is
    lasts = np.flatnonzero(ends[order] == len(starts))
    lasts = lasts[np.argsort(streams[order][lasts])]
    streams, begins, lengths = (part[order] for part in (streams, begins, ends - begins))
    times = np.arange(lengths[0])[:, np.newaxis]
    lives = times < lengths
    places = ((begins + times) * count + streams)[lives]  # in the order of packing
    device = inputs.device
    carried = (begins == 0) & ~starts[0][streams]
    begun, keep, last, place, back = (
        torch.from_numpy(part).to(device, non_blocking=True)
        for part in (streams, carried[:, np.newaxis], lasts, places, np.argsort(places))
    )
    before = tuple(torch.where(keep, part.index_select(1, begun), 0.0) for part in state)
    packed = PackedSequence(
        inputs.flatten(0, 1).index_select(0, place), torch.from_numpy(lives.sum(axis=1))
    )
    hidden, after = _run(rnn, packed, before)
    outputs = hidden.data.index_select(0, back).unflatten(0, starts.shape)
    return outputs, tuple(part.index_select(1, last) for part in after)


def _run(rnn: nn.RNNBase, inputs: Any, state: State) -> tuple[Any, State]:
    hidden, after = rnn(inputs, state if len(state) == 2 else state[0])
    return hidden, after if isinstance(after, tuple) else (after,)
