"""Baselines are probabilities, and learn what can be learnt by counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.evaluate.baselines import (
    compressed_bits,
    kneser_ney_bits,
    order_0_bits,
    uniform_bits,
)

VOCABULARY = 5
DOCUMENTS = st.lists(st.lists(st.integers(1, VOCABULARY - 1), max_size=12), min_size=1, max_size=8)


def ids(documents: list[list[int]]) -> np.ndarray:
    return np.array([0, *(i for document in documents for i in (*document, 0))])


@settings(deadline=None, max_examples=100)
@given(DOCUMENTS, st.lists(st.integers(1, VOCABULARY - 1), max_size=6), st.integers(0, 5))
def test_the_chances_of_all_continuations_sum_to_one(
    documents: list[list[int]], context: list[int], order: int
) -> None:
    train = ids(documents)
    texts = [np.array([0, *context, last]) for last in range(VOCABULARY)]
    for bits in (
        [kneser_ney_bits(train, text, VOCABULARY, order)[-1] for text in texts],
        [order_0_bits(train, text, VOCABULARY)[-1] for text in texts],
        [uniform_bits(text, VOCABULARY)[-1] for text in texts],
    ):
        assert sum(2.0**-b for b in bits) == pytest.approx(1)


def test_an_n_gram_learns_a_pattern_that_order_0_cannot() -> None:
    train = ids([[1, 2, 3, 4] * 20] * 20)
    text = ids([[1, 2, 3, 4] * 5])
    assert order_0_bits(train, text, VOCABULARY).mean() > 1.9
    assert kneser_ney_bits(train, text, VOCABULARY)[:-1].mean() < 0.1


def test_documents_do_not_see_the_one_before() -> None:
    train = ids([[1, 1], [2, 2]] * 50)
    one = kneser_ney_bits(train, ids([[1, 1], [2, 2]]), VOCABULARY)
    two = kneser_ney_bits(train, ids([[2, 2]]), VOCABULARY)
    assert one[3:].tolist() == pytest.approx(two.tolist())


def test_a_compressor_pays_little_for_what_it_has_read() -> None:
    text = np.random.default_rng(0).integers(1, 200, 4000).astype(np.uint8)
    new = np.random.default_rng(1).integers(1, 200, 4000).astype(np.uint8)
    assert compressed_bits(text, text) < 0.05 * compressed_bits(text, new)
