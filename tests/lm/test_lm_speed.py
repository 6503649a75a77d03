"""Which code runs a model, and how fast: only that it is told, as a test measures no time."""

import pytest
from lm_toys import ALPHABET
from test_lm_sample import Pairs

from textmusic.lm import TrainConfig
from textmusic.lm.kernels import whole
from textmusic.lm.speed import speeds

SMALL = TrainConfig(batch=4, window=16, precision="float32")


def test_training_and_sampling_are_measured_beside_plain_pytorch(toy_checkpoint, monkeypatch):
    monkeypatch.setattr(whole, "pays", lambda: True)
    model, told = toy_checkpoint.model, []
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = list(speeds(model, ALPHABET, Pairs(), SMALL, seconds=0.001, on_work=told.append))
    assert [(speed.work, speed.streams) for speed in found] == [
        ("training", 4),
        ("sampling", 1),
        ("sampling", 64),
        ("sampling, grammar", 64),
    ]
    assert len(told) == len(found)
    assert [speed.precision for speed in found] == ["float32", "int8", "int8", "int8"]
    assert {(speed.device, speed.threads) for speed in found} == {("cpu", 1)}
    way = "compiled, VNNI" if whole.VNNI else "compiled"
    assert [speed.path for speed in found] == ["compiled", way, way, way]
    for speed in found:
        assert speed.ratio == pytest.approx(speed.chars_per_second / speed.plain_chars_per_second)
        assert speed.ratio > 0
    assert all((before[name] == value).all() for name, value in model.state_dict().items())


def test_without_a_grammar_nothing_is_measured_under_it(toy_checkpoint):
    config = TrainConfig(batch=2, window=8, device="cuda:7", precision="float32")
    found = list(
        speeds(toy_checkpoint.model, ALPHABET, None, config, seconds=0.001, precision="float32")
    )
    assert [speed.work for speed in found] == ["training", "sampling", "sampling"]
    assert {speed.precision for speed in found} == {"float32"}
