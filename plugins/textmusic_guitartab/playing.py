"""What is played on a neck, in columns: what becomes text and Scores without a value for each event."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Literal, NamedTuple, overload

from textmusic.score import Bar
from textmusic_guitartab.marks import TOUCHES, names
from textmusic_guitartab.piece import FRETS, STRINGS, Event, Measure, Pair

__all__ = [
    "HOLD",
    "REST",
    "Chords",
    "Heard",
    "Played",
    "Strike",
    "happening",
    "heard",
    "pairs_text",
    "strike",
]

Heard = tuple[tuple[int, ...], tuple[int, ...], tuple[frozenset[str], ...]]
"""Pitches, strings and marks of notes struck together, as a Score sorts them."""


class Strike(NamedTuple):
    """What is struck together: its notes, the key of its touch; as text without length; as heard."""

    pairs: tuple[Pair, ...]
    touch: str
    text: str
    heard: Heard


HOLD, REST = Strike((), "", "~", ((), (), ())), Strike((), "", "r", ((), (), ()))
_SILENCES: dict[str, Literal["hold", "rest"]] = {HOLD.text: "hold", REST.text: "rest"}


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
            yield _measure(self.chords, bar, range(first, last), sounding)
            if first < last:
                first, sounding = last, ends[last - 1]


def happening(
    chords: Chords, bar: Bar, inside: range, sounding: int
) -> Iterator[tuple[Strike, int, int]]:
    """Yield what happens in a bar: notes, what goes on over bar lines, silence.

    Args:
        chords: all.
        bar: the bar.
        inside: the numbers of the chords that start in it.
        sounding: when what was struck before ends.

    Yields:
        What it is, or `HOLD` or `REST`; its start in the bar, and its length in ticks.
    """
    start, end = bar.onset, bar.end
    now = start
    if sounding > start:
        now = min(sounding, end)
        yield HOLD, 0, now - start
    for index in inside:
        onset = chords.onsets[index]
        if onset > now:
            yield REST, now - start, onset - now
        now = min(chords.ends[index], end)
        yield chords.strikes[index], onset - start, now - onset
    if now < end:
        yield REST, now - start, end - now


def _measure(chords: Chords, bar: Bar, inside: range, sounding: int) -> Measure:
    events = tuple(
        Event(_SILENCES.get(struck.text, "note"), start, length, struck.pairs, struck.touch)
        for struck, start, length in happening(chords, bar, inside, sounding)
    )
    return Measure((bar.numerator, bar.denominator), bar.end - bar.onset, events)


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
    also = frozenset([TOUCHES[touch]] if touch else [])
    if rank:
        also |= {f"grace:{rank}"}
    found = []
    for string, fret, signs in pairs:
        marks = also | {*names(signs)} if signs else also
        if fret < 0:
            marks |= {"dead"}
        found.append((opens[string] + max(fret, 0), string, marks))
    found.sort(key=itemgetter(0, 1))
    pitches, strings, of = zip(*found, strict=True) if found else ((), (), ())
    return tuple(pitches), tuple(strings), tuple(of)
