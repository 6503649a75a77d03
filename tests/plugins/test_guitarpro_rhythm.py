"""Note values for lengths, and the grid of what they can reach."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic_guitarpro._rhythm import TUPLETS, UNIT, NoteValues, note_values, signatures
from textmusic_guitarpro.song import Rhythm

GP5 = note_values(64, 1)
FINE = note_values(256, 2)
KINDS = pytest.mark.parametrize("kind", [GP5, note_values(128, 2), FINE])


@KINDS
def test_usual_lengths_are_one_note_value(kind: NoteValues):
    assert kind.values(0, UNIT) == (Rhythm(4),)
    assert kind.values(0, UNIT * 3 // 2) == (Rhythm(4, 1),)
    assert kind.values(UNIT // 3, UNIT * 2 // 3) == (Rhythm(8, 0, 3, 2),)
    assert kind.values(0, UNIT // 5) == (Rhythm(16, 0, 5, 4),)
    assert kind.values(0, UNIT * 4 // 7) == (Rhythm(4, 0, 7, 4),)


def test_two_dots_are_used_where_there_are_any():
    assert FINE.values(0, UNIT * 7 // 4) == (Rhythm(4, 2),)
    assert GP5.values(0, UNIT * 7 // 4) == (Rhythm(4, 1), Rhythm(16))


def test_a_long_odd_length_is_cut_at_the_beats():
    found = GP5.values(UNIT // 3, 2 * UNIT)
    assert found is not None
    assert [value.notes for value in found] == [3, 1]


def test_a_48th_of_a_quarter_has_a_note_value_only_where_128ths_are():
    assert GP5.values(0, UNIT // 48) is None
    assert note_values(128, 1).values(0, UNIT // 48) == (Rhythm(128, 0, 3, 2),)


@KINDS
@given(st.data())
@settings(max_examples=100, deadline=None)
def test_note_values_add_up_to_their_length(kind: NoteValues, data: st.DataObject):
    notes, times = data.draw(st.sampled_from(TUPLETS))
    step = kind.shortest * times // notes
    start, count = data.draw(st.integers(0, 16 * 24)), data.draw(st.integers(1, 16 * 24))
    found = kind.values(start * step, (start + count) * step)
    assert found is not None
    assert sum(value.length for value in found) * UNIT == count * step
    assert all(value.value <= 4 * UNIT // kind.shortest for value in found)


@KINDS
@given(st.sets(st.integers(0, 4 * UNIT), max_size=12), st.integers(1, 64))
@settings(max_examples=80, deadline=None)
def test_any_times_have_a_grid_between_whose_points_note_values_fit(
    kind: NoteValues, times: set[int], bars: int
):
    bar = bars * UNIT // 16
    placed = kind.on_grid({time for time in times if time <= bar}, bar)
    points = sorted({0, bar, *placed.values()})
    assert all(kind.values(*pair) is not None for pair in pairwise(points))
    assert all(abs(time - place) <= kind.shortest / 2 for time, place in placed.items())


@KINDS
def test_different_tuplets_in_one_bar_stay_exact(kind: NoteValues):
    fifths = [UNIT * i // 5 for i in range(5)]
    sevenths = [UNIT + UNIT * i // 7 for i in range(7)]
    times = {*fifths, *sevenths}
    assert kind.on_grid(times, 4 * UNIT) == {time: time for time in {*times, 0, 4 * UNIT}}


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
