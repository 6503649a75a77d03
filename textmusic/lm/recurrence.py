"""The inner loop: a window of inputs through the recurrent layers, reset at document starts.

Here PyTorch computes: on a GPU, where a text is scored, and as what `textmusic.lm.kernels`, which
trains on a CPU, is tested against.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["State", "unroll"]

State: TypeAlias = tuple[Tensor, ...]
"""One tensor (layers, B, H); for an LSTM two, hidden and cell."""


def unroll(
    rnn: nn.RNNBase, inputs: Tensor, state: State, starts: NDArray[np.bool_]
) -> tuple[Tensor, State]:
    """Run the layers over a window.

    The window is cut at each time at which a document starts in some stream, and there the state
    of that stream is set to zero. torch's loop over time costs the same in one piece or in
    several; a packed sequence of all pieces side by side, the other exact way, took 1.4 to 2.5
    times as long on a CPU, because each of its time steps fills a gradient of the whole window.

    Args:
        rnn: the layers.
        inputs: (T, B, E).
        state: before the window.
        starts: (T, B), where the state is zero before the input is read.

    Returns:
        The outputs of the last layer (T, B, H), and the state after the window.
    """
    cuts = np.flatnonzero(starts.any(axis=1)).tolist()
    edges = [0, *(cut for cut in cuts if cut), len(starts)]
    keep = torch.from_numpy(~starts).to(inputs.device).unsqueeze(-1)  # (T, B, 1)
    outputs = []
    for begin, piece in zip(edges, torch.split(inputs, np.diff(edges).tolist()), strict=False):
        state = tuple(torch.where(keep[begin], part, 0.0) for part in state)
        hidden, after = rnn(piece, state if len(state) == 2 else state[0])
        outputs.append(hidden)
        state = after if isinstance(after, tuple) else (after,)
    return torch.cat(outputs), state
