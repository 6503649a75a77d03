"""What is written of the time in a bar: values, rests, beams and tuplets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textmusic.lengths import BEAT, LETTERS, spell
from textmusic.score import Bar

__all__ = ["Beat", "beamed", "beats_of", "tupleted"]

_FLAGS = {**dict.fromkeys("iIjPV", 1), **dict.fromkeys("sSptv", 2), **dict.fromkeys("Zzu", 3)}
_FLAGS |= dict.fromkeys("kd", 4)
_TUPLETS = {**dict.fromkeys("yTjtud", 3), **dict.fromkeys("Pp", 5), **dict.fromkeys("Vv", 7)}
_DOTTED = frozenset("WHQISZ")
_SPAN = 1 << 20
"""Longer notes have no value that could be written."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One value: a stem below a tablature, or a rest.

    Args:
        onset: tick of the score.
        letter: the value, as in `textmusic.lengths`; empty where none fits.
        is_rest: nothing sounds.
        is_tied: it prolongs the value before it.
    """

    onset: int
    letter: str
    is_rest: bool = False
    is_tied: bool = False

    @property
    def flags(self) -> int:
        """How many flags or beams the stem has."""
        return _FLAGS.get(self.letter, 0)

    @property
    def dots(self) -> int:
        """How many dots stand behind it."""
        return int(self.letter in _DOTTED)

    @property
    def tuplet(self) -> int:
        """3, 5 or 7 for a value of that tuplet, else 0."""
        return _TUPLETS.get(self.letter, 0)


def beats_of(bar: Bar, tpq: int, sounds: Sequence[tuple[int, int]]) -> list[Beat]:
    """Return the values and rests of a voice in a bar.

    Args:
        bar: the bar.
        tpq: ticks a quarter.
        sounds: onset and end of what sounds in it, sorted; the first may begin before the bar.
    """
    beats: list[Beat] = []
    now = bar.onset
    for index, (onset, end) in enumerate(sounds):
        after = sounds[index + 1][0] if index + 1 < len(sounds) else bar.end
        start, stop = max(onset, bar.onset), min(end, after, bar.end)
        if start < now or stop <= start:
            continue
        beats += _spelt(bar, tpq, now, start, is_rest=True)
        beats += _spelt(bar, tpq, start, stop, is_rest=False, is_tied=onset < bar.onset)
        now = stop
    return beats + _spelt(bar, tpq, now, bar.end, is_rest=True)


def _spelt(
    bar: Bar, tpq: int, start: int, end: int, *, is_rest: bool, is_tied: bool = False
) -> list[Beat]:
    """Cut a stretch of time into values; one without a name is a single stem."""
    first, last = ((at - bar.onset) * BEAT // tpq for at in (start, end))
    if end <= start or (is_rest and last - first < BEAT // 16):
        return []
    if last - first > _SPAN:
        return [Beat(start, "", is_rest, is_tied)]
    try:
        lengths = spell(first, last - first)
    except ValueError:
        return [] if is_rest else [Beat(start, "", is_rest, is_tied)]
    beats: list[Beat] = []
    for length in lengths:
        at = bar.onset + first * tpq // BEAT if beats else start
        beats.append(Beat(at, LETTERS[length], is_rest, is_tied or bool(beats)))
        first += length
    return beats


def beamed(bar: Bar, tpq: int, beats: Sequence[Beat]) -> Iterator[list[Beat]]:
    """Yield the stems of a bar in groups: those of one group have beams together."""
    unit = _unit(bar, tpq)
    group: list[Beat] = []
    for beat in beats:
        joins = (
            group
            and not beat.is_rest
            and beat.flags
            and group[-1].flags
            and _part(bar, unit, group[0]) == _part(bar, unit, beat)
        )
        if group and not joins:
            yield group
            group = []
        if not beat.is_rest:
            group.append(beat)
    if group:
        yield group


def tupleted(bar: Bar, tpq: int, beats: Sequence[Beat]) -> Iterator[tuple[int, list[Beat]]]:
    """Yield the tuplets of a bar: their number, and their values within one beat."""
    group: list[Beat] = []
    for beat in beats:
        same = group and beat.tuplet == group[0].tuplet
        if group and not (same and _part(bar, tpq, group[0]) == _part(bar, tpq, beat)):
            yield group[0].tuplet, group
            group = []
        if beat.tuplet:
            group.append(beat)
    if group:
        yield group[0].tuplet, group


def _unit(bar: Bar, tpq: int) -> int:
    """Ticks of the time that beams join: a dotted quarter in 6/8, else a quarter."""
    compound = bar.denominator >= 8 and bar.numerator % 3 == 0
    return max(1, tpq * 4 * 3 // bar.denominator if compound else tpq)


def _part(bar: Bar, unit: int, beat: Beat) -> int:
    early = bar.full - (bar.end - bar.onset) if bar.is_short and bar.onset == 0 else 0
    return (beat.onset - bar.onset + early) // unit
