"""Contiguous streams over the ids of a corpus, which may be larger than memory."""

from __future__ import annotations

import hashlib
import math
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY
from textmusic.errors import CorpusError

__all__ = ["CHUNK", "Ids", "Streams", "Text", "Window"]

Ids: TypeAlias = NDArray[np.integer[Any]]
CHUNK = 1 << 20
"""Ids looked at together where a whole text is gone through."""


@dataclass(frozen=True, slots=True)
class Window:
    """One step's characters: what the model reads and what it should have said, each (T, B)."""

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]


class Text:
    """The ids of documents in one array: boundary, document, boundary, document … boundary.

    Args:
        ids: 1-D, integers; may be a `numpy.memmap`.
        vocabulary: number of ids there are.
        checked: another process has gone through them; they are not read again.

    Raises:
        CorpusError: the array has another shape, holds no character, or ids out of range.
    """

    def __init__(self, ids: Ids, vocabulary: int, *, checked: bool = False) -> None:
        if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer):
            raise CorpusError(f"ids are one row of integers, not {ids.ndim}-D {ids.dtype}")
        if len(ids) < 3:
            raise CorpusError(f"a text of {len(ids)} ids holds nothing to learn; add documents")
        if ids[0] != BOUNDARY or ids[-1] != BOUNDARY:
            raise CorpusError("the ids of a corpus start and end with the document boundary, id 0")
        self.ids = ids
        self.vocabulary = vocabulary
        if not checked and not self.counts[1:].any():
            raise CorpusError("the documents hold no character; there is nothing to learn")

    def __len__(self) -> int:
        """Return the number of predictions: every character and every document's end."""
        return len(self.ids) - 1

    @cached_property
    def _scan(self) -> tuple[NDArray[np.int64], str]:
        counts = np.zeros(self.vocabulary, np.int64)
        digest = hashlib.sha256()
        for chunk in self.chunks():
            if int(chunk.max()) >= self.vocabulary or int(chunk.min()) < 0:
                raise CorpusError(
                    f"the ids reach {int(chunk.max())} but the alphabet has {self.vocabulary} ids; "
                    "build the corpus with this codec"
                )
            counts += np.bincount(chunk, minlength=self.vocabulary)
            digest.update(chunk.astype("<u2").tobytes())
        return counts, digest.hexdigest()

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each id is to be predicted."""
        counts = self._scan[0].copy()
        counts[BOUNDARY] -= 1
        return counts

    @property
    def hash(self) -> str:
        """SHA-256 of the ids as little-endian 16-bit numbers."""
        return self._scan[1]

    @property
    def baseline(self) -> float:
        """Bits a character of a model that knows the frequencies only (order-0 entropy)."""
        counts = self.counts[self.counts > 0]
        shares = counts / counts.sum()
        return float(-(shares * np.log2(shares)).sum())

    def chunks(self) -> Iterator[Ids]:
        """Yield the ids piece by piece, in bounded memory."""
        for start in range(0, len(self.ids), CHUNK):
            yield self.ids[start : start + CHUNK]
            self.release()

    def release(self) -> None:
        """Give back the memory of pages read from a mapped file."""
        base: Any = self.ids
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            base.madvise(mmap.MADV_DONTNEED)

    def excerpt(self, chars: int, parts: int = 16) -> Text:
        """Return about `chars` characters in whole documents, from places spread evenly."""
        if chars >= len(self):
            return self
        pieces, end = [], 0
        for part in range(parts):
            start = self._boundary(max(end, part * len(self) // parts))
            end = self._boundary(min(start + max(1, chars // parts), len(self)))
            pieces.append(np.asarray(self.ids[start:end]))
        return Text(np.append(np.concatenate(pieces), BOUNDARY), self.vocabulary)

    def _boundary(self, place: int) -> int:
        """Return the place of the first boundary from `place` on."""
        for start in range(place, len(self.ids), CHUNK):
            found = np.flatnonzero(self.ids[start : start + CHUNK] == BOUNDARY)
            if len(found):
                return start + int(found[0])
        return len(self)


class Streams:
    """B readers side by side, each going round the whole text for ever.

    The text is a ring, since it starts and ends with a boundary. Reader b starts at b/B of it and
    simply reads on, so that the state it carries is always that of the characters just before,
    also from one epoch to the next, and a place in the training is one number. Each start is
    shifted by a random part of a window: a place is read by another reader in each epoch, hence
    with other window borders.

    Args:
        text: what is read.
        batch: readers, fewer if there are fewer windows than that.
        window: characters a reader takes each time.
        seed: of the shifts.
    """

    def __init__(self, text: Text, batch: int, window: int, seed: int) -> None:
        self.text = text
        self.window = window
        self.batch = min(batch, max(1, len(text) // window))
        shifts = np.random.default_rng([seed, 0]).integers(0, window, self.batch)
        self._starts = np.arange(self.batch) * len(text) // self.batch + shifts

    @property
    def chars(self) -> int:
        """Characters a step reads."""
        return self.batch * self.window

    def steps(self, epochs: float) -> int:
        """Return the steps in which `epochs` times the whole text is read, at least 1."""
        return max(1, math.ceil(epochs * len(self.text) / self.chars))

    def read(self, step: int, share: slice = slice(None)) -> Window:
        """Return the window of a step, counted from 0: all streams, or a share of them."""
        places = self._starts[share] + step * self.window
        spots = places + np.arange(self.window + 1)[:, np.newaxis]
        rows = self.text.ids[spots % len(self.text)].astype(np.int64)  # (T + 1, B)
        if step % 64 == 63:
            self.text.release()
        return Window(rows[:-1], rows[1:])
