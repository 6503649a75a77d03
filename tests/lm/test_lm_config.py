"""Configurations: ranges, JSON, the learning rate."""

import json
from dataclasses import replace

import pytest

from textmusic.errors import ConfigError
from textmusic.lm import ModelConfig, SampleConfig, TrainConfig


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(vocabulary=50, kind="lstm", embedding=8, dropout=0.1),
        TrainConfig(steps=7, valid_every=3),
        SampleConfig(temperature=0.7, top_p=0.9),
    ],
)
def test_configs_survive_json(config):
    assert type(config).from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    ("kind", "fields", "word"),
    [
        (ModelConfig, {"vocabulary": 1}, "vocabulary"),
        (ModelConfig, {"vocabulary": 9, "kind": "gpt"}, "gru, lstm, rnn"),
        (ModelConfig, {"vocabulary": 9, "dropout": 1.0}, "dropout"),
        (ModelConfig, {"vocabulary": 9, "hidden": True}, "hidden"),
        (ModelConfig, {"vocabulary": 9, "hiden": 3}, "hiden"),
        (ModelConfig, {}, "vocabulary"),
        (TrainConfig, {"steps": 0}, "steps"),
        (TrainConfig, {"peak": 0.0}, "peak"),
        (TrainConfig, {"clip": float("nan")}, "clip"),
        (TrainConfig, {"device": "tpu"}, "cpu or cuda"),
        (SampleConfig, {"temperature": -1.0}, "temperature"),
        (SampleConfig, {"top_p": 0.0}, "top_p"),
        (SampleConfig, {"min_length": 10, "max_length": 5}, "above max_length"),
    ],
)
def test_what_is_out_of_range_or_unknown_is_named(kind, fields, word):
    with pytest.raises(ConfigError, match=word):
        kind.from_json(fields)


def test_the_rate_rises_to_the_peak_and_falls_to_zero():
    config = TrainConfig(steps=1000, peak=1.0, warmup=0.1)
    rates = [config.rate(step) for step in range(1000)]
    assert max(rates) == pytest.approx(1, abs=1e-4)
    assert rates.index(max(rates)) in {99, 100}
    assert rates[0] < 0.01
    assert rates[-1] < 1e-5


def test_what_follows_from_a_field_follows_when_it_is_replaced():
    assert replace(TrainConfig(steps=100), steps=1000).interval == 100
    assert replace(ModelConfig(vocabulary=5), hidden=9).width == 9
