"""Files of ABC: tune books in, tunes out."""

import pytest

from textmusic import Key, Meter, Note, Score, Track
from textmusic.testing import check_format
from textmusic_abc import AbcCodec, AbcFormat

BOOK = """M:3/4
L:1/4

some words about the book

X:1
T:First
K:G
GAB|

words between the tunes: not music
X:2
T:Second
M:2/4
K:C
Co|

"""


def test_laws():
    check_format(AbcFormat(), examples=15)


def test_a_book_gives_a_score_a_tune():
    loaded = AbcFormat().decode(BOOK.encode())
    assert [score.get("title") for score in loaded.scores] == ["First", "Second"]
    assert [score.meters[0].numerator for score in loaded.scores] == [3, 2]
    assert loaded.scores[1].tpq == 1


def test_places_count_in_the_file():
    (issue,) = AbcFormat().decode(BOOK.encode()).issues
    assert BOOK[issue.offset] == "o"


def test_documents_are_tunes_with_the_defaults_of_the_book():
    documents = list(AbcCodec().documents(BOOK))
    assert len(documents) == 2
    for document in documents:
        assert "M:3/4" in document.text
        tune = document.text.rindex("X:")
        assert BOOK[document.offset + tune :].startswith(document.text[tune:])


def test_documents_of_folkrnn_are_blocks():
    text = "M:3/4\nK:Cmaj\nC D E |\n\nT:x\nM:4/4\nK:Cmin\nC 4 |\n\nwords\n"
    assert [d.text.count("K:") for d in AbcCodec().documents(text)] == [1, 1]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_encodings_and_line_ends(ending, encoding):
    text = "X:1\nT:Más\nL:1/4\nK:C\nCD\\\nEF|\n".replace("\n", ending)
    loaded = AbcFormat().decode(text.encode(encoding))
    assert loaded.scores[0].get("title") == "Más"
    assert [n.pitch for n in loaded.scores[0].notes()] == [60, 62, 64, 65]


def test_a_written_page():
    notes = tuple(Note(i, 1, 60 + i % 5) for i in range(18))
    tracks = (Track(notes, "Violin", 40), Track((Note(0, 18, 48),), "Cello", 42))
    meta = {"title": "Piece", "composer": "Us", "provenance": "seed 3"}
    score = Score(tracks, 1, meters=(Meter(0, 3, 4),), keys=(Key(0, 0),), meta=tuple(meta.items()))
    written = AbcFormat().encode(score)
    lines = written.data.decode().splitlines()
    assert lines[:7] == [
        "X:1",
        "T:Piece",
        "C:Us",
        "%provenance: seed 3",
        "M:3/4",
        "L:1/4",
        "K:C",
    ]
    assert lines[7:11] == [
        'V:1 name="Violin"',
        "%%MIDI program 40",
        'V:2 name="Cello"',
        "%%MIDI program 42",
    ]
    assert lines[11] == "[V:1]C ^C D|_E =E C|^C D _E|E C ^C|"
    assert written.issues == ()
    assert AbcFormat().decode(written.data).scores == (score,)


def test_texts_that_fit_no_field_are_reported():
    score = Score((Track((Note(0, 1, 60),)),), 1, meta=(("title", "a\nb"), ("mood", "glad")))
    assert [issue.code for issue in AbcFormat().encode(score).issues] == ["abc.meta"]
