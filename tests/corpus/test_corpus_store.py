from __future__ import annotations

import json
import shutil
from pathlib import Path

import corpus_toys as toys
import numpy as np
import pytest

from textmusic.corpus import Corpus, Source, build, embedded_sources
from textmusic.errors import CorpusError, MissingDependencyError

LETTERS = toys.LetterCodec()


@pytest.fixture
def built(tunes, tmp_path):
    return build([tunes], LETTERS, tmp_path / "out", terms=[Source("T", "o", "t")])


def test_a_corpus_opens_as_it_was_built(built):
    again = Corpus.open(built.folder, LETTERS)
    assert (again.codec_name, again.codec_version, again.codec_config) == (
        "letters",
        1,
        {"wide": False},
    )
    assert again.alphabet == LETTERS.alphabet
    assert (again.hash, again.sources, again.stats) == (built.hash, built.sources, built.stats)
    assert np.array_equal(again.train, built.train)
    assert list(again.documents()) == [*again.documents("train"), *again.documents("valid")]


def cut(folder):
    path = folder / "train.bin"
    path.write_bytes(path.read_bytes()[:-10])


def flipped(folder):
    path = folder / "valid.bin"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def renamed(folder):
    meta = json.loads((folder / "corpus.json").read_text())
    meta["codec"]["name"] = "other"
    (folder / "corpus.json").write_text(json.dumps(meta))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (cut, "train.bin has"),
        (flipped, "ids have changed"),
        (renamed, "ids have changed"),
        (lambda f: (f / "valid.bin").unlink(), "No such file"),
        (lambda f: (f / "corpus.json").unlink(), "holds no corpus"),
        (lambda f: (f / "corpus.json").write_text("{"), "corpus.json"),
        (lambda f: (f / "corpus.json").write_text("[]"), "damaged corpus"),
        (lambda f: (f / "corpus.json").write_text("{}"), "lacks 'codec'"),
        (lambda f: (f / "corpus.json").write_text('{"format": 9}'), "build it again"),
        (shutil.rmtree, "holds no corpus"),
    ],
)
def test_damage_is_one_line_that_names_the_folder(built, damage, says):
    damage(built.folder)
    with pytest.raises(CorpusError) as caught:
        Corpus.open(built.folder)
    assert str(built.folder) in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_report_is_a_corpus_error(built):
    (built.folder / "report.jsonl").write_text("{\n")
    with pytest.raises(CorpusError, match=r"report\.jsonl"):
        list(built.report())


def test_a_corpus_of_other_options_is_refused(built):
    with pytest.raises(CorpusError, match="config"):
        Corpus.open(built.folder, toys.LetterCodec(wide=True))


def test_a_failed_build_leaves_what_was_there(built, tunes):
    before = built.hash
    for path in tunes.iterdir():
        path.write_text("!")
    with pytest.raises(CorpusError):
        build([tunes], LETTERS, built.folder)
    assert Corpus.open(built.folder).hash == before
    assert sorted(p.name for p in built.folder.parent.iterdir()) == ["out", "tunes"]


def test_when_the_new_corpus_cannot_take_its_place_the_old_one_stays(built, tunes, monkeypatch):
    rename = Path.replace

    def fails_once(self, target):
        if self.name == ".out.part":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", fails_once)
    with pytest.raises(CorpusError, match="out: cannot be written: Input/output error"):
        build([tunes], LETTERS, built.folder)
    assert Corpus.open(built.folder).hash == built.hash
    assert sorted(p.name for p in built.folder.parent.iterdir()) == ["out", "tunes"]


def test_what_a_killed_build_left_is_cleared_away(tunes, tmp_path):
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part" / "ids.spool").write_bytes(b"x")
    build([tunes], LETTERS, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "tunes"]


def test_an_interrupted_build_leaves_nothing(tunes, tmp_path):
    def interrupt(event):
        if event.unit == "documents":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([tunes], LETTERS, tmp_path / "out", progress=interrupt)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["tunes"]


def test_a_new_build_replaces_a_corpus_but_nothing_else(built, tunes, tmp_path):
    (tunes / "more.let").write_text(toys.tune(700))
    assert build([tunes], LETTERS, built.folder).hash != built.hash
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.tex").write_text("x")
    with pytest.raises(CorpusError, match="exists and holds no corpus"):
        build([tunes], LETTERS, tmp_path / "precious")
    (tmp_path / "file").write_text("x")
    with pytest.raises(CorpusError, match="exists and holds no corpus"):
        build([tunes], LETTERS, tmp_path / "file")
    with pytest.raises(CorpusError, match="cannot be written"):
        build([tunes], LETTERS, tmp_path / "file" / "out")


def test_a_full_disk_is_one_line_and_leaves_nothing(tunes, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("textmusic.corpus._table.Table.stream", full)
    with pytest.raises(CorpusError, match="out: cannot be written: No space left on device"):
        build([tunes], LETTERS, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["tunes"]


def test_the_embedded_sources_name_books_transcribers_and_terms():
    paths, sources = embedded_sources()
    assert [path.name for path in paths] == ["oneills1850", "ryansMammoth", "airdsAirs"]
    assert all(path.is_dir() for path in paths)
    for source in sources:
        assert "public domain" in source.terms
        assert "ABC by" in source.origin


def test_without_music21_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="pip install 'music21'"):
        embedded_sources()
