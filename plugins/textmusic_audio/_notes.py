"""When the notes of a track sound, in seconds, and how."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from textmusic.score import Note, Score, Tempo, Track

__all__ = ["Played", "played"]

_GRACE = 0.06
_DEAD = 0.05
_SOFT = 0.6
_SHORTEST = 0.02
_RISE = 0.35
"""Share of a note in which a bend rises, and falls again."""


@dataclass(frozen=True, slots=True)
class Played:
    """A note as it sounds.

    Args:
        start, end: seconds.
        pitch, velocity: as in MIDI.
        bend: semitones that it is bent up, 0 for none.
        released: the bend is let go again.
    """

    start: float
    end: float
    pitch: int
    velocity: int
    bend: float = 0.0
    released: bool = False

    def wheel(self, share: float) -> Iterator[tuple[float, float]]:
        """Yield places of the note, 0…1, with how far it is bent there, in semitones.

        Args:
            share: of the way up.
        """
        yield _RISE * share, self.bend * share
        if self.released:
            yield 1 - _RISE + _RISE * share, self.bend * (1 - share)


def played(track: Track, score: Score) -> list[Played]:
    """Return the notes of a track; grace notes take their time from what comes before them."""
    clock = _clock(score)
    return [_played(note, clock) for note in track.notes]


def _played(note: Note, clock: Callable[[int], float]) -> Played:
    start, end, velocity = clock(note.onset), clock(note.end), note.velocity
    if note.grace:
        start = max(start - _GRACE * note.grace, 0.0)
        end = start + _GRACE
    if "dead" in note.marks:
        end, velocity = min(end, start + _DEAD), max(1, round(velocity * _SOFT))
    elif note.marks & {"palm-mute", "staccato"}:
        end = start + (end - start) / 2
    end = max(end, start + _SHORTEST)
    bend = _bend(note)
    return Played(start, end, note.pitch, velocity, bend, "release" in note.marks)


def _bend(note: Note) -> float:
    for mark in note.marks:
        if mark == "bend":
            return 2.0
        if mark.startswith("bend:"):
            try:
                return max(-12.0, min(12.0, float(mark[5:])))
            except ValueError:
                return 2.0
    return 0.0


def _clock(score: Score) -> Callable[[int], float]:
    """Return the function from ticks to seconds; `Score.seconds`, for many calls."""
    tempos = score.tempos
    if not tempos or tempos[0].onset > 0:
        tempos = (Tempo(0, 120.0), *tempos)
    starts = [tempo.onset for tempo in tempos]
    seconds_a_tick = [60 / (tempo.qpm * score.tpq) for tempo in tempos]
    spans = (
        (after.onset - one.onset) * each
        for (one, after), each in zip(pairwise(tempos), seconds_a_tick, strict=False)
    )
    times = list(accumulate(spans, initial=0.0))

    def clock(tick: int) -> float:
        index = bisect_right(starts, tick) - 1
        return times[index] + (tick - starts[index]) * seconds_a_tick[index]

    return clock
