"""Find what is struck in all regular staves of an instrument at once.

A staff is regular where its rows have one length and the same bar lines, and no sign that could
mean a repeat. Then a column says everything: what stands between empty columns is a *cluster*, and
a cluster that was seen before, in whatever piece, need not be read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from textmusic_guitartab.memory import Memory
from textmusic_guitartab.page.cells import MAX_FRET, Event, read_bar
from textmusic_guitartab.page.staves import Staff

__all__ = ["WIDEST", "ReadBar", "scan"]

_new = tuple.__new__  # a third of the time of a call of a named tuple
WIDEST = 5000
"""Columns; a wider bar is no music, and would cost too much."""

_REPEATS = b":o*O lI!"
"""What may be a repeat sign, or a bar line on a page without other ones."""
_USUAL = b"-|0123456789xX"
_SIGN = re.compile(r"[^-|0-9xX(){}<>\[\]tT]")
_BEHIND = frozenset("hHpPsS~vVbB^rR")
"""What says something of the note before it, also of one at a distance."""
_COLUMN = itemgetter(0)
_BEFORE = frozenset("(){}<>[]tT")
_LONGEST = 128
"""Characters of neighbouring columns that are remembered; longer ones are no music."""
_KNOWN = 1 << 16
"""Clusters that are remembered."""

_Hits = tuple[Event, ...]
"""The events in a cluster, with their columns there."""


class ReadBar(NamedTuple):
    """One bar of a staff.

    Args:
        events: what is struck; None where the bar has to be read by itself.
        columns: of the events, counted from the bar line; theirs is where they were first read.
        column: of the first row's body, at which the bar starts.
        first: columns of the first row.
        width: columns of the longest row.
        begins, ends: repeat signs.
        closed: whether a bar line follows.
    """

    events: Sequence[Event] | None
    columns: Sequence[int]
    column: int
    first: int
    width: int
    begins: bool = False
    ends: bool = False
    closed: bool = True


def scan(staves: Sequence[Staff], *, spread: bool) -> list[list[ReadBar]]:
    """Return the bars of each staff; none for a staff that is not regular.

    Args:
        staves: of one instrument.
        spread: see `textmusic_guitartab.page.cells.read_bar`.
    """
    sheet = [[row.body for row in staff.rows] for staff in staves]
    count = len(sheet[0])
    odd = [_odd(bodies) if len(bodies) == count else None for bodies in sheet]
    chosen = [bodies for bodies, signs in zip(sheet, odd, strict=True) if signs is not None]
    found = iter(_Sheet(chosen, spread=spread).bars([s for s in odd if s is not None]))
    return [[] if signs is None else next(found) for signs in odd]


def _odd(bodies: Sequence[str]) -> bytes | None:
    """The signs but for frets and lines of a staff that may be regular; None where it is not."""
    size = len(bodies[0])
    for body in bodies:
        if len(body) != size or not body.isascii():
            return None
    odd = "".join(bodies).encode().translate(None, _USUAL)
    return odd if len(odd.translate(None, _REPEATS)) == len(odd) else None


class _Sheet:
    """Staves side by side, each with a bar line behind it."""

    def __init__(self, staves: Sequence[Sequence[str]], *, spread: bool) -> None:
        self._staves = staves
        self._rows = len(staves[0]) if staves else 1
        self._book = _books((self._rows, spread))
        text = "|".join("|".join(bodies) for bodies in zip(*staves, strict=True)) + "|"
        block = np.frombuffer(text.encode(), np.uint8).reshape(self._rows, -1)
        is_line = block == ord("|")
        lines_at = is_line.all(axis=0)
        self._crooked = (is_line.any(axis=0) ^ lines_at).nonzero()[0].tolist()
        sounds = (block != ord("-")).any(axis=0) & ~lines_at
        # a bar line stands behind everything, so that what begins also ends
        edges = (sounds[1:] != sounds[:-1]).nonzero()[0] + 1
        if sounds[0]:
            edges = np.append(0, edges)
        starts, ends = edges[::2], edges[1::2]
        ruled = lines_at.nonzero()[0]
        place = ruled.searchsorted(starts)
        self._ruled = ruled.tolist()
        self._cuts = [0, *starts.searchsorted(ruled).tolist()]
        self._columns = (starts - np.concatenate(([0], ruled + 1))[place]).tolist()
        turned = block.T.tobytes()
        spans = zip((starts * self._rows).tolist(), (ends * self._rows).tolist(), strict=True)
        self._hits = self._read([turned[start:end] for start, end in spans], spread=spread)

    def _read(self, clusters: list[bytes], *, spread: bool) -> list[_Hits]:
        book = self._book
        hits = list(map(book.get, clusters))
        if None not in hits:
            return hits  # type: ignore[return-value]  # there is no None
        read: list[_Hits] = []
        for cluster, hit in zip(clusters, hits, strict=True):
            if hit is None:
                hit = book.get(cluster)
            if hit is None:
                hit = _read_cluster(cluster, self._rows, spread=spread)
                if len(cluster) <= _LONGEST:
                    book[cluster] = hit
            read.append(hit)
        return read

    def bars(self, odd: Sequence[bytes]) -> Iterator[list[ReadBar]]:
        """Yield the bars of each staff; none where a bar line is not drawn through all rows.

        Args:
            odd: the signs of each staff but for frets and lines.
        """
        base = first = 0
        crooked = self._crooked
        for bodies, signs in zip(self._staves, odd, strict=True):
            end = base + len(bodies[0])
            last = self._ruled.index(end, first) + 1
            if crooked and any(base <= column < end for column in crooked):
                yield []
            else:
                yield list(self._cut(base, first, last, _dependent(bodies) if signs else ()))
            base, first = end + 1, last

    def _cut(self, base: int, first: int, last: int, alone: Sequence[int]) -> Iterator[ReadBar]:
        """Yield the bars of a staff, but what is a double bar line.

        Args:
            base: column of the sheet at which the staff starts.
            first: number of its first bar line.
            last: number of the first bar line behind it.
            alone: columns of the staff in bars that have to be read by themselves.
        """
        start = base
        here = self._cuts[first]
        for number in range(first, last):
            line = self._ruled[number]
            there = self._cuts[number + 1]
            width = line - start
            if here < there or width >= 4:
                hits = self._hits[here:there]
                column = start - base
                events: list[Event] | None = None
                columns: Sequence[int] = ()
                odd = alone and any(column <= at < column + width for at in alone)
                if not (odd or () in hits or width > WIDEST):
                    events = [event for hit in hits for event in hit]
                    columns = self._columns[here:there]
                    if len(events) > len(columns) or any(map(_COLUMN, events)):
                        pairs = zip(columns, hits, strict=True)
                        columns = [at + event.column for at, hit in pairs for event in hit]
                closed = number + 1 < last
                yield _new(ReadBar, (events, columns, column, width, width, False, False, closed))
            start, here = line + 1, there


def _dependent(bodies: Sequence[str]) -> Sequence[int]:
    """Columns of signs whose meaning depends on what is not near them."""
    text = "-".join(bodies)
    found: list[int] = []
    for match in _SIGN.finditer(text):
        at = match.start()
        before = at - 1
        if match[0] in _BEHIND:
            while before >= 0 and text[before] in _BEFORE:
                before -= 1
            if before >= 0 and text[before] not in "-|":
                continue
        found.append(at % (len(bodies[0]) + 1))
    return found


def _book(_: tuple[int, bool]) -> dict[bytes, _Hits]:
    return {}


_books = Memory(_book, _KNOWN)
"""The clusters that are known, by the number of rows and `spread`."""


def _read_cluster(block: bytes, rows: int, *, spread: bool) -> _Hits:
    """The events in neighbouring columns; none where they need a second look."""
    segments = [block[row::rows].decode() for row in range(rows)]
    events, _ = read_bar(segments, spread=spread)
    if spread and any(cell.fret > MAX_FRET for event in events for cell in event.cells):
        return ()
    return tuple(events)
