"""Files of the same content are read once by a process."""

from __future__ import annotations

import pytest

from textmusic.corpus import build
from textmusic.corpus._records import Batch, Entry, Found, Item
from textmusic.corpus._seen import Seen
from textmusic.registry import codecs

ABC = codecs.get("abc")()
KEY = ("abc", b"digest")


def batch(message: str = "nothing to learn", ids: bytes = b"abc") -> Batch:
    found = Found(1, 0, 0, 0, ((0, ids),), 3, 1, b"mark")
    return Batch([found], [Entry("quarantined", "one.abc", 3, "a.code", message)])


def test_a_copy_of_a_file_is_read_as_itself(tmp_path):
    seen = Seen(1 << 20)
    seen.put(KEY, Item(1, tmp_path / "one.abc"), batch())
    again = seen.get(KEY, Item(7, tmp_path / "two.abc"))
    assert [one.file for one in again.found] == [7]
    assert [entry.file for entry in again.entries] == [str(tmp_path / "two.abc")]
    assert (again.files, again.last) == (1, "two.abc")
    assert seen.get(("abc", b"other"), Item(7, tmp_path / "two.abc")) is None


def test_what_another_file_would_not_give_is_not_kept(tmp_path):
    seen, item = Seen(1 << 20), Item(1, tmp_path / "one.abc")
    seen.put(KEY, item, batch(f"cannot read {item.path}"))
    passing = batch()
    passing.lasting = False
    seen.put(KEY, item, passing)
    assert seen.get(KEY, item) is None


def test_memory_is_bounded(tmp_path):
    seen, item = Seen(100_000), Item(1, tmp_path / "one.abc")
    for number in range(40):
        seen.put(("abc", bytes([number])), item, batch(ids=bytes(10_000)))
    known = [seen.get(("abc", bytes([number])), item) for number in range(40)]
    assert known[39] is not None
    assert sum(one is not None for one in known) < 10


@pytest.mark.parametrize("workers", [1, 2])
def test_copies_of_a_file_are_documents_found_more_often(tmp_path, workers):
    folder = tmp_path / "books"
    folder.mkdir()
    for number, notes in enumerate(("CDEFGABc", "cBAGFEDC", "CDEFGABc", "CDEFGABc", "")):
        (folder / f"{number}.abc").write_text(f"X:1\nM:4/4\nL:1/8\nK:C\n{notes}|\n")
    (folder / "other.abc").write_text((folder / "4.abc").read_text())
    options = {"workers": workers, "cache": False}
    corpus = build([folder], ABC, tmp_path / "out", valid=0, **options)
    assert sorted(document.copies for document in corpus.documents()) == [1, 3]
    empty = [str(folder / "4.abc"), str(folder / "other.abc")]
    assert [entry.file for entry in corpus.report()] == empty
