"""Find what is struck in the bars of an instrument, in all that are new at once.

A bar that was seen before, in whatever piece, need not be read again. In a regular bar, whose rows
have one length and whose signs stand beside their notes, a column says everything: what stands
between empty columns is a *cluster*, and a cluster that was seen before is known, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

import numpy as np

from textmusic_guitartab.memory import Memory
from textmusic_guitartab.page.bars import Complaint, KnownBar, Segments
from textmusic_guitartab.page.cells import MAX_FRET, Cell, Event, read_bar

__all__ = ["read_bars"]

WIDEST = 5000
"""Columns; a wider bar is no music, and would cost too much."""

_SIGN = re.compile(r"[^-0-9xX(){}<>\[\]tT]")
_BEHIND = frozenset("hHpPsS~vVbB^rR")
"""What says something of the note before it, also of one at a distance."""
_COLUMN = itemgetter(0)
_BEFORE = frozenset("(){}<>[]tT")
_LONGEST = 128
"""Characters of neighbouring columns that are remembered; longer ones are no music."""
_LONGEST_BAR = 1024
_KNOWN = 1 << 16
"""Clusters that are remembered."""
_KNOWN_BARS = 1 << 14

_Hits = tuple[Event, ...]
"""The events in a cluster, with their columns there."""


def read_bars(bars: Iterable[Segments], *, spread: bool) -> dict[Segments, KnownBar]:
    """Return what is struck in each of some bars.

    Args:
        bars: of one instrument; some may be equal.
        spread: see `textmusic_guitartab.page.cells.read_bar`.
    """
    book = _bars(spread)
    new: list[Segments] = []
    found: dict[Segments, KnownBar] = {}
    for segments in dict.fromkeys(bars):
        known = book.get(segments)
        if known is None:
            new.append(segments)
        else:
            found[segments] = known
    regular = [segments for segments in new if _is_regular(segments, len(new[0]))]
    if regular:
        sheet = _Sheet(regular, spread=spread)
        found |= {s: bar for s, bar in zip(regular, sheet.bars(), strict=True) if bar}
    for segments in new:
        bar = found.get(segments) or _read_alone(segments, spread=spread)
        found[segments] = bar
        if len(segments) * bar.width <= _LONGEST_BAR:
            book[segments] = bar
    return found


def _is_regular(segments: Segments, rows: int) -> bool:
    """Whether each column of a bar can be read by itself."""
    size = len(segments[0])
    if len(segments) != rows or size > WIDEST:
        return False
    for segment in segments:
        if len(segment) != size or not segment.isascii():
            return False
    text = "-".join(segments)
    for match in _SIGN.finditer(text):
        if match[0] not in _BEHIND:
            return False
        before = match.start() - 1
        while before >= 0 and text[before] in _BEFORE:
            before -= 1
        if before < 0 or text[before] == "-":
            return False
    return True


class _Sheet:
    """Bars side by side, with an empty column behind each."""

    def __init__(self, bars: Sequence[Segments], *, spread: bool) -> None:
        self._widths = [len(segments[0]) for segments in bars]
        rows = len(bars[0])
        text = "".join(["-".join(row) + "-" for row in zip(*bars, strict=True)])
        block = np.frombuffer(text.encode(), np.uint8).reshape(rows, -1)
        sounds = (block != ord("-")).any(axis=0)
        # an empty column stands behind everything, so that what begins also ends
        edges = (sounds[1:] != sounds[:-1]).nonzero()[0] + 1
        if sounds[0]:
            edges = np.append(0, edges)
        starts, ends = edges[::2], edges[1::2]
        begins = np.append(0, np.cumsum(np.array(self._widths) + 1))
        self._cuts = starts.searchsorted(begins).tolist()
        self._columns = (starts - begins[begins.searchsorted(starts, "right") - 1]).tolist()
        turned = block.T.tobytes()
        spans = zip((starts * rows).tolist(), (ends * rows).tolist(), strict=True)
        clusters = [turned[start:end] for start, end in spans]
        book = _clusters((rows, spread))
        self._hits = [
            book.get(cluster) or _read_cluster(cluster, book, rows, spread=spread)
            for cluster in clusters
        ]

    def bars(self) -> Iterator[KnownBar | None]:
        """Yield the bars; None for one that has to be read by itself."""
        here = 0
        for width, there in zip(self._widths, self._cuts[1:], strict=True):
            hits, columns = self._hits[here:there], self._columns[here:there]
            here = there
            if () in hits:
                yield None
                continue
            events = [event for hit in hits for event in hit]
            if len(events) > len(columns) or any(map(_COLUMN, events)):
                pairs = zip(columns, hits, strict=True)
                columns = [at + event.column for at, hit in pairs for event in hit]
            yield KnownBar(events, columns, width)


def _new_bars(_: bool) -> dict[Segments, KnownBar]:  # noqa: FBT001 - a key
    return {}


def _new_clusters(_: tuple[int, bool]) -> dict[bytes, _Hits]:
    return {}


_bars = Memory(_new_bars, _KNOWN_BARS)
"""The bars that are known, by `spread`."""
_clusters = Memory(_new_clusters, _KNOWN)
"""The clusters that are known, by the number of rows and `spread`."""


def _read_cluster(block: bytes, book: dict[bytes, _Hits], rows: int, *, spread: bool) -> _Hits:
    """The events in neighbouring columns; none where they need a second look."""
    if len(block) == rows and block.translate(None, b"-0123456789") == b"":
        last = rows - 1
        cells = [Cell(0, 1, last - r, c - 48) for r, c in enumerate(block) if c != 45]
        hits: _Hits = (Event(0, 1, cells, []),)
    else:
        events, _ = read_bar([block[row::rows].decode() for row in range(rows)], spread=spread)
        high = spread and any(cell.fret > MAX_FRET for event in events for cell in event.cells)
        hits = () if high else tuple(events)
    if len(block) <= _LONGEST:
        book[block] = hits
    return hits


def _read_alone(segments: Segments, *, spread: bool) -> KnownBar:
    """Read a bar as a whole."""
    width = max(map(len, segments))
    if width > WIDEST:
        message = f"a bar of {width} columns was left empty; {WIDEST} are read"
        return KnownBar([], [], width, [Complaint("guitartab.bar-width", message, 0, None)])
    events, unknown = read_bar(segments, spread=spread)
    complaints: list[Complaint] = []
    last = len(segments) - 1
    for string, column in unknown[:1]:
        message = f"no meaning known for {segments[last - string][column]!r}; it was skipped"
        complaints.append(Complaint("guitartab.character", message, last - string, column))
    for event in events if spread else ():
        for cell in event.cells:
            if cell.fret > MAX_FRET:
                message = f"fret {cell.fret} exceeds {MAX_FRET}"
                column = event.column + cell.column - event.cells[0].column
                row = last - cell.string
                complaints.append(Complaint("guitartab.fret-range", message, row, column))
    return KnownBar(events, [event.column for event in events], width, complaints)
