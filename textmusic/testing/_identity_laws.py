"""The laws of a codec as a value: its options, name, declarations and golden texts."""

from __future__ import annotations

import dataclasses
import json
import pickle
import re
from importlib.metadata import entry_points
from pathlib import Path

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Feature
from textmusic.errors import ConfigError, EncodeError, ScoreError
from textmusic.registry import codecs
from textmusic.score import Score
from textmusic.testing._features import lost_feature
from textmusic.testing._golden import golden_problem
from textmusic.testing._report import Law

__all__ = ["IDENTITY_LAWS", "entry_names", "golden_law"]


_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def _declares(codec: Codec) -> str | None:
    wrong = {
        "name": not (isinstance(codec.name, str) and _NAME.fullmatch(codec.name)),
        "format_version": not (isinstance(codec.format_version, int) and codec.format_version > 0),
        "keeps": not codec.keeps or not all(isinstance(f, Feature) for f in codec.keeps),
        "renders": not isinstance(codec.renders, tuple),
        "sources": not isinstance(codec.sources, tuple),
        "alphabet": not isinstance(codec.alphabet, Alphabet),
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            return f"{field} is {getattr(codec, field)!r}"
    parameters = getattr(type(codec), "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        return f"{type(codec).__name__} is not a frozen dataclass"
    return None


def _config(codec: Codec) -> str | None:
    config = json.loads(json.dumps(codec.config()))
    again = type(codec).from_config(config)
    if again != codec or hash(again) != hash(codec):
        return f"from_config({config!r}) gives {again!r}, not {codec!r}"
    for field in _options(codec):
        if field not in config:
            return f"config() lacks {field!r}"
    try:
        type(codec).from_config({**config, "no_such_option": 1})
    except ConfigError:
        return None
    return "from_config takes the unknown option 'no_such_option'"


def _options(codec: Codec) -> tuple[str, ...]:
    assert dataclasses.is_dataclass(codec)
    return tuple(field.name for field in dataclasses.fields(codec))


def _pickles(codec: Codec) -> str | None:
    again = pickle.loads(pickle.dumps(codec))  # noqa: S301 - our own bytes
    return None if again == codec else f"it comes back as {again!r}"


def _name(codec: Codec) -> str | None:
    others = entry_names(type(codec), codecs.group) - {codec.name}
    return f"the entry point {min(others)!r} leads to {codec.name!r}" if others else None


def entry_names(plugin: type, group: str) -> set[str]:
    """Return the names under which the entry points of a group offer a class.

    Only those of its own top-level package are loaded.
    """
    home = plugin.__module__.partition(".")[0]
    points = [p for p in entry_points(group=group) if p.module.partition(".")[0] == home]
    return {point.name for point in points if point.load() is plugin}


def _keeps(codec: Codec) -> str | None:
    def through(score: Score) -> Score | None:
        try:
            return codec.project(score)
        except (EncodeError, ScoreError):
            return None

    lost = (lost_feature(feature, through) for feature in sorted(codec.keeps))
    return next((line for line in lost if line), None)


IDENTITY_LAWS: tuple[Law[Codec], ...] = (
    Law("declares", "name, format_version, keeps, alphabet… have their types; frozen", _declares),
    Law(
        "config",
        "from_config(json(config())) == codec; unknown options raise ConfigError",
        _config,
        ("declares",),
    ),
    Law("pickles", "a codec survives pickling", _pickles, ("declares",)),
    Law("name", "the entry point has the codec's name", _name, ("declares",)),
    Law(
        "keeps",
        "plain music passes through project with every feature that `keeps` names",
        _keeps,
        ("declares", "accepts", "project", "project-idempotent"),
    ),
)


def golden_law(folder: str | Path) -> Law[Codec]:
    """Return the law that the golden texts of a folder still decode."""
    return Law(
        "golden",
        "golden texts of every released format_version decode to the same music",
        lambda codec: golden_problem(codec, folder),
        ("decode", "config"),
    )
