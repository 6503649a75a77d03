"""From music as it is played to music as it can be written down, for a picture of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from math import lcm

from textmusic.errors import Issue
from textmusic.score import Note, Score, Track
from textmusic.transforms import clip, quantize, resample

__all__ = ["MOST_BARS", "MOST_NOTES", "hands", "readable"]

MOST_BARS = 600
MOST_NOTES = 20_000
"""What is longer is drawn as far as that."""
_GRID = 4
"""Steps a quarter for what was played by hand: sixteenths."""
_FINE = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32})
"""Denominators, in quarters, of times that are written as they are."""
_ROUGH_SHARE = 0.05
_LOW, _MIDDLE, _HIGH = 52, 60, 67
_TWO_HANDS = frozenset({*range(24), 46})


def readable(score: Score) -> tuple[Score, tuple[Issue, ...]]:
    """Return what is drawn of a score, and what of it is not.

    Silent tracks are left out, music played by hand goes to the nearest sixteenth, and what
    is too long for a picture ends early.
    """
    issues: list[Issue] = []
    tracks = tuple(track for track in score.tracks if track.notes)
    if not tracks:
        tracks = score.tracks[:1]
    score = replace(score, tracks=tracks)
    short = _shortened(score)
    if short is not score:
        message = f"the picture ends after {len(short.bars())} bars: the piece is too long for it"
        issues.append(Issue("engraving.long", message, severity="warning"))
    rough = _is_rough(short, ends=False)
    if rough:
        message = "times were played by hand; they are drawn at the nearest sixteenth"
        issues.append(Issue("engraving.times", message, severity="warning"))
        grid = lcm(short.tpq, _GRID)
        short = quantize(resample(short, grid if grid <= 1_000_000 else 120 * _GRID), _GRID)
    if rough or _is_rough(short, ends=True):
        tracks = tuple(_smooth(track, short.tpq, cut=rough) for track in short.tracks)
        short = replace(short, tracks=tracks)
    return short, tuple(issues)


def _shortened(score: Score) -> Score:
    onsets = sorted(note.onset for note in score.notes())
    reach = 4 * score.tpq * MOST_BARS
    bars = score.bars(min(score.end, reach))
    last = bars[min(len(bars), MOST_BARS) - 1].end if bars else 0
    if len(onsets) > MOST_NOTES:
        starts = [bar.onset for bar in bars]
        last = min(last, starts[max(bisect_right(starts, onsets[MOST_NOTES]) - 1, 0)] or last)
    return clip(score, 0, last) if last < score.end else score


def _is_rough(score: Score, *, ends: bool) -> bool:
    """Whether many notes begin, or end, at times that no usual value leads to."""
    allowed = {tick for fine in _FINE if score.tpq % fine == 0 for tick in (score.tpq // fine,)}
    times = [note.end if ends else note.onset for note in score.notes() if note.duration]
    rough = sum(all(time % step for step in allowed) for time in times)
    return rough > _ROUGH_SHARE * len(times)


def _smooth(track: Track, tpq: int, *, cut: bool) -> Track:
    """Let notes last until the next begins where they nearly do: no rests that nobody hears.

    With `cut`, they last no longer either, so that each hand is one voice.
    """
    notes: set[Note] = set()
    for hand in hands(track):
        onsets = sorted({note.onset for note in hand.notes})
        notes |= {_lasting(note, onsets, tpq, cut=cut) for note in hand.notes}
    once = {(note.onset, note.pitch, note.grace): note for note in sorted(notes, key=_length)}
    return replace(track, notes=tuple(once.values()))


def _length(note: Note) -> int:
    return note.duration


def _lasting(note: Note, onsets: Sequence[int], tpq: int, *, cut: bool) -> Note:
    if not note.duration:
        return note
    index = bisect_right(onsets, note.onset)
    if index == len(onsets):
        step = max(tpq // _GRID, 1)
        return replace(note, duration=-(-note.duration // step) * step)
    gap = onsets[index] - note.onset
    long = note.duration > gap
    if long:
        ends = cut or note.duration - gap <= tpq // 8
    else:
        ends = gap - note.duration <= tpq // 4 or (gap <= tpq and note.duration >= gap / 2)
    return replace(note, duration=gap) if ends else note


def hands(track: Track) -> tuple[Track, ...]:
    """Return the upper and the lower staff of a keyboard, or the track alone."""
    pitches = [note.pitch for note in track.notes]
    wide = pitches and min(pitches) < _LOW and max(pitches) > _HIGH
    if track.is_drum or track.tuning or track.program not in _TWO_HANDS or not wide:
        return (track,)
    upper = tuple(note for note in track.notes if note.pitch >= _MIDDLE)
    lower = tuple(note for note in track.notes if note.pitch < _MIDDLE)
    return replace(track, notes=upper), replace(track, notes=lower, name="")
