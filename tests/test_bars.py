"""Bar references."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textmusic.bars import DISTANCES, fold, unfold

BARS = st.lists(st.sampled_from("abc"), max_size=30)


def unfolded(marks: list[str]) -> list[str]:
    bars: list[str] = []
    for index, mark in enumerate(marks):
        bar = unfold(index, mark, bars)
        assert bar is not None
        bars.append(bar)
    return bars


@given(BARS, st.data())
def test_what_is_folded_unfolds(bars, data) -> None:
    fixed = data.draw(st.lists(st.booleans(), min_size=len(bars), max_size=len(bars)))
    assert unfolded(fold(bars)) == bars
    marks = fold(bars, fixed)
    assert unfolded(marks) == bars
    assert all(mark == bar for mark, bar, f in zip(marks, bars, fixed, strict=True) if f)


@given(BARS)
def test_folding_takes_the_nearest_reference_that_fits(bars) -> None:
    for index, mark in enumerate(fold(bars)):
        fitting = [d for d in DISTANCES.values() if d <= index and bars[index - d] == bars[index]]
        assert mark == bars[index] if not fitting else DISTANCES[mark] == min(fitting)


def test_a_reference_before_the_start_has_no_bar() -> None:
    assert unfold(1, "%2", ["a"]) is None
    assert unfold(0, "%", []) is None
    assert unfold(1, "%", ["a"]) == "a"
    assert unfold(1, "%3", ["a"]) == "%3"


def test_a_fixed_bar_can_be_referred_to() -> None:
    assert fold(["a", "a", "a"], [True, True, False]) == ["a", "a", "%"]
