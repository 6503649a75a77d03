"""Notes of unknown length, a row of numbers each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["SOON", "Row", "until_next"]

Row = tuple[int, int, int]
"""Onset and duration in steps, and pitch."""

SOON = 4
"""A note of unknown length ends with the next onset of its part, or after so many quarters."""


def until_next(rows: Sequence[Row], steps: int) -> list[Row]:
    """Return one note a pitch and onset, until the next onset or for four quarters at most.

    Args:
        rows: onset and duration in steps (not looked at), and pitch.
        steps: steps a quarter.
    """
    found = sorted({(onset, pitch) for onset, _, pitch in rows})
    onsets = sorted({onset for onset, _ in found})
    following = dict(pairwise(onsets))
    longest = SOON * steps
    return [(o, min(following.get(o, o + longest) - o, longest), p) for o, p in found]
