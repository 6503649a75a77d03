"""From what a plan allows a training to its steps, and to the size of model that fits."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from typing import TYPE_CHECKING

from textmusic.material import Material
from textmusic.plan import SIZES, Plan

if TYPE_CHECKING:
    from textmusic.lm.parallel import Group

__all__ = ["fitted"]

_DEFAULT_MINUTES = 5.0
_READ = 8
"""Characters that a training reads for each weight, at least: with fewer, a smaller model that
reads more is better by then. A rule of thumb: on folk tunes in ABC 2x192 lost to 2x128 with 6 a
weight (1.547 bits a character, 1.530) and won with 12, when 2x256 lost to it with 4 (1.411, 1.448);
on guitar tabs it lost with 10 (0.774, 0.769) and won with 18 (0.740, 0.745)."""
_NEW = 2
"""Characters there are to learn for each weight above ``small``, at least. With as many characters
as weights tabs were learnt by heart: after 240 seconds 2x256 stood at 0.742, 2x192 at 0.735."""
_EFFICIENT = 1.5
"""Larger products are faster by the operation, by no more than that from one size to the next."""


def fitted(plan: Plan, material: Material, group: Group) -> tuple[Plan, int]:
    """Turn a budget into steps, and choose the size where the plan leaves it open.

    It is the largest that reads `_READ` characters for each of its weights within the budget. Above
    ``small`` there are `_NEW` characters to learn for each, too.

    Args:
        plan: of the run.
        material: what is learnt.
        group: the processes that train; each calls this, the first one measures.

    Returns:
        The plan with a size, and the steps of the training.

    Raises:
        CorpusError: the text cannot be trained on.
    """
    if plan.size != "auto":
        return plan, _steps(plan, material, group)
    tiny, *plans = (dataclasses.replace(plan, size=name) for name in SIZES)
    best = plans[0], _steps(plans[0], material, group)
    if best[1] * _chars(plans[0]) < _READ * _weights(plans[0], material):
        return tiny, _steps(tiny, material, group)
    for smaller, larger in pairwise(plans):
        weights, before = _weights(larger, material), _weights(smaller, material)
        read = best[1] * _chars(smaller)
        timed = plan.steps is None and plan.epochs is None
        hopeless = timed and read * _EFFICIENT * before < _READ * weights**2
        if _NEW * weights > len(material.train) or hopeless:
            break
        steps = _steps(larger, material, group)
        if steps * _chars(larger) < _READ * weights:
            break
        best = larger, steps
    return best


def _chars(plan: Plan) -> int:
    """Characters of a step."""
    training = plan.configs(2, 1)[1]
    return training.batch * training.window


def _weights(plan: Plan, material: Material) -> int:
    return sum(map(math.prod, plan.configs(material.vocabulary, 1)[0].shapes().values()))


def _steps(plan: Plan, material: Material, group: Group) -> int:
    from textmusic.lm import steps_for

    if plan.steps is not None:
        return plan.steps
    return steps_for(
        *plan.configs(material.vocabulary, 1),
        *(material.train, material.valid),
        minutes=plan.minutes or (None if plan.epochs else _DEFAULT_MINUTES),
        epochs=plan.epochs,
        group=group,
    )
