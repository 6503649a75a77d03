"""Note-ons and note-offs to notes: first on, first off, for all keys of all channels at once.

Where an off is missing, matching in turn would lengthen every later note; there each note-on ends
the note before it, and the last one ends with the chunk.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textmusic_midi._walk import Ints, Messages

__all__ = ["Complaint", "Notes", "pair"]

Flags = npt.NDArray[np.bool_]


class Notes(NamedTuple):
    """Notes in any order; `begin` is the index of the note-on among the messages."""

    chunk: Ints
    channel: Ints
    onset: Ints
    duration: Ints
    pitch: Ints
    velocity: Ints
    begin: Ints


class Complaint(NamedTuple):
    """What had to be repaired: its code, the number of the chunk, the byte offset."""

    code: str
    chunk: int
    offset: int


class _Strikes(NamedTuple):
    """Note-ons and note-offs of one key after the other.

    `place` among the messages; whether it is a note-on; `key` counts the keys from 0; and where
    each key starts.
    """

    place: Ints
    is_on: Flags
    key: Ints
    starts: Ints


class _Faults(NamedTuple):
    """Complaints of one code, before they are in order; `stage` is when in a key they are found."""

    code: str
    stage: int
    place: Ints
    key: Ints


def pair(messages: Messages, ends: Sequence[int]) -> tuple[Notes, list[Complaint]]:
    """Return the notes of channel messages, and what was wrong with them, in order.

    Args:
        messages: of all chunks.
        ends: the tick at which each chunk ends.
    """
    strikes = _strikes(messages)
    index, is_on = strikes.place, strikes.is_on
    even = len(index) % 2 == 0
    faults: list[_Faults] = []
    if even and is_on[::2].all() and not is_on[1::2].any() and _are_same(strikes.key):
        begin, stop = index[::2], messages.tick[index[1::2]]
        key = strikes.key[::2]
    else:
        begin, stop, key = _matched(messages, strikes, ends, faults)
    onset = messages.tick[begin]
    duration = stop - onset
    (empty,) = np.nonzero(duration == 0)
    duration[empty] = 1
    faults.append(_Faults("zero-length", 2, begin[empty], key[empty]))
    channel = messages.status[begin] & 0x0F
    notes = Notes(
        *(messages.chunk[begin], channel, onset, duration),
        *(messages.first[begin], messages.second[begin], begin),
    )
    return notes, list(_complaints(messages, strikes, faults))


def _strikes(messages: Messages) -> _Strikes:
    """The note-ons and note-offs, sorted by chunk, channel and pitch."""
    (struck,) = np.nonzero((messages.status & 0xE0) == 0x80)
    status, pitch = messages.status[struck], messages.first[struck]
    key = (messages.chunk[struck] << 4 | status & 0x0F) << 7 | pitch
    order = np.argsort(key, kind="stable")
    index, key = struck[order], key[order]
    is_on = ((status & 0x10) > 0)[order] & (messages.second[index] > 0)
    changes = np.concatenate(([True], key[1:] != key[:-1]))[: len(key)]
    return _Strikes(index, is_on, np.cumsum(changes) - 1, np.nonzero(changes)[0])


def _are_same(keys: Ints) -> bool:
    return bool((keys[::2] == keys[1::2]).all())


def _matched(
    messages: Messages, strikes: _Strikes, ends: Sequence[int], faults: list[_Faults]
) -> tuple[Ints, Ints, Ints]:
    """Return each note-on, the tick of its end, and its key, where they do not just alternate."""
    index, is_on, key, starts = strikes
    turns = np.where(is_on, 1, -1)
    total = np.cumsum(turns)
    open_notes = total - (total - turns)[starts][key]
    # a lower floor for each key keeps the running minimum of one out of the next
    floor = key * (2 * len(key) + 1)
    lowest = np.minimum(np.minimum.accumulate(open_notes - floor) + floor, 0)
    before = np.concatenate(([0], lowest[:-1]))
    before[starts] = 0
    orphan = lowest < before
    overlap = is_on & (open_notes - 1 > before)
    faults += [
        _Faults("overlap", 0, index[overlap], key[overlap]),
        _Faults("orphan-off", 0, index[orphan], key[orphan]),
    ]
    last = np.concatenate((starts[1:], [len(key)])) - 1
    stuck = (open_notes - lowest)[last]
    whole = (stuck == 0)[key]
    begin, stop = index[is_on & whole], messages.tick[index[~is_on & ~orphan & whole]]
    parts = [(begin, stop, key[is_on & whole])]
    for number in np.nonzero(stuck)[0].tolist():
        span = slice(starts[number], last[number] + 1)
        ons, offs = index[span][is_on[span]], index[span][~is_on[span]]
        missing = ons[-stuck[number] :]
        faults.append(_Faults("stuck", 1, missing, np.full(len(missing), number)))
        limit = ends[int(messages.chunk[ons[0]])]
        times = _restarted(messages.tick[ons].tolist(), messages.tick[offs].tolist(), limit)
        parts.append((ons, np.array(list(times), np.int64), np.full(len(ons), number)))
    begins, stops, keys = zip(*parts, strict=True)
    return np.concatenate(begins), np.concatenate(stops), np.concatenate(keys)


def _restarted(ons: list[int], offs: list[int], last: int) -> Iterator[int]:
    """End each note at the first off after it, or at the next on of its pitch."""
    for on, limit in pairwise([*ons, last]):
        place = bisect_right(offs, on)
        yield min(offs[place], limit) if place < len(offs) else limit


def _complaints(
    messages: Messages, strikes: _Strikes, faults: list[_Faults]
) -> Iterator[Complaint]:
    """Yield complaints by chunk, by the first strike of their key, and by what is seen first."""
    begins = strikes.place[strikes.starts]
    rows = [
        (int(messages.chunk[at]), int(begins[key]), fault.stage, at, fault.code)
        for fault in faults
        for at, key in zip(fault.place.tolist(), fault.key.tolist(), strict=True)
    ]
    for chunk, _, _, at, code in sorted(rows):
        yield Complaint(code, chunk, int(messages.offset[at]))
