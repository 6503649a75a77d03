"""Where notes lie that GPIF wants on a string though nobody plays them on one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from textmusic_guitarpro.song import Beat, Part

__all__ = ["DRUM_ROWS", "filler_of", "rows_of", "tied_behind"]

_OPEN = (40, 45, 50, 55, 59, 64, 69, 74, 79, 84)
"""Guitar Pro's own filler, and higher strings for chords of more than six notes."""
_FEWEST = 6
DRUM_ROWS = 6


def filler_of(part: Part) -> tuple[int, ...]:
    """Return strings for a part without: as many as its largest chord needs, six to ten."""
    largest = max((len(beat.notes) for m in part.measures for v in m for beat in v), default=0)
    return _OPEN[: min(max(largest, _FEWEST), len(_OPEN))]


def tied_behind(beats: Sequence[Beat], index: int) -> set[int]:
    """Return the pitches that go on behind a grace beat; none for any other beat."""
    if not beats[index].is_grace:
        return set()
    main = next((beat for beat in beats[index:] if not beat.is_grace), beats[index])
    return {note.fret for note in main.notes if note.is_tied}


def rows_of(
    beat: Beat, opens: tuple[int, ...], held: dict[int, int], waiting: Collection[int] = ()
) -> list[int | None]:
    """Return a string for each note of a beat, None where all are taken.

    Args:
        beat: notes without strings.
        opens: the strings; all 0 for drums, whose rows mean nothing.
        held: strings by pitch of the notes before; a tied note stays where it is. Brought up to
            date.
        waiting: pitches that go on behind the beat: its notes leave their strings alone if they
            can, or the tie would prolong them.
    """
    free = list(range(len(opens)))
    taken = {held[pitch] for pitch in waiting if pitch in held}
    rows: list[int | None] = [None] * len(beat.notes)
    tied_first = sorted(range(len(rows)), key=lambda number: not beat.notes[number].is_tied)
    for number in tied_first:
        pitch = beat.notes[number].fret
        row = held.get(pitch)
        if row not in free or row in taken:
            row = min(
                free,
                key=lambda string: (string in taken, _reach(pitch - opens[string]), string),
                default=None,
            )
        if row is not None:
            free.remove(row)
            held[pitch] = row
        rows[number] = row
    return rows


def _reach(fret: int) -> int:
    """How far a hand must go; below the open string is worse."""
    return fret if fret >= 0 else 24 - fret
