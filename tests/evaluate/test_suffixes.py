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


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 2), max_size=400), st.integers(1, 50))
def test_suffixes_sorted_in_blocks_stand_in_order(sequence: list[int], block: int) -> None:
    """Those that are equal as deep as they are sorted stand as in the sequence."""
    index = Suffixes.build(np.array(sequence, np.int32), block)
    wanted = sorted(range(len(sequence)), key=lambda at: (sequence[at : at + DEPTH], at))
    assert index.order.tolist() == wanted


def test_a_sequence_that_repeats_itself_stands_in_order() -> None:
    sequence = [1, 2] * 3 * DEPTH
    wanted = sorted(range(len(sequence)), key=lambda at: (sequence[at : at + DEPTH], at))
    assert Suffixes.build(np.array(sequence, np.int32), 64).order.tolist() == wanted


def test_matches_longer_than_the_sorted_depth_are_followed_to_their_end() -> None:
    row = np.random.default_rng(0).integers(1, 50, 5 * DEPTH).astype(np.int32)
    index = Suffixes.build(np.concatenate([row, [0], row[: 2 * DEPTH], [0]]).astype(np.int32))
    lengths, places = index.longest(row[DEPTH:])
    assert lengths[0] == 4 * DEPTH
    assert places[0] == DEPTH


def test_a_negative_number_parts_queries() -> None:
    index = Suffixes.build(np.array([1, 2, 3, 0, 4, 5, 0], np.int32))
    lengths, places = index.longest(np.array([2, 3, -1, 4, -1], np.int32))
    assert lengths.tolist() == [2, 1, 0, 1, 0]
    assert places.tolist() == [1, 2, 0, 4, 0]
