"""Pure functions from Score to Score."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import gcd, lcm
from typing import TypeVar

from textmusic.errors import ScoreError
from textmusic.instruments import DRUM_WORDS, programs_named
from textmusic.score import Key, Meter, Note, Score, Tempo, Track

__all__ = [
    "clip",
    "first_bars",
    "merge",
    "quantize",
    "reduce_ticks",
    "resample",
    "select",
    "transpose",
]

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
        length = note.duration and max(shortest, at(note.end) - onset)
        return Note(onset, length, note.pitch, note.velocity, note.string, note.marks)

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


def merge(scores: Sequence[Score], *, trim: bool = False) -> Score:
    """Return one score that plays several at once: the tracks of all, from the first bar on.

    Tempos, metres and keys are each those of the first score that has any, the rest is the first
    score's; `textmusic.agreement.mismatches` says where others differ. The provenance of all is
    kept. Shorter scores end in silence.

    Args:
        scores: at least one.
        trim: end all where the shortest ends, with its last bar.

    Raises:
        ScoreError: there is no score, or they have no common tick.
    """
    if not scores:
        raise ScoreError("nothing to merge")
    tpq = lcm(*(score.tpq for score in scores))
    if tpq > 1_000_000:
        scores = [reduce_ticks(score) for score in scores]
        tpq = lcm(*(score.tpq for score in scores))
    parts = [resample(score, tpq) for score in scores]
    meta = dict(parts[0].meta)
    origins = dict.fromkeys(origin for part in parts if (origin := part.get("provenance")))
    if origins:
        meta["provenance"] = "; ".join(origins)
    if trim or len({part.get("form") for part in parts}) > 1:
        meta.pop("form", None)  # the page of one part is not the page of all
    merged = replace(
        parts[0],
        tracks=tuple(track for part in parts for track in part.tracks),
        tempos=next((part.tempos for part in parts if part.tempos), ()),
        meters=next((part.meters for part in parts if part.meters), ()),
        keys=next((part.keys for part in parts if part.keys), ()),
        meta=tuple(meta.items()),
    )
    end = min(bars[-1].end if (bars := part.bars()) else 0 for part in parts)
    return clip(merged, 0, end) if trim and end < merged.end else merged


def select(score: Score, part: str) -> tuple[Score, ...]:
    """Return the tracks of one instrument, each as a score of its own; empty where there is none.

    Args:
        score: any score; tracks without notes do not count.
        part: the number of a track from 1; or a track's name in any case: the whole name, else
            words of it, else a piece of it; or, where no name fits, a General MIDI instrument
            or family (``cello``, ``strings``, ``drums``).

    Example:
        >>> quartet = Score([Track([Note(0, 1, 60)], name=n) for n in ("Violin I", "Violin II")])
        >>> [s.tracks[0].name for s in select(quartet, "violin i")]
        ['Violin I']
        >>> len(select(quartet, "violin")), len(select(quartet, "flute"))
        (2, 0)
    """
    tracks = [track for track in score.tracks if track.notes]
    wanted = part.strip().lower()
    if wanted.isdecimal():
        chosen = tracks[int(wanted) - 1 : int(wanted)] if int(wanted) else []
    else:
        chosen = _named(tracks, wanted)
    return tuple(replace(score, tracks=(track,)) for track in chosen)


def _named(tracks: Sequence[Track], wanted: str) -> list[Track]:
    """The tracks that a name fits best."""
    if not wanted:
        return []
    words = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
    tests: tuple[Callable[[str], object], ...]
    tests = (lambda name: name == wanted, words.search, lambda name: wanted in name)
    for fits in tests:
        if chosen := [track for track in tracks if fits(track.name.strip().lower())]:
            return chosen
    if wanted in DRUM_WORDS:
        return [track for track in tracks if track.is_drum]
    programs = programs_named(wanted)
    return [track for track in tracks if track.program in programs and not track.is_drum]
