"""The codec keeps the laws; what is particular to it is shown by example."""

from __future__ import annotations

from pathlib import Path

import pytest
from drumgrid import DrumGridCodec

from textmusic import DecodeError, EncodeError, Note, Score, Track
from textmusic.testing import check_codec

GOLDEN = Path(__file__).parent / "golden"
ROCK = "K-h-S-h-K-hkS-h-|\nK-h-S-h-K-hkSsss|"
TEXTS = [ROCK, "K-h- S-h- K-h- S-h- |\n\nk---|\n", "k-k|", ""]


@pytest.mark.parametrize("steps", [4, 3, 12])
def test_the_codec_keeps_every_law(steps: int) -> None:
    check_codec(DrumGridCodec(steps), texts=TEXTS, golden=GOLDEN)


def test_a_beat_reads_as_it_sounds() -> None:
    score = DrumGridCodec().decode("K-s-|")
    assert [(note.onset, note.pitch) for note in score.notes()] == [(0, 36), (0, 42), (2, 38)]


def test_the_line_says_how_long_the_bar_is() -> None:
    score = DrumGridCodec().decode("k-----------|\nk---------------|")
    assert [(bar.numerator, bar.denominator) for bar in score.bars()] == [(3, 4), (4, 4)]


def test_cymbals_become_the_hat_and_bells_are_dropped() -> None:
    drums = Track((Note(0, 480, 49), Note(480, 480, 56), Note(500, 480, 35)), is_drum=True)
    codec = DrumGridCodec()
    assert codec.encode(codec.project(Score((drums,)))) == "h---k-----------|"


def test_a_score_without_drums_is_refused() -> None:
    with pytest.raises(EncodeError, match="no drum track"):
        DrumGridCodec().project(Score((Track((Note(0, 480, 60),)),)))


def test_complaints_have_a_place() -> None:
    with pytest.raises(DecodeError) as caught:
        DrumGridCodec().decode("K---|\nK-x--")
    assert [issue.render("K---|\nK-x--", "beat.grid") for issue in caught.value.issues] == [
        "beat.grid:2:3: drumgrid.character: 'x' is no hit; known: -kshKSbB",
        "beat.grid:2:6: drumgrid.bar-line: the bar does not end with '|'",
    ]
