"""Files of bits: the piano roll of the SchumaNN system, and one line a step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from textmusic.codec import Feature
from textmusic.errors import FormatError
from textmusic.format import Format, Loaded, Written, read_text
from textmusic.score import Score, Track
from textmusic_midi.pianoroll.cells import SIGNS, Gatherer, Signs
from textmusic_midi.pianoroll.reading import read_cells
from textmusic_midi.pianoroll.writing import lines
from textmusic_midi.steps import LONGEST, MOST_STEPS, Grid, Issues, fitting, gridded, rows_of

__all__ = ["BitsFormat", "RollFormat"]

_SCHUMANN = (24, 102)
_PIANO = (21, 108)
_ALL = (0, 127)
_KEEPS = frozenset({Feature.ONSET, Feature.DURATION, Feature.PITCH})
_RATES = (4, 12, 16, 24, 48)
_VIEW_STEPS = 4
_MOST_BITS = 48_000_000
_HEAD = re.compile(r"\s*([0-9]{1,4})\s+([0-9]{1,3})\s+([0-9]{1,3})\s+([0-9]{1,9})\s*")
_PIECE = re.compile(rb"[^\n]*\|[0-9]+\|[01]*\s*")
_COUNT = re.compile(r"[0-9]{1,9}")
_VIEW_LINE = re.compile(r"[01]+")


class BitsFormat(Format):
    """The text file of the SchumaNN system: all pieces of a folder as bits.

    The first line is ``rate lowest highest pieces``: steps a quarter and MIDI pitches; then a line
    a piece, ``name|steps|bits``: for each step and pitch two bits, held and attacked. Files whose
    highest pitch is one too large are read too.
    """

    name: ClassVar[str] = "bits.txt"
    title: ClassVar[str] = "piano roll bits"
    keeps: ClassVar[frozenset[Feature]] = _KEEPS
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    is_text: ClassVar[bool] = True

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether the first line is four numbers and the second ``name|number|bits``."""
        head, _, rest = data[:8192].replace(b"\r", b"").partition(b"\n")
        line = rest.partition(b"\n")[0]
        return bool(_HEAD.fullmatch(head.decode("latin-1")) and _PIECE.fullmatch(line))

    def decode(self, data: bytes) -> Loaded:
        """Return a score a piece, its name as title.

        Raises:
            FormatError: the first line is no head, or no piece follows.
        """
        text = read_text(data)
        first, _, rest = text.partition("\n")
        found = _HEAD.fullmatch(first)
        if found is None:
            raise FormatError("the first line is not 'rate lowest highest pieces', four numbers")
        book = _Book(*(int(number) for number in found.groups()[:3]))
        if not (1 <= book.rate <= MOST_STEPS and book.lowest <= book.highest <= 128):
            raise FormatError(
                f"no such grid: {first.strip()}: at most {MOST_STEPS} steps a quarter"
            )
        issues = Issues("bits", len(text))
        scores = []
        offset = len(first) + 1
        for line in rest.split("\n"):
            if line.strip():
                piece = book.piece(line, offset, issues)
                scores += [piece] if piece else []
            offset += len(line) + 1
        if not scores:
            raise FormatError("no piece after the first line: no line 'name|steps|bits'")
        return Loaded(tuple(scores), issues.all())

    def encode(self, score: Score) -> Written:
        """Return a file of one piece, on the coarsest grid that holds it, at most 48 a quarter.

        Raises:
            FormatError: nothing of the score can be written.
        """
        rate = next((rate for rate in _RATES if _fits(score, rate)), 24)
        lowest, highest = fitting(score, (_SCHUMANN, _PIANO, _ALL))
        grid = Grid("bits", rate, lowest, highest, "fold", "struck", 1)
        held, lost = gridded(score, grid)
        if 2 * (highest - lowest + 1) * held.end > _MOST_BITS:
            raise FormatError(f"more than {_MOST_BITS} bits: the piece is too long")
        bits = "".join(_lines(held, lowest, highest, SIGNS["pairs"]))
        name = " ".join(score.get("title").replace("|", "/").split())
        text = f"{rate} {lowest} {highest} 1\n{name}|{held.end}|{bits}\n"
        return Written(text.encode(), tuple(lost))


class RollFormat(Format):
    """One line a sixteenth, one character a key: ``0000000100100…``, 1 where it sounds.

    79 keys are MIDI 24…102, 88 are a piano's, 128 are all; lines of twice as many characters are
    pairs of bits, held and attacked. Notes of a pitch that touch are one.
    """

    name: ClassVar[str] = "roll.txt"
    title: ClassVar[str] = "piano roll lines"
    keeps: ClassVar[frozenset[Feature]] = _KEEPS
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    is_text: ClassVar[bool] = True

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether the first lines are noughts and ones, of a width that a roll has."""
        lines = data[:4096].replace(b"\r", b"").split(b"\n")
        whole = lines[:-1] if len(data) > 4096 else lines
        widths = {len(line) for line in whole if line}
        known = len(widths) == 1 and min(widths) in _WIDTHS
        return known and all(set(line) <= set(b"01") for line in whole)

    def decode(self, data: bytes) -> Loaded:
        """Return the music of a roll.

        Raises:
            FormatError: no line is made of noughts and ones, or they are too wide.
        """
        text = read_text(data)
        issues = Issues("roll", len(text))
        lines: list[str] = []
        offset = 0
        for line in text.split("\n"):
            if _VIEW_LINE.fullmatch(line.strip()):
                lines.append(line.strip())
            elif line.strip():
                message = "a line of other characters than 0 and 1; left out"
                issues.add("line", message, offset, len(line), "warning")
            offset += len(line) + 1
        width = len(lines[0]) if lines else 0
        lowest, signs = _WIDTHS.get(width, (24, SIGNS["two"]))
        if not 0 < width <= 104 and width not in _WIDTHS:
            raise FormatError("no lines of 79, 88 or 128 noughts and ones, a key each")
        if width not in _WIDTHS:
            message = f"{width} keys, the lowest taken as MIDI 24"
            issues.add("width", message, 0, 0, "warning")
        uneven = sum(len(line) != width for line in lines)
        if uneven:
            message = f"{uneven} lines are not {width} wide; filled up or cut"
            issues.add("width", message, 0, 0, "warning")
        track = _track((line[:width] for line in lines), lowest, signs, _VIEW_STEPS)
        return Loaded((Score((track,), _VIEW_STEPS),), issues.all())

    def encode(self, score: Score) -> Written:
        """Return the lines of all pitched tracks together.

        Raises:
            FormatError: nothing of the score can be written.
        """
        lowest, highest = fitting(score, (_SCHUMANN, _PIANO, _ALL))
        grid = Grid("roll", _VIEW_STEPS, lowest, highest, "fold", "held", 1)
        held, lost = gridded(score, grid)
        rolled = _lines(held, lowest, highest, SIGNS["two"])
        return Written("".join(f"{line}\n" for line in rolled).encode(), tuple(lost))


_WIDTHS = {
    (highest - lowest + 1) * signs.width: (lowest, signs)
    for lowest, highest in (_SCHUMANN, _PIANO, _ALL)
    for signs in (SIGNS["two"], SIGNS["pairs"])
}
"""Width of a line to its lowest pitch and the signs of its keys."""


def _fits(score: Score, rate: int) -> bool:
    """Whether all notes start and end on a grid."""
    tpq = score.tpq
    return all(n.onset * rate % tpq == n.end * rate % tpq == 0 for n in score.notes())


def _lines(score: Score, lowest: int, highest: int, signs: Signs) -> list[str]:
    """A line a step until the end of the last note."""
    return lines(rows_of(score.tracks, [0], score.tpq), lowest, highest, signs)


def _track(lines: Iterator[str], lowest: int, signs: Signs, steps: int) -> Track:
    """The notes of lines, one a step."""
    notes = Gatherer(lowest)
    known: dict[str, tuple[list[int], list[int]]] = {}
    step = 0
    for line in lines:
        if step >= LONGEST * steps:
            break
        keys = known.get(line)
        if keys is None:
            struck, held, _ = read_cells(line, signs)
            top = 127 - lowest
            keys = known[line] = [k for k in struck if k <= top], [k for k in held if k <= top]
        notes.play(*keys, step)
        step += 1
    return Track(notes.finish(step))


class _Book(NamedTuple):
    """The first line of a file of bits."""

    rate: int
    lowest: int
    highest: int

    def piece(self, line: str, offset: int, issues: Issues) -> Score | None:
        """Read ``name|steps|bits``; None where it is something else."""
        parts = line.rsplit("|", 2)
        count = parts[1].strip() if len(parts) == 3 else ""
        if not _COUNT.fullmatch(count):
            issues.add("piece", "not of the form name|steps|bits", offset, len(line), "warning")
            return None
        name, steps, bits = parts[0].strip(), int(count), parts[2].strip()
        width = 2 * (self.highest - self.lowest + 1)
        if steps * (width - 2) == len(bits) > 0:
            width -= 2
        if steps * width != len(bits):
            message = f"{len(bits)} bits are not {steps} steps of {width}; read as far as they go"
            issues.add("bits", message, offset, len(line), "warning")
        if not bits:
            return None
        wrong = re.search(r"[^01]", bits)
        if wrong:
            place = offset + line.rindex("|") + 1 + wrong.start()
            issues.add("bits", f"{wrong[0]!r} is no bit; read as silence", place, 1, "warning")
        lines = (bits[at : at + width] for at in range(0, len(bits), width))
        track = _track(lines, self.lowest, SIGNS["pairs"], self.rate)
        return Score((track,), self.rate, meta=(("title", name),) if name else ())
