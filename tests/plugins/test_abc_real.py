"""Real tune books: reading ends, places hold, canonical texts are stable and sound the same."""

import pytest

from textmusic import DecodeError
from textmusic.format import read_text
from textmusic_abc import AbcCodec

CODEC = AbcCodec()
BOOKS = {
    "nottingham_cleaned/jigs.abc": 8,
    "ceolrince/CRE_clean.abc": 20,
    "folkrnn_folkwiki/9_nov_folkwiki.txt": 60,
    "folkrnn_oneills_jigs/ONeillsJigs_parsed.txt": 8,
    "debian_abcm2ps/sample2.abc": 1,
    "note_seq/zocharti_loch.abc": 1,
    "rjl20/Combined_Tunebook.abc": 4,
}


def sounding(score):
    return sorted(
        (n.onset / score.tpq, n.pitch, n.duration / score.tpq) for n in score.notes() if n.duration
    )


@pytest.mark.parametrize("name", BOOKS)
def test_a_sample_of(name, data):
    text = read_text((data / "abc" / name).read_bytes())
    learnt = 0
    for document in list(CODEC.documents(text))[:: BOOKS[name]]:
        parsed = CODEC.parse(document.text)
        assert all(0 <= i.offset <= len(document.text) for i in parsed.issues)
        try:
            canonical = CODEC.canonical(document.text)
        except DecodeError:
            assert not parsed.score.tracks
            continue
        learnt += 1
        assert CODEC.canonical(canonical) == canonical
        assert not set(canonical) - set(CODEC.alphabet.chars)
        assert sounding(CODEC.decode(canonical)) == sounding(parsed.score)
        held = CODEC.project(parsed.score)
        assert CODEC.decode(CODEC.encode(held)) == held
    assert learnt
