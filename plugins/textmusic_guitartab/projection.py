"""The loss, by name: any Score -> the nearest one that a tab text can hold, and what it cost.

1. One track: the first that can be played; other tracks, names and programs are left out.
2. Metres of `meters`, the bars of longer ones divided; a bar that is cut short gets a metre of its
   own, but for an upbeat; two cut bars that make a full one (an upbeat after a repeat) become one
   bar. One tempo, whole quarters a minute.
3. Times go to the simplest grid of each beat that holds them (`timing`).
4. A part without strings moves by octaves onto the neck and is fingered; beats that no hand holds
   change strings, and lose notes where that does not help (`fretting`).
5. Notes struck together end together: with the last of them, or at the next onset.
6. Marks without a character, velocities and titles are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from textmusic.clock import Clock
from textmusic.errors import EncodeError, Issue
from textmusic.lengths import BEAT, bar_ticks
from textmusic.score import Meter, Score, Track
from textmusic_guitartab.fretting import Shape, Ways, fingered, played
from textmusic_guitartab.meters import clean_meters
from textmusic_guitartab.music import Groups, Music, grace_of, music_of
from textmusic_guitartab.piece import MAX_TEMPO, MIN_TEMPO, SPAN, Piece
from textmusic_guitartab.playing import Chords, Played
from textmusic_guitartab.timing import beats_of

__all__ = ["project"]


def project(music: Music, divisions: tuple[int, ...] | None = None) -> tuple[Piece, list[Issue]]:
    """Return the projected music and warnings that say what was changed.

    Args:
        music: any.
        divisions: the grids, in parts of a quarter, that the layout holds; None for all.

    Raises:
        EncodeError: there is nothing to play.
    """
    issues: list[Issue] = []
    score = music.score
    if all(grace_of(struck[-1][3]) for struck in music.groups.struck):
        raise EncodeError("no track with notes for a fretted instrument")
    if len(score.tracks) > 1:
        issues.append(_warning("tracks", f"kept 1 of {len(score.tracks)} tracks"))
    if len(score.tempos) > 1:
        issues.append(_warning("tempo", f"kept the first of {len(score.tempos)} tempos"))
    meters, changed = clean_meters(score, coarse=divisions is not None)
    if changed:
        issues.append(_warning("meter", f"{changed} metres or bar lines changed"))
    beats = _timed(music.groups, Clock(meters, score.tpq, divisions), score.tpq, issues)
    track, chords = _played(music.track, beats, issues, plain=divisions is not None)
    end = chords.ends[-1]
    kept = Score(tpq=BEAT, meters=tuple(_until(meters, end)))
    first = kept.meters[0]
    tempo = min(max(round(score.tempos[0].qpm), MIN_TEMPO), MAX_TEMPO) if score.tempos else None
    meter = (first.numerator, first.denominator)
    measures = Played(chords, kept.bars(end))
    return Piece(meter, track.tuning, track.capo, tempo, measures), issues


def _warning(name: str, message: str) -> Issue:
    return Issue(f"guitartab.{name}", message, 0, 0, "warning")


def _until(meters: Sequence[Meter], end: int) -> Iterator[Meter]:
    """The metres of the bars that are heard, and the end of the only bar where it is cut."""
    current = meters[0]
    yield current
    for meter in meters[1:]:
        if meter.onset < end:
            current = meter
            yield meter
        else:
            full = bar_ticks(current.numerator, current.denominator)
            if current.onset == 0 and meter.onset < full:
                yield replace(current, onset=meter.onset)
            break


def _timed(groups: Groups, clock: Clock, tpq: int, issues: list[Issue]) -> Groups:
    """What is struck at each tick."""
    beats, moved, total = beats_of(groups, clock, tpq)
    if moved:
        issues.append(_warning("grid", f"{moved} of {total} onsets moved to a grid"))
    if not beats.onsets:
        raise EncodeError("no notes within the first 10,000 whole notes")
    lost = sum(map(len, groups.struck)) - sum(map(len, beats.struck))
    if lost:
        issues.append(_warning("notes", f"left out {lost} stray grace notes or notes too late"))
    return beats


def _played(
    track: Track, beats: Groups, issues: list[Issue], *, plain: bool
) -> tuple[Track, Chords]:
    """The track with the neck that it is played on, and what is played there."""
    ways = played(track, beats.struck, plain=plain)
    if ways is None:
        track = fingered(track, beats, issues)
        beats = music_of(Score((track,))).groups
        ways = played(track, beats.struck, plain=plain) or Ways((), ())
    if not ways.changed:
        return track, Chords(beats.onsets, beats.ends, ways.strikes)
    _report([shape for _, shape in ways.changed], issues)
    onsets, ends, strikes = list(beats.onsets), list(beats.ends), list(ways.strikes)
    for number, shape in reversed(ways.changed):
        graces = len(shape.graces)
        onsets[number:number] = [onsets[number]] * graces
        ends[number:number] = [onsets[number]] * graces
        strikes[number:number] = shape.graces
    return track, Chords(onsets, ends, strikes)


def _report(shapes: Sequence[Shape], issues: list[Issue]) -> None:
    """Say what the hand cost."""
    twice = sum(shape.twice for shape in shapes)
    moved = sum(shape.moved for shape in shapes)
    lost = sum(shape.lost for shape in shapes)
    unwritten = set[str]().union(*(shape.unwritten for shape in shapes))
    if twice:
        issues.append(_warning("unison", f"left out {twice} notes that sound already"))
    if moved + lost:
        said = f"{moved} notes moved to other strings, {lost} left out"
        issues.append(_warning("span", f"beats wider than {SPAN} frets: {said}"))
    if unwritten:
        issues.append(_warning("marks", f"left out: {', '.join(sorted(unwritten))}"))
