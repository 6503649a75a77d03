"""Reads the extended form, with an issue at the place of whatever is not well formed."""

from __future__ import annotations

import re

from textmusic.bars import DISTANCES, unfold
from textmusic.codec import Parsed
from textmusic.cuts import APART
from textmusic.errors import Issue, Severity
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_pitchdigits.lengths import BEAT, LENGTH, ticks_of
from textmusic_pitchdigits.pitches import KEY, key_of, pitch_of, tonic_of

__all__ = ["MAX_NOTES", "MAX_REPEATED", "is_extended", "read_extended"]

MAX_NOTES = 100_000
MAX_REPEATED = 100_000
"""References let a short text claim any number of notes."""
_METER = re.compile(r"([1-9]\d{0,2})/(1|2|4|8|16|32|64)")
_TEMPO = re.compile(r"q=([1-9]\d{0,2})")
_HEADER = re.compile(rf"(?:{KEY.pattern} )?{_METER.pattern}(?: {_TEMPO.pattern})?")
_NOTE = r"(?P<acc>[#b]?)(?P<degree>[1-7])(?P<octave>'+|,+|)"
_EVENT = re.compile(rf"(?:{_NOTE}|(?P<other>[0~]))(?P<length>{LENGTH})")
_BODY = re.compile(r"[0-8#b',~\-_=.t%!]*")
_DIRECTIVE = re.compile(r"[/A-Gq ]")


def is_extended(text: str) -> bool:
    """Whether a text opens as the extended form does: a header, then notes without spaces."""
    head, _, body = text.partition("\n")
    return bool(_HEADER.fullmatch(head)) and bool(_BODY.fullmatch(body.partition("\n")[0]))


def read_extended(text: str) -> Parsed:
    """Return the music of a text in the extended form; never raises."""
    reader = _Reader()
    offset = 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number == len(lines) - 1:
            if line:
                reader.complain("line-end", "the last line lacks its end", offset + len(line))
            elif number == 0:
                reader.complain("header", "expected a header such as 1=C 4/4", 0)
            if not line:
                break
        if number == 0 or _DIRECTIVE.search(line):
            reader.directive(line, offset, first=number == 0)
        else:
            reader.bar(line, offset)
        offset += len(line) + 1
        if reader.repeated > MAX_REPEATED:
            message = f"over {MAX_REPEATED} notes are played by references: read no more"
            reader.complain("too-long", message, offset, "warning")
            break
    return reader.parsed()


class _Reader:
    """The music read so far, and what was wrong with it."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.notes: list[Note] = []
        self.keys: list[Key] = []
        self.tempos: list[Tempo] = []
        self.meters = [Meter(0, 4, 4)]
        self.bodies: list[str] = []
        self.tonic = tonic_of(None)
        self.full = 4 * BEAT
        self.tick = 0
        self.repeated = 0
        self.whole = 0
        """Bars since one was cut short."""
        self.owed = 0
        """Ticks that the last bar lacks, which was cut short: the length of the next."""
        self.sounding: tuple[int, int] | None = None
        """Onset and pitch of the note that ``~`` goes on with."""

    def complain(
        self, name: str, message: str, offset: int, severity: Severity = "error", length: int = 0
    ) -> None:
        self.issues.append(Issue(f"pitchdigits.{name}", message, offset, length, severity))

    def directive(self, line: str, offset: int, *, first: bool) -> None:
        """Read key, metre and tempo from a line of their own."""
        if first and not _HEADER.fullmatch(line):
            self.complain("header", "expected a header such as 1=C 4/4 or 3/4 q=96", offset)
        order = -1
        for word in line.split(" "):
            rank = self._change(word)
            if rank <= order:
                message = f"expected key, metre and tempo in this order, found {word[:20]!r}"
                self.complain("directive", message, offset, length=len(word))
            order = max(rank, order)
            offset += len(word) + 1

    def _change(self, word: str) -> int:
        """Apply a word of a directive; return its place in the order, -1 for a bad one."""
        if match := KEY.fullmatch(word):
            key = key_of(match, self.tick)
            self.keys.append(key)
            self.tonic = tonic_of(key)
            return 0
        if match := _METER.fullmatch(word):
            numerator, denominator = int(match[1]), int(match[2])
            if numerator > 255:
                return -1
            last = self.meters[-1]
            if (numerator, denominator) != (last.numerator, last.denominator):
                self.owed = 0
            self.meters.append(Meter(self.tick, numerator, denominator))
            self.full = 4 * BEAT * numerator // denominator
            return 1
        if match := _TEMPO.fullmatch(word):
            self.tempos.append(Tempo(self.tick, int(match[1])))
            return 2
        return -1

    def bar(self, line: str, offset: int) -> None:
        """Read a bar, or the earlier one that it refers to."""
        body = unfold(len(self.bodies), line, self.bodies)
        is_reference = line in DISTANCES
        if body is None:
            self.complain("reference", f"{line} points before the first bar", offset, length=1)
            body = ""
        self.bodies.append(body)
        last = self.meters[-1]
        self.meters.append(Meter(self.tick, last.numerator, last.denominator))
        place = None if is_reference else offset
        at = self.tick
        end = at + self.full
        index, before = 0, len(self.notes)
        while match := _EVENT.match(body, index):
            index = match.end()
            ticks = ticks_of(match["length"])
            where = offset if place is None else place + match.start()
            if ticks is None:
                self.complain("length", f"{match['length']!r} is no length", where)
                ticks = BEAT
            if at + ticks > end:
                left = (end - at) / BEAT
                self.complain("bar-overfull", f"{left:g} quarters are left in the bar", where)
                ticks = end - at
            if ticks:
                self._event(match, at, ticks, where)
            at += ticks
        self.repeated += (len(self.notes) - before) * is_reference
        self._close(body, index, at, offset if place is None else place + index)

    def _close(self, body: str, index: int, at: int, offset: int) -> None:
        """Go on to the next bar; a bar that is neither full nor marked as short is padded."""
        end = self.tick + self.full
        rest = body[index:]
        is_cut = rest == "!" and self.tick < at < end
        self._check_cut(end - at if is_cut else 0, offset)
        if is_cut:
            self.tick = at
            return
        if rest == "!":
            self.complain("bar-short", "'!' marks a bar shorter than its metre", offset)
        elif rest:
            self.complain("event", f"expected a note, 0 or ~, found {rest[0]!r}", offset)
        elif at < end:
            lacks = (end - at) / BEAT
            message = f"the bar lacks {lacks:g} quarters; '!' marks a short bar"
            self.complain("bar-short", message, offset)
        if at < end:
            self.sounding = None
        self.tick = end

    def _check_cut(self, lacks: int, offset: int) -> None:
        """Say where music has no bar that lacks so many ticks."""
        owed, first = self.owed, len(self.bodies) == 1
        odd = self.full - lacks != owed if owed else lacks and not first and self.whole < APART
        if odd:
            message = (
                "only an upbeat, a bar before another metre and two parts of one are cut short"
            )
            self.complain("bar-cut", message, offset, "warning")
        self.whole = 0 if lacks else self.whole + 1
        self.owed = 0 if first or owed else lacks

    def _event(self, match: re.Match[str], at: int, ticks: int, offset: int) -> None:
        if match["other"] == "0":
            self.sounding = None
            return
        if match["other"] == "~":
            if self.sounding is None:
                self.complain("hold", "nothing sounds that ~ could go on with", offset)
                return
            onset, pitch = self.sounding
            self.notes[-1] = Note(onset, at + ticks - onset, pitch)
            return
        octave = len(match["octave"]) * (-1 if match["octave"][:1] == "," else 1)
        pitch = pitch_of(match["acc"], int(match["degree"]), octave, self.tonic)
        if not 0 <= pitch <= 127:
            self.sounding = None
            self.complain("pitch-range", f"pitch {pitch} is outside 0…127", offset)
            return
        self.notes.append(Note(at, ticks, pitch))
        self.sounding = (at, pitch)

    def parsed(self) -> Parsed:
        """Return what was read."""
        score = Score(
            (Track(tuple(self.notes)),),
            BEAT,
            tuple(self.tempos),
            tuple(self.meters),
            tuple(self.keys),
        )
        return Parsed(score, tuple(self.issues))
