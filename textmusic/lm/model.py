"""The model: embedding, recurrent layers, output. Parameters stand in PyTorch's own layout."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from textmusic.alphabet import BOUNDARY
from textmusic.lm.config import ModelConfig
from textmusic.lm.recurrence import State, unroll

__all__ = ["CharRNN"]

_LAYERS: dict[str, type[nn.GRU | nn.LSTM | nn.RNN]] = {
    "gru": nn.GRU,
    "lstm": nn.LSTM,
    "rnn": nn.RNN,
}


class CharRNN(nn.Module):
    """A character RNN. Reading the document boundary first sets the state to zero.

    What a state adds to each gate begins as a rotation of it (Saxe et al. 2014): it neither fades
    nor grows over time. The rest begins as PyTorch does.

    Args:
        config: its shape.
        seed: of the initial weights; torch's own random state is left alone.
    """

    def __init__(self, config: ModelConfig, seed: int = 0) -> None:
        super().__init__()
        self.config = config
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.embedding = nn.Embedding(config.vocabulary, config.width)
            self.rnn = _LAYERS[config.kind](
                config.width,
                config.hidden,
                config.layers,
                dropout=config.dropout if config.layers > 1 else 0.0,
            )
            self.output = nn.Linear(config.hidden, config.vocabulary)
            for layer in range(config.layers):
                for gate in getattr(self.rnn, f"weight_hh_l{layer}").split(config.hidden):
                    nn.init.orthogonal_(gate)
        self.dropout = nn.Dropout(config.dropout)

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return self.output.weight.device

    def zero_state(self, batch: int) -> State:
        """Return the state before a document, for `batch` streams."""
        shape = (self.config.layers, batch, self.config.hidden)
        count = 2 if self.config.kind == "lstm" else 1
        return tuple(self.output.weight.new_zeros(shape) for _ in range(count))

    def forward(self, ids: Tensor, state: State) -> tuple[Tensor, State]:
        """Read a window of ids.

        Args:
            ids: (T, B) int64, on the CPU.
            state: before the window, from `zero_state` or an earlier call.

        Returns:
            The logits of the next id (T, B, V), and the state after the window.
        """
        starts = (ids == BOUNDARY).numpy()
        hidden, state = unroll(self.rnn, self.embedding(ids.to(self.device)), state, starts)
        return self.output(self.dropout(hidden)), state
