"""MusicNet's `.npz`: the labels of every piece, without its audio."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from textmusic.errors import FormatError, Issue
from textmusic_musicnet._labels import Label, label_of
from textmusic_musicnet._pickle import Record, read_pickle

__all__ = ["read_npz"]

_MAGIC = b"\x93NUMPY"
_MOST_PIECES = 10_000
_MOST_HEADER = 1 << 16
_MOST_SKIPPED = 1 << 36
_BLOCK = 1 << 16
_DTYPES = {
    "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
    "f2": "e", "f4": "f", "f8": "d",
}  # fmt: skip


class _Member:
    """The bytes of one member of the archive, read forwards.

    A member that is stored, not compressed, is read from the file itself, so that what is skipped
    is never touched.
    """

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: IO[bytes]) -> None:
        self._left = min(info.file_size, _MOST_SKIPPED)
        self._buffer = b""
        self._at = 0
        self._is_stored = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1
        if self._is_stored:
            file.seek(info.header_offset)
            head = file.read(30)
            if len(head) < 30 or head[:4] != b"PK\x03\x04":
                raise FormatError("the archive is damaged")
            name, extra = struct.unpack("<HH", head[26:30])
            file.seek(name + extra, 1)
            self._file = file
        else:
            self._file = archive.open(info)

    def read(self, size: int) -> bytes:
        if len(self._buffer) - self._at < size:
            want = min(max(size, _BLOCK), self._left)
            more = self._file.read(want)
            self._left -= len(more)
            self._buffer = self._buffer[self._at :] + more
            self._at = 0
        data = self._buffer[self._at : self._at + size]
        self._at += len(data)
        return data

    def skip(self, size: int) -> None:
        here = min(size, len(self._buffer) - self._at)
        self._at += here
        size -= here
        if size > self._left:
            raise FormatError("the pickled labels are cut off")
        self._left -= size
        if self._is_stored:
            self._file.seek(size, 1)
            return
        while size:
            data = self._file.read(min(size, _BLOCK))
            if not data:
                raise FormatError("the pickled labels are cut off")
            size -= len(data)


def read_npz(file: IO[bytes]) -> tuple[list[tuple[str, list[Label]]], tuple[Issue, ...]]:
    """Return the labels of each piece of an archive by its id.

    Raises:
        FormatError: it is no such archive, is damaged, or its pickles name what labels do not
            need.
    """
    pieces: list[tuple[str, list[Label]]] = []
    bad = 0
    try:
        with zipfile.ZipFile(file) as archive:
            members = [i for i in archive.infolist() if i.filename.endswith(".npy")]
            if len(members) > _MOST_PIECES:
                raise FormatError(f"an archive of {len(members)} arrays is not MusicNet")
            for info in members:
                name = info.filename.removesuffix(".npy")
                try:
                    found, lost = _labels(_Member(archive, info, file))
                except FormatError as error:
                    raise FormatError(f"{info.filename}: {error}") from error
                bad += lost
                if found:
                    pieces.append((name, found))
    # zipfile lets the errors of its parts through
    except (
        *(zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, struct.error),
        *(ValueError, RuntimeError, NotImplementedError, IndexError, OverflowError),
    ) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"not an npz archive: {error}") from error
    if not pieces:
        raise FormatError("the archive holds no MusicNet labels")
    if not bad:
        return pieces, ()
    message = f"{bad} intervals that are no labels are left out"
    return pieces, (Issue("musicnet.interval", message, severity="warning"),)


def _labels(member: _Member) -> tuple[list[Label], int]:
    """Return the labels of one array in order of time, and how many intervals are none."""
    head = member.read(8)
    if head[:6] != _MAGIC or len(head) < 8:
        raise FormatError("not a numpy array")
    layout = "<H" if head[6] == 1 else "<I"
    (size,) = struct.unpack(layout, member.read(struct.calcsize(layout)))
    if size > _MOST_HEADER:
        raise FormatError("a damaged numpy header")
    header = member.read(size)
    if b"|O" not in header:
        raise FormatError("an array of numbers, not of (audio, labels)")
    _, records = read_pickle(member)
    found: list[Label] = []
    bad = 0
    for start, end, data in _intervals(records):
        label = None
        if isinstance(data, tuple) and len(data) >= 5:
            cells = [_plain(cell) for cell in (start, end, *data[:5])]
            label = label_of(cells)
        if label:
            found.append(label)
        else:
            bad += 1
    return sorted(found), bad


def _intervals(records: list[Record]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield the (start, end, data) of all intervals, however their pickle makes them."""
    for record in records:
        args = record.args
        if record.name == "_reconstructor" and len(args) == 3 and isinstance(args[2], tuple):
            args = args[2]
        elif record.name != "Interval":
            continue
        if len(args) == 3:
            yield args[0], args[1], args[2]


def _plain(value: Any) -> object:
    """Return a number or text, also of a numpy scalar; None for anything else."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (int, float, str)):
        return value
    if not (isinstance(value, Record) and value.name == "scalar" and len(value.args) == 2):
        return None
    dtype, data = value.args
    if isinstance(data, Record) and data.name == "encode" and data.args:
        data = data.args[0]
    data = data.encode("latin-1", "replace") if isinstance(data, str) else data
    if not (isinstance(dtype, Record) and dtype.args and isinstance(data, bytes)):
        return None
    kind = dtype.args[0] if isinstance(dtype.args[0], str) else ""
    order = ">" if isinstance(dtype.state, tuple) and ">" in dtype.state else "<"
    layout = order + _DTYPES.get(kind, "")
    if len(layout) == 1 or struct.calcsize(layout) != len(data):
        return data.decode("latin-1")
    return struct.unpack(layout, data)[0]
