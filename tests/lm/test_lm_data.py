"""Streams over the ids of a corpus."""

import numpy as np
import pytest
from lm_toys import toy_ids

from textmusic.errors import CorpusError
from textmusic.lm.data import Streams, Text


def text_of(*documents: str) -> Text:
    ids = [0]
    for document in documents:
        ids += [*(ord(c) - 96 for c in document), 0]
    return Text(np.array(ids, np.uint8), 27)


def test_each_stream_reads_on_where_it_was():
    streams = Streams(Text(toy_ids(50, 0), 6), 4, 16, seed=3)
    before = streams.read(0)
    for step in range(1, 200):
        window = streams.read(step)
        assert (window.inputs[0] == before.targets[-1]).all()
        assert (window.inputs[1:] == window.targets[:-1]).all()
        before = window


def test_the_text_is_a_ring():
    text = text_of("abc", "de")
    streams = Streams(text, 1, 3, seed=0)
    read = "".join(chr(96 + c) for s in range(14) for c in streams.read(s).inputs[:, 0])
    assert "`abc`de`abc`de" in read


def test_an_epoch_reads_every_place_once_but_for_the_shifts():
    text = Text(np.r_[0, np.arange(1, 4001), 0].astype(np.uint16), 5000)
    streams = Streams(text, 8, 20, seed=1)
    seen = np.concatenate([streams.read(s).inputs.ravel() for s in range(streams.steps(1))])
    assert len(np.unique(seen)) > 0.95 * len(text)
    assert len(seen) == pytest.approx(len(text), rel=0.05)


def test_window_borders_differ_from_epoch_to_epoch():
    text = Text(np.r_[0, np.arange(1, 4000), 0].astype(np.uint16), 5000)
    streams = Streams(text, 10, 20, seed=1)
    assert len(text) % (10 * 20) == 0
    epoch = streams.steps(1)
    firsts = [{int(x) for x in streams.read(e * epoch).inputs[0]} for e in range(2)]
    assert firsts[0] != firsts[1]


def test_a_small_text_gets_fewer_streams():
    assert Streams(text_of("abcabc"), 32, 4, seed=0).batch == 1
    assert Streams(text_of("ab"), 32, 128, seed=0).read(0).inputs.shape == (128, 1)


@pytest.mark.parametrize(
    ("ids", "word"),
    [
        ([0, 0], "nothing to learn"),
        ([0, 0, 0, 0], "no character"),
        ([1, 2, 0], "start and end"),
        ([0, 1, 2], "start and end"),
        ([0, 9, 0], "reach 9"),
        ([0, -1, 0], "reach"),
        ([0.0, 1.0, 0.0], "integers"),
        ([[0, 1, 0]], "one row"),
    ],
)
def test_hopeless_ids_are_refused(ids, word):
    with pytest.raises(CorpusError, match=word):
        Text(np.array(ids), 5)


def test_the_baseline_is_the_entropy_of_the_frequencies():
    assert text_of("ab").baseline == pytest.approx(np.log2(3))
    assert text_of("aaaa").baseline == pytest.approx(0.7219, abs=1e-4)


def test_an_excerpt_is_whole_documents_from_all_over():
    text = text_of(*(chr(97 + i % 26) * 10 for i in range(520)))
    part = text.excerpt(600)
    assert 500 < len(part) < 1000
    assert len(set(part.ids.tolist())) > 6
    assert all(len(run) == 10 for run in "".join(map(chr, part.ids + 96)).strip("`").split("`"))
    assert text.excerpt(10**6) is text
    assert len(text_of("a" * 1000, "b").excerpt(10)) in {1001, 1003}
