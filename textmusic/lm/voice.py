"""One sample as it grows: its text, its random numbers, its place in the grammar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from textmusic.alphabet import BOUNDARY
from textmusic.lm.config import SampleConfig
from textmusic.lm.masks import Masks
from textmusic.lm.rows import BLOCK, Rows
from textmusic.lm.trail import Trail

__all__ = ["Sample", "Stop", "Voice"]

Stop: TypeAlias = Callable[[str], bool]
"""Is told the text so far, each time it has grown by a 32nd, and says whether it is enough."""
Ending: TypeAlias = Literal["boundary", "length", "stop"]
_LOOKS = 32


@dataclass(frozen=True, slots=True)
class Sample:
    """One document drawn.

    Args:
        index: its number; with the seed it decides the draws.
        text: the priming text, what was drawn, and the grammar's ending if it was cut.
        bits: information of what was drawn (the boundary included, priming text and ending not)
            under the model alone.
        drawn: characters drawn.
        ended: ``boundary`` when it ended by itself, ``length`` or ``stop`` when it was cut.
        finish: the legal ending that the grammar gave to a sample cut, part of `text`.
    """

    index: int
    text: str
    bits: float
    drawn: int
    ended: Ending
    finish: str = ""


class Voice:
    """A sample that is being drawn. It looks at its row only when it has to.

    Args:
        index: its number.
        text: the priming text.
        config: how it is drawn.
        masks: of the grammar.
        stop: says when the text is long enough: it is cut there, and does not end before.
        patience: characters between two looks at most.
    """

    def __init__(
        self,
        index: int,
        text: str,
        config: SampleConfig,
        masks: Masks,
        *,
        stop: Stop | None = None,
        patience: int = BLOCK,
    ) -> None:
        self.index, self.length = index, len(text)
        self.piece, self.finish = "", ""
        self.ended: Ending | None = None
        self.bits, self.drawn = 0.0, 0
        self._missing = set(config.require) - set(text)
        self._next_look = self.length + 1
        self._pieces = [text]
        self._config, self._masks, self._stop, self._patience = config, masks, stop, patience
        self._random = np.random.default_rng([config.seed, index])
        self._seen = self._traced = BLOCK

    def enter(self, rows: Rows, row: int, last: int, state: Any) -> None:
        """Take over a row.

        Args:
            rows: all rows.
            row: number of the row.
            last: the last id of the priming text.
            state: the grammar's state after it.
        """
        self._trail = Trail(self._masks, state)
        rows.places[row] = self._masks.numbers(state)
        rows.reads[row], rows.lost[row], rows.bits[row] = last, False, 0
        self._look_again(rows, row)

    def trace(self, rows: Rows, row: int) -> None:
        """Find the grammar's state where it depends on more than the numbers before it say."""
        self._followed(rows, row)
        rows.places[row] = self._trail.behind(rows.places[row].tolist(), int(rows.reads[row]))

    def _followed(self, rows: Rows, row: int) -> bool:
        """Let the trail take what was drawn; whether the state should be found anew."""
        used = int(rows.used[row])
        ids = rows.written[row, self._traced : used].tolist()
        self._traced = used
        return self._trail.add(ids)

    def look(self, rows: Rows, row: int) -> None:
        """Read what was drawn into `piece`, and say when to look again, or end."""
        used = int(rows.used[row])
        ids = rows.written[row, self._seen : used].tolist()
        self._seen = used
        if ended := ids[-1:] == [BOUNDARY]:
            ids.pop()
        chars = self._masks.alphabet.chars
        self.piece = "".join([chars[index - 1] for index in ids])
        self._pieces.append(self.piece)
        self.length += len(ids)
        self.drawn += len(ids)
        if ended:
            self._end("boundary", rows, row)
            return
        if self._missing:
            self._missing.difference_update(self.piece)
        if self._followed(rows, row):
            self.trace(rows, row)
        if self._stop is not None and self._stopped(self._stop):
            self._cut("stop", rows, row)
        elif self.length >= self._config.max_length:
            self._cut("length", rows, row)
        else:
            self._look_again(rows, row)

    def _look_again(self, rows: Rows, row: int) -> None:
        """Say when, and fill in a new block of random numbers where the last is used up."""
        if self._seen == BLOCK:
            rows.chances[row] = self._random.random((BLOCK, 2))
            rows.used[row] = self._seen = self._traced = 0
        config, length = self._config, self.length
        wait = min(self._patience, BLOCK - self._seen, config.max_length - length)
        if length < config.min_length:
            wait = min(wait, config.min_length - length)
        if self._stop is not None:
            wait = min(wait, self._next_look - length)
        if self._missing:
            wait = 1
        early = self._stop is not None or self._missing or length < config.min_length
        rows.early[row] = bool(early)
        rows.due[row] = self._seen + wait

    def _stopped(self, stop: Stop) -> bool:
        """Ask now and then: at every length, a long text would be read a thousand times."""
        if self.length < self._next_look:
            return False
        self._next_look = self.length + 1 + self.length // _LOOKS
        return stop("".join(self._pieces))

    def _cut(self, why: Ending, rows: Rows, row: int) -> None:
        state = self._trail.whole(rows.places[row].tolist())
        self.finish = self._masks.grammar.finish(state)
        self._end(why, rows, row)

    def _end(self, why: Ending, rows: Rows, row: int) -> None:
        self.ended, self.bits = why, float(rows.bits[row])

    def sample(self) -> Sample:
        """Return the sample, once it has ended."""
        assert self.ended is not None
        text = "".join(self._pieces) + self.finish
        return Sample(self.index, text, self.bits, self.drawn, self.ended, self.finish)
