"""Fingerprints of music that survive transposition and small changes: MinHash over shingles.

A shingle is a run of notes of one track's top line, each by its interval from the note before and
the time since it; so a tune and its copy in another key have the same shingles, and a variant
shares most of them. MinHash (Broder 1997) keeps `SIZE` numbers of which two documents have about
that share in common which their sets of shingles have (their Jaccard similarity).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from textmusic.score import Score, Track

__all__ = ["SIZE", "signature"]

SIZE = 128
_RUN = 5
_TEXT_RUN = 16
_MOST = 4096
_STEPS = 12
_U64 = NDArray[np.uint64]

_random = np.random.default_rng(0x7E47)
_FACTORS = _random.integers(1, 2**63, SIZE, np.uint64) * np.uint64(2) + np.uint64(1)
_SHIFTS = _random.integers(0, 2**63, SIZE, np.uint64)


def signature(score: Score, text: str) -> NDArray[np.uint16]:
    """Return the MinHash of a document: `SIZE` numbers.

    Args:
        score: its music.
        text: its text, which is used where there are too few notes to compare.
    """
    parts = [_shingles(_line(track), _RUN) for track in score.tracks if not track.is_drum]
    shingles = np.unique(np.concatenate([*parts, np.empty(0, np.uint64)]))
    if not len(shingles):
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        run = min(_TEXT_RUN, max(len(points), 1))
        shingles = np.unique(_shingles(points.astype(np.uint64) + np.uint64(1 << 40), run))
    return _minhash(shingles[:_MOST])


def _line(track: Track) -> _U64:
    """The top line as one number a step: interval and time between neighbouring onsets."""
    notes = [(n.onset, n.pitch) for n in track.notes if n.duration]
    if len(notes) < 2:
        return np.empty(0, np.uint64)
    onsets, pitches = np.array(notes, np.int64).T
    top = np.append(onsets[1:] != onsets[:-1], True)
    steps: _U64 = (np.diff(pitches[top]) + 128).astype(np.uint64)
    return steps


def _shingles(symbols: _U64, run: int) -> _U64:
    """A hash of every run of symbols."""
    count = len(symbols) - run + 1
    if count < 1:
        return np.empty(0, np.uint64)
    hashes = np.zeros(count, np.uint64)
    for index in range(run):
        hashes = _mixed(hashes + symbols[index : index + count])
    return hashes


def _mixed(values: _U64) -> _U64:
    """The finaliser of splitmix64: every bit of the input changes half of the output."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _minhash(shingles: _U64) -> NDArray[np.uint16]:
    if not len(shingles):
        return np.zeros(SIZE, np.uint16)
    least = (shingles[:, None] * _FACTORS + _SHIFTS).min(axis=0)
    return (_mixed(least) >> np.uint64(48)).astype(np.uint16)
