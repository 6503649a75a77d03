"""What a model makes of a piece: how likely it is, and what it shares with the training set."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from textmusic.alphabet import BOUNDARY
from textmusic.corpus import Corpus, Progress
from textmusic.evaluate import Overlap, OverlapIndex, run_limit
from textmusic.originals import overlap_index, pieces, training_set
from textmusic.score import Score
from textmusic.writing import Model

__all__ = ["Critic", "Usual"]

_YARDSTICK = 400


@dataclass(frozen=True, slots=True)
class Usual:
    """What held-out pieces, which copy nothing, share with the training set, in notes.

    Args:
        most: what 1 of 20 new pieces of their kind exceeds at most; the longest run where they are
            too few to tell.
        limit: the same of 1 of 100.
    """

    most: int
    limit: int


class Critic:
    """A model that pieces are held against.

    Args:
        model: with its training set, if that lies beside it.
        progress: called now and then.
    """

    def __init__(self, model: Model, progress: Callable[[Progress], None]) -> None:
        self.model = model
        self._progress = progress

    def bits(self, text: str) -> list[float]:
        """Return the information of each character of a text; none for characters unknown."""
        from textmusic.lm import character_bits

        alphabet = self.model.codec.alphabet
        if not text or not all(char in alphabet for char in text):
            return []
        ids = np.array([BOUNDARY, *alphabet.encode(text), BOUNDARY], np.int64)
        return [float(each) for each in character_bits(self.model.checkpoint.model, ids)[:-1]]

    def sharing(self, score: Score) -> tuple[Overlap, Usual | None] | None:
        """Return what a piece shares with the training set, and what is usual; None without one."""
        if self._originals is None:
            return None
        found = self._originals.audit(score)
        return replace(found, source=found.source.removeprefix(self._place)), self._usual

    @cached_property
    def _corpus(self) -> Corpus | None:
        model = self.model
        return training_set(model.folder, model.codec, model.checkpoint.meta)

    @cached_property
    def _originals(self) -> OverlapIndex | None:
        if self._corpus is None:
            return None
        folder = self.model.folder / "overlap"
        return overlap_index(self._corpus, self.model.codec, folder, self._progress)

    @cached_property
    def _place(self) -> str:
        """The folder that all of the training set lies in: pages are seen by others."""
        names = self._originals.names if self._originals else ()
        # names say more than paths, so that they are compared as texts
        common = os.path.commonprefix(names).partition(", ")[0]  # noqa: RUF071
        return common[: common.replace("\\", "/").rfind("/") + 1]

    @cached_property
    def _usual(self) -> Usual | None:
        if self._corpus is None or self._originals is None:
            return None
        runs = []
        for score in pieces(self._corpus, self.model.codec, "valid", _YARDSTICK):
            runs.append(self._originals.audit(score).notes)
            if len(runs) % 16 == 0:
                done = Progress(len(runs), None, "pieces", "comparing held-out music")
                self._progress(done)
        if not runs:
            return None
        most, limit = (run_limit(runs, share) for share in (0.95, 0.99))
        return Usual(max(runs) if most is None else most, max(runs) if limit is None else limit)
