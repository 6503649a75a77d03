"""A walk over the events of all track chunks of a MIDI file at once.

Where an event ends depends on where it begins: that is the one thing done event by event. From each
byte on, numpy says beforehand how long a channel message would be that begins there; the walk adds
up these lengths. Times, statuses and data bytes of all events are then taken together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textmusic.errors import FormatError
from textmusic_midi._smf import META, Chunk, TruncatedError, read_length

__all__ = ["Messages", "Meta", "Walked", "walk"]

Ints = npt.NDArray[np.int64]

_END_OF_TRACK = 0x2F
_LONGEST_MESSAGE = 7
"""Four bytes of time, a status, two of data."""
_BEHIND_TIME = np.zeros(256, np.uint8)
"""How many bytes follow the time of an event, by its first byte behind the time: a data byte stands
for two under running status. 0 where one must look closer: messages of one data byte, which change
what running status means, and those that are no channel messages."""
_BEHIND_TIME[:0x80] = 2
_BEHIND_TIME[0x80:0xC0] = 3
_BEHIND_TIME[0xE0:0xF0] = 3


class Messages(NamedTuple):
    """The channel messages of a file, chunk by chunk, in order.

    The number of the chunk from 0; ticks since its start; status byte; one or two data bytes; byte
    offset in the file.
    """

    chunk: Ints
    tick: Ints
    status: Ints
    first: Ints
    second: Ints
    offset: Ints


class Meta(NamedTuple):
    """A meta event: the number of its chunk, ticks, type, payload, byte offset in the file."""

    chunk: int
    tick: int
    kind: int
    data: bytes
    offset: int


class Walked(NamedTuple):
    """What a walk found, the tick of each chunk's last event, and chunks that end within one."""

    messages: Messages
    metas: list[Meta]
    ends: list[int]
    cut: frozenset[int]


def walk(data: bytes, chunks: Sequence[Chunk]) -> Walked:
    """Return the events of all chunks.

    Raises:
        FormatError: bytes that no MIDI file may hold, with their offset and chunk.
    """
    walker = _Walker(data, chunks)
    for number, chunk in enumerate(chunks):
        if not walker.go(number, chunk):
            break
    return walker.walked()


class _Walker:
    """Walks chunk after chunk; an error waits for those that stand before it in the file."""

    def __init__(self, data: bytes, chunks: Sequence[Chunk]) -> None:
        self._data = data
        self._bytes = np.frombuffer(data + bytes(8), np.uint8)
        self._times = _time_sizes(self._bytes, len(data))
        self._sizes = self._message_sizes(chunks)
        self._starts: list[int] = []
        self._bounds = [0]
        self._metas: list[tuple[int, int, bytes]] = []
        self._cut: set[int] = set()
        self._error: FormatError | None = None
        self._is_short = False

    def _message_sizes(self, chunks: Sequence[Chunk]) -> bytes:
        """The length of a channel message that begins at each byte; 0 to look closer."""
        count = len(self._data)
        behind = self._bytes[1 : count + 1].copy()
        (late,) = np.nonzero(self._times > 1)
        behind[late] = self._bytes[late + self._times[late]]
        sizes = _BEHIND_TIME[behind]
        sizes += self._times * (sizes > 0)
        sizes[self._times > 4] = 0
        for chunk in chunks:
            sizes[max(chunk.start, chunk.end - _LONGEST_MESSAGE) : chunk.end] = 0
        return sizes.tobytes()

    def go(self, number: int, chunk: Chunk) -> bool:
        """Walk through a chunk; return whether to go on with the next."""
        position, end, sizes, add = chunk.start, chunk.end, self._sizes, self._starts.append
        self._is_short = False
        try:
            while 0 <= position < end:
                while size := sizes[position]:
                    add(position)
                    position += size
                position = self._event(position, end)
                while self._is_short and 0 <= position < end:
                    position = self._event(position, end)
        except TruncatedError:
            self._cut.add(number)
        except FormatError as error:
            self._error = error
        self._bounds.append(len(self._starts))
        return self._error is None

    def _event(self, position: int, end: int) -> int:
        """Take one event, whatever it is; return where the next begins, -1 at the end of track."""
        data, start = self._data, position
        _, position = read_length(data, position, end, start)
        if position >= end:
            raise TruncatedError
        status = data[position]
        if status >= 0xF0:
            return self._other(start, position, end)
        if status >= 0x80:
            self._is_short = status & 0xE0 == 0xC0
            position += 1
        position += 1 if self._is_short else 2
        if position > end:
            if status < 0x80 and not self._has_status():
                raise FormatError(_no_status(start, status))
            raise TruncatedError
        self._starts.append(start)
        return position

    def _other(self, start: int, position: int, end: int) -> int:
        """Take a meta or system-exclusive event whose status is at `position`."""
        data = self._data
        status = data[position]
        if status not in {0xF0, 0xF7, META}:
            raise FormatError(f"byte {start}: status 0x{status:02X} has no place in a MIDI file")
        if status == META and position + 1 >= end:
            raise TruncatedError
        size, body = read_length(data, position + (2 if status == META else 1), end, start)
        if body + size > end:
            raise TruncatedError
        if status == META:
            kind = data[position + 1]
            if kind == _END_OF_TRACK:
                return -1
            self._metas.append((len(self._starts), kind, data[body : body + size]))
        self._starts.append(start)
        return body + size

    def _has_status(self) -> bool:
        """Whether a channel message stands before in this chunk; the first names its status."""
        places = self._starts[self._bounds[-1] :]
        return any(self._data[at + int(self._times[at])] < 0xF0 for at in places)

    def walked(self) -> Walked:
        """Return what was found.

        Raises:
            FormatError: the first damage of the file.
        """
        starts = np.array(self._starts, np.int64)
        bounds = np.array(self._bounds)
        counts = np.diff(bounds)
        chunk = np.repeat(np.arange(len(counts)), counts)
        tick = self._ticks(starts, bounds, counts)
        place = starts + self._times[starts]
        own = self._bytes[place]
        status = self._statuses(own, bounds[chunk])
        channel = own < 0xF0
        place += own >= 0x80
        first, second = self._bytes[place], self._bytes[place + 1]
        second = np.where((status & 0xE0) == 0xC0, 0, second)
        self._check(channel & (status == 0), channel & ((first | second) > 0x7F),
                    (chunk, starts, own, np.maximum(first, second)))  # fmt: skip
        (chosen,) = np.nonzero(channel)
        columns = (chunk, tick, status, first, second, starts)
        messages = Messages(*(column[chosen].astype(np.int64, copy=False) for column in columns))
        metas = [
            Meta(int(chunk[at]), int(tick[at]), kind, data, int(starts[at]))
            for at, kind, data in self._metas
        ]
        ends = _last_ticks(tick, (own != 0xF0) & (own != 0xF7), bounds)
        return Walked(messages, metas, ends, frozenset(self._cut))

    def _ticks(self, starts: Ints, bounds: Ints, counts: Ints) -> Ints:
        """The time of each event since the start of its chunk."""
        delta = (self._bytes[starts] & 0x7F).astype(np.int64)
        times = self._times[starts]
        for size in (2, 3, 4):
            (longer,) = np.nonzero(times >= size)
            if not len(longer):
                break
            byte = self._bytes[starts[longer] + (size - 1)]
            delta[longer] = delta[longer] << 7 | byte & 0x7F
        total = np.concatenate(([0], np.cumsum(delta)))
        ticks: Ints = total[1:] - np.repeat(total[bounds[:-1]], counts)
        return ticks

    def _statuses(self, own: npt.NDArray[np.uint8], begin: Ints) -> Ints:
        """The status of each channel message, the running one where it has none; 0 if none runs."""
        index = np.arange(len(own))
        named = np.where((own >= 0x80) & (own < 0xF0), index, -1)
        last = np.maximum.accumulate(named)
        return np.where(last >= begin, own[last], 0)

    def _check(
        self,
        unknown: npt.NDArray[np.bool_],
        wrong: npt.NDArray[np.bool_],
        columns: tuple[Ints, ...],
    ) -> None:
        """Raise the first error of the file, if there is one."""
        (bad,) = np.nonzero(unknown | wrong)
        if len(bad):
            number, offset, own, byte = (int(column[bad[0]]) for column in columns)
            if unknown[bad[0]]:
                raise FormatError(f"track chunk {number + 1}, {_no_status(offset, own)}")
            message = f"byte {offset}: a data byte of {byte}; MIDI has 0…127"
            raise FormatError(f"track chunk {number + 1}, {message}")
        if self._error:
            number = len(self._bounds) - 1
            raise FormatError(f"track chunk {number}, {self._error}") from self._error


def _time_sizes(data: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.uint8]:
    """How many bytes a time has that begins at each of the first bytes; 5 where that is too many."""
    follows = data >= 0x80
    sizes = np.ones(count, np.uint8)
    going = follows[:count]
    for ahead in (1, 2, 3, 4):
        sizes += going
        going = going & follows[ahead : count + ahead]
    return sizes


def _no_status(offset: int, byte: int) -> str:
    return f"byte {offset}: a data byte ({byte}) before any status"


def _last_ticks(tick: Ints, counted: npt.NDArray[np.bool_], bounds: Ints) -> list[int]:
    """The tick of the last event of each chunk that counts; 0 where there is none."""
    last = np.maximum.accumulate(np.where(counted, np.arange(len(tick)), -1))
    return [
        int(tick[last[stop - 1]]) if stop > start and last[stop - 1] >= start else 0
        for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ]
