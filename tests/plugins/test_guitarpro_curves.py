"""Curves of bends and the whammy bar as marks, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textmusic_guitarpro.curves import bend_marks, bend_points, whammy_mark, whammy_points

points = st.lists(
    st.tuples(st.integers(-48, 48).map(lambda v: v / 4), st.integers(0, 100)), max_size=20
)


def test_plain_bends_need_no_curve():
    assert bend_marks([(0, 0), (2, 50), (2, 100)]) == {"bend:2"}
    assert bend_marks([(0, 0), (0.5, 25), (0.5, 50), (0, 75)]) == {"bend:0.5", "release"}


def test_other_bends_have_one():
    assert bend_marks([(2, 0), (2, 100)]) == {"bend:2", "bend-curve:2@0"}
    assert bend_marks([(0, 0), (1.5, 100), (1, 100)]) == {
        *("bend:1.5", "release", "bend-curve:0@0,1.5@100,1@100"),
    }


def test_a_curve_that_never_rises_is_no_bend():
    assert bend_marks([(0, 0), (0, 100)]) == set()
    assert bend_marks([]) == set()
    assert bend_points({"hammer"}) is None


def test_the_bar_may_go_down_and_up():
    assert whammy_mark([(0, 0), (-1, 50), (0, 100)]) == {"whammy:0@0,-1@50,0@100"}
    assert whammy_points({"whammy:-2@0"}) == [(-2, 0), (-2, 100)]
    assert whammy_mark([(0, 0)]) == set()
    assert whammy_points({"vibrato"}) is None


@given(points)
def test_curves_survive_as_marks(curve: list[tuple[float, int]]):
    marks = bend_marks(curve)
    assert bend_marks(bend_points(marks) or []) == marks
    mark = whammy_mark(curve)
    assert whammy_mark(whammy_points(mark) or []) == mark


@pytest.mark.parametrize("mark", ["bend", "bend:x", "bend:-3", "bend:1e9", "bend:nan"])
def test_a_bend_without_a_height_is_a_whole_tone(mark: str):
    assert bend_points({mark}) == [(0, 0), (2, 50), (2, 100)]


@pytest.mark.parametrize("mark", ["bend-curve:", "bend-curve:1@", "whammy:x@3", "whammy:1@1;2@2"])
def test_marks_that_hold_no_curve_are_no_curve(mark: str):
    assert bend_points({mark}) is None
    assert whammy_points({mark}) is None
