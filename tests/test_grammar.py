"""first_error, on the smallest grammar."""

from __future__ import annotations

import pytest

from textmusic.grammar import first_error


class Pairs:
    """Any number of ``ab``."""

    def start(self) -> int:
        return 0

    def allowed(self, state: int) -> frozenset[str]:
        return frozenset("ab"[state])

    def step(self, state: int, char: str) -> int:
        if char not in self.allowed(state):
            raise ValueError(char)
        return 1 - state

    def accepting(self, state: int) -> bool:
        return state == 0

    def finish(self, state: int) -> str:
        return "b" if state else ""


@pytest.mark.parametrize(
    ("text", "offset"),
    [("", None), ("ab", None), ("abab", None), ("a", 1), ("aba", 3), ("b", 0), ("abb", 2)],
)
def test_the_first_error_is_where_the_text_leaves_the_grammar(text, offset) -> None:
    assert first_error(Pairs(), text) == offset
