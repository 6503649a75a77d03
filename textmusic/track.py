"""Notes, and the tracks that hold them.

Marks. What only some codecs hold travels as strings in `Note.marks`:

==========================  ======================================================================
``dead`` ``ghost``          muted stroke without pitch; note in brackets
``hammer`` ``pull``         the *next* note of the string is hammered on, pulled off
``slide`` ``slide:legato``  a slide to the next note of the string (shift; legato)
``slide:in-below``          into the note from below (``in-above``), out of it (``out-down``,
                            ``out-up``)
``bend`` ``bend:N``         bent, by N semitones (decimals allowed); ``release`` when let go again
``bend-curve:V@P,V@P``      beside ``bend:N`` where the curve is not the plain one: V semitones at P
                            percent of the note; ``whammy:V@P,V@P`` the same, by the bar
``vibrato`` ``trill``       ``vibrato:wide``; ``trill:P`` with the other pitch P
``palm-mute`` ``let-ring``  (the written duration stays the duration)
``harmonic``                natural; ``harmonic:artificial``, ``harmonic:pinch``, ``harmonic:tap``,
                            ``harmonic:semi``, ``harmonic:feedback``
``tap`` ``slap`` ``pop``    right-hand techniques
``accent`` ``staccato``     articulation; ``tremolo:N`` picked in N-th notes
``grace:K``                 the K-th grace note before the main note at the same onset, duration 0
``voice:N``                 in the N-th voice of its track (N ≥ 2), where a file tells them apart
==========================  ======================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self

from textmusic.errors import ScoreError

__all__ = ["Columns", "Note", "Track"]

_NO_MARKS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, init=False)
class Note:
    """One sounding note.

    Args:
        onset: start in ticks, at least 0.
        duration: length in ticks, at least 1 (0 only for a note with a ``grace:K`` mark).
        pitch: MIDI number of what sounds, 0…127 (60 = C4); on a drum track the General MIDI key.
        velocity: 1…127.
        string: index into the track's tuning, or None where there are no strings.
        marks: see the module's table.

    Raises:
        ScoreError: a value is out of range.
    """

    onset: int
    duration: int
    pitch: int
    velocity: int = 80
    string: int | None = None
    marks: frozenset[str] = _NO_MARKS

    def __init__(  # noqa: PLR0917 - the fields, in their order
        self,
        onset: int,
        duration: int,
        pitch: int,
        velocity: int = 80,
        string: int | None = None,
        marks: frozenset[str] = _NO_MARKS,
    ) -> None:
        # by hand, and half as long as the one that a dataclass makes: there are very many notes
        _set_onset(self, onset)
        _set_duration(self, duration)
        _set_pitch(self, pitch)
        _set_velocity(self, velocity)
        _set_string(self, string)
        _set_marks(self, marks)
        if onset < 0 or duration <= 0 or not (0 <= pitch <= 127 and 1 <= velocity <= 127):
            self._check()

    def _check(self) -> None:
        if self.onset < 0:
            raise ScoreError(f"a note cannot start at tick {self.onset}")
        if self.duration <= 0 and not (self.duration == 0 and self.grace):
            raise ScoreError(f"a note cannot last {self.duration} ticks")
        if not 0 <= self.pitch <= 127:
            raise ScoreError(f"pitch {self.pitch} is outside 0…127")
        if not 1 <= self.velocity <= 127:
            raise ScoreError(f"velocity {self.velocity} is outside 1…127")

    @property
    def end(self) -> int:
        """The tick at which the note ends."""
        return self.onset + self.duration

    @property
    def grace(self) -> int:
        """K for the K-th grace note before its main note, 0 for an ordinary note."""
        for mark in self.marks:
            if mark.startswith("grace:"):
                return int(mark[6:])
        return 0


_set_onset, _set_duration, _set_pitch, _set_velocity, _set_string, _set_marks = (
    Note.__dict__[field.name].__set__ for field in fields(Note)
)


def _order(note: Note) -> tuple[int, int, int, int, int, int, list[str]]:
    string = -1 if note.string is None else note.string
    if not note.marks:
        return note.onset, 0, note.pitch, string, note.duration, note.velocity, []
    head = (note.onset, -note.grace, note.pitch, string, note.duration, note.velocity)
    return (*head, sorted(note.marks))


def _in_order(notes: tuple[Note, ...]) -> bool:
    """Whether `_order` would leave the notes as they are; far quicker than to sort them."""
    for note, following in pairwise(notes):
        if note.onset < following.onset:
            continue
        if note.onset > following.onset:
            return False
        plain = not note.marks and not following.marks
        if not (plain and note.pitch < following.pitch) and _order(note) > _order(following):
            return False
    return True


class Columns(NamedTuple):
    """Notes but for strings and marks as columns of 64-bit integers, in the order of a `Track`.

    Thousands of notes are so read, moved and written by numpy without an object each.
    """

    onset: memoryview
    duration: memoryview
    pitch: memoryview
    velocity: memoryview


class _Pending:
    """Holds the columns of a track whose notes are made when somebody first asks for them."""

    __slots__ = ("_columns", "_played")
    _columns: Columns
    _played: tuple[Sequence[int | None], Sequence[frozenset[str]]] | tuple[()]

    if not TYPE_CHECKING:  # would make any misspelt attribute pass a type checker

        def __getattr__(self, name: str) -> tuple[Note, ...]:
            if name != "notes":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            columns = (column.tolist() for column in self._columns)
            notes = tuple(map(Note, *columns, *self._played))
            object.__setattr__(self, "notes", notes)
            return notes


@dataclass(frozen=True, slots=True)
class Track(_Pending):  # noqa: PLW1641 - the dataclass makes the hash
    """The notes of one instrument.

    Args:
        notes: any iterable; stored as a tuple sorted by onset (grace notes first), then pitch.
        name: free text.
        program: General MIDI program counted from 0, 0…127.
        is_drum: pitches are General MIDI drum keys.
        tuning: MIDI numbers of the open strings *without* capo, string 0 first (the lowest on a
            guitar); empty where there are no strings.
        capo: fret of the capo, 0 for none; frets are counted from it.

    Raises:
        ScoreError: a note names a string that the tuning lacks, or a value is out of range.
    """

    notes: tuple[Note, ...] = ()
    name: str = ""
    program: int = 0
    is_drum: bool = False
    tuning: tuple[int, ...] = ()
    capo: int = 0

    def __post_init__(self) -> None:
        notes = tuple(self.notes)
        if not _in_order(notes):
            notes = tuple(sorted(notes, key=_order))
        object.__setattr__(self, "notes", notes)
        object.__setattr__(self, "tuning", tuple(self.tuning))
        if not 0 <= self.program <= 127:
            raise ScoreError(f"program {self.program} is outside 0…127")
        if self.capo < 0:
            raise ScoreError(f"a capo cannot sit at fret {self.capo}")
        strings = len(self.tuning)
        for note in self.notes:
            if note.string is not None and not 0 <= note.string < strings:
                raise ScoreError(f"string {note.string} on an instrument of {strings} strings")

    @classmethod
    def of(
        cls,
        columns: Columns,
        *,
        name: str = "",
        program: int = 0,
        is_drum: bool = False,
        tuning: tuple[int, ...] = (),
        capo: int = 0,
        played: tuple[Sequence[int | None], Sequence[frozenset[str]]] | None = None,
    ) -> Self:
        """Return a track whose notes are made from columns, on first use.

        Args:
            columns: of one length, in the order of a track's notes; nobody may change them. Each
                note is checked when it is made, their order and their strings are not.
            name: as for any track.
            program: as for any track.
            is_drum: as for any track.
            tuning: as for any track.
            capo: as for any track.
            played: the string and the marks of each note; None where no note has any.
        """
        track = cls((), name, program, is_drum, tuning, capo)
        object.__delattr__(track, "notes")
        object.__setattr__(track, "_columns", columns)
        object.__setattr__(track, "_played", played or ())
        return track

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Track) or other.__class__ is not self.__class__:
            return NotImplemented
        mine, theirs = self.columns, other.columns
        return (
            (self.name, self.program, self.is_drum, self.tuning, self.capo)
            == (other.name, other.program, other.is_drum, other.tuning, other.capo)
        ) and (mine == theirs if mine and theirs else self.notes == other.notes)

    @property
    def columns(self) -> Columns | None:
        """What the track was made of; None where that was notes, or they have strings and marks."""
        return None if getattr(self, "_played", ()) else self.sounds

    @property
    def sounds(self) -> Columns | None:
        """As `columns`, also where notes have strings and marks; grace notes are among them."""
        return getattr(self, "_columns", None)

    def fret(self, note: Note) -> int | None:
        """Return the fret of a note counted from the capo, or None where it has no string."""
        if note.string is None:
            return None
        return note.pitch - self.tuning[note.string] - self.capo
