"""Read tablature pages into Scores, and find the pieces in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textmusic.codec import Document, Parsed
from textmusic.errors import Issue
from textmusic.score import Score, Track
from textmusic_guitartab.music import Groups, Music, score_with
from textmusic_guitartab.page import prose
from textmusic_guitartab.page.bars import TimedBar
from textmusic_guitartab.page.layout import Instrument, Layout, layout
from textmusic_guitartab.page.placing import place
from textmusic_guitartab.page.rhythm import is_line, ticks_for
from textmusic_guitartab.page.staves import MAX_ROWS, MIN_ROWS, Staff
from textmusic_guitartab.page.systems import StaffReader

__all__ = ["find_documents", "hear_page", "read_page"]

_PLAYED_OUT = 200_000  # beats that repeats may add to a piece
_REMARKS = tuple("xX([rR123456789")
_NEW_TRACK = re.compile(r"^Track: ", re.MULTILINE)


def find_documents(text: str) -> Iterator[Document]:
    """Yield the pieces in the text of a file: one an instrument, none without staves.

    A file of one instrument is one document, the file itself. Where it has staves of several
    tunings, each gets the whole text with the rows of the others blanked, so that offsets stay.
    A line ``Track: name`` after a staff starts a new piece.
    """
    starts = [0]
    if "\nTrack: " in text:
        starts += [m.start() for m in _NEW_TRACK.finditer(text) if m.start()]
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
    music, issues = hear_page(text)
    return Parsed(score_with(music), issues)


def hear_page(text: str) -> tuple[Music, tuple[Issue, ...]]:
    """Return what `read_page` makes its Score of, and the issues."""
    found = layout(text)
    issues = _stray_issues(found)
    if not found.instruments:
        message = "no tablature staff found; a chord sheet?"
        nothing = Music(Score(), Track(), Groups())
        return nothing, (Issue("guitartab.no-staff", message, 0, 0), *issues)
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


@dataclass(slots=True)
class _Reader:
    """Assembles one instrument's staves into a Score."""

    found: Layout
    instrument: Instrument
    issues: list[Issue]
    budget: int = _PLAYED_OUT

    def read(self, size: int) -> tuple[Music, tuple[Issue, ...]]:
        found, instrument = self.found, self.instrument
        above = self._above()
        strokes = [[line for line in group if is_line(line)] for group in above]
        lines = [line for group in strokes for line in group]
        small = _small_letters(lines)
        tpq = 480 if small else ticks_for(" ".join(lines))
        spread = 2 * sum(map(bool, strokes)) > len(strokes)
        reader = StaffReader(tpq, small, spread, found.header.meter or (4, 4))
        read = reader.read(instrument.staves, above)
        bars: list[tuple[TimedBar, bool]] = []
        for staff, over, turned, timed in zip(
            instrument.staves, above, instrument.turned, read, strict=True
        ):
            timed = _joined(bars, timed, tpq, found.header.meter)
            bars += [(bar, turned) for bar in self._played_out(timed, staff, over)]
        for remark in reader.remarks:
            at = remark.row.offset + remark.row.start + remark.column
            self.issues.append(Issue(remark.code, remark.message, min(at, size), 1, "warning"))
        if not any(bar.lettered for bar, _ in bars):
            message = "no duration letters: the rhythm is a guess from the spacing"
            self.issues.append(
                _note("guitartab.rhythm", message, instrument.staves[0].rows[0].offset)
            )
        music = place(bars, instrument.tuning, found.header, tpq)
        return music, tuple(sorted(self.issues, key=lambda i: i.offset))

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
                group.append(line.removeprefix("[tab]"))
                number -= 1
            result.append(group[::-1])
        return result

    def _played_out(
        self, bars: list[TimedBar], staff: Staff, over: Sequence[str]
    ) -> list[TimedBar]:
        """Write repeats out: repeat signs, then the remark beside, over or under the staff."""
        count = self._count(staff, over)
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

    def _count(self, staff: Staff, over: Sequence[str]) -> int:
        """How often to play a staff, 0 where nothing says so."""
        tails = [row.tail for row in staff.rows if row.tail]
        count = max(map(prose.repeat_count, tails)) if tails else 0
        if count:
            return count
        near = [line for line in over[-1:] if _may_say(line)]
        if near and is_line(near[0]) and not set(near[0]).isdisjoint("WHQESTr+."):
            near = []
        below = staff.rows[-1].line + 1
        lines = self.found.lines[below : below + 2]
        near += [line for line in lines[:1] if _may_say(line) and not "".join(lines[1:]).strip()]
        return max([prose.repeat_count(line.strip()) for line in near], default=0)

    def _again(self, bars: list[TimedBar], count: int, staff: Staff) -> list[TimedBar]:
        cost = (count - 1) * sum(1 + len(bar.beats) + len(bar.events) for bar in bars)
        if count > prose.MAX_REPEAT or cost > self.budget:
            message = f"a repeat of {count} times is played once"
            at = staff.rows[0].offset
            self.issues.append(Issue("guitartab.repeat", message, at, 1, "warning"))
            return []
        self.budget -= cost
        return bars * (count - 1)


def _may_say(line: str) -> bool:
    """Whether a line over or under a staff may say how often to play it."""
    words = line.strip()
    return words.startswith(_REMARKS) and len(words) < 16


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
    last.beats += [beat._replace(onset=beat.onset + last.length) for beat in first.beats]
    last.tempos = [*last.tempos, *((tick + last.length, qpm) for tick, qpm in first.tempos)]
    last.length += first.length
    last.closed = first.closed
    return timed[1:]


def _small_letters(lines: Sequence[str]) -> bool:
    """Whether duration letters are of the kind ``w h q e s``."""
    found = set("".join(lines))
    return bool(found & set("wqhs")) and not found & set("WHQ")
