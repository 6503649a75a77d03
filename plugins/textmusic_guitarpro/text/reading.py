"""Event text -> music, with what is wrong at its place. A bad word spoils no more than its bar."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from math import gcd

from textmusic import bars as references
from textmusic import form as forms
from textmusic import transforms
from textmusic.codec import Parsed
from textmusic.errors import Issue, ScoreError, Severity
from textmusic.form import MOST_MEASURES, Form
from textmusic.fretboard import GUITAR
from textmusic.lengths import BEAT
from textmusic.score import Key, Meter, Score, Tempo
from textmusic_guitarpro.text.events import Event, read_voices
from textmusic_guitarpro.text.parts import Part
from textmusic_guitarpro.text.playing import Line
from textmusic_guitarpro.text.signature import DENOMINATORS, WORD, Signature, read_word
from textmusic_guitarpro.text.times import TICK, UNITS, bar_units
from textmusic_guitarpro.text.writing import LABELS

__all__ = ["MAX_NOTES", "read"]

MAX_NOTES = 200_000
"""Twelve times the largest real piece known: references let a short text claim any number."""
_MOST_EVENTS = 2 * MAX_NOTES
_METER = re.compile(r"@(\d{1,3})/(\d{1,2})(?= |$)")
_LABELLED = re.compile(r"([1-9a-zA-Z]) ")


def read(text: str) -> Parsed:
    """Return the music of an event text and its issues. Never raises."""
    reader = _Reader(text)
    reader.run()
    return Parsed(reader.score(), tuple(reader.issues))


class _Reader:
    """Reads a text line by line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.issues: list[Issue] = []
        self.lines: list[Line] = []
        self.bars: list[Signature] = []
        self.onset = 0
        self.first = Signature((4, 4), bar_units(4, 4))
        self.events = 0
        self.full = False

    def complain(self, name: str, text: str, at: int, severity: Severity = "error") -> None:
        self.issues.append(Issue(f"guitarpro.{name}", text, min(at, len(self.text)), 0, severity))

    def notes(self) -> int:
        """Return how many notes were read so far."""
        return sum(len(line.sounds) for line in self.lines)

    def run(self) -> None:
        lines = list(_lines(self.text))
        if self.text and not self.text.endswith("\n"):
            self.complain("line", "the last line has no end", len(self.text))
        start = self._header(lines)
        for offset, line in lines[start:]:
            if self.full:
                break
            if len(self.lines) > 1:
                self._line_of_several(line, offset)
            else:
                self._new_bar()
                at = self._words(line, 0, offset)
                self._body(0, line[at:], offset + at)
        self._silence()
        if not self.bars:
            self.complain("bar", "the text has no bars", len(self.text))

    def _header(self, lines: list[tuple[int, str]]) -> int:
        """Read metre, key, tempo and parts; return how many lines that took."""
        offset, line = lines[0] if lines else (0, "")
        match = _METER.match(line)
        if match and 1 <= int(match[1]) <= 255 and int(match[2]) in DENOMINATORS:
            meter = (int(match[1]), int(match[2]))
            self.first = Signature(meter, bar_units(*meter))
            at = self._words(line, match.end() + 1, offset, self.first)
            if line[at:]:
                self.complain("header", f"expected a key or tempo, found {line[at]!r}", offset + at)
        else:
            self.complain("header", "expected '@' and a metre such as 4/4", offset)
        index = 1 if line.startswith("@") else 0
        while index < len(lines) and lines[index][1].startswith(":"):
            part = Part.parse(lines[index][1])
            if part is None or len(self.lines) == len(LABELS):
                what = "no part" if part is None else f"more than {len(LABELS)} parts"
                self.complain("part", f"{what}: {lines[index][1][:40]!r}", lines[index][0])
            self.lines += [Line(part or Part(tuning=GUITAR))] * (len(self.lines) < len(LABELS))
            index += 1
        if not self.lines:
            self.complain(
                "part", "expected a part, such as ': E2 A2 D3 G3 B3 E4'", offset + len(line)
            )
            self.lines.append(Line(Part(tuning=GUITAR)))
        return index

    def _line_of_several(self, line: str, offset: int) -> None:
        if line.startswith("|") or not self.bars:
            self._new_bar()
        if line.startswith("|"):
            at = self._words(line, 1, offset)
            if line[at:]:
                self.complain(
                    "word", f"expected a word of the bar, found {line[at]!r}", offset + at
                )
            return
        match = _LABELLED.match(line)
        if not self.bars or not match:
            self.complain("line", "expected '|', or the number of a part and a space", offset)
            return
        number = LABELS.index(match[1])
        if number >= len(self.lines) or len(self.lines[number].bodies) >= len(self.bars):
            self.complain("label", f"part {match[1]} has no place here", offset)
            return
        self._body(number, line[2:], offset + 2)

    def _new_bar(self) -> None:
        self._silence()
        if len(self.bars) >= MOST_MEASURES:
            self._stop(f"over {MOST_MEASURES} bars", 0)
        if self.bars:
            self.onset += self.bars[-1].length
        meter = self.bars[-1].meter if self.bars else self.first.meter
        self.bars.append(Signature(meter, bar_units(*meter)))

    def _stop(self, why: str, offset: int) -> None:
        if not self.full:
            self.complain("too-long", f"{why}: read no more", offset, "warning")
        self.full = True

    def _silence(self) -> None:
        """Close the bar: parts without a line are silent in it."""
        for line in self.lines:
            if len(line.bodies) < len(self.bars):
                line.bodies.append("")
                line.sounding.clear()

    def _words(self, line: str, at: int, offset: int, bar: Signature | None = None) -> int:
        """Read the words of a bar; return where they end."""
        while match := WORD.match(line, at):
            if line[match.end() : match.end() + 1] not in {"", " "}:
                break
            problem = read_word(match, bar or self.bars[-1])
            if problem:
                self.complain("word", problem, offset + at)
            at = match.end() + 1
        return min(at, len(line))

    def _body(self, number: int, body: str, offset: int) -> None:
        """Play what a part has in the current bar."""
        line = self.lines[number]
        before = len(self.issues)
        raw = self._resolved(number, body, offset)
        line.bodies.append(raw)
        if raw not in line.known:
            line.known[raw] = read_voices(line.part, raw)
        voices, problems = line.known[raw]
        self.events += sum(map(len, voices))
        if self.events > _MOST_EVENTS:
            self._stop(f"over {_MOST_EVENTS} events", offset)
            return
        if raw == body:
            for at, name, message in problems:
                self.complain(name, message, offset + at)
        if len(self.issues) == before and not all(map(self._fits, voices)):
            left = self.bars[-1].length / UNITS
            self.complain(
                "bar-length", f"the lengths do not sum to the bar ({left:g} quarters)", offset
            )
        if not line.play(voices, self.onset, self.bars[-1].length, MAX_NOTES - self.notes()):
            self._stop(f"over {MAX_NOTES} notes", offset)

    def _fits(self, events: list[Event]) -> bool:
        if len(events) == 1 and events[0].length is None:
            return True
        return sum(event.length or 0 for event in events) == self.bars[-1].length

    def _resolved(self, number: int, body: str, offset: int) -> str:
        line = self.lines[number]
        if body.startswith("="):
            twin = LABELS.find(body[1:]) if len(body) == 2 else -1
            if 0 <= twin < number and self.lines[twin].part.kind == line.part.kind:
                bodies = self.lines[twin].bodies
                if len(bodies) == len(self.bars) and bodies[-1]:
                    return bodies[-1]
            self.complain("reference", f"no part of this kind that plays for {body[:8]!r}", offset)
            return ""
        raw = references.unfold(len(line.bodies), body, line.bodies)
        if raw is None or (body.startswith("%") and (raw == body or not raw)):
            self.complain("reference", f"no earlier bar for {body[:8]!r}", offset)
            return ""
        if not body:
            self.complain("bar", "expected notes, a rest or a reference", offset)
        return raw

    def score(self) -> Score:
        """Return what was read, played as its form says."""
        page = self._page()
        form = Form(tuple(bar.form for bar in self.bars))
        if form.is_plain:
            return page
        order = form.order()
        if order is None or self._played(order) > MAX_NOTES:
            self.complain("form", "the repeats make the piece too long: left out", 0, "warning")
            return page
        try:
            return transforms.reduce_ticks(forms.unfold(page, form), BEAT)
        except ScoreError as error:
            self.complain("form", f"the repeats cannot be played: {error}", 0)
            return page

    def _played(self, order: list[int]) -> int:
        """How many notes there are when each bar is played as often as the form says."""
        return self.notes() * max(Counter(order).values(), default=1)

    def _page(self) -> Score:
        onsets = [0]
        for bar in self.bars:
            onsets.append(onsets[-1] + bar.length)
        meters = [Meter(0, *self.first.meter)]
        keys, tempos = list(self.first.keys), list(self.first.tempos)
        for onset, bar in zip(onsets, self.bars, strict=False):
            meters.append(Meter(onset, *bar.meter))
            keys += [replace(key, onset=onset + key.onset) for key in bar.keys]
            tempos += [replace(tempo, onset=onset + tempo.onset) for tempo in bar.tempos]
        if self.bars and self.bars[-1].length < self.bars[-1].full:
            meters.append(Meter(onsets[-1], *self.bars[-1].meter))
        events: list[Meter | Key | Tempo] = [*meters, *keys, *tempos]
        times = {time for line in self.lines for time in line.times()} | {e.onset for e in events}
        step = gcd(TICK, *times, *(bar_units(m.numerator, m.denominator) for m in meters))
        return Score(
            tuple(line.track(step) for line in self.lines),
            UNITS // step,
            tuple(replace(t, onset=t.onset // step) for t in tempos),
            tuple(replace(m, onset=m.onset // step) for m in meters),
            tuple(replace(k, onset=k.onset // step) for k in keys),
        )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Offset and text of each line, without its line end."""
    offset = 0
    while offset < len(text):
        end = text.find("\n", offset)
        end = len(text) if end < 0 else end
        yield offset, text[offset:end]
        offset = end + 1
