"""The characters of a page as lines in reading order: rotation undone, columns one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import NamedTuple

__all__ = ["Char", "page_lines"]

_SPACE = 0.22
"""A gap of more than this share of the type size is a space."""
_COLUMN = 1.8
"""A gutter is at least this many type sizes wide, and..."""
_WIDER = 2.2
"""...this many times as wide as the usual gap between two words."""


_ALIGNED = 1.0
"""Lines of a column begin within so many points of each other."""


class Char(NamedTuple):
    """A character with its box (points; y grows downwards) and its text matrix a, b, c, d."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    matrix: tuple[float, ...] = (1, 0, 0, 1)


@dataclass(slots=True)
class _Word:
    text: str
    x0: float
    x1: float
    size: float


@dataclass(slots=True)
class _Row:
    """Characters that stand on one line across the page, as words from left to right."""

    top: float
    bottom: float
    chars: list[Char] = field(default_factory=list)
    words: list[_Word] = field(default_factory=list)


def page_lines(chars: Sequence[Char]) -> list[str]:
    """Return the lines of a page; columns one after the other, from left to right.

    Lines that cross the gutter (headers) part the columns above them from those below.
    """
    upright = _turned(chars)
    if not upright:
        return []
    rows = _rows(upright)
    size = median(char.bottom - char.top for char in upright)
    gutters = _gutters(rows, size)
    lines: list[str] = []
    band: list[_Row] = []
    for row in rows:
        crosses = any(
            w.x0 < g < w.x1 or _straddles(row, g, size) for g in gutters for w in row.words
        )
        if crosses:
            lines += [*_columns(band, gutters), _line(row.words)]
            band = []
        else:
            band.append(row)
    return [*lines, *_columns(band, gutters)]


def _turned(chars: Sequence[Char]) -> list[Char]:
    """The characters of the page's main direction, turned upright."""
    directions = Counter(_direction(char) for char in chars if char.text.strip())
    if not directions:
        return []
    main = directions.most_common(1)[0][0]
    return [_turn(char, main) for char in chars if char.text.strip() and _direction(char) == main]


def _direction(char: Char) -> str:
    """Where the text runs: right, up, left or down."""
    a, b = char.matrix[0], char.matrix[1]
    if abs(a) >= abs(b):
        return "right" if a >= 0 else "left"
    return "up" if b > 0 else "down"


def _turn(char: Char, direction: str) -> Char:
    _, x0, top, x1, bottom, _ = char
    if direction == "up":
        return Char(char.text, -bottom, x0, -top, x1)
    if direction == "down":
        return Char(char.text, top, -x1, bottom, -x0)
    if direction == "left":
        return Char(char.text, -x1, -bottom, -x0, -top)
    return char


def _rows(chars: Sequence[Char]) -> list[_Row]:
    """Group characters whose middles lie within a row, then make words of them."""
    rows: list[_Row] = []
    for char in sorted(chars, key=lambda c: (c.top + c.bottom, c.x0)):
        middle = (char.top + char.bottom) / 2
        last = rows[-1] if rows else None
        if last and last.top < middle < last.bottom and char.top < (last.top + last.bottom) / 2:
            last.chars.append(char)
        else:
            rows.append(_Row(char.top, char.bottom, [char]))
    for row in rows:
        row.words = list(_words(sorted(row.chars, key=lambda c: c.x0)))
    return rows


def _words(chars: Sequence[Char]) -> Iterator[_Word]:
    word: _Word | None = None
    for char in chars:
        size = char.bottom - char.top
        if word and char.x0 - word.x1 <= _SPACE * size:
            word.text += char.text
            word.x1 = max(word.x1, char.x1)
        else:
            if word:
                yield word
            word = _Word(char.text, char.x0, char.x1, size)
    if word:
        yield word


def _gutters(rows: Sequence[_Row], size: float) -> list[float]:
    """Where columns begin, right of the white strips between them.

    A strip is wider than gaps between words are, few rows cross it, rows stand on both sides, and
    most of those on the right begin at it; a strip where they do not is twice as wide.
    """
    gaps = [b.x0 - a.x1 for row in rows for a, b in pairwise(row.words)]
    if not gaps or len(rows) < 3:
        return []
    wide = max(_COLUMN * size, _WIDER * median(gaps) if len(gaps) > 2 * len(rows) else 0)
    found: list[float] = []
    for x0, x1 in _strips(rows, max(1, len(rows) // 8)):
        left = sum(any(word.x1 <= x0 + 1 for word in row.words) for row in rows)
        right = sum(any(word.x0 >= x1 - 1 for word in row.words) for row in rows)
        flush = sum(any(abs(word.x0 - x1) <= 2 for word in row.words) for row in rows)
        broad = x1 - x0 >= (wide if 2 * flush >= right else 2 * wide)
        if broad and min(left, right) >= max(2, len(rows) // 4):
            found.append(x1 - _ALIGNED)
    return found


def _strips(rows: Sequence[_Row], crossed: int) -> Iterator[tuple[float, float]]:
    """The strips that at most `crossed` rows have words in, from left to right."""
    edges: list[tuple[float, int]] = []
    for row in rows:
        for word in row.words:
            edges += [(word.x0, 1), (word.x1, -1)]
    depth = 0
    start: float | None = None
    for x, change in sorted(edges):
        depth += change
        if depth <= crossed and start is None:
            start = x
        elif depth > crossed and start is not None:
            yield start, x
            start = None


def _straddles(row: _Row, gutter: float, size: float) -> bool:
    """Whether words around a gutter are close, and the right one is not flush with the column."""
    left = max((word.x1 for word in row.words if word.x1 <= gutter), default=None)
    right = min((word.x0 for word in row.words if word.x0 >= gutter), default=None)
    if left is None or right is None or right <= gutter + 2 * _ALIGNED:
        return False
    return right - left < _COLUMN * size


def _columns(band: Sequence[_Row], gutters: Sequence[float]) -> Iterator[str]:
    edges = [float("-inf"), *gutters, float("inf")]
    for x0, x1 in pairwise(edges):
        for row in band:
            if words := [word for word in row.words if x0 <= word.x0 < x1]:
                yield _line(words)


def _line(words: Sequence[_Word]) -> str:
    return " ".join(word.text for word in words)
