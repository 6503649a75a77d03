"""Note values for lengths, the grid of what they can reach, the order of repeats."""

from __future__ import annotations

from itertools import pairwise

import pytest
from guitarpro import models as gp
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic_guitarpro._order import MOST_MEASURES, play_order
from textmusic_guitarpro._rhythm import GRIDS, UNIT, Value, on_grid, signatures, values


def length(value: Value) -> int:
    plain = 4 * UNIT // value.value * (3 if value.is_dotted else 2) // 2
    return plain * value.times // value.notes


def test_usual_lengths_are_one_note_value():
    assert values(0, UNIT) == (Value(4, is_dotted=False),)
    assert values(0, UNIT * 3 // 2) == (Value(4, is_dotted=True),)
    assert values(UNIT // 3, UNIT * 2 // 3) == (Value(8, is_dotted=False, notes=3, times=2),)
    assert values(0, UNIT // 5) == (Value(16, is_dotted=False, notes=5, times=4),)
    assert values(0, UNIT * 4 // 7) == (Value(4, is_dotted=False, notes=7, times=4),)


def test_a_long_odd_length_is_cut_at_the_beats():
    found = values(UNIT // 3, 2 * UNIT)
    assert found is not None
    assert [v.notes for v in found] == [3, 1]


def test_a_48th_of_a_quarter_has_no_note_value():
    assert values(0, UNIT // 48) is None


@given(st.integers(0, 16 * 24), st.integers(1, 16 * 24), st.sampled_from(GRIDS))
@settings(max_examples=200, deadline=None)
def test_note_values_add_up_to_their_length(start: int, count: int, grid: tuple[int, int, int]):
    step = UNIT // grid[0]
    found = values(start * step, (start + count) * step)
    assert found is not None
    assert sum(map(length, found)) == count * step
    assert all(v.value <= 64 for v in found)


@given(st.sets(st.integers(0, 4 * UNIT), max_size=12), st.integers(1, 64))
@settings(max_examples=150, deadline=None)
def test_any_times_have_a_grid_between_whose_points_note_values_fit(times: set[int], bars: int):
    bar = bars * UNIT // 16
    placed = on_grid({time for time in times if time <= bar}, bar)
    points = sorted({0, bar, *placed.values()})
    assert all(values(*pair) is not None for pair in pairwise(points))
    assert all(abs(time - place) <= UNIT // 32 for time, place in placed.items())


def test_different_tuplets_in_one_bar_stay_exact():
    fifths = [UNIT * i // 5 for i in range(5)]
    sevenths = [UNIT + UNIT * i // 7 for i in range(7)]
    times = {*fifths, *sevenths}
    assert on_grid(times, 4 * UNIT) == {time: time for time in {*times, 0, 4 * UNIT}}


@pytest.mark.parametrize(
    ("quarters", "wanted", "expected"),
    [(4, 4, [(4, 4)]), (3, 8, [(6, 8)]), (0.5, 4, [(1, 8)]), (0.0625, 4, [(1, 64)]),
     (3, 128, [(3, 4)])],
)  # fmt: skip
def test_time_signatures_fit_the_length(quarters: float, wanted: int, expected: list):
    assert signatures(int(quarters * UNIT), wanted) == expected


def test_a_length_beyond_one_signature_is_split():
    found = signatures(100 * UNIT + UNIT // 16, 4)
    assert sum(4 * UNIT * n // d for n, d in found) == 100 * UNIT + UNIT // 16
    assert all(n <= 32 for n, _ in found)


def header(*, opens: bool = False, closes: int = -1, ending: int = 0) -> gp.MeasureHeader:
    return gp.MeasureHeader(isRepeatOpen=opens, repeatClose=closes, repeatAlternative=ending)


@pytest.mark.parametrize(
    ("headers", "order"),
    [
        ([header(), header()], [0, 1]),
        ([header(opens=True), header(closes=1), header()], [0, 1, 0, 1, 2]),
        ([header(), header(closes=2)], [0, 1, 0, 1, 0, 1]),
        (
            [header(opens=True), header(closes=1, ending=1), header(ending=2), header()],
            [0, 1, 0, 2, 3],
        ),
        (
            [header(opens=True), header(closes=2, ending=0b11), header(ending=0b100), header()],
            [0, 1, 0, 1, 0, 2, 3],
        ),
        (
            [header(opens=True), header(ending=1), header(closes=1), header(ending=2)],
            [0, 1, 2, 0, 3],
        ),
        ([header(opens=True), header(closes=1), header(), header(closes=1)], [0, 1] * 2 + [2, 3] * 2),
    ],
)  # fmt: skip
def test_repeats_and_endings_are_played_out(headers: list[gp.MeasureHeader], order: list[int]):
    assert play_order(headers) == order


def test_endless_repeats_are_refused():
    assert play_order([header(opens=True, closes=100) for _ in range(MOST_MEASURES)]) is None
