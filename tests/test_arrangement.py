"""What a model is told besides the music: tags and gaps."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from music import tab_text

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.arrangement import AFTER, BEFORE, MISSING, Arrangement, Surroundings, arrange
from textmusic.codec import Codec
from textmusic.corpus import Corpus, build
from textmusic.errors import CheckpointError, ConfigError, CorpusError
from textmusic.registry import codecs


@pytest.fixture(scope="module")
def codec() -> Codec:
    return codecs.get("abc")()


TUNE = "X:1\nM:4/4\nL:1/8\nK:{key}\n{music}|]\n"


def _tune(seed: int, key: str) -> str:
    notes = "CDEFGABcdefg"
    bars = []
    for bar in range(6):
        at = [(seed * 7 + bar * (3 + seed % 5) + i * (seed % 3 + 1)) % 12 for i in range(8)]
        bars.append("".join(notes[i] for i in at))
    return TUNE.format(key=key, music="|".join(bars))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, codec: Codec) -> Corpus:
    folder = tmp_path_factory.mktemp("tunes")
    for kind, key in (("jigs", "G"), ("reels", "D")):
        (folder / kind).mkdir()
        for number in range(12):
            text = _tune(number + 40 * (kind == "jigs"), key)
            (folder / kind / f"{number}.abc").write_text(text)
    return build([folder], codec, tmp_path_factory.mktemp("corpus") / "c", workers=1)


def _rows(ids: np.ndarray) -> list[list[int]]:
    cuts = np.flatnonzero(ids == BOUNDARY)
    return [ids[a + 1 : b].tolist() for a, b in itertools.pairwise(cuts)]


def test_what_is_added_follows_the_codecs_ids() -> None:
    plain = Alphabet("abc")
    found = Arrangement(("jigs", "reels"), gaps=True, condition="folder")
    assert found.alphabet(plain).chars.startswith("abc")
    assert found.alphabet(plain).size == plain.size + 4
    assert found.tag(plain, "Reels") == [5]
    assert found.tag(plain, None) == []
    assert found.gap(plain, Surroundings("a", "b", "c", 2)) == [1, 6, 6, 3, 7, 2]
    assert Arrangement.from_meta({"arrangement": found.to_json()}) == found
    assert Arrangement.from_meta({}).alphabet(plain) == plain
    with pytest.raises(ConfigError, match="jigs, reels"):
        found.tag(plain, "waltz")
    with pytest.raises(CheckpointError):
        Arrangement.from_meta({"arrangement": ["jigs"]})


def test_tags_are_the_names_of_folders(corpus: Corpus, codec: Codec, tmp_path: Path) -> None:
    found, train, valid = arrange(corpus, codec, tmp_path, condition="folder", gaps=False)
    assert found == Arrangement(("jigs", "reels"), condition="folder")
    size = codec.alphabet.size
    documents = {one.text: Path(one.file).parent.name for one in corpus.documents()}
    untagged = 0
    for row in _rows(train) + _rows(valid):
        told = row[0] >= size
        text = codec.alphabet.decode(row[told:])
        untagged += not told
        assert not told or found.tags[row[0] - size] == documents[text]
    assert 0 < untagged < 0.4 * len(documents)
    assert all(row[0] >= size for row in _rows(valid))


def test_the_kind_of_a_file_is_what_training_would_have_told() -> None:
    folders = Arrangement(("Jigs", "reels"), condition="folder")
    assert [folders.kind(f"tunes/{name}/reels.abc") for name in ("Jigs", "jigs", "airs")] == [
        "Jigs", "Jigs", None
    ]  # fmt: skip
    assert Arrangement(("Jigs", "reels"), condition="file").kind("tunes/Jigs/reels.abc") == "reels"
    assert Arrangement().kind("tunes/Jigs/reels.abc") is None
    old = Arrangement.from_meta({"arrangement": {"tags": ["Jigs"], "gaps": False}})
    assert old.kind("tunes/Jigs/reels.abc") == "Jigs"


def test_gaps_are_whole_bars_with_what_is_around_them(
    corpus: Corpus, codec: Codec, tmp_path: Path
) -> None:
    _, train, valid = arrange(corpus, codec, tmp_path, condition=None, gaps=True)
    gap, fill = codec.alphabet.size, codec.alphabet.size + 1
    whole = [one.text for one in corpus.documents("train")]
    rows = _rows(train)
    gaps = [row for row in rows if fill in row]
    assert len(rows) == len(whole) + len(gaps)
    assert len(gaps) >= len(whole)
    assert not any(fill in row for row in _rows(valid))
    for row in gaps:
        missing, end = row.count(gap), row.index(fill)
        assert 1 <= missing <= MISSING
        first = row.index(gap)
        assert row[first : first + missing] == [gap] * missing
        opening = codec.alphabet.decode(row[:first])
        after = codec.alphabet.decode(row[first + missing : end])
        before_and_middle = codec.alphabet.decode(row[end + 1 :])
        assert any(text.startswith(opening) and before_and_middle + after in text for text in whole)


def test_the_same_corpus_is_arranged_once(corpus: Corpus, codec: Codec, tmp_path: Path) -> None:
    arrange(corpus, codec, tmp_path, condition="file", gaps=True)
    made = (tmp_path / "train.bin").stat().st_mtime_ns
    first = (tmp_path / "train.bin").read_bytes()
    arrange(corpus, codec, tmp_path, condition="file", gaps=True)
    assert (tmp_path / "train.bin").stat().st_mtime_ns == made
    arrange(corpus, codec, tmp_path, condition="folder", gaps=False)
    assert (tmp_path / "train.bin").read_bytes() != first
    arrange(corpus, codec, tmp_path, condition="file", gaps=True)
    assert (tmp_path / "train.bin").read_bytes() == first


def test_what_cannot_be_arranged_is_refused(codec: Codec, tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.tab").write_text(tab_text(number))
    corpus = build([tmp_path], codecs.get("guitartab")(), tmp_path / "c", workers=1)
    with pytest.raises(CorpusError, match="one folder"):
        arrange(corpus, codecs.get("guitartab")(), tmp_path / "a", condition="folder", gaps=False)


def test_what_is_around_a_gap_is_short() -> None:
    text = "head" + "".join(f"{bar:02}|" for bar in range(20)) + "end"
    places = tuple(4 + 3 * bar for bar in range(21))
    around = Surroundings.of(text, places, 12, 2)
    assert around.opening == "head"
    assert around.before == "".join(f"{bar:02}|" for bar in range(12 - BEFORE, 12))
    assert around.after == "".join(f"{bar:02}|" for bar in range(14, 14 + AFTER))
    assert Surroundings.of(text, places, 0, 20) == Surroundings("head", "", "", 20)
