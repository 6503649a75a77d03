"""Folding a score back to the page it came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from textmusic.errors import Issue
from textmusic.form import Form, fold
from textmusic.score import Bar, Score
from textmusic_guitarpro._elsewhere import order_elsewhere
from textmusic_guitarpro._layout import bars_of
from textmusic_guitarpro.limits import Limits

__all__ = ["page_of"]

_SHORTEST_BAR = 16
"""Parts of a quarter; bar lines between them move, and shorter bars may get no measure."""


def page_of(score: Score, limits: Limits, issues: list[Issue]) -> tuple[Score, Form | None]:
    """Return the score without its form: folded, where the signs that a file holds say the same.

    Repeats are written out where programs would not agree what their signs mean.
    """
    text = score.get("form")
    if not text:
        return score, None
    folded = fold(score)
    if folded:
        page, form = folded
        held = limits.form(form)
        bars = bars_of(page, len(form.measures))
        is_same = held.order() == form.order() == order_elsewhere(held)
        if is_same and not _is_torn(page, held, bars):
            return page, held
    named = Form.parse(text)
    if named is None or not named.is_plain:
        message = "repeats are written out: the music differs from the form, or it fits no signs"
        issues.append(Issue("guitarpro.form", message, severity="note"))
    meta = tuple((key, value) for key, value in score.meta if key != "form")
    return replace(score, meta=meta), None


def _is_torn(page: Score, form: Form, bars: Sequence[Bar]) -> bool:
    """Whether a note sounds over a bar line that is not always played through.

    Or may do so on the page, because bar lines have to move.
    """
    if any(bar.onset * _SHORTEST_BAR % page.tpq for bar in bars):
        return True
    last = len(bars) - 1
    jumps: set[int] = set()
    for index, after in pairwise(form.order() or []):
        if after != index + 1:
            jumps |= {index, after - 1}
    starts = [bar.onset for bar in bars]
    for note in page.notes():
        bar = bisect_right(starts, note.onset) - 1
        while bar < last and bars[bar].end < note.end:
            if bar in jumps:
                return True
            bar += 1
    return False
