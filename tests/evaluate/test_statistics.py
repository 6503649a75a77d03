"""What a set of pieces is like, held against music that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.evaluate.statistics import distance, statistics, wrong_bars
from textmusic.score import Meter, Note, Score, Track

HISTOGRAM = st.dictionaries(st.integers(0, 11).map(float), st.integers(1, 9), min_size=1)
TUNING = (40, 45, 50, 55, 59, 64)


def quarters(*pitches: int) -> Score:
    notes = tuple(Note(480 * i, 480, pitch) for i, pitch in enumerate(pitches))
    return Score((Track(notes),))


def strummed(*frets: int) -> Score:
    notes = [Note(0, 480, TUNING[s] + f, string=s) for s, f in enumerate(frets)]
    return Score((Track(notes, tuning=TUNING),))


def test_histograms_count_pitches_intervals_durations_and_places() -> None:
    found = statistics([quarters(60, 64, 67, 72, 60)])
    assert found.pieces == 1
    assert found.histograms["pitch class"] == {0.0: 3, 4.0: 1, 7.0: 1}
    assert found.histograms["interval"] == {-12.0: 1, 3.0: 1, 4.0: 1, 5.0: 1}
    assert found.histograms["duration"] == {1.0: 5}
    assert found.histograms["onset"] == {0.0: 2, 1.0: 1, 2.0: 1, 3.0: 1}


def test_intervals_follow_the_top_line_of_chords() -> None:
    chords = Score(
        (Track([Note(480 * i, 480, p) for i in range(2) for p in (48 + i, 60 + 2 * i)]),)
    )
    found = statistics([chords])
    assert found.histograms["interval"] == {2.0: 1}
    assert found.figures["polyphony"] == 2


def test_bars_that_repeat_are_counted() -> None:
    found = statistics([quarters(*(60, 62, 64, 65) * 3, 72, 72, 72, 72)]).figures
    assert found["bars"] == 4
    assert found["notes a bar"] == 4
    assert found["bars repeated"] == pytest.approx(2 / 3)
    assert found["self-similarity"] == pytest.approx(2 / 3)
    assert found["range"] == 12


def test_drums_and_silence_are_no_pieces() -> None:
    drums = Score((replace(quarters(36, 38).tracks[0], is_drum=True),))
    found = statistics([Score(), drums])
    assert (found.pieces, found.figures) == (0, {})
    assert distance(found.histograms["interval"], {1.0: 2}) is None


@pytest.mark.parametrize(
    ("frets", "playable"),
    [((3, 2, 0, 0, 0, 3), 1.0), ((1, 3, 3, 2, 1, 1), 1.0), ((1, 6, 0, 0, 0, 0), 0.0)],
)
def test_a_hand_spans_four_frets_and_open_strings_are_free(
    frets: tuple[int, ...], playable: float
) -> None:
    assert statistics([strummed(*frets)]).figures["playable"] == playable


def test_without_strings_nothing_is_said_of_the_hand() -> None:
    assert "playable" not in statistics([quarters(60)]).figures


def test_an_upbeat_and_a_bar_split_by_a_repeat_are_not_wrong_but_a_lost_beat_is() -> None:
    beat = 480

    def bars(*meters: int) -> int:
        score = replace(quarters(*[60] * 24), meters=tuple(Meter(m * beat, 4, 4) for m in meters))
        return wrong_bars(score.bars())

    assert bars(0) == 0
    assert bars(0, 1) == 0
    assert bars(0, 7, 8) == 0
    assert bars(0, 5, 6, 8) == 0
    assert bars(0, 7) == 1
    assert bars(0, 7, 10) == 2


@settings(deadline=None, max_examples=60)
@given(HISTOGRAM, HISTOGRAM)
def test_a_distance_is_symmetric_and_within_its_bounds(
    one: dict[float, int], two: dict[float, int]
) -> None:
    there, back = distance(one, two), distance(two, one)
    assert there is not None
    assert back is not None
    assert there.divergence == pytest.approx(back.divergence)
    assert 0 <= there.divergence <= 1 + 1e-9
    assert 0 <= there.area <= 1 + 1e-9
    same = distance(one, {value: 3 * count for value, count in one.items()})
    assert same is not None
    assert (same.divergence, same.area) == (pytest.approx(0, abs=1e-9), pytest.approx(1))


def test_what_has_nothing_in_common_lies_one_bit_apart() -> None:
    found = distance({0.0: 5}, {1.0: 2})
    assert found is not None
    assert (found.divergence, found.area) == (1, 0)
