"""Read one staff: find the events of its bars and give them their times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import NamedTuple

from textmusic_guitartab.page.above import Above, between, fitted, marked
from textmusic_guitartab.page.barlines import cut
from textmusic_guitartab.page.cells import MAX_FRET, Cell, Event, read_bar
from textmusic_guitartab.page.rhythm import Stroke, read_line, spaced
from textmusic_guitartab.page.scanning import WIDEST, ReadBar
from textmusic_guitartab.page.staves import Row, Staff

__all__ = ["Beat", "Remark", "StaffReader", "TimedBar"]

_new = tuple.__new__  # a third of the time of a call of a named tuple
_COLUMN = attrgetter("column")


class Beat(NamedTuple):
    """What happens at one time of a bar, in ticks from its start; no cells: a rest or hold."""

    onset: int
    length: int
    cells: Sequence[Cell] = ()
    graces: Sequence[Cell] = ()
    hold: bool = False


@dataclass(slots=True)
class TimedBar:
    """A bar: what happens in it, its length in ticks and what changes at it.

    Where it is `lettered`, that is in `beats`; else it is `events`, of which each lasts `times`.
    """

    length: int
    beats: list[Beat]
    events: Sequence[Event] = ()
    times: tuple[Sequence[int], Sequence[int]] = ((), ())
    """Starts and ends of events in ticks."""
    places: Sequence[tuple[int, int]] = ()
    """(column in the bar, tick) of what has a place, rising."""
    meter: tuple[int, int] | None = None
    tempos: Sequence[tuple[int, float]] = ()
    begins: bool = False
    ends: bool = False
    closed: bool = True
    lettered: bool = False


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
    _events: dict[tuple[str, ...], list[Event]] = field(default_factory=dict)

    def read(
        self, staff: Staff, above: Sequence[str], known: Sequence[ReadBar] = ()
    ) -> list[TimedBar]:
        """Return the bars of a staff.

        Args:
            staff: the staff.
            above: the lines over it, without columns that markup shifts.
            known: what `scan` says of it.
        """
        bars: Sequence[ReadBar] = known or self._cut(staff)
        if None in [bar.events for bar in bars]:
            bars = [self._alone(bar, staff) if bar.events is None else bar for bar in bars]
        left = staff.rows[0].start - staff.rows[0].indent
        strokes, over = self._over(staff, above, bars, left)
        if over.marks:
            bars = [bar._replace(events=marked(bar, left, over.marks)) for bar in bars]
        firsts = [bar.columns[0] for bar in bars if bar.events]
        lead = min(2, min(firsts, default=1))
        timed = []
        for bar in bars:
            start = left + bar.column
            end = start + bar.first + 1
            own = between(strokes, start - 1, end - 1, _COLUMN) if strokes else ()
            one = _lettered(bar, own, start) if own else self._spaced(bar, lead)
            one.begins, one.ends, one.closed = bar.begins, bar.ends, bar.closed
            if over.meters or over.tempos:
                _say(one, over, start, end)
            timed.append(one)
        return timed

    def _over(
        self, staff: Staff, above: Sequence[str], bars: Sequence[ReadBar], left: int
    ) -> tuple[list[Stroke], Above]:
        """What the lines over a staff say."""
        reach = left + len(staff.rows[0].body) + 3
        strokes: list[Stroke] = []
        over = Above()
        for line in above:
            line = line[:reach]
            if line.strip():
                over.read(line)
                if not strokes:
                    strokes = fitted(read_line(line, self.tpq, small=self.small), bars, left)
        return strokes, over

    def _cut(self, staff: Staff) -> list[ReadBar]:
        raw, even = cut([row.body for row in staff.rows])
        self._check_shape(staff, even=even)
        bars: list[ReadBar] = []
        for bar in raw:
            events = self._parse(bar.segments, staff)
            width = max(map(len, bar.segments))
            place = bar.column, len(bar.segments[0]), width
            bars.append(ReadBar(events, _columns(events), *place, bar.begins, bar.ends, bar.closed))
        return bars

    def _alone(self, bar: ReadBar, staff: Staff) -> ReadBar:
        segments = [row.body[bar.column : bar.column + bar.width] for row in staff.rows]
        events = self._parse(tuple(segments), staff)
        return bar._replace(events=events, columns=_columns(events))

    def _check_shape(self, staff: Staff, *, even: bool) -> None:
        if not even:
            message = "the rows have different numbers of bar lines; the majority's were taken"
            self.remarks.append(Remark("guitartab.uneven-bars", message, staff.rows[0]))
        elif len({len(row.body) for row in staff.rows}) > 1:
            message = "the rows differ in length; they were aligned bar by bar"
            self.remarks.append(Remark("guitartab.uneven-rows", message, staff.rows[0]))

    def _parse(self, segments: tuple[str, ...], staff: Staff) -> list[Event]:
        events = self._events.get(segments)
        if events is not None:
            return events
        if max(map(len, segments)) > WIDEST:
            message = (
                f"a bar of {max(map(len, segments))} columns was left empty; {WIDEST} are read"
            )
            self.remarks.append(Remark("guitartab.bar-width", message, staff.rows[0]))
            events = self._events[segments] = []
            return events
        events, unknown = read_bar(segments, spread=self.spread)
        self._events[segments] = events
        if unknown:
            string, column = unknown[0]
            row = staff.rows[len(segments) - 1 - string]
            char = segments[len(segments) - 1 - string][column]
            at = max(0, row.body.find(segments[len(segments) - 1 - string])) + column
            message = f"no meaning known for {char!r}; it was skipped"
            self.remarks.append(Remark("guitartab.character", message, row, at))
        if self.spread:
            self._check_frets(events, segments, staff)
        return events

    def _check_frets(self, events: list[Event], segments: tuple[str, ...], staff: Staff) -> None:
        for event in events:
            for cell in event.cells:
                if cell.fret > MAX_FRET:
                    row = staff.rows[len(segments) - 1 - cell.string]
                    segment = segments[len(segments) - 1 - cell.string]
                    message = f"fret {cell.fret} exceeds {MAX_FRET}"
                    column = event.column + cell.column - event.cells[0].column
                    at = max(0, row.body.find(segment)) + column
                    self.remarks.append(Remark("guitartab.fret-range", message, row, at))

    def _spaced(self, bar: ReadBar, lead: int) -> TimedBar:
        """Give events the times that their places suggest."""
        events = bar.events or ()
        widths = tuple([event.width for event in events])
        length, places, times = _guessed(
            tuple(bar.columns), widths, (lead, bar.width), self.tpq, self.meter
        )
        return TimedBar(length, [], events, times, places)


def _columns(events: Sequence[Event]) -> Sequence[int]:
    return [event.column for event in events]


def _lettered(bar: ReadBar, strokes: Sequence[Stroke], start: int) -> TimedBar:
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


@lru_cache(maxsize=1 << 14)
def _guessed(
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
    if not columns:
        return full, (), ((), ())
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
    bar: ReadBar, strokes: Sequence[Stroke], start: int
) -> list[tuple[Event | None, Stroke | None]]:
    """Pair events with the strokes over them, in order of columns."""
    events = bar.events or ()
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
