"""What a format of the Guitar Pro family can hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textmusic.form import Form

__all__ = ["Limits"]


def _same(form: Form) -> Form:
    return form


@dataclass(frozen=True, slots=True)
class Limits:
    """What `engrave` may write; the defaults are those of Guitar Pro 7 and alphaTex.

    Args:
        voices: of a part, 1…4.
        shortest: the shortest note value, also in tuplets: 64, 128 or 256.
        dots: the most that a note has, 1 or 2.
        strings: the most that a part has; None for any number.
        lowest_fret: of a note, below 0 where notes may lie below the open string.
        highest_fret: likewise.
        unstringed: whether a pitched part may do without strings.
        grace_runs: whether several grace notes may follow one another, on any strings; if not, a
            note has one, on its own string.
        pickup: whether the first measure may be shorter than its signature.
        tempo_at_beat: whether a tempo changes only where a beat of the first part starts.
        measures: the most there are.
        beats: the most that a voice has in a measure; measures with more are divided.
        form: what is left of the signs of repetition.
    """

    voices: int = 4
    shortest: int = 128
    dots: int = 2
    strings: int | None = None
    lowest_fret: int = -99
    highest_fret: int = 99
    unstringed: bool = False
    grace_runs: bool = True
    pickup: bool = True
    tempo_at_beat: bool = False
    measures: int = 9_999
    beats: int = 9_999
    form: Callable[[Form], Form] = _same
