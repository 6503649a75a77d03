from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import corpus_toys as toys
import pytest

from textmusic.corpus import _cache, build
from textmusic.corpus._records import Item, Recipe
from textmusic.registry import codecs, formats

ABC = codecs.get("abc")()
FILES = ("corpus.json", "train.bin", "valid.bin", "documents.jsonl", "report.jsonl")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    place = tmp_path / "cache"
    monkeypatch.setenv("TEXTMUSIC_CACHE", str(place))
    return place


def tune(number: int) -> str:
    letters = "CDEFGABcdefgab"
    notes = [letters[(number * 7 + k * k * (number + 3) + k) % len(letters)] for k in range(32)]
    bars = ["".join(notes[k : k + 8]) for k in range(0, 32, 8)]
    return f"X:{number}\nT:{number}\nM:4/4\nL:1/8\nK:C\n{'|'.join(bars)}|\n"


@pytest.fixture
def books(tmp_path) -> Path:
    """Four books of three tunes, one with a chord sheet's worth of nothing, one file of MIDI."""
    folder = tmp_path / "books"
    folder.mkdir()
    for number in range(4):
        tunes = [tune(3 * number + k) for k in range(3)]
        (folder / f"{number}.abc").write_text("\n".join(tunes))
    (folder / "empty.abc").write_text("no music here\n")
    score = ABC.decode(ABC.canonical(tune(77)))
    formats.get("mid")().write(score, folder / "song.mid")
    return folder


def built(paths, out: Path, **options) -> tuple[dict[str, bytes], str]:
    """The files of a corpus, and what was last said of reading."""
    said: list[str] = []
    corpus = build([paths], ABC, out, progress=lambda step: said.append(step.message), **options)
    last = [message for message in said if message.startswith("read ")]
    assert not last or last[0].endswith(f" {corpus.known} known")
    return {name: (out / name).read_bytes() for name in FILES}, (last or [""])[0]


def kept(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


def test_a_corpus_is_the_same_with_a_full_an_empty_and_no_cache(books, tmp_path):
    without, _ = built(books, tmp_path / "out", cache=False, transpose=(1, -2))
    first, read = built(books, tmp_path / "out", transpose=(1, -2))
    again, known = built(books, tmp_path / "out", transpose=(1, -2))
    assert without == first == again
    assert read == "read 6, 0 known"
    assert known == "read 0, 6 known"


def test_only_changed_and_new_files_are_read_again(books, tmp_path):
    built(books, tmp_path / "out")
    (books / "1.abc").write_text(tune(50))
    (books / "new.abc").write_text(tune(51))
    (books / "2.abc").rename(books / "moved.abc")
    with_cache, said = built(books, tmp_path / "out")
    assert said == "read 2, 5 known"
    assert with_cache == built(books, tmp_path / "out", cache=False)[0]


def test_the_report_of_a_known_file_names_the_file_that_lies_there_now(books, tmp_path):
    built(books, tmp_path / "out")
    moved = books.rename(tmp_path / "elsewhere")
    files, said = built(moved, tmp_path / "out")
    assert said == "read 0, 6 known"
    assert str(moved / "empty.abc").encode() in files["report.jsonl"]
    assert str(books).encode() not in files["report.jsonl"] + files["documents.jsonl"]


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        (codecs.get("guitartab")(), {}),
        (ABC, {"part": "1"}),
        (ABC, {"transpose": (2,)}),
    ],
)
def test_another_way_of_reading_is_another_entry(books, tmp_path, codec, options):
    built(books, tmp_path / "out")
    said: list[str] = []
    build(
        [books], codec, tmp_path / "o", progress=lambda step: said.append(step.message), **options
    )
    assert any(message.endswith(" 0 known") for message in said)


def test_nothing_is_kept_without_a_cache(books, tmp_path, cache, monkeypatch):
    built(books, tmp_path / "out", cache=False)
    assert not cache.exists()
    monkeypatch.setenv("TEXTMUSIC_CACHE", "")
    assert built(books, tmp_path / "out")[1] == ""
    assert not cache.exists()


def test_the_cache_lies_where_the_system_keeps_such_things(monkeypatch, tmp_path):
    monkeypatch.delenv("TEXTMUSIC_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert _cache.folder() == tmp_path / "textmusic"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert _cache.folder() == Path.home() / ".cache" / "textmusic"
    monkeypatch.setattr("sys.platform", "darwin")
    assert _cache.folder() == Path.home() / "Library" / "Caches" / "textmusic"


def test_a_codec_or_format_registered_by_hand_is_read_each_time(books, tunes, tmp_path, cache):
    build([tunes], toys.LetterCodec(), tmp_path / "out")
    assert not cache.exists()
    (books / "a.pairs").write_text("60 62 64 65")
    with formats.register("pairs", toys.PairsFormat):
        built(books, tmp_path / "out")
        assert built(books, tmp_path / "out")[1] == "read 1, 6 known"


@pytest.mark.parametrize("damage", [b"", b"x" * 40, None])
def test_damaged_entries_are_read_again(books, tmp_path, cache, damage):
    first, _ = built(books, tmp_path / "out")
    for path in kept(cache):
        path.write_bytes(path.read_bytes()[:-1] if damage is None else damage)
    again, said = built(books, tmp_path / "out")
    assert (again, said) == (first, "read 6, 0 known")
    assert built(books, tmp_path / "out") == (first, "read 0, 6 known")


def test_an_entry_of_another_shape_is_read_again(books, tmp_path, cache, monkeypatch):
    first, _ = built(books, tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(_cache, "_packed", lambda batch: b"[[[1]],[],{}]\n")
        shutil.rmtree(cache)
        built(books, tmp_path / "out")
    assert built(books, tmp_path / "out") == (first, "read 6, 0 known")


def test_a_cache_that_cannot_be_written_is_no_hindrance(books, tmp_path, cache):
    cache.write_text("a file where the folder should be")
    assert built(books, tmp_path / "out")[1] == "read 6, 0 known"
    assert cache.read_text().startswith("a file")


def test_a_file_that_changes_while_it_is_read_is_not_kept(books, tmp_path, cache, monkeypatch):
    read = _cache.Cache.get

    def changing(self, key, item):
        if item.path.name == "0.abc":
            item.path.write_text(tune(60))
        return read(self, key, item)

    with monkeypatch.context() as patch:
        patch.setattr(_cache.Cache, "get", changing)
        built(books, tmp_path / "out")
    (books / "0.abc").write_text("\n".join(tune(k) for k in range(3)))
    files, said = built(books, tmp_path / "out")
    assert said == "read 1, 5 known"
    assert files == built(books, tmp_path / "out", cache=False)[0]


def test_a_failure_that_may_pass_is_not_kept(books, tmp_path, monkeypatch):
    def failing(self, data):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(formats.get("mid"), "decode", failing)
        files, _ = built(books, tmp_path / "out")
    assert b"MemoryError" in files["report.jsonl"]
    files, said = built(books, tmp_path / "out")
    assert said == "read 1, 5 known"
    assert b"MemoryError" not in files["report.jsonl"]


def test_windows_of_a_large_file_are_known_one_by_one(books, tmp_path, monkeypatch):
    monkeypatch.setattr("textmusic.corpus._inputs.WINDOW", 500)
    book = books / "large.abc"
    book.write_text("\n".join(tune(100 + k) for k in range(30)))
    first, read = built(books, tmp_path / "out")
    windows = int(read.split()[1].rstrip(",")) - 6
    assert windows > 3
    assert built(books, tmp_path / "out") == (first, f"read 0, {windows + 6} known")
    book.write_text(book.read_text() + "\n" + tune(200))
    files, said = built(books, tmp_path / "out")
    assert int(said.split()[1].rstrip(",")) <= 2
    assert files == built(books, tmp_path / "out", cache=False)[0]


def test_what_was_used_longest_ago_goes_first(books, tmp_path, cache):
    built(books, tmp_path / "out")
    paths = kept(cache)
    for age, path in enumerate(paths):
        os.utime(path, (10**9 - age, 10**9 - age))
    size = sum(path.stat().st_size for path in paths)
    small = _cache.Cache(cache, Recipe.of(ABC), (), limit=size)
    item = Item(0, books / "0.abc")
    key = small.key(item)
    assert small.get(key, item) is not None  # used now
    item = Item(0, tmp_path / "another.abc")
    item.path.write_text(tune(90))
    (batch,) = _read(item)
    small.put(small.key(item), item, batch)
    small.trim()
    left = kept(cache)
    assert sum(path.stat().st_size for path in left) <= size * 3 // 4
    assert small.get(key, Item(0, books / "0.abc")) is not None
    oldest = [path for path in paths if not path.match(f"*/{key[2:]}.*")][-1]
    assert oldest not in left


def _read(item: Item):
    from textmusic.corpus._read import read_items

    return read_items(Recipe.of(ABC), [item], ())


def test_two_builds_at_a_time_share_a_cache(books, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda n: built(books, tmp_path / f"out{n}")[0], range(2))
    assert one == other == built(books, tmp_path / "out")[0]
    assert built(books, tmp_path / "out")[1] == "read 0, 6 known"
