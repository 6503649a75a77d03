"""A model that has learnt the toy language."""

from __future__ import annotations

import pytest
from lm_toys import ALPHABET, toy_ids

from textmusic.lm import ModelConfig, TrainConfig, fit


@pytest.fixture(scope="session")
def toy_run(tmp_path_factory):
    """Train the toy model; returns its folder and the steps."""
    folder = tmp_path_factory.mktemp("toy")
    model = ModelConfig(vocabulary=ALPHABET.size, layers=1, hidden=24)
    train = TrainConfig(steps=250, batch=16, window=24, peak=2e-2)
    header = {"alphabet": ALPHABET.chars, "codec": {"name": "toy", "version": 1}}
    steps = list(fit(model, train, toy_ids(800, 0), toy_ids(150, 1), folder, header))
    return folder, steps


@pytest.fixture
def toy_checkpoint(toy_run):
    from textmusic.lm import Checkpoint

    return Checkpoint.load(toy_run[0] / "model.safetensors")
