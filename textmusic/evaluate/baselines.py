"""What a text costs without a network: uniform, order 0, an n-gram and a general compressor.

A model that does not beat them has not learnt. All take ids as corpora hold them: boundary,
document, boundary … boundary; what is predicted is every id but the first.
"""

from __future__ import annotations

import lzma
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY

__all__ = ["ORDER", "compressed_bits", "kneser_ney_bits", "order_0_bits", "uniform_bits"]

ORDER = 8
Ids = NDArray[np.integer[Any]]
Bits = NDArray[np.float64]
Hashes = NDArray[np.uint64]


def uniform_bits(ids: Ids, vocabulary: int) -> Bits:
    """Bits of each prediction when all ids are alike."""
    return np.full(max(len(ids) - 1, 0), np.log2(vocabulary))


def order_0_bits(train: Ids, ids: Ids, vocabulary: int) -> Bits:
    """Bits of each prediction from how often each id stands in the training ids (add one)."""
    counts = np.bincount(np.asarray(train[1:], np.int64), minlength=vocabulary) + 1.0
    bits: Bits = -np.log2(counts / counts.sum())
    return bits[np.asarray(ids[1:], np.int64)]


def kneser_ney_bits(train: Ids, ids: Ids, vocabulary: int, order: int = ORDER) -> Bits:
    """Bits of each prediction under an interpolated Kneser-Ney n-gram.

    Contexts reach back to the boundary of their document and no further. Contexts are compared
    by 64-bit hashes, so that every order is a few sorts of numpy's (Kneser and Ney, 1995; Chen
    and Goodman, 1999, with one discount an order).

    Args:
        train: ids to count in, at least one document.
        ids: ids to predict.
        vocabulary: number of ids, the boundary included.
        order: longest context in characters.
    """
    known, asked = _contexts(train, order), _contexts(ids, order)
    next_known = np.asarray(train[1:], np.uint64) + np.uint64(1)
    next_asked = np.asarray(ids[1:], np.uint64) + np.uint64(1)
    places = np.arange(len(next_known))
    terms = []
    for length in range(order, -1, -1):
        context = known[length][places]
        pair = _pair(context, next_known[places])
        pairs, first, counts = np.unique(pair, return_index=True, return_counts=True)
        contexts, of_pair = np.unique(context[first], return_inverse=True)
        frequent = counts.astype(np.float64)
        total: Bits = np.bincount(of_pair, frequent, len(contexts)).astype(np.float64)
        kinds = np.bincount(of_pair, minlength=len(contexts)).astype(np.float64)
        once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
        discount = once / (once + 2 * twice) if once else 0.5
        terms.append(
            (
                discount,
                _look_up(pairs, frequent, _pair(asked[length], next_asked)),
                _look_up(contexts, total, asked[length]),
                _look_up(contexts, kinds, asked[length]),
            )
        )
        places = places[first]  # a lower order counts in how many contexts a pair stands
    share: Bits = np.full(len(next_asked), 1.0 / vocabulary)
    for discount, count, seen, different in reversed(terms):
        mixed = np.maximum(count - discount, 0) + discount * different * share
        share = np.where(seen > 0, mixed / np.maximum(seen, 1), share)
    bits: Bits = -np.log2(share)
    return bits


def compressed_bits(train: Ids, ids: Ids) -> float:
    """Bits of a text for xz that has read the training ids: what they add to the archive."""
    known, text = np.asarray(train).tobytes(), np.asarray(ids).tobytes()
    window = max(1 << (len(known) + len(text)).bit_length(), 4096)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": min(window, 1 << 27)}]

    def size(data: bytes) -> int:
        return len(lzma.compress(data, lzma.FORMAT_RAW, filters=filters))

    return 8.0 * (size(known + text) - size(known))


def _contexts(ids: Ids, order: int) -> list[Hashes]:
    """For each length 0…`order`, a hash of the characters before each prediction."""
    values = np.asarray(ids[:-1], np.uint64) + np.uint64(1)
    multipliers = np.random.default_rng(0).integers(1, 1 << 62, order, np.uint64) * 2 + 1
    hashes = [np.zeros(len(values), np.uint64)]
    inside = np.ones(len(values), bool)
    for back in range(order):
        shifted = np.zeros(len(values), np.uint64)
        shifted[back:] = values[: max(len(values) - back, 0)]
        hashes.append(hashes[-1] + np.where(inside, shifted, 0) * multipliers[back])
        inside &= shifted != BOUNDARY + 1
    return hashes


def _pair(context: Hashes, value: Hashes) -> Hashes:
    mixed: Hashes = (context ^ (context >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed + value * np.uint64(0x9E3779B97F4A7C15)


def _look_up(keys: Hashes, values: Bits, asked: Hashes) -> Bits:
    """The values of some keys, 0 for unknown ones; `keys` are sorted."""
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[at] == asked, values[at], 0.0)
