"""Figures: the course of a training and piano rolls."""

from __future__ import annotations

import json
import sys

import pytest

from textmusic.errors import CheckpointError, ConfigError, MissingDependencyError
from textmusic.pictures import Course, _curves, draw_roll, draw_training, figure_of, roll
from textmusic.score import Note, Score, Track


@pytest.fixture
def run(tmp_path):
    """The log of a run that was interrupted once, after step 4."""
    points = [
        {"step": 2, "loss_bits": 4.0, "valid_bits": 4.2, "lr": 0.01, "sample": "abc\n$x"},
        {"step": 4, "loss_bits": 3.0, "valid_bits": 3.2, "lr": 0.02},
        {"step": 3, "resumed": True},
        {"step": 4, "loss_bits": 3.0, "valid_bits": 3.1, "lr": 0.02, "sample": "abd"},
    ]
    (tmp_path / "log.jsonl").write_text("".join(f"{json.dumps(p)}\n" for p in points))
    scores = {"bits_per_char": 3.05, "baseline_bits": 4.5, "n_gram_bits": None}
    (tmp_path / "scores.json").write_text(json.dumps(scores))
    return tmp_path


def test_the_course_of_a_run_is_read(run):
    course = Course.read(run)
    assert [point["valid_bits"] for point in course.points] == [4.2, 3.1]
    assert course.resumed == (3,)


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_training_is_drawn(run, suffix):
    target = run / f"curve.{suffix}"
    draw_training(run, target)
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
    assert target.read_bytes().startswith(begins[suffix])


def test_what_is_no_run_is_refused(run, tmp_path):
    with pytest.raises(CheckpointError, match="holds no run"):
        draw_training(tmp_path / "none", tmp_path / "a.svg")
    with pytest.raises(ConfigError, match="pictures are"):
        draw_training(run, tmp_path / "a.doc")
    (run / "log.jsonl").write_text("")
    with pytest.raises(CheckpointError, match="nothing was measured"):
        draw_training(run, tmp_path / "a.svg")
    for line in (
        "{",
        '"a"',
        '{"step": 1}',
        '{"step": 1, "loss_bits": [], "valid_bits": 1, "lr": 1}',
    ):
        (run / "log.jsonl").write_text(line)
        with pytest.raises(CheckpointError, match="cannot be read"):
            draw_training(run, tmp_path / "a.svg")


def test_a_roll_has_every_note(tmp_path):
    notes = (Note(0, 480, 60), Note(480, 960, 64), Note(480, 0, 62, marks=frozenset({"grace:1"})))
    score = Score(
        (Track(notes, "$a"), Track((Note(0, 480, 36),), is_drum=True)), meta={"title": "$"}
    )
    axes = figure_of(4, 3).subplots()
    roll(axes, score)
    assert len(axes.patches) == 4
    draw_roll(score, tmp_path / "a.svg")
    draw_roll(Score(), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").stat().st_size > 1000


def test_a_roll_names_the_strings_of_one_guitar_and_the_octaves():
    tuning = (40, 45, 50, 55, 59, 64)
    notes = [Note(480 * i, 480, pitch, string=i % 6) for i, pitch in enumerate(tuning)]
    axes = figure_of(4, 3).subplots()
    roll(axes, Score((Track(notes, tuning=tuning),)))
    assert axes.get_legend_handles_labels()[1] == [f"string {n}" for n in range(1, 7)]
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert dict(zip(axes.get_yticks().tolist(), names, strict=True))[60] == "C4"
    assert axes.get_xlim() == (0, 6)


def test_a_high_baseline_does_not_flatten_the_curves():
    points = tuple({"step": s, "loss_bits": 1.0, "valid_bits": 1.2, "lr": 0.1} for s in (1, 2))
    axes = figure_of(4, 3).subplots()
    _curves(axes, Course(points, scores={"baseline_bits": 4.5, "n_gram_bits": 1.5}))
    assert axes.get_ylim() == (0, pytest.approx(1.65))
    told = axes.get_legend_handles_labels()[1]
    assert "frequencies of the characters: 4.5, above the picture" in told
    assert "n-gram: 1.5" in told


def test_without_matplotlib_the_extra_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'textmusic\[plot\]'"):
        draw_training(run, run / "a.svg")
