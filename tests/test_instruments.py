"""The instruments of General MIDI."""

from __future__ import annotations

import pytest

from textmusic.instruments import FAMILIES, PROGRAMS, programs_named


def test_there_are_128_in_16_families() -> None:
    assert len(PROGRAMS) == len(set(PROGRAMS)) == 128
    assert len(FAMILIES) == len(set(FAMILIES)) == 16


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("Violin", {40}),
        ("CELLO", {42}),
        ("guitar", set(range(24, 32))),
        (" strings ", set(range(40, 48))),
        ("sax", {64, 65, 66, 67}),
        ("theremin", set()),
        ("", set()),
    ],
)
def test_names_families_and_pieces_of_names(text: str, programs: set[int]) -> None:
    assert programs_named(text) == programs
