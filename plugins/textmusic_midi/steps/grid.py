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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from textmusic.cuts import squared
from textmusic.errors import ConfigError, EncodeError, Issue
from textmusic.score import Bar, Meter, Note, Score, Tempo, Track
from textmusic_midi.steps.rows import Kept, Row, distinct

__all__ = ["LONGEST", "MOST_NOTES", "MOST_STEPS", "Grid", "check_grid", "ending", "project"]

LONGEST = 20_000
"""Quarters that a text of steps can last."""
MOST_NOTES = 200_000
MOST_STEPS = 96
"""The finest grid, in steps a quarter."""
_MAX_TEMPO = 9999


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


class _Losses:
    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Issue] = []

    def add(self, count: int, code: str, message: str) -> None:
        """Note a loss where `count` is not 0."""
        if count:
            text = f"{count} {message}"
            self.found.append(Issue(f"{self.name}.{code}", text, 0, 0, "warning"))


def project(score: Score, grid: Grid) -> tuple[Score, tuple[Issue, ...]]:
    """Return the projected score and warnings that say what was changed.

    Raises:
        EncodeError: there is nothing to play.
    """
    losses = _Losses(grid.name)
    tracks = _parts(score.tracks, grid, losses)
    if not tracks:
        raise EncodeError("no track with notes that this text could hold")
    parts = _timed(tracks, score.tpq, grid, losses)
    if not parts:
        raise EncodeError("no note lies in the range and on the grid of this text")
    _report_left_out(score, losses)
    end = ending(parts, grid.steps, closed=grid.closed)
    meters = _meters(score, grid.steps, losses)
    bars = Score((), grid.steps, (), _squared(meters, grid.steps, end, losses)).bars(end)
    held = Score(parts, grid.steps, _tempos(score, bars, grid.steps, losses), _starts(bars))
    return held, tuple(losses.found)


def ending(tracks: Iterable[Track], steps: int, *, closed: bool = True) -> int:
    """Return the step at which a text of projected tracks ends, but for the rest of its bar.

    Args:
        tracks: with notes.
        steps: a quarter.
        closed: it lasts until the last note ends; else until the last one begins.
    """
    onset = max(track.notes[-1].onset for track in tracks) + 1
    if not closed:
        return onset
    sounds = max(note.end for track in tracks for note in track.notes)
    return max(onset, min(sounds, LONGEST * steps))


def _report_left_out(score: Score, losses: _Losses) -> None:
    notes = [note for track in score.tracks for note in track.notes]
    losses.add(sum(not n.duration for n in notes), "grace", "grace notes left out")
    marks = {m.partition(":")[0] for n in notes for m in n.marks if not m.startswith("grace:")}
    losses.add(len(marks), "marks", f"kinds of marks left out: {', '.join(sorted(marks))}")


def _parts(tracks: Sequence[Track], grid: Grid, losses: _Losses) -> list[Track]:
    """The tracks that the text can hold, without what no text of steps holds."""
    played = [track for track in tracks if track.notes]
    if grid.most_parts == 1:
        pitched = [track for track in played if not track.is_drum]
        losses.add(len(played) - len(pitched), "drums", "percussion tracks left out")
        losses.add(max(len(pitched) - 1, 0), "tracks", "tracks joined with the first")
        played = [_joined(pitched)] if pitched else []
    elif len(played) > grid.most_parts:
        groups: dict[tuple[int, bool], list[Track]] = {}
        for track in played:
            groups.setdefault((track.program, track.is_drum), []).append(track)
        before, played = len(played), [_joined(group) for group in groups.values()]
        losses.add(before - len(played), "tracks", "tracks joined with one of their instrument")
        losses.add(max(len(played) - grid.most_parts, 0), "tracks", "tracks left out")
        del played[grid.most_parts :]
    kits = sum(track.is_drum and track.program > 0 for track in played)
    losses.add(kits, "kit", "drum kits became the standard one")
    return played


def _joined(tracks: Sequence[Track]) -> Track:
    if len(tracks) == 1:
        return tracks[0]
    return replace(
        Track(program=tracks[0].program, is_drum=tracks[0].is_drum),
        notes=tuple(replace(n, string=None) for track in tracks for n in track.notes),
    )


def _timed(tracks: Sequence[Track], tpq: int, grid: Grid, losses: _Losses) -> tuple[Track, ...]:
    """The tracks on the grid and in the range, without those that lost all notes."""
    moved = doubled = late = 0
    outside = _Outside(grid)
    parts: list[Track] = []
    room = MOST_NOTES
    for track in tracks:
        rows: list[Row] = []
        for note in track.notes:
            if not note.duration:
                continue
            place = note.onset * grid.steps, note.end * grid.steps
            onset, end = ((2 * ticks + tpq) // (2 * tpq) for ticks in place)
            if onset >= LONGEST * grid.steps or len(rows) >= room:
                late += 1
                continue
            moved += place[0] % tpq > 0 or place[1] % tpq > 0
            pitch = outside.moved(note.pitch, is_drum=track.is_drum)
            if pitch is not None:
                end = min(end, LONGEST * grid.steps)
                rows.append((onset, max(end - onset, 1), pitch))
        kept = distinct(rows, grid.notes, grid.steps)
        doubled += len(rows) - len(kept)
        room -= len(rows)
        if kept:
            parts.append(_plain(track, kept, grid.steps == tpq))
    losses.add(moved, "grid", f"notes moved to a grid of {grid.steps} steps a quarter")
    losses.add(outside.folded, "range", "notes moved by octaves into the range")
    losses.add(outside.dropped, "range", "notes outside the range left out")
    losses.add(doubled, "unison", "notes joined with one of the same pitch")
    losses.add(late, "late", "notes left out at the end: the music is too long")
    return tuple(parts)


def _plain(track: Track, rows: Iterable[Row], same_ticks: bool) -> Track:  # noqa: FBT001
    """The track with these notes; those that it has already are not made anew."""
    bare = replace(Track(program=0 if track.is_drum else track.program), is_drum=track.is_drum)
    if not same_ticks:
        return replace(bare, notes=tuple(Note(*row) for row in rows))
    known = {
        (n.onset, n.duration, n.pitch): n
        for n in track.notes
        if not n.marks and n.velocity == 80 and n.string is None
    }
    return replace(bare, notes=tuple(known.get(row) or Note(*row) for row in rows))


class _Outside:
    """What becomes of pitches outside the range, counted."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.folded = self.dropped = 0

    def moved(self, pitch: int, *, is_drum: bool) -> int | None:
        low, high = self.grid.lowest, self.grid.highest
        if low <= pitch <= high:
            return pitch
        if self.grid.outside == "fold" and not is_drum:
            folded = low + (pitch - low) % 12 if pitch < low else high - (high - pitch) % 12
            if low <= folded <= high:
                self.folded += 1
                return folded
        self.dropped += 1
        return None


def _meters(score: Score, steps: int, losses: _Losses) -> list[Meter]:
    """The metres at their steps; a bar that is no whole number of steps is rounded."""
    meters = []
    odd = 0
    for meter in score.meters:
        onset = (2 * meter.onset * steps + score.tpq) // (2 * score.tpq)
        num, den = meter.numerator, meter.denominator
        while 4 * steps * num % den:
            num, den = max((num + 1) // 2, 1), den // 2
        odd += den != meter.denominator
        if onset < LONGEST * steps:
            meters.append(Meter(onset, num, den))
    losses.add(odd, "metre", f"metres rounded: no whole steps at {steps} a quarter")
    return meters


def _squared(meters: Sequence[Meter], steps: int, end: int, losses: _Losses) -> tuple[Meter, ...]:
    """The metres of bars that are cut short only where the grammar has it."""

    def is_whole(numerator: int, denominator: int) -> bool:
        return not 4 * steps * numerator % denominator

    found, changed = squared(Score((), steps, meters=tuple(meters)).meters, steps, end, is_whole)
    losses.add(changed, "cut", "bars cut short got a metre of their own")
    return tuple(found)


def _starts(bars: Sequence[Bar]) -> tuple[Meter, ...]:
    """The metres of bars: where one changes, and after a bar that was cut."""
    meters = []
    last: tuple[int, int] | None = None
    for bar in bars:
        if (bar.numerator, bar.denominator) != last:
            meters.append(Meter(bar.onset, bar.numerator, bar.denominator))
        last = None if bar.is_short else (bar.numerator, bar.denominator)
    return tuple(meters)


def _tempos(score: Score, bars: Sequence[Bar], steps: int, losses: _Losses) -> tuple[Tempo, ...]:
    """One tempo a bar: the average over it."""
    if not score.tempos:
        return ()
    changes = {(2 * t.onset * steps + score.tpq) // (2 * score.tpq): t.qpm for t in score.tempos}
    waiting = sorted(changes.items(), reverse=True)
    now, tempos, averaged = 120.0, [], 0
    for bar in bars:
        at, minutes, many = bar.onset, 0.0, False
        while waiting and waiting[-1][0] < bar.end:
            onset, qpm = waiting.pop()
            if onset > at:
                minutes, at, many = minutes + (onset - at) / now, onset, True
            now = qpm
        mean = (bar.end - bar.onset) / (minutes + (bar.end - at) / now) if many else now
        averaged += many or mean != round(mean)
        tempos.append(Tempo(bar.onset, min(max(round(mean), 1), _MAX_TEMPO)))
    losses.add(averaged, "tempo", "bars got one tempo in whole quarters a minute")
    return tuple(tempos)


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
