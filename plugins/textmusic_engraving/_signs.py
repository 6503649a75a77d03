"""Techniques over and between the frets of a tablature."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from textmusic_engraving._layout import GRACE, System
from textmusic_engraving._staves import Cell, Staff
from textmusic_engraving._svg import Canvas

__all__ = ["height_above", "technique_signs"]

_ROW, _BEND, _ROOM = 11.0, 16.0, 10.0
_SPANS = {"palm-mute": "P.M.", "let-ring": "let ring"}
_WORDS = {"tap": "T", "slap": "S", "pop": "P", "trill": "tr", "accent": ">", "staccato": "•"}
_HARMONICS = {"artificial": "A.H.", "pinch": "P.H.", "tap": "T.H.", "semi": "S.H."}
_STEPS = {0.5: "¼", 1.0: "½", 1.5: "¾", 2.0: "full", 3.0: "1½", 4.0: "2", 5.0: "2½", 6.0: "3"}


@dataclass(frozen=True, slots=True)
class _Rows:
    """What a staff has above it in a system: rows of words, and room for bends."""

    spans: tuple[str, ...]
    words: bool
    waves: bool
    bends: bool

    @property
    def height(self) -> float:
        rows = len(self.spans) + self.words + self.waves
        return _ROOM + _ROW * rows + _BEND * self.bends


def _cells(staff: Staff, system: System) -> Iterator[Cell]:
    for index in system.bars:
        yield from staff.cells[index]


def _rows(staff: Staff, system: System) -> _Rows:
    marks: set[str] = set()
    for cell in _cells(staff, system):
        marks |= cell.note.marks
    heads = {mark.partition(":")[0] for mark in marks}
    return _Rows(
        tuple(name for name in _SPANS if name in heads),
        bool(heads & {*_WORDS, "hammer", "pull"} or any(m.startswith("harmonic:") for m in marks)),
        bool(heads & {"vibrato"}),
        bool(heads & {"bend", "whammy"}),
    )


def height_above(staff: Staff, system: System) -> float:
    """Return the room that a staff needs above its first line."""
    return _rows(staff, system).height


def technique_signs(canvas: Canvas, staff: Staff, system: System, y: float, gap: float) -> None:
    """Draw the techniques of a staff in a system.

    Args:
        canvas: to draw on.
        staff: whose cells they are.
        system: says where ticks stand.
        y: of the first line.
        gap: from line to line.
    """
    _Signs(canvas, staff, system, y, gap).draw()


class _Signs:
    def __init__(self, canvas: Canvas, staff: Staff, system: System, y: float, gap: float) -> None:
        self.canvas, self.system, self.y, self.gap = canvas, system, y, gap
        self.cells = list(_cells(staff, system))
        self.rows = _rows(staff, system)
        self.top = y - _ROOM - _BEND * self.rows.bends
        """Of the rows of words: the base line of the lowest."""

    def draw(self) -> None:
        self._between()
        level = self.top
        if self.rows.words:
            self._words(level)
            level -= _ROW
        if self.rows.waves:
            self._waves(level)
            level -= _ROW
        for name in self.rows.spans:
            self._span(name, level)
            level -= _ROW
        self._bends()

    def _x(self, cell: Cell) -> float:
        return self.system.x(cell.onset) - GRACE * cell.note.grace

    def _at(self, cell: Cell) -> float:
        return self.y + self.gap * cell.line

    def _between(self) -> None:
        """Bows and slides from a note to the next of its string."""
        last: dict[int, Cell] = {}
        for cell in self.cells:
            if cell.line in last:
                self._lead(last[cell.line], cell)
            last[cell.line] = cell
            self._slides(cell)
        for cell in last.values():
            self._lead(cell, None)

    def _lead(self, cell: Cell, after: Cell | None) -> None:
        marks = cell.note.marks
        x, y = self._x(cell) + 3.5 * len(cell.text), self._at(cell)
        x2 = self._x(after) - 3.5 * len(after.text) if after else self.system.edges[-1]
        if marks & {"hammer", "pull", "slide:legato"}:
            self.canvas.curve(x - 2, y - 5, x2 + 2, 4)
        if marks & {"slide", "slide:legato"}:
            up = after is None or after.note.pitch >= cell.note.pitch
            rise = 3 if up else -3
            self.canvas.line(x + 1, y + rise, x2 - 1, y - rise)

    def _slides(self, cell: Cell) -> None:
        """Slides from and to nowhere."""
        x, y, half = self._x(cell), self._at(cell), 3.5 * len(cell.text)
        for mark, side, rise in (
            ("slide:in-below", -1, 3),
            ("slide:in-above", -1, -3),
            ("slide:out-down", 1, -3),
            ("slide:out-up", 1, 3),
        ):
            if mark in cell.note.marks:
                start = x + side * half
                left, right = sorted((start, start + 8 * side))
                self.canvas.line(left, y + rise, right, y - rise)

    def _words(self, y: float) -> None:
        written: dict[float, str] = {}
        last: dict[int, Cell] = {}
        for cell in self.cells:
            before = last.get(cell.line)
            if before and before.note.marks & {"hammer", "pull"}:
                middle = (self._x(before) + self._x(cell)) / 2
                written[middle] = "H" if "hammer" in before.note.marks else "P"
            last[cell.line] = cell
            for mark in sorted(cell.note.marks):
                head, _, kind = mark.partition(":")
                word = _HARMONICS.get(kind) if head == "harmonic" else _WORDS.get(head)
                if word:
                    written[self._x(cell)] = word
        for x, word in written.items():
            self.canvas.text(x, y, word, 7.5)

    def _runs(self, test: Callable[[frozenset[str]], bool]) -> Iterator[tuple[Cell, Cell]]:
        """Yield first and last of neighbouring onsets that have a mark."""
        onsets: dict[int, list[Cell]] = {}
        for cell in self.cells:
            onsets.setdefault(cell.onset, []).append(cell)
        run: list[Cell] = []
        for cells in onsets.values():
            marked = [cell for cell in cells if test(cell.note.marks)]
            if marked:
                run.append(marked[0])
            elif run:
                yield run[0], run[-1]
                run = []
        if run:
            yield run[0], run[-1]

    def _span(self, name: str, y: float) -> None:
        word = _SPANS[name]
        for first, last in self._runs(lambda marks: name in marks):
            x, x2 = self._x(first) - 4, self._x(last) + 4
            self.canvas.text(x, y, word, 8, anchor="start", style=' font-style="italic"')
            dash = x + 5 * len(word) + 2
            if x2 > dash + 6:
                while dash < x2 - 3:
                    self.canvas.line(dash, y - 3, min(dash + 4, x2), y - 3, 0.8)
                    dash += 7
                self.canvas.line(x2, y - 6, x2, y, 0.8)

    def _waves(self, y: float) -> None:
        ends = [self._x(cell) for cell in self.cells]
        for cell in self.cells:
            marks = cell.note.marks
            if any(mark.startswith("vibrato") for mark in marks):
                x = self._x(cell)
                limit = min([end for end in ends if end > x], default=self.system.edges[-1])
                count = max(2, min(8, int((limit - x) / 5)))
                size = 2.6 if "vibrato:wide" in marks else 1.7
                wave = f"q1.25 {-2 * size:.1f} 2.5 0q1.25 {2 * size:.1f} 2.5 0"
                self.canvas.path(f"M{x - 2:.2f} {y - 3:.2f}{wave * count}", width=1.1)

    def _bends(self) -> None:
        """Arrows that bend the string up, and down again where it is let go."""
        for cell in self.cells:
            for mark in cell.note.marks:
                head, _, amount = mark.partition(":")
                if head in {"bend", "whammy"} or mark == "bend":
                    self._bend(cell, head, amount)

    def _bend(self, cell: Cell, head: str, amount: str) -> None:
        x, y = self._x(cell) + 3.5 * len(cell.text), self._at(cell)
        top = self.y - _ROOM - 1
        word = "bar"
        if head == "bend":
            try:
                steps = float(amount or 2)
            except ValueError:
                steps = 2.0
            word = _STEPS.get(steps, f"{steps / 2:.3g}")
        self.canvas.path(f"M{x:.2f} {y:.2f}Q{x + 7:.2f} {y:.2f} {x + 7:.2f} {top:.2f}", width=0.9)
        self.canvas.path(f"M{x + 7:.2f} {top - 4:.2f}l2.5 5h-5z", fill=True)
        self.canvas.text(x + 7, top - 5.5, word, 7.5)
        if "release" in cell.note.marks:
            self.canvas.path(
                f"M{x + 7:.2f} {top - 3:.2f}Q{x + 14:.2f} {top - 3:.2f} {x + 14:.2f} {y - 5:.2f}",
                width=0.9,
            )
            self.canvas.path(f"M{x + 14:.2f} {y - 1:.2f}l2.5 -5h-5z", fill=True)
