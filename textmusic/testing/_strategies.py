"""Hypothesis strategies over `random_score`; hypothesis is imported when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textmusic.errors import MissingDependencyError
from textmusic.score import Score
from textmusic.testing._music import Repertoire, random_score

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["scores"]


def scores(repertoire: Repertoire | None = None) -> SearchStrategy[Score]:
    """Return a hypothesis strategy for musical scores; it shrinks to short, plain ones.

    Args:
        repertoire: what they may hold; default: everything.

    Raises:
        MissingDependencyError: hypothesis is not installed.
    """
    try:
        from hypothesis import strategies
    except ImportError as error:
        raise MissingDependencyError("textmusic.testing.scores", "hypothesis") from error
    randoms = strategies.randoms(use_true_random=False)
    return randoms.map(lambda random: random_score(random, repertoire))
