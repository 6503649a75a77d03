"""The page beside what sounds: repeats and endings folded and played out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.errors import ScoreError
from textmusic.form import MOST_MEASURES, Form, Measure, fold, unfold
from textmusic.score import Key, Meter, Note, Score, Tempo, Track

MEASURES = st.builds(
    Measure,
    opens=st.booleans(),
    passes=st.sampled_from([0, 0, 0, 2, 3]),
    endings=st.sampled_from([frozenset(), frozenset(), frozenset({1}), frozenset({2, 3})]),
)


def played(text: str) -> list[int] | None:
    form = Form.parse(text)
    assert form is not None
    return form.order()


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("3", [0, 1, 2]),
        ("2 2)2", [0, 1, 0, 1]),
        ("4 2( 3)3", [0, 1, 2, 1, 2, 1, 2, 3]),
        ("4 3[1 3)2 4[2", [0, 1, 2, 0, 1, 3]),
        ("4 3[1,2 3)3 4[3", [0, 1, 2, 0, 1, 2, 0, 1, 3]),
        ("4 2)2 4)2", [0, 1, 0, 1, 2, 3, 2, 3]),
        ("5 1( 2)2 4( 5)2", [0, 1, 0, 1, 2, 3, 4, 3, 4]),
    ],
)
def test_repeats_and_endings_are_played(text: str, order: list[int]) -> None:
    assert played(text) == order


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "3 4(", "3 0(", "3 1)100", "3 1[0", "99999", "2 1"]
)
def test_what_is_no_form_is_none(text: str) -> None:
    assert Form.parse(text) is None


@given(st.lists(MEASURES, min_size=1, max_size=12))
def test_a_form_survives_its_text(measures: list[Measure]) -> None:
    form = Form(tuple(measures))
    assert Form.parse(str(form)) == form


def test_endless_repeats_are_refused() -> None:
    form = Form((Measure(opens=True, passes=99),) * (MOST_MEASURES // 50))
    assert form.order() is None
    with pytest.raises(ScoreError):
        unfold(Score(), form)


def page(bars: int) -> Score:
    notes = [Note(4 * bar, 6 if bar == 1 else 4, 60 + bar) for bar in range(bars)]
    return Score(
        (Track(notes),),
        tpq=1,
        tempos=(Tempo(0, 120), Tempo(6, 90)),
        meters=(Meter(0, 4, 4),),
        keys=(Key(0, 1), Key(8, 2)),
    )


@settings(deadline=None, max_examples=200)
@given(st.lists(MEASURES, min_size=4, max_size=4))
def test_what_was_played_out_folds_back_or_stays(measures: list[Measure]) -> None:
    form = Form(tuple(measures))
    score = unfold(page(4), form)
    found = fold(score)
    if found is not None:
        assert unfold(*found) == score
        assert found[0].get("form") == ""
    order = form.order()
    assert [note.pitch - 60 for note in score.notes()] == order


def test_a_plain_repeat_folds_to_its_page() -> None:
    form = Form.parse("4 3[1 3)2 4[2")
    assert form is not None
    assert fold(unfold(page(4), form)) == (page(4), form)


def test_silent_measures_at_the_end_are_kept() -> None:
    form = Form.parse("6 4)2")
    assert form is not None
    assert fold(unfold(page(4), form)) == (page(4), form)


def test_a_form_that_fits_no_longer_is_left_alone() -> None:
    form = Form.parse("4 2)2")
    assert form is not None
    score = unfold(page(4), form)
    first, *others = score.tracks[0].notes
    changed = Track((Note(0, first.duration, 90), *others))
    assert fold(Score((changed,), 1, score.tempos, score.meters, score.keys, score.meta)) is None
    assert fold(page(4)) is None
