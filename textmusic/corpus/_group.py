"""Near duplicates, and a split that no group of them crosses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from textmusic.corpus._fingerprint import SIZE
from textmusic.corpus._table import Signatures
from textmusic.errors import CorpusError

__all__ = ["ALIKE", "components", "group", "join_songs", "near_pairs", "split"]

ALIKE = (0.15, 0.2, 0.3, 0.45, 0.6)
_BAND = 2
_SONG = 4
_LARGEST = 0.2
_Ints = NDArray[np.int64]
_Shares = NDArray[np.float64]


def near_pairs(signatures: Signatures, count: int) -> tuple[_Ints, _Ints, _Shares]:
    """Return pairs of documents whose fingerprints share at least ``ALIKE[0]``, and that share.

    Locality-sensitive hashing: candidates agree in one band of `_BAND` numbers. In a band's
    bucket each is compared with its neighbour and with the first only, which is linear, and
    enough to connect what is alike.
    """
    pairs, shares = np.empty(0, np.int64), np.empty(0)
    for start in range(0, SIZE, _BAND):
        columns = signatures.columns(start, start + _BAND).astype(np.uint64)
        keys = (columns << (np.uint64(16) * np.arange(_BAND, dtype=np.uint64))).sum(axis=1)
        order = np.argsort(keys, kind="stable")
        follows = keys[order][1:] == keys[order][:-1]
        heads = np.append(0, np.where(follows, 0, np.arange(1, count)))
        first = order[np.maximum.accumulate(heads)][1:][follows]
        here, before = order[1:][follows], order[:-1][follows]
        found = np.concatenate([before * count + here, first * count + here])
        found = np.setdiff1d(found, pairs)
        share = signatures.similarity(*np.divmod(found, count))
        alike = share >= ALIKE[0]
        pairs, kept = np.append(pairs, found[alike]), np.append(shares, share[alike])
        order = np.argsort(pairs, kind="stable")
        pairs, shares = pairs[order], kept[order]
    return (*np.divmod(pairs, count), shares)


def group(
    near: tuple[_Ints, _Ints, _Shares], bound: tuple[_Ints, _Ints], chars: _Ints
) -> tuple[_Ints, float]:
    """Return the group of each document, and from which share on two count as alike.

    In a large corpus chance alone links everything with everything at a low share. So the least
    of `ALIKE` is taken at which no group has over `_LARGEST` of all characters.

    Args:
        near: what `near_pairs` returned.
        bound: pairs that belong together in any case.
        chars: length of each document.
    """
    ones, others, shares = near
    for least in ALIKE:
        alike = shares >= least
        labels = components(
            len(chars),
            np.concatenate([ones[alike], bound[0]]),
            np.concatenate([others[alike], bound[1]]),
        )
        if np.bincount(labels, chars).max() <= _LARGEST * float(chars.sum()):
            return labels, least
    return labels, least


def components(count: int, ones: _Ints, others: _Ints) -> _Ints:
    """Return for each of `count` nodes the smallest node that edges connect it with."""
    labels = np.arange(count)
    while True:
        low = np.minimum(labels[ones], labels[others])
        joined = labels.copy()
        np.minimum.at(joined, labels[ones], low)
        np.minimum.at(joined, labels[others], low)
        while not np.array_equal(joined, joined[joined]):
            joined = joined[joined]
        if np.array_equal(joined, labels):
            return labels
        labels = joined


def join_songs(labels: _Ints, files: Sequence[_Ints], chars: _Ints) -> _Ints:
    """Return the labels with the pieces of each small file joined, which are parts of one song.

    A file of more than `_SONG` pieces is a book of independent ones. Books of a few pieces must
    not chain the whole corpus together through the tunes that they share: a join that would make
    a group of over `_LARGEST` of all characters, and much larger than the file, is left out.

    Args:
        labels: group of each document.
        files: the documents of each file.
        chars: length of each document.
    """
    parent = labels.tolist()
    weight = np.bincount(labels, chars, len(labels)).tolist()
    limit = _LARGEST * float(chars.sum())

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for members in sorted((m for m in files if 1 < len(m) <= _SONG), key=lambda m: m.tolist()):
        roots = sorted({root(int(m)) for m in members})
        together = sum(weight[r] for r in roots)
        if together > max(limit, 2.0 * float(chars[members].sum())):
            continue
        for other in roots[1:]:
            parent[other] = roots[0]
        weight[roots[0]] = together
    return np.array([root(node) for node in range(len(parent))], np.int64)


def split(
    labels: _Ints, chars: _Ints, hashes: NDArray[np.uint64], valid: float
) -> NDArray[np.bool_]:
    """Return which documents are held out: whole groups of about `valid` of the characters.

    Groups are taken in the order of a hash of their smallest member until there is enough.

    Raises:
        CorpusError: there is but one group, so that nothing can be held out.
    """
    if valid == 0:
        return np.zeros(len(labels), np.bool_)
    groups, members = np.unique(labels, return_inverse=True)
    if len(groups) < 2:
        what = (
            "a single document" if len(labels) == 1 else f"{len(labels)} documents that are alike"
        )
        raise CorpusError(
            f"only one piece of music was found ({what}), so none can be held out to measure on; "
            "add more music"
        )
    sizes = np.bincount(members, chars)
    target, taken = valid * float(sizes.sum()), 0.0
    chosen = np.zeros(len(groups), np.bool_)
    order = np.argsort(hashes[groups] * np.uint64(0x9E3779B97F4A7C15), kind="stable")
    for group in order:
        if taken + sizes[group] <= 1.1 * target:
            chosen[group] = True
            taken += sizes[group]
        if taken >= 0.95 * target:
            break
    if not chosen.any():
        chosen[order[np.argmin(sizes[order])]] = True
    return chosen[members]
