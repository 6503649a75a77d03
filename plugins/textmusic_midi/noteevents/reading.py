"""Event texts to scores. Total: whatever the text is, the music that is there comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from textmusic.bars import DISTANCES, unfold
from textmusic.codec import Parsed
from textmusic.score import Meter, Note, Score, Track
from textmusic_midi.noteevents.signs import MOST_PARTS, PART_OF, PITCH_OF
from textmusic_midi.noteevents.writing import Style
from textmusic_midi.steps import (
    LENGTH,
    LENGTH_CHARS,
    LONGEST,
    MOST_NOTES,
    MOST_STEPS,
    Issues,
    Lengths,
    Timeline,
    read_control,
    until_next,
)

__all__ = ["MOST_STATES", "read"]

MOST_STATES = 2_000_000
"""Characters of sounding notes that a text with ``hold="repeat"`` may have."""
_HEAD = re.compile(r"@([0-9]{1,3})((?: (?:[0-9]{1,3}|\*)){0,64})")
_TOKEN = re.compile(rf"([{''.join(PITCH_OF)}])({LENGTH})?|\|({LENGTH})?|([{''.join(PART_OF)}])")
_LEGIBLE = re.compile(rf"[{re.escape(LENGTH_CHARS)}]")

_Key = tuple[int, int]
"""Part and pitch."""


class _Event(NamedTuple):
    """A note of a line: its step from the start of the line; 0 steps where no length stands."""

    step: int
    part: int
    pitch: int
    length: int
    offset: int


class _Line(NamedTuple):
    """The events of a line, the steps at which its groups stand, and whether the last has notes."""

    events: tuple[_Event, ...]
    groups: tuple[int, ...]
    is_open: bool

    @property
    def steps(self) -> int:
        """The steps that are written out."""
        return self.groups[-1]


@dataclass
class _Reader:
    """Takes lines and gathers the notes of the parts."""

    steps: int
    parts: tuple[tuple[int, bool], ...]
    style: Style
    issues: Issues
    notes: list[list[tuple[int, int, int]]] = field(default_factory=list)
    active: dict[_Key, int] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.lengths = Lengths.of(self.steps)
        self.notes = [[] for _ in self.parts]
        self.time = Timeline(self.steps, self.issues)
        self._bodies: list[str] = []
        self._seen: dict[str, _Line] = {}

    @property
    def is_full(self) -> bool:
        return self.time.is_full or self.count > _most(self.style)

    def line(self, line: str, offset: int) -> None:
        """Take a line: a bar, or a section of a stream."""
        control = read_control(line, offset)
        body = line[control.end - offset :]
        if self.style.layout == "stream":
            self.time.begin_section(control)
            events = self._tokens(body, control.end)
            self._play(events, events.steps + events.is_open)
            return
        size = self.time.open(control)
        meant = unfold(len(self._bodies), body, self._bodies)
        if meant is None:
            message = f"{body} points before the first bar"
            self.issues.add("reference", message, control.end, len(body))
            meant = ""
        self._bodies.append(meant)
        if meant not in self._seen:
            self._seen[meant] = self._tokens(meant, control.end)
        events = self._seen[meant]
        if events.steps + events.is_open > size:
            self._too_long(events, size, body, control.end)
        self._play(events, size)

    def _too_long(self, line: _Line, size: int, body: str, start: int) -> None:
        """Say where a bar is overfull; a longer bar that is played again is cut."""
        message = f"the bar is over: it has {size} steps, this is step {line.steps + 1}"
        if body in DISTANCES:
            message = f"the bar that {body} names is longer than {size} steps; cut"
            self.issues.add("bar-full", message, start, len(body), "warning")
            return
        late = (e.offset for e in line.events if e.step >= size and start <= e.offset)
        self.issues.add("bar-full", message, next(late, start + len(body)))

    def _tokens(self, body: str, offset: int) -> _Line:
        """Read what is written in a line."""
        events: list[_Event] = []
        groups = [0]
        at = part = step = waiting = 0
        is_open = False
        while at < len(body) and len(events) <= _most(self.style):
            token = _TOKEN.match(body, at)
            if token is None:
                self._unknown(body[at], offset + at)
                at += 1
                continue
            char, length, wait, marker = token.groups()
            if char:
                steps = self._length(length, offset + at, len(token[0]))
                events.append(_Event(step, part, PITCH_OF[char], steps, offset + at))
                is_open = True
                if length:
                    waiting = self._settle(events, waiting, steps)
            else:
                waiting = self._settle(events, waiting, 0)
                if marker:
                    part = self._part(marker, offset + at)
                else:
                    step += self._wait(wait, offset + at)
                    part, is_open = 0, False
                    groups.append(step)
            if step > LONGEST * self.steps:
                message = f"more than {LONGEST} quarters; the rest of the line is not read"
                self.issues.add("too-long", message, offset + at, 1, "warning")
                break
            at = token.end()
        self._settle(events, waiting, 0)
        return _Line(tuple(events), tuple(groups), is_open)

    def _settle(self, events: list[_Event], start: int, steps: int) -> int:
        """Give the notes from `start` on their length, and return how many notes there are."""
        if self.style.hold == "length" and start < len(events):
            if not steps:
                message = "no length before the end of a group of notes; taken as a quarter"
                self.issues.add("no-length", message, events[-1].offset)
            for index in range(start, len(events)):
                events[index] = events[index]._replace(length=steps or self.steps)
        return len(events)

    def _unknown(self, char: str, offset: int) -> None:
        if _LEGIBLE.match(char):
            self.issues.add("stray-length", f"no note stands before the length {char!r}", offset)
        else:
            self.issues.add("character", f"no event has the character {char!r}", offset)

    def _part(self, marker: str, offset: int) -> int:
        part = PART_OF[marker]
        if part < len(self.parts):
            return part
        message = f"part {part + 1} of {len(self.parts)}: the first line has no such part"
        self.issues.add("part", message, offset)
        return 0

    def _wait(self, text: str | None, offset: int) -> int:
        if text is None:
            return 1
        steps = self.lengths.read(text)
        if steps is None:
            self._no_length(text, offset + 1)
            return 1
        return steps

    def _length(self, text: str | None, offset: int, size: int) -> int:
        """Return the written length of a note, or what stands for one."""
        if self.style.hold != "length":
            if text:
                message = f"a text with hold={self.style.hold!r} has no lengths"
                self.issues.add("length", message, offset + 1, size - 1)
            return 0
        if text is None:
            return 0
        steps = self.lengths.read(text)
        if steps is None:
            self._no_length(text, offset + 1)
        return min(steps or self.steps, LONGEST * self.steps)

    def _no_length(self, text: str, offset: int) -> None:
        message = f"a grid of {self.steps} steps a quarter has no length {text[:12]}"
        self.issues.add("length", message, offset, len(text))

    def _play(self, line: _Line, size: int) -> None:
        """Add the events of a line of `size` steps to the music."""
        start = self.time.onset
        if self.style.hold == "repeat":
            self._sound(line, size)
        else:
            for event in line.events:
                if event.step < size:
                    self.notes[event.part].append((start + event.step, event.length, event.pitch))
        self.count += len(line.events)
        self.time.onset = start + size

    def _sound(self, line: _Line, size: int) -> None:
        """Start what sounds from now on, end what does not."""
        start, active = self.time.onset, self.active
        states: dict[int, set[_Key]] = {step: set() for step in line.groups}
        for event in line.events:
            states[event.step].add((event.part, event.pitch))
        for step, state in states.items():
            if step >= size:
                break
            for key in [key for key in active if key not in state]:
                self._end(key, start + step)
            for key in state:
                active.setdefault(key, start + step)

    def _end(self, key: _Key, at: int) -> None:
        onset = self.active.pop(key)
        self.notes[key[0]].append((onset, at - onset, key[1]))

    def score(self) -> Score:
        """Return the music of all lines."""
        for key in list(self.active):
            self._end(key, self.time.onset)
        tracks = tuple(
            Track(self._notes(rows), program=program, is_drum=is_drum)
            for rows, (program, is_drum) in zip(self.notes, self.parts, strict=True)
        )
        self._check_end(max((note.end for part in tracks for note in part.notes), default=0))
        meters = tuple(self.time.meters) or (Meter(0, 4, 4),)
        return Score(tracks, self.steps, tuple(self.time.tempos), meters)

    def _check_end(self, end: int) -> None:
        if end > self.time.onset and not self.time.is_full and self.style.layout != "stream":
            message = "notes sound past the last bar: empty bars should follow"
            self.issues.add("past-end", message, self.issues.size, 0, "warning")

    def _notes(self, rows: list[tuple[int, int, int]]) -> tuple[Note, ...]:
        distinct = until_next(rows, self.steps) if self.style.hold == "onset" else sorted(set(rows))
        return tuple(Note(*row) for row in distinct)


def _most(style: Style) -> int:
    return MOST_STATES if style.hold == "repeat" else MOST_NOTES


def read(text: str, style: Style, steps: int) -> Parsed:
    """Return the music of a text; `steps` a quarter where no first line says it."""
    issues = Issues("noteevents", len(text))
    lines = text.removesuffix("\n").split("\n")
    offset = 0
    parts: tuple[tuple[int, bool], ...] = ((0, False),)
    if text.startswith("@"):
        steps, parts = _head(lines[0], steps, issues)
        offset = len(lines.pop(0)) + 1
    else:
        message = "no first line such as '@24 0': steps a quarter, and a program for each part"
        issues.add("head", message, 0, 0, "warning" if text.strip() else "error")
    reader = _Reader(steps, parts, style, issues)
    for line in lines:
        if reader.is_full:
            message = "the rest was not read: the text is too long"
            issues.add("too-long", message, offset, 1, "warning")
            break
        reader.line(line, offset)
        offset += len(line) + 1
    return Parsed(reader.score(), issues.all())


def _head(line: str, steps: int, issues: Issues) -> tuple[int, tuple[tuple[int, bool], ...]]:
    """Read the first line: steps a quarter, and the program of each part or ``*`` for drums."""
    found = _HEAD.fullmatch(line)
    programs = found[2].split() if found else []
    if found is None or len(programs) > MOST_PARTS or any(_program(p) > 127 for p in programs):
        message = f"not of the form '@24 0 41 *', with at most {MOST_PARTS} parts"
        issues.add("head", message, 0, len(line))
        return steps, ((0, False),)
    if 1 <= int(found[1]) <= MOST_STEPS:
        steps = int(found[1])
    else:
        message = f"{found[1]} steps a quarter; at least 1, at most {MOST_STEPS}"
        issues.add("steps", message, 1, len(found[1]))
    return steps, tuple((_program(p), p == "*") for p in programs) or ((0, False),)


def _program(text: str) -> int:
    return 0 if text == "*" else int(text)
