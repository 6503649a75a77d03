"""The staves of an alphaTex text while it is read: kinds of notes, and their pitches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from textmusic_guitarpro.alphatex.complaints import Complaints
from textmusic_guitarpro.alphatex.syntax import NoteNode
from textmusic_guitarpro.alphatex.vocabulary import (
    DRUM_KEYS,
    PERCUSSION_IDS,
    default_tuning,
    drum_word,
    pitch_of,
)
from textmusic_guitarpro.song import Beat, Part, Struck, Voice

__all__ = ["Instrument", "Staff"]

_REACH = 3
"""A tie finds its note at most so many measures before it."""
_STRINGED = frozenset((15, *range(24, 46), *range(48, 52), 105, 106, 107, 110))


@dataclass(slots=True)
class Instrument:
    """What the staves of a track share; `program` is None where nothing is said."""

    name: str = ""
    program: int | None = None


@dataclass
class Staff:
    """A staff. Its kind is ``fretted``, ``pitched``, ``drums``, or empty before its first note."""

    instrument: Instrument
    kind: str = ""
    tuning: tuple[int, ...] = ()
    capo: int = 0
    transpose: int = 0
    measures: list[list[Voice]] = field(default_factory=list)
    keys: list[tuple[int, str]] = field(default_factory=list)
    similes: dict[int, int] = field(default_factory=dict)
    _offsets: dict[tuple[int, int], tuple[int, Fraction]] = field(default_factory=dict)
    _last: dict[tuple[int, int], tuple[int, Struck]] = field(default_factory=dict)
    _before: dict[int, list[Struck]] = field(default_factory=dict)

    @property
    def program(self) -> int:
        """The General MIDI program: a steel guitar where nothing is said, as in alphaTab."""
        default = 0 if self.kind == "drums" else 25
        return default if self.instrument.program is None else self.instrument.program

    def open_pitch(self, string: int | None) -> int:
        """Return the pitch of fret 0 of a string, 0 where there is none, before it is transposed.

        Trills count from it: alphaTab does not transpose them.
        """
        return 0 if string is None else self.tuning[string] + self.capo

    def voice(self, measure: int, number: int) -> Voice:
        """Return the beats of a voice in a measure."""
        voices = self.measures[measure]
        while len(voices) <= number:
            voices.append([])
        return voices[number]

    def offset(self, measure: int, number: int) -> Fraction:
        """Return how far a voice has come in a measure, in quarters."""
        voice = self.voice(measure, number)
        count, offset = self._offsets.get((measure, number), (0, Fraction(0)))
        offset += _quarters(voice[count:])
        self._offsets[measure, number] = (len(voice), offset)
        return offset

    def part(self, length: int) -> Part:
        """Return the staff as a part of a song of `length` measures.

        A capo below the nut, which Guitar Pro allows, lowers the tuning.
        """
        tuning = self.tuning
        if not self.kind and not tuning and self.program in _STRINGED:
            tuning = default_tuning(self.program)
        if self.kind in {"pitched", "drums"}:
            tuning = ()
        tuning = tuple(pitch + self.transpose + min(self.capo, 0) for pitch in tuning)
        measures = self.measures + [[] for _ in range(length - len(self.measures))]
        name, is_drum = self.instrument.name, self.kind == "drums"
        return Part(name, self.program, is_drum, tuning, max(self.capo, 0), measures)

    def struck(
        self,
        node: NoteNode,
        place: tuple[int, int, int],
        names: dict[str, int],
        complaints: Complaints,
    ) -> Struck | None:
        """Return a note without its properties, or None (and a complaint) where it is none.

        Args:
            node: the note.
            place: measure, voice, and how many notes its beat has already.
            names: General MIDI keys of the articulations that the text names.
            complaints: told what is wrong.
        """
        text, kind = node.value.text, _kind(node)
        place_of = (node.value.offset, node.value.end - node.value.offset)
        if kind and not self.kind and (kind != "drums" or _drum_key(node, names) is not None):
            self.become(kind)
        if kind == "fretted" and self.kind == "drums":
            kind = "drums"
            complaints.add("note", "the string of a drum note means nothing", *place_of, "warning")
        problem = ""
        if kind and self.kind and kind != self.kind:
            problem = f"{text!r} is a {kind} note on a staff of {self.kind} notes"
            if kind == "drums" and node.value.kind == "number":
                problem = f"which string? {text!r} needs one: {text}.1"
        note = None if problem else self._sounding(node, names)
        if note is None:
            complaints.add("note", problem or self._problem(node), *place_of)
            return None
        if text == "-" or any(each.name in {"t", "-"} for each in node.properties):
            return self._tied(note, place, by_index=text == "-" and self.kind != "fretted")
        return note

    def become(self, kind: str) -> None:
        """Settle what kind of notes the staff holds."""
        self.kind = kind
        if kind == "fretted" and not self.tuning:
            self.tuning = default_tuning(self.program)

    def remember(self, notes: list[Struck], measure: int, voice: int) -> None:
        """Keep the notes of a beat for the ties that follow."""
        for note in notes:
            key = note.fret if note.string is None else note.string
            self._last[voice, key] = (measure, note)
        if notes:
            self._before[voice] = notes

    def _sounding(self, node: NoteNode, names: dict[str, int]) -> Struck | None:
        text = node.value.text
        is_sign = text in {"x", "-"} and node.value.kind != "number"
        marks = {"dead"} if text == "x" else set()
        if self.kind == "fretted":
            string = len(self.tuning) - node.string if node.string is not None else -1
            if not 0 <= string < len(self.tuning):
                return None
            return Struck(0 if is_sign else node.value.number, string, marks=marks)
        if is_sign and self.kind:
            return Struck(38 if self.kind == "drums" else 60, marks=marks)
        if self.kind == "pitched":
            pitch = pitch_of(text)
            fits = pitch is not None and 0 <= pitch + self.transpose <= 127
            return Struck((pitch or 0) + self.transpose) if fits else None
        key = _drum_key(node, names)
        return None if key is None else Struck(key)

    def _problem(self, node: NoteNode) -> str:
        text = node.value.text
        if self.kind == "fretted":
            return f"{text!r} needs a string from 1 to {len(self.tuning)}"
        if self.kind == "pitched":
            return f"{text!r} is beyond the pitches that MIDI knows"
        return f"{text!r} is no note, no pitch and no sound of a drum kit"

    def _tied(self, note: Struck, place: tuple[int, int, int], *, by_index: bool) -> Struck:
        """Let a note go on from the one before it, or strike it where there is none."""
        measure, voice, index = place
        origin: Struck | None = None
        if by_index:
            before = self._before.get(voice, [])
            origin = before[index] if index < len(before) else None
        else:
            key = note.fret if note.string is None else note.string
            found_in, found = self._last.get((voice, key), (0, None))
            origin = found if found_in >= measure - _REACH else None
        if origin is not None:
            return Struck(origin.fret, origin.string, is_tied=True, marks=note.marks)
        return note


def _kind(node: NoteNode) -> str:
    """Return the kind of staff that a note belongs on; empty for ``x`` and ``-`` alone."""
    if node.string is not None:
        return "fretted"
    if node.value.kind == "number":
        return "drums"
    if node.value.text in {"x", "-"}:
        return ""
    return "drums" if pitch_of(node.value.text) is None else "pitched"


def _drum_key(node: NoteNode, names: dict[str, int]) -> int | None:
    if node.value.kind == "number":
        return PERCUSSION_IDS.get(node.value.number)
    text = node.value.text
    return names.get(text.lower(), DRUM_KEYS.get(drum_word(text)))


def _quarters(beats: Iterable[Beat]) -> Fraction:
    """Return how long beats last; grace beats take no time."""
    lengths = (_length(beat.rhythm) for beat in beats if not beat.is_grace)
    return sum(lengths, start=Fraction(0))


_length = lru_cache(maxsize=1024)(lambda rhythm: rhythm.length)
