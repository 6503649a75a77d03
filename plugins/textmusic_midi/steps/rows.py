"""Notes of a part as rows of numbers, and which of them a text can tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

__all__ = ["SOON", "Kept", "Row", "distinct", "until_next"]

Row = tuple[int, int, int]
"""Onset and duration in steps, and pitch."""

Kept = Literal["exact", "onset", "struck", "held"]
"""What a text tells apart: all but doubles; onsets but no lengths; one note a pitch at a time; or
only whether a pitch sounds."""

SOON = 4
"""A note of unknown length ends with the next onset of its part, or after so many quarters."""


def distinct(rows: Sequence[Row], kept: Kept, steps: int) -> list[Row]:
    """Return the notes of a part as a text holds them, sorted; `steps` a quarter."""
    if kept == "onset":
        return until_next(rows, steps)
    return {"exact": _exact, "struck": _struck, "held": _held}[kept](rows)


def _exact(rows: Sequence[Row]) -> list[Row]:
    return sorted(set(rows))


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


def _by_pitch(rows: Sequence[Row]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield each pitch with its (onset, end), longest first among equal onsets."""
    pitches: dict[int, list[tuple[int, int]]] = {}
    for onset, duration, pitch in rows:
        pitches.setdefault(pitch, []).append((onset, onset + duration))
    for pitch, spans in pitches.items():
        yield pitch, sorted(spans, key=lambda span: (span[0], -span[1]))


def _struck(rows: Sequence[Row]) -> list[Row]:
    """One note a pitch at a time; the next one ends it."""
    found = []
    for pitch, spans in _by_pitch(rows):
        first = list({onset: (onset, end) for onset, end in reversed(spans)}.values())[::-1]
        for (onset, end), after in zip(first, [*first[1:], None], strict=True):
            stop = end if after is None else min(end, after[0])
            found.append((onset, stop - onset, pitch))
    return sorted(found)


def _held(rows: Sequence[Row]) -> list[Row]:
    """Notes of a pitch that touch or overlap are one."""
    found = []
    for pitch, spans in _by_pitch(rows):
        onset, end = spans[0]
        for start, stop in spans[1:]:
            if start > end:
                found.append((onset, end - onset, pitch))
                onset, end = start, stop
            else:
                end = max(end, stop)
        found.append((onset, end - onset, pitch))
    return sorted(found)
