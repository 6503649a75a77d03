from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import corpus_toys as toys
import numpy as np
import pytest

from textmusic.codec import Document, Parsed
from textmusic.corpus import Corpus, Progress, Source, build
from textmusic.errors import ConfigError, CorpusError, PluginError

LETTERS = toys.LetterCodec()


def texts(corpus: Corpus) -> list[str]:
    return sorted(document.text for document in corpus.documents())


def test_ids_are_documents_between_boundaries(tunes, tmp_path):
    corpus = build([tunes], LETTERS, tmp_path / "out")
    for split in ("train", "valid"):
        ids = getattr(corpus, split)
        documents = list(corpus.documents(split))
        joined = b"\0".join(LETTERS.alphabet.encode(d.text).astype(np.uint8) for d in documents)
        assert bytes(ids) == b"\0" + joined + b"\0"
        assert ids.dtype == np.uint8
        assert isinstance(ids, np.memmap)
        for document in documents:
            assert ids[document.start - 1] == 0
    assert len(texts(corpus)) == 60


def test_an_alphabet_of_more_than_255_characters_takes_two_bytes(tunes, tmp_path):
    corpus = build([tunes], toys.LetterCodec(wide=True), tmp_path / "out")
    assert corpus.train.dtype == np.dtype("<u2")
    assert texts(corpus) == texts(build([tunes], LETTERS, tmp_path / "narrow"))


def test_a_document_knows_its_file_offset_notes_and_bars(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    one, two = toys.tune(1), toys.tune(2)
    (folder / "a.let").write_text(f"{one}\n\n{two}")
    corpus = build([folder], LETTERS, tmp_path / "out", valid=0)
    by_text = {d.text: d for d in corpus.documents("train")}
    assert by_text[two].offset == len(one) + 2
    assert by_text[two].file == str(folder / "a.let")
    assert (by_text[two].notes, by_text[two].bars) == (60, 15)
    assert corpus.stats["train"]["notes"] == 120


def test_the_share_held_out_is_about_what_was_asked(tunes, tmp_path):
    corpus = build([tunes], LETTERS, tmp_path / "out", valid=0.2)
    train, valid = (corpus.stats[side]["characters"] for side in ("train", "valid"))
    assert valid / (train + valid) == pytest.approx(0.2, abs=0.04)


def test_quarantine_names_file_line_code_and_reason(tunes, tmp_path):
    bad = tunes / "bad.let"
    bad.write_text(f"{toys.tune(77)}\n\nAB\nC!D\n\nAA?\n\nA1\n\n@@\n\n")
    corpus = build([tunes], LETTERS, tmp_path / "out")
    entries = {entry.code: entry for entry in corpus.report()}
    assert all(entry.file == str(bad) for entry in entries.values())
    assert {code: entry.line for code, entry in entries.items()} == {
        "letters.bang": 4,
        "corpus.crash": 6,
        "alphabet.unknown": 8,
        "corpus.no-notes": 10,
    }
    assert entries["corpus.crash"].message == "ZeroDivisionError: stranger's bug"
    assert str(entries["letters.bang"]) == f"{bad}:4: letters.bang: a bang"
    assert corpus.stats["quarantined"] == dict.fromkeys(entries, 1)
    assert len(texts(corpus)) == 61


def test_one_repeated_document_is_kept_once_and_counted(tunes, tmp_path):
    (tunes / "again.let").write_text((tunes / "03.let").read_text())
    corpus = build([tunes], LETTERS, tmp_path / "out")
    assert corpus.stats["duplicates dropped"] == 3
    assert sorted(d.copies for d in corpus.documents())[-4:] == [1, 2, 2, 2]


def test_files_that_nothing_reads_are_counted(tunes, tmp_path):
    (tunes / "cover.png").write_bytes(b"\x89PNG")
    (tunes / ".hidden.let").write_text("A?")
    corpus = build([tunes], LETTERS, tmp_path / "out")
    assert corpus.stats["skipped"] == {"png": 1}
    assert corpus.stats["files"] == 20


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ((), "holds no files"),
        (("a.png", "b.png", "c"), "only files that nothing reads (2 .png, 1 without suffix)"),
    ],
)
def test_a_folder_with_nothing_to_read_says_what_would_do(tmp_path, names, says):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"x")
    with pytest.raises(CorpusError) as caught:
        build([folder], LETTERS, tmp_path / "out")
    message = str(caught.value)
    assert says in message
    assert "codec 'letters' can use .let" in message
    assert "\n" not in message


def test_a_missing_path_and_a_file_of_an_unknown_kind_are_named(tmp_path):
    with pytest.raises(CorpusError, match=r"nowhere: no such file or"):
        build([tmp_path / "nowhere"], LETTERS, tmp_path / "out")
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(CorpusError, match=r"a\.png: cannot be read; codec 'letters' can use"):
        build([tmp_path / "a.png"], LETTERS, tmp_path / "out")


def test_when_everything_is_quarantined_the_first_reason_is_told(tmp_path):
    (tmp_path / "a.let").write_text("AB!")
    with pytest.raises(CorpusError, match=r"could be learnt from: .*a\.let:1: letters\.bang"):
        build([tmp_path / "a.let"], LETTERS, tmp_path / "out")


@pytest.mark.parametrize(
    "wrong",
    [
        {"workers": 0},
        {"valid": 0.6},
        {"transpose": [200]},
        {"terms": [Source("a", "b"), Source("c", "d")]},
    ],
)
def test_arguments_out_of_range_are_refused(tunes, tmp_path, wrong):
    with pytest.raises(ConfigError):
        build([tunes], LETTERS, tmp_path / "out", **wrong)
    with pytest.raises(ConfigError, match="at least one file"):
        build([], LETTERS, tmp_path / "out")


def test_only_training_documents_are_transposed(tunes, tmp_path):
    corpus = build([tunes], LETTERS, tmp_path / "out", transpose=range(-2, 3))
    train, valid = list(corpus.documents("train")), list(corpus.documents("valid"))
    assert {d.transposed for d in valid} == {0}
    assert len(train) == 5 * (60 - len(valid))
    originals = {(d.file, d.offset): d.text for d in train if d.transposed == 0}
    for document in train:
        original = originals[document.file, document.offset]
        assert document.text == toys.moved(original, document.transposed)


def test_transpositions_out_of_range_are_counted_not_forced(tunes, tmp_path):
    (tunes / "high.let").write_text(toys.moved(toys.tune(5), 12))
    corpus = build([tunes], LETTERS, tmp_path / "out", transpose=[14], valid=0)
    assert corpus.stats["transpositions refused"] >= 1
    assert corpus.stats["train"]["documents"] + corpus.stats["transpositions refused"] == 122


def test_formats_go_through_parts_projection_and_encoding(tunes, tmp_path, pairs):
    high = " ".join(map(str, [60, 62, 64, 120, 65] * 5))
    low = " ".join(map(str, [50, 55, 57, 59, 62] * 5))
    (tunes / "x.pairs").write_text(f"{high}\n{low}\n=\n{low}~ ~\n\n")
    (tunes / "y.pairs").write_text("60 61\n62 * 3")
    (tunes / "z.pairs").write_text("   ")
    (tunes / "zz.pairs").write_text("120 121")
    corpus = build([tunes], LETTERS, tmp_path / "out", valid=0)
    found = {(d.offset, d.part): d.text for d in corpus.documents() if d.file.endswith("x.pairs")}
    assert found == {(0, 0): "MOQR" * 5, (0, 1): "CHJLO" * 5}
    assert corpus.stats["duplicates dropped"] == 1
    entries = {(Path(entry.file).name, entry.kind): entry for entry in corpus.report()}
    assert entries["x.pairs", "projected"].message.startswith("piece 1, part 1: of 25 notes 5 left")
    assert entries["x.pairs", "repaired"].message == "a tilde (2 times)"
    assert entries["x.pairs", "repaired"].line == 4
    assert (entries["y.pairs", "quarantined"].line, entries["y.pairs", "quarantined"].code) == (
        2,
        "pairs.star",
    )
    assert entries["z.pairs", "quarantined"].code == "corpus.no-part"
    assert str(entries["zz.pairs", "quarantined"]).endswith("refused: no note between 48 and 99")


def test_sources_carry_terms_and_counts(tunes, tmp_path):
    other = tmp_path / "own.let"
    other.write_text(toys.tune(500))
    terms = [Source("Tunes", "a book of 1900", "public domain"), Source("Mine", "me", "CC0")]
    corpus = build([tunes, other], LETTERS, tmp_path / "out", terms=terms)
    assert [(s.name, s.terms, s.documents) for s in corpus.sources] == [
        ("Tunes", "public domain", 60),
        ("Mine", "CC0", 1),
    ]
    assert {d.source for d in corpus.documents()} == {"Tunes", "Mine"}
    plain = build([tunes, other], LETTERS, tmp_path / "plain")
    assert [(s.name, s.terms) for s in plain.sources] == [
        ("tunes", "not stated"),
        ("own.let", "not stated"),
    ]


def test_a_path_given_twice_and_an_output_inside_the_input_are_read_once(tunes, tmp_path):
    build([tunes], LETTERS, tunes / "out")
    (tunes / "out" / "stray.let").write_text(toys.tune(900))
    corpus = build([tunes, tunes / "00.let"], LETTERS, tunes / "out")
    assert corpus.stats["files"] == 20
    assert corpus.stats["duplicates dropped"] == 0


def test_progress_counts_the_files_up_to_all(tunes, tmp_path):
    seen: list[Progress] = []
    build([tunes], LETTERS, tmp_path / "out", progress=seen.append)
    files = [event for event in seen if event.unit == "files"]
    assert (files[0].done, files[-1].done, files[-1].total) == (0, 20, 20)
    assert [event.message for event in seen if event.unit == "documents"] == [
        "comparing",
        "writing",
    ]


def test_a_large_text_file_is_read_in_windows(tmp_path, monkeypatch):
    monkeypatch.setattr("textmusic.corpus._inputs.WINDOW", 1000)
    tunes = [toys.tune(n) for n in range(100)]
    bad = "\n\n".join([*tunes[:90], "A\n!", *tunes[90:]])
    (tmp_path / "big.let").write_text(bad)
    corpus = build([tmp_path / "big.let"], LETTERS, tmp_path / "out")
    assert texts(corpus) == sorted(tunes)
    assert all(bad[d.offset :].startswith(d.text) for d in corpus.documents())
    assert [(e.line, e.code) for e in corpus.report()] == [(182, "letters.bang")]


@dataclass(frozen=True)
class HeaderCodec(toys.LetterCodec):
    """Every document starts at the header of its file."""

    name: ClassVar[str] = "header"

    def documents(self, text: str) -> Iterator[Document]:
        for document in super().documents(text):
            yield Document(" " * document.offset + document.text, 0)


def test_pieces_under_a_common_header_are_pieces_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr("textmusic.corpus._inputs.WINDOW", 1000)
    tunes = [toys.tune(n) for n in range(100)]
    (tmp_path / "big.let").write_text("\n\n".join([*tunes, "A\n!"]))
    corpus = build([tmp_path / "big.let"], HeaderCodec(), tmp_path / "out")
    assert texts(corpus) == sorted(tunes)
    assert corpus.stats["groups"] == 100
    assert [(e.line, e.code) for e in corpus.report()] == [(202, "letters.bang")]


def test_names_that_are_not_utf_8_links_to_nowhere_and_pipes_do_no_harm(tunes, tmp_path):
    odd = os.fsdecode(b"caf\xe9.let")
    (tunes / odd).write_text(f"{toys.tune(800)}\n\n!")
    (tunes / "link.let").symlink_to(tunes / "gone.let")
    (tunes / "loop").symlink_to(tunes)
    os.mkfifo(tunes / "pipe.let")
    corpus = build([tunes], LETTERS, tmp_path / "out")
    assert {Path(e.file).name: e.code for e in corpus.report()} == {
        odd: "letters.bang",
        "link.let": "corpus.unreadable",
        "pipe.let": "corpus.unreadable",
    }
    assert str(tunes / odd) in {d.file for d in corpus.documents()}


def test_a_file_without_a_document_is_reported_with_what_validate_says(tunes, tmp_path):
    (tunes / "blank.let").write_text("\n\n\n")
    corpus = build([tunes], LETTERS, tmp_path / "out")
    assert [str(entry) for entry in corpus.report()] == [
        f"{tunes / 'blank.let'}:1: corpus.no-document: nothing in it is for codec 'letters'"
    ]


def test_a_format_that_cannot_be_loaded_is_reported_not_fatal(tunes, tmp_path, monkeypatch):
    def broken(self, name):
        raise PluginError("format 'mid' of acme 1.0 cannot be loaded: ImportError: no x")

    monkeypatch.setattr("textmusic.registry.Registry.get", broken)
    (tunes / "a.mid").write_bytes(b"MThd")
    corpus = build([tunes], LETTERS, tmp_path / "out", workers=1)
    assert [(entry.code, entry.message[:12]) for entry in corpus.report()] == [
        ("corpus.plugin", "format 'mid'")
    ]


@dataclass(frozen=True)
class LongCodec(toys.LetterCodec):
    """Documents are long and their music is short, so that texts are what takes memory."""

    name: ClassVar[str] = "long"

    def canonical(self, text: str) -> str:
        return text.strip()

    def parse(self, text: str) -> Parsed:
        return super().parse(text[-10:])


def test_memory_does_not_grow_with_the_text(tmp_path):
    for number in range(40):
        texts = (toys.tune(100 * number + k, 10) for k in range(20))
        (tmp_path / f"{number}.let").write_text("\n\n".join("ABCDEFGH" * 1250 + t for t in texts))
    held: list[int] = []

    def measure(event: Progress) -> None:
        held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.reset_peak()

    tracemalloc.start()
    try:
        corpus = build([tmp_path], LongCodec(), tmp_path / "out", workers=1, progress=measure)
        writing = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert corpus.stats["train"]["characters"] > 7_000_000
    assert max(held) < 3_000_000
    assert writing < 6_000_000
