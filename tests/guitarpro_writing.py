"""Scores written as Guitar Pro files and read back, for tests of the writer."""

from __future__ import annotations

from guitarpro_scores import GUITAR

from textmusic.score import Note, Score, Track
from textmusic.transforms import reduce_ticks
from textmusic_guitarpro import GuitarPro3, GuitarPro4, GuitarPro5

__all__ = ["FORMATS", "back", "codes", "guitar", "places"]


FORMATS = [GuitarPro3(), GuitarPro4(), GuitarPro5()]


def back(score: Score, form: GuitarPro5 | None = None) -> Score:
    """What is read from the file of a score, in the fewest ticks."""
    form = form or GuitarPro5()
    (again,) = form.decode(form.encode(score).data).scores
    return reduce_ticks(again)


def codes(score: Score, form: GuitarPro5 | None = None) -> set[str]:
    """The codes of what a file of the score does not hold."""
    return {issue.code for issue in (form or GuitarPro5()).encode(score).issues}


def guitar(*notes: Note, capo: int = 0) -> Score:
    """A score of one guitar."""
    return Score((Track(notes, "Guitar", 25, tuning=GUITAR, capo=capo),))


def places(score: Score) -> list[tuple[int, int, int | None, int]]:
    """Onset, length, string and pitch of each note; 480 ticks a quarter."""
    score = reduce_ticks(score, 480)
    return [(n.onset, n.duration, n.string, n.pitch) for n in score.notes()]
