"""The notes of a part as played: ties merged, grace notes apart, voices told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import lcm

from textmusic.errors import Issue
from textmusic_guitarpro.song import Beat, Part, Rhythm, Song, Struck, Voice

__all__ = ["Complaints", "Played", "ReadNote", "Timeline", "notes_of"]

_TIED_MARKS = {"hammer", "slide", "slide:legato", "slide:out-down", "slide:out-up"} | {
    *("vibrato", "vibrato:wide", "let-ring")
}
"""Marks of a tied part that the whole note takes over."""
_STRIKE = "tie that continues no sounding note, struck anew"
_FINEST = 960
_LARGEST_UNIT = 10**12


@dataclass(slots=True)
class ReadNote:
    """A note being read; times in units of its timeline."""

    onset: int
    end: int
    string: int | None
    fret: int
    velocity: int
    marks: set[str]
    voice: int
    grace: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """A measure as played: when it starts, how long it is, and where it stands on the page."""

    onset: int
    length: int
    index: int


@dataclass
class Complaints:
    """Counts of what was repaired or left out, each with its first place."""

    found: dict[tuple[str, str, bool], list[str]] = field(default_factory=dict)

    def add(self, code: str, message: str, place: str = "") -> None:
        """Count something that was repaired or lost: a warning."""
        self.found.setdefault((code, message, False), []).append(place)

    def note(self, code: str, message: str, place: str = "") -> None:
        """Count something that a Score does not hold and that need not worry anybody."""
        self.found.setdefault((code, message, True), []).append(place)

    def issues(self) -> tuple[Issue, ...]:
        """Return one issue a kind, with codes ``guitarpro.*``."""
        return tuple(
            Issue(
                f"guitarpro.{code}",
                f"{places[0]}: {len(places)} × {message}" if places[0] else message,
                severity="note" if is_note else "warning",
            )
            for (code, message, is_note), places in self.found.items()
        )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A beat with notes: its offset and end in the measure, K of ``grace:K`` or 0."""

    offset: int
    end: int
    grace: int
    beat: Beat


_length = lru_cache(maxsize=4096)(lambda rhythm: rhythm.length)


class Timeline:
    """Times of a song as whole numbers of `unit`, the part of a quarter that they all share."""

    def __init__(self, song: Song, complaints: Complaints) -> None:
        self.song = song
        rhythms: set[Rhythm] = {
            beat.rhythm
            for part in song.parts
            for measure in part.measures
            for voice in measure
            for beat in voice
        }
        self.unit = _FINEST
        for rhythm in rhythms:
            unit = lcm(self.unit, _length(rhythm).denominator)
            if unit > _LARGEST_UNIT:
                complaints.add("ticks", "note values that share no small unit, rounded")
                break
            self.unit = unit
        self._lengths = {rhythm: round(_length(rhythm) * self.unit) for rhythm in rhythms}
        self._placed: dict[tuple[int, int], list[list[_Placed]]] = {}

    def voices(self, part: int, index: int) -> list[list[_Placed]]:
        """Return the beats with notes of each voice of a measure."""
        key = (part, index)
        if key not in self._placed:
            measures = self.song.parts[part].measures
            voices = measures[index] if index < len(measures) else []
            self._placed[key] = [list(self._place(voice)) for voice in voices]
        return self._placed[key]

    def _place(self, voice: Voice) -> Iterator[_Placed]:
        """Grace notes count down to the next beat that takes time."""
        offset, waiting = 0, 0
        for position, beat in enumerate(voice):
            if beat.is_grace:
                waiting = waiting - 1 if waiting else _run(voice, position)
                yield _Placed(offset, offset, waiting, beat)
                waiting = 0 if waiting == 1 else waiting
                continue
            end = offset + self._lengths[beat.rhythm]
            if beat.notes:
                yield _Placed(offset, end, 0, beat)
            offset, waiting = end, 0

    def length(self, index: int) -> int:
        """Return the length of a measure: its signature's, or less for a pick-up."""
        measure = self.song.measures[index]
        full = round(measure.length * self.unit)
        if not measure.is_pickup:
            return full
        longest = max(
            (
                sum(self._lengths[beat.rhythm] for beat in voice if not beat.is_grace)
                for part in self.song.parts
                for voice in (part.measures[index] if index < len(part.measures) else ())
            ),
            default=0,
        )
        return min(longest, full) or full

    def count(self, index: int) -> int:
        """Return how many notes a measure has in all parts."""
        return sum(
            len(placed.beat.notes)
            for part in range(len(self.song.parts))
            for voice in self.voices(part, index)
            for placed in voice
        )


def _run(voice: Voice, start: int) -> int:
    """Count the grace beats from `start` on."""
    end = start
    while end < len(voice) and voice[end].is_grace:
        end += 1
    return end - start


def notes_of(
    number: int, played: Sequence[Played], time: Timeline, complaints: Complaints
) -> list[ReadNote]:
    """Return the notes of a part, ties merged, grace notes before their main notes."""
    part = time.song.parts[number]
    notes = list(_notes(number, part, played, time, complaints))
    if not part.is_drum:
        _direct(notes)
    return notes


def _notes(
    number: int, part: Part, played: Sequence[Played], time: Timeline, complaints: Complaints
) -> Iterator[ReadNote]:
    strings = 0 if part.is_drum else len(part.tuning)
    held: dict[tuple[int, int | None, int], ReadNote] = {}
    for bar in played:
        place = f"track {number + 1}, measure {bar.index + 1}"
        voices = time.voices(number, bar.index)
        for voice, placed in ((v, p) for v, row in enumerate(voices) for p in row):
            if placed.offset >= bar.length and not placed.grace:
                complaints.add("overfull", "beat beyond the end of its measure", place)
            onset, end = bar.onset + placed.offset, bar.onset + placed.end
            for note in placed.beat.notes:
                if strings and not (note.string is not None and 0 <= note.string < strings):
                    complaints.add("string", "note on no string, left out", place)
                    continue
                key = (voice, note.string, -1) if strings else (voice, None, note.fret)
                if note.is_tied and not placed.grace:
                    problem = _tied(note, held.get(key), onset, end, 3 * bar.length)
                    if problem:
                        complaints.add("tie", problem, place)
                    if problem != _STRIKE:
                        if key in held:
                            _take_curves(held[key], note, complaints, place)
                        continue
                sound = _struck(note, onset, end, voice, placed.grace)
                yield sound
                held[key] = sound


def _tied(note: Struck, before: ReadNote | None, onset: int, end: int, reach: int) -> str:
    """Prolong the note before a tie, also over a rest; return what is wrong, if anything."""
    if before is None:
        return "tie with no note before it on its string, left out"
    if before.grace or before.end + reach < onset or before.fret != note.fret:
        return _STRIKE
    problem = "tie over a rest, held through it" if before.end < onset else ""
    before.end = max(before.end, end)
    before.marks |= note.marks & _TIED_MARKS
    return problem


def _take_curves(before: ReadNote, note: Struck, complaints: Complaints, place: str) -> None:
    """Give the bend or whammy of a tied part to the whole note, where it has none."""
    for kind in ("bend", "whammy"):
        curve = {mark for mark in note.marks if mark.startswith(kind)}
        if not curve:
            continue
        if any(mark.startswith(kind) for mark in before.marks):
            complaints.note("tied-curve", "curve of a tied part, left out: the note has one", place)
        else:
            before.marks |= curve | (note.marks & {"release"} if kind == "bend" else set())


def _struck(note: Struck, onset: int, end: int, voice: int, grace: int) -> ReadNote:
    marks = set(note.marks)
    if grace:
        marks.add(f"grace:{grace}")
    if voice:
        marks.add(f"voice:{voice + 1}")
    velocity = min(max(note.velocity, 1), 127)
    return ReadNote(onset, end, note.string, note.fret, velocity, marks, voice, grace)


def _direct(sounds: list[ReadNote]) -> None:
    """Call a hammer-on whose next note on the string is lower a pull-off."""
    following: dict[tuple[int, int | None], ReadNote] = {}
    for sound in sorted(sounds, key=lambda s: (s.onset, -s.grace), reverse=True):
        key = (sound.voice, sound.string)
        after = following.get(key)
        if "hammer" in sound.marks and after is not None and after.fret < sound.fret:
            sound.marks.remove("hammer")
            sound.marks.add("pull")
        following[key] = sound
