"""Events of numbered notation, one after the other, and the Score that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from textmusic import transforms
from textmusic.score import Key, Meter, Note, Score, Tempo, Track

__all__ = ["QUARTER", "Event", "play"]

QUARTER = 6720
"""Ticks per quarter while reading: sixty-fourths, dots, and tuplets of 3, 5 and 7 are whole."""
_DENOMINATORS = (4, 8, 16, 32, 64)


class Event(NamedTuple):
    """What happens next in a part.

    Args:
        kind: ``note`` (a chord, or a rest when it has no pitches), ``hold`` (the last note goes
            on), ``tie`` (the next one goes on with it), ``bar`` (a written bar line), ``change``.
        ticks: how long it lasts; of a metre, how long its upbeat is.
        pitches: MIDI numbers.
        change: key, metre or tempo, its onset still to be set.
    """

    kind: Literal["note", "hold", "tie", "bar", "change"]
    ticks: int = 0
    pitches: tuple[int, ...] = ()
    change: Key | Meter | Tempo | None = None


def play(events: Sequence[Event], name: str = "") -> Score:
    """Return the Score of one track that the events make, with as few ticks as it needs."""
    changes: list[Key | Meter | Tempo] = []
    bars: list[int] = []
    tick = 0
    for event in events:
        if event.kind == "bar":
            bars.append(tick)
        elif event.change is not None:
            changes.append(replace(event.change, onset=tick))
            if isinstance(event.change, Meter) and event.ticks:
                changes.append(replace(event.change, onset=tick + event.ticks))
        tick += event.ticks if event.kind in {"note", "hold"} else 0
    meters = [change for change in changes if isinstance(change, Meter)]
    score = Score(
        (Track(tuple(_notes(events)), name),),
        QUARTER,
        tuple(change for change in changes if isinstance(change, Tempo)),
        tuple(_cut(meters, bars) if meters else _measured(bars, tick)),
        tuple(change for change in changes if isinstance(change, Key)),
    )
    return transforms.reduce_ticks(score)


def _notes(events: Iterable[Event]) -> Iterator[Note]:
    tick = onset = 0
    sounding: tuple[int, ...] = ()
    tied = False
    for event in events:
        if event.kind == "note":
            if not (tied and event.pitches == sounding):
                yield from _chord(sounding, onset, tick)
                onset, sounding = tick, event.pitches
            tied = False
        tied = tied or event.kind == "tie"
        tick += event.ticks if event.kind in {"note", "hold"} else 0
    yield from _chord(sounding, onset, tick)


def _chord(pitches: tuple[int, ...], onset: int, end: int) -> Iterator[Note]:
    if end > onset:
        yield from (Note(onset, end - onset, pitch) for pitch in dict.fromkeys(pitches))


def _cut(meters: list[Meter], bars: Sequence[int]) -> Iterator[Meter]:
    """The metres, restated at every written bar line that comes before its bar is full."""
    pending = [*meters]
    current = Meter(0, 4, 4)
    for bar in bars:
        while pending and pending[0].onset <= bar:
            current = pending.pop(0)
            yield current
        full = 4 * QUARTER * current.numerator // current.denominator
        if (bar - current.onset) % full:
            current = replace(current, onset=bar)
            yield current
    yield from pending


def _measured(bars: Sequence[int], end: int) -> Iterator[Meter]:
    """Metres as long as the written bars, where no metre is stated."""
    start = 0
    for bar in dict.fromkeys((*bars, end)) if bars else ():
        if bar > start:
            for denominator in _DENOMINATORS:
                count, rest = divmod((bar - start) * denominator, 4 * QUARTER)
                if not rest and count <= 255:
                    yield Meter(start, count, denominator)
                    break
        start = bar
