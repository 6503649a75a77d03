"""How a labelled text writes its pitches: found out by looking at all lines of notes together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Dialect", "Wanted", "detect"]

_UP = "+'^\u0307\u02d9"
_DOWN = "-,_v.\u0323"
_SEPARATORS = (",", "|", ";", " ")
_RESTS = "0rx*"
_NAMES = {
    "": "none", "-": "hyphen", " ": "space", ",": "comma", "|": "bar", ";": "semicolon",
    "\u0307": "dot above", "\u0323": "dot below", "\u02d9": "dot above",
}  # fmt: skip
_BETWEEN = re.compile(r"(?<=[0-7])[^0-7]*(?=[#b]?[0-7])")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is not to be detected: a value for each thing that is known, None for the others."""

    separator: str | None = None
    octaves: str | None = None
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How notes are written.

    Args:
        separator: between two notes, without the spaces around it; empty for none.
        up, down: the characters that mean an octave up and down.
        before: the marks stand before their digit.
        rest: the characters that stand for silence.
    """

    separator: str = ""
    up: str = _UP
    down: str = _DOWN
    before: bool = False
    rest: str = "0"

    def __str__(self) -> str:
        marks = [mark if mark == "-" else _NAMES.get(mark, mark) for mark in self.up + self.down]
        place = "before" if self.before else "after"
        octaves = f"octave marks {' '.join(marks)} {place} the digit" if marks else "no octave mark"
        rest = " ".join(self.rest) or "none"
        return f"separator {_NAMES[self.separator]}, {octaves}, rest mark {rest}"


def detect(lines: Sequence[str], wanted: Wanted) -> Dialect:
    """Return the dialect that the most of some lines of notes agree on."""
    gaps: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for line in lines:
        bare = line.strip()
        gaps.update(_BETWEEN.findall(bare))
        ends.update({bare[:1]: 1, "\n" + bare[-1:]: 1})
    separator = wanted.separator
    if separator is None:
        separator = _separator(gaps, hyphened=not ends["\n-"])
    used = "".join({*"".join(gaps), *"".join(ends)} - {separator, " ", "|", "\n"})
    if wanted.octaves is None:
        up, down = (_among(marks, used) for marks in (_UP, _DOWN))
    else:
        up, down = wanted.octaves[:1], wanted.octaves[1:]
    found = "".join(mark for mark in _RESTS if any(mark in line for line in lines))
    rest = found if wanted.rest is None else wanted.rest
    return Dialect(separator, up, down, _before(gaps, ends, separator, up + down), rest)


def _among(marks: str, used: str) -> str:
    return "".join(mark for mark in marks if mark in used)


def _separator(gaps: Counter[str], *, hyphened: bool) -> str:
    """What stands between most notes; a comma that spaces do without is an octave mark.

    A hyphen separates only where (`hyphened`) no line ends in one, and nothing else stands between.
    """
    total = gaps.total()
    if hyphened and total and gaps["-"] + gaps[" - "] == total:
        return "-"
    for separator in _SEPARATORS:
        count = sum(times for gap, times in gaps.items() if separator in gap)
        if 2 * count <= total:
            continue
        others = sum(t for gap, t in gaps.items() if separator not in gap and " " in gap)
        if separator != " " and others:
            continue
        return separator
    return ""


def _before(gaps: Counter[str], ends: Counter[str], separator: str, marks: str) -> bool:
    """Whether marks open lines and follow separators more often than they close and precede."""
    opening = sum(times for gap, times in ends.items() if gap[:1] in marks and gap)
    closing = sum(times for gap, times in ends.items() if gap[:1] == "\n" and gap[1:] in marks)
    closing -= ends["\n"]
    for gap, times in gaps.items():
        inner = gap.strip(" ") if separator != " " else gap
        if separator and separator in inner and any(mark in inner for mark in marks):
            opening += times * (inner[-1] in marks)
            closing += times * (inner[0] in marks)
    return opening > max(closing, 0)
