"""Which character may come next in a drum grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

HITS = "-kshKSbB"
MOST_QUARTERS = 8


class State(NamedTuple):
    """How many steps the bar has, whether one of them is a hit, whether the bar is closed."""

    steps: int = 0
    hit: bool = False
    closed: bool = False


@dataclass(frozen=True)
class DrumGridGrammar:
    """Bars of whole quarters; the text ends after a bar that has a hit.

    Args:
        steps: grid steps a quarter.
    """

    steps: int

    def start(self) -> State:
        return State()

    def allowed(self, state: State) -> frozenset[str]:
        if state.closed:
            return frozenset("\n")
        hits = HITS if state.steps < MOST_QUARTERS * self.steps else ""
        bar_line = "|" if state.steps and state.steps % self.steps == 0 else ""
        return frozenset(hits + bar_line)

    def step(self, state: State, char: str) -> State:
        if char not in self.allowed(state):
            raise ValueError(f"{char!r} cannot follow in {state}")
        if char == "\n":
            return State()
        if char == "|":
            return state._replace(closed=True)
        return State(state.steps + 1, state.hit or char != "-")

    def accepting(self, state: State) -> bool:
        return state.closed and state.hit

    def finish(self, state: State) -> str:
        """Close the bar at its next quarter, with a last kick where it has no hit yet."""
        bar = "k".ljust(self.steps, "-") + "|"
        if state.closed:
            return "" if state.hit else f"\n{bar}"
        if state.steps == MOST_QUARTERS * self.steps:
            return "|" if state.hit else f"|\n{bar}"
        left = -state.steps % self.steps
        if state.hit:
            return "-" * left + "|" if left or state.steps else bar
        return "k".ljust(left or self.steps, "-") + "|"
