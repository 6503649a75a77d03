"""Bars cut short and odd times of `guitarpro`: what the projection makes of them."""

from __future__ import annotations

import pytest

from textmusic.errors import EncodeError
from textmusic.grammar import first_error
from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic_guitarpro import GuitarProCodec

CODEC = GuitarProCodec()
HEAD = "@4/4\n:\n"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("!q C4q\nC4w\n", None),
        ("C4w\n!q ( C4q\n)2 %2\n", None),
        ("C4w\n!q C4q\nC4w\n", "C4w\nM1/4 C4q\nM4/4 %2\n"),
        ("C4w\nC4w\n!h C4h\n", "C4w\n%\nM2/4 C4h\n"),
    ],
)
def test_bars_cut_short_get_a_metre_but_for_upbeats_and_repeats(text: str, canonical: str | None):
    written = CODEC.canonical(HEAD + text)
    assert written == HEAD + (canonical or text)
    assert first_error(CODEC.grammar(), written) is None
    if canonical:
        assert "guitarpro.meter" in {i.code for i in CODEC.explain(CODEC.decode(HEAD + text))}
        with pytest.raises(EncodeError):
            CODEC.encode(CODEC.decode(HEAD + text))


def test_times_of_a_quarter_go_to_one_grid_and_voices_have_their_own():
    mixed = tuple(Note(onset, 8, 60) for onset in (0, 16, 27))
    score = Score((Track(mixed),), 48)
    assert "guitarpro.grid" in {issue.code for issue in CODEC.explain(score)}
    with pytest.raises(EncodeError, match="project"):
        CODEC.encode(score)
    assert first_error(CODEC.grammar(), CODEC.encode(CODEC.project(score))) is None
    apart = (Note(0, 16, 60), Note(0, 27, 64, marks=frozenset({"voice:2"})))
    assert CODEC.explain(Score((Track(apart),), 48)) == ()


def test_tempos_are_whole_or_half():
    score = Score((Track((Note(0, 4, 60),)),), 1, (Tempo(0, 797.848), Tempo(2, 90.3)))
    assert [t.qpm for t in CODEC.project(score).tempos] == [400, 90.5]
    with pytest.raises(EncodeError, match="project"):
        CODEC.encode(Score(score.tracks, 1, (Tempo(0, 90.3),), (Meter(0, 4, 4),)))
