"""The notes of track chunks, shared out among tracks: one for each channel and program of a chunk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from textmusic.score import Columns, Track
from textmusic_midi._pairs import Notes
from textmusic_midi._walk import Ints, Messages

__all__ = ["tracks"]

_DRUMS = 9
_TICK_BITS = 34
"""The longest music in the most ticks a quarter."""
_PLACE_BITS = 7 + _TICK_BITS + 5
"""A pitch, a tick, and what the ticks of odd metres are multiplied by."""


def tracks(
    notes: Notes, messages: Messages, names: Sequence[str], scales: Sequence[int], *, alone: bool
) -> list[list[Track]]:
    """Return the tracks of each chunk, sorted by channel and program.

    Args:
        notes: of all chunks.
        messages: of all chunks.
        names: of the chunks.
        scales: what the ticks of each chunk are multiplied by.
        alone: chunks do not hear the programs that others set.
    """
    found: list[list[Track]] = [[] for _ in names]
    if not len(notes.onset):
        return found
    program = _programs(notes, messages, alone=alone)
    voices = ((notes.chunk << 4) + notes.channel << 7) + program
    known, voice = np.unique(voices, return_inverse=True)
    scale = np.array(scales)[notes.chunk]
    onset, duration = notes.onset * scale, notes.duration * scale
    order = _order(voice, onset << 7 | notes.pitch, duration, notes.velocity)
    columns = [column[order] for column in (onset, duration, notes.pitch, notes.velocity)]
    bounds = np.searchsorted(voice[order], np.arange(len(known) + 1)).tolist()
    for index, key in enumerate(known.tolist()):
        chunk, channel = key >> 11, key >> 7 & 0x0F
        span = slice(bounds[index], bounds[index + 1])
        part = Columns(*(column[span].data.toreadonly() for column in columns))
        track = Track.of(part, name=names[chunk], program=key & 0x7F, is_drum=channel == _DRUMS)
        found[chunk].append(track)
    return found


def _order(voice: Ints, place: Ints, duration: Ints, velocity: Ints) -> Ints:
    """The order of notes by voice and place, and where both are equal by length and velocity."""
    if int(voice.max()) < 1 << 63 - _PLACE_BITS:
        key = voice << _PLACE_BITS | place
        order = np.argsort(key, kind="stable")
        key = key[order]
        if (key[1:] != key[:-1]).all():
            return order
    return np.lexsort((velocity, duration, place, voice))


def _programs(notes: Notes, messages: Messages, *, alone: bool) -> Ints:
    """The program of each note: what its chunk set for its channel last, or any chunk by its time.

    Where none is set it is 0.
    """
    (changes,) = np.nonzero((messages.status & 0xF0) == 0xC0)
    if not len(changes):
        return np.zeros(len(notes.onset), np.int64)
    program, tick = messages.first[changes], messages.tick[changes]
    whose = messages.chunk[changes] << 4 | messages.status[changes] & 0x0F
    voice = notes.chunk << 4 | notes.channel
    own, is_own = _latest(whose, changes, program, voice, notes.begin)
    order = np.lexsort((program, tick))
    mask = ~0 if alone else 0x0F
    others, _ = _latest(
        (whose & mask)[order], tick[order], program[order], voice & mask, notes.onset
    )
    return np.where(is_own, own, others)


def _latest(
    whose: Ints, times: Ints, values: Ints, asked: Ints, at: Ints
) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """For each of `asked` its value in force at a time, and whether there is one; else 0.

    `times` are sorted, and of equal ones the last holds.
    """
    order = np.argsort(whose, kind="stable")
    keys = (whose << _TICK_BITS | times)[order]
    index = np.searchsorted(keys, asked << _TICK_BITS | at, side="right") - 1
    known = (index >= 0) & (whose[order][index] == asked)
    return np.where(known, values[order][index], 0), known
