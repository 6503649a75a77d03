"""How well held-out music is predicted: a model beside what counting alone can do.

Characters of two codecs cannot be compared; notes and bars can. So every total is also given by
the note and by the bar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY
from textmusic.evaluate.baselines import (
    compressed_bits,
    kneser_ney_bits,
    order_0_bits,
    uniform_bits,
)

__all__ = [
    "DocumentBits",
    "Ids",
    "Predicted",
    "Prediction",
    "Predictor",
    "baselines",
    "best_order",
    "n_gram_bits_per_char",
]

ORDERS = (4, 6, 8, 10)
_TRIED = 1 << 19
_COUNTED = 1 << 23
_COMPRESSED = 1 << 22
_GLANCE = 1 << 21
Ids = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class DocumentBits:
    """One document under the model.

    Args:
        name: where it comes from.
        chars: predictions: its characters and its end.
        notes, bars: how many it holds.
        bits: minus its log-likelihood, to the base 2.
        n_gram_bits: the same under the n-gram; None without a training set.
    """

    name: str
    chars: int
    notes: int
    bars: int
    bits: float
    n_gram_bits: float | None


@dataclass(frozen=True, slots=True)
class Predictor:
    """One row of the table.

    Args:
        name: ``model``, ``uniform``, ``order 0``, ``n-gram``, ``xz``.
        bits: of all documents together.
        bits_per_char, bits_per_note, bits_per_bar: the same by what there is of each; None where
            there is none.
        accuracy: share of the characters that were held likeliest; None where nothing is held.
    """

    name: str
    bits: float
    bits_per_char: float
    bits_per_note: float | None
    bits_per_bar: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was predicted: documents, and how much is in them.

    Args:
        ids: boundary, document, boundary … boundary.
        names, notes, bars: of each document.
    """

    ids: Ids
    names: Sequence[str]
    notes: Sequence[int]
    bars: Sequence[int]

    def row(self, name: str, bits: float, accuracy: float | None = None) -> Predictor:
        """Return what a predictor needs for all documents, in every currency."""
        notes, bars, chars = sum(self.notes), sum(self.bars), len(self.ids) - 1
        return Predictor(
            name,
            bits,
            bits / chars,
            bits / notes if notes else None,
            bits / bars if bars else None,
            accuracy,
        )

    def by_document(self, bits: NDArray[np.floating[Any]]) -> list[float]:
        """Return the sum of the bits of each document."""
        firsts = np.flatnonzero(np.asarray(self.ids[:-1]) == BOUNDARY)
        return [float(total) for total in np.add.reduceat(bits.astype(np.float64), firsts)]


@dataclass(frozen=True, slots=True)
class Prediction:
    """How well some documents are predicted.

    Args:
        predictors: the model first.
        documents: under the model, the dearest by the character first.
        order: longest context of the n-gram; 0 without a training set.
        left_out: files and pieces that could not be used, each with the reason.
        told: documents whose kind the model was told; nothing else is told of any.
    """

    predictors: tuple[Predictor, ...]
    documents: tuple[DocumentBits, ...]
    order: int
    left_out: tuple[str, ...] = ()
    told: int = 0

    @property
    def verdict(self) -> str:
        """One line that says whether the model has learnt."""
        bits = {row.name: row.bits_per_char for row in self.predictors}
        model = bits["model"]
        for name, meaning in (
            ("uniform", "worse than not looking at all: it is broken, or made for other music"),
            ("order 0", "it has learnt nothing but how frequent the characters are, if that"),
            ("n-gram", "counting does as well: train longer, on more music, or a larger model"),
        ):
            if name in bits and model >= bits[name]:
                return (
                    f"the model does not beat {name} ({model:.3f} to {bits[name]:.3f}): {meaning}"
                )
        if "n-gram" not in bits:
            return ""
        gain = 1 - model / bits["n-gram"]
        return f"the model beats the n-gram by {gain:.0%}"


def baselines(
    train: Ids,
    held: Predicted,
    vocabulary: int,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[tuple[Predictor, NDArray[np.float64] | None, int]]:
    """Yield what predicts without a network: its row, the bits of each prediction, its order.

    The n-gram counts in about the first eight million ids, the compressor has read the last four.

    Args:
        train: ids of the training set.
        held: what to predict.
        vocabulary: number of ids, the boundary included.
        progress: called with what is done of how much.
    """
    steps = len(ORDERS) + 2
    yield _row(held, "uniform", uniform_bits(held.ids, vocabulary)), None, 0
    counts = np.bincount(np.asarray(train[1:], np.int64), minlength=vocabulary)
    hits = float(np.mean(np.asarray(held.ids[1:]) == counts.argmax()))
    yield _row(held, "order 0", order_0_bits(train, held.ids, vocabulary), hits), None, 0
    order = best_order(train, vocabulary, lambda done: progress(done, steps))
    bits = kneser_ney_bits(_first(train, _COUNTED), held.ids, vocabulary, order)
    progress(steps - 1, steps)
    yield _row(held, "n-gram", bits), bits, order
    known = train[max(0, len(train) - _COMPRESSED) :]
    yield held.row("xz", compressed_bits(known, held.ids)), None, 0
    progress(steps, steps)


def n_gram_bits_per_char(train: Ids, ids: Ids, vocabulary: int) -> float:
    """Return what an n-gram of the usual order needs that has counted about two million ids."""
    return float(kneser_ney_bits(_first(train, _GLANCE), ids, vocabulary).mean())


def best_order(
    train: Ids, vocabulary: int, progress: Callable[[int], None] = lambda _done: None
) -> int:
    """Return the order of the n-gram that predicts best a tenth of the training set."""
    part = _first(train, _TRIED)
    boundaries = np.flatnonzero(np.asarray(part) == BOUNDARY)
    cut = int(boundaries[len(boundaries) * 9 // 10])
    if len(boundaries) < 3 or not 0 < cut < len(part) - 1:
        return ORDERS[0]
    bits = {}
    for done, order in enumerate(ORDERS, 1):
        found = kneser_ney_bits(part[: cut + 1], part[cut:], vocabulary, order)
        bits[order] = float(found.mean())
        progress(done)
    return min(bits, key=lambda order: bits[order])


def _row(
    held: Predicted, name: str, bits: NDArray[np.float64], accuracy: float | None = None
) -> Predictor:
    return held.row(name, float(bits.sum()), accuracy)


def _first(ids: Ids, count: int) -> Ids:
    """The documents that end within the first ids, at least one."""
    if len(ids) <= count:
        return ids
    ends = np.flatnonzero(np.asarray(ids[:count]) == BOUNDARY)
    if len(ends) > 1:
        return ids[: int(ends[-1]) + 1]
    return ids[: int(np.argmax(np.asarray(ids[1:]) == BOUNDARY)) + 2]
