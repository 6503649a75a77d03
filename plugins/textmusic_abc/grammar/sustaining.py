"""Ties into a first ending, whose notes readers play as long in the other endings.

Where the tune is over before such a note is, they call it an error.
"""

from __future__ import annotations

from textmusic_abc.grammar.state import State

__all__ = ["in_ending", "sustained"]


def sustained(state: State, mark: str, ticks: int) -> State:
    """Return the state after a bar of so many ticks and its mark."""
    over = ticks if state.over == -1 else state.over
    owed = max(state.owed - ticks, 0)
    if mark[-1].isdigit() and mark[0] == ":":
        owed = over
    elif mark[-1].isdigit():
        over = -1 if state.held else 0
    elif mark in {"|:", ":|", "::"}:
        over = 0
    return (
        state if (over, owed) == (state.over, state.owed) else state._replace(over=over, owed=owed)
    )


def in_ending(state: State) -> State:
    """Return the state before a sound; it knows how long the ties last where they are over."""
    if state.tie or state.held or state.voice or state.layer > 1:
        return state
    return state._replace(over=state.form.open - state.left)
