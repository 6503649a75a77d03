"""Beams for a MusicXML document that has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

__all__ = ["add_beams"]

_FLAGS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4, "128th": 5}


@dataclass(slots=True)
class _Stem:
    """A note, or the first of a chord, with its time in quarters from the bar line."""

    element: Element
    start: Fraction
    flags: int


@dataclass(slots=True)
class _Metre:
    beats: int = 4
    unit: int = 4

    @property
    def joined(self) -> Fraction:
        """The time, in quarters, that beams join."""
        compound = self.unit >= 8 and self.beats % 3 == 0
        return Fraction(12, self.unit) if compound else Fraction(1)

    @property
    def full(self) -> Fraction:
        return Fraction(4 * self.beats, self.unit)


def add_beams(root: Element) -> None:
    """Join the short notes of every beat of every voice; eighths in 4/4 two beats at a time."""
    for part in root.iterfind("part"):
        metre, divisions = _Metre(), 1
        for measure in part.iterfind("measure"):
            divisions = int(measure.findtext("attributes/divisions", str(divisions)))
            if (time := measure.find("attributes/time")) is not None:
                metre = _Metre(
                    int(time.findtext("beats", "4")), int(time.findtext("beat-type", "4"))
                )
            for row in _voices(measure, divisions, metre):
                for group in _groups(row, metre):
                    _join(group)


def _voices(measure: Element, divisions: int, metre: _Metre) -> Iterator[list[_Stem | None]]:
    """Yield each voice of a measure; None stands for a rest."""
    now = end = Fraction(0)
    voices: dict[str, list[_Stem | None]] = {}
    for element in measure:
        length = Fraction(int(element.findtext("duration", "0")), divisions)
        if element.tag == "backup":
            now -= length
        elif element.tag == "note" and all(element.find(n) is None for n in ("grace", "chord")):
            row = voices.setdefault(element.findtext("voice", "1"), [])
            rest = element.find("rest") is not None
            flags = _FLAGS.get(element.findtext("type", ""), 0)
            row.append(None if rest else _Stem(element, now, flags))
            now += length
        end = max(end, now)
    if measure.get("implicit") == "yes" and measure.get("number") == "1":
        for row in voices.values():
            for stem in filter(None, row):
                stem.start += metre.full - end
    yield from voices.values()


def _groups(row: list[_Stem | None], metre: _Metre) -> Iterator[list[_Stem]]:
    groups: list[list[_Stem]] = []
    last: _Stem | None = None
    for stem in row:
        if stem and stem.flags:
            beat = stem.start // metre.joined
            same = bool(last and last.flags) and (
                groups[-1][-1].start // metre.joined == beat or _pairs(groups[-1], stem, metre)
            )
            if same:
                groups[-1].append(stem)
            else:
                groups.append([stem])
        last = stem
    yield from (group for group in groups if len(group) > 1)


def _pairs(group: list[_Stem], stem: _Stem, metre: _Metre) -> bool:
    """Whether a plain eighth goes on with the beam of the beat before, in 4/4."""
    plain = (metre.beats, metre.unit) in {(4, 4), (2, 2)} and stem.flags == 1
    even = all(one.flags == 1 and one.start % Fraction(1, 2) == 0 for one in (*group, stem))
    return plain and even and group[0].start // 2 == stem.start // 2


def _join(group: list[_Stem]) -> None:
    for index, stem in enumerate(group):
        before = group[index - 1].flags if index else 0
        after = group[index + 1].flags if index + 1 < len(group) else 0
        for level in range(1, stem.flags + 1):
            left, right = before >= level, after >= level
            kind = "continue" if left and right else "end" if left else "begin" if right else ""
            beam = SubElement(stem.element, "beam", {"number": str(level)})
            beam.text = kind or ("backward hook" if index else "forward hook")
