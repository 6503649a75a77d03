"""Read tablature pages into Scores, and find the pieces in a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from textmusic.codec import Document, Parsed
from textmusic.errors import Issue
from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic_guitartab.page import prose
from textmusic_guitartab.page.cells import Cell
from textmusic_guitartab.page.layout import Instrument, Layout, layout
from textmusic_guitartab.page.rhythm import is_line, ticks_for
from textmusic_guitartab.page.staves import MAX_ROWS, MIN_ROWS, Staff
from textmusic_guitartab.page.systems import StaffReader, TimedBar

__all__ = ["find_documents", "read_page"]

_PLAYED_OUT = 200_000  # beats that repeats may add to a piece
_NEW_TRACK = re.compile(r"^Track: ", re.MULTILINE)
_TOP = 127
_OUT = frozenset({"slide:out-up", "slide:out-down"})
_PLAIN: frozenset[str] = frozenset()
_BASS_PROGRAM, _GUITAR_PROGRAM = 33, 25


def find_documents(text: str) -> Iterator[Document]:
    """Yield the pieces in the text of a file: one an instrument, none without staves.

    A file of one instrument is one document, the file itself. Where it has staves of several
    tunings, each gets the whole text with the rows of the others blanked, so that offsets stay.
    A line ``Track: name`` after a staff starts a new piece.
    """
    starts = [0, *(m.start() for m in _NEW_TRACK.finditer(text) if m.start())]
    if len(starts) > 1 and not layout(text[: starts[1]]).instruments:
        del starts[1]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = text if len(starts) == 1 else text[start:end]
        found = layout(piece)
        if len(found.instruments) == 1:
            yield Document(piece, start)
        elif found.instruments:
            lines = piece.split("\n")
            for instrument in found.instruments:
                yield Document(_only(lines, instrument, found), start)


def _only(lines: list[str], instrument: Instrument, found: Layout) -> str:
    """The text with the rows of all other instruments blanked."""
    kept = list(lines)
    for other in found.instruments:
        if other is not instrument:
            for staff in other.staves:
                for row in staff.rows:
                    kept[row.line] = " " * len(lines[row.line])
    return "\n".join(kept)


def read_page(text: str) -> Parsed:
    """Read a page of tablature. Never raises.

    Returns:
        A Score of one track with tuning, capo, strings and marks, its bars written as metres; and
        issues: ``guitartab.no-staff`` is an error, all others are warnings or notes.
    """
    found = layout(text)
    issues = _stray_issues(found)
    if not found.instruments:
        message = "no tablature staff found; a chord sheet?"
        return Parsed(Score(), (Issue("guitartab.no-staff", message, 0, 0), *issues))
    instrument = max(found.instruments, key=lambda i: len(i.staves))
    for other in found.instruments:
        if other is not instrument:
            row = other.staves[0].rows[0]
            message = (
                f"{len(other.staves)} staves of another instrument ({len(other.tuning)}"
                " strings) were left out; find_documents separates them"
            )
            issues.append(_note("guitartab.other-instrument", message, row.offset))
    return _Reader(found, instrument, issues).read(len(text))


def _note(code: str, message: str, offset: int, length: int = 1) -> Issue:
    return Issue(code, message, offset, length, "note")


def _stray_issues(found: Layout) -> list[Issue]:
    issues = []
    for block in found.strays:
        if len(block.rows) > 1:
            row = block.rows[0]
            message = (
                f"{len(block.rows)} rows of tablature were skipped: a staff has"
                f" {MIN_ROWS} to {MAX_ROWS} rows and a fret in it"
            )
            issues.append(Issue("guitartab.stray-rows", message, row.offset, 1, "warning"))
    return issues


@dataclass
class _Reader:
    """Assembles one instrument's staves into a Score."""

    found: Layout
    instrument: Instrument
    issues: list[Issue]
    budget: int = _PLAYED_OUT
    notes: list[Note] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)

    @property
    def capo(self) -> int:
        """The fret of the capo."""
        return self.found.header.capo

    @cached_property
    def opens(self) -> list[tuple[int, int]]:
        """By row from the bottom, the string and the pitch of its fret 0."""
        return [(i, pitch + self.capo) for i, pitch in enumerate(self.instrument.tuning)]

    def read(self, size: int) -> Parsed:
        found, instrument = self.found, self.instrument
        above = self._above()
        lines = [line for group in above for line in group]
        strokes = [line for line in lines if is_line(line)]
        small = _small_letters(strokes)
        tpq = 480 if small else ticks_for(" ".join(strokes))
        meter = found.header.meter or (4, 4)
        reader = StaffReader(tpq, small, bool(strokes), meter)
        bars: list[tuple[TimedBar, bool]] = []
        for staff, over, turned in zip(instrument.staves, above, instrument.turned, strict=True):
            timed = _joined(bars, reader.read(staff, over), tpq, found.header.meter)
            bars += [(bar, turned) for bar in self._played_out(timed, staff, over)]
        if not found.header.meter:
            meter = _usual_meter(bars, tpq)
        self._place(bars, tpq, meter)
        for remark in reader.remarks:
            at = remark.row.offset + remark.row.start + remark.column
            self.issues.append(Issue(remark.code, remark.message, min(at, size), 1, "warning"))
        if not any(bar.lettered for bar, _ in bars):
            message = "no duration letters: the rhythm is a guess from the spacing"
            self.issues.append(
                _note("guitartab.rhythm", message, instrument.staves[0].rows[0].offset)
            )
        return Parsed(self._score(tpq), tuple(sorted(self.issues, key=lambda i: i.offset)))

    def _above(self) -> list[list[str]]:
        """The lines over each staff down from the last blank line or row, markup cut off."""
        lines, result = self.found.lines, []
        for staff in self.instrument.staves:
            number = staff.rows[0].line - 1
            group: list[str] = []
            while number >= 0 and len(group) < 8 and lines[number].strip():
                line = lines[number]
                if line.count("-") > 8 and line.count("-") > len(line) // 2:
                    break
                group.append(line[5:] if line.startswith("[tab]") else line)
                number -= 1
            result.append(group[::-1])
        return result

    def _played_out(
        self, bars: list[TimedBar], staff: Staff, over: Sequence[str]
    ) -> list[TimedBar]:
        """Write repeats out: repeat signs, then the remark beside, over or under the staff."""
        count = max((prose.repeat_count(row.tail) for row in staff.rows if row.tail), default=0)
        if not count:
            below = staff.rows[-1].line + 1
            near = [
                line for line in over[-1:] if not is_line(line) or set(line) <= set("Xx0123456789 ")
            ]
            if not "".join(self.found.lines[below + 1 : below + 2]).strip():
                near += self.found.lines[below : below + 1]
            words = [line.strip() for line in near if len(line.strip()) < 16]
            count = max(
                (prose.repeat_count(w) for w in words if w[:1] in "xX([rR123456789"), default=0
            )
        result: list[TimedBar] = []
        begin, signs = 0, False
        for bar in bars:
            if bar.begins:
                begin = len(result)
            result.append(bar)
            if bar.ends:
                signs = True
                result += self._again(result[begin:], max(count, 2), staff)
                begin = len(result)
        if count > 1 and not signs:
            result += self._again(result, count, staff)
        return result

    def _again(self, bars: list[TimedBar], count: int, staff: Staff) -> list[TimedBar]:
        cost = (count - 1) * sum(1 + len(bar.beats) for bar in bars)
        if count > prose.MAX_REPEAT or cost > self.budget:
            message = f"a repeat of {count} times is played once"
            at = staff.rows[0].offset
            self.issues.append(Issue("guitartab.repeat", message, at, 1, "warning"))
            return []
        self.budget -= cost
        return bars * (count - 1)

    def _place(self, bars: list[tuple[TimedBar, bool]], tpq: int, meter: tuple[int, int]) -> None:
        """Set bars one after the other; a bar that does not fill its metre gets one of its own."""
        now, begun = 0, 0  # `begun`: where the metre in force started
        held: list[int] = []
        sliding: dict[int | None, int] = {}
        current = meter
        self.meters.append(Meter(0, *meter))
        for bar, turned in bars:
            meter = bar.meter or meter
            full = tpq * 4 * meter[0] // meter[1]
            length = bar.length or full
            own = meter if length <= full or length % full == 0 else _meter_of(length, tpq)
            if own != current or (now - begun) % (tpq * 4 * own[0] // own[1]):
                self.meters.append(Meter(now, *own))
                current, begun = own, now
            self.tempos += [Tempo(now + tick, qpm) for tick, qpm in bar.tempos]
            first = len(self.notes)
            held = self._strike(bar, now, held, turned=turned)
            sliding = self._slides(sliding, first)
            now += length
        if (now - begun) % (tpq * 4 * current[0] // current[1]):
            self.meters.append(Meter(now, *current))  # the last bar is a short one

    def _strike(self, bar: TimedBar, now: int, held: list[int], *, turned: bool) -> list[int]:
        """Add the notes of a bar; returns the indices of those that sound at its end."""
        notes = self.notes
        opens = self.opens[::-1] if turned else self.opens
        for beat in bar.beats:
            onset, length = now + beat.onset, beat.length
            if beat.hold:
                for index in held:
                    end = onset + length
                    notes[index] = replace(notes[index], duration=end - notes[index].onset)
                continue
            held = []
            for cell in beat.cells:
                string, base = opens[cell.string]
                pitch = base + cell.fret
                if pitch <= _TOP:
                    held.append(len(notes))
                    marks = _marks(cell, base) if cell.marks or cell.trill else _PLAIN
                    notes.append(Note(onset, length, pitch, 80, string, marks))
            if beat.graces:
                self._graces(beat.graces, onset, opens)
        return held

    def _graces(self, graces: Sequence[Cell], onset: int, opens: Sequence[tuple[int, int]]) -> None:
        columns = sorted({cell.column for cell in graces}, reverse=True)
        for cell in graces:
            string, base = opens[cell.string]
            pitch = base + cell.fret
            marks = _marks(cell, base) | {f"grace:{columns.index(cell.column) + 1}"}
            if pitch <= _TOP:
                self.notes.append(Note(onset, 0, pitch, 80, string, marks))

    def _slides(self, sliding: dict[int | None, int], first: int) -> dict[int | None, int]:
        """Turn slides out of the bar before into slides to the first beat of this one.

        Args:
            sliding: by string the last notes of the bar before that slide out.
            first: index of the first note of this bar.

        Returns:
            The same for this bar.
        """
        notes = self.notes
        if sliding and first < len(notes):
            onset = notes[first].onset
            for note in notes[first : first + len(self.instrument.tuning) * 2]:
                index = sliding.get(note.string)
                if index is None or note.onset != onset or not note.duration:
                    continue
                before = notes[index]
                up = "slide:out-up" in before.marks
                if note.pitch > before.pitch if up else note.pitch < before.pitch:
                    notes[index] = replace(before, marks=before.marks - _OUT | {"slide"})
                    del sliding[note.string]
        return {
            notes[index].string: index
            for index in range(first, len(notes))
            if notes[index].marks and notes[index].marks & _OUT
        }

    def _score(self, tpq: int) -> Score:
        header, instrument = self.found.header, self.instrument
        if header.qpm:
            self.tempos.insert(0, Tempo(0, header.qpm))
        bass = max(instrument.tuning) < 50
        track = Track(
            self.notes,  # type: ignore[arg-type]  # the constructor takes any iterable
            header.track,
            _BASS_PROGRAM if bass else _GUITAR_PROGRAM,
            tuning=instrument.tuning,
            capo=self.capo,
        )
        meta = tuple(header.meta.items())
        return Score((track,), tpq, tuple(self.tempos), tuple(self.meters), (), meta)


def _marks(cell: Cell, base: int) -> frozenset[str]:
    """The marks of a cell on a string whose open pitch is `base`."""
    if cell.trill is None or base + cell.trill > _TOP:
        return frozenset(cell.marks)
    return frozenset({*cell.marks, f"trill:{base + cell.trill}"})


def _joined(
    bars: list[tuple[TimedBar, bool]],
    timed: list[TimedBar],
    tpq: int,
    meter: tuple[int, int] | None,
) -> list[TimedBar]:
    """Go on with a bar that had no bar line at the end of the staff before and is not full."""
    if not (meter and bars and timed):
        return timed
    last, first = bars[-1][0], timed[0]
    if last.closed or not last.lettered or not first.lettered:
        return timed
    meter = next((bar.meter for bar, _ in reversed(bars) if bar.meter), meter)
    if last.length >= tpq * 4 * meter[0] // meter[1]:
        return timed
    last.beats += [replace(beat, onset=beat.onset + last.length) for beat in first.beats]
    last.tempos += [(tick + last.length, qpm) for tick, qpm in first.tempos]
    last.length += first.length
    last.closed = first.closed
    return timed[1:]


def _small_letters(lines: Sequence[str]) -> bool:
    """Whether duration letters are of the kind ``w h q e s``."""
    found = set("".join(lines))
    return bool(found & set("wqhs")) and not found & set("WHQ")


def _usual_meter(bars: list[tuple[TimedBar, bool]], tpq: int) -> tuple[int, int]:
    """The metre that most bars with letters fill, 4/4 where that is no usual one."""
    lengths = Counter(bar.length for bar, _ in bars if bar.lettered and bar.length)
    if not lengths:
        return 4, 4
    meter = _meter_of(max(lengths, key=lambda n: (lengths[n], n)), tpq)
    return meter if meter[0] <= 16 and meter[1] <= 16 else (4, 4)


def _meter_of(length: int, tpq: int) -> tuple[int, int]:
    """The metre whose bar lasts some ticks; the next longer in quarters where there is none."""
    for denominator in (4, 8, 16, 32, 64, 128):
        numerator, rest = divmod(length * denominator, 4 * tpq)
        if not rest and 0 < numerator <= 255:
            return numerator, denominator
    return min(255, -(-length // tpq)), 4
