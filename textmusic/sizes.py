"""From what a plan allows a training to its steps, and to the model that fits."""

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
_FRESH = 5
"""Times that a text may be read before units are dropped. Tunes of a small book, 300,000 characters
in `abc`, 2x128, bits a character held out after so many epochs without dropout and with the best of
some shares: 2: 1.254, 1.303 (0.2); 6: 1.208, 1.188 (0.2); 12: 1.369, 1.174 (0.4);
29: 1.710, 1.188 (0.5). Tabs of 1.6 million characters, 5 epochs: 0.758, 0.779 (0.1)."""
_DROPPED, _LEAST_DROPPED, _MOST_DROPPED = 0.15, 0.05, 0.5
"""Share of units that are dropped for each doubling beyond that, at least, if any, and at most."""
_EFFICIENT = 1.5
"""Larger products are faster by the operation, by no more than that from one size to the next."""


def fitted(plan: Plan, material: Material, group: Group) -> tuple[Plan, int]:
    """Turn a budget into steps, and choose size and dropout where the plan leaves them open.

    The size is the largest that reads `_READ` characters for each of its weights within the budget.
    Above ``small`` there are `_NEW` characters to learn for each, too. Units are dropped where the
    text is read so often that it would be learnt by heart.

    Args:
        plan: of the run.
        material: what is learnt.
        group: the processes that train; each calls this, the first one measures.

    Returns:
        The plan with a size, and a dropout if there is to be any, and the steps of the training.

    Raises:
        CorpusError: the text cannot be trained on.
    """
    if plan.size != "auto":
        return plan, _steps(plan, material, group)
    plan, steps = _sized(plan, material, group)
    times = steps * _chars(plan) / len(material.train)
    share = round(min(_DROPPED * math.log2(times / _FRESH), _MOST_DROPPED), 2)
    if plan.dropout is not None or share < _LEAST_DROPPED:
        return plan, steps
    plan = dataclasses.replace(plan, dropout=share)
    return plan, _steps(plan, material, group)


def _sized(plan: Plan, material: Material, group: Group) -> tuple[Plan, int]:
    """Choose the size."""
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
