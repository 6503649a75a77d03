"""The table of predictors: its currencies, its verdict, the order of its n-gram."""

from __future__ import annotations

import numpy as np
import pytest

from textmusic.evaluate.prediction import Predicted, Prediction, Predictor, baselines, best_order

TUNE = [1, 2, 3, 4] * 8


def ids(documents: list[list[int]]) -> np.ndarray:
    return np.array([0, *(i for document in documents for i in (*document, 0))])


def predicted() -> Predicted:
    return Predicted(ids([TUNE, TUNE[:8]]), ["one", "two"], [16, 4], [4, 1])


def row(name: str, bits: float) -> Predictor:
    return Predictor(name, bits, bits, None, None, None)


def test_a_row_is_in_every_currency() -> None:
    found = predicted().row("model", 84.0, 0.5)
    assert found.bits_per_char == 84 / 42
    assert found.bits_per_note == 84 / 20
    assert found.bits_per_bar == 84 / 5
    assert Predicted(ids([TUNE]), ["x"], [0], [0]).row("x", 1.0).bits_per_note is None


def test_documents_add_up() -> None:
    held = predicted()
    assert held.by_document(np.ones(len(held.ids) - 1)) == [33, 9]


def test_counting_beats_frequencies_where_there_is_a_pattern() -> None:
    steps = []
    found = list(baselines(ids([TUNE] * 12), predicted(), 5, lambda *at: steps.append(at)))
    bits = {one.name: one.bits_per_char for one, _, _ in found}
    assert list(bits) == ["uniform", "order 0", "n-gram", "xz"]
    assert bits["uniform"] == pytest.approx(np.log2(5))
    assert bits["n-gram"] < bits["order 0"] / 2
    assert found[1][0].accuracy == pytest.approx(10 / 42)
    assert steps[-1] == (6, 6)


@pytest.mark.parametrize("documents", [[[1]], [[1], [2]], [[1, 2, 3]] * 40])
def test_any_training_set_gives_an_order(documents: list[list[int]]) -> None:
    assert best_order(ids(documents), 5) in {4, 6, 8, 10}


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (9.0, "does not beat uniform"),
        (5.0, "does not beat order 0"),
        (3.0, "does not beat n-gram"),
        (1.5, "beats the n-gram by 25%"),
    ],
)
def test_what_a_model_does_not_beat_is_said(model: float, said: str) -> None:
    rows = (row("model", model), row("uniform", 8), row("order 0", 4.5), row("n-gram", 2))
    assert said in Prediction(rows, (), 6).verdict


def test_without_a_training_set_only_the_worst_is_said() -> None:
    assert not Prediction((row("model", 3), row("uniform", 8)), (), 0).verdict
    assert "uniform" in Prediction((row("model", 9), row("uniform", 8)), (), 0).verdict
