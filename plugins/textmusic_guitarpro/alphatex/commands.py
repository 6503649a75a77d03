"""Commands about bars (time, tempo, repeats…) and about staves (tuning, capo, instrument…)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from textmusic_guitarpro.alphatex.complaints import Complaints
from textmusic_guitarpro.alphatex.staves import Staff
from textmusic_guitarpro.alphatex.syntax import Command
from textmusic_guitarpro.alphatex.vocabulary import (
    PERCUSSION_IDS,
    key_of,
    pitch_of,
    program_of,
)
from textmusic_guitarpro.song import Measure, TempoChange

__all__ = ["BarCommands", "staff_command"]

_DENOMINATORS = {1, 2, 4, 8, 16, 32, 64, 128}
_MOST_PASSES = 99
_MOST_STRINGS = 32
_FASTEST = 10_000
_FINEST = 960
"""Places of tempo changes, written as decimal shares of a bar, have at most this denominator."""
_PEDAL = "uses of the sustain pedal"
_NO_PLACE = {
    "chord": "chord diagrams",
    "lyrics": "lyrics",
    "bank": "banks of instruments",
    **dict.fromkeys(("spd", "sph", "spu"), _PEDAL),
}
_SIMILES = {"simple": 1, "secondofdouble": 2, "firstofdouble": 2}


@dataclass
class BarCommands:
    """The measures of the page, which all staves share."""

    complaints: Complaints
    measures: list[Measure] = field(default_factory=list)
    _told: set[int] = field(default_factory=set)
    _tempos: dict[int, dict[Fraction, float]] = field(default_factory=dict)
    _shares: list[tuple[int, Fraction, float]] = field(default_factory=list)

    def reach(self, index: int) -> None:
        """Make sure that there is a measure `index`: a new one goes on in the same metre."""
        while len(self.measures) <= index:
            last = self.measures[-1] if self.measures else Measure()
            self.measures.append(Measure(last.numerator, last.denominator))

    def apply(self, command: Command, staff: Staff, index: int) -> None:
        """Follow a command about a bar.

        Args:
            command: its name is one of those that `read` calls bar commands.
            staff: on which it stands; keys and similes are its own.
            index: of the measure.
        """
        measure = self.measures[index]
        number = command.number()
        self._told.add(index)
        if command.name == "ts":
            self._signature(command, measure)
        elif command.name == "tempo":
            place = next((a.number for a in command.arguments[1:] if a.number is not None), 0)
            self._tempo(index, Fraction(place), float(number or 0), command)
        elif command.name == "ks":
            key = key_of(command.text())
            if key is None:
                self._complain("key", f"unknown key {command.text()[:20]!r}", command)
            else:
                staff.keys[index] = key
        elif command.name == "ro":
            measure.opens = True
        elif command.name == "rc":
            measure.passes = min(max(int(number or 2), 1), _MOST_PASSES)
        elif command.name == "ae":
            self._endings(command, measure)
        elif command.name == "ac":
            measure.is_pickup = True
        elif command.name == "simile":
            back = _SIMILES.get(command.text().lower())
            if back:
                staff.similes[index] = back
        else:
            self._left_out(command)

    def is_silent(self, index: int) -> bool:
        """Whether no command stands at a measure."""
        return index not in self._told

    def change_tempo(self, index: int, offset: Fraction, qpm: float, place: int) -> None:
        """Change the tempo at an offset, in quarters from the start of a measure."""
        if not 0 < qpm < _FASTEST:
            self.complaints.add("tempo", f"a tempo of {qpm:g} is left out", place)
            return
        self._tempos.setdefault(index, {})[offset] = qpm

    def finished(self) -> list[Measure]:
        """Return the measures, the places of their tempos worked out."""
        for index, share, qpm in self._shares:
            offset = (share * self.measures[index].length).limit_denominator(_FINEST)
            self.change_tempo(index, offset, qpm, 0)
        for index, changes in self._tempos.items():
            found = (TempoChange(offset, qpm) for offset, qpm in sorted(changes.items()))
            self.measures[index].tempos = list(found)
        return self.measures

    def _tempo(self, index: int, share: Fraction, qpm: float, command: Command) -> None:
        if 0 < qpm < _FASTEST and 0 <= share <= 1:
            self._shares.append((index, share, qpm))
        else:
            self._complain("tempo", f"a tempo of {qpm:g} is left out", command)

    def _signature(self, command: Command, measure: Measure) -> None:
        upper, lower = command.number(0), command.number(1)
        if command.text().lower() == "common":
            upper, lower = Fraction(4), Fraction(4)
        if upper and lower and 1 <= int(upper) <= 32 and int(lower) in _DENOMINATORS:
            measure.numerator, measure.denominator = int(upper), int(lower)
        else:
            self._complain("metre", "no such time signature: write \\ts (3 4)", command)

    def _endings(self, command: Command, measure: Measure) -> None:
        numbers = {int(each.number) for each in command.arguments if each.number is not None}
        fitting = frozenset(number for number in numbers if 1 <= number <= 31)
        if fitting:
            measure.endings |= fitting
        if fitting != numbers or not numbers:
            self._complain("ending", "endings are numbered 1…31: \\ae (1 2)", command)

    def _left_out(self, command: Command) -> None:
        what = {
            "tf": "triplet feels are left out: the notes are read as written",
            "jump": "jumps (coda, segno, fine…) are not played out",
            "section": "names of sections have no place in a score and are left out",
        }
        text = command.text().lower()
        if command.name == "tf" and (text in {"no", "none", "notripletfeel"} or text == "0"):
            return
        self.complaints.add("skipped", what[command.name], command.offset, command.length, "note")

    def _complain(self, code: str, message: str, command: Command) -> None:
        self.complaints.add(code, message, command.offset, command.length)


def staff_command(
    command: Command, staves: Sequence[Staff], names: dict[str, int], complaints: Complaints
) -> bool:
    """Follow a command about the last staff; whether it was one.

    Args:
        command: any.
        staves: all of the piece.
        names: General MIDI keys of articulations, which ``\\articulation`` adds to.
        complaints: told what is wrong or has no place.
    """
    staff, number = staves[-1], command.number()
    place = (command.offset, command.length)
    if command.name == "tuning":
        _tune(command, staff, complaints)
    elif command.name == "capo":
        staff.capo = min(max(int(number or 0), -60), 60)
    elif command.name == "transpose":
        staff.transpose = min(max(int(number or 0), -127), 127)
    elif command.name == "instrument":
        _instrument(command, staves, complaints)
    elif command.name == "articulation":
        key = PERCUSSION_IDS.get(int(command.number(1) or 0))
        if key is not None:
            names[command.text().lower()] = key
        elif command.text().lower() != "defaults":
            complaints.add("drum", "unknown number of a drum sound", *place)
    elif command.name in _NO_PLACE:
        message = f"{_NO_PLACE[command.name]} have no place in a score and are left out"
        complaints.add("skipped", message, *place, "note")
    else:
        return False
    return True


def _tune(command: Command, staff: Staff, complaints: Complaints) -> None:
    """Set the tuning, which is written from the highest string down."""
    tuning: list[int] = []
    for each in command.arguments[: _MOST_STRINGS + 2]:
        pitch = pitch_of(each.text)
        if each.text.lower() in {"piano", "none", "voice"}:
            staff.become("pitched")
            return
        if pitch is not None and pitch <= 127 and len(tuning) < _MOST_STRINGS:
            tuning.append(pitch)
        elif not tuning and each.text.lower() != "hide":
            message = f"{each.text[:20]!r} is no pitch: \\tuning (E4 B3 G3 D3 A2 E2)"
            complaints.add("tuning", message, command.offset, command.length)
    staff.tuning = tuple(reversed(tuning)) or staff.tuning


def _instrument(command: Command, staves: Sequence[Staff], complaints: Complaints) -> None:
    number, name = command.number(), command.text()
    program = program_of(name) if number is None else int(number)
    instrument = staves[-1].instrument
    if name.lower() == "percussion":
        for staff in staves:
            if staff.instrument is instrument and not staff.kind:
                staff.become("drums")
    elif program is not None and 0 <= program <= 127:
        instrument.program = program
    else:
        message = f"unknown instrument {name[:30]!r}"
        complaints.add("instrument", message, command.offset, command.length)
