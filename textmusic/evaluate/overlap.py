"""How much of a piece stands in the training set, and where it comes from.

A row of notes becomes a row of tokens, one a note from its second on: the interval from the note
before, and the time between them. So a copy is found in any key. With `any_tempo` the time is
taken relative to the time before it, and a copy in halved or doubled note values is found too.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from textmusic.errors import CorpusError
from textmusic.evaluate._suffixes import Ints, Suffixes
from textmusic.format import atomic_path, write_atomic
from textmusic.score import Note, Score

__all__ = ["Overlap", "OverlapIndex", "run_limit"]

_VERSION = 2
_HEAD = "overlap.json"
_STEPS = 48
_INTERVALS = 512
_TIMES = 1 << 20
_BETWEEN = 0
"""Stands between voices; no token of a query has this value."""
_ENDED = np.array([-1], np.int32)
"""Stands behind each row of a query; no token of an index has this value."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a piece shares with the training set.

    Args:
        notes: length of the longest run that also stands in the training set, in notes; what is
            struck together counts as one, and so does what is repeated: chugging on one chord is
            no music that could be copied.
        source: the piece that the run comes from; empty when there is none.
        bar: the bar there that it begins in, from 1.
        at: the bar of the piece itself that it begins in, from 1.
        share: share of the piece's windows of `window` notes in a row, counted likewise, that stand
            in the training set, 0…1; 0 for a piece shorter than a window.
        window: notes a window.
    """

    notes: int
    source: str
    bar: int
    at: int
    share: float
    window: int


def run_limit(runs: Sequence[int], share: float = 0.99) -> int | None:
    """Return the length of run that a piece which copies nothing exceeds with a chance of 1 - share.

    The percentile of a small set is too low for the next piece. This is the bound of conformal
    prediction (Vovk, Gammerman and Shafer, 2005): the ⌈(n + 1) · share⌉-th shortest of n, which
    holds for any distribution; `share` of 0.99 takes at least 99 pieces.

    Args:
        runs: `Overlap.notes` of pieces that copy nothing, such as those held out.
        share: of new pieces of their kind that stay within it, 0…1.

    Returns:
        The limit in notes; None where there are too few pieces to tell.
    """
    place = ceil(round((len(runs) + 1) * share, 9))
    return sorted(runs)[max(place, 1) - 1] if runs and place <= len(runs) else None


@dataclass(frozen=True)
class OverlapIndex:
    """The voices of a training set, ready to be searched.

    Args:
        suffixes: of all tokens.
        bars: for each token the bar of its note, from 0.
        names: of the pieces.
        starts: where each piece's tokens start, rising.
        any_tempo: whether times are relative.
    """

    suffixes: Suffixes
    bars: NDArray[np.int32]
    names: tuple[str, ...]
    starts: NDArray[np.int64]
    any_tempo: bool

    @classmethod
    def build(cls, pieces: Iterable[tuple[str, Score]], *, any_tempo: bool = True) -> Self:
        """Index pieces, each with a name; drums are left out.

        It takes 20 bytes of memory a token, of which there are one or two a note.
        """
        tokens, bars = array("i"), array("i")
        names: list[str] = []
        starts: list[int] = []
        for name, score in pieces:
            names.append(name)
            starts.append(len(tokens))
            for row in _rows(score, any_tempo=any_tempo):
                for column, values, end in ((tokens, row.tokens, _BETWEEN), (bars, row.bars, 0)):
                    column.frombytes(values.tobytes())
                    column.append(end)
        return cls(
            Suffixes.build(np.frombuffer(tokens, np.int32)),
            np.frombuffer(bars, np.int32),
            tuple(names),
            np.array(starts, np.int64),
            any_tempo,
        )

    def save(self, folder: str | Path, key: str = "") -> None:
        """Write the index; `open` maps it into memory.

        Args:
            folder: made if need be.
            key: of what was indexed, such as the hash of a corpus.
        """
        folder = Path(folder)
        (folder / _HEAD).unlink(missing_ok=True)  # while it is written, there is no index
        for name, values in self._arrays().items():
            with atomic_path(folder / f"{name}.npy") as path, path.open("wb") as file:
                np.save(file, values)
        head = {"version": _VERSION, "key": key, "any_tempo": self.any_tempo, "names": self.names}
        write_atomic(folder / _HEAD, json.dumps(head))

    def _arrays(self) -> dict[str, NDArray[np.int32] | NDArray[np.int64]]:
        return {
            "tokens": self.suffixes.sequence,
            "order": self.suffixes.order,
            "bars": self.bars,
            "starts": self.starts,
        }

    @classmethod
    def open(cls, folder: str | Path, key: str = "") -> Self:
        """Open a saved index.

        Args:
            folder: as given to `save`.
            key: as given to `save`.

        Raises:
            CorpusError: it is missing or damaged, or has another key.
        """
        folder = Path(folder)
        try:
            head = json.loads((folder / _HEAD).read_text("utf-8"))
            tokens, order, bars, starts = (
                np.load(folder / f"{name}.npy", mmap_mode="r")
                for name in ("tokens", "order", "bars", "starts")
            )
            names = tuple(map(str, head["names"]))
            whole = len(tokens) == len(order) == len(bars) and len(starts) == len(names)
            wanted = head["version"] == _VERSION and head["key"] == key
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise CorpusError(f"{folder}: no index of a training set: {error}") from error
        if not whole or not wanted:
            raise CorpusError(f"{folder}: no index of this training set")
        return cls(Suffixes(tokens, order), bars, names, starts, bool(head["any_tempo"]))

    def audit(self, score: Score, window: int = 12) -> Overlap:
        """Return what a piece shares with the training set.

        Args:
            score: the piece.
            window: notes a window of `Overlap.share`, at least 2.
        """
        best, source, bar, at = 0, "", 0, 0
        windows = found = 0
        for row, lengths, where in self._matches(list(_rows(score, any_tempo=self.any_tempo))):
            starts = np.arange(len(lengths))
            notes = row.events[starts + lengths] - row.events[starts] + 1
            whole = row.begins & (row.events[-1] - row.events[:-1] + 1 >= window)
            windows += int(np.count_nonzero(whole))
            found += int(np.count_nonzero(notes[whole] >= window))
            top = int(notes.argmax())
            if notes[top] > max(best, 1):
                best, place = int(notes[top]), int(where[top])
                source = self.names[bisect_right(self.starts, place) - 1]
                bar, at = int(self.bars[place]) + 1, int(row.bars[top]) + 1
        return Overlap(best, source, bar, at, found / windows if windows else 0.0, window)

    def _matches(self, rows: list[_Row]) -> Iterator[tuple[_Row, Ints, Ints]]:
        """For each row the lengths and places of the longest matches; all are asked for at once."""
        joined = [part for row in rows for part in (row.tokens, _ENDED)]
        lengths, where = self.suffixes.longest(np.concatenate(joined or [_ENDED]))
        start = 0
        for row in rows:
            own = slice(start, start + len(row.tokens))
            yield row, lengths[own], where[own]
            start = own.stop + 1


@dataclass(frozen=True, slots=True)
class _Row:
    """Notes in a row: tokens of all but the first, bars of all but the last, events of all."""

    tokens: NDArray[np.int32]
    bars: NDArray[np.int32]
    events: NDArray[np.int64]

    @property
    def begins(self) -> NDArray[np.bool_]:
        """Whether an event begins with a note, for all notes but the last."""
        return np.concatenate(([True], np.diff(self.events[:-1]) > 0))


def _rows(score: Score, *, any_tempo: bool) -> Iterator[_Row]:
    """Yield the rows of at least two notes.

    A track with chords gives two: all its notes, and its top line, so that a melody is found
    again over another accompaniment.
    """
    starts = [bar.onset for bar in score.bars()]
    for track in score.tracks:
        notes = [note for note in track.notes if note.duration]
        if track.is_drum:
            continue
        notes.sort(key=lambda note: (note.onset, note.pitch))
        top = list({note.onset: note for note in notes}.values())
        for row in (notes, top) if len(top) < len(notes) else (notes,):
            if len(row) > 1:
                bars = [bisect_right(starts, note.onset) - 1 for note in row[:-1]]
                tokens = _tokens(row, score.tpq, any_tempo=any_tempo)
                yield _Row(tokens, np.array(bars, np.int32), _events(row))


def _events(notes: list[Note]) -> NDArray[np.int64]:
    """For each note the number of its event: a chord is one, and one that is repeated no other."""
    found: list[int] = []
    number, last = -1, tuple[int, ...]()
    for _, chord in groupby(notes, key=lambda note: note.onset):
        pitches = tuple(note.pitch for note in chord)
        number += pitches != last
        last = pitches
        found += [number] * len(pitches)
    return np.array(found, np.int64)


def _tokens(notes: list[Note], tpq: int, *, any_tempo: bool) -> NDArray[np.int32]:
    """One token for each note from the second on."""
    pitches = np.array([note.pitch for note in notes], np.int64)
    onsets = np.array([note.onset for note in notes], np.int64)
    steps = (2 * onsets * _STEPS + tpq) // (2 * tpq)
    times = np.diff(steps)
    intervals = np.diff(pitches) + 128
    if any_tempo:
        times = _relative(times)
    tokens: NDArray[np.int32] = (intervals + _INTERVALS * (1 + times % _TIMES)).astype(np.int32)
    return tokens


def _relative(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each time as a fraction of the last one before it that is not zero, as one number."""
    last = np.maximum.accumulate(np.where(times > 0, np.arange(len(times)), -1))
    last = np.concatenate(([-1], last[:-1]))
    before = np.where(last >= 0, times[last], 0)
    common = np.maximum(np.gcd(times, before), 1)
    fractions: NDArray[np.int64] = (times // common) * 1021 + before // common
    return fractions
