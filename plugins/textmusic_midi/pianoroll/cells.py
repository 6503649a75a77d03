"""The cells of a roll: what is written for each key, and the notes that cells stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textmusic.score import Note
from textmusic_midi.steps import Ints, Rows

__all__ = ["SIGNS", "Frames", "Gatherer", "Signs"]


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


class Frames:
    """The cells of all keys at some steps: silent, struck, or sounding since an earlier step.

    Args:
        rows: notes of one part, one a pitch at a time.
        lowest, highest: MIDI pitches of the first and the last key; all notes lie between.
        steps: sorted, with all at which a note starts or ends.
        signs: how keys look.
    """

    def __init__(self, rows: Rows, lowest: int, highest: int, steps: Ints, signs: Signs) -> None:
        self._width = (highest - lowest + 1) * signs.width
        self._signs = signs
        key = rows.pitch - lowest
        onset = np.searchsorted(steps, rows.onset)
        turns = np.zeros((len(steps), highest - lowest + 1), np.int8)
        turns[onset, key] = 1
        turns[np.searchsorted(steps, rows.onset + rows.duration), key] -= 1
        self._cells = np.cumsum(turns, axis=0, dtype=np.int8)
        self._cells *= _HELD
        self._cells[onset, key] = _ON

    def short(self) -> list[str]:
        """Return a line for each step, without its last silent keys."""
        sounds = self._cells[:, ::-1] != _OFF
        keys = self._cells.shape[1] - sounds.argmax(axis=1)
        keys[~sounds.any(axis=1)] = 0
        text = self._text(self._cells)
        starts = range(0, len(text), self._width)
        sizes = (keys * self._signs.width).tolist()
        return [text[start : start + size] for start, size in zip(starts, sizes, strict=True)]

    def whole(self) -> Iterator[tuple[str, str]]:
        """Yield the full line of each step, and that of the steps after it until the next."""
        struck = self._text(self._cells)
        held = self._text(np.minimum(self._cells, _HELD))
        for start in range(0, len(struck), self._width):
            yield struck[start : start + self._width], held[start : start + self._width]

    def _text(self, cells: npt.NDArray[np.int8]) -> str:
        codes, looks, width = cells.tobytes(), self._signs, self._signs.width
        text = bytearray(len(codes) * width)
        for index in range(width):
            chars = (sign[index] for sign in (looks.off, looks.held, looks.on))
            text[index::width] = codes.translate("".join(chars).encode().ljust(256))
        return text.decode()


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
