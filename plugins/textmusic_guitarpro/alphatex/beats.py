"""Beats of an alphaTex text: note values, dynamics and techniques."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from textmusic_guitarpro.alphatex.complaints import Complaints
from textmusic_guitarpro.alphatex.marks import LEFT_OUT, SILENT, beat_marks, note_marks
from textmusic_guitarpro.alphatex.staves import Staff
from textmusic_guitarpro.alphatex.syntax import BeatNode, Command
from textmusic_guitarpro.alphatex.vocabulary import DYNAMICS, program_of
from textmusic_guitarpro.song import Beat, Rhythm, Struck

__all__ = ["BeatReader", "copied"]

_VALUES = {-4: -1, -2: 0} | {1 << power: 1 << power for power in range(9)}
_TUPLETS = {3: 2, 5: 4, 6: 4, 7: 4, 9: 8, 10: 8, 11: 8, 12: 8}
_LARGEST_TUPLET = 99
_TIES = {"t", "-"}


@dataclass(slots=True)
class ReadBeat:
    """A beat being read; `tempo` is the one that begins with it, 0 for none."""

    dots: int = 0
    tuplet: tuple[int, int] | None = None
    is_grace: bool = False
    marks: set[str] = field(default_factory=set)
    notes: list[Struck] = field(default_factory=list)
    tempo: float = 0


@dataclass
class BeatReader:
    """Reads beats one after the other; note value, tuplet and dynamics stay until changed.

    Args:
        complaints: told what is wrong or has no place.
        names: General MIDI keys of the articulations that the text names.
    """

    complaints: Complaints
    names: dict[str, int] = field(default_factory=dict)
    value: int = 4
    tuplet: tuple[int, int] | None = None
    velocity: int = DYNAMICS["f"]

    def read(self, node: BeatNode, staff: Staff, measure: int, voice: int) -> tuple[Beat, float]:
        """Return a beat and the tempo that begins with it (0 for none).

        Args:
            node: a beat, no mere change of duration.
            staff: where it stands.
            measure: likewise, from 0.
            voice: likewise, from 0.
        """
        read = ReadBeat()
        for each in node.notes:
            note = staff.struck(
                each, (measure, voice, len(read.notes)), self.names, self.complaints
            )
            if note is not None:
                read.notes.append(note)
                for command in each.properties:
                    self._note_property(command, note, read, staff)
        if node.duration is not None:
            self._set_value(node.duration, node.offset)
        for command in node.properties:
            self._beat_property(command, read, staff)
        for note in read.notes:
            note.velocity = self.velocity
            note.marks |= read.marks
        staff.remember(read.notes, measure, voice)
        notes, times = read.tuplet or self.tuplet or (1, 1)
        rhythm = Rhythm(self.value, read.dots, notes, times)
        return Beat(rhythm, read.notes, read.is_grace), read.tempo

    def change_duration(self, node: BeatNode) -> None:
        """Follow ``:8`` and its properties."""
        if node.duration is not None and not node.is_beat:
            self._set_value(node.duration, node.offset)
        self.tuplet = None
        for command in node.duration_properties:
            if command.name == "tu":
                self.tuplet = self._tuplet(command)
            else:
                self._unknown(command)

    def _set_value(self, value: int, offset: int) -> None:
        if value in _VALUES:
            self.value = _VALUES[value]
        else:
            self.complaints.add("duration", f"{value} is no note value: 1, 2, 4 … 256", offset)

    def _note_property(self, command: Command, note: Struck, read: ReadBeat, staff: Staff) -> None:
        marks = note_marks(command, staff.open_pitch(note.string))
        if marks is not None:
            note.marks |= marks
        elif command.name not in _TIES:
            self._beat_property(command, read, staff)

    def _beat_property(self, command: Command, read: ReadBeat, staff: Staff) -> None:
        name = command.name
        marks = beat_marks(command)
        if marks is not None:
            read.marks |= marks
        elif name in {"d", "dd"}:
            read.dots = len(name)
        elif name == "tu":
            read.tuplet = self._tuplet(command)
        elif name == "gr":
            read.is_grace = True
        elif name == "dy":
            self._dynamic(command)
        elif name == "tempo":
            read.tempo = float(command.number() or 0)
        elif name == "instrument" and _program(command) == staff.program:
            pass
        elif name in LEFT_OUT:
            message = f"{LEFT_OUT[name]} have no place in a score and are left out"
            self.complaints.add("skipped", message, command.offset, command.length, "note")
        elif name not in SILENT:
            self._misplaced(command, read, staff)

    def _misplaced(self, command: Command, read: ReadBeat, staff: Staff) -> None:
        """Give every note a note's property that stands behind the duration."""
        for note in read.notes:
            marks = note_marks(command, staff.open_pitch(note.string))
            if marks is None:
                break
            note.marks |= marks
        else:
            if read.notes:
                message = f"{command.name!r} belongs to a note: before the duration"
                place = (command.offset, command.length)
                self.complaints.add("misplaced", message, *place, "warning")
                return
        self._unknown(command)

    def _dynamic(self, command: Command) -> None:
        name = command.text().lower()
        if name in DYNAMICS:
            self.velocity = DYNAMICS[name]
        else:
            self.complaints.add("dynamic", f"unknown dynamic {name!r}", command.offset)

    def _tuplet(self, command: Command) -> tuple[int, int] | None:
        first, second = command.number(0), command.number(1)
        notes = int(first or 0)
        times = int(second) if second is not None else _TUPLETS.get(notes, 0)
        if 1 <= notes <= _LARGEST_TUPLET and 1 <= times <= _LARGEST_TUPLET:
            return notes, times
        self.complaints.add("tuplet", "no such tuplet: write {tu (3 2)}", command.offset)
        return None

    def _unknown(self, command: Command) -> None:
        message = f"unknown property {command.name[:40]!r}"
        self.complaints.add("unknown", message, command.offset, command.length, "warning")


def _program(command: Command) -> int | None:
    number = command.number()
    return program_of(command.text()) if number is None else int(number)


def copied(beat: Beat) -> Beat:
    """Return a beat that shares nothing with another."""
    notes = [replace(note, marks=set(note.marks)) for note in beat.notes]
    return Beat(beat.rhythm, notes, beat.is_grace)
