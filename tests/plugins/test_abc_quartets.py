"""Chorales and quartets through ABC, and MIDI files that were never written as text."""

from __future__ import annotations

import importlib.util
from collections import Counter
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest

from textmusic import FormatError, Score, api
from textmusic_abc import AbcCodec

CODEC = AbcCodec()
PIECES = (
    "bach/bwv66.6.mxl",
    "bach/bwv248.23-2.mxl",
    "haydn/opus1no1/movement4.mxl",
    "mozart/k155/movement3.mxl",
    "mozart/k80/movement1.mxl",
)


def music21_corpus() -> Path:
    spec = importlib.util.find_spec("music21")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "corpus"


def struck(score: Score) -> list[Counter[tuple[Fraction, Fraction, int, tuple[str, ...]]]]:
    """What each part plays, in quarters, with the voice in the part."""
    return [
        Counter(
            (
                Fraction(note.onset, score.tpq),
                Fraction(note.duration, score.tpq),
                note.pitch,
                tuple(mark for mark in note.marks if mark.startswith(("voice:", "grace:"))),
            )
            for note in track.notes
        )
        for track in score.tracks
        if track.notes
    ]


def bars(score: Score) -> list[tuple[Fraction, int, int]]:
    return [(Fraction(b.onset, score.tpq), b.numerator, b.denominator) for b in score.bars()]


@pytest.mark.parametrize("name", PIECES)
def test_four_parts_survive_in_one_text_bar_by_bar(name: str, tmp_path: Path) -> None:
    score = api.read(music21_corpus() / name).scores[0]
    text = CODEC.encode(CODEC.project(score))
    lines = text.splitlines()
    parts = len([track for track in score.tracks if track.notes])
    music = [line for line in lines if line.startswith("[V:1]")]
    assert len(music) == len(score.bars())
    assert all(line.count("[V:") == parts for line in music)
    back = CODEC.decode(text)
    assert struck(back) == struck(score)
    assert bars(back) == bars(score)
    assert [(k.fifths, k.mode) for k in back.keys] == [(k.fifths, k.mode) for k in score.keys]
    assert [round(t.qpm, 3) for t in back.tempos] == [round(t.qpm, 3) for t in score.tempos]
    assert [t.program for t in back.tracks] == [t.program for t in score.tracks if t.notes]
    api.write(back, tmp_path / "back.musicxml")
    again = api.read(tmp_path / "back.musicxml").scores[0]
    assert struck(again) == struck(score)


def test_midi_files_go_through(data: Path) -> None:
    paths = sorted(path for path in (data / "midi").rglob("*.mid") if path.stat().st_size < 20_000)
    through = 0
    for path in paths[::60]:
        try:
            scores = api.read(path).scores
        except FormatError:
            continue
        for score in scores:
            if any(note.duration for note in score.notes()):
                held = CODEC.project(score)
                assert CODEC.decode(CODEC.encode(held)) == held
                through += 1
    assert through > 25


@pytest.fixture(scope="module")
def pairs() -> ModuleType:
    """The benchmark that sorts pairs of melodies; it is no package."""
    path = Path(__file__).parents[2] / "benchmarks" / "nottingham_pairs.py"
    spec = importlib.util.spec_from_file_location("nottingham_pairs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_midi_of_abc2midi_and_abc_decode_to_the_same_melody(data: Path, pairs: ModuleType) -> None:
    books = data / "abc" / "nottingham_original"
    kinds = [
        pairs.verdict(tune, pairs.nearest(tune, tracks))
        for _, tune, tracks in pairs.pairs(books, anew=True, every=4)
    ]
    assert len(kinds) > 150
    assert kinds.count("same") >= 0.95 * len(kinds)


def test_midi_files_of_old_and_abc_differ_in_habits_only(data: Path, pairs: ModuleType) -> None:
    books = data / "abc" / "nottingham_original"
    kinds = [
        pairs.verdict(tune, pairs.nearest(tune, tracks))
        for _, tune, tracks in pairs.pairs(books, anew=False, every=4)
    ]
    assert len(kinds) > 150
    assert kinds.count("other") <= 0.05 * len(kinds)
