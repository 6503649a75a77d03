"""One document a part: which tracks of a score become tabs, without their long silences."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from textmusic.score import Bar, Meter, Score, Tempo, Track
from textmusic_guitartab.music import playable

__all__ = ["parts"]

_LONGEST_SILENCE = 2


def parts(score: Score) -> tuple[Score, ...]:
    """Return a score for each track that a fretted instrument can play.

    Bars of silence before the first note are left out, and of longer silences two bars are kept:
    a player counts rests, a model that learns them writes nothing else.
    """
    return tuple(_without_silence(score, track) for track in score.tracks if playable(track))


def _without_silence(score: Score, track: Track) -> Score:
    alone = replace(score, tracks=(track,))
    bars = alone.bars()
    kept = list(_kept(bars, track))
    if len(kept) == len(bars):
        return alone
    starts = [bar.onset for bar in kept]
    moved: list[int] = []
    time = 0
    for bar in kept:
        moved.append(time)
        time += bar.end - bar.onset
    notes = tuple(
        replace(note, onset=note.onset - starts[i] + moved[i])
        for note in track.notes
        if (i := bisect_right(starts, note.onset) - 1) >= 0
    )
    meters = [
        Meter(at, bar.numerator, bar.denominator) for bar, at in zip(kept, moved, strict=True)
    ]
    return replace(
        alone,
        tracks=(replace(track, notes=notes),),
        meters=tuple(meters),
        tempos=_tempo(score, starts[0]),
        keys=(),
    )


def _tempo(score: Score, onset: int) -> tuple[Tempo, ...]:
    """The tempo in force at a time, now from the start on."""
    before = [tempo for tempo in score.tempos if tempo.onset <= onset]
    return (Tempo(0, before[-1].qpm),) if before else ()


def _kept(bars: tuple[Bar, ...], track: Track) -> Iterator[Bar]:
    silent = _LONGEST_SILENCE
    for bar, sounds in zip(bars, _sounding(bars, track), strict=True):
        silent = 0 if sounds else silent + 1
        if silent <= _LONGEST_SILENCE:
            yield bar


def _sounding(bars: tuple[Bar, ...], track: Track) -> Iterator[bool]:
    """Whether any note sounds in each bar."""
    index, end = 0, 0
    for bar in bars:
        while index < len(track.notes) and track.notes[index].onset < bar.end:
            end = max(end, track.notes[index].end)
            index += 1
        yield end > bar.onset
