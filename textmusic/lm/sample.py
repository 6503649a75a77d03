"""Drawing texts from a model: many side by side, or one character by character."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.errors import ConfigError, EncodeError, Issue
from textmusic.grammar import Grammar
from textmusic.lm.config import SampleConfig
from textmusic.lm.draw import draw
from textmusic.lm.masks import Masks
from textmusic.lm.model import CharRNN
from textmusic.lm.recurrence import State
from textmusic.lm.stepper import ROWS, Stepper
from textmusic.lm.threads import thread_limit
from textmusic.lm.voice import Sample, Stop, Voice

__all__ = ["Sample", "Sampler"]


class Sampler:
    """Draws documents. The weights are taken as they are when it is made.

    Sample i of a seed does not depend on how many are drawn beside it, where the matrix products
    of torch round a row alike in any number of rows, as they do on x86 processors; elsewhere a
    draw that falls between two roundings, about one in a million, may differ.

    Args:
        model: read only.
        alphabet: of the model.
        grammar: only texts that it accepts are drawn; None for no constraint.
        config: how to draw.
        threads: threads of the process; one is best for a few samples.

    Raises:
        ConfigError: the alphabet does not fit the model.
    """

    def __init__(
        self,
        model: CharRNN,
        alphabet: Alphabet,
        grammar: Grammar[Any] | None = None,
        config: SampleConfig | None = None,
        threads: int = 1,
    ) -> None:
        if alphabet.size != model.config.vocabulary:
            raise ConfigError(
                f"the alphabet has {alphabet.size} ids, the model {model.config.vocabulary}"
            )
        self.model, self.threads = model, threads
        self.alphabet = alphabet
        self.config = config or SampleConfig()
        self._masks = Masks(grammar, alphabet) if grammar is not None else None
        self._stepper = Stepper(model)

    def samples(
        self,
        number: int,
        *,
        prime: str = "",
        stop: Stop | None = None,
        batch: int = 64,
        first: int = 0,
    ) -> Iterator[Sample]:
        """Draw documents side by side and yield them in the order of their indices.

        Args:
            number: how many.
            prime: text that each starts with.
            stop: called with the text so far after each character; true cuts the sample there.
            batch: how many are drawn at a time.
            first: index of the first.

        Raises:
            EncodeError: the priming text has a character outside the alphabet, or one that the
                grammar forbids; its issue has the place.
            ConfigError: the priming text is longer than `max_length`.
            CheckpointError: the model gives no probabilities.
        """
        done: dict[int, Sample] = {}
        wanted = first
        for voice in self._run(range(first, first + number), prime, stop, batch):
            if voice.ended:
                done[voice.index] = voice.sample()
            while wanted in done:
                yield done.pop(wanted)
                wanted += 1

    def stream(self, *, prime: str = "", stop: Stop | None = None, index: int = 0) -> Iterator[str]:
        """Draw one document and yield its text as it comes, the priming text left out.

        The pieces are single characters, and at the end perhaps the grammar's ending. Args and
        errors are those of `samples`, whose sample of this index has the same text.
        """
        for voice in self._run(range(index, index + 1), prime, stop, 1):
            if voice.piece:
                yield voice.piece

    def _run(self, indices: range, prime: str, stop: Stop | None, batch: int) -> Iterator[Voice]:
        """Yield each voice after each of its characters; one that is over gives up its row."""
        waiting = iter(indices)
        start = self._start(prime)
        first, state = self._prime(prime)
        voices = [self._voice(i, prime, start) for _, i in zip(range(batch), waiting, strict=False)]
        rows = max(ROWS, len(voices))
        logits, state = first.expand(rows, -1), tuple(s.expand(-1, rows, -1) for s in state)
        origin = state
        while voices:
            ids = self._choose(voices, logits, stop)
            yield from voices
            logits, state = self._step(ids, state)
            fresh = []
            for row, voice in enumerate(voices):
                if voice.ended and (index := next(waiting, None)) is not None:
                    voices[row] = self._voice(index, prime, start)
                    fresh.append(row)
            if fresh:
                logits[fresh] = first
                for now, zero in zip(state, origin, strict=True):
                    now[:, fresh] = zero[:, : len(fresh)]
            left = [row for row, voice in enumerate(voices) if not voice.ended]
            if 0 < len(left) < len(voices):
                voices = [voices[row] for row in left]
                keep = torch.tensor(left + left[:1] * (ROWS - len(left)), device=logits.device)
                logits = logits.index_select(0, keep)
                state = tuple(s.index_select(1, keep) for s in state)
            elif not left:
                return

    def _start(self, prime: str) -> Any:
        """Return the grammar's state after the priming text, checked."""
        if len(prime) >= self.config.max_length:
            raise ConfigError(
                f"the priming text has {len(prime)} characters, "
                f"max_length {self.config.max_length}: raise it"
            )
        self.alphabet.encode(prime)
        if self._masks is None:
            return None
        grammar = self._masks.grammar
        state = grammar.start()
        for offset, char in enumerate(prime):
            if char not in grammar.allowed(state):
                issue = Issue("sample.prime", f"the grammar forbids {char!r} here", offset)
                raise EncodeError(
                    f"character {offset + 1} of the priming text: {issue.message}", [issue]
                )
            state = grammar.step(state, char)
        return state

    def _voice(self, index: int, prime: str, start: Any) -> Voice:
        return Voice(index, prime, self.config, self._masks, start)

    def _prime(self, prime: str) -> tuple[Tensor, State]:
        """Return logits (1, V) and state (layers, 1, H) after the boundary and the prime."""
        logits, state = None, self.model.zero_state(ROWS)
        for index in (BOUNDARY, *self.alphabet.encode(prime).tolist()):
            logits, state = self._step(np.full(ROWS, index), state)
        assert logits is not None
        return logits[:1], tuple(s[:, :1] for s in state)

    def _step(self, ids: NDArray[np.int64], state: State) -> tuple[Tensor, State]:
        with torch.no_grad(), thread_limit(self.threads):
            return self._stepper.step(torch.from_numpy(ids).to(self.model.device), state)

    def _choose(self, voices: list[Voice], logits: Tensor, stop: Stop | None) -> NDArray[np.int64]:
        """Let each voice take its next id; return the ids of all rows."""
        numbers = logits[: len(voices)].cpu().numpy().astype(np.float64)
        allowed = np.stack([voice.allowed(self.alphabet.size) for voice in voices])
        chances = np.stack([voice.chances() for voice in voices])
        chosen, bits = draw(numbers, allowed, chances, self.config)
        for voice, index, cost in zip(voices, chosen.tolist(), bits.tolist(), strict=True):
            voice.take(self.alphabet.chars[index - 1] if index else "", cost, stop)
        ids = np.zeros(len(logits), np.int64)
        ids[: len(voices)] = chosen
        return ids
