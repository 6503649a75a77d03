"""Which ids a grammar allows, as arrays, computed once a state."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.errors import ConfigError
from textmusic.grammar import Grammar

__all__ = ["Masks"]

Mask = NDArray[np.bool_]


class Masks:
    """Masks by grammar state. Equal masks are one array; the table of states is bounded.

    Args:
        grammar: whose states they are.
        alphabet: gives the ids; what the grammar allows outside it cannot be drawn.
        limit: states remembered; when there are more, all are forgotten.
    """

    def __init__(self, grammar: Grammar[Any], alphabet: Alphabet, limit: int = 200_000) -> None:
        self.grammar = grammar
        self.alphabet = alphabet
        self.limit = limit
        self._by_state: dict[Hashable, Mask] = {}
        self._by_content: dict[bytes, Mask] = {}

    def of(self, state: Hashable) -> Mask:
        """Return the mask (V,) of a state; the boundary is allowed where it is accepting.

        Raises:
            ConfigError: nothing at all is allowed, against the promise of a grammar.
        """
        mask = self._by_state.get(state)
        if mask is None:
            if len(self._by_state) >= self.limit:
                self._by_state.clear()
                self._by_content.clear()
            mask = self._by_state[state] = self._build(state)
        return mask

    def _build(self, state: Hashable) -> Mask:
        mask = np.zeros(self.alphabet.size, np.bool_)
        text = "".join(c for c in self.grammar.allowed(state) if c in self.alphabet)
        mask[self.alphabet.encode(text)] = True
        mask[BOUNDARY] = self.grammar.accepting(state)
        if not mask.any():
            raise ConfigError(
                f"the grammar allows no character of this alphabet in state {str(state)[:200]}"
            )
        mask.flags.writeable = False
        return self._by_content.setdefault(mask.tobytes(), mask)
