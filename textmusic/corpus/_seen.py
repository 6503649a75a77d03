"""Files of the same content are read once by a process: large collections hold many of them."""

from __future__ import annotations

import dataclasses
from collections import Counter

from textmusic.corpus._records import Batch, Item

__all__ = ["Seen"]

_OVERHEAD = 1 << 10
"""Bytes that anything takes besides its text, about."""


class Seen:
    """What became of the files that this process has read.

    Args:
        most: bytes to keep; when there is more, all is forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._batches: dict[tuple[str, bytes], Batch] = {}

    def get(self, key: tuple[str, bytes], item: Item) -> Batch | None:
        """Return what became of a file of this content, as if it had been read from another."""
        batch = self._batches.get(key)
        if batch is None:
            return None
        return Batch(
            [dataclasses.replace(found, file=item.file) for found in batch.found],
            [dataclasses.replace(entry, file=str(item.path)) for entry in batch.entries],
            Counter(batch.counts),
            int(item.last),
            item.path.name,
        )

    def put(self, key: tuple[str, bytes], item: Item, batch: Batch) -> None:
        """Keep what became of a file, unless another one would fare otherwise."""
        if not batch.lasting or any(str(item.path) in entry.message for entry in batch.entries):
            return
        data = sum(len(text) for found in batch.found for _, text in found.variants)
        self._size += data + _OVERHEAD * (1 + len(batch.found) + len(batch.entries))
        if self._size > self._most:
            self._batches.clear()
            self._size = 0
        self._batches[key] = batch
