"""What bodes ill for a training is said, with the numbers, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from music import tab_folder

from textmusic.cautions import Watch, before
from textmusic.cli import main
from textmusic.lm import CharRNN, ModelConfig

SMALL = ModelConfig(vocabulary=50, hidden=16, layers=1)


def corpus(characters: int = 900_000, documents: int = 900, **more: Any) -> Any:
    stats = {
        "train": {"documents": documents, "transposed": 0, "characters": characters},
        "valid": {"documents": 100},
        "duplicates dropped": 3,
        "groups": 900,
        "largest group": 5,
    }
    return SimpleNamespace(stats=stats | more)


def test_much_and_various_music_is_not_complained_of() -> None:
    assert before(corpus(), SMALL) == []


def test_a_model_with_more_weights_than_characters_is_too_large() -> None:
    weights = sum(p.numel() for p in CharRNN(SMALL).parameters())
    (said,) = before(corpus(weights - 1), SMALL)
    assert f"{weights - 1:,} characters for {weights:,} weights" in said
    assert before(corpus(weights), SMALL) == []


def test_transpositions_are_no_more_music() -> None:
    train = {"documents": 900, "transposed": 810, "characters": 10_000}
    (said,) = before(corpus(train=train), SMALL)
    assert "1,000 characters" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"duplicates dropped": 2000}, "2000 of 3000 documents were duplicates"),
        ({"groups": 12}, "only 12 pieces that are not alike"),
        ({"largest group": 400}, "400 of 1000 documents are alike"),
    ],
)
def test_copies_and_versions_that_dominate_are_named(more: dict[str, int], said: str) -> None:
    (line,) = before(corpus(**more), SMALL)
    assert said in line


def course(*points: tuple[float, float | None]) -> list[str]:
    watch = Watch()
    steps = (
        SimpleNamespace(step=100 * n, steps=10_000, loss_bits=loss, valid_bits=valid)
        for n, (loss, valid) in enumerate(points, 1)
    )
    return [line for step in steps if (line := watch.see(step))]  # type: ignore[arg-type]


def test_learning_by_heart_is_said_once() -> None:
    (line,) = course((2, 2.1), (1.5, 1.6), (1.2, 1.7), (1, None), (0.9, 1.8), *[(0.5, 2.0)] * 5)
    assert "from 1.600 bits/char at step 200 up to 2.000" in line
    assert "from 1.500 down to 0.500" in line


def test_noise_and_a_training_that_gets_worse_are_not() -> None:
    assert course((2, 2.1), *[(1.5, 1.6), (1.4, 1.605)] * 8) == []
    assert course((1.5, 1.6), *[(2.5, 2.7)] * 8) == []


def test_a_training_that_counting_equals_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tab_folder(tmp_path / "tunes")
    small = ["--steps", "5", "--hidden", "64", "--layers", "1", "--batch", "4", "--window", "32"]
    with pytest.raises(SystemExit):
        main(["train", "--codec", "guitartab", str(tmp_path / "tunes"), "-o", str(tmp_path / "run"), *small])  # fmt: skip
    said = " ".join(capsys.readouterr().err.split())
    assert "little music for the model:" in said
    assert "counting does as well: an n-gram needs" in said
