"""Read one staff: find the events of its bars and give them their times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import attrgetter, itemgetter

from textmusic_guitartab.page.above import Above, between, fitted, marked
from textmusic_guitartab.page.barlines import RawBar, cut
from textmusic_guitartab.page.bars import Beat, KnownBar, Segments, TimedBar
from textmusic_guitartab.page.cells import Event
from textmusic_guitartab.page.rhythm import Stroke, read_line, spaced
from textmusic_guitartab.page.scanning import read_bars
from textmusic_guitartab.page.staves import Row, Staff

__all__ = ["Remark", "StaffReader"]

_new = tuple.__new__  # a third of the time of a call of a named tuple
_COLUMN = attrgetter("column")


@dataclass(slots=True)
class Remark:
    """A complaint about a staff: a code, a message, the row and the column in its body."""

    code: str
    message: str
    row: Row
    column: int = 0


@dataclass(slots=True)
class StaffReader:
    """Turns staves into timed bars.

    Args:
        tpq: ticks per quarter, a multiple of 480.
        small: whether duration letters are of the small kind.
        spread: whether digits side by side are always one fret, as on pages with letters.
        meter: of the piece, as far as known.
    """

    tpq: int
    small: bool
    spread: bool
    meter: tuple[int, int]
    remarks: list[Remark] = field(default_factory=list)
    _bars: dict[Segments, KnownBar] = field(default_factory=dict)
    _blamed: set[Segments] = field(default_factory=set)

    def read(self, staves: Sequence[Staff], above: Sequence[Sequence[str]]) -> list[list[TimedBar]]:
        """Return the bars of some staves.

        Args:
            staves: of one instrument.
            above: the lines over each, without columns that markup shifts.
        """
        found = [cut([row.body for row in staff.rows]) for staff in staves]
        every = [bar.segments for bars, _ in found for bar in bars]
        self._bars = read_bars(every, spread=self.spread)
        timed = []
        for staff, over, (bars, even) in zip(staves, above, found, strict=True):
            self._check_shape(staff, even=even)
            timed.append(self._timed(staff, over, bars))
        return timed

    def _timed(self, staff: Staff, above: Sequence[str], raw: Sequence[RawBar]) -> list[TimedBar]:
        """The bars of a staff."""
        bars = [self._bars[bar.segments] for bar in raw]
        for place, bar in zip(raw, bars, strict=True):
            if bar.complaints and place.segments not in self._blamed:
                self._blamed.add(place.segments)
                self._complain(bar, place.segments, staff)
        left = staff.rows[0].start - staff.rows[0].indent
        starts = [left + bar.column for bar in raw]
        over = Above()
        strokes = self._over(staff, above, starts, bars, over) if above else []
        if over.marks:
            bars = [marked(bar, at, over.marks) for at, bar in zip(starts, bars, strict=True)]
        lead = min(2, min([bar.columns[0] for bar in bars if bar.columns], default=1))
        timed = []
        for place, start, bar in zip(raw, starts, bars, strict=True):
            end = start + len(place.segments[0]) + 1
            own = between(strokes, start - 1, end - 1, _COLUMN) if strokes else ()
            one = _lettered(bar, own, start) if own else self._spaced(bar, lead)
            changed = place.begins or place.ends or over.says
            if changed and not own:
                one = replace(one)  # others share it
            if changed or own:
                one.begins, one.ends, one.closed = place.begins, place.ends, place.closed
                _say(one, over, start, end)
            timed.append(one)
        return timed

    def _over(
        self,
        staff: Staff,
        above: Sequence[str],
        starts: Sequence[int],
        bars: Sequence[KnownBar],
        over: Above,
    ) -> list[Stroke]:
        """Take what the lines over a staff say; return its duration letters."""
        reach = staff.rows[0].start - staff.rows[0].indent + len(staff.rows[0].body) + 3
        strokes: list[Stroke] = []
        for line in above:
            line = line[:reach]
            if line.strip():
                over.read(line)
                if not strokes:
                    strokes = fitted(read_line(line, self.tpq, small=self.small), starts, bars)
        return strokes

    def _check_shape(self, staff: Staff, *, even: bool) -> None:
        if not even:
            message = "the rows have different numbers of bar lines; the majority's were taken"
            self.remarks.append(Remark("guitartab.uneven-bars", message, staff.rows[0]))
        elif len({len(row.body) for row in staff.rows}) > 1:
            message = "the rows differ in length; they were aligned bar by bar"
            self.remarks.append(Remark("guitartab.uneven-rows", message, staff.rows[0]))

    def _complain(self, bar: KnownBar, segments: Segments, staff: Staff) -> None:
        for code, message, number, column in bar.complaints:
            row, at = staff.rows[number], 0
            if column is not None:
                at = max(0, row.body.find(segments[number])) + column
            self.remarks.append(Remark(code, message, row, at))

    def _spaced(self, bar: KnownBar, lead: int) -> TimedBar:
        """Give events the times that their places suggest; every such bar is the same value."""
        key = lead, self.tpq, self.meter
        timed = bar.timed.get(key)
        if timed is None:
            timed = bar.timed[key] = _guessed(bar, lead, self.tpq, self.meter)
        return timed


def _lettered(bar: KnownBar, strokes: Sequence[Stroke], start: int) -> TimedBar:
    """Give events the lengths of the letters over them; a letter over none is a rest."""
    beats: list[Beat] = []
    places = []
    now = 0
    for event, stroke in _pair(bar, strokes, start):
        if stroke is None:
            # no letter of its own: it takes the second half of the beat before
            share = beats[-1].length // 2 if beats else 0
            if share and event:
                beats[-1] = beats[-1]._replace(length=beats[-1].length - share)
                beats.append(Beat(now - share, share, event.cells, event.graces))
            continue
        column, kind, length = stroke
        if event:
            beats.append(_new(Beat, (now, length, event.cells, event.graces, False)))
        else:
            beats.append(_new(Beat, (now, length, (), (), kind == "+")))
        places.append((column - start, now))
        now += length
    return TimedBar(now, beats, places=places, lettered=True)


def _guessed(bar: KnownBar, lead: int, tpq: int, meter: tuple[int, int]) -> TimedBar:
    """Give events the times that their places suggest."""
    if not bar.events:
        return TimedBar(tpq * 4 * meter[0] // meter[1], [])
    columns = tuple(bar.columns)
    widths = tuple([event.width for event in bar.events])
    length, places, times = _times(columns, widths, (lead, bar.width), tpq, meter)
    return TimedBar(length, [], bar.events, times, places)


@lru_cache(maxsize=1 << 14)
def _times(
    columns: tuple[int, ...],
    widths: tuple[int, ...],
    between: tuple[int, int],
    tpq: int,
    meter: tuple[int, int],
) -> tuple[int, Sequence[tuple[int, int]], tuple[Sequence[int], Sequence[int]]]:
    """The length of a bar, the places of its events and their times, by `rhythm.spaced`."""
    lead, width = between
    numerator, denominator = meter
    full = tpq * 4 * numerator // denominator
    sixteenths = max(1, 16 * numerator // denominator)
    places, units, bars = spaced(columns, widths, width, lead, sixteenths)
    length = full * bars
    starts = [place * length // units for place in places]
    ends = [
        start + max(1, min(end - start, full))
        for start, end in zip(starts, [*starts[1:], length], strict=True)
    ]
    return length, list(zip(columns, starts, strict=True)), (starts, ends)


def _say(bar: TimedBar, over: Above, start: int, end: int) -> None:
    """Give a bar between two columns the metre and the tempos over it."""
    for _, meter in between(over.meters, start - 1, end - 1, itemgetter(0)):
        bar.meter = meter
    for column, qpm in between(over.tempos, start - 1, end - 1, itemgetter(0)):
        at = bisect_right(bar.places, column - start, key=itemgetter(0))
        bar.tempos = [*bar.tempos, (bar.places[at - 1][1] if at else 0, qpm)]


def _pair(
    bar: KnownBar, strokes: Sequence[Stroke], start: int
) -> list[tuple[Event | None, Stroke | None]]:
    """Pair events with the strokes over them, in order of columns."""
    events = bar.events
    struck = [not stroke.kind for stroke in strokes]
    if sum(struck) == len(events):
        own = iter(events)
        return [(next(own) if has else None, s) for s, has in zip(strokes, struck, strict=True)]
    pairs: list[tuple[Event | None, Stroke | None]] = []
    waiting = list(zip(bar.columns, events, strict=True))[::-1]
    for stroke in strokes:
        column = stroke.column - start
        while waiting and waiting[-1][0] < column - 1:
            pairs.append((waiting.pop()[1], None))
        near = waiting and stroke.kind != "r" and waiting[-1][0] <= column + 1
        event = waiting.pop()[1] if near else None
        if event and stroke.kind == "+" and all("ghost" in cell.marks for cell in event.cells):
            event = None  # a tied note, written in brackets under its letter
        pairs.append((event, stroke))
    return [*pairs, *((event, None) for _, event in reversed(waiting))]
