"""Sizes by name, and the one that fits."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from music import tab_folder

import textmusic.lm
from textmusic.cli import main
from textmusic.errors import ConfigError
from textmusic.lm.parallel import Group
from textmusic.plan import SIZES, Plan
from textmusic.sizes import fitted

MANY = 8_000_000


def material(characters: int) -> Any:
    ids = np.ones(characters, np.uint8)
    ids[0] = ids[-1] = 0
    return SimpleNamespace(vocabulary=100, train=ids, valid=ids[:0])


def test_a_size_is_what_its_name_says_but_for_what_is_given() -> None:
    model, training = Plan(codec="abc", size="medium", batch=5, layers=1).configs(90, 7)
    assert (model.layers, model.hidden, training.batch) == (1, 256, 5)
    assert (training.window, training.peak) == (128, SIZES["medium"]["peak"])
    small = Plan(codec="abc", size="small").configs(90, 7)
    assert Plan(codec="abc", size="auto").configs(90, 7) == small
    with pytest.raises(ConfigError, match="tiny, small, modest, medium, large or auto"):
        Plan(codec="abc", size="huge")
    with pytest.raises(ConfigError, match="chooses hidden too"):
        Plan(codec="abc", size="auto", hidden=300)


def test_the_size_is_chosen_unless_something_of_it_is_given() -> None:
    assert Plan(codec="abc").size == "auto"
    assert Plan(codec="abc", dropout=0.1, kind="lstm").size == "auto"
    assert Plan(codec="abc", minutes=3).size == "auto"
    assert Plan(codec="abc", epochs=3).size == Plan(codec="abc", steps=3).size == "small"
    assert Plan(codec="abc", peak=1e-3).size == "small"
    assert Plan(codec="abc", size="large", hidden=300).size == "large"


def test_a_size_that_is_named_stays() -> None:
    plan = Plan(codec="abc", size="large", steps=3)
    assert fitted(plan, material(1000), Group()) == (plan, 3)


@pytest.mark.parametrize(
    ("characters", "minutes", "size"),
    [
        (MANY, 0.05, "tiny"),
        (MANY, 1, "small"),
        (MANY, 2, "modest"),
        (MANY, 10, "medium"),
        (MANY, 600, "large"),
        (1_000_000, 600, "modest"),  # larger ones could learn it by heart
        (500_000, 600, "small"),
        (20_000, 600, "small"),
    ],
)
def test_auto_is_the_largest_that_time_and_music_are_enough_for(
    monkeypatch: pytest.MonkeyPatch, characters: int, minutes: float, size: str
) -> None:
    measured = []

    def steps_for(model: Any, training: Any, *_: Any, minutes: float, **__: Any) -> int:
        measured.append(model.hidden)
        weights = sum(np.prod(shape) for shape in model.shapes().values())
        return max(1, int(minutes * 60 * 2e10 / weights / training.batch / training.window))

    monkeypatch.setattr(textmusic.lm, "steps_for", steps_for)
    plan, steps = fitted(
        Plan(codec="abc", size="auto", minutes=minutes), material(characters), Group()
    )
    assert plan.size == size
    _, training = plan.configs(100, steps)
    assert training.batch == SIZES[size]["batch"]
    assert len(measured) <= list(SIZES).index(size) + 2
    assert plan.minutes == minutes


@pytest.mark.parametrize(
    ("epochs", "share"), [(3, None), (5, None), (10, 0.15), (20, 0.3), (1000, 0.5)]
)
def test_units_are_dropped_where_music_is_read_often(
    monkeypatch: pytest.MonkeyPatch, epochs: int, share: float | None
) -> None:
    music = material(800_000)
    steps = epochs * 800_000 // (32 * 64)
    monkeypatch.setattr(textmusic.lm, "steps_for", lambda *_, **__: steps)
    plan, _ = fitted(Plan(codec="abc", minutes=1), music, Group())
    assert (plan.size, plan.dropout) == ("small", pytest.approx(share, abs=0.01))
    assert plan.configs(100, steps)[0].dropout == (plan.dropout or 0)
    asked = Plan(codec="abc", minutes=1, dropout=0.25)
    assert fitted(asked, music, Group())[0].dropout == 0.25
    assert fitted(Plan(codec="abc", minutes=1, size="small"), music, Group())[0].dropout is None


def test_what_was_chosen_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tunes, run = tab_folder(tmp_path / "tunes"), tmp_path / "run"
    with pytest.raises(SystemExit) as stop:
        main(["train", "--codec", "guitartab", str(tunes), "-o", str(run), "--steps", "3", "--size", "auto"])  # fmt: skip
    assert not stop.value.code
    assert "size: tiny" in capsys.readouterr().err


def test_auto_goes_by_epochs_and_steps_without_measuring() -> None:
    by_epochs = Plan(codec="abc", size="auto", epochs=3)
    assert fitted(by_epochs, material(3_000_000), Group())[0].size == "medium"
    by_steps = Plan(codec="abc", size="auto", steps=100)
    assert fitted(by_steps, material(3_000_000), Group()) == (
        Plan(codec="abc", size="tiny", steps=100),
        100,
    )
