"""alphaTex to a `Song`: commands set up tracks, staves, voices and bars; beats fill them.

The order of things is alphaTab 1.8's: a command in the middle of a bar begins a new bar; ``\\voice``
goes back to the first bar (or, with ``\\voicemode barwise``, stays in the bar); note values stay in
force from track to track, dynamics and tuplets do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from textmusic.errors import FormatError, Issue
from textmusic_guitarpro.alphatex.arguments import TAGS
from textmusic_guitarpro.alphatex.beats import BeatReader, copied
from textmusic_guitarpro.alphatex.commands import BarCommands, staff_command
from textmusic_guitarpro.alphatex.complaints import Complaints
from textmusic_guitarpro.alphatex.staves import Instrument, Staff
from textmusic_guitarpro.alphatex.syntax import BarNode, Command, parse
from textmusic_guitarpro.alphatex.vocabulary import DYNAMICS
from textmusic_guitarpro.song import Measure, Song

__all__ = ["META", "read_song"]

META = {
    "title": "title",
    "subtitle": "subtitle",
    "artist": "artist",
    "album": "album",
    "words": "words",
    "music": "composer",
    "copyright": "copyright",
    "tab": "transcriber",
    "instructions": "instructions",
}
"""Commands with a text, and the names of those texts in a Score's meta."""
_META_LINE = re.compile(r"([a-z][a-z0-9_-]{0,31}): (.*)")
_BAR_COMMANDS = frozenset(
    ("ts", "tempo", "ks", "ro", "rc", "ae", "ac", "tf", "jump", "section", "simile")
)
_LAYOUT = """wordsandmusic copyright2 systemslayout defaultsystemslayout showdynamics hidedynamics
    usesystemsignseparator multibarrest bracketextendmode singletracktracknamepolicy
    multitracktracknamepolicy firstsystemtracknamemode othersystemstracknamemode
    firstsystemtracknameorientation othersystemstracknameorientation extendbarlines
    chorddiagramsinscore hideemptystaves hideemptystavesinfirstsystem showsinglestaffbrackets
    defaultbarnumberdisplay displaytranspose clef ottava barlineleft barlineright scale width
    accidentals db barnumberdisplay beaming sync ft"""
_SILENT = frozenset(_LAYOUT.split())
_STRUCTURE = {"track", "staff", "voice"}
_MOST_MEASURES = 20_000
_MOST_STAVES = 512
_MOST_CELLS = 1_000_000
_MOST_BEATS = 150_000
_MOST_VOICES = 8


def read_song(text: str) -> tuple[Song, tuple[Issue, ...]]:
    """Return the piece that an alphaTex text describes, and what is wrong with the text.

    Args:
        text: old or new alphaTex; arguments may stand without parentheses.

    Returns:
        The song, and issues with codes ``alphatex.*`` whose offsets count characters of `text`.

    Raises:
        FormatError: the text holds no music at all, or far too much.
    """
    complaints = Complaints()
    reader = _Reader(complaints)
    song = reader.read(parse(text, complaints))
    issues = complaints.issues()
    if not reader.is_understood:
        raise FormatError("this is no alphaTex: neither a note nor a command is known", issues)
    return song, issues


class _Reader:
    def __init__(self, complaints: Complaints) -> None:
        self.complaints = complaints
        self.beats = BeatReader(complaints)
        self.bars = BarCommands(complaints)
        self.staves = [Staff(Instrument())]
        self.meta: dict[str, str] = {}
        self.measure = 0
        self.voice = 0
        self.is_barwise = False
        self.count = 0
        self.is_understood = False
        self.fresh = {"track", "staff", "voice"}

    @property
    def staff(self) -> Staff:
        return self.staves[-1]

    def read(self, nodes: Sequence[BarNode]) -> Song:
        for node in nodes:
            self.bar(node)
            if node.has_line or not self.is_barwise:
                self.measure += 1
            if node.has_line and self.is_barwise:
                self.voice = 0
                self.fresh |= {"voice"}
        return self.song()

    def bar(self, node: BarNode) -> None:
        """Read one bar; its commands count for the bar that their staff is at."""
        waiting: list[Command] = []
        for command in node.commands:
            self.is_understood |= command.name in TAGS
            if command.name in _STRUCTURE:
                is_first = not self.bars.measures and not (
                    self.fresh.isdisjoint({"track", "staff"}) or len(self.staves) > 1
                )
                if waiting and not is_first:
                    self.place(waiting)
                    waiting = []
                self.structure(command)
            elif command.name in _BAR_COMMANDS:
                waiting.append(command)
            else:
                self.command(command)
        measure = self.place(waiting)
        if measure is None or self.voice >= _MOST_VOICES:
            return
        self.fill(node, measure)

    def place(self, commands: Sequence[Command]) -> int | None:
        """Apply commands to the bar that is due, and return its number; None behind the last."""
        staff = self.staff
        if self.measure >= len(staff.measures):
            if len(staff.measures) >= _MOST_MEASURES:
                message = f"more than {_MOST_MEASURES} bars: the rest is left out"
                self.complaints.add("length", message, severity="warning")
                return None
            staff.measures.append([])
            staff.keys.append(staff.keys[-1] if staff.keys else (0, "major"))
            self.measure = len(staff.measures) - 1
        self.bars.reach(self.measure)
        for command in commands:
            self.bars.apply(command, staff, self.measure)
        return self.measure

    def fill(self, node: BarNode, measure: int) -> None:
        staff, number = self.staff, self.voice
        voice = staff.voice(measure, number) if any(b.is_beat for b in node.beats) else []
        for each in node.beats:
            if each.changes_duration:
                self.beats.change_duration(each)
            if not each.is_beat:
                continue
            self.count += each.count
            if self.count > _MOST_BEATS:
                raise FormatError(f"the alphaTex text has more than {_MOST_BEATS} beats")
            beat, tempo = self.beats.read(each, staff, measure, number)
            self.is_understood |= bool(beat.notes) or each.duration is not None
            if tempo:
                self.bars.change_tempo(measure, staff.offset(measure, number), tempo, each.offset)
            voice.append(beat)
            voice.extend(copied(beat) for _ in range(each.count - 1))

    def structure(self, command: Command) -> None:
        """Begin a track, staff or voice, if there is anything in the one before."""
        if command.name == "voice":
            self.next_voice(command)
            return
        is_new = command.name not in self.fresh or bool(self.staff.measures)
        if command.name == "track":
            is_new = is_new or bool(self.bars.measures)
        if is_new and len(self.staves) >= _MOST_STAVES:
            raise FormatError(f"the alphaTex text has more than {_MOST_STAVES} staves")
        if is_new:
            instrument = Instrument() if command.name == "track" else self.staff.instrument
            kind = "drums" if command.name == "staff" and self.staff.kind == "drums" else ""
            self.staves.append(Staff(instrument, kind))
            self.measure = self.voice = 0
            self.beats.velocity = DYNAMICS["f"]
        self.fresh = {"voice"} | ({"staff"} if command.name == "track" else self.fresh & {"track"})
        if command.name == "track":
            self.beats.tuplet = None
            self.staff.instrument.name = command.text()
            for each in command.properties:
                self.track_property(each)

    def next_voice(self, command: Command) -> None:
        measures = self.staff.measures
        if self.is_barwise:
            at = measures[self.measure] if self.measure < len(measures) else []
            is_empty = not (at and at[0])
        else:
            is_empty = not measures or (len(measures) == 1 and not any(measures[0]))
        if self.voice == 0 and "voice" in self.fresh and is_empty:
            self.fresh = self.fresh - {"voice"}
            return
        self.voice += 1
        self.beats.tuplet = None
        if not self.is_barwise:
            self.measure = 0
        if self.voice == _MOST_VOICES:
            message = f"more than {_MOST_VOICES} voices on a staff: the rest is left out"
            self.complaints.add("voices", message, command.offset, command.length, "warning")

    def track_property(self, command: Command) -> None:
        if command.name == "instrument":
            staff_command(command, self.staves, self.beats.names, self.complaints)

    def command(self, command: Command) -> None:
        """Follow a command about the piece or the staff."""
        name = command.name
        if name in META:
            if command.text():
                self.meta[META[name]] = command.text()
        elif name == "notices":
            self.notices(command.text())
        elif name == "voicemode":
            self.is_barwise = command.text().lower() == "barwise"
        elif staff_command(command, self.staves, self.beats.names, self.complaints):
            pass
        elif name not in _SILENT:
            message = f"unknown command \\{name[:40]}"
            self.complaints.add("unknown", message, command.offset, command.length, "warning")

    def notices(self, text: str) -> None:
        """Read lines ``key: value`` as entries of their own, the rest as the comment."""
        comment = []
        for line in text.split("\n"):
            if match := _META_LINE.fullmatch(line):
                self.meta[match[1]] = match[2]
            else:
                comment.append(line.rstrip())
        if joined := "\n".join(comment).strip():
            self.meta["comment"] = joined

    def song(self) -> Song:
        for staff in self.staves:
            self.repeat(staff)
        measures = self.trimmed()
        if len(measures) * len(self.staves) > _MOST_CELLS:
            raise FormatError(f"{len(self.staves)} staves of {len(measures)} bars are too many")
        leading = next((staff for staff in self.staves if staff.kind != "drums"), self.staves[0])
        for measure, key in zip(measures, leading.keys, strict=False):
            measure.fifths, measure.mode = key
        for measure in measures[len(leading.keys) :]:
            last = leading.keys[-1] if leading.keys else (0, "major")
            measure.fifths, measure.mode = last
        return Song(measures, [staff.part(len(measures)) for staff in self.staves], self.meta)

    def repeat(self, staff: Staff) -> None:
        """Fill empty bars that stand for the one or two before them."""
        for index, back in sorted(staff.similes.items()):
            if index < back or any(staff.measures[index]):
                continue
            source = staff.measures[index - back]
            self.count += sum(map(len, source))
            if self.count > _MOST_BEATS:
                raise FormatError(f"the alphaTex text has more than {_MOST_BEATS} beats")
            staff.measures[index] = [[copied(beat) for beat in voice] for voice in source]

    def trimmed(self) -> list[Measure]:
        """Return the measures without the empty ones at the end that say nothing."""
        measures = self.bars.finished()
        while len(measures) > 1 and self.is_idle(len(measures) - 1):
            measures.pop()
        for staff in self.staves:
            del staff.measures[len(measures) :]
        return measures

    def is_idle(self, index: int) -> bool:
        """Whether a measure holds neither beats nor commands."""
        bars = (staff.measures[index] for staff in self.staves if index < len(staff.measures))
        return self.bars.is_silent(index) and not any(map(any, bars))
