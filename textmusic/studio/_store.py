"""What was kept, in an SQLite file: on disk before anyone is told that it is kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textmusic.errors import ConfigError

__all__ = ["Kept", "Store"]

_APPLICATION = 0x74786D75  # "txmu"
_TABLE = """
CREATE TABLE kept (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    made TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    title TEXT NOT NULL,
    codec TEXT NOT NULL,
    text TEXT NOT NULL,
    provenance TEXT NOT NULL,
    card TEXT NOT NULL,
    detail TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
)
"""
_COLUMNS = "id, title, codec, text, provenance, card, detail, removed"


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece that was kept.

    Args:
        id: from 1; never given twice.
        title: that a person gave it.
        codec: name and config of the codec of the text.
        text: the music.
        provenance: which model wrote it, and how.
        card, detail: what the page shows of it.
        removed: whether it was taken off the shelf.
    """

    id: int
    title: str
    codec: dict[str, Any]
    text: str
    provenance: str
    card: dict[str, Any]
    detail: dict[str, Any]
    removed: bool = False


class Store:
    """The shelf. Each call opens the file anew, so that any thread may call.

    Args:
        path: of the file; it is made where there is none.

    Raises:
        ConfigError: the file is something else, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with self._opened() as base:
                base.execute("BEGIN IMMEDIATE")
                kind = base.execute("PRAGMA application_id").fetchone()[0]
                empty = not base.execute("SELECT 1 FROM sqlite_schema").fetchone()
                if kind == 0 and empty:
                    base.execute(_TABLE)
                    base.execute(f"PRAGMA application_id = {_APPLICATION}")
                elif kind != _APPLICATION:
                    raise ConfigError(f"{path}: holds something else; name another file")
            with self._opened() as base:
                base.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            raise ConfigError(f"{path}: cannot be used to keep music: {error}") from error

    def add(self, title: str, codec: dict[str, Any], piece: dict[str, Any], provenance: str) -> int:
        """Put a piece on the shelf, and return its number.

        Args:
            title: that a person gave it.
            codec: name and config.
            piece: its ``text``, ``card`` and ``detail``.
            provenance: which model wrote it, and how.
        """
        values = [json.dumps(each) for each in (codec, piece["card"], piece["detail"])]
        with self._opened() as base:
            row = base.execute(
                "INSERT INTO kept (title, codec, card, detail, text, provenance)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (title, *values, piece["text"], provenance),
            )
            return int(row.lastrowid or 0)

    def remove(self, number: int, *, removed: bool) -> bool:
        """Take a piece off the shelf, or put it back; whether there is such a piece."""
        with self._opened() as base:
            done = base.execute("UPDATE kept SET removed = ? WHERE id = ?", (removed, number))
            return done.rowcount == 1

    def find(self, number: int) -> Kept | None:
        """Return a piece, also one that was taken off the shelf."""
        with self._opened() as base:
            query = f"SELECT {_COLUMNS} FROM kept WHERE id = ?"  # noqa: S608 - our own names
            row = base.execute(query, (number,)).fetchone()
        return _kept(row) if row else None

    def all(self) -> list[Kept]:
        """Return what is on the shelf, the oldest first."""
        with self._opened() as base:
            query = f"SELECT {_COLUMNS} FROM kept WHERE NOT removed ORDER BY id"  # noqa: S608 - our own names
            return [_kept(row) for row in base.execute(query)]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=10)) as base, base:
            yield base


def _kept(row: tuple[Any, ...]) -> Kept:
    number, title, codec, text, provenance, card, detail, removed = row
    return Kept(
        number, title, json.loads(codec), text, provenance,
        json.loads(card), json.loads(detail), bool(removed),
    )  # fmt: skip
