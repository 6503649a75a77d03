"""Repeats and endings in Guitar Pro files, and those that are written out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from guitarpro_writing import FORMATS, back, codes, guitar, places

from textmusic.form import Form, unfold
from textmusic.score import Meter, Note, Tempo
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro import GuitarPro4, GuitarPro5


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", ["3 1( 2)3", "3 1( 2[1 2)2 3[2", "4 1( 2[1,2 2)3 3[3"])
def test_repeats_and_endings_survive(text: str, form: GuitarPro5):
    notes = tuple(Note(i * 1920, 1920, 64 + i, 79, 5) for i in range(4))
    signs = Form.parse(text)
    assert signs is not None
    page = replace(guitar(*notes[: len(signs.measures)]), tempos=(Tempo(0, 100),))
    score = unfold(page, signs)
    again = back(score, form)
    assert (again.get("form"), again.tracks) == (text, reduce_ticks(score).tracks)
    assert codes(score, form) == set()


def test_endings_that_gp4_cannot_tell_are_written_out():
    notes = tuple(Note(i * 1920, 1920, 64 + i, 79, 5) for i in range(4))
    signs = Form.parse("4 1( 2[1,3 3[2 3)3")
    assert signs is not None
    score = unfold(guitar(*notes), signs)
    assert codes(score) == set()
    assert codes(score, GuitarPro4()) == {"guitarpro.form"}
    assert places(back(score, GuitarPro4())) == places(back(score))


@pytest.mark.parametrize(
    "text",
    [
        "4 1( 2[1,3 2)4 3[2,4 3)4",  # do both ends count the same passes?
        "4 1( 2[1 2)3 3[2,3",  # is the end of an ending that is not played an end?
        "4 2)2 4)2",  # back to where?
    ],
)
def test_repeats_that_programs_play_differently_are_written_out(text: str):
    notes = tuple(Note(i * 1920, 1920, 64 + i, 79, 5) for i in range(4))
    signs = Form.parse(text)
    assert signs is not None
    score = unfold(guitar(*notes), signs)
    assert codes(score) == {"guitarpro.form"}
    assert places(back(score)) == places(score)


def test_repeats_are_written_out_where_bar_lines_have_to_move():
    signs = Form.parse("3 1( 3)2")
    assert signs is not None
    meters = (Meter(0, 2, 4), Meter(1000, 2, 4))  # the first bar is cut off between two 64ths
    page = replace(guitar(Note(0, 1000, 64, 79, 5), Note(1000, 960, 65, 79, 5)), meters=meters)
    assert "guitarpro.form" in codes(unfold(page, signs))
