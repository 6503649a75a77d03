"""What the model makes of a piece, without anyone waiting for it."""

from __future__ import annotations

import sys
from threading import Lock, Thread
from typing import Literal

from textmusic.errors import TextmusicError
from textmusic.evaluate import Overlap
from textmusic.listening import Critic, Usual
from textmusic.score import Score
from textmusic.writing import Model

__all__ = ["ReadyCritic"]


class ReadyCritic(Critic):
    """A critic whom many threads ask, and who reads the training set meanwhile.

    Args:
        model: with its training set, if that lies beside it.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model, lambda _: None)
        self.state: Literal["reading", "ready", "none"] = "reading"
        """Whether pieces are compared with the training set: soon, now, or never."""
        self._reading = Lock()
        Thread(target=self._prepare, name="textmusic-critic", daemon=True).start()

    def bits(self, text: str) -> list[float]:
        """Return the information of each character of a text."""
        with self._reading:
            return super().bits(text)

    def sharing(self, score: Score) -> tuple[Overlap, Usual | None] | None:
        """Return what a piece shares with the training set; None while that is being read."""
        return super().sharing(score) if self.state == "ready" else None

    def _prepare(self) -> None:
        try:
            self.state = "ready" if super().sharing(Score()) else "none"
        except TextmusicError as error:
            print(f"the training set cannot be compared with: {error}", file=sys.stderr)
            self.state = "none"
