"""Pitches as ABC spells them, and key signatures.

A pitch is a diatonic index (0 for ``C``, 7 for ``c``, -7 for ``C,``) and an alteration in
semitones; sounding, C is MIDI 60.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = [
    "ACCIDENTALS",
    "LOWEST_KEPT",
    "KeySignature",
    "letter",
    "midi",
    "move",
    "read_key",
    "respell",
    "respellings",
    "signature",
    "spell",
]

_SEMITONES = (0, 2, 4, 5, 7, 9, 11)
_FIFTHS_ORDER = "FCGDAEB"
_STEP = {name: step for step, name in enumerate("CDEFGAB")}
_MODE_FIFTHS = {
    "major": 0,
    "minor": 3,
    "dorian": 2,
    "phrygian": 4,
    "lydian": -1,
    "mixolydian": 1,
    "locrian": 5,
}
_MODE_SUFFIX = {
    "major": "",
    "minor": "m",
    "dorian": "dor",
    "phrygian": "phr",
    "lydian": "lyd",
    "mixolydian": "mix",
    "locrian": "loc",
}
_MODE_PREFIXES = {
    "maj": "major",
    "ion": "major",
    "min": "minor",
    "aeo": "minor",
    "dor": "dorian",
    "phr": "phrygian",
    "lyd": "lydian",
    "mix": "mixolydian",
    "loc": "locrian",
}
ACCIDENTALS = {"": None, "=": 0, "^": 1, "^^": 2, "_": -1, "__": -2}
LOWEST_KEPT = -28
"""That of ``C,,,,``; below it readers forget and confuse accidentals, so that each note has its own."""
_ACCIDENTAL_TEXT = {0: "=", 1: "^", 2: "^^", -1: "_", -2: "__"}
_TONIC = re.compile(r"([A-G])(#|b|♯|♭)?\s*([A-Za-z]*)")
_EXPLICIT = re.compile(r"(\^\^|\^|__|_|(?<!\w)=)\s?([A-Ga-g])(?![A-Za-z0-9/])")


@dataclass(frozen=True, slots=True)
class KeySignature:
    """A key: `fifths` and `mode` as in `textmusic.Key`, and the alteration of each step."""

    fifths: int
    mode: str
    alters: tuple[int, ...]

    @property
    def text(self) -> str:
        """The key as ABC writes it, such as ``Ador``; explicit accidentals are left out."""
        index = self.fifths + _MODE_FIFTHS[self.mode] + 1
        sharps, place = divmod(index, 7)
        accidental = "#" * sharps if sharps > 0 else "b" * -sharps
        return f"{_FIFTHS_ORDER[place]}{accidental}{_MODE_SUFFIX[self.mode]}"


@lru_cache(maxsize=512)
def signature(fifths: int, mode: str = "major") -> KeySignature:
    """Return the key signature of -7…7 fifths."""
    alters = [0] * 7
    for count in range(abs(fifths)):
        name = _FIFTHS_ORDER[count if fifths > 0 else 6 - count]
        alters[_STEP[name]] = 1 if fifths > 0 else -1
    return KeySignature(fifths, mode, tuple(alters))


@lru_cache(maxsize=1024)
def read_key(text: str) -> KeySignature | None:
    """Return the key of a ``K:`` value, or None where it names none.

    Args:
        text: the value without what is no key (clef and so on are ignored where they follow);
            ``none``, ``HP`` and ``Hp`` (Highland pipes), a tonic with a mode, and explicit
            accidentals such as ``D exp ^f _b`` or ``C^f^c``.
    """
    text = text.strip()
    explicit = _EXPLICIT.findall(text)
    if text[:2] in {"HP", "Hp"}:
        return signature(2, "mixolydian")
    match = _TONIC.match(text)
    if match is None:
        plain = text.lower().startswith("none") or explicit
        return _altered(signature(0), explicit) if plain else None
    mode = _mode(match[3])
    rest = text[match.end() :].lower()
    if match[3].lower().startswith("exp") or re.match(r"\s*exp\b", rest):
        return _altered(signature(0), explicit)
    fifths = _FIFTHS_ORDER.index(match[1]) - 1
    fifths += {"": 0, "#": 7, "♯": 7, "b": -7, "♭": -7}[match[2] or ""]
    fifths -= _MODE_FIFTHS[mode]
    if abs(fifths) > 7:
        fifths -= 12 if fifths > 0 else -12
    return _altered(signature(fifths, mode), explicit)


def _mode(name: str) -> str:
    if name.lower() == "m":  # in any case: "EM" is E minor to all readers
        return "minor"
    return _MODE_PREFIXES.get(name[:3].lower(), "major")


def _altered(key: KeySignature, explicit: list[tuple[str, str]]) -> KeySignature:
    if not explicit:
        return key
    alters = list(key.alters)
    for accidental, name in explicit:
        alters[_STEP[name.upper()]] = ACCIDENTALS[accidental] or 0
    return KeySignature(key.fifths, key.mode, tuple(alters))


def midi(index: int, alter: int) -> int:
    """Return the MIDI number of a spelled pitch."""
    return 60 + 12 * (index // 7) + _SEMITONES[index % 7] + alter


@lru_cache(maxsize=4096)
def spell(pitch: int, fifths: int) -> tuple[int, int]:
    """Return the (index, alter) of a MIDI number in a key, out of twelve neighbouring fifths.

    Around the tonic lie more sharps than flats: in C they are C♯ D E♭ F♯ G♯ A B♭.
    """
    octave, chroma = divmod(pitch - 60, 12)
    low = fifths - 3
    place = (chroma * 7 - low) % 12 + low + 1
    sharps, slot = divmod(place, 7)
    step = _STEP[_FIFTHS_ORDER[slot]]
    index = 7 * octave + step
    shift = pitch - midi(index, sharps)
    return index + 7 * (shift // 12), sharps


def move(index: int, alter: int, semitones: int, fifths: int) -> tuple[int, int]:
    """Return a pitch moved by semitones that also moves by `fifths` in spelling."""
    pitch = midi(index, alter) + semitones
    place = _FIFTHS_ORDER.index("CDEFGAB"[index % 7]) + 7 * alter + fifths
    if not -14 <= place <= 20:  # beyond double accidentals
        place -= 12 if place > 0 else -12
    sharps, slot = divmod(place, 7)
    step = _STEP[_FIFTHS_ORDER[slot]]
    return 7 * ((pitch - midi(step, sharps)) // 12) + step, sharps


def respell(index: int, alter: int) -> tuple[int, int]:
    """Return the same pitch on the next letter up or down, with at most one accidental if any."""
    pitch = midi(index, alter)
    for other in (index + 1, index - 1):
        shift = pitch - midi(other, 0)
        if abs(shift) <= 1:
            return other, shift
    return index, alter


def respellings(index: int, alter: int) -> list[tuple[int, int]]:
    """Return the same pitch on other letters, fewest accidentals first, two at most."""
    pitch = midi(index, alter)
    shifts = [(step, pitch - midi(step, 0)) for step in range(index - 2, index + 3)]
    others = [(step, shift) for step, shift in shifts if step != index and abs(shift) <= 2]
    return sorted(others, key=lambda other: (abs(other[1]), -other[0]))


@lru_cache(maxsize=4096)
def letter(index: int, alter: int | None) -> str:
    """Return the ABC text of a pitch; `alter` None writes no accidental."""
    octave, step = divmod(index, 7)
    accidental = "" if alter is None else _ACCIDENTAL_TEXT[alter]
    name = "CDEFGAB"[step]
    if octave > 0:
        return accidental + name.lower() + "'" * (octave - 1)
    return accidental + name + "," * -octave
