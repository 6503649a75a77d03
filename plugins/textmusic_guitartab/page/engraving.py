"""Lay measures out on a page: columns, systems, the lines above the staff and its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from textmusic_guitartab.page.above import ABOVE
from textmusic_guitartab.page.glyphs import Figure
from textmusic_guitartab.page.pitches import spell

__all__ = ["Measure", "engrave"]

_NARROWEST = 4  # a narrower empty bar would be taken for a double bar line


@dataclass(slots=True)
class _Slot:
    """One step of a measure: its letters, its figure, a tempo sign, and the width it gets."""

    token: str
    length: Fraction
    figure: Figure
    tempo: str
    width: int = 0

    def need(self, following: _Slot | None) -> int:
        """The columns from this slot's event to the next one's, at least."""
        texts = (self.figure.right, len(self.token), len(self.tempo))
        return max(texts) + 1 + (following.figure.left if following else 0)


@dataclass(slots=True)
class Measure:
    """One bar, or a part of one that is too wide for a line (`closed` is false then)."""

    slots: list[_Slot] = field(default_factory=list)
    sign: str = ""
    closed: bool = True

    def add(self, token: str, length: Fraction, figure: Figure, tempo: str) -> None:
        """Append a step: its letters, its length in quarters, what is struck, a tempo sign."""
        self.slots.append(_Slot(token, length, figure, tempo))

    @property
    def lead(self) -> int:
        """The column of the first event."""
        return 1 + (self.slots[0].figure.left if self.slots else 0)

    @property
    def width(self) -> int:
        """Columns between the bar lines."""
        wide = self.lead + sum(slot.width for slot in self.slots)
        return max(wide, _NARROWEST, len(self.sign) + 1)


def engrave(measures: Sequence[Measure], tuning: Sequence[int], width: int) -> list[str]:
    """Return the lines of a page.

    Args:
        measures: in order.
        tuning: lowest string first.
        width: columns of the page.
    """
    labels = spell(tuning)
    margin = max(2, max(map(len, labels)) + 1)
    room = width - margin
    lines: list[str] = []
    for system in _systems(measures, room):
        lines += [*_draw(system, labels, margin), ""]
    return lines


def _systems(measures: Sequence[Measure], room: int) -> Iterator[list[Measure]]:
    system: list[Measure] = []
    used = 0
    for whole in measures:
        _space(whole)
        for measure in _split(whole, room):
            if system and (used + measure.width + 1 > room or not system[-1].closed):
                yield system
                system, used = [], 0
            system.append(measure)
            used += measure.width + 1
    if system:
        yield system


def _space(measure: Measure) -> None:
    """Give the steps widths in proportion to their lengths, or less so where that is too wide."""
    slots = measure.slots
    unit = min((slot.length for slot in slots), default=Fraction(1))
    step = 3 if unit >= Fraction(1, 2) else 2
    wanted = [int(slot.length / unit * step) for slot in slots]
    if sum(wanted) > 36:
        wanted = [step + (int(slot.length / unit).bit_length() - 1) for slot in slots]
    for index, slot in enumerate(slots):
        following = slots[index + 1] if index + 1 < len(slots) else None
        slot.width = max(wanted[index], slot.need(following))


def _split(measure: Measure, room: int) -> Iterator[Measure]:
    """Cut a measure that is wider than a line into parts."""
    part = Measure(sign=measure.sign)
    for slot in measure.slots:
        if part.slots and part.width + slot.width >= room:
            part.closed = False
            yield part
            part = Measure()
        part.slots.append(slot)
    yield part


def _draw(system: Sequence[Measure], labels: Sequence[str], margin: int) -> list[str]:
    rows = [list(f"{label:<{margin - 1}}|") for label in labels]
    signs: dict[int, str] = {}
    tempos: dict[int, str] = {}
    tokens: dict[int, str] = {}
    dots: dict[str, dict[int, str]] = {}
    start = margin
    for measure in system:
        for row in rows:
            row += "-" * measure.width + ("|" if measure.closed else "")
        if measure.sign:
            signs[start] = measure.sign
        column = start + measure.lead
        for slot in measure.slots:
            tokens[column] = slot.token
            if slot.tempo:
                tempos[column] = slot.tempo
            for at, string, text in slot.figure.texts:
                rows[string][column + at : column + at + len(text)] = text
            for mark in slot.figure.above:
                dots.setdefault(mark, {})[column] = "."
            column += slot.width
        start += measure.width + 1
    above = [_line(signs), _line(tempos)]
    above += [_line({0: label, **dots[mark]}) for label, mark in ABOVE.items() if mark in dots]
    above.append(_line(tokens))
    return [line for line in above if line] + ["".join(row) for row in reversed(rows)]


def _line(texts: dict[int, str]) -> str:
    line = ""
    for column, text in sorted(texts.items()):
        line = line.ljust(column) + text
    return line
