"""Alphabet: characters and ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.errors import ConfigError, EncodeError

LETTERS = Alphabet("ab|\nžé🎵")


@given(st.text(alphabet=LETTERS.chars))
def test_text_survives_the_trip_through_ids(text) -> None:
    ids = LETTERS.encode(text)
    assert ids.dtype == np.uint16
    assert len(ids) == len(text)
    assert BOUNDARY not in ids
    assert LETTERS.decode(ids) == text


def test_ids_follow_the_order_and_leave_room_for_the_boundary() -> None:
    assert LETTERS.encode("ab|").tolist() == [1, 2, 3]
    assert LETTERS.size == 8


@pytest.mark.parametrize("char", ["c", "\0", "\ud800", "\U0010ffff", "A"])
def test_a_foreign_character_has_a_place(char) -> None:
    with pytest.raises(EncodeError) as caught:
        LETTERS.encode(f"ab{char}a")
    (issue,) = caught.value.issues
    assert (issue.code, issue.offset) == ("alphabet.unknown", 2)
    assert char not in LETTERS


@pytest.mark.parametrize("ids", [[0], [8], [-1], [1, 0, 2]])
def test_ids_that_are_no_characters_are_refused(ids) -> None:
    with pytest.raises(ValueError, match="is not a character"):
        LETTERS.decode(ids)


@pytest.mark.parametrize("chars", ["", "aba"])
def test_an_alphabet_needs_distinct_characters(chars) -> None:
    with pytest.raises(ConfigError):
        Alphabet(chars)


def test_equal_alphabets_are_equal_also_after_use() -> None:
    one, two = Alphabet("abc"), Alphabet("abc")
    one.encode("a")
    assert one == two
    assert hash(one) == hash(two)
    assert Alphabet("acb") != one
