"""Bits per character."""

import itertools
import math

import numpy as np
import pytest
import torch
from lm_toys import toy_ids
from torch.nn import functional

from textmusic.errors import CorpusError
from textmusic.lm import CharRNN, ModelConfig, character_bits, evaluate

MODEL = CharRNN(ModelConfig(vocabulary=6, layers=2, hidden=10, dropout=0.3), seed=4)


def alone(document: np.ndarray) -> float:
    """Bits of one document: boundary, characters, boundary."""
    ids = torch.from_numpy(document.astype(np.int64))[:, None]
    with torch.no_grad():
        logits, _ = MODEL.eval()(ids[:-1], MODEL.zero_state(1))
        nats = functional.cross_entropy(logits[:, 0], ids[1:, 0], reduction="sum")
    return float(nats) / math.log(2)


@pytest.mark.parametrize(("batch", "window"), [(1, 7), (4, 5), (32, 256), (500, 3)])
def test_documents_are_measured_one_by_one_whatever_the_layout(batch, window):
    ids = toy_ids(40, 2)
    result = evaluate(MODEL, ids, batch, window)
    edges = np.flatnonzero(ids == 0)
    expected = [alone(ids[a : b + 1]) for a, b in itertools.pairwise(edges)]
    assert result.documents == pytest.approx(expected, rel=1e-4)
    assert result.bits == pytest.approx(sum(expected), rel=1e-5)
    assert result.chars == len(ids) - 1
    assert result.bits_per_char == pytest.approx(result.bits / result.chars)


def test_threads_share_the_streams():
    ids = toy_ids(40, 2)
    one, three = (evaluate(MODEL, ids, 8, 16, threads) for threads in (1, 3))
    assert three.documents == pytest.approx(one.documents, rel=1e-5)
    assert three.hits == one.hits


def test_measuring_leaves_the_model_as_it_was():
    MODEL.train()
    first = evaluate(MODEL, toy_ids(10, 2))
    assert MODEL.training
    assert evaluate(MODEL, toy_ids(10, 2)) == first
    assert all(p.grad is None for p in MODEL.parameters())


def test_each_character_has_its_bits():
    ids = toy_ids(10, 3)
    bits = character_bits(MODEL, ids)
    assert bits.shape == (len(ids) - 1,)
    assert (bits > 0).all()
    assert bits.sum() == pytest.approx(evaluate(MODEL, ids).bits, rel=1e-5)


def test_empty_documents_cost_their_end_only():
    result = evaluate(MODEL, np.array([0, 0, 1, 0]))
    assert len(result.documents) == 2
    assert result.documents[0] == pytest.approx(alone(np.array([0, 0])), rel=1e-5)


def test_what_is_given_is_read_and_not_predicted():
    plain = toy_ids(10, 2) % 5
    first, *others = np.flatnonzero(plain == 0)[:-1] + 1
    ids = np.insert(plain, [first, *others[2:]], 5)  # all documents but two begin with a tag
    result = evaluate(MODEL, ids, given=5)
    bits = character_bits(MODEL, ids)
    asked = ids[1:] != 5
    assert result.bits == pytest.approx(float(bits[asked].sum()), rel=1e-5)
    assert result.chars == len(plain) - 1
    assert len(result.documents) == len(others) + 1
    assert sum(result.documents) == pytest.approx(result.bits)
    assert result.hits <= evaluate(MODEL, ids).hits
    assert evaluate(MODEL, plain, given=5) == evaluate(MODEL, plain)


def test_ids_of_another_alphabet_are_refused():
    with pytest.raises(CorpusError, match="reach 6"):
        evaluate(MODEL, np.array([0, 6, 0]))
