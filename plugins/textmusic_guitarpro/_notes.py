"""The notes of a Guitar Pro track as played: ties merged, grace notes apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from guitarpro import models as gp

from textmusic.errors import Issue
from textmusic_guitarpro._marks import marks_of

__all__ = ["Complaints", "Played", "ReadNote", "notes_of"]

_TRANSITIONS = {
    gp.GraceEffectTransition.slide: "slide",
    gp.GraceEffectTransition.bend: "bend",
    gp.GraceEffectTransition.hammer: "hammer",
}
_STRUCK = {gp.NoteType.normal, gp.NoteType.dead, gp.NoteType.tie}
_TIED_MARKS = {"hammer", "slide", "slide:legato", "slide:out-down", "slide:out-up"} | {
    *("vibrato", "let-ring")
}
"""Marks of a tied part that the whole note takes over."""
_STRIKE = "tie that continues no sounding note, struck anew"
_NOTES = {"triplet-feel", "whammy", "program-change", "directions"}


@dataclass(slots=True)
class ReadNote:
    """A note being read; times in PyGuitarPro's 960ths of a quarter, perhaps fractions."""

    onset: Fraction
    end: Fraction
    string: int
    fret: int
    velocity: int
    marks: set[str]


@dataclass
class Played:
    """A measure as played: when it starts, and where it stands on the page."""

    onset: int
    index: int
    header: gp.MeasureHeader


@dataclass
class Complaints:
    """Counts of what was repaired or left out, each with its first place."""

    found: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, code: str, message: str, place: str = "") -> None:
        self.found.setdefault((code, message), []).append(place)

    def issues(self) -> tuple[Issue, ...]:
        return tuple(
            Issue(
                f"guitarpro.{code}",
                f"{places[0]}: {len(places)} × {message}" if places[0] else message,
                severity="note" if code in _NOTES else "warning",
            )
            for (code, message), places in self.found.items()
        )


def notes_of(track: gp.Track, played: list[Played], complaints: Complaints) -> list[ReadNote]:
    """Return the notes of a track, ties merged, grace notes before their main notes."""
    notes = list(_notes(track, played, complaints))
    _direct(notes)
    return notes


def _notes(track: gp.Track, played: list[Played], complaints: Complaints) -> Iterator[ReadNote]:
    held: dict[tuple[int, int], ReadNote] = {}
    for bar in played:
        place = f"track {track.number}, measure {bar.index + 1}"
        for number, beat in _beats(track.measures[bar.index]):
            offset = beat.start - bar.header.start
            if beat.notes and offset >= bar.header.length:
                complaints.add("overfull", "beat beyond the end of its measure", place)
            onset = Fraction(bar.onset + offset)
            end = onset + beat.duration.time
            for note in beat.notes:
                if note.type not in _STRUCK:
                    complaints.add("note-type", "note of no known kind, left out", place)
                    continue
                key = (number, note.string)
                if note.type is gp.NoteType.tie:
                    problem = _tied(note, held.get(key), onset, end, 3 * bar.header.length)
                    if problem:
                        complaints.add("tie", problem, place)
                    if problem != _STRIKE:
                        continue
                sound = _struck(track, note, onset, end)
                yield from _grace(note, sound)
                yield sound
                held[key] = sound


def _beats(measure: gp.Measure) -> Iterator[tuple[int, gp.Beat]]:
    """Yield the beats of all voices with the number of the voice."""
    for number, voice in enumerate(measure.voices):
        for beat in voice.beats:
            yield number, beat


def _tied(
    note: gp.Note, before: ReadNote | None, onset: Fraction, end: Fraction, reach: int
) -> str:
    """Prolong the note before a tie, also over a rest; return what is wrong, if anything."""
    if before is None:
        return "tie with no note before it on its string, left out"
    if before.end + reach < onset or before.fret != note.value:
        return _STRIKE
    problem = "tie over a rest, held through it" if before.end < onset else ""
    before.end = max(before.end, end)
    before.marks |= marks_of(note, 0) & _TIED_MARKS
    return problem


def _struck(track: gp.Track, note: gp.Note, onset: Fraction, end: Fraction) -> ReadNote:
    open_pitch = track.strings[note.string - 1].value + track.offset
    string = len(track.strings) - note.string
    velocity = min(max(note.velocity, 1), 127)
    return ReadNote(onset, end, string, note.value, velocity, marks_of(note, open_pitch))


def _grace(note: gp.Note, main: ReadNote) -> Iterator[ReadNote]:
    """Yield the grace note of a note, as one without duration."""
    grace = note.effect.grace
    if grace is None:
        return
    marks = {"grace:1"}
    if grace.transition in _TRANSITIONS:
        marks.add(_TRANSITIONS[grace.transition])
    if grace.isDead:
        marks.add("dead")
    velocity = min(max(grace.velocity, 1), 127)
    yield ReadNote(main.onset, main.onset, main.string, max(grace.fret, 0), velocity, marks)


def _direct(sounds: list[ReadNote]) -> None:
    """Call a hammer-on whose next note on the string is lower a pull-off."""
    following: dict[int, ReadNote] = {}
    for sound in sorted(sounds, key=lambda s: (s.onset, s.end > s.onset), reverse=True):
        after = following.get(sound.string)
        if "hammer" in sound.marks and after is not None and after.fret < sound.fret:
            sound.marks.remove("hammer")
            sound.marks.add("pull")
        following[sound.string] = sound
