"""A corpus of one instrument."""

from __future__ import annotations

import pytest

from textmusic import Meter, Note, Score, Track, api, get_codec
from textmusic.corpus import Corpus, build
from textmusic.errors import CorpusError

ABC = get_codec("abc")


def duo(seed, *names):
    tracks = [
        Track([Note(i, 1, 50 + (seed * i * (7 + n)) % 23) for i in range(32)], name=name)
        for n, name in enumerate(names)
    ]
    return Score(tracks, 1, meters=[Meter(0, 4, 4)])


@pytest.fixture
def pieces(tmp_path):
    """Ten duos, one as text of the codec's own kind, and two pieces without a cello."""
    folder = tmp_path / "in"
    for seed in range(1, 10):
        api.write(duo(seed, "Violin", "Cello"), folder / f"{seed}.mid")
    api.write(duo(10, "Violin", "Cello"), folder / "10.abc")
    for seed in (11, 12):
        api.write(duo(seed, "Violin"), folder / f"{seed}.mid")
    return folder


def test_only_the_part_is_learnt_and_what_lacks_it_is_counted(pieces, tmp_path):
    corpus = build([pieces], ABC, tmp_path / "out", part="cello")
    documents = list(corpus.documents())
    assert len(documents) == 10
    assert all(document.notes == 32 and "V:" not in document.text for document in documents)
    assert corpus.stats["lacking the part"] == 2
    assert "only part 'cello'; 2 pieces lack it and are left out" in corpus.stats["summary"]
    left_out = [entry for entry in corpus.report() if entry.code == "corpus.lacks-part"]
    assert [entry.message for entry in left_out] == ["piece 1: has no part 'cello', but Violin"] * 2


def test_a_part_can_be_a_number(pieces, tmp_path):
    by_name = build([pieces], ABC, tmp_path / "name", part="cello")
    by_number = build([pieces], ABC, tmp_path / "number", part="2")
    assert bytes(by_name.train) == bytes(by_number.train)


def test_every_track_that_fits_is_a_document(tmp_path):
    folder = tmp_path / "in"
    for seed in range(1, 6):
        api.write(duo(seed, "Violin I", "Violin II"), folder / f"{seed}.mid")
    corpus = build([folder], ABC, tmp_path / "out", part="violin")
    assert sorted({document.part for document in corpus.documents()}) == [0, 1]
    assert len(list(corpus.documents())) == 10


def test_the_part_belongs_to_what_a_corpus_is(pieces, tmp_path):
    for path in (*pieces.glob("1?.mid"), *pieces.glob("*.abc")):
        path.unlink()
    for path in pieces.glob("*.mid"):
        score = api.read(path).scores[0]
        api.write(Score(score.tracks[1:], score.tpq, meters=score.meters), path)
    whole = build([pieces], ABC, tmp_path / "whole")
    part = build([pieces], ABC, tmp_path / "part", part="1")
    assert bytes(whole.train) == bytes(part.train)
    assert whole.hash != part.hash
    assert (Corpus.open(tmp_path / "whole").part, Corpus.open(tmp_path / "part").part) == (
        None,
        "1",
    )


def test_a_part_that_nothing_has_is_said(pieces, tmp_path):
    with pytest.raises(CorpusError, match="piece 1: has no part 'flute', but Violin, Cello"):
        build([pieces], ABC, tmp_path / "out", part="flute")
    assert not (tmp_path / "out").exists()
