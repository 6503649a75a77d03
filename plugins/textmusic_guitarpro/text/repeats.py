"""Which repeats and endings a text holds: those where every measure is heard when first reached.

A repeat is played 2 to 9 times. An ending begins behind the body of a repeat or behind a closed
repeat, for passes up to 9, among them the one in which it is first reached; its later bars may
say it again. What is more entangled (a second ending before the first is closed, a repeat played
once) is written out by the projection.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from textmusic.form import Form, Measure

__all__ = ["PASSES", "Section", "is_regular"]

PASSES = range(2, 10)
"""How often a repeat may be played."""
_NUMBERS = range(1, 10)


class Section(NamedTuple):
    """The measures since a repeat opened, as far as they have signs.

    Args:
        signs: measures that begin an ending or close a repeat.
        closed: whether a measure without an ending would begin the next section.
    """

    signs: tuple[Measure, ...] = ()
    closed: bool = False

    def before(self, *, opens: bool) -> Section:
        """The section that a measure with an ending belongs to."""
        return Section() if opens else self

    def endings(self) -> frozenset[str]:
        """The endings that may begin here, as their numbers with commas."""
        if self.signs and not self.signs[-1].passes:
            return frozenset({_numbers(self.signs[-1].endings)})
        return _endings(_turn(self.signs))

    def after(self, measure: Measure) -> Section:
        """The section behind a measure."""
        starts = measure.opens or (self.closed and not measure.endings)
        signs = () if starts else self.signs
        says_again = bool(signs) and not signs[-1].passes and signs[-1].endings == measure.endings
        if measure.passes or (measure.endings and not says_again):
            signs = (*signs, replace(measure, opens=False))
        closed = measure.passes > 0 or (self.closed and not starts and bool(measure.endings))
        return Section(signs, closed)


def is_regular(form: Form) -> bool:
    """Whether a text holds these repeats and endings."""
    section = Section()
    for measure in form.measures:
        if measure.passes and measure.passes not in PASSES:
            return False
        allowed = section.before(opens=measure.opens).endings()
        if measure.endings and _numbers(measure.endings) not in allowed:
            return False
        section = section.after(measure)
    return True


def _numbers(endings: frozenset[int]) -> str:
    return ",".join(map(str, sorted(endings)))


@lru_cache(maxsize=1024)
def _turn(signs: tuple[Measure, ...]) -> int:
    """The pass in which an ending behind these measures is first reached, 0 where it never is."""
    for turn in _NUMBERS:
        measures = (Measure(), *signs, Measure(endings=frozenset({turn})))
        if len(signs) + 1 in (Form(measures).order() or ()):
            return turn
    return 0


@lru_cache(maxsize=16)
def _endings(turn: int) -> frozenset[str]:
    """All endings for passes up to 9 that hold `turn`."""
    others = [number for number in _NUMBERS if number != turn]
    return frozenset(
        _numbers(frozenset({turn, *more}))
        for size in range(len(others) + 1 if turn else 0)
        for more in combinations(others, size)
    )
