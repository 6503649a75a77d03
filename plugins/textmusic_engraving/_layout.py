"""Where the bars and notes of a tablature stand: systems of bars, stretched to the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from textmusic_engraving._staves import Piece, Staff
from textmusic_engraving._svg import WIDTH

__all__ = ["GRACE", "LEFT", "RIGHT", "System", "systems"]

LEFT, RIGHT = 34.0, WIDTH - 16.0
GRACE = 11.0
"""Width of a grace note."""
_FULL = 0.6
"""A last line that is filled less is not stretched."""
_PADDING = 13.0
_TIME, _REPEAT, _CHARACTER = 22.0, 10.0, 7.0
_LEAST, _PER_QUARTER, _POWER = 15.0, 24.0, 0.6


@dataclass(frozen=True, slots=True)
class _Width:
    """What a bar needs: its left edge, and the distance from each place to the next."""

    head: float
    places: tuple[int, ...]
    gaps: tuple[float, ...]

    @property
    def natural(self) -> float:
        return self.head + sum(self.gaps)


@dataclass(slots=True)
class System:
    """A line of the page.

    Args:
        bars: their numbers in the piece.
        staves: what sounds in them.
        edges: where each bar begins, and the right edge of the last.
        heads: where the notes of each bar may begin: behind metre and repeat sign.
        at: where a tick stands.
    """

    bars: range
    staves: list[Staff]
    edges: list[float] = field(default_factory=list)
    heads: list[float] = field(default_factory=list)
    at: dict[int, float] = field(default_factory=dict)

    def x(self, tick: int) -> float:
        """Where a tick stands; the right edge for what comes after the line."""
        return self.at.get(tick, self.edges[-1])


def systems(piece: Piece) -> Iterator[System]:
    """Yield the lines of a piece."""
    widths = [_width(piece, index) for index in range(len(piece.bars))]
    room = RIGHT - LEFT
    start = 0
    while start < len(widths):
        stop, used = start + 1, widths[start].natural
        while stop < len(widths) and used + widths[stop].natural <= room:
            used += widths[stop].natural
            stop += 1
        yield _placed(piece, widths[start:stop], range(start, stop), is_last=stop == len(widths))
        start = stop


def _width(piece: Piece, index: int) -> _Width:
    bar = piece.bars[index]
    needs: dict[int, float] = {bar.onset: 0.0}
    graces: dict[int, int] = {}
    for staff in piece.staves:
        for beat in staff.beats[index]:
            needs.setdefault(beat.onset, 0.0)
        for cell in staff.cells[index]:
            wide = len(cell.text) * _CHARACTER
            needs[cell.onset] = max(needs.get(cell.onset, 0.0), wide)
            graces[cell.onset] = max(graces.get(cell.onset, 0), cell.note.grace)
    places = tuple(sorted(needs))
    gaps = []
    for one, after in zip(places, (*places[1:], bar.end), strict=True):
        quarters = min((after - one) / piece.score.tpq, 6.0)
        gap = max(_LEAST, _PER_QUARTER * quarters**_POWER, needs[one] + 5)
        gaps.append(gap + GRACE * graces.get(after, 0))
    changes = index == 0 or _metre(piece, index) != _metre(piece, index - 1)
    head = _PADDING + _TIME * changes + _REPEAT * piece.signs[index].opens
    return _Width(head + GRACE * graces.get(bar.onset, 0), places, tuple(gaps))


def _metre(piece: Piece, index: int) -> tuple[int, int]:
    return piece.bars[index].numerator, piece.bars[index].denominator


def _placed(piece: Piece, widths: list[_Width], bars: range, *, is_last: bool) -> System:
    """Stretch what lies between the notes so that the line is full."""
    fixed = sum(width.head for width in widths)
    loose = sum(sum(width.gaps) for width in widths)
    stretch = max((RIGHT - LEFT - fixed) / loose, 0.05)
    if is_last and fixed + loose < _FULL * (RIGHT - LEFT):
        stretch = min(stretch, 1.25)
    sounding = [s for s in piece.staves if any(s.cells[index] for index in bars)]
    system = System(bars, sounding or list(piece.staves[:1]))
    x = LEFT
    for width in widths:
        system.edges.append(x)
        x += width.head
        system.heads.append(x)
        for place, gap in zip(width.places, width.gaps, strict=True):
            system.at[place] = x
            x += gap * stretch
    system.edges.append(x)
    return system
