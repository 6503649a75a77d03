"""Runs: planned, trained, interrupted, resumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from music import tab_folder

import textmusic
from textmusic.errors import CheckpointError, ConfigError, CorpusError
from textmusic.plan import Plan
from textmusic.runs import Training
from textmusic.score import Note, Score, Track

SMALL = {"steps": 6, "hidden": 16, "layers": 1, "batch": 4, "window": 32}


@pytest.fixture(scope="module")
def tunes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tab_folder(tmp_path_factory.mktemp("tunes"))


def test_train_writes_a_model_that_says_everything_about_itself(
    tunes: Path, tmp_path: Path
) -> None:
    seen = []
    outcome = textmusic.train("guitartab", [tunes], tmp_path / "run", on_step=seen.append, **SMALL)
    assert [step.step for step in seen] == [1, 2, 3, 4, 5, 6]
    assert outcome.bits_per_char
    assert outcome.bits_per_note
    header = textmusic.load(tmp_path / "run").checkpoint.meta
    assert header["codec"]["name"] == "guitartab"
    assert header["codec"]["distribution"] == "textmusic"
    assert header["corpus"]["hash"]
    assert header["sources"][0]["documents"] == 30
    assert json.loads((tmp_path / "run" / "scores.json").read_text())["steps"] == 6


def test_a_run_left_in_the_middle_ends_with_the_same_bytes(tunes: Path, tmp_path: Path) -> None:
    for name in ("whole", "broken"):
        training = Training.start(Plan(codec="guitartab", paths=[tunes], **SMALL), tmp_path / name)
        for step in training.steps():
            if name == "broken" and step.step == 3:
                break
    resumed = Training.resume(tmp_path / "broken")
    assert [step.step for step in resumed.steps()][-1] == 6
    models = [(tmp_path / n / "model.safetensors").read_bytes() for n in ("whole", "broken")]
    assert models[0] == models[1]


def test_a_size_is_chosen_once(tunes: Path, tmp_path: Path) -> None:
    plan = Plan(codec="guitartab", paths=[tunes], size="auto", steps=2)
    for _ in Training.start(plan, tmp_path).steps():
        break
    resumed = Training.resume(tmp_path)
    assert [step.step for step in resumed.steps()] == [2]
    assert textmusic.load(tmp_path).checkpoint.model.config.hidden == 64


def test_minutes_become_steps_once(tunes: Path, tmp_path: Path) -> None:
    plan = Plan(codec="guitartab", paths=[tunes], **SMALL | {"steps": None, "minutes": 0.02})
    training = Training.start(plan, tmp_path)
    step = next(iter(training.steps()))
    assert next(iter(Training.resume(tmp_path).steps())).steps == step.steps


def test_a_run_is_not_overwritten_unasked(tunes: Path, tmp_path: Path) -> None:
    plan = Plan(codec="guitartab", paths=[tunes], **SMALL)
    Training.start(plan, tmp_path).prepare()
    with pytest.raises(ConfigError, match="--resume"):
        Training.start(plan, tmp_path)
    Training.start(plan, tmp_path, overwrite=True).prepare()


def test_a_run_that_never_began_leaves_nothing(tmp_path: Path) -> None:
    training = Training.start(Plan(codec="guitartab", paths=["nowhere"]), tmp_path / "run")
    with pytest.raises(CorpusError, match="nowhere"):
        training.prepare()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("kind", "place"), [("folder", ""), ("file", "tune00.tab")])
def test_one_kind_is_refused_before_anything_is_read_or_written(
    tunes: Path, tmp_path: Path, kind: str, place: str
) -> None:
    old = Training.start(Plan(codec="guitartab", paths=[tunes], **SMALL), tmp_path / "old")
    old.prepare()
    plan = Plan(codec="guitartab", paths=[tunes / place], condition=kind, **SMALL)
    for folder in ("new", "old"):
        with pytest.raises(CorpusError, match=f"one {kind}.*--condition") as caught:
            Training.start(plan, tmp_path / folder, overwrite=True)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "new").exists()
    assert Plan.load(tmp_path / "old").condition is None
    assert (tmp_path / "old" / "corpus" / "corpus.json").exists()


def test_a_run_with_nothing_to_arrange_leaves_nothing(tmp_path: Path) -> None:
    tab_folder(tmp_path / "tunes" / "jigs", 4)
    (tmp_path / "tunes" / "empty").mkdir()
    (tmp_path / "tunes" / "empty" / "nothing.tab").write_text("no music\n")
    plan = Plan(codec="guitartab", paths=[tmp_path / "tunes"], condition="folder", **SMALL)
    training = Training.start(plan, tmp_path / "run")
    training.prepare()
    with pytest.raises(CorpusError, match="one folder"):
        next(training.steps())
    assert not (tmp_path / "run").exists()


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no run to resume"):
        Training.resume(tmp_path)


@pytest.mark.parametrize(
    "options",
    [{"steps": 1, "minutes": 1}, {"steps": 0}, {"transpose": 13}, {"hidden": 0}, {"kind": "tcn"}],
)
def test_options_are_checked_before_anything_is_read(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Plan(codec="guitartab", **options)


def test_an_unknown_option_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hiden"):
        textmusic.train("guitartab", out=tmp_path, hiden=3)


def test_the_part_is_stored_in_the_run(tmp_path: Path) -> None:
    tunes = tmp_path / "tunes"
    for seed in range(8):
        tracks = [
            Track([Note(i, 1, 50 + (seed * i * n) % 17) for i in range(32)], name)
            for n, name in ((5, "Violin"), (7, "Cello"))
        ]
        textmusic.write(Score(tracks, 1), tunes / f"{seed}.mid")
    training = Training.start(Plan(codec="abc", paths=[tunes], part=2, **SMALL), tmp_path / "run")
    assert training.prepare().part == "2"
    resumed = Training.resume(tmp_path / "run")
    assert resumed.plan.part == "2"
    for _ in resumed.steps():
        pass
    model = textmusic.load(tmp_path / "run")
    assert model.checkpoint.meta["corpus"]["stats"]["part"] == "2"
    assert "V:" not in model.opening(tunes / "0.mid")
    for part in ("", "0"):
        with pytest.raises(ConfigError, match="a track's number from 1, or a name"):
            Plan(codec="abc", part=part)
