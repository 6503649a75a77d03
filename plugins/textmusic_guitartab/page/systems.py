"""Read one staff: find the events of its bars and give them their times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter

from textmusic_guitartab.page.above import Above, between, fitted, marked
from textmusic_guitartab.page.barlines import RawBar, cut
from textmusic_guitartab.page.cells import MAX_FRET, Cell, Event, read_bar
from textmusic_guitartab.page.rhythm import Stroke, read_line, spaced
from textmusic_guitartab.page.staves import Row, Staff

__all__ = ["Beat", "Remark", "StaffReader", "TimedBar"]

_COLUMN = attrgetter("column")
_WIDEST = 5000  # columns; a wider bar is no music, and would cost too much


@dataclass(slots=True)
class Beat:
    """What happens at one time of a bar, in ticks from its start; no cells: a rest or hold."""

    onset: int
    length: int
    cells: Sequence[Cell] = ()
    graces: Sequence[Cell] = ()
    hold: bool = False


@dataclass(slots=True)
class TimedBar:
    """A bar: its beats, its length in ticks and what changes at it."""

    beats: list[Beat]
    length: int
    meter: tuple[int, int] | None = None
    tempos: list[tuple[int, float]] = field(default_factory=list)
    begins: bool = False
    ends: bool = False
    closed: bool = True
    lettered: bool = False
    places: Sequence[tuple[int, int]] = ()
    """(column in the bar, tick) of what has a place, rising."""


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
    _events: dict[tuple[str, ...], tuple[list[Event], list[tuple[int, int]]]] = field(
        default_factory=dict
    )
    _timed: dict[tuple[tuple[str, ...], int], TimedBar] = field(default_factory=dict)

    def read(self, staff: Staff, above: Sequence[str]) -> list[TimedBar]:
        """Return the bars of a staff.

        Args:
            staff: the staff.
            above: the lines over it, without columns that markup shifts.
        """
        raw, even = cut([row.body for row in staff.rows])
        self._check_shape(staff, even=even)
        parsed = [self._parse(bar.segments, staff) for bar in raw]
        left = staff.rows[0].start - staff.rows[0].indent
        reach = left + len(staff.rows[0].body) + 3
        lines = [line[:reach] for line in above if line[:reach].strip()]
        strokes: list[Stroke] = []
        over = Above()
        for line in lines:
            over.read(line)
            if not strokes:
                strokes = fitted(read_line(line, self.tpq, small=self.small), raw, parsed, left)
        if over.marks:
            parsed = [marked(e, b, left, over.marks) for e, b in zip(parsed, raw, strict=True)]
        firsts = [events[0].column for events in parsed if events]
        lead = min(2, min(firsts, default=1))
        bars = []
        for bar, events in zip(raw, parsed, strict=True):
            start = left + bar.column
            end = start + len(bar.segments[0]) + 1
            own = between(strokes, start - 1, end - 1, _COLUMN) if strokes else ()
            timed = self._lettered(events, own, start) if own else None
            if timed is None:
                timed = self._spaced(bar, events, lead, cached=not over.marks)
            timed.begins, timed.ends, timed.closed = bar.begins, bar.ends, bar.closed
            if over.meters or over.tempos:
                _say(timed, over, start, end)
            bars.append(timed)
        return bars

    def _check_shape(self, staff: Staff, *, even: bool) -> None:
        if not even:
            message = "the rows have different numbers of bar lines; the majority's were taken"
            self.remarks.append(Remark("guitartab.uneven-bars", message, staff.rows[0]))
        elif len({len(row.body) for row in staff.rows}) > 1:
            message = "the rows differ in length; they were aligned bar by bar"
            self.remarks.append(Remark("guitartab.uneven-rows", message, staff.rows[0]))

    def _parse(self, segments: tuple[str, ...], staff: Staff) -> list[Event]:
        found = self._events.get(segments)
        if found is None and max(map(len, segments)) > _WIDEST:
            message = (
                f"a bar of {max(map(len, segments))} columns was left empty; {_WIDEST} are read"
            )
            self.remarks.append(Remark("guitartab.bar-width", message, staff.rows[0]))
            found = self._events[segments] = [], []
        if found is None:
            found = self._events[segments] = read_bar(segments, spread=self.spread)
            if found[1]:
                string, column = found[1][0]
                row = staff.rows[len(segments) - 1 - string]
                char = segments[len(segments) - 1 - string][column]
                at = max(0, row.body.find(segments[len(segments) - 1 - string])) + column
                message = f"no meaning known for {char!r}; it was skipped"
                self.remarks.append(Remark("guitartab.character", message, row, at))
            if self.spread:
                self._check_frets(found[0], segments, staff)
        return found[0]

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

    def _spaced(self, bar: RawBar, events: list[Event], lead: int, *, cached: bool) -> TimedBar:
        key = (bar.segments, lead)
        found = self._timed.get(key) if cached else None
        if found is None:
            found = self._guess(max(map(len, bar.segments)), events, lead)
            if cached:
                self._timed[key] = found
        # what changes at a bar is its own; beats and places are shared
        return TimedBar(found.beats, found.length, places=found.places)

    def _guess(self, width: int, events: list[Event], lead: int) -> TimedBar:
        numerator, denominator = self.meter
        full = self.tpq * 4 * numerator // denominator
        if not events:
            return TimedBar([], full)
        columns = [event.column for event in events]
        widths = [event.width for event in events]
        sixteenths = max(1, 16 * numerator // denominator)
        places, units, bars = spaced(columns, widths, width, lead, sixteenths)
        length = full * bars
        onsets = [place * length // units for place in places]
        beats = []
        for event, start, end in zip(events, onsets, [*onsets[1:], length], strict=True):
            span = max(1, min(end - start, full))
            beats.append(Beat(start, span, event.cells, event.graces))
        return TimedBar(beats, length, places=list(zip(columns, onsets, strict=True)))

    def _lettered(self, events: list[Event], strokes: Sequence[Stroke], start: int) -> TimedBar:
        """Give events the lengths of the letters over them; a letter over none is a rest."""
        paired = _pair(events, strokes, start)
        beats: list[Beat] = []
        places = []
        now = 0
        for event, stroke in paired:
            if stroke is None:
                # no letter of its own: it takes the second half of the beat before
                share = beats[-1].length // 2 if beats else 0
                if share and event:
                    beats[-1].length -= share
                    beats.append(Beat(now - share, share, event.cells, event.graces))
                continue
            length = stroke.ticks
            if event:
                beats.append(Beat(now, length, event.cells, event.graces))
            else:
                beats.append(Beat(now, length, hold=stroke.kind == "+"))
            places.append((stroke.column - start, now))
            now += length
        return TimedBar(beats, now, lettered=True, places=places)


def _say(bar: TimedBar, over: Above, start: int, end: int) -> None:
    """Give a bar between two columns the metre and the tempos over it."""
    for _, meter in between(over.meters, start - 1, end - 1, itemgetter(0)):
        bar.meter = meter
    for column, qpm in between(over.tempos, start - 1, end - 1, itemgetter(0)):
        at = bisect_right(bar.places, column - start, key=itemgetter(0))
        bar.tempos.append((bar.places[at - 1][1] if at else 0, qpm))


def _pair(
    events: list[Event], strokes: Sequence[Stroke], start: int
) -> list[tuple[Event | None, Stroke | None]]:
    """Pair events with the strokes over them, in order of columns."""
    struck = [s for s in strokes if not s.kind]
    if len(struck) == len(events):
        own = dict(zip(map(id, struck), events, strict=True))
        return [(own.get(id(s)), s) for s in strokes]
    pairs: list[tuple[Event | None, Stroke | None]] = []
    waiting = list(reversed(events))
    for stroke in strokes:
        column = stroke.column - start
        while waiting and waiting[-1].column < column - 1:
            pairs.append((waiting.pop(), None))
        near = waiting and stroke.kind != "r" and waiting[-1].column <= column + 1
        event = waiting.pop() if near else None
        if event and stroke.kind == "+" and all("ghost" in cell.marks for cell in event.cells):
            event = None  # a tied note, written in brackets under its letter
        pairs.append((event, stroke))
    return [*pairs, *((event, None) for event in reversed(waiting))]
