"""Lines of pitch digits among page numbers, headers and captions: labelled staves as typed.

A line of notes holds degrees, octave marks, rests and separators only, perhaps after a label such
as ``Image 12:``. Everything else is dropped and reported. Digits alone on a line are a page number
when they are too few for a stave, too large for degrees, or count on from line to line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from textmusic.errors import Issue
from textmusic.score import Meter, Note, Score, Track
from textmusic_pitchdigits.dialect import Dialect, Wanted, detect
from textmusic_pitchdigits.pitches import pitch_of
from textmusic_pitchdigits.words import plain_characters

__all__ = ["Labels", "Stave", "read_labels", "staves_score"]

_NOTES = re.compile(r"[0-9#b+\-'^_v,.;| \u0307\u0323\u02d9rx*]+")
_LABEL = re.compile(
    r"\s*(?:[^\W\d]+[\s._-]{0,2}#?\d{1,5}(?:\.[a-z]{2,4})?\s?[:.)=,\t-]?\s+"
    r"|[(\[#]?\d{1,5}[:)\]=]{1,2}\s+|\d{1,5}\.\s+|[^\W\d]{2,}\s?[:=]\s*)(?=\S)"
)
_NUMBERED = re.compile(r"\s*(\d{1,5})\.\s")
_NUMBER = re.compile(r"\s*[-–—(\[]?\s*(\d{1,5})\s*[-–—)\]]?\s*")
_PAGE = re.compile(r"(?i)\W*(?:page|pp?\.|seite|s\.|第)\s*\d+.*|\W*\d+\s*(?:/|of)\s*\d+\W*")
_DEGREE = re.compile(r"[1-7]")
_LONGEST = 255
_MOST_ISSUES = 20_000


@dataclass(frozen=True, slots=True)
class Stave:
    """The notes of one line: its place, its pitches bar by bar (None for a rest), its block."""

    offset: int
    end: int
    bars: tuple[tuple[int | None, ...], ...]
    block: int


@dataclass(frozen=True, slots=True)
class Labels:
    """What a text of labels holds, how it is written, and what was dropped."""

    staves: tuple[Stave, ...]
    dialect: Dialect
    lines: Literal["image", "block"]
    issues: tuple[Issue, ...]

    def pieces(self, lines: str = "auto") -> Iterator[tuple[Stave, ...]]:
        """Yield the staves of each piece: one a line, or the lines of a block."""
        if (self.lines if lines == "auto" else lines) == "image":
            yield from ((stave,) for stave in self.staves)
            return
        blocks: dict[int, list[Stave]] = {}
        for stave in self.staves:
            blocks.setdefault(stave.block, []).append(stave)
        yield from map(tuple, blocks.values())


@dataclass(slots=True)
class _Line:
    """A line that may hold notes; `start` is where they begin, after a label."""

    text: str
    offset: int
    block: int
    start: int = 0
    is_number: bool = False

    @property
    def notes(self) -> str:
        """The part of the line that may be notes."""
        return self.text[self.start :]


def read_labels(
    text: str, wanted: Wanted | None = None, *, tonic: int = 60, shortest: int = 3
) -> Labels:
    """Return the staves in a text.

    Args:
        text: of one or more lines.
        wanted: what need not be detected.
        tonic: MIDI pitch of the unmarked 1.
        shortest: a line with fewer notes is no stave where there are others.
    """
    wanted = wanted or Wanted()
    issues: list[Issue] = []
    lines, dropped = _sorted_out(plain_characters(text))
    dialect = detect([line.notes for line in lines], wanted)
    numbers = _page_numbers(lines, dialect, shortest)
    issues += [
        _note("page-number", f"left out {n.text.strip()!r}, a page number", n) for n in numbers
    ]
    issues += _dropped(dropped)
    kept = [line for line in lines if line not in numbers]
    staves = [stave for line in kept if (stave := _stave(line, dialect, tonic, issues))]
    structure: Literal["image", "block"] = "image"
    if not dropped and not numbers and _in_blocks(kept):
        structure = "block"
    if staves:
        found = f"{dialect}; one {'image a line' if structure == 'image' else 'piece a block'}"
        issues.append(Issue("pitchdigits.dialect", found, staves[0].offset, 0, "note"))
    else:
        issues.append(Issue("pitchdigits.no-notes", "no line of pitch digits found", 0, 0))
    issues.sort(key=lambda issue: issue.offset)
    return Labels(tuple(staves), dialect, structure, tuple(issues[:_MOST_ISSUES]))


def staves_score(staves: Sequence[Stave]) -> Score:
    """Return the Score of some staves: a quarter each note, a bar each line or written bar."""
    notes: list[Note] = []
    meters: list[Meter] = []
    tick = 0
    for stave in staves:
        for bar in stave.bars:
            for start in range(0, len(bar), _LONGEST):
                part = bar[start : start + _LONGEST]
                meters.append(Meter(tick, len(part), 4))
                notes += [
                    Note(tick + i, 1, pitch) for i, pitch in enumerate(part) if pitch is not None
                ]
                tick += len(part)
    return Score((Track(tuple(notes)),), 1, meters=tuple(meters))


def _note(name: str, message: str, line: _Line) -> Issue:
    return Issue(f"pitchdigits.{name}", message[:160], line.offset, len(line.text), "note")


def _sorted_out(text: str) -> tuple[list[_Line], list[_Line]]:
    """Lines that may hold notes, and lines of text."""
    lines: list[_Line] = []
    dropped: list[_Line] = []
    offset = block = count = 0
    for raw in re.split(r"[\n\f]", text):
        line = _Line(raw, offset, block)
        offset += len(raw) + 1
        if not raw.strip():
            block += 1
            continue
        label = _LABEL.match(raw)
        if label and _may_be_notes(raw[label.end() :]) and not _is_first_note(raw, count):
            line.start = label.end()
            count += 1
        line.is_number = not line.start and _NUMBER.fullmatch(raw) is not None
        if line.start or line.is_number or _may_be_notes(raw):
            lines.append(line)
        else:
            dropped.append(line)
    return lines, dropped


def _is_first_note(line: str, count: int) -> bool:
    """Whether ``5. 6 1`` is a low 5 rather than the fifth stave: it does not count on."""
    match = _NUMBERED.match(line)
    return match is not None and int(match[1]) != count + 1 and int(match[1]) < 10


def _may_be_notes(text: str) -> bool:
    """Whether a line is made of notes; rows of dashes are a table or tablature."""
    if not _NOTES.fullmatch(text) or not _DEGREE.search(text):
        return False
    digits = sum(char.isdigit() for char in text)
    return 4 * digits >= len(text) - text.count(" ") and "----" not in text


def _page_numbers(lines: list[_Line], dialect: Dialect, shortest: int) -> list[_Line]:
    """The lines that are page numbers or too short to be a stave."""
    alone = [line for line in lines if line.is_number]
    values = [int(match[1]) for line in alone if (match := _NUMBER.fullmatch(line.text))]
    found = []
    others = len(lines) > 1
    for index, (line, value) in enumerate(zip(alone, values, strict=True)):
        before = values[index - 1] if index else None
        after = values[index + 1] if index + 1 < len(values) else None
        digits = str(value)
        too_large = len(digits) <= 4 and bool({*digits} & {"8", "9"})
        too_large = too_large or not _DEGREE.search(digits)
        counts_on = len(digits) <= 4 and (before == value - 1 or after == value + 1)
        joined = bool(dialect.separator) and len(digits) > 1
        if too_large or (others and (len(digits) < shortest or counts_on or joined)):
            found.append(line)
    return found


def _dropped(lines: list[_Line]) -> Iterator[Issue]:
    """A running header repeats but for its numbers; other text is a caption."""
    shapes = Counter(re.sub(r"\d+", "0", line.text.strip()) for line in lines)
    for line in lines:
        bare = line.text.strip()
        if _PAGE.fullmatch(bare):
            yield _note("page-number", f"left out {bare[:60]!r}, a page number", line)
            continue
        repeated = shapes[re.sub(r"\d+", "0", bare)] > 1
        name = "header" if repeated else "caption"
        yield _note(name, f"left out {bare[:60]!r}, a {name}", line)


def _in_blocks(lines: Sequence[_Line]) -> bool:
    """Whether blank lines part groups of lines, two to eight on the average."""
    blocks = Counter(line.block for line in lines)
    return len(blocks) > 1 and 1.5 <= len(lines) / len(blocks) <= 8


def _stave(line: _Line, dialect: Dialect, tonic: int, issues: list[Issue]) -> Stave | None:
    """Read the notes of a line."""
    bars: list[list[int | None]] = [[]]
    marks = re.escape(dialect.up + dialect.down)
    sign = f"([{marks}]*)" if marks else "()"
    token = re.compile(
        (sign + r"([#b]?)([0-9])()" if dialect.before else r"()([#b]?)([0-9])" + sign)
        + f"|([{re.escape(dialect.rest) or '0'}])"
    )
    at = line.start
    offset = line.offset
    while at < len(line.text):
        match = token.match(line.text, at)
        if match is None:
            char = line.text[at]
            if char == "|" and dialect.separator != "|" and bars[-1]:
                bars.append([])
            elif char not in {dialect.separator, " ", "|", ","}:
                message = f"{char!r} is no mark of these notes"
                issues.append(Issue("pitchdigits.mark", message, offset + at, 1, "warning"))
            at += 1
            continue
        pitch, problem = _pitch(match, dialect, tonic)
        if problem:
            where = offset + match.start()
            issues.append(Issue("pitchdigits.degree", problem, where, len(match[0]), "error"))
        else:
            bars[-1].append(pitch)
        at = match.end()
    kept = tuple(tuple(bar) for bar in bars if bar)
    if not any(pitch is not None for bar in kept for pitch in bar):
        return None
    return Stave(offset + line.start, offset + len(line.text), kept, line.block)


def _pitch(match: re.Match[str], dialect: Dialect, tonic: int) -> tuple[int | None, str]:
    digit = match[3]
    if digit is None or digit in dialect.rest:
        return None, ""
    degree = int(digit)
    if not 1 <= degree <= 7:
        return None, f"{degree} is no degree: 1…7"
    marks = match[1] + match[4]
    octave = sum(mark in dialect.up for mark in marks) - sum(mark in dialect.down for mark in marks)
    pitch = pitch_of(match[2], degree, octave, tonic)
    return pitch, "" if 0 <= pitch <= 127 else f"pitch {pitch} is outside 0…127"
