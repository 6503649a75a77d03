"""Where a text stands in its grammar as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textmusic.grammar import HORIZON
from textmusic.lm.masks import Masks

__all__ = ["Trail"]


class Trail:
    """Where a text stands as a whole, where the numbers of `Masks` leave something out.

    Of a `Joint` grammar they leave out only what was there when the state was last split.

    Args:
        masks: of the grammar.
        state: the whole state from which the text goes on.
    """

    def __init__(self, masks: Masks, state: Any) -> None:
        self._masks, self._state = masks, state
        self._since: list[int] = []

    def add(self, ids: Sequence[int]) -> bool:
        """Take ids that came, and say whether it is time to ask for a number of the whole state."""
        self._since += ids
        return self._masks.near is not None and len(self._since) > HORIZON // 2

    def whole(self, places: Sequence[int]) -> Any:
        """Return the whole state.

        Args:
            places: its numbers.
        """
        masks, chars = self._masks, self._masks.alphabet.chars
        text = "".join([chars[index - 1] for index in self._since if index])
        self._since = []
        if masks.joint is not None:
            states = [masks.state(place) for place in places]
            self._state = masks.joint.joined(self._state, states, text)
        elif masks.near is None:
            self._state = masks.state(places[0])
        elif text:
            self._state = masks.near.through(self._state, text)
        return self._state

    def behind(self, places: Sequence[int], index: int) -> tuple[int, ...]:
        """Go on behind an id that came last, and return the numbers there.

        Args:
            places: the numbers before it.
            index: the id; `add` took it.
        """
        masks = self._masks
        if masks.joint is None:
            return masks.numbers(self.whole(places))
        self._since.pop()
        self._state, numbers = masks.follow(self.whole(places), masks.alphabet.chars[index - 1])
        return numbers
