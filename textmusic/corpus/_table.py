"""The documents of a corpus in the making: numbers in arrays, texts and fingerprints on disk."""

from __future__ import annotations

import hashlib
import mmap
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from textmusic.corpus._fingerprint import SIZE
from textmusic.corpus._records import Found

__all__ = ["Signatures", "Table"]

_COPY = 1 << 20


class Signatures:
    """Fingerprints in a file, read without keeping them in memory.

    Args:
        path: the file.
        rows: which of its rows to show, in which order.
    """

    def __init__(self, path: Path, rows: NDArray[np.int64]) -> None:
        self.rows = rows
        self._all = np.memmap(path, np.uint16, "r").reshape(-1, SIZE)

    def columns(self, start: int, stop: int) -> NDArray[np.uint16]:
        """Return some columns of all rows."""
        columns = np.array(self._all[:, start:stop])[self.rows]
        self._release()
        return columns

    def similarity(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share of equal numbers for each pair of rows."""
        shares = np.empty(len(a))
        for start in range(0, len(a), 1 << 16):
            part = slice(start, start + (1 << 16))
            one, other = self._all[self.rows[a[part]]], self._all[self.rows[b[part]]]
            shares[part] = (one == other).mean(axis=1)
        self._release()
        return shares

    def _release(self) -> None:
        mapped: Any = self._all._mmap  # type: ignore[attr-defined]  # noqa: SLF001
        if hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)


class Table:
    """Rows of texts (documents and their transpositions) and of documents.

    After `close`, the columns are numpy arrays: for texts `starts`, `lengths` (ids), `semitones`,
    `document` and `hashes`; for documents `file`, `piece`, `offset`, `part`, `notes`, `bars` and `text`
    (the row of the untransposed text).

    Args:
        folder: where to put the files.
        dtype: of the ids.
    """

    def __init__(self, folder: Path, dtype: np.dtype[np.unsignedinteger]) -> None:
        self.dtype = dtype
        self._ids = (folder / "ids.spool").open("w+b")
        self._marks = (folder / "signatures.spool").open("wb")
        self._signatures = folder / "signatures.spool"
        self._size = 0
        self._columns = {
            "starts": array("q"), "lengths": array("q"), "semitones": array("b"),
            "document": array("q"), "hashes": array("Q"),
            "file": array("q"), "piece": array("q"), "offset": array("q"), "part": array("q"),
            "notes": array("q"), "bars": array("q"), "text": array("q"),
        }  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._ids.close()
        self._marks.close()

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._columns["file"])

    def __getitem__(self, column: str) -> NDArray[Any]:
        """Return a column; no rows can be added while it is in use."""
        return np.frombuffer(self._columns[column], self._columns[column].typecode)

    def add(self, found: Found) -> None:
        """Append a document and its transpositions."""
        column = self._columns
        document = len(self)
        column["text"].append(len(column["starts"]))
        for semitones, data in found.variants:
            column["starts"].append(self._size)
            column["lengths"].append(len(data) // self.dtype.itemsize)
            column["semitones"].append(semitones)
            column["document"].append(document)
            digest = hashlib.blake2b(data, digest_size=8).digest()
            column["hashes"].append(int.from_bytes(digest, "big"))
            self._ids.write(data)
            self._size += len(data)
        for name in ("file", "piece", "offset", "part", "notes", "bars"):
            column[name].append(getattr(found, name))
        self._marks.write(found.signature)

    def signatures(self, documents: NDArray[np.int64]) -> Signatures:
        """Return the fingerprints of some documents."""
        self._marks.flush()
        return Signatures(self._signatures, documents)

    def stream(self, texts: Iterable[int]) -> Iterator[bytes]:
        """Yield boundary, text, boundary, text … boundary, as bytes, in pieces of about a MiB."""
        self._ids.flush()
        boundary = bytes(self.dtype.itemsize)
        starts, lengths, width = self["starts"], self["lengths"], self.dtype.itemsize
        piece = bytearray(boundary)
        for row in texts:
            self._ids.seek(int(starts[row]))
            piece += self._ids.read(int(lengths[row]) * width)
            piece += boundary
            if len(piece) > _COPY:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)
