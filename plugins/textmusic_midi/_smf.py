"""Standard MIDI Files as bytes: the chunks, and a walk over the events of one track chunk.

Written from the Standard MIDI Files 1.0 specification (MIDI Manufacturers Association, RP-001).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from textmusic.errors import FormatError

__all__ = [
    "Chunk",
    "Event",
    "Header",
    "TruncatedError",
    "events",
    "header",
    "pack_length",
    "tracks",
]

META = 0xFF
_LONGEST = (1 << 28) - 1


class Event(NamedTuple):
    """One event: absolute tick, status byte, its data, and its byte offset in the file.

    A channel message has its channel in `status`, its data bytes in `first` and `second`. A meta
    event has status 0xFF, its type in `first` and its payload in `data`. Others are not yielded.
    """

    tick: int
    status: int
    first: int
    second: int
    data: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class Header:
    """The file header: format 0…2, ticks per quarter, and where the chunks begin."""

    kind: int
    division: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A track chunk: where its events begin and end, and whether the file ends before it does."""

    start: int
    end: int
    is_cut: bool


class TruncatedError(Exception):
    """The events of a chunk end in the middle of one; what was yielded before is good."""


def header(data: bytes) -> Header:
    """Read the MThd chunk, also inside a RIFF wrapper (.rmi).

    Raises:
        FormatError: it is not a MIDI file, or its times are not counted in quarters.
    """
    if not data:
        raise FormatError("the file is empty")
    start = data.find(b"MThd", 0, 64) if data[:4] == b"RIFF" else 0
    if start < 0 or data[start : start + 4] != b"MThd":
        raise FormatError(f"not a MIDI file: it begins with {data[:4]!r} instead of b'MThd'")
    if len(data) < start + 14:
        raise FormatError(f"the MIDI header is cut off after {len(data)} bytes; it has 14")
    size = int.from_bytes(data[start + 4 : start + 8])
    kind = int.from_bytes(data[start + 8 : start + 10])
    division = int.from_bytes(data[start + 12 : start + 14])
    if size < 6 or kind > 2:
        raise FormatError(f"a damaged MIDI header (length {size}, format {kind})")
    if division & 0x8000:
        frames = 256 - (division >> 8)
        raise FormatError(
            f"times are SMPTE frames ({frames} a second), not parts of a quarter note:"
            " save the file with ticks per quarter"
        )
    if division == 0:
        raise FormatError("the MIDI header says 0 ticks per quarter")
    return Header(kind, division, start + 8 + size)


def tracks(data: bytes, position: int) -> list[Chunk]:
    """Return the MTrk chunks from a byte offset on; other chunks are skipped."""
    found = []
    while position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8])
        start, end = position + 8, position + 8 + size
        if data[position : position + 4] == b"MTrk":
            found.append(Chunk(start, min(end, len(data)), end > len(data)))
        position = end
    return found


def events(data: bytes, chunk: Chunk) -> Iterator[Event]:
    """Yield the channel messages and meta events of a track chunk until its end of track.

    Raises:
        FormatError: bytes that no MIDI file may hold, with their offset.
        TruncatedError: the last event is not whole.
    """
    part = data[chunk.start : chunk.end]
    tick = running = position = 0
    try:
        while position < len(part):
            offset = chunk.start + position
            delta, position = _length(part, position, offset)
            tick += delta
            status = part[position]
            if status >= 0xF0:
                kind = part[position + 1] if status == META else 0
                payload, position = _payload(part, position, status, offset)
                if status == META:
                    if kind == 0x2F:
                        return
                    yield Event(tick, META, kind, 0, payload, offset)
                continue
            if status < 0x80:
                if not running:
                    raise FormatError(f"byte {offset}: a data byte ({status}) before any status")
                status = running
            else:
                position += 1
            running = status
            first, second = part[position], 0
            position += 1
            if status & 0xE0 != 0xC0:
                second = part[position]
                position += 1
            if (first | second) & 0x80:
                raise FormatError(
                    f"byte {offset}: a data byte of {max(first, second)}; MIDI has 0…127"
                )
            yield Event(tick, status, first, second, b"", offset)
    except IndexError:
        raise TruncatedError from None


def _length(part: bytes, position: int, offset: int) -> tuple[int, int]:
    """Read a variable-length number; return it and the position behind it."""
    value = 0
    for _ in range(4):
        byte = part[position]
        position += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position
    raise FormatError(f"byte {offset}: a variable-length number of more than 4 bytes")


def _payload(part: bytes, position: int, status: int, offset: int) -> tuple[bytes, int]:
    """Read the payload of a meta or system-exclusive event."""
    if status not in {0xF0, 0xF7, META}:
        raise FormatError(f"byte {offset}: status 0x{status:02X} has no place in a MIDI file")
    size, position = _length(part, position + (2 if status == META else 1), offset)
    if position + size > len(part):
        raise TruncatedError
    return part[position : position + size], position + size


def pack_length(value: int) -> bytes:
    """Return a number as a variable-length quantity.

    Raises:
        FormatError: it is larger than 2**28 - 1.
    """
    if value > _LONGEST:
        raise FormatError(f"a pause of {value} ticks is longer than a MIDI file can hold")
    packed = [value & 0x7F]
    while value := value >> 7:
        packed.append(value & 0x7F | 0x80)
    return bytes(reversed(packed))
