"""The laws of a codec, for each layout, and on text that was damaged."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import DecodeError, EncodeError
from textmusic.score import Meter, Note, Score, Track
from textmusic.testing import check_codec, scores
from textmusic_guitartab import GuitarTabCodec

GOLDEN = Path(__file__).parent.parent / "golden"
LAYOUTS = ("events", "columns", "rows")
OWN = {
    "events": "@3/4 E2 A2 D3 G3 B3 E4 t90\nE0q . e3+4i ri\n~i {D2i . }B1Q\n%\nM1/4 G0` G2q\n%\n",
    "columns": "@2/4 E1 A1 D2 G2\n0---\n----\n-x2-\nr---\n----\n----\n----\n---9\n|\nM1/8\n--0-\n----\n|\n",
    "rows": "@1/4 G4 C4 E4 A4 c2\nG|--r-|\nD|----|\nA|-1--|\nE|0---|\n\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_codec_keeps_its_laws(layout: str):
    examples = 4 if layout == "rows" else 8
    check_codec(GuitarTabCodec(layout), texts=[OWN[layout]], examples=examples, golden=GOLDEN)


@st.composite
def neck_scores(draw: st.DrawFn) -> Score:
    """Fretted tracks on odd necks, dense chords, any times, cut bars."""
    tuning = tuple(draw(st.lists(st.integers(20, 80), min_size=1, max_size=9)))
    capo = draw(st.integers(0, 14))
    tpq = draw(st.sampled_from([1, 7, 24, 96, 480, 997, 1680]))
    notes = []
    for _ in range(draw(st.integers(1, 14))):
        onset = draw(st.integers(0, 9 * tpq))
        string = draw(st.integers(0, len(tuning) - 1))
        marks = draw(st.sets(st.sampled_from(["dead", "palm-mute", "bend:1.5", "odd", "grace:2"])))
        duration = 0 if "grace:2" in marks else draw(st.integers(1, 4 * tpq))
        pitch = min(tuning[string] + draw(st.integers(-2, 40)), 127)
        keep = draw(st.booleans())
        notes.append(Note(onset, duration, pitch, 90, string if keep else None, frozenset(marks)))
    meters = [
        Meter(tpq * onset, numerator, denominator)
        for onset, numerator, denominator in draw(
            st.lists(
                st.tuples(st.integers(0, 8), st.integers(1, 13), st.sampled_from([1, 2, 4])),
                max_size=4,
            )
        )
    ]
    return Score((Track(tuple(notes), tuning=tuning, capo=capo),), tpq, meters=tuple(meters))


@given(neck_scores(), st.sampled_from(LAYOUTS))
@settings(max_examples=80, deadline=None)
def test_any_neck_and_rhythm_is_projected_and_comes_back(score: Score, layout: str):
    codec = GuitarTabCodec(layout)
    try:
        projected = codec.project(score)
    except EncodeError:
        assert all(note.grace for note in score.notes())
        return
    assert codec.project(projected) == projected
    text = codec.encode(projected)
    assert codec.validate(text) == ()
    assert codec.decode(text) == projected


@given(scores(), st.sampled_from(LAYOUTS))
@settings(max_examples=30, deadline=None)
def test_every_part_of_any_score_becomes_a_document(score: Score, layout: str):
    codec = GuitarTabCodec(layout)
    for part in codec.parts(score):
        text = codec.encode(codec.project(part))
        assert codec.canonical(text) == text


@given(st.text(alphabet="@4/ E2AMr~.%{&}!qhwe0x3`+\n|-", max_size=120), st.sampled_from(LAYOUTS))
@settings(max_examples=150, deadline=None)
def test_nothing_but_decode_errors_escapes(text: str, layout: str):
    codec = GuitarTabCodec(layout)
    for tried in (text, "@4/4 E2 A2 D3 G3 B3 E4\n" + text):
        for issue in codec.parse(tried).issues:
            assert 0 <= issue.offset <= len(tried)
        with contextlib.suppress(DecodeError):
            codec.canonical(tried)


def test_references_cannot_blow_up_a_text(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("textmusic_guitartab.reading.MAX_NOTES", 1024)
    text = f"@4/1 E2 A2 D3 G3\n{'E0k ' * 255}E0k\n" + "%\n" * 5000
    parsed = GuitarTabCodec().parse(text)
    assert [issue.code for issue in parsed.issues] == ["guitartab.too-long"]
    assert len(parsed.score.tracks[0].notes) == 1024
