"""The order in which written measures sound: repeats, endings, da capo, dal segno, coda, fine."""

from __future__ import annotations

from collections.abc import Sequence

from textmusic.form import MOST_MEASURES, Form, Measure
from textmusic_musicxml._page import Bar

__all__ = ["played"]


def played(bars: Sequence[Bar]) -> tuple[list[int], str] | None:
    """Return the indices of measures as played and ``meta["form"]``, or None if too many.

    After a jump (da capo, dal segno) repeats are not taken again and the last ending is played.
    The form is empty where there are no repeats, and where it could not say what is played.

    Args:
        bars: the measures with the signs of all parts together.
    """
    spans = _endings(bars)
    last = _last_endings(spans)
    full = Form(
        tuple(
            Measure(bar.opens, _passes(bar.passes, ends, last[i]), ends)
            for i, (bar, ends) in enumerate(zip(bars, spans, strict=True))
        )
    )
    order = full.order()
    if order is None:
        return None
    jumped = _with_jump(order, bars, spans, last)
    if jumped is not None:
        return (jumped, "") if len(jumped) <= MOST_MEASURES else None
    starts = Form(
        tuple(
            Measure(m.opens, m.passes, m.endings if i == 0 or m.endings != spans[i - 1] else _NONE)
            for i, m in enumerate(full.measures)
        )
    )
    form = starts if starts.order() == order else full
    return order, "" if form.is_plain else str(form)


_NONE: frozenset[int] = frozenset()


def _endings(bars: Sequence[Bar]) -> list[frozenset[int]]:
    """Return for each measure the passes of the ending that it lies in, empty outside."""
    spans = []
    now = _NONE
    for bar in bars:
        now = bar.endings or now
        spans.append(now)
        if bar.ending_stops or bar.passes:
            now = _NONE
    return spans


def _last_endings(spans: Sequence[frozenset[int]]) -> list[int]:
    """Return for each measure the last pass of its group of neighbouring endings, or 0."""
    last = [0] * len(spans)
    group: list[int] = []
    for index in range(len(spans) + 1):
        ends = spans[index] if index < len(spans) else _NONE
        new = bool(group) and bool(ends) and ends != spans[index - 1] and 1 in ends
        if group and (not ends or new):
            highest = max(max(spans[i]) for i in group)
            for i in group:
                last[i] = highest
            group = []
        if ends:
            group.append(index)
    return last


def _passes(passes: int, ends: frozenset[int], last: int) -> int:
    """How often a closed repeat is played in all: inside endings once more than they say."""
    if not passes or not ends:
        return passes
    return len(ends) + (max(ends) < last)


def _with_jump(
    order: Sequence[int],
    bars: Sequence[Bar],
    spans: Sequence[frozenset[int]],
    last: Sequence[int],
) -> list[int] | None:
    """Return the order with the first jump taken, or None when there is none."""
    jumps = [i for i, bar in enumerate(bars) if {"dacapo", "dalsegno"} & bar.jumps.keys()]
    at = next((i for i in jumps if i in set(order)), None)
    if at is None:
        return None
    target = 0
    if "dalsegno" in bars[at].jumps:
        segni = [i for i, bar in enumerate(bars) if "segno" in bar.jumps]
        target = segni[0] if segni else 0
    until = len(order) - 1 - list(reversed(order)).index(at)
    result = list(order[: until + 1])
    coda = next((i for i, bar in enumerate(bars) if i > at and "coda" in bar.jumps), None)
    index = target
    while index < len(bars):
        if not spans[index] or last[index] in spans[index]:
            result.append(index)
            if "fine" in bars[index].jumps:
                break
            if "tocoda" in bars[index].jumps and coda is not None and index < coda:
                index = coda
                continue
        index += 1
    return result
