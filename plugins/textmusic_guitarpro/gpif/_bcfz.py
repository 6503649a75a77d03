"""The packed container of Guitar Pro 6: a stream of bits (`BCFZ`) around sectors (`BCFS`).

Source: the layout as public readers of the format describe it, checked on 78 real files.
"""

from __future__ import annotations

import struct

from textmusic.errors import FormatError

__all__ = ["gpif_of_sectors", "unpacked"]

_MOST_UNPACKED = 8 << 20
"""Twelve times the largest of 78 real files."""
_CUT = 3
"""Bytes that a packer may leave out at the end: real ones cut their last literal off."""
_SECTOR = 4096
_SIZE, _LIST = 0x8C, 0x94
"""Places in the sector that describes a file: its size, and the list of its sectors."""
_DIRECTORY, _FILE = 1, 2
_MAIN = "score.gpif"
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_CHUNK = 64


def unpacked(data: bytes) -> bytes:
    """Return the sectors (from `BCFS` on) that a `BCFZ` file packs.

    A packer may stop within its last token, a literal of at most three bytes.

    Raises:
        FormatError: it is cut off, announces too much, or copies from before its start.
    """
    if len(data) < 8:
        raise FormatError("the Guitar Pro 6 file is cut off in its first bytes")
    (length,) = struct.unpack_from("<I", data, 4)
    if length > _MOST_UNPACKED:
        raise FormatError(
            f"the Guitar Pro 6 file announces {length} bytes; at most {_MOST_UNPACKED} are read"
        )
    out = _tokens(data, length)
    if len(out) < length - _CUT:
        raise FormatError(
            f"the Guitar Pro 6 file is cut off: {len(out)} of {length} bytes can be unpacked"
        )
    return bytes(out[:length])


def _tokens(data: bytes, length: int) -> bytearray:
    """Copy and insert bytes until `length` is reached or the bits end.

    `window` holds bits read ahead, the next one on top. A token takes at most 35 bits.
    """
    out = bytearray()
    window = bits = 0
    left = length // 2 + _SECTOR * 16  # tokens; real ones give nine bytes each
    place = 8
    while len(out) < length:
        if bits < 35 and place < len(data):
            chunk = data[place : place + _CHUNK]
            place += len(chunk)
            window = (window & ((1 << bits) - 1)) << 8 * len(chunk) | int.from_bytes(chunk, "big")
            bits += 8 * len(chunk)
        if bits < 3:
            break
        if window >> bits - 1 & 1:
            width = window >> bits - 5 & 15 if bits >= 5 else 0
            bits -= 5 + 2 * width
            if bits < 0:
                break
            distance = _mirrored(window >> bits + width, width)
            _copy(out, distance, _mirrored(window >> bits, width))
        else:
            count = _mirrored(window >> bits - 3, 2)
            bits -= 3 + 8 * count
            if bits < 0:
                break
            out += (window >> bits & (1 << 8 * count) - 1).to_bytes(count, "big")
        left -= 1
        if left < 0:
            raise FormatError("the Guitar Pro 6 file is damaged: it unpacks to next to nothing")
    return out


def _mirrored(value: int, width: int) -> int:
    """The lowest `width` (at most 15) bits of a value, in opposite order."""
    return (_MIRRORED[value & 255] << 8 | _MIRRORED[value >> 8 & 255]) >> 16 - width


def _copy(out: bytearray, distance: int, length: int) -> None:
    """Append `length` bytes that start `distance` before the end, as LZ77 does."""
    start = len(out) - distance
    if start < 0 or (distance == 0 and length):
        raise FormatError(
            f"the Guitar Pro 6 file is damaged: byte {len(out)} is copied from {distance} before it"
        )
    if length <= distance:
        out += out[start : start + length]
    else:
        block = bytes(out[start:])
        out += (block * (length // distance + 1))[:length]


def gpif_of_sectors(data: bytes) -> bytes:
    """Return the file `score.gpif` of a `BCFS` container.

    Raises:
        FormatError: there is none, or it is damaged.
    """
    body = memoryview(data)[4:]
    for sector in _entries(body):
        place = sector * _SECTOR
        if _number(body, place) != _FILE:
            continue
        name = bytes(body[place + 4 : place + 131]).partition(b"\0")[0]
        if name.decode("utf-8", "replace").rpartition("/")[2] == _MAIN:
            return _content(body, sector)
    raise FormatError(f"the Guitar Pro 6 file holds no {_MAIN}")


def _entries(body: memoryview) -> list[int]:
    """The sectors that describe files: those the root directory lists, or any that look so."""
    every = range(1, (len(body) - _LIST) // _SECTOR + 1) if len(body) > _LIST else range(0)
    if 1 in every and _number(body, _SECTOR) == _DIRECTORY:
        listed = _content(body, 1)
        found = [number for (number,) in struct.iter_unpack("<i", listed[: len(listed) & ~3])]
        if found and all(number in every for number in found):
            return found
    return list(every)


def _content(body: memoryview, sector: int) -> bytes:
    """Join the sectors that the one describing a file lists, and cut them to its size."""
    start = sector * _SECTOR
    size = _number(body, start + _SIZE)
    parts = []
    for place in range(start + _LIST, start + _SECTOR, 4):
        number = _number(body, place)
        if number <= 0:
            break
        if number * _SECTOR >= len(body):
            raise FormatError(f"the Guitar Pro 6 file is cut off: it has no sector {number}")
        parts.append(body[number * _SECTOR : (number + 1) * _SECTOR])
    joined = b"".join(parts)
    if not 0 <= size <= len(joined):
        raise FormatError(
            f"the Guitar Pro 6 file is damaged: {len(joined)} of {size} bytes are there"
        )
    return joined[:size]


def _number(body: memoryview, place: int) -> int:
    """The signed 32-bit number at a place; 0 behind the end."""
    if place + 4 > len(body):
        return 0
    return int.from_bytes(body[place : place + 4], "little", signed=True)
