"""The judge of .gp5 files that the benchmark `validity.py` asks what a file lacks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from guitarpro_scores import GUITAR

from textmusic.score import Note, Score, Tempo, Track
from textmusic_guitarpro import GuitarPro5


@pytest.fixture
def lacks(monkeypatch) -> Callable[..., str | None]:
    """Why the file of a score does not hold it, or one that is changed after it was read."""
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[2] / "benchmarks"), *sys.path])
    missing = import_module("gp5_losses").missing

    def judge(score: Score, change: Callable[[Score], Score] = lambda back: back) -> str | None:
        written = GuitarPro5().encode(score)
        (back,) = GuitarPro5().decode(written.data).scores
        reason, _ = missing(score, change(back), written.issues)
        return reason

    return judge


def at(*tempos: tuple[int, float]) -> Score:
    track = Track((Note(0, 3840, 64, 79, 5),), tuning=GUITAR)
    return Score((track,), tempos=tuple(Tempo(*tempo) for tempo in tempos))


def without_last_tempo(score: Score) -> Score:
    return replace(score, tempos=score.tempos[:-1])


def test_a_change_that_is_left_out_may_make_the_next_one_none(lacks):
    assert lacks(at((0, 56), (810, 84), (820, 56), (2880, 70))) is None
    assert lacks(at((0, 56), (810, 84), (820, 60), (2880, 70))) is None
    assert lacks(at((0, 56), (5, 84), (2880, 70))) is None


def test_a_change_may_move_to_the_end_of_the_last_note(lacks):
    score = at((0, 56), (1876, 84))
    (track,) = score.tracks
    short = replace(score, tracks=(replace(track, notes=(Note(0, 1880, 64, 79, 5),)),))
    assert lacks(short) is None
    assert lacks(short, without_last_tempo) == "the .gp5 has other tempos"


@pytest.mark.parametrize("after", [56, 60])
def test_a_change_that_is_left_out_excuses_no_other_one(lacks, after: int):
    score = at((0, 56), (810, 84), (820, after), (2880, 70))
    assert lacks(score, without_last_tempo) == "the .gp5 has other tempos"


def test_a_change_that_nobody_names_is_missed(lacks):
    assert lacks(at((0, 56), (960, 84))) is None
    assert lacks(at((0, 56), (960, 84)), without_last_tempo) == "the .gp5 has other tempos"


def drums(*notes: tuple[int, int, int]) -> Score:
    return Score((Track(tuple(Note(a, n, key, 79) for a, n, key in notes), is_drum=True),))


def test_notes_that_fall_together_are_paired_by_their_lengths(lacks):
    assert lacks(drums((805, 60, 56), (820, 20, 56), (930, 30, 38))) is None


def test_a_note_that_nobody_names_is_missed(lacks):
    def silenced(score: Score) -> Score:
        (track,) = score.tracks
        return replace(score, tracks=(replace(track, notes=track.notes[1:]),))

    score = drums((0, 480, 36), (480, 480, 38))
    assert lacks(score, silenced) == "the .gp5 has other notes: nothing"
