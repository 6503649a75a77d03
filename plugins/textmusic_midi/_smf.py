"""Standard MIDI Files as bytes: the header, the chunks, numbers of variable length.

Written from the Standard MIDI Files 1.0 specification (MIDI Manufacturers Association, RP-001).
"""

from __future__ import annotations

from dataclasses import dataclass

from textmusic.errors import FormatError

__all__ = [
    "Chunk",
    "Header",
    "TruncatedError",
    "header",
    "pack_length",
    "read_length",
    "tracks",
]

META = 0xFF
_LONGEST = (1 << 28) - 1


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
    """The events of a chunk end in the middle of one; what stands before it is good."""


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


def read_length(data: bytes, position: int, end: int, offset: int) -> tuple[int, int]:
    """Read a variable-length number before `end`; return it and the position behind it.

    Raises:
        FormatError: it has more than 4 bytes; names `offset`, where its event begins.
        TruncatedError: it is not whole.
    """
    value = 0
    for place in range(position, position + 4):
        if place >= end:
            raise TruncatedError
        byte = data[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    raise FormatError(f"byte {offset}: a variable-length number of more than 4 bytes")


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
