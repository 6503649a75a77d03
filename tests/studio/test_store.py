"""The shelf on disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from textmusic.errors import ConfigError
from textmusic.studio._store import Store

PIECE = {"text": "E0q", "card": {"bars": 1}, "detail": {"midi": ""}}
CODEC = {"name": "guitartab", "config": {}}


def test_what_is_kept_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    number = Store(path).add("'; DROP TABLE kept; --", CODEC, PIECE, "a model")
    (kept,) = Store(path).all()
    assert (kept.id, kept.title, kept.text) == (number, "'; DROP TABLE kept; --", "E0q")
    assert kept.card == PIECE["card"]
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_numbers_are_not_given_twice(tmp_path: Path) -> None:
    store = Store(tmp_path / "kept.sqlite")
    first, second = (store.add("a", CODEC, PIECE, "") for _ in range(2))
    assert store.remove(second, removed=True)
    assert [kept.id for kept in store.all()] == [first]
    assert store.find(second).removed
    assert store.add("b", CODEC, PIECE, "") > second
    assert not store.remove(999, removed=True)
    assert store.find(999) is None


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    words, other = tmp_path / "words.txt", tmp_path / "other.sqlite"
    words.write_text("not a database at all, " * 100)
    with closing(sqlite3.connect(other)) as base, base:
        base.execute("CREATE TABLE theirs (a)")
    before = other.read_bytes()
    for path in (words, other, tmp_path / "no" / "folder.sqlite"):
        with pytest.raises(ConfigError, match=path.name):
            Store(path)
    assert words.read_text().startswith("not a database")
    assert other.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.sqlite", "words.txt"]
