from __future__ import annotations

import random

import corpus_toys as toys
import numpy as np
import pytest

from textmusic.corpus import build
from textmusic.corpus._group import components, group, join_songs, split
from textmusic.errors import CorpusError

LETTERS = toys.LetterCodec()


def write(folder, documents):
    for name, texts in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(texts))
    return folder


def sides(corpus):
    return {d.text: d.split for d in corpus.documents()}


def test_names_and_order_of_files_change_nothing(tmp_path):
    documents = [toys.tune(n) for n in range(150)]
    one = write(tmp_path / "one", {f"{n}.let": [text] for n, text in enumerate(documents)})
    random.Random(1).shuffle(documents)
    books = {f"{n % 7}/b{n}.let": documents[n : n + 10] for n in range(0, 150, 10)}
    other = write(tmp_path / "other", books)
    first = build([one], LETTERS, tmp_path / "out1", transpose=[1])
    second = build([other], LETTERS, tmp_path / "out2", transpose=[1])
    assert first.hash == second.hash
    assert sides(first) == sides(second)
    assert (tmp_path / "out1/train.bin").read_bytes() == (tmp_path / "out2/train.bin").read_bytes()


def varied(text: str, seed: int) -> str:
    """The tune with every tenth note or so changed, left out or doubled, in another key."""
    rng = random.Random(seed)
    notes = []
    for char in toys.moved(text, rng.randint(-6, 6)):
        kind = rng.random()
        notes.append("" if kind < 0.03 else char * 2 if kind < 0.06 else char)
    return "".join(notes)


def test_variants_of_a_tune_also_transposed_stay_on_one_side(tmp_path):
    families = {}
    for number in range(60):
        text = toys.tune(number, 120)
        families[number] = [text, toys.moved(text, 3), varied(text, number), varied(text, -number)]
    files = {f"{n}-{k}.let": [text] for n, f in families.items() for k, text in enumerate(f)}
    corpus = build([write(tmp_path / "in", files)], LETTERS, tmp_path / "out")
    side = sides(corpus)
    assert [n for n, family in families.items() if len({side[t] for t in family}) > 1] == []
    assert corpus.stats["groups"] == 60
    assert corpus.stats["valid"]["documents"] > 10


def test_unrelated_tunes_are_not_grouped(tmp_path):
    files = {"book.let": [toys.tune(n) for n in range(400)]}
    corpus = build([write(tmp_path / "in", files)], LETTERS, tmp_path / "out")
    assert corpus.stats["largest group"] == 1


def test_the_parts_of_a_song_stay_together_and_a_book_of_tunes_does_not(tmp_path, pairs):
    def line(seed: int) -> str:
        return " ".join(str(48 + toys.PITCHES.index(c)) for c in toys.tune(seed))

    for number in range(30):
        (tmp_path / f"{number:02}.pairs").write_text(f"{line(2 * number)}\n{line(2 * number + 1)}")
    corpus = build([tmp_path], LETTERS, tmp_path / "out")
    songs: dict[str, set[str]] = {}
    for document in corpus.documents():
        songs.setdefault(document.file, set()).add(document.split)
    assert all(len(split) == 1 for split in songs.values())
    assert corpus.stats["groups"] == 30


def test_small_files_are_songs_and_long_ones_books(tmp_path):
    files = {
        **{f"song{n}.let": [toys.tune(10 * n + k) for k in range(3)] for n in range(10)},
        "book.let": [toys.tune(1000 + k) for k in range(20)],
    }
    corpus = build([write(tmp_path / "in", files)], LETTERS, tmp_path / "out")
    assert corpus.stats["groups"] == 10 + 20


def test_books_that_share_a_tune_do_not_chain_everything_together():
    files = [np.array([n, n + 1]) for n in range(999)]
    labels = join_songs(np.arange(1000), files, np.full(1000, 10))
    assert np.bincount(labels).max() <= 200


def test_chance_links_do_not_make_one_group_of_a_large_corpus():
    rng = np.random.default_rng(0)
    chance = rng.integers(0, 1000, (2, 3000))
    near = (np.append(chance[0], 0), np.append(chance[1], 999), np.append([0.19] * 3000, 0.9))
    nothing = np.empty(0, np.int64)
    labels, least = group(near, (nothing, nothing), np.full(1000, 10))
    assert least == 0.2
    assert (len(np.unique(labels)), labels[999]) == (999, 0)


def test_components_connect_along_paths():
    order = np.random.default_rng(0).permutation(5000)
    labels = components(5001, order[:-1], order[1:])
    assert np.array_equal(labels, np.append(np.zeros(5000), 5000))


def test_every_group_lies_on_one_side_and_neither_side_is_empty():
    rng = np.random.default_rng(0)
    for groups in (2, 3, 10, 1000):
        labels = rng.integers(0, groups, 3000)
        _, first, members = np.unique(labels, return_index=True, return_inverse=True)
        labels = first[members]
        chars = rng.integers(10, 1000, 3000)
        held = split(labels, chars, rng.integers(0, 2**63, 3000, np.uint64), 0.1)
        assert 0 < held.sum() < 3000
        assert all(len(np.unique(held[labels == label])) == 1 for label in np.unique(labels))
        if groups > 100:
            assert chars[held].sum() / chars.sum() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("texts", [[toys.tune(1)], [toys.tune(1), toys.moved(toys.tune(1), 2)]])
def test_one_piece_of_music_cannot_be_split(tmp_path, texts):
    folder = write(tmp_path / "in", {"a.let": texts})
    with pytest.raises(CorpusError, match="only one piece of music was found"):
        build([folder], LETTERS, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    whole = build([folder], LETTERS, tmp_path / "out", valid=0)
    assert len(whole.valid) == 1
