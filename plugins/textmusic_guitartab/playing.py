"""What is played on a neck, in columns: what becomes text and Scores without a value for each event."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, overload

from textmusic.score import Bar
from textmusic_guitartab.marks import TOUCHES, names
from textmusic_guitartab.piece import FRETS, STRINGS, Event, Measure, Pair

__all__ = ["Chords", "Heard", "Played", "Strike", "heard", "measure_of", "pairs_text", "strike"]

Heard = tuple[tuple[int, ...], tuple[int, ...], tuple[frozenset[str], ...]]
"""Pitches, strings and marks of notes struck together, as a Score sorts them."""


class Strike(NamedTuple):
    """What is struck together: its notes, the key of its touch; as text without length; as heard."""

    pairs: tuple[Pair, ...]
    touch: str
    text: str
    heard: Heard


class Chords(NamedTuple):
    """For each strike its start, its end (the same for a grace note), and what is struck."""

    onsets: Sequence[int]
    ends: Sequence[int]
    strikes: Sequence[Strike]


class Played(Sequence[Measure]):
    """The bars of what is played, each made when somebody asks for it.

    Args:
        chords: by onset, none beyond the last bar.
        bars: one after the other, from tick 0 on.
    """

    def __init__(self, chords: Chords, bars: Sequence[Bar]) -> None:
        self.chords = chords
        self.bars = bars

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.bars)

    @overload
    def __getitem__(self, index: int) -> Measure: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Measure]: ...

    def __getitem__(self, index: int | slice) -> Measure | Sequence[Measure]:
        """Return a bar, or some."""
        return tuple(self)[index]

    def __iter__(self) -> Iterator[Measure]:
        """Yield the bars."""
        onsets, ends, _ = self.chords
        first = sounding = 0
        for bar in self.bars:
            last = bisect_left(onsets, bar.end, first)
            yield measure_of(self.chords, bar, range(first, last), sounding)
            if first < last:
                first, sounding = last, ends[last - 1]


def measure_of(chords: Chords, bar: Bar, inside: range, sounding: int) -> Measure:
    """Return what happens in a bar: notes, what goes on over bar lines, silence.

    Args:
        chords: all.
        bar: the bar.
        inside: the numbers of the chords that start in it.
        sounding: when what was struck before ends.
    """
    start, end = bar.onset, bar.end
    events: list[Event] = []
    now = start
    if sounding > start:
        now = min(sounding, end)
        events.append(Event("hold", 0, now - start))
    for index in inside:
        onset = chords.onsets[index]
        if onset > now:
            events.append(Event("rest", now - start, onset - now))
        now = min(chords.ends[index], end)
        pairs, touch, *_ = chords.strikes[index]
        events.append(Event("note", onset - start, now - onset, pairs, touch))
    if now < end:
        events.append(Event("rest", now - start, end - now))
    return Measure((bar.numerator, bar.denominator), end - start, tuple(events))


@lru_cache(maxsize=1 << 15)
def strike(opens: tuple[int, ...], pairs: tuple[Pair, ...], touch: str) -> Strike:
    """Return what is struck on strings of these open pitches."""
    text = pairs_text(pairs, STRINGS[len(opens) - 1])
    return Strike(pairs, touch, text, heard(opens, pairs, touch))


def pairs_text(pairs: tuple[Pair, ...], letters: str) -> str:
    """Return notes as text.

    Args:
        pairs: the notes.
        letters: of the strings.
    """
    return "".join(
        [
            letters[string] + ("x" if fret < 0 else FRETS[fret]) + marks
            for string, fret, marks in pairs
        ]
    )


@lru_cache(maxsize=1 << 14)
def heard(opens: tuple[int, ...], pairs: tuple[Pair, ...], touch: str, rank: int = 0) -> Heard:
    """Return what pairs are on a neck, as a grace note of a rank where that is not 0."""
    also = [TOUCHES[touch]] if touch else []
    if rank:
        also.append(f"grace:{rank}")
    found = []
    for string, fret, signs in pairs:
        marks = {*names(signs), *also}
        if fret < 0:
            marks.add("dead")
        found.append((opens[string] + max(fret, 0), string, frozenset(marks)))
    found.sort(key=itemgetter(0, 1))
    pitches, strings, of = zip(*found, strict=True) if found else ((), (), ())
    return tuple(pitches), tuple(strings), tuple(of)
