"""The order in which measures sound: repeats and endings played out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guitarpro import models as gp

__all__ = ["MOST_MEASURES", "play_order"]

MOST_MEASURES = 20_000


def play_order(headers: Sequence[gp.MeasureHeader]) -> list[int] | None:
    """Return the indices of measures as played, or None when they would be too many."""
    order: list[int] = []
    for start, end in _sections(headers):
        for index in _section(headers, start, end):
            order.append(index)
            if len(order) > MOST_MEASURES:
                return None
    return order


def _sections(headers: Sequence[gp.MeasureHeader]) -> Iterator[tuple[int, int]]:
    """Split where a repeat opens, and behind a closed repeat where no ending follows."""
    start, closed = 0, False
    for index, header in enumerate(headers):
        opens = header.isRepeatOpen or (closed and not header.repeatAlternative)
        if opens and index > start:
            yield start, index
            start, closed = index, False
        closed = header.repeatClose > 0 or (closed and header.repeatAlternative > 0)
    yield start, len(headers)


def _section(headers: Sequence[gp.MeasureHeader], start: int, end: int) -> Iterator[int]:
    """Play the measures of one section; an ending lasts until the next one or a repeat sign."""
    turn, index, ending = 0, start, 0
    used: dict[int, int] = {}
    while index < end:
        header = headers[index]
        ending = header.repeatAlternative or ending
        sounds = not ending or ending >> min(turn, 7) & 1
        closes = header.repeatClose > 0
        if sounds:
            yield index
            if closes and used.get(index, 0) < header.repeatClose:
                used[index] = used.get(index, 0) + 1
                turn, index, ending = turn + 1, start, 0
                continue
        if closes:
            ending = 0
        index += 1
