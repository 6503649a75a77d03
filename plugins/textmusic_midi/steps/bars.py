"""Bars and what stands before them: ``3/4 =96 <4 ``, a metre, a tempo, a bar cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from textmusic.codec import Document
from textmusic.cuts import APART
from textmusic.score import Bar, Meter, Score, Tempo
from textmusic_midi.steps.columns import LONGEST
from textmusic_midi.steps.issues import Issues
from textmusic_midi.steps.lengths import LENGTH, Lengths

__all__ = ["Timeline", "controls", "documents", "is_control", "measure", "read_control"]

_CONTROL = re.compile(rf"(?:([0-9]{{1,3}})/([0-9]{{1,3}}) )?(?:=([0-9]{{1,4}}) )?(?:<({LENGTH}) )?")


class Control(NamedTuple):
    """What stands before a bar; None for what stays as it was."""

    meter: tuple[int, int] | None
    tempo: int | None
    cut: str | None
    start: int
    end: int


def read_control(line: str, offset: int = 0) -> Control:
    """Read the (perhaps empty) control at the start of a line; `offset` is that of the line."""
    found = _CONTROL.match(line)
    assert found is not None
    num, den, tempo, cut = found.groups()
    return Control(
        (int(num), int(den)) if num else None,
        int(tempo) if tempo else None,
        cut,
        offset,
        offset + found.end(),
    )


def measure(meter: tuple[int, int], steps: int) -> int:
    """Return the steps of a bar, at least 1, at `steps` a quarter."""
    num, den = meter
    return max(4 * steps * num // den, 1) if den else 4 * steps


def is_control(line: str) -> bool:
    """Whether a line holds a control and nothing else, its last space left out."""
    found = _CONTROL.match(line + " ")
    return found is not None and found.end() == len(line) + 1 > 1


def documents(text: str) -> Iterator[Document]:
    """Yield the pieces of a text: each starts with a line that starts with ``@``."""
    start = 0
    while start < len(text) or not start:
        end = text.find("\n@", start) + 1 or len(text)
        yield Document(text[start:end], start)
        start = end or 1


def controls(score: Score, end: int) -> Iterator[tuple[Bar, str]]:
    """Yield the bars of a projected score before `end`, each with its control."""
    tempos = {tempo.onset: tempo.qpm for tempo in score.tempos}
    lengths = Lengths.of(score.tpq)
    last: tuple[int, int] | None = None
    for bar in score.bars(end):
        parts = []
        if (bar.numerator, bar.denominator) != last:
            last = bar.numerator, bar.denominator
            parts.append(f"{bar.numerator}/{bar.denominator} ")
        if bar.onset in tempos:
            parts.append(f"={tempos[bar.onset]:.0f} ")
        if bar.is_short:
            parts.append(f"<{lengths.write(bar.end - bar.onset)} ")
        yield bar, "".join(parts)


@dataclass
class Timeline:
    """The metres and tempos of a text while it is read.

    Args:
        steps: steps a quarter.
        issues: takes the complaints.
    """

    steps: int
    issues: Issues

    def __post_init__(self) -> None:
        self.onset = 0
        self.meters: list[Meter] = []
        self.tempos: list[Tempo] = []
        self._meter = (4, 4)
        self._cut = True
        self._bars = self._whole = self._owed = 0

    @property
    def is_full(self) -> bool:
        """Whether no more bars are read: the text is too long."""
        return self.onset >= LONGEST * self.steps

    def open(self, control: Control) -> int:
        """Start a bar, and return its length in steps."""
        size = control.end - control.start
        changed = control.meter is not None and control.meter != self._meter
        if control.meter and self._is_meter(control):
            self._meter = control.meter
        if changed:
            self._owed = 0
        if changed or self._cut:
            self.meters.append(Meter(self.onset, *self._meter))
        if control.tempo is not None:
            if control.tempo:
                self.tempos.append(Tempo(self.onset, control.tempo))
            else:
                self.issues.add("tempo", "a tempo of 0", control.start, size)
        full = 4 * self.steps * self._meter[0] // self._meter[1]
        size = self._size(control, full)
        self._check_cut(control, size, full)
        return size

    def _size(self, control: Control, full: int) -> int:
        """The steps of the bar: `full`, or fewer."""
        self._cut = control.cut is not None
        if control.cut is None:
            return full
        cut = Lengths.of(self.steps).read(control.cut)
        if cut is None or cut >= full:
            message = f"a bar cannot be cut to {control.cut}: use a shorter length of this grid"
            self.issues.add("cut", message, control.start, control.end - control.start)
            self._cut = False
            return full
        return cut

    def _check_cut(self, control: Control, size: int, full: int) -> None:
        """Say where music has no bar that is cut short."""
        owed, first, lacks = self._owed, not self._bars, full - size
        if size != owed if owed else lacks and not first and self._whole < APART:
            message = (
                "only an upbeat, a bar before another metre and two parts of one are cut short"
            )
            span = control.start, control.end - control.start
            self.issues.add("cut", message, *span, "warning")
        self._bars += 1
        self._whole = 0 if lacks else self._whole + 1
        self._owed = 0 if first or owed else lacks

    def begin_section(self, control: Control) -> None:
        """Take a control where bars are not told apart."""
        self._cut |= control.meter is not None
        self.open(control)
        self._cut = False

    def _is_meter(self, control: Control) -> bool:
        assert control.meter is not None
        num, den = control.meter
        good = 1 <= num <= 255 and den in {1, 2, 4, 8, 16, 32, 64, 128}
        if good and 4 * self.steps * num % den == 0:
            return True
        reason = "no whole number of steps" if good else "no metre"
        size = control.end - control.start
        self.issues.add("metre", f"{num}/{den} is {reason}", control.start, size)
        return False
