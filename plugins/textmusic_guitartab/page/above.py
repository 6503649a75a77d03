"""Read the lines over a staff: duration letters, metre and tempo signs, technique marks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from textmusic_guitartab.page.bars import KnownBar
from textmusic_guitartab.page.rhythm import Stroke

__all__ = ["ABOVE", "Above", "between", "fitted", "marked"]

_T = TypeVar("_T")
ABOVE = {
    "PM": "palm-mute", "LR": "let-ring", "SL": "slap", "PO": "pop", "AC": "accent",
    "ST": "staccato",
}  # fmt: skip
"""Labels of lines above a staff whose dots mark the events under them."""
_MUTED = re.compile(r"(?<![A-Za-z])(?:P\.?M\.?|p\.?m\.?)[-. =_]{0,200}")
_SIGN = re.compile(r"(\d{1,3})/(\d{1,3})\Z|q=(\d{1,5}(?:\.\d{1,12})?)\Z")
_DENOMINATORS = {1, 2, 4, 8, 16, 32, 64, 128}


@dataclass(slots=True)
class Above:
    """What the lines over a staff say, by column: metres, tempos and marks."""

    meters: list[tuple[int, tuple[int, int]]] = field(default_factory=list)
    tempos: list[tuple[int, float]] = field(default_factory=list)
    marks: dict[int, set[str]] = field(default_factory=dict)

    @property
    def says(self) -> bool:
        """Whether there is a metre or a tempo."""
        return bool(self.meters or self.tempos)

    def read(self, line: str) -> None:
        """Add what a line says; a line with a word it does not know says nothing."""
        words = line.split()
        if words[0] in ABOVE and not line[2:].strip(" ."):
            self._mark((i for i, char in enumerate(line) if char == "."), ABOVE[words[0]])
        elif ("/" in line or "=" in line) and all(_SIGN.match(word) for word in words):
            for match in re.finditer(r"\S+", line):
                self._sign(match[0], match.start())
        elif "M" in line or "m" in line:
            for match in _MUTED.finditer(line):
                end = match.start() + len(match[0].rstrip())
                self._mark(range(match.start(), end), "palm-mute")

    def _mark(self, columns: Iterable[int], mark: str) -> None:
        for column in columns:
            self.marks.setdefault(column, set()).add(mark)

    def _sign(self, word: str, column: int) -> None:
        match = _SIGN.match(word)
        if not match:
            return
        if match[3]:
            if float(match[3]) >= 1:
                self.tempos.append((column, float(match[3])))
        elif 1 <= int(match[1]) <= 255 and int(match[2]) in _DENOMINATORS:
            self.meters.append((column, (int(match[1]), int(match[2]))))


def between(items: Sequence[_T], start: int, end: int, column: Callable[[_T], int]) -> Sequence[_T]:
    """The items, sorted by column, from one column up to another."""
    low = bisect_left(items, start, key=column)
    return items[low : bisect_left(items, end, lo=low, key=column)]


def fitted(strokes: list[Stroke], starts: Sequence[int], bars: Sequence[KnownBar]) -> list[Stroke]:
    """Shift letters by up to three columns to where most events have one; none if they do not.

    A line of chord names such as ``E  E`` fails here.

    Args:
        strokes: the letters.
        starts: the columns at which the bars under them begin.
        bars: those.
    """
    if not strokes:
        return []
    columns = {stroke.column for stroke in strokes}
    pairs = zip(starts, bars, strict=True)
    places = [start + column for start, bar in pairs for column in bar.columns]
    for shift in (0, 1, -1, 2, -2, 3, -3):
        hits = sum([place - shift in columns for place in places])
        if hits >= 0.6 * len(places):
            return strokes if not shift else [s._replace(column=s.column + shift) for s in strokes]
    return []


def marked(bar: KnownBar, start: int, marks: dict[int, set[str]]) -> KnownBar:
    """The bar that starts at a column, with the marks of the lines above."""
    events = []
    for column, event in zip(bar.columns, bar.events, strict=True):
        extra = marks.get(start + column)
        if extra:
            cells = [replace(cell, marks={*cell.marks, *extra}) for cell in event.cells]
            event = event._replace(cells=cells)
        events.append(event)
    return KnownBar(events, bar.columns, bar.width)
