"""The one value in the middle: a `Score` of tracks of notes, in exact integer ticks.

Every class is frozen, checked and sorted on construction, and hashable, so ``==`` means musical
equality. Change a value with `dataclasses.replace`.

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

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from textmusic.errors import ScoreError

__all__ = ["MODES", "Bar", "Columns", "Key", "Meter", "Note", "Score", "Tempo", "Track"]

MODES = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian")
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
    """Notes without string and marks as columns of 64-bit integers, in the order of a `Track`.

    Thousands of notes are so read, moved and written by numpy without an object each.
    """

    onset: memoryview
    duration: memoryview
    pitch: memoryview
    velocity: memoryview


class _Pending:
    """Holds the columns of a track whose notes are made when somebody first asks for them."""

    __slots__ = ("_columns",)
    _columns: Columns

    if not TYPE_CHECKING:  # would make any misspelt attribute pass a type checker

        def __getattr__(self, name: str) -> tuple[Note, ...]:
            if name != "notes":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            notes = tuple(map(Note, *(column.tolist() for column in self._columns)))
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
        cls, columns: Columns, *, name: str = "", program: int = 0, is_drum: bool = False
    ) -> Self:
        """Return a track whose notes are made from columns, on first use.

        Args:
            columns: of one length, in the order of a track's notes; nobody may change them. Each
                note is checked when it is made, their order is not.
            name: as for any track.
            program: as for any track.
            is_drum: as for any track.
        """
        track = cls((), name, program, is_drum)
        object.__delattr__(track, "notes")
        object.__setattr__(track, "_columns", columns)
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
        """The columns that the track was made of; None where it was made of notes."""
        return getattr(self, "_columns", None)

    def fret(self, note: Note) -> int | None:
        """Return the fret of a note counted from the capo, or None where it has no string."""
        if note.string is None:
            return None
        return note.pitch - self.tuning[note.string] - self.capo


@dataclass(frozen=True, slots=True)
class Tempo:
    """Quarter notes a minute from `onset` (ticks) on; `qpm` is above 0."""

    onset: int
    qpm: float

    def __post_init__(self) -> None:
        if self.onset < 0 or not 0 < self.qpm < 100_000:
            raise ScoreError(f"a tempo of {self.qpm} at tick {self.onset}")


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature. A metre always *starts a bar*, whether or not the last one was full.

    So an upbeat of one eighth in 4/4 is ``Meter(0, 4, 4), Meter(eighth, 4, 4)``: the second
    cuts the first bar short. Any irregular bar is written this way, without a field of its own.
    """

    onset: int
    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if self.onset < 0 or not 1 <= self.numerator <= 255:
            raise ScoreError(f"a metre of {self.numerator}/{self.denominator} at {self.onset}")
        if self.denominator not in {1, 2, 4, 8, 16, 32, 64, 128}:
            raise ScoreError(f"a metre over {self.denominator}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key signature: `fifths` -7…7 (flats negative) of the signature, and the `mode`."""

    onset: int
    fifths: int
    mode: str = "major"

    def __post_init__(self) -> None:
        if self.onset < 0 or not -7 <= self.fifths <= 7:
            raise ScoreError(f"a key of {self.fifths} fifths at tick {self.onset}")
        if self.mode not in MODES:
            raise ScoreError(f"unknown mode {self.mode!r}; known: {', '.join(MODES)}")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a score: where it starts and ends (ticks), and the metre in force."""

    onset: int
    end: int
    numerator: int
    denominator: int
    full: int

    @property
    def is_short(self) -> bool:
        """Whether the bar is cut short of its metre, which would last `full` ticks."""
        return self.end - self.onset < self.full


@dataclass(frozen=True, slots=True)
class Score:
    """A piece of music.

    Args:
        tracks: one per instrument or voice.
        tpq: ticks per quarter, at least 1; every metre's bar must be a whole number of ticks.
        tempos, meters, keys: stored sorted, the last of an onset kept, repetitions dropped
            (a metre that repeats the one in force *off* its bar line is kept: it cuts a bar).
            Empty means unknown: readers use 120 quarters a minute and 4/4.
        meta: a mapping or pairs of strings: ``title``, ``composer``, ``comment``, ``provenance``,
            ``form`` (see `textmusic.form`)…

    Raises:
        ScoreError: a value is out of range.
    """

    tracks: tuple[Track, ...] = ()
    tpq: int = 480
    tempos: tuple[Tempo, ...] = ()
    meters: tuple[Meter, ...] = ()
    keys: tuple[Key, ...] = ()
    meta: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.tpq <= 1_000_000:
            raise ScoreError(f"{self.tpq} ticks per quarter")
        meta = self.meta.items() if isinstance(self.meta, Mapping) else self.meta
        for name, value in (
            ("tracks", tuple(self.tracks)),
            ("tempos", tuple(_changes(self.tempos, lambda t: t.qpm))),
            ("meters", tuple(_bar_starts(self.meters, self.tpq))),
            ("keys", tuple(_changes(self.keys, lambda k: (k.fifths, k.mode)))),
            ("meta", tuple(sorted((str(k), str(v)) for k, v in meta))),
        ):
            object.__setattr__(self, name, value)

    @property
    def end(self) -> int:
        """The tick at which the last note ends; 0 for a score without notes."""
        return max((note.end for track in self.tracks for note in track.notes), default=0)

    def notes(self) -> Iterator[Note]:
        """Yield the notes of all tracks, track by track."""
        for track in self.tracks:
            yield from track.notes

    def get(self, key: str, default: str = "") -> str:
        """Return an entry of `meta`."""
        return dict(self.meta).get(key, default)

    def bars(self, end: int | None = None) -> tuple[Bar, ...]:
        """Return the bars from tick 0 until `end` (default: the end of the last note).

        A metre change starts a bar; the last bar has its full length.
        """
        stop = self.end if end is None else end
        meters = self.meters
        if not meters or meters[0].onset > 0:
            meters = (Meter(0, 4, 4), *meters)
        bars: list[Bar] = []
        for index, meter in enumerate(meters):
            full = _bar_ticks(meter, self.tpq)
            limit = meters[index + 1].onset if index + 1 < len(meters) else None
            onset = meter.onset
            while onset < stop and (limit is None or onset < limit):
                bar_end = onset + full if limit is None else min(onset + full, limit)
                bars.append(Bar(onset, bar_end, meter.numerator, meter.denominator, full))
                onset = bar_end
        return tuple(bars)

    def seconds(self, tick: int) -> float:
        """Return the time of a tick in seconds, following the tempo changes."""
        total, last, qpm = 0.0, 0, 120.0
        for tempo in self.tempos:
            if tempo.onset >= tick:
                break
            total += (tempo.onset - last) * 60 / (qpm * self.tpq)
            last, qpm = tempo.onset, tempo.qpm
        return total + (tick - last) * 60 / (qpm * self.tpq)


_T = TypeVar("_T", Tempo, Key)


def _changes(events: Iterable[_T], value: Callable[[_T], object]) -> Iterator[_T]:
    """Sort events, keep the last of an onset, drop those that repeat the value in force."""
    current: object = None
    for event in sorted({e.onset: e for e in events}.values(), key=lambda e: e.onset):
        if value(event) != current:
            current = value(event)
            yield event


def _bar_ticks(meter: Meter, tpq: int) -> int:
    ticks, rest = divmod(tpq * 4 * meter.numerator, meter.denominator)
    if rest:
        raise ScoreError(
            f"a bar of {meter.numerator}/{meter.denominator} is no whole number of ticks"
            f" at {tpq} per quarter"
        )
    return ticks


def _bar_starts(meters: Iterable[Meter], tpq: int) -> Iterator[Meter]:
    """Sort metres, keep the last of an onset, drop those that change nothing."""
    last: Meter | None = None
    for meter in sorted({m.onset: m for m in meters}.values(), key=lambda m: m.onset):
        full = _bar_ticks(meter, tpq)
        same = last and (last.numerator, last.denominator) == (meter.numerator, meter.denominator)
        if last and same and (meter.onset - last.onset) % full == 0:
            continue
        last = meter
        yield meter
