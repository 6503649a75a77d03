"""What bodes ill for a training: too little music, mostly copies, pieces learnt by heart."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textmusic.corpus import Corpus
    from textmusic.lm import ModelConfig, Step

__all__ = ["Watch", "before"]

_FEW = 50
_MANY = 0.5
_GROUP = 0.25
_RISE = 0.01
_PATIENCE = 3


def before(corpus: Corpus, model: ModelConfig) -> list[str]:
    """Say what is wrong with a corpus for a model, in lines with the numbers.

    A model with more weights than there are characters can hold the whole text; one of about as
    many weights as characters is the usual advice for character models (Karpathy, 2015).

    Args:
        corpus: what is to be learnt.
        model: what is to learn it.
    """
    stats = corpus.stats
    train = stats["train"]
    own = train["documents"] - train["transposed"]
    chars = round(train["characters"] * own / max(train["documents"], 1))
    weights = sum(map(math.prod, model.shapes().values()))
    held = own + stats["valid"]["documents"]
    said = []
    if chars < weights:
        said.append(
            f"little music for the model: {chars:,} characters for {weights:,} weights; it may learn "
            "them by heart: take more music, --transpose, a smaller --hidden or --dropout 0.2"
        )
    copies = stats["duplicates dropped"]
    if copies > _MANY * (copies + held):
        said.append(
            f"most of the music is there twice: {copies} of {copies + held} documents were duplicates"
        )
    if stats["groups"] < min(_FEW, _MANY * held):
        said.append(
            f"{held} documents, but only {stats['groups']} pieces that are not alike: versions of one "
            "piece teach little more than it"
        )
    elif stats["largest group"] > _GROUP * held and held > _FEW:
        said.append(
            f"{stats['largest group']} of {held} documents are alike: the model will sound like them"
        )
    return said


@dataclass
class Watch:
    """Looks at the steps of a training, and says once when it learns by heart."""

    _best: float = math.inf
    _loss: float = math.inf
    _step: int = 0
    _worse: int = field(default=0)
    _said: bool = False

    def see(self, step: Step) -> str | None:
        """Return a line when held-out music has got worse three times while training got better."""
        valid = step.valid_bits
        if valid is None or self._said or step.step == step.steps:
            return None
        if valid < self._best:
            self._best, self._loss, self._step, self._worse = valid, step.loss_bits, step.step, 0
        elif valid > self._best * (1 + _RISE) and step.loss_bits < self._loss:
            self._worse += 1
        if self._worse < _PATIENCE:
            return None
        self._said = True
        return (
            f"learning by heart: held-out music went from {self._best:.3f} bits/char at step "
            f"{self._step} up to {valid:.3f}, the training text from {self._loss:.3f} down to "
            f"{step.loss_bits:.3f}; the best weights are kept, and more steps will not help: take "
            "more music, --transpose, a smaller --hidden or --dropout 0.2"
        )
