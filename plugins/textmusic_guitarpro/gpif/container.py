"""From the bytes of a Guitar Pro 6, 7 or 8 file to its `score.gpif`, and back.

Only that one entry is unpacked, no entry's name is used as a path, and all limits count bytes
that were really produced.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textmusic.errors import FormatError
from textmusic_guitarpro.gpif._bcfz import gpif_of_sectors, unpacked

__all__ = ["gpif_of", "zipped"]

_MOST_GPIF = 64 << 20
_MOST_ENTRIES = 10_000
_MOST_RATIO = 200
"""Produced bytes a packed byte; 40 is the most in 210 real files. A mebibyte is always allowed."""
_TAIL = struct.Struct("<4s4H2IH")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_STORED, _DEFLATED = 0, 8
_MAIN = "Content/score.gpif"
_ZIP = b"PK\x03\x04"
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def gpif_of(data: bytes) -> bytes:
    """Return `score.gpif`, the XML that holds the music, by the first bytes of a file.

    Raises:
        FormatError: another kind of file, or a damaged one.
    """
    if data[:4] == b"BCFZ":
        data = unpacked(data)
    if data[:4] == b"BCFS":
        return gpif_of_sectors(data)
    if data[:4] == _ZIP:
        return _gpif_of_zip(data)
    raise FormatError(_refusal(data))


def _refusal(data: bytes) -> str:
    """Name what a file is that is no container of these."""
    if not data:
        return "the file is empty"
    if b"GUITAR PRO" in data[:31] or b"CLIPBOARD GP" in data[:31]:
        return "a Guitar Pro 3, 4 or 5 file (.gp3, .gp4, .gp5), not Guitar Pro 6, 7 or 8"
    if data[:2] == b"PK":
        return "an empty or split zip, not a Guitar Pro file"
    return "not a Guitar Pro 6, 7 or 8 file: it begins neither as BCFZ or BCFS nor as a zip"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the list at the end of a zip says of one file in it."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    offset: int


def _gpif_of_zip(data: bytes) -> bytes:
    entries = [entry for entry in _entries(data) if entry.name.rpartition("/")[2] == "score.gpif"]
    if not entries:
        raise FormatError("a zip without score.gpif, so no Guitar Pro file")
    return _content(data, max(entries, key=lambda entry: entry.name == _MAIN))


def _entries(data: bytes) -> Iterator[_Entry]:
    """Yield the files that a zip lists; Python's own reader would first list millions."""
    tail = data.rfind(b"PK\x05\x06", max(0, len(data) - 0xFFFF - _TAIL.size))
    if tail < 0 or len(data) - tail < _TAIL.size:
        raise FormatError("the Guitar Pro file is cut off: the zip has no list of files")
    *_, count, _size, place, _ = _TAIL.unpack_from(data, tail)
    if count > _MOST_ENTRIES:
        raise FormatError(f"the zip lists {count} files; at most {_MOST_ENTRIES} are read")
    for _ in range(count):
        if place + _ENTRY.size > tail or data[place : place + 4] != b"PK\x01\x02":
            raise FormatError("the Guitar Pro file is damaged: the zip's list of files is broken")
        (_, _, _, flags, method, _, _, crc, packed, _, name, extra, comment, *_, offset) = (
            _ENTRY.unpack_from(data, place)
        )
        place += _ENTRY.size
        text = data[place : place + name].decode("utf-8", "replace").replace("\\", "/")
        yield _Entry(text, flags, method, crc, packed, offset)
        place += name + extra + comment


def _content(data: bytes, entry: _Entry) -> bytes:
    """Return the unpacked bytes of a file in a zip."""
    if entry.flags & 1:
        raise FormatError("the zip is encrypted, so no Guitar Pro file")
    if entry.offset + _LOCAL.size > len(data) or data[entry.offset : entry.offset + 4] != _ZIP:
        raise FormatError("the Guitar Pro file is damaged: score.gpif is not where the zip says")
    *_, name, extra = _LOCAL.unpack_from(data, entry.offset)
    start = entry.offset + _LOCAL.size + name + extra
    packed = memoryview(data)[start : start + entry.packed]
    if len(packed) < entry.packed:
        raise FormatError("the Guitar Pro file is cut off in score.gpif")
    limit = min(_MOST_GPIF, _MOST_RATIO * len(packed) + (1 << 20))
    if entry.method == _STORED:
        content = bytes(packed)
    elif entry.method == _DEFLATED:
        content = _inflated(packed, limit)
    else:
        raise FormatError(f"score.gpif is packed by method {entry.method}, which is not read")
    if len(content) > limit:
        raise FormatError(f"score.gpif unpacks to more than {limit >> 20} MiB: no real music")
    if zlib.crc32(content) != entry.crc:
        raise FormatError("the Guitar Pro file is damaged: score.gpif has a wrong checksum")
    return content


def _inflated(packed: memoryview, limit: int) -> bytes:
    """Unpack deflated bytes, to at most one more than the limit."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(packed, limit + 1)
    except zlib.error as error:
        raise FormatError(f"the Guitar Pro file is damaged: {error}") from error
    if not stream.eof and len(content) <= limit:
        raise FormatError("the Guitar Pro file is cut off in score.gpif")
    return content


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """Return a zip of some files, in their order; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = _UNIX
            archive.writestr(info, content, zipfile.ZIP_DEFLATED, 9)
    return stream.getvalue()
