"""Bars that do not last what the metre says get a metre of their own where they are written.

A bar that no complement makes whole (see `form`) becomes ``[M:2/4]CD||[M:4/4]``. Where a double
line follows it, that is how a short bar is spelled, and reading it gives the short bar back.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from textmusic_abc.fields import WHOLE, MeterValue
from textmusic_abc.form import FREE, GRID, Form, after
from textmusic_abc.tune import Bar, Change, Event, Overlay, Sound

__all__ = ["Line", "join_short_bars", "meter_lasting", "spell_meters"]

Line = tuple[int, str, MeterValue, bool]
"""Ticks of a bar, its mark, its metre, and whether a field of metre stands in it."""
_MOST = 255


def meter_lasting(ticks: int, denominator: int = 4) -> MeterValue | None:
    """Return the metre whose bar lasts so many ticks, or None where there is none."""
    ratio = Fraction(ticks, WHOLE)
    den = max(ratio.denominator, denominator)
    if ticks % GRID or den % ratio.denominator or ratio * den > _MOST:
        return None
    return MeterValue(int(ratio * den), den)


def spell_meters(
    lines: Sequence[Line], *, repeats: bool
) -> tuple[MeterValue, list[str], list[str]]:
    """Return the metre of the header, what stands before each bar, and the mark after it.

    Args:
        lines: the bars of a tune.
        repeats: whether ``|:`` opens it.
    """
    return _Speller(lines, repeats=repeats).run()


class _Speller:
    def __init__(self, lines: Sequence[Line], *, repeats: bool) -> None:
        self.lines = lines
        self.marks = [mark for _, mark, _, _ in lines]
        self.own: list[MeterValue | None] = [None] * len(lines)
        bar = lines[0][2].ticks or FREE
        self.form = Form(bar, bar, rep=int(repeats), need=-int(repeats))

    def run(self) -> tuple[MeterValue, list[str], list[str]]:
        place = 0
        while place < len(self.lines):
            end = self._whole(place)
            if end <= place:
                end = self._apart(place, -end + 1)
            place = end
        return self.own[0] or self.lines[0][2], self._fields(), self.marks

    def _whole(self, start: int) -> int:
        """Take the bars that make whole ones together: their end, or minus the one that fails."""
        form, marks = self.form, list(self.marks)
        for place in range(start, len(self.lines)):
            ticks, mark, meter, changed = self.lines[place]
            bar = meter.ticks or FREE
            if changed and form.bar != bar:
                if form.open != form.bar:
                    return -max(place - 1, start)
                form = form._replace(bar=bar, open=bar)
            left = 0 if bar == FREE else form.open - ticks
            following = None
            if left >= 0:
                if mark[1:2].isdigit() and mark[0] == "|" and left and not form.first:
                    mark = f"[{mark[1:]}"
                if form.rep == 2 and mark == "||" and not left:
                    mark = "|"
                following = after(form, mark, left)
            if following is None:
                return -place
            marks[place], form = mark, following
            if form.open == form.bar or place == len(self.lines) - 1:
                self.form, self.marks = form, marks
                return place + 1
        return len(self.lines)

    def _apart(self, start: int, end: int) -> int:
        """Give every bar from `start` to `end` that needs one a metre of its own."""
        for place in range(start, end):
            ticks, mark, meter, _ = self.lines[place]
            if meter.ticks and (ticks > meter.ticks or (ticks != meter.ticks and place)):
                self.own[place] = meter_lasting(ticks, meter.denominator)
            bar = (self.own[place] or meter).ticks or FREE
            form = self.form._replace(bar=bar, open=bar)
            left = max(bar - ticks, 0) if form.first and bar != FREE else 0
            following = after(form, mark, left)
            if following is None:  # a form that the grammar does not know: go on at a bar line
                following = form._replace(first=False)
            self.form = following._replace(open=bar)
        _, _, meter, _ = self.lines[end - 1]
        bar = meter.ticks or FREE
        self.form = self.form._replace(bar=bar, open=bar)
        return end

    def _fields(self) -> list[str]:
        fields = []
        force = self.own[0] or self.lines[0][2]
        waiting: MeterValue | None = None
        for place, (ticks, mark, meter, changed) in enumerate(self.lines):
            texts = []
            if waiting is not None and waiting != force:
                texts.append(waiting)
                force = waiting
            waiting = None
            wanted = self.own[place] or meter
            if wanted != force or (changed and place == 0):
                texts.append(wanted)
            force = wanted
            if self.own[place] is not None and mark == "||" and ticks < meter.ticks:
                waiting = meter
            fields.append("".join(f"[M:{value.text}]" for value in texts))
        return fields


def join_short_bars(events: list[Event], meter: MeterValue) -> None:
    """Turn ``[M:2/4]CD||[M:4/4]`` in 4/4 into a short bar, in place."""
    if Change not in map(type, events):
        return
    before, inside, length, widest = meter, meter, 0, 0
    opened = -1  # the place of the change that began this bar
    gone: set[int] = set()
    fresh, closed = True, False
    for place, event in enumerate(events):
        if type(event) is Sound:
            length, fresh, closed = length + event.duration, False, False
        elif type(event) is Overlay:
            widest, length = max(widest, length), 0
        elif type(event) is Bar:
            length = max(widest, length)
            plain = event.double and not (event.times or event.starts or event.passes)
            closed = plain and opened >= 0 and length == inside.ticks < before.ticks
            if not closed:
                opened = -1
            length, widest, fresh = 0, 0, True
        elif type(event) is Change and isinstance(event.value, MeterValue):
            if closed and event.value == before:
                gone |= {opened, place}
                inside, opened = before, -1
            else:
                before, inside = inside, event.value
                opened = place if fresh else -1
            closed = False
    if gone:
        events[:] = [event for place, event in enumerate(events) if place not in gone]
