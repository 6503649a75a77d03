"""The inner loop: a window of inputs through the recurrent layers, reset at document starts.

This module is the place of fast kernels: whatever computes `unroll` with the parameters of an
`nn.GRU`, `nn.LSTM` or `nn.RNN` can stand in for it.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

__all__ = ["State", "segments", "unroll"]

State: TypeAlias = tuple[Tensor, ...]
"""One tensor (layers, B, H); for an LSTM two, hidden and cell."""


def unroll(
    rnn: nn.RNNBase, inputs: Tensor, state: State, starts: NDArray[np.bool_]
) -> tuple[Tensor, State]:
    """Run the layers over a window.

    A window is cut where documents start, and the pieces run side by side as one packed
    sequence: resets are exact, and as fast as no resets.

    Args:
        rnn: the layers.
        inputs: (T, B, E).
        state: before the window.
        starts: (T, B), where the state is zero before the input is read.

    Returns:
        The outputs of the last layer (T, B, H), and the state after the window.
    """
    time, batch, width = inputs.shape
    order, sizes, origins, lasts = (torch.from_numpy(part) for part in segments(starts))
    device = inputs.device
    order, origins, lasts = order.to(device), origins.to(device), lasts.to(device)
    packed = PackedSequence(inputs.reshape(time * batch, width).index_select(0, order), sizes)
    fresh = tuple(torch.cat([s, s.new_zeros(s.shape[0], 1, s.shape[2])], 1) for s in state)
    before = tuple(s.index_select(1, origins) for s in fresh)
    outputs, after = rnn(packed, before if len(before) == 2 else before[0])
    back = torch.empty_like(order)
    back[order] = torch.arange(time * batch, device=device)
    hidden = outputs.data.index_select(0, back).view(time, batch, -1)
    final = after if isinstance(after, tuple) else (after,)
    return hidden, tuple(s.index_select(1, lasts) for s in final)


def segments(
    starts: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Cut a window into pieces, longest first.

    Args:
        starts: (T, B), where documents start.

    Returns:
        order: for each row of the packed sequence its place t * B + b in the window.
        sizes: for each time step the number of pieces that are that long.
        origins: for each piece its stream, whose state it goes on with, or B for a zero state.
        lasts: for each stream its last piece.
    """
    time, batch = starts.shape
    cuts = starts.T.copy()  # (B, T)
    cuts[:, 0] = True
    places = np.flatnonzero(cuts)
    lengths = np.diff(places, append=batch * time)
    rank = np.argsort(-lengths, kind="stable")
    places, lengths = places[rank], lengths[rank]
    streams, times = np.divmod(places, time)
    origins = np.where(starts[times, streams], batch, streams)
    ends = times + lengths == time
    lasts = np.empty(batch, np.int64)
    lasts[streams[ends]] = np.flatnonzero(ends)
    clock = np.arange(lengths[0])[:, None]
    order = (clock * batch + (times * batch + streams))[clock < lengths]
    sizes = np.count_nonzero(clock < lengths, axis=1).astype(np.int64)
    return order, sizes, origins, lasts
