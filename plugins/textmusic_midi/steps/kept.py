"""Which notes a text of steps can tell apart."""

from __future__ import annotations

from typing import Literal

import numpy as np

from textmusic_midi.steps.columns import Flags, Ints, Rows
from textmusic_midi.steps.rows import SOON

__all__ = ["Kept", "distinct"]

Kept = Literal["exact", "onset", "struck", "held"]
"""What a text tells apart: all but doubles; onsets but no lengths; one note a pitch at a time; or
only whether a pitch sounds."""

_TIME = 21
"""Bits of a time in steps: the longest text on the finest grid has 1,920,000."""
_TIMES = (1 << _TIME) - 1
_PITCH = 7


def distinct(rows: Rows, kept: Kept, steps: int) -> Rows:
    """Return the notes as a text holds them, sorted by part, onset, pitch; `steps` a quarter."""
    if not len(rows.part):
        return rows
    if kept == "exact":
        return _exact(rows)
    if kept == "onset":
        return _onset(rows, steps)
    return _struck(rows) if kept == "struck" else _held(rows)


def _exact(rows: Rows) -> Rows:
    keys = _place(rows) << _TIME | rows.duration
    if (keys[1:] > keys[:-1]).all():
        return rows
    keys = np.unique(keys)
    return _from_places(keys >> _TIME, keys & _TIMES)


def _onset(rows: Rows, steps: int) -> Rows:
    """One note a pitch and onset, until the next onset of its part or for four quarters at most."""
    places = np.unique(_place(rows))
    beats = places >> _PITCH
    (starts,) = np.nonzero(_changes(beats))
    following = np.append(beats[starts[1:]], -1)
    number = np.cumsum(_changes(beats)) - 1
    after = following[number]
    longest = SOON * steps
    lasts = np.minimum(after - beats, longest)
    return _from_places(places, np.where(after >> _TIME == beats >> _TIME, lasts, longest))


def _struck(rows: Rows) -> Rows:
    """One note a pitch at a time; the next one ends it."""
    voice, onset, end = _by_pitch(rows)
    first = _changes(voice) | _changes(onset)
    voice, onset, end = voice[first], onset[first], end[first]
    has_next = np.append(voice[1:] == voice[:-1], [False])
    following = np.append(onset[1:], 0)
    end = np.where(has_next, np.minimum(end, following), end)
    return _from_voices(voice, onset, end)


def _held(rows: Rows) -> Rows:
    """Notes of a pitch that touch or overlap are one."""
    voice, onset, end = _by_pitch(rows)
    changes = _changes(voice)
    # a higher floor for each pitch keeps the running maximum of one out of the next
    floor = np.cumsum(changes) << _TIME + 1
    latest = np.maximum.accumulate(end + floor) - floor
    starts = changes.copy()
    starts[1:] |= onset[1:] > latest[:-1]
    (begins,) = np.nonzero(starts)
    lasts = np.append(begins[1:], len(starts)) - 1
    return _from_voices(voice[begins], onset[begins], latest[lasts])


def _by_pitch(rows: Rows) -> tuple[Ints, Ints, Ints]:
    """Voice (part and pitch), onset, end; sorted so, the longest first among equal onsets."""
    voice = rows.part << _PITCH | rows.pitch
    keys = (voice << _TIME | rows.onset) << _TIME | _TIMES - rows.duration
    keys.sort()
    onset = keys >> _TIME & _TIMES
    return keys >> 2 * _TIME, onset, onset + _TIMES - (keys & _TIMES)


def _from_voices(voice: Ints, onset: Ints, end: Ints) -> Rows:
    keys = ((voice >> _PITCH << _TIME | onset) << _PITCH | voice & 127) << _TIME | end - onset
    keys.sort()
    return _from_places(keys >> _TIME, keys & _TIMES)


def _place(rows: Rows) -> Ints:
    return (rows.part << _TIME | rows.onset) << _PITCH | rows.pitch


def _from_places(places: Ints, duration: Ints) -> Rows:
    onset = places >> _PITCH & _TIMES
    return Rows(places >> _PITCH + _TIME, onset, duration, places & 127)


def _changes(values: Ints) -> Flags:
    """Where a value differs from the one before; the first does."""
    return np.append([True], values[1:] != values[:-1])
