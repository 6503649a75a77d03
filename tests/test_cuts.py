"""Where bars may be cut short, and what becomes of the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textmusic.cuts import APART, squared
from textmusic.score import Meter, Score


def written(*meters: tuple[int, int, int], tpq: int = 4, end: int = 200) -> list[tuple[int, ...]]:
    """The bars of metres (onset, numerator, denominator) squared: length, numerator, denominator."""
    given = Score((), tpq, meters=tuple(Meter(*meter) for meter in meters)).meters
    found, _ = squared(given, tpq, end, fits)
    bars = Score((), tpq, meters=tuple(found)).bars(end)
    return [(bar.end - bar.onset, bar.numerator, bar.denominator) for bar in bars]


def fits(numerator: int, denominator: int) -> bool:
    return denominator <= 8


def test_an_upbeat_stays():
    assert written((0, 4, 4), (4, 4, 4), end=36) == [(4, 4, 4), (16, 4, 4), (16, 4, 4)]


def test_a_section_with_an_upbeat_stays():
    whole = 16 * APART
    bars = written((0, 4, 4), (whole + 12, 4, 4), (whole + 16, 4, 4), end=whole + 20)
    assert bars[APART:] == [(12, 4, 4), (4, 4, 4), (16, 4, 4)]


def test_a_bar_before_another_metre_stays_cut():
    whole = 16 * APART
    assert written((0, 4, 4), (whole + 6, 3, 4), end=whole + 7)[APART:] == [(6, 4, 4), (12, 3, 4)]


def test_another_short_bar_gets_a_metre_of_its_own():
    assert written((0, 4, 4), (28, 4, 4), end=29) == [(16, 4, 4), (12, 3, 4), (16, 4, 4)]
    assert written((0, 4, 4), (28, 3, 4), end=29)[1:] == [(12, 3, 4), (12, 3, 4)]
    whole = 16 * APART
    bars = written((0, 4, 4), (whole + 12, 4, 4), (whole + 18, 4, 4), end=whole + 19)
    assert bars[APART:] == [(12, 3, 4), (6, 3, 8), (16, 4, 4)]


def test_a_bar_line_that_no_metre_leads_to_goes():
    assert written((0, 4, 4), (17, 4, 4), end=40) == [(16, 4, 4)] * 3


def test_a_metre_of_its_own_does_not_undo_the_change_before_it():
    whole = 2 * APART
    bars = written((0, 1, 8), (whole + 1, 1, 4), (whole + 3, 2, 2), end=whole + 4)
    assert bars[-2:] != [(2, 1, 8), (2, 1, 8)]


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(1, 9), st.sampled_from([2, 4, 8]))))
def test_what_is_squared_stays(meters: list[tuple[int, int, int]]):
    given = Score((), 4, meters=tuple(Meter(*meter) for meter in meters)).meters
    once = Score((), 4, meters=tuple(squared(given, 4, 160, fits)[0])).meters
    again, changed = squared(once, 4, 160, fits)
    assert changed == 0
    assert Score((), 4, meters=tuple(again)).meters == once
