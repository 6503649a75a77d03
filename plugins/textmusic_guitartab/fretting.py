"""Notes to places on a neck: a string for each, a hand that holds them, marks that can be written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from textmusic.errors import Issue
from textmusic.fretboard import BASS, GUITAR, finger, octave_shift
from textmusic.score import Note, Track
from textmusic_guitartab.hand import held
from textmusic_guitartab.marks import TOUCHES, signs_of, writable
from textmusic_guitartab.memory import Memory
from textmusic_guitartab.music import Groups, Struck, grace_of
from textmusic_guitartab.piece import MAX_FRET, Pair, is_neck, is_wide, pitch_name
from textmusic_guitartab.playing import Strike, strike
from textmusic_guitartab.scoring import chord_pairs

__all__ = ["Shape", "Ways", "fingered", "played"]


_RASTER = {"dead"}
_FREE = ((), 0, 0, 0, frozenset[str]())
"""What a shape says behind its notes where nothing was changed."""
_MOST = 1 << 16
"""Groups of notes on all necks that are remembered."""


class Shape(NamedTuple):
    """How notes that are struck together are played, and what that costs."""

    main: Strike
    graces: tuple[Strike, ...]
    """The grace notes before it, in order."""
    twice: int
    """Notes that sound already."""
    moved: int
    lost: int
    """Notes that the hand plays on other strings, and not at all."""
    unwritten: frozenset[str]
    """Marks without a character."""


class Ways(NamedTuple):
    """How beats are played."""

    strikes: Sequence[Strike]
    """Of each beat, without grace notes."""
    changed: Sequence[tuple[int, Shape]]
    """Those of which notes or marks were changed, or that have grace notes, by number."""


def played(track: Track, beats: Sequence[Struck], *, plain: bool) -> Ways | None:
    """Return how each beat is played on the track's own strings; None where it cannot be.

    Args:
        track: whose neck it is.
        beats: what it strikes.
        plain: the text has neither marks nor grace notes.
    """
    if not is_neck(track.tuning, track.capo):
        return None
    known = _known((track.tuning, track.capo, plain))
    found = list(map(known.get, map(id, beats)))
    if None in found:
        new = {id(struck): struck for struck, entry in zip(beats, found, strict=True) if not entry}
        for struck in new.values():
            shape = _shape(track.tuning, track.capo, struck, plain=plain)
            if shape is None:
                return None
            known[id(struck)] = struck, shape.main, None if shape[1:] == _FREE else shape
        found = list(map(known.get, map(id, beats)))
    _, strikes, changed = zip(*filter(None, found), strict=True) if found else ((), (), ())
    return Ways(strikes, [(number, shape) for number, shape in enumerate(changed) if shape])


_Entry = tuple[Struck, Strike, Shape | None]
"""Notes, so that their id is theirs; how they are played; the same where that changed anything."""


def _nothing(_: tuple[tuple[int, ...], int, bool]) -> dict[int, _Entry]:
    return {}


_known = Memory(_nothing, _MOST)
"""How notes are played on a neck, by their id."""


@lru_cache(maxsize=1 << 15)
def _shape(tuning: tuple[int, ...], capo: int, struck: Struck, *, plain: bool) -> Shape | None:
    """How notes are played, None where one has no fret or a string has two of them."""
    opens = tuple([pitch + capo for pitch in tuning])
    shape = None if plain and any(marks for *_, marks in struck) else _as_they_are(opens, struck)
    if shape:
        return shape
    notes = (Note(0, 1, pitch, velocity, string, m) for pitch, velocity, string, m in struck)
    everything = Track(tuple(notes), tuning=tuning, capo=capo)
    track = replace(everything, notes=tuple(_distinct(everything)))
    if _needs_fingers(track):
        return None
    chords: list[Strike] = []
    moved = lost = 0
    unwritten = set[str]()
    for grace, members in groupby(track.notes, key=attrgetter("grace")):
        if plain and grace:
            unwritten.add("grace")
            continue
        beat, changed, left_out = held(track, list(members))
        moved, lost = moved + changed, lost + left_out
        chords.append(strike(opens, *chord_pairs(opens, _marked(beat, unwritten, plain=plain))))
    twice = len(struck) - len(track.notes)
    return Shape(chords[-1], tuple(chords[:-1]), twice, moved, lost, frozenset(unwritten))


def _as_they_are(opens: tuple[int, ...], struck: Struck) -> Shape | None:
    """How notes are played that need no change but to their marks, as most do."""
    pairs: dict[int, Pair] = {}
    unwritten: set[str] = set()
    touches: list[str] = []
    for pitch, _, string, marks in struck:
        if string is None or string in pairs:
            return None
        fret, signs = pitch - opens[string], ""
        if marks:
            signs, lost, touch = _signs(marks)
            if "dead" in marks:
                fret = 0
            if lost is None:
                return None
            unwritten |= lost
            touches += touch
        if not 0 <= fret <= MAX_FRET:
            return None
        pairs[string] = Pair(string, -1 if marks and "dead" in marks else fret, signs)
    if is_wide([pair.fret for pair in pairs.values()]):
        return None
    usual = [sign for sign in TOUCHES if 2 * touches.count(sign) > len(struck)]
    main = strike(opens, tuple(sorted(pairs.values())), usual[0] if usual else "")
    return Shape(main, (), 0, 0, 0, frozenset(unwritten))


@lru_cache(maxsize=1 << 12)
def _signs(marks: frozenset[str]) -> tuple[str, frozenset[str] | None, Sequence[str]]:
    """Marks as characters, those that have none, and touches; no second one for a grace note."""
    if grace_of(marks):
        return "", None, ()
    lost: set[str] = set()
    signs = signs_of({*writable(marks, lost)})
    return signs, frozenset(lost), [sign for sign, mark in TOUCHES.items() if mark in marks]


def fingered(track: Track, beats: Groups, issues: list[Issue]) -> Track:
    """Return the notes on a neck that the header can write, each with a string of its own.

    Args:
        track: whose neck it is, where that can be written.
        beats: its notes.
        issues: to add to.
    """
    track = replace(track, notes=tuple(_timed(beats)))
    if not is_neck(track.tuning, track.capo):
        track = _on_usual_neck(track, issues)
    distinct = tuple(_distinct(track))
    if len(distinct) < len(track.notes):
        twice = len(track.notes) - len(distinct)
        issues.append(_warning("unison", f"left out {twice} notes that sound already"))
    track = replace(track, notes=distinct)
    if _needs_fingers(track):
        track, found = finger(track, max_fret=MAX_FRET, octaves=True)
        issues.extend(found)
    return replace(track, notes=tuple(_dead_open(track, note) for note in track.notes))


def _warning(name: str, message: str) -> Issue:
    return Issue(f"guitartab.{name}", message, 0, 0, "warning")


def _timed(beats: Groups) -> Iterator[Note]:
    for tick, stop, struck in zip(*beats, strict=True):
        for pitch, velocity, string, marks in struck:
            duration = 0 if grace_of(marks) else stop - tick
            yield Note(tick, duration, pitch, velocity, string, marks)


def _on_usual_neck(track: Track, issues: list[Issue]) -> Track:
    """The track without strings, for a guitar or a bass, in the octave that suits that best."""
    tuning = BASS if 32 <= track.program <= 39 else GUITAR
    if track.tuning:
        names = " ".join(map(pitch_name, track.tuning))
        said = f"no text for {len(track.tuning)} strings {names} with capo {track.capo}"
        issues.append(_warning("tuning", f"{said}: played on {len(tuning)} others"))
    shift = octave_shift((note.pitch for note in track.notes), tuning)
    if shift:
        issues.append(_warning("octave", f"moved by {shift:+} semitones onto the neck"))
    notes = (
        replace(n, pitch=p if 0 <= (p := n.pitch + shift) <= 127 else n.pitch, string=None)
        for n in track.notes
    )
    return replace(track, notes=tuple(notes), tuning=tuning, capo=0)


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


def _marked(notes: Sequence[Note], unwritten: set[str], *, plain: bool) -> list[Note]:
    """Notes of one event with marks that the text has; a touch holds for the whole event.

    Args:
        notes: with strings.
        unwritten: marks that are left out, to add to.
        plain: the text has no marks but of dead notes.
    """
    usual = [m for m in TOUCHES.values() if 2 * sum(m in n.marks for n in notes) > len(notes)]
    marked = []
    for note in notes:
        marks = {*writable(note.marks, unwritten), *usual[:1]}
        if plain:
            unwritten |= marks - _RASTER
            marks &= _RASTER
        marked.append(replace(note, marks=frozenset(marks)))
    return marked
