"""Notes of all parts as columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textmusic.score import Columns, Track

__all__ = ["LONGEST", "Flags", "Ints", "Rows", "has_notes", "rows_of", "track_of"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LONGEST = 20_000
"""Quarters that a text of steps can last."""
_VELOCITY = 80


class Rows(NamedTuple):
    """Notes: the number of the part, onset and duration in steps (or ticks), MIDI pitch."""

    part: Ints
    onset: Ints
    duration: Ints
    pitch: Ints

    def only(self, chosen: Flags) -> Rows:
        """Return some of the notes."""
        return Rows(*(column[chosen] for column in self))


def has_notes(track: Track) -> bool:
    """Whether a track has any note."""
    return bool(len(track.notes if track.columns is None else track.columns.onset))


def rows_of(tracks: Sequence[Track], parts: Sequence[int], tpq: int) -> Rows:
    """Return the notes of tracks, one part after the other, without those of no length.

    Args:
        tracks: any.
        parts: the number of the part of each track, ascending.
        tpq: ticks a quarter. Times after `LONGEST` quarters are only right within their quarter.
    """
    columns = [_columns(track, (LONGEST + 1) * tpq, tpq) for track in tracks]
    sizes = [len(onset) for onset, _, _ in columns]
    part = np.repeat(np.array(parts), sizes)
    if len(columns) == 1:
        return Rows(part, *columns[0])
    rows = Rows(part, *map(np.concatenate, zip(*columns, strict=True)))
    if len(set(parts)) == len(parts):
        return rows
    order = np.lexsort((rows.duration, rows.pitch, rows.onset, rows.part))
    return Rows(*(column[order] for column in rows))


def _columns(track: Track, limit: int, tpq: int) -> tuple[Ints, Ints, Ints]:
    if track.columns is not None:
        onset, duration, pitch, _ = map(np.asarray, track.columns)
        if len(onset) and onset[-1] < limit and duration.max() < limit:
            return onset, duration, pitch
    notes = [note for note in track.notes if note.duration]
    onsets = _within([note.onset for note in notes], limit, tpq)
    ends = _within([note.end for note in notes], limit + tpq, tpq)
    pitches = np.array([note.pitch for note in notes], np.int64)
    return onsets, ends - onsets, pitches


def _within(times: list[int], limit: int, tpq: int) -> Ints:
    """Bring times after a limit, of which there may be any, into the quarter behind it."""
    if times and max(times) > limit:
        times = [min(time, limit + time % tpq) for time in times]
    return np.array(times, np.int64)


def track_of(rows: Rows, span: slice, program: int, *, is_drum: bool) -> Track:
    """Return the track of one part's notes, which stand in order."""
    columns = [column[span] for column in rows[1:]]
    velocity = np.full(len(columns[0]), _VELOCITY)
    views = (column.data.toreadonly() for column in (*columns, velocity))
    return Track.of(Columns(*views), program=program, is_drum=is_drum)
