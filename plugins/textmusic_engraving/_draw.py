"""Tablature drawn: strings, frets, bars, and the rhythm under them."""

from __future__ import annotations

from collections.abc import Iterator

from textmusic.score import Bar
from textmusic_engraving._layout import GRACE, LEFT, System, systems
from textmusic_engraving._rhythm import Beat, beamed, tupleted
from textmusic_engraving._signs import height_above, technique_signs
from textmusic_engraving._staves import Cell, Piece, Staff
from textmusic_engraving._svg import Canvas, Page

__all__ = ["GAP", "tab_pages"]

GAP = 11.0
"""Between two lines of a staff."""
_SIZE, _SMALL = 10.5, 8.0
_STEM, _BEAM, _RHYTHM = 17.0, 4.0, 34.0
_BETWEEN = 10.0


def tab_pages(piece: Piece) -> Iterator[Page]:
    """Yield the systems of a piece, from the top."""
    above: list[Staff] = []
    for system in systems(piece):
        yield _System(piece, system, named=system.staves != above).page()
        above = system.staves


class _System:
    """One line of the page; `named` where other staves stand in it than above."""

    def __init__(self, piece: Piece, system: System, *, named: bool) -> None:
        self.piece, self.system = piece, system
        self.canvas = Canvas()
        self.named = named

    def page(self) -> Page:
        y = self._above(4.0)
        first = y
        for number, staff in enumerate(self.system.staves):
            if self.named and staff.name.strip():
                capo = f"  (capo {staff.capo})" if staff.capo else ""
                y += 13
                self.canvas.text(LEFT, y - 1, f"{staff.name[:60]}{capo}", 10, anchor="start")
            y += height_above(staff, self.system)
            first = y if number == 0 else first
            self._staff(staff, y)
            last = y + GAP * (len(staff.lines) - 1)
            y = last + _RHYTHM + _BETWEEN
        if len(self.system.staves) > 1:
            self.canvas.line(LEFT, first, LEFT, last, 1.2)
        return Page(y + 4, "".join(self.canvas.parts))

    def _above(self, y: float) -> float:
        """Draw tempos, bar number and endings; return where they end."""
        piece, system = self.piece, self.system
        first, last = piece.bars[system.bars[0]], piece.bars[system.bars[-1]]
        tempos = [t for t in piece.score.tempos if first.onset <= t.onset < last.end]
        if tempos:
            y += 14
            free = 0.0
            for tempo in tempos:
                at = [place for tick, place in system.at.items() if tick >= tempo.onset]
                x = max(min(at, default=LEFT), free)
                self.canvas.text(x - 4, y, f"\u2669 = {tempo.qpm:.3g}", 11, anchor="start")
                free = x + 62
        y += 14
        self.canvas.text(LEFT - 4, y - 1, str(system.bars[0] + 1), 8, anchor="start")
        self._endings(y)
        return y + 2

    def _endings(self, y: float) -> None:
        open_at: float | None = None
        for left, right, index in self._edges():
            sign = self.piece.signs[index]
            if sign.endings:
                open_at = left + 2
                label = ", ".join(map(str, sorted(sign.endings)))
                self.canvas.line(open_at, y - 10, open_at, y)
                self.canvas.text(open_at + 4, y - 1, f"{label}.", 8, anchor="start")
            if open_at is not None:
                self.canvas.line(open_at, y - 10, right - 2, y - 10)
                open_at = None if sign.passes else right

    def _edges(self) -> Iterator[tuple[float, float, int]]:
        edges = self.system.edges
        yield from zip(edges[:-1], edges[1:], self.system.bars, strict=True)

    def _staff(self, staff: Staff, y: float) -> None:
        """Draw a staff whose first line lies at `y`."""
        canvas, system = self.canvas, self.system
        bottom = y + GAP * (len(staff.lines) - 1)
        for index, label in enumerate(staff.lines):
            at = y + GAP * index
            canvas.line(LEFT, at, system.edges[-1], at, 0.6)
            canvas.text(LEFT - 5, at + 3, label, 8.5, anchor="end")
        canvas.line(LEFT, y, LEFT, bottom, 1.2)
        for number, (left, right, index) in enumerate(self._edges()):
            self._bar_lines(left, right, index, y, bottom)
            self._time(left, index, y, bottom)
            for cell in staff.cells[index]:
                self._cell(cell, y)
            self._rhythm(staff, index, y, bottom, is_first=number == 0)
        technique_signs(canvas, staff, system, y, GAP)

    def _bar_lines(self, left: float, right: float, index: int, y: float, bottom: float) -> None:
        sign, is_last = self.piece.signs[index], index == len(self.piece.bars) - 1
        canvas = self.canvas
        if sign.opens:
            canvas.box(left, y, 3, bottom - y)
            canvas.line(left + 5, y, left + 5, bottom)
            self._dots(left + 9, y, bottom)
        if sign.passes or is_last:
            canvas.box(right - 3, y, 3, bottom - y)
            canvas.line(right - 5.5, y, right - 5.5, bottom)
            if sign.passes:
                self._dots(right - 9, y, bottom)
            if sign.passes > 2:
                canvas.text(right, y - 4, f"{sign.passes}×", 8.5, anchor="end")
        else:
            canvas.line(right, y, right, bottom)

    def _dots(self, x: float, y: float, bottom: float) -> None:
        middle = (y + bottom) / 2
        for at in (middle - GAP / 2 - 1, middle + GAP / 2 + 1):
            self.canvas.box(x - 1.2, at - 1.2, 2.4, 2.4)

    def _time(self, left: float, index: int, y: float, bottom: float) -> None:
        bar = self.piece.bars[index]
        before = self.piece.bars[index - 1] if index else None
        if before and (before.numerator, before.denominator) == (bar.numerator, bar.denominator):
            return
        x = left + 13 + 10 * self.piece.signs[index].opens
        middle = (y + bottom) / 2
        for number, at in ((bar.numerator, middle - 2), (bar.denominator, middle + 14)):
            self._blank(x, at - 7, 12, 15)
            self.canvas.text(x, at, str(number), 17, style=' font-weight="bold"')

    def _blank(self, x: float, y: float, width: float, height: float) -> None:
        """Hide the lines behind a sign."""
        place = f'x="{x - width / 2:.2f}" y="{y - height / 2:.2f}"'
        self.canvas.parts.append(
            f'<rect {place} width="{width:.2f}" height="{height:.2f}" fill="white" class="blank"/>'
        )

    def _cell(self, cell: Cell, y: float) -> None:
        grace = cell.note.grace
        size = _SMALL if grace else _SIZE
        x = self.system.x(cell.onset) - GRACE * grace
        at = y + GAP * cell.line
        self._blank(x, at, len(cell.text) * size * 0.66, size * 0.8)
        self.canvas.text(x, at + size * 0.36, cell.text, size)

    def _rhythm(self, staff: Staff, index: int, y: float, bottom: float, *, is_first: bool) -> None:
        bar, tpq = self.piece.bars[index], self.piece.score.tpq
        beats = staff.beats[index]
        if not any(not beat.is_rest for beat in beats):
            if not staff.cells[index]:
                middle = (self.system.edges[index - self.system.bars[0]] + self._right(index)) / 2
                self._rest(middle, y, bottom, "w")
            return
        for beat in beats:
            if beat.is_rest:
                self._rest(self.system.x(beat.onset), y, bottom, beat.letter)
        for group in beamed(bar, tpq, beats):
            self._stems(group, bottom + 7)
        self._ties(bar, beats, bottom + 7, is_first=is_first)
        for number, group in tupleted(bar, tpq, beats):
            x = (self.system.x(group[0].onset) + self.system.x(group[-1].onset)) / 2
            self.canvas.text(x, bottom + 7 + _STEM + 9, str(number), 8, style=_ITALIC)

    def _right(self, index: int) -> float:
        return self.system.edges[index - self.system.bars[0] + 1]

    def _stems(self, group: list[Beat], y: float) -> None:
        """Draw the stems of values that have beams together, or one with its flags."""
        canvas, foot = self.canvas, y + _STEM
        places = [self.system.x(beat.onset) for beat in group]
        for x, beat in zip(places, group, strict=True):
            if beat.letter not in {"w", "W"}:
                top = y + _STEM / 2 if beat.letter in {"h", "H", "y"} else y
                canvas.line(x, top, x, foot, 1.1)
            for dot in range(beat.dots):
                canvas.box(x + 3 + 3 * dot, foot - 2 * beat.flags * 2 - 5, 1.8, 1.8)
            _strokes(canvas, x, foot, beat)
        if len(group) == 1:
            for flag in range(group[0].flags):
                at = foot - _BEAM * flag
                x = places[0]
                canvas.path(f"M{x:.2f} {at:.2f}q4.5 -2 5.5 -8", width=1.3)
            return
        for level in range(max(beat.flags for beat in group)):
            at = foot - _BEAM * level - 2.2
            for start, end in _runs(group, places, level):
                canvas.box(start - 0.55, at, end - start + 1.1, 2.2)

    def _ties(self, bar: Bar, beats: list[Beat], y: float, *, is_first: bool) -> None:
        """Draw a bow from the value before to each that prolongs it."""
        last: float | None = None
        for beat in beats:
            x = self.system.x(beat.onset)
            if beat.is_tied and not beat.is_rest:
                edge = LEFT + 4 if is_first else x - 22
                start = last if last is not None else max(edge, x - 22)
                self.canvas.curve(start + 2, y + _STEM + 2, x - 2, -3)
            last = None if beat.is_rest else x

    def _rest(self, x: float, y: float, bottom: float, letter: str) -> None:
        middle = (y + bottom) / 2
        canvas = self.canvas
        if letter in {"w", "W", "h", "H", "y", ""}:
            self._blank(x, middle, 12, 7)
            canvas.box(x - 5, middle - (0 if letter in {"w", "W"} else 4), 10, 4)
            canvas.line(x - 7, middle, x + 7, middle, 0.8)
        elif letter in {"q", "Q", "T"}:
            self._blank(x, middle, 8, 18)
            canvas.path(f"M{x - 2} {middle - 9}l5 6l-4 5l4 6q-6 -2 -3 4", width=1.6)
        else:
            flags = max(Beat(0, letter).flags, 1)
            self._blank(x, middle, 9, 8 + 5 * flags)
            top = middle - 2.5 * flags
            canvas.line(x + 3.5, top - 2, x - 0.5, top + 5 * flags + 4, 1.1)
            for flag in range(flags):
                at = top + 5 * flag
                canvas.path(f"M{x - 4} {at}q3.5 4 {7 - flag} -1.5", width=1.3)
                canvas.box(x - 4.8, at - 1.6, 3, 3)
        if letter in {"Q", "I", "S", "Z", "H"}:
            canvas.box(x + 6, middle - 1, 2, 2)


_ITALIC = ' font-style="italic"'


def _strokes(canvas: Canvas, x: float, foot: float, beat: Beat) -> None:
    """A value without a name is a stem with a small cross."""
    if not beat.letter:
        canvas.line(x - 2, foot - 2, x + 2, foot + 2)


def _runs(group: list[Beat], places: list[float], level: int) -> Iterator[tuple[float, float]]:
    """Yield the beams of a level; a value alone at its level has half a beam."""
    index = 0
    while index < len(group):
        stop = index
        while stop < len(group) and group[stop].flags > level:
            stop += 1
        if stop - index > 1:
            yield places[index], places[stop - 1]
        elif stop > index:
            x = places[index]
            yield (x - 6, x) if index else (x, x + 6)
        index = max(stop, index + 1)
