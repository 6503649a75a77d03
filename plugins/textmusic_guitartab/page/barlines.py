"""Cut the rows of a staff into bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["RawBar", "cut"]

_DOTS = ":o*O"
_MARKED = _DOTS + " "
"""What may stand in a bar that is none, besides dashes."""


@dataclass(slots=True)
class RawBar:
    """The text of one bar in every row, and the column of the first row's body it starts at.

    `begins` and `ends` are repeat signs, `closed` says whether a bar line follows.
    """

    segments: tuple[str, ...]
    column: int
    begins: bool = False
    ends: bool = False
    closed: bool = True


def cut(bodies: Sequence[str]) -> tuple[list[RawBar], bool]:
    """Return the bars of the rows, and whether all rows had the same bar lines.

    Bar lines are ``|``; where no row has one, a column of equal ``l``, ``I`` or ``!``. Rows that
    disagree are cut at the columns of the majority; rows of unequal length still line up bar by
    bar when they have equally many bar lines.
    """
    if not any("|" in body for body in bodies):
        bodies = _lookalikes(bodies)
    rows = [body.split("|") for body in bodies]
    even = len({len(row) for row in rows}) == 1
    if not even:
        rows = _by_vote(bodies)
    text = "".join(bodies)
    marked = any(char in text for char in _MARKED)
    return list(_bars(rows) if marked else _plain_bars(rows)), even


def _lookalikes(bodies: Sequence[str]) -> Sequence[str]:
    first = bodies[0]
    if not any(c in first for c in "lI!"):
        return bodies
    shortest = min(map(len, bodies))
    columns = [
        i
        for i, char in enumerate(first[:shortest])
        if char in "lI!" and all(body[i] == char for body in bodies)
    ]
    marked = []
    for body in bodies:
        chars = list(body)
        for column in columns:
            chars[column] = "|"
        marked.append("".join(chars))
    return marked


def _by_vote(bodies: Sequence[str]) -> list[list[str]]:
    """Cut all rows at the columns where at least half of them have a bar line."""
    votes = Counter(i for body in bodies for i, char in enumerate(body) if char == "|")
    columns = sorted(c for c, count in votes.items() if 2 * count >= len(bodies))
    rows = []
    for body in bodies:
        clean = body.replace("|", "-")
        edges = [-1, *columns, len(clean)]
        parts = [clean[a + 1 : b] for a, b in pairwise(edges)]
        rows.append(parts)
    return rows


def _plain_bars(rows: list[list[str]]) -> Iterator[RawBar]:
    """The bars of rows without any repeat sign, as most are."""
    column = 0
    last = len(rows[0]) - 1
    for index, segments in enumerate(zip(*rows, strict=True)):
        width = len(segments[0])
        if width >= 4 or "".join(segments).strip("-"):
            yield RawBar(segments, column, closed=index < last)
        column += width + 1


def _bars(rows: list[list[str]]) -> Iterator[RawBar]:
    column, begins = 0, False
    last = len(rows[0]) - 1
    pending: RawBar | None = None
    for index, segments in enumerate(zip(*rows, strict=True)):
        bar = RawBar(segments, column, begins, closed=index < last)
        column += len(segments[0]) + 1
        begins = False
        signs = (
            _repeat_signs(bar)
            if any(s and (s[0] in _DOTS or s[-1] in _DOTS) for s in segments)
            else ""
        )
        if all(not s.strip("-:o*O ") for s in bar.segments) and len(bar.segments[0]) < 4:
            # a double bar line, a lone repeat sign or what dangles at the end of the row
            begins = bar.begins or "b" in signs
            if pending and "e" in signs and not begins:
                pending.ends = True
            continue
        bar.begins = bar.begins or "b" in signs
        bar.ends = "e" in signs
        if pending:
            yield pending
        pending = bar
    if pending:
        yield pending


def _repeat_signs(bar: RawBar) -> str:
    """Blank repeat dots (``:`` ``o`` ``*`` beside a bar line in two rows) and name their side."""
    segments, signs = bar.segments, ""
    for end, name in ((0, "b"), (-1, "e")):
        dotted = [bool(s) and s[end] in _DOTS for s in segments]
        if sum(dotted) < 2:
            continue
        signs += name
        segments = tuple(
            (("-" + s[1:]) if end == 0 else (s[:-1] + "-")) if dot else s
            for s, dot in zip(segments, dotted, strict=True)
        )
    bar.segments = segments
    return signs
