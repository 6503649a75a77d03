"""Pure functions from Score to Score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import gcd
from typing import TypeVar

from textmusic.errors import ScoreError
from textmusic.score import Key, Meter, Note, Score, Tempo, Track

__all__ = ["clip", "first_bars", "merge", "quantize", "reduce_ticks", "resample", "transpose"]

_Clock = Callable[[int], int]
_Event = TypeVar("_Event", Tempo, Meter, Key)


def resample(score: Score, tpq: int) -> Score:
    """Return the score at another number of ticks per quarter.

    Exact when `tpq` is a multiple of what the score needs; else every time goes to the nearest
    tick (halves up) and no note gets shorter than one tick.
    """
    if tpq == score.tpq:
        return score

    def at(tick: int) -> int:
        return (2 * tick * tpq + score.tpq) // (2 * score.tpq)

    return _retimed(score, at, tpq)


def quantize(score: Score, steps: int) -> Score:
    """Return the score with every time on the nearest of `steps` grid points a quarter.

    `tpq` stays, and must be a multiple of `steps`; no note gets shorter than one step.
    """
    if score.tpq % steps:
        raise ScoreError(f"{score.tpq} ticks per quarter have no grid of {steps} steps")
    grid = score.tpq // steps

    def at(tick: int) -> int:
        return (2 * tick + grid) // (2 * grid) * grid

    return _retimed(score, at, score.tpq, grid)


def _retimed(score: Score, at: _Clock, tpq: int, shortest: int = 1) -> Score:
    """Map every time of a score through `at`."""

    def moved(note: Note) -> Note:
        onset = at(note.onset)
        if note.duration == 0:
            return replace(note, onset=onset)
        return replace(note, onset=onset, duration=max(shortest, at(note.end) - onset))

    return replace(
        score,
        tpq=tpq,
        tracks=tuple(replace(t, notes=tuple(map(moved, t.notes))) for t in score.tracks),
        tempos=tuple(replace(t, onset=at(t.onset)) for t in score.tempos),
        meters=tuple(replace(m, onset=at(m.onset)) for m in score.meters),
        keys=tuple(replace(k, onset=at(k.onset)) for k in score.keys),
    )


def reduce_ticks(score: Score, multiple: int = 1) -> Score:
    """Return the equal score with the fewest ticks per quarter that are a multiple of `multiple`.

    Scores that hold the same music become equal values, whatever file they came from.
    """
    times = {score.tpq}
    for note in score.notes():
        times |= {note.onset, note.duration}
    for events in (score.tempos, score.meters, score.keys):
        times |= {event.onset for event in events}
    times |= {score.tpq * 4 * m.numerator // m.denominator for m in score.meters}
    tpq = score.tpq // gcd(*times)
    return resample(score, tpq * multiple // gcd(tpq, multiple))


def transpose(score: Score, semitones: int) -> Score:
    """Return the score moved by semitones; drums stay, fretted notes keep their strings.

    Raises:
        ScoreError: a pitch would leave 0…127.
    """

    def moved(track: Track) -> Track:
        if track.is_drum:
            return track
        return replace(
            track, notes=tuple(replace(n, pitch=n.pitch + semitones) for n in track.notes)
        )

    keys = score.keys
    if semitones % 12:
        keys = tuple(replace(k, fifths=(k.fifths + 7 * semitones + 5) % 12 - 5) for k in keys)
    return replace(score, tracks=tuple(map(moved, score.tracks)), keys=keys)


def clip(score: Score, start: int, end: int) -> Score:
    """Return the part between two ticks, moved to tick 0.

    Notes that sound at `start` or `end` are cut there; tempo, metre and key in force come along.
    """

    def cut(note: Note) -> Note | None:
        if note.duration == 0:
            return replace(note, onset=note.onset - start) if start <= note.onset < end else None
        if note.end <= start or note.onset >= end:
            return None
        onset = max(note.onset, start)
        return replace(note, onset=onset - start, duration=min(note.end, end) - onset)

    tracks = []
    for track in score.tracks:
        notes = tuple(n for n in map(cut, track.notes) if n is not None)
        tracks.append(replace(track, notes=notes))
    return replace(
        score,
        tracks=tuple(tracks),
        tempos=_window(score.tempos, start, end),
        meters=_window(score.meters, start, end),
        keys=_window(score.keys, start, end),
    )


def _window(events: Sequence[_Event], start: int, end: int) -> tuple[_Event, ...]:
    """The events of a window, with what is in force at its start moved to tick 0."""
    return tuple(
        replace(event, onset=max(event.onset - start, 0))
        for index, event in enumerate(events)
        if event.onset < end and (index + 1 == len(events) or events[index + 1].onset > start)
    )


def first_bars(score: Score, count: int) -> Score:
    """Return the first `count` bars (an upbeat counts as a bar); all of a shorter score."""
    bars = score.bars()
    return score if count >= len(bars) else clip(score, 0, bars[count].onset)


def merge(scores: Sequence[Score]) -> Score:
    """Return one score that plays several at once: the tracks of all, the rest of the first.

    Raises:
        ScoreError: there is no score.
    """
    if not scores:
        raise ScoreError("nothing to merge")
    tpq = 1
    for score in scores:
        tpq = tpq * score.tpq // gcd(tpq, score.tpq)
    parts = [resample(score, tpq) for score in scores]
    return replace(parts[0], tracks=tuple(t for part in parts for t in part.tracks))
