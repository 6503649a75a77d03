"""The loss, by name: any Score -> the nearest one that a tab text can hold, and what it cost.

1. One track: the first that can be played; other tracks, names and programs are left out.
2. Metres of `meters`, the bars of longer ones divided; a bar that is cut short gets a metre of its
   own, but for an upbeat; two cut bars that make a full one (an upbeat after a repeat) become one
   bar. One tempo, whole quarters a minute.
3. Times go to the simplest grid of each beat that holds them (`clock`).
4. A part without strings moves by octaves onto the neck and is fingered; beats that no hand holds
   change strings, and lose notes where that does not help.
5. Notes struck together end together: with the last of them, or at the next onset.
6. Marks without a character, velocities and titles are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter, is_

from textmusic.clock import Clock
from textmusic.errors import EncodeError, Issue
from textmusic.fretboard import BASS, GUITAR, finger, octave_shift
from textmusic.lengths import BEAT, bar_ticks
from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic_guitartab.hand import within_reach
from textmusic_guitartab.marks import MARKS, TOUCHES
from textmusic_guitartab.meters import clean_meters
from textmusic_guitartab.piece import (
    MAX_FRET,
    MAX_GRACES,
    MAX_NOTES,
    MAX_TEMPO,
    MIN_TEMPO,
    is_neck,
    neck_track,
)

__all__ = ["playable", "project"]

_LAST_TICK = 10_000 * 4 * BEAT
"""Notes later than 10,000 whole notes, or after MAX_NOTES, come from damaged files: left out."""
_SHORTEST_REST = BEAT // 4
_KNOWN = {*MARKS.values(), "dead"}
_PLAIN = {"dead"}
_TOUCHES = frozenset(TOUCHES.values())
_FAMILIES = {
    "harmonic": "harmonic",
    "slide": "slide",
    "trill": "trill",
    "tremolo": "tremolo:16",
}


def playable(track: Track) -> bool:
    """Whether a track has notes for a fretted instrument."""
    return not track.is_drum and any(not note.grace for note in track.notes)


def project(score: Score, divisions: tuple[int, ...] | None = None) -> tuple[Score, list[Issue]]:
    """Return the projected score and warnings that say what was changed.

    Args:
        score: any score.
        divisions: the grids, in parts of a quarter, that the layout holds; None for all.

    Raises:
        EncodeError: there is nothing to play.
    """
    issues: list[Issue] = []
    track = next(filter(playable, score.tracks), None)
    if track is None:
        raise EncodeError("no track with notes for a fretted instrument")
    if len(score.tracks) > 1:
        issues.append(_warning("tracks", f"kept 1 of {len(score.tracks)} tracks"))
    if len(score.tempos) > 1:
        issues.append(_warning("tempo", f"kept the first of {len(score.tempos)} tempos"))
    meters, changed = clean_meters(score, coarse=divisions is not None)
    if changed:
        issues.append(_warning("meter", f"{changed} metres or bar lines changed"))
    clock = Clock(meters, score.tpq, divisions)
    timed = tuple(_timed(track, clock, score.tpq, issues))
    if not timed:
        raise EncodeError("no notes within the first 10,000 whole notes")
    if len(timed) < len(track.notes):
        lost = len(track.notes) - len(timed)
        issues.append(_warning("notes", f"left out {lost} stray grace notes or notes too late"))
    track = _fretted(replace(track, notes=timed), issues)
    notes = _marked(track, issues, plain=divisions is not None)
    fitted = neck_track(notes, track.tuning, track.capo)
    end = max((note.end for note in fitted.notes), default=0)
    tempos = tuple(Tempo(0, min(max(round(t.qpm), MIN_TEMPO), MAX_TEMPO)) for t in score.tempos[:1])
    return Score((fitted,), BEAT, tempos, tuple(_until(meters, end))), issues


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


def _timed(track: Track, clock: Clock, tpq: int, issues: list[Issue]) -> Iterator[Note]:
    """Yield the notes at their ticks; what is struck together ends together."""
    groups = _groups(track, tpq)
    onsets = [onset for onset, _ in groups]
    ends = [max([n.onset + n.duration for n in notes]) * BEAT for _, notes in groups]
    free = [e for e, o in zip(ends, onsets[1:], strict=False) if e < o] + ends[-1:]
    ticks = clock.snap(onsets, free)
    merged: dict[int, tuple[list[Note], int]] = {}
    moved = 0
    for (onset, notes), end in zip(groups, ends, strict=True):
        tick = ticks[onset]
        moved += tick * tpq != onset
        before, last = merged.get(tick, ([], 0))
        merged[tick] = ([*before, *notes], max(last, end))
    if moved:
        issues.append(_warning("grid", f"{moved} of {len(groups)} onsets moved to a grid"))
    following_ticks = [*list(merged)[1:], None]
    for (tick, (notes, end)), following in zip(merged.items(), following_ticks, strict=True):
        stop = _stop(clock, tpq, (tick, following), end, ticks.get(end))
        for note in notes:
            duration = 0 if note.marks and note.grace else stop - tick
            yield Note(tick, duration, note.pitch, note.velocity, note.string, note.marks)


def _stop(
    clock: Clock, tpq: int, span: tuple[int, int | None], end: int, snapped: int | None
) -> int:
    """The tick at which an event ends; `end` is fine, `span` its own tick and the next event's."""
    tick, following = span
    if following is not None and end >= following * tpq:
        return following
    stop = clock.beat(end // tpq)[1] if snapped is None else snapped
    if stop <= tick:
        stop = clock.beat(tick)[1]
    if following is not None:
        played = stop * tpq != end
        stop = following if played and following - stop < _SHORTEST_REST else min(stop, following)
    return stop


def _groups(track: Track, tpq: int) -> list[tuple[int, list[Note]]]:
    """Fine onsets and the notes that start there; grace notes only where they have a main note."""
    groups = []
    total = 0
    for onset, members in groupby(track.notes, key=attrgetter("onset")):
        notes = list(members)
        total += len(notes)
        if onset * BEAT > _LAST_TICK * tpq or total > MAX_NOTES:
            break
        if not any(note.marks for note in notes):
            groups.append((onset * BEAT, notes))
        elif not all(note.grace for note in notes):
            ranks = sorted({note.grace for note in notes if note.grace})[:MAX_GRACES]
            notes = [_ranked(n, ranks) for n in notes if not n.grace or n.grace in ranks]
            groups.append((onset * BEAT, notes))
    return groups


def _ranked(note: Note, ranks: Sequence[int]) -> Note:
    if not note.grace:
        return note
    others = {mark for mark in note.marks if not mark.startswith("grace:")}
    return replace(note, marks=frozenset({*others, f"grace:{ranks.index(note.grace) + 1}"}))


def _fretted(track: Track, issues: list[Issue]) -> Track:
    """The track on a neck that the header can write, every note with a string of its own."""
    if not is_neck(track.tuning, track.capo):
        tuning = BASS if 32 <= track.program <= 39 else GUITAR
        shift = octave_shift((note.pitch for note in track.notes), tuning)
        if shift:
            issues.append(_warning("octave", f"moved by {shift:+} semitones onto the neck"))
        notes = (
            replace(n, pitch=p if 0 <= (p := n.pitch + shift) <= 127 else n.pitch, string=None)
            for n in track.notes
        )
        track = replace(track, notes=tuple(notes), tuning=tuning, capo=0)
    distinct = tuple(_distinct(track))
    if len(distinct) < len(track.notes):
        twice = len(track.notes) - len(distinct)
        issues.append(_warning("unison", f"left out {twice} notes that sound already"))
    track = _with(track, distinct)
    if _needs_fingers(track):
        track, found = finger(track, max_fret=MAX_FRET, octaves=True)
        issues.extend(found)
    track = _with(track, tuple(_dead_open(track, note) for note in track.notes))
    return within_reach(track, issues)


def _with(track: Track, notes: tuple[Note, ...]) -> Track:
    """The track with other notes; itself where they are the same, since sorting them is slow."""
    if len(notes) == len(track.notes) and all(map(is_, notes, track.notes)):
        return track
    return replace(track, notes=notes)


def _distinct(track: Track) -> Iterator[Note]:
    """The notes without those that repeat a pitch at the same time and place."""
    seen: set[tuple[int, int, int, int | None]] = set()
    for note in track.notes:
        if note.marks:
            note = _dead_open(track, note)
        key = (note.onset, (note.marks and note.grace) or 0, note.pitch, note.string)
        if key not in seen:
            seen.add(key)
            yield note


def _dead_open(track: Track, note: Note) -> Note:
    """A dead note has no fret: it counts as the open string."""
    if "dead" not in note.marks or note.string is None:
        return note
    return replace(note, pitch=track.tuning[note.string] + track.capo)


def _needs_fingers(track: Track) -> bool:
    used: set[tuple[int, int, int | None]] = set()
    for note in track.notes:
        place = (note.onset, (note.marks and note.grace) or 0, note.string)
        fret = track.fret(note)
        if fret is None or not 0 <= fret <= MAX_FRET or place in used:
            return True
        used.add(place)
    return False


def _marked(track: Track, issues: list[Issue], *, plain: bool) -> list[Note]:
    """The notes with marks that the text has; a touch holds for the whole event.

    Args:
        track: with strings.
        issues: to add to.
        plain: the text has neither marks nor grace notes.
    """
    lost: set[str] = set()
    notes: list[Note] = []
    for (_, grace), members in groupby(track.notes, key=lambda n: (n.onset, n.grace)):
        if plain and grace:
            lost.add("grace")
            continue
        group = list(members)
        if not any(note.marks for note in group):
            notes += map(_even, group)
            continue
        touch = _touch(group)
        for note in group:
            marks = set(_written(note.marks - _TOUCHES, lost)) | touch
            if plain:
                lost |= marks - _PLAIN
                marks &= _PLAIN
            marks |= {m for m in note.marks if m.startswith("grace:")}
            notes.append(
                Note(note.onset, note.duration, note.pitch, 80, note.string, frozenset(marks))
            )
    if lost:
        issues.append(_warning("marks", f"left out: {', '.join(sorted(lost))}"))
    return notes


def _even(note: Note) -> Note:
    """A note without marks, at the one velocity."""
    if note.velocity == 80:
        return note
    return Note(note.onset, note.duration, note.pitch, 80, note.string)


def _touch(group: Sequence[Note]) -> set[str]:
    """The mark of TOUCHES that most notes of an event have."""
    for mark in TOUCHES.values():
        if 2 * sum(mark in note.marks for note in group) > len(group):
            return {mark}
    return set()


def _written(marks: Iterable[str], lost: set[str]) -> Iterator[str]:
    """The nearest marks that have a character; the rest goes to `lost`."""
    bends = [_quarter_tones(mark) for mark in marks if mark.startswith("bend:")]
    for mark in marks:
        family = mark.partition(":")[0]
        if mark == "bend" and bends:
            continue
        if mark in _KNOWN:
            yield mark
        elif family in _FAMILIES:
            yield _FAMILIES[family]
        elif family not in {"bend", "grace"}:
            lost.add(mark)
    if bends:
        yield f"bend:{max(bends) / 2:g}"


def _quarter_tones(mark: str) -> int:
    try:
        return min(max(round(2 * float(mark[5:])), 1), 9)
    except (ValueError, OverflowError):
        return 4
