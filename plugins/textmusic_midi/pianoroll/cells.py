"""The cells of a roll: what is written for each key, and the notes that cells stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from textmusic.score import Note

__all__ = ["SIGNS", "Gatherer", "Signs", "frames", "lasting"]


class Signs(NamedTuple):
    """How a key looks that is silent, is struck, goes on sounding."""

    off: str
    on: str
    held: str

    @property
    def width(self) -> int:
        """Characters a key."""
        return len(self.off)


SIGNS = {
    "three": Signs(".", "o", "-"),
    "two": Signs("0", "1", "1"),
    "pairs": Signs("00", "11", "10"),
}
"""``three``: off, onset, held told apart. ``two``: sounding or not. ``pairs``: two bits a key, held
and attacked, as in the files of the SchumaNN system."""

_OFF, _HELD, _ON = range(3)


def frames(
    notes: Iterable[Note], lowest: int, highest: int, signs: Signs
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each step at which a note starts or ends, and the cells from the lowest key up.

    The first is step 0, the last is the silent one after the last note. Until the next one, keys
    that are struck go on sounding.
    """
    turns: list[tuple[int, bool, int]] = []
    for note in notes:
        column = note.pitch - lowest
        turns += [(note.onset, True, column), (note.end, False, column)]
    turns.sort()
    cells = [signs.off] * (highest - lowest + 1)
    struck: list[int] = []
    at = 0
    for step, is_onset, column in turns:
        if step != at:
            yield at, tuple(cells)
            at = step
            for key in struck:
                cells[key] = signs.held
            struck = []
        cells[column] = signs.on if is_onset else signs.off
        if is_onset:
            struck.append(column)
    yield at, tuple(cells)


def lasting(cells: Iterable[str], signs: Signs, steps: int) -> list[str]:
    """Return a line for each of the steps that cells last: struck first, then held."""
    line = "".join(cells)
    if steps == 1:
        return [line]
    held = "".join(signs.held if cell == signs.on else cell for cell in cells)
    return [line, *[held] * (steps - 1)]


class Gatherer:
    """Takes the lines of a roll one after the other and gathers the notes.

    Args:
        lowest: MIDI pitch of the first cell.
    """

    def __init__(self, lowest: int) -> None:
        self.lowest = lowest
        self.rows: list[tuple[int, int, int]] = []
        self._active: dict[int, int] = {}

    def play(self, struck: Iterable[int], held: Iterable[int], step: int) -> None:
        """Take a line at a step: what is struck starts anew, the rest ends unless it is held."""
        struck = set(struck)
        sounding = struck | set(held)
        for key in [k for k in self._active if k in struck or k not in sounding]:
            self._end(key, step)
        for key in sounding:
            if key not in self._active:
                self._active[key] = step

    def is_sounding(self, key: int) -> bool:
        """Whether a key sounds at present."""
        return key in self._active

    def _end(self, key: int, step: int) -> None:
        onset = self._active.pop(key)
        self.rows.append((onset, step - onset, self.lowest + key))

    def finish(self, step: int) -> tuple[Note, ...]:
        """End what still sounds, and return all notes."""
        for key in list(self._active):
            self._end(key, step)
        return tuple(Note(*row) for row in sorted(self.rows) if row[2] <= 127)
