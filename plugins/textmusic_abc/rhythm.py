"""Tuplets and broken rhythm: what makes a sound last other than its length is written."""

from __future__ import annotations

from textmusic_abc.fields import MeterValue
from textmusic_abc.tune import Sound, Tune

__all__ = ["Rhythm"]

_TIME_OF = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_MAX_SOUNDS = 64


class Rhythm:
    """The tuplet and the broken pair that are open in a voice."""

    def __init__(self, tune: Tune) -> None:
        self.tune = tune
        self.busy = False
        self._first: Sound | None = None
        self._pair: Sound | None = None
        self._tuplet = (1, 1, 0)
        self._left = 0
        self._place = 0

    def open_tuplet(self, meaning: tuple[int, int, int], offset: int, meter: MeterValue) -> None:
        """Begin ``(p:q:r``; zeros stand for what is left out."""
        p, q, r = meaning
        self._end_tuplet()
        q = q or _TIME_OF.get(p) or (3 if meter.compound else 2)
        r = r or p
        if p < 2 or r > _MAX_SOUNDS:
            self.tune.complain("tuplet", f"({p}:{q}:{r} is no tuplet", offset)
            return
        self._tuplet, self._left, self._place = (p, q, r), r, offset
        self.busy = True

    def open_pair(self, sound: Sound | None, signs: str, offset: int) -> None:
        """Begin a broken pair; `sound` is its first half."""
        if sound is None or self._pair is not None or len(signs) > 3:
            message = f"{signs[:9]!r} does not stand between two notes"
            self.tune.complain("broken", message, offset, len(signs))
            return
        sound.broken = signs
        self._pair = sound
        self.busy = True

    def take(self, sound: Sound) -> None:
        """Give the next sound its duration."""
        if self._left:
            p, q, r = self._tuplet
            sound.duration, rest = divmod(sound.length * q, p)
            if rest:
                self.tune.complain("length", "the tuplet divides too finely", sound.offset)
            if self._left == r:
                sound.tuplet = self._tuplet
                self._first = sound
            self._left -= 1
        if self._pair is not None:
            _break(self._pair, sound)
            self._pair = None
        self.busy = self._left > 0

    def end_bar(self) -> None:
        """Complain of what is not complete; it counts as far as it goes."""
        if self._pair is not None:
            message = "broken rhythm without a second note in its bar"
            self.tune.complain("broken", message, self._pair.offset)
            self._pair.broken = ""
            self._pair = None
        self._end_tuplet()
        self.busy = False

    def _end_tuplet(self) -> None:
        if not self._left:
            return
        self.tune.complain("tuplet", "the tuplet is not complete", self._place)
        p, q, r = self._tuplet
        if self._left < r and self._first is not None:
            self._first.tuplet = p, q, r - self._left
        self._left = 0


def _break(first: Sound, second: Sound) -> None:
    """Give time to one of two sounds and take it from the other, as ``>`` and ``<`` say."""
    step = len(first.broken)
    one, two = first.duration, second.duration
    if first.broken[0] == ">":
        first.duration, second.duration = 2 * one - (one >> step), two >> step
    else:
        first.duration, second.duration = one >> step, 2 * two - (two >> step)
