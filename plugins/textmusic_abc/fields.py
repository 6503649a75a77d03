"""The values of information fields: metre, unit length, tempo, voice, order of parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import gcd

__all__ = [
    "WHOLE",
    "MeterValue",
    "TempoValue",
    "VoiceValue",
    "default_unit",
    "read_meter",
    "read_parts",
    "read_tempo",
    "read_unit",
    "read_voice",
]

# Ticks of a whole note: every dyadic length down to 1/262144, and tuplets of 3, 5, 7, 9, 11, 13.
WHOLE = 2**18 * 3**4 * 5 * 5 * 7 * 11 * 13

_METER = re.compile(r"\(?\s*(\d+(?:\s*\+\s*\d+)*)\s*\)?\s*/\s*(\d+)")
_FRACTION = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})")
_TEMPO_BEATS = re.compile(r"(\d{1,3}\s*/\s*\d{1,3}(?:\s+\d{1,3}\s*/\s*\d{1,3})*)\s*=\s*(\d{1,4})")
_TEMPO_UNITS = re.compile(r"C\s*(\d{0,3}(?:/\d{1,3})?)\s*=\s*(\d{1,4})", re.IGNORECASE)
_TEMPO_BARE = re.compile(r"\s*=?\s*(\d{1,4})(?!\s*[/\d])")
_PROPERTY = re.compile(r'([A-Za-z]+)\s*=\s*("[^"]*"|[^\s]+)')
_PART = re.compile(r"[A-Za-z]|\d+|[()]")
_MAX_PARTS = 500


@dataclass(frozen=True, slots=True)
class MeterValue:
    """A metre; numerator 0 stands for ``M:none``."""

    numerator: int
    denominator: int

    @property
    def text(self) -> str:
        """The metre as canonical texts write it."""
        return f"{self.numerator}/{self.denominator}" if self.numerator else "none"

    @property
    def ticks(self) -> int:
        """Length of a full bar, 0 for ``none``."""
        return WHOLE * self.numerator // self.denominator

    @property
    def compound(self) -> bool:
        """Whether beats are dotted: 6/8, 9/8, 12/8."""
        return self.numerator > 3 and self.numerator % 3 == 0 and self.denominator >= 8

    @property
    def beat(self) -> int:
        """Length of a beat: a dotted one in compound metres."""
        if self.compound:
            return 3 * WHOLE // self.denominator
        return WHOLE // min(self.denominator, 4)


@dataclass(frozen=True, slots=True)
class TempoValue:
    """A tempo: `count` beats of ``num/den`` of a whole note a minute."""

    num: int
    den: int
    count: int

    @property
    def text(self) -> str:
        """The tempo as canonical texts write it."""
        return f"{self.num}/{self.den}={self.count}"

    @property
    def qpm(self) -> float:
        """Quarters a minute."""
        return self.count * 4 * self.num / self.den


@dataclass(frozen=True, slots=True)
class VoiceValue:
    """The id of a ``V:`` field, its name and its transposition in semitones."""

    ident: str
    name: str | None
    transpose: int | None


def read_meter(text: str) -> MeterValue | None:
    """Return a metre, or None where the text is none (``FREI4/4`` gives 4/4)."""
    text = text.strip()
    if text in {"C", "c", "C.", "c."}:
        return MeterValue(4, 4)
    if text in {"C|", "c|"}:
        return MeterValue(2, 2)
    if text.lower() in {"none", ""}:
        return MeterValue(0, 4)
    match = _METER.search(text)
    if match is None:
        if text[0] not in "Cc":
            return None
        return MeterValue(2, 2) if text[1:2] == "|" else MeterValue(4, 4)
    numerator = sum(int(part) for part in match[1].split("+") if len(part) < 5)
    denominator = int(match[2]) if len(match[2]) < 4 else 0
    if not 1 <= numerator <= 255 or denominator not in {1, 2, 4, 8, 16, 32, 64, 128}:
        return None
    return MeterValue(numerator, denominator)


def read_unit(text: str) -> int | None:
    """Return the ticks of an ``L:`` value, or None."""
    match = _FRACTION.search(text)
    if match is None:
        return WHOLE if text.strip() == "1" else None
    num, den = int(match[1]), int(match[2])
    if not num or not den or WHOLE * num % (den * 1024):
        return None
    return WHOLE * num // den


def default_unit(meter: MeterValue) -> int:
    """Return the unit where ``L:`` is absent: 1/16 below 3/4, else 1/8."""
    short = meter.numerator and 4 * meter.numerator < 3 * meter.denominator
    return WHOLE // (16 if short else 8)


_FASTEST = 100_000
"""Quarters a minute; no `Score` holds more."""


def read_tempo(text: str, unit: int) -> TempoValue | None:
    """Return a tempo in any of its forms, or None (words alone are no tempo).

    Args:
        text: ``1/4=120``, ``"Allegro" 1/4=120``, ``120``, ``C=120``, ``C3=120``, ``1/4 1/8=90``.
        unit: ticks of ``L:``, the beat of the old forms.
    """
    text = re.sub(r'"[^"]*"', " ", text)
    ticks, count = 0, 0
    if match := _TEMPO_BEATS.search(text):
        for num, den in _FRACTION.findall(match[1]):
            ticks += WHOLE * int(num) // int(den) if int(den) else 0
        count = int(match[2])
    elif match := _TEMPO_UNITS.search(text):
        num, _, den = match[1].partition("/")
        ticks = unit * int(num or 1) // (int(den or 1) or 1)
        count = int(match[2])
    elif match := _TEMPO_BARE.match(text):
        ticks, count = unit, int(match[1])
    common = gcd(ticks, WHOLE)
    if not count or not ticks or WHOLE // common > 128:
        return None
    tempo = TempoValue(ticks // common, WHOLE // common, count)
    return tempo if tempo.qpm < _FASTEST else None


def read_voice(text: str) -> VoiceValue:
    """Return the id and the properties of a ``V:`` value (of ``K:``, all but the id)."""
    ident = text.split(maxsplit=1)[0] if text.split() else ""
    name: str | None = None
    shift: int | None = None
    for key, value in _PROPERTY.findall(text):
        key, value = key.lower(), value.strip('"')
        if key in {"name", "nm"}:
            name = value.strip()
        elif key == "octave" and re.fullmatch(r"[+-]?\d", value):
            shift = (shift or 0) + 12 * int(value)
        elif key in {"transpose", "t"} and re.fullmatch(r"[+-]?\d{1,2}", value):
            shift = (shift or 0) + int(value)
        elif key == "clef" and value[-2:] in {"-8", "+8"}:
            shift = (shift or 0) + (12 if value[-2] == "+" else -12)
    bare = re.search(r"\b(?:treble|tenor|alto|bass)([+-])8\b", text)
    if bare and shift is None:
        shift = 12 if bare[1] == "+" else -12
    return VoiceValue(ident, name, shift)


def read_parts(text: str) -> str:
    """Return the order of parts of a header ``P:``, played out: ``(AB)2C`` gives ABABC.

    At most 500 parts; what is no order of parts gives the letters that are there.
    """
    stack: list[list[str]] = [[]]
    last: list[str] = []
    for word in _PART.findall(text.replace(".", " ")):
        if word == "(":
            stack.append([])
            last = []
        elif word == ")":
            if len(stack) > 1:
                last = stack.pop()
                stack[-1] += last
        elif word.isdigit():
            times = min(int(word[:4]), _MAX_PARTS) - 1
            stack[-1] += last * min(times, _MAX_PARTS // max(len(last), 1))
            last = []
        else:
            last = [word]
            stack[-1].append(word)
        if len(stack[-1]) > _MAX_PARTS:
            break
    return "".join(part for group in stack for part in group)[:_MAX_PARTS]
