"""From minutes or epochs to a number of steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

from textmusic.errors import ConfigError
from textmusic.lm.config import ModelConfig, TrainConfig
from textmusic.lm.data import Ids, Streams, Text
from textmusic.lm.learner import Learner
from textmusic.lm.parallel import Group
from textmusic.lm.scoring import evaluate
from textmusic.lm.train import FINAL_CHARS

__all__ = ["steps_for"]


def steps_for(
    model_config: ModelConfig,
    train_config: TrainConfig,
    train_ids: Ids,
    valid_ids: Ids | None = None,
    *,
    minutes: float | None = None,
    epochs: float | None = None,
    group: Group | None = None,
) -> int:
    """Turn a budget into a number of steps, once, before a run: the model depends on that alone.

    Minutes are measured on a few steps of a model thrown away; validations are allowed for.

    Args:
        model_config: the shape of the model.
        train_config: how it will be trained; its `steps` do not matter.
        train_ids: as `fit` will be given them.
        valid_ids: likewise.
        minutes: wall-clock minutes, above 0.
        epochs: how often the training text is read, above 0.
        group: the processes that will train together: all do the steps that the first one
            measures, and have its number. None for one process.

    Raises:
        ConfigError: not exactly one budget, or one that is not above 0.
        CorpusError: ids that cannot be trained on.
    """
    budget = minutes if epochs is None else epochs
    if (minutes is None) == (epochs is None) or budget is None or not 0 < budget < math.inf:
        raise ConfigError("give minutes or epochs, one of them, above 0")
    group = group or Group()
    text = Text(train_ids, model_config.vocabulary, checked=not group.first)
    if epochs is not None:
        return Streams(text, train_config.batch, train_config.window, 0).steps(epochs)
    learner = Learner(model_config, train_config, text, group)
    step = _step_seconds(learner, group)
    valid, final = group.lead(lambda: _valid_seconds(learner, valid_ids))
    seconds = budget * 60
    rough = replace(train_config, steps=max(1, int(seconds / step)))
    spent = valid * math.ceil(rough.steps / rough.interval) + final
    return max(1, int(max(seconds - spent, seconds / 2) / step))


def _step_seconds(learner: Learner, group: Group) -> float:
    """Return the seconds of a step, as the first process measures them."""
    times = [_seconds(learner.advance) for _ in range(4)]
    more = group.lead(lambda: min(56, max(3, int(2 / times[3]))))
    times += [_seconds(learner.advance) for _ in range(more)]
    step: float = group.lead(lambda: median(times[3:]))  # the first warm up, others may stumble
    return step


def _valid_seconds(learner: Learner, valid_ids: Ids | None) -> tuple[float, float]:
    """Return the seconds of a validation and of the last one."""
    if valid_ids is None or len(valid_ids) < 3:
        return 0.0, 0.0
    valid = Text(valid_ids, learner.model.config.vocabulary)
    part = valid.excerpt(learner.config.valid_chars)
    seconds = min(
        _seconds(lambda: evaluate(learner.model, part.ids, threads=learner.config.threads))
        for _ in range(2)
    )
    return seconds, seconds * min(len(valid), FINAL_CHARS) / len(part)


def _seconds(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started
