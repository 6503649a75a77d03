"""The loss, by name: any Score -> the nearest one on a grid of steps, and what that cost.

1. Tracks without notes go; all pitched tracks become one, where the text has one part only.
2. Times go to the nearest step; no note gets shorter than one. Grace notes, which last no time,
   velocities, marks, strings, names, keys and titles are left out.
3. Pitches outside the range move by octaves or are left out.
4. Notes that the text cannot tell apart become one (see `Grid.notes`).
5. Metres start on steps, and their bars are whole steps. A bar cut short where music has none gets
   a metre of its own (see `textmusic.cuts`). One tempo a bar, in whole quarters a
   minute: the average where it changes within, so that the bar lasts as long as before.
6. What starts after `LONGEST` quarters, or after `MOST_NOTES` notes, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from textmusic.errors import ConfigError, EncodeError, Issue
from textmusic.score import Score, Track
from textmusic_midi.steps.changes import Losses, bar_changes
from textmusic_midi.steps.columns import LONGEST, Flags, Ints, Rows, has_notes, rows_of, track_of
from textmusic_midi.steps.kept import Kept, distinct

__all__ = ["MOST_NOTES", "MOST_STEPS", "Grid", "check_grid", "ending", "project"]

MOST_NOTES = 200_000
MOST_STEPS = 96
"""The finest grid, in steps a quarter."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What a text of steps holds.

    Args:
        name: of the codec, for its issues.
        steps: steps a quarter.
        lowest: lowest MIDI pitch.
        highest: highest MIDI pitch.
        outside: what becomes of pitches outside: ``fold`` moves them by octaves, ``drop`` leaves
            them out.
        notes: ``exact`` (all but doubles), ``onset`` (no lengths: each note lasts until the next
            onset of its part, at most four quarters), ``struck`` (one note a pitch at a time; a
            new one ends the old), ``held`` (notes of a pitch that touch are one).
        most_parts: tracks that the text tells apart; 1 merges all pitched tracks and has no drums.
        closed: the text has bars until the last note ends; else until the last one begins.
    """

    name: str
    steps: int
    lowest: int
    highest: int
    outside: Literal["fold", "drop"]
    notes: Kept
    most_parts: int
    closed: bool = True


def project(score: Score, grid: Grid) -> tuple[Score, tuple[Issue, ...]]:
    """Return the projected score and warnings that say what was changed.

    Raises:
        EncodeError: there is nothing to play.
    """
    losses = Losses(grid.name)
    parts = _parts(score.tracks, grid, losses)
    if not parts:
        raise EncodeError("no track with notes that this text could hold")
    rows = _timed(parts, score.tpq, grid, losses)
    if not len(rows.part):
        raise EncodeError("no note lies in the range and on the grid of this text")
    _report_left_out(score, losses)
    end = ending(rows, grid.steps, closed=grid.closed)
    tempos, meters = bar_changes(score, grid.steps, end, losses)
    held = Score(tuple(_tracks(parts, rows)), grid.steps, tempos, meters)
    return held, tuple(losses.found)


def ending(rows: Rows, steps: int, *, closed: bool = True) -> int:
    """Return the step at which a text of projected notes ends, but for the rest of its bar.

    Args:
        rows: at least one.
        steps: a quarter.
        closed: it lasts until the last note ends; else until the last one begins.
    """
    onset = int(rows.onset.max()) + 1
    if not closed:
        return onset
    return max(onset, min(int((rows.onset + rows.duration).max()), LONGEST * steps))


def _report_left_out(score: Score, losses: Losses) -> None:
    made = (track for track in score.tracks if track.columns is None)
    notes = [note for track in made for note in track.notes if note.marks]
    losses.add(sum(not n.duration for n in notes), "grace", "grace notes left out")
    marks = {m.partition(":")[0] for n in notes for m in n.marks if not m.startswith("grace:")}
    losses.add(len(marks), "marks", f"kinds of marks left out: {', '.join(sorted(marks))}")


class _Part(NamedTuple):
    """Tracks that become one part of the text."""

    program: int
    is_drum: bool
    tracks: Sequence[Track]


def _parts(tracks: Sequence[Track], grid: Grid, losses: Losses) -> list[_Part]:
    """The parts that the text can hold, with the tracks of each."""
    played = [track for track in tracks if has_notes(track)]
    parts = [_Part(track.program, track.is_drum, [track]) for track in played]
    if grid.most_parts == 1:
        pitched = [track for track in played if not track.is_drum]
        losses.add(len(played) - len(pitched), "drums", "percussion tracks left out")
        losses.add(max(len(pitched) - 1, 0), "tracks", "tracks joined with the first")
        parts = [_Part(pitched[0].program, is_drum=False, tracks=pitched)] if pitched else []
    elif len(played) > grid.most_parts:
        groups: dict[tuple[int, bool], list[Track]] = {}
        for track in played:
            groups.setdefault((track.program, track.is_drum), []).append(track)
        parts = [_Part(*kind, group) for kind, group in groups.items()]
        losses.add(len(played) - len(parts), "tracks", "tracks joined with one of their instrument")
        losses.add(max(len(parts) - grid.most_parts, 0), "tracks", "tracks left out")
        del parts[grid.most_parts :]
    kits = sum(part.is_drum and part.program > 0 for part in parts)
    losses.add(kits, "kit", "drum kits became the standard one")
    return parts


def _timed(parts: Sequence[_Part], tpq: int, grid: Grid, losses: Losses) -> Rows:
    """The notes of all parts on the grid and in the range."""
    numbers = [number for number, part in enumerate(parts) for _ in part.tracks]
    rows = rows_of([t for part in parts for t in part.tracks], numbers, tpq)
    rows, is_off = _stepped(rows, tpq, grid.steps)
    fits = (rows.pitch >= grid.lowest) & (rows.pitch <= grid.highest)
    pitch, folds = rows.pitch, np.zeros(len(fits), bool)
    if not fits.all():
        pitch, folds = _folded(rows, [part.is_drum for part in parts], grid, fits)
    is_late = rows.onset >= LONGEST * grid.steps
    good = (fits | folds) & ~is_late
    is_late |= np.cumsum(good) - good >= MOST_NOTES
    good &= ~is_late
    rows = rows._replace(pitch=pitch)
    rows, played = (rows, ~is_late) if good.all() else (rows.only(good), ~is_late)
    kept = distinct(rows, grid.notes, grid.steps)
    losses.add(
        _count(is_off & played), "grid", f"notes moved to a grid of {grid.steps} steps a quarter"
    )
    losses.add(_count(folds & played), "range", "notes moved by octaves into the range")
    losses.add(_count(~fits & ~folds & played), "range", "notes outside the range left out")
    losses.add(len(rows.part) - len(kept.part), "unison", "notes joined with one of the same pitch")
    losses.add(_count(is_late), "late", "notes left out at the end: the music is too long")
    return kept


def _count(flags: Flags) -> int:
    return int(np.count_nonzero(flags))


def _stepped(rows: Rows, tpq: int, steps: int) -> tuple[Rows, Flags]:
    """The notes at their nearest steps, at least one long, and which of them had to move."""
    end = rows.onset + rows.duration
    if tpq == steps:
        onset, is_off = rows.onset, np.zeros(len(end), bool)
    else:
        (onset, onset_off), (end, end_off) = (_nearest(t, tpq, steps) for t in (rows.onset, end))
        is_off = onset_off | end_off
    end = np.minimum(end, LONGEST * steps)
    return rows._replace(onset=onset, duration=np.maximum(end - onset, 1)), is_off


def _nearest(times: Ints, tpq: int, steps: int) -> tuple[Ints, Flags]:
    """The nearest step to each time, halves up, and which are not there already."""
    places, rest = np.divmod(times * steps, tpq)
    return places + (2 * rest >= tpq), rest > 0


def _folded(rows: Rows, is_drum: Sequence[bool], grid: Grid, fits: Flags) -> tuple[Ints, Flags]:
    """The pitches moved by octaves into the range, and which of them are."""
    pitch, low, high = rows.pitch, grid.lowest, grid.highest
    if grid.outside == "drop":
        return pitch, np.zeros(len(pitch), bool)
    moved = np.where(pitch < low, low + (pitch - low) % 12, high - (high - pitch) % 12)
    folds = ~fits & (moved >= low) & (moved <= high) & ~np.array(is_drum)[rows.part]
    return np.where(folds, moved, pitch), folds


def _tracks(parts: Sequence[_Part], rows: Rows) -> Iterator[Track]:
    """Yield the tracks of the parts that have notes."""
    bounds = np.searchsorted(rows.part, np.arange(len(parts) + 1)).tolist()
    for part, (start, stop) in zip(parts, pairwise(bounds), strict=True):
        if start < stop:
            program = 0 if part.is_drum else part.program
            yield track_of(rows, slice(start, stop), program, is_drum=part.is_drum)


def check_grid(name: str, steps: int, lowest: int, highest: int, outside: str) -> None:
    """Check the options of a grid.

    Raises:
        ConfigError: one is out of range; says which and what is possible.
    """
    if not _is_int(steps) or not 1 <= steps <= MOST_STEPS:
        raise ConfigError(f"{name}: steps is {steps!r}, not a number of 1…{MOST_STEPS} a quarter")
    if not (_is_int(lowest) and _is_int(highest) and 0 <= lowest <= highest <= 127):
        raise ConfigError(f"{name}: no range {lowest!r}…{highest!r}; MIDI pitches are 0…127")
    if outside not in {"fold", "drop"}:
        raise ConfigError(f"{name}: outside is {outside!r}, not 'fold' or 'drop'")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
