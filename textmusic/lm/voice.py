"""One sample as it grows: its text, its random numbers, its place in the grammar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY
from textmusic.lm.config import SampleConfig
from textmusic.lm.masks import Mask, Masks

__all__ = ["Sample", "Stop", "Voice"]

Stop: TypeAlias = Callable[[str], bool]
Ending: TypeAlias = Literal["boundary", "length", "stop"]
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Sample:
    """One document drawn.

    Args:
        index: its number; with the seed it decides the draws.
        text: the priming text, what was drawn, and the grammar's ending if it was cut.
        bits: information of what was drawn (the boundary included, priming text and ending not)
            under the model alone.
        drawn: characters drawn.
        ended: ``boundary`` when it ended by itself, ``length`` or ``stop`` when it was cut.
        finish: the legal ending that the grammar gave to a sample cut, part of `text`.
    """

    index: int
    text: str
    bits: float
    drawn: int
    ended: Ending
    finish: str = ""


class Voice:
    """A sample that is being drawn.

    Args:
        index: its number.
        text: the priming text.
        config: how it is drawn.
        masks: of the grammar, or None.
        state: of the grammar after the priming text.
    """

    def __init__(
        self, index: int, text: str, config: SampleConfig, masks: Masks | None, state: Any
    ) -> None:
        self.index, self.length = index, len(text)
        self.piece = ""
        self._pieces = [text]
        self.bits, self.drawn = 0.0, 0
        self.ended: Ending | None = None
        self._finish = ""
        self._config, self._masks, self._state = config, masks, state
        self._random = np.random.default_rng([config.seed, index])
        self._block = np.empty((0, 2))
        self._used = 0

    def chances(self) -> NDArray[np.float64]:
        """Return the two random numbers of the next character."""
        if self._used == len(self._block):
            self._block, self._used = self._random.random((_BLOCK, 2)), 0
        self._used += 1
        row: NDArray[np.float64] = self._block[self._used - 1]
        return row

    def allowed(self, size: int) -> Mask:
        """Return which of the `size` ids may come next."""
        mask = np.ones(size, np.bool_) if self._masks is None else self._masks.of(self._state)
        if self.length < self._config.min_length and mask[1:].any():
            mask = mask.copy()
            mask[BOUNDARY] = False
        return mask

    def take(self, char: str, bits: float, stop: Stop | None) -> None:
        """Add a character, or end at the boundary (an empty one); `piece` is what was added."""
        self.bits += bits
        self.piece = char
        if not char:
            self.ended = "boundary"
            return
        self._pieces.append(char)
        self.length += 1
        self.drawn += 1
        if self._masks is not None:
            self._state = self._masks.grammar.step(self._state, char)
        if stop is not None and stop("".join(self._pieces)):
            self._cut("stop")
        elif self.length >= self._config.max_length:
            self._cut("length")

    def _cut(self, why: Ending) -> None:
        self.ended = why
        if self._masks is not None:
            self._finish = self._masks.grammar.finish(self._state)
            self._pieces.append(self._finish)
            self.piece += self._finish

    def sample(self) -> Sample:
        """Return the sample, once it has ended."""
        assert self.ended is not None
        text = "".join(self._pieces)
        return Sample(self.index, text, self.bits, self.drawn, self.ended, self._finish)
