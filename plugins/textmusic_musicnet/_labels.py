"""Rows of MusicNet label files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from textmusic.errors import FormatError, Issue

__all__ = ["COLUMNS", "Label", "label_of", "looks_like_labels", "read_labels"]

COLUMNS = (
    *("start_time", "end_time", "instrument", "note"),
    *("start_beat", "end_beat", "note_value"),
)
_MOST_ROWS = 1_000_000
_MOST_SAMPLES = 1 << 40
_MOST_BEATS = 100_000


class Label(NamedTuple):
    """A labelled note.

    Args:
        start: in samples at 44,100 Hz; `end` likewise, after it.
        instrument: General MIDI program from 1.
        pitch: MIDI number.
        beat: where it starts, in beats of the file.
        length: in beats (the column is called ``end_beat``).
        value: the name of the note value nearest to that length, or ``Unknown``.
    """

    start: int
    end: int
    instrument: int
    pitch: int
    beat: float
    length: float
    value: str


def label_of(cells: Sequence[object]) -> Label | None:
    """Return the label that seven values say, or None where they cannot be one."""
    try:
        start, end, instrument, pitch = (int(float(str(cell))) for cell in cells[:4])
        beat, length = (float(str(cell)) for cell in cells[4:6])
    except (ValueError, OverflowError):
        return None
    if not (0 <= start < end < _MOST_SAMPLES and 1 <= instrument <= 128 and 0 <= pitch <= 127):
        return None
    if not (0 <= beat < _MOST_BEATS and math.isfinite(length) and 0 < length < _MOST_BEATS):
        return None
    return Label(start, end, instrument, pitch, beat, length, str(cells[6]).strip())


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(",")]


def looks_like_labels(text: str) -> bool:
    """Return whether the first line names the columns, or has seven fitting values."""
    cells = _cells(next((line for line in text.split("\n") if line.strip()), ""))
    return _order(cells) is not None or (len(cells) == len(COLUMNS) and label_of(cells) is not None)


def _order(cells: Sequence[str]) -> list[int] | None:
    """Return where each column stands according to a header line, None if it is none."""
    names = [cell.lower() for cell in cells]
    if any(name not in names for name in COLUMNS):
        return None
    return [names.index(name) for name in COLUMNS]


def read_labels(text: str) -> tuple[list[Label], tuple[Issue, ...]]:
    """Return the labels of a CSV text with or without its header line.

    Raises:
        FormatError: it holds none, or too many.
    """
    if not looks_like_labels(text):
        first = text.lstrip().split("\n", 1)[0][:60]
        raise FormatError(
            f"not MusicNet labels: expected the columns {','.join(COLUMNS)}, found {first!r}"
        )
    labels: list[Label] = []
    bad: list[int] = []
    order = list(range(len(COLUMNS)))
    for offset, line in _lines(text):
        cells = _cells(line)
        header = _order(cells) if not labels else None
        if header:
            order = header
            continue
        found = None
        if len(cells) > max(order):
            found = label_of([cells[place] for place in order])
        if found is None:
            bad.append(offset)
            continue
        labels.append(found)
        if len(labels) > _MOST_ROWS:
            raise FormatError(f"more than {_MOST_ROWS} labels")
    if not labels:
        raise FormatError("the MusicNet labels hold no usable row")
    if not bad:
        return labels, ()
    message = f"{len(bad)} rows that are no labels are left out"
    return labels, (Issue("musicnet.row", message, bad[0], severity="warning"),)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    offset = 0
    for line in text.split("\n"):
        if line.strip():
            yield offset, line
        offset += len(line) + 1
