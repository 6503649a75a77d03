"""How long a piece is to be: cut at a number of bars, or at a moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from textmusic import transforms
from textmusic.codec import Codec, Parsed
from textmusic.errors import ConfigError, InputError, errors_of
from textmusic.score import Score

__all__ = ["Limit"]


class Limit:
    """Where a text is long enough.

    Args:
        codec: of the text.
        bars: after this many bars, at least 1.
        seconds: at the last bar line within this time, above 0.

    Raises:
        ConfigError: both are given, or one is out of range.
    """

    def __init__(self, codec: Codec, bars: int | None, seconds: float | None) -> None:
        if bars is not None and seconds is not None:
            raise ConfigError("bars and seconds contradict each other: give one")
        if (bars is not None and bars < 1) or (seconds is not None and not seconds > 0):
            raise ConfigError("a piece of no bars or no time cannot be written")
        self._codec = codec
        self._find: Callable[[Score], int | None] | None = None
        if bars is not None:
            self._find = lambda score: _bar_line(score, bars)
        elif seconds is not None:
            self._find = lambda score: _moment(score, seconds)

    @property
    def reached(self) -> Callable[[str], bool] | None:
        """A function that says whether a text is long enough; None where there is no limit."""
        return None if self._find is None else self._enough

    def _enough(self, text: str) -> bool:
        """Whether the whole bars are enough: a length half written can be read as a long one."""
        assert self._find is not None
        bars = self._codec.bar_offsets(text)
        whole = text[: bars[-2]] if len(bars) > 1 else text
        return self._find(self._codec.parse(whole).score) is not None

    def cut(self, text: str) -> tuple[str, Parsed]:
        """Return the text up to the limit, and the music in it.

        A text with errors, drawn without a grammar, stays as it is: cutting would mend it.
        """
        parsed = self._codec.parse(text)
        tick = self._find(parsed.score) if self._find else None
        if tick is None or errors_of(parsed.issues):
            return text, parsed
        score = transforms.clip(parsed.score, 0, tick)
        try:
            text = self._codec.encode(self._codec.project(score))
        except InputError:  # what is left has no text of its own, such as silence
            return text, Parsed(score, parsed.issues)
        return text, self._codec.parse(text)


def _bar_line(score: Score, bars: int) -> int | None:
    lines = score.bars()
    return lines[bars].onset if len(lines) > bars else None


def _moment(score: Score, seconds: float) -> int | None:
    """The last bar line before a moment that the score has passed; without one, the moment."""
    if score.seconds(score.end) < seconds:
        return None
    lines = [bar.onset for bar in score.bars()[1:] if score.seconds(bar.onset) <= seconds]
    if lines:
        return lines[-1]
    return bisect_right(range(score.end), seconds, key=score.seconds) - 1 or 1
