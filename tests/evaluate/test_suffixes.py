"""The suffix array finds what a search by hand finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from textmusic.evaluate._suffixes import DEPTH, Suffixes

ROWS = st.lists(st.integers(0, 2), max_size=40)


def match(query: list[int], sequence: list[int], place: int) -> int:
    pairs = zip(query, sequence[place:], strict=False)
    return next(
        (i for i, (a, b) in enumerate(pairs) if a != b), min(len(query), len(sequence) - place)
    )


@settings(deadline=None, max_examples=200)
@given(ROWS, ROWS)
def test_each_longest_match_is_found_with_its_place(sequence: list[int], query: list[int]) -> None:
    index = Suffixes.build(np.array(sequence, np.int32))
    lengths, places = index.longest(np.array(query, np.int32))
    for start, (length, place) in enumerate(zip(lengths.tolist(), places.tolist(), strict=True)):
        rest = query[start:]
        best = max((match(rest, sequence, at) for at in range(len(sequence))), default=0)
        assert length == best
        assert rest[:length] == sequence[place : place + length]


def test_matches_longer_than_the_sorted_depth_are_followed_to_their_end() -> None:
    row = np.random.default_rng(0).integers(1, 50, 5 * DEPTH).astype(np.int32)
    index = Suffixes.build(np.concatenate([row, [0], row[: 2 * DEPTH], [0]]).astype(np.int32))
    lengths, places = index.longest(row[DEPTH:])
    assert lengths[0] == 4 * DEPTH
    assert places[0] == DEPTH
