"""Degrees of numbered notation and MIDI pitches; the key as numbered notation states it.

``1=G`` says that 1 is G. A minor key is written from its relative major, ``6=E``; so is every
other mode: dorian ``2=``, phrygian ``3=``, lydian ``4=``, mixolydian ``5=``, locrian ``7=``.
The unmarked 1 lies between G flat 3 (54) and F sharp 4 (66), as numbered notation for singers and
jianpu-ly have it: C4 for C, G3 for G.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from textmusic.score import Key

__all__ = [
    "CHROMAS",
    "KEY",
    "MAJOR",
    "TONICS",
    "Spelling",
    "key_of",
    "key_text",
    "pitch_of",
    "spell",
    "tonic_of",
]

MAJOR = (0, 2, 4, 5, 7, 9, 11)
_SPELLED = (
    ("", 1), ("#", 1), ("", 2), ("b", 3), ("", 3), ("", 4),
    ("#", 4), ("", 5), ("#", 5), ("", 6), ("b", 7), ("", 7),
)  # fmt: skip
CHROMAS = {f"{accidental}{degree}": chroma for chroma, (accidental, degree) in enumerate(_SPELLED)}
"""Semitones above the tonic by the one spelling that is written."""
TONICS = range(54, 67)
"""The pitches that the unmarked 1 may have where a key is stated."""
_FIFTHS = "FCGDAEB"
_LETTERS = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 55, "A": 57, "B": 59}
_MODES = {
    "major": (1, 0),
    "dorian": (2, 2),
    "phrygian": (3, 4),
    "lydian": (4, -1),
    "mixolydian": (5, 1),
    "minor": (6, 3),
    "locrian": (7, 5),
}
"""The degree of a mode's tonic, and how many fifths it lies above the major tonic."""
_MODE_OF = {degree: (mode, fifths) for mode, (degree, fifths) in _MODES.items()}
KEY = re.compile(r"(?P<degree>[1-7])=(?P<letter>[A-G])(?P<sign>[#b]?)")


class Spelling(NamedTuple):
    """A pitch in numbered notation: ``#``, ``b`` or nothing; 1…7; octaves above the unmarked one."""

    accidental: str
    degree: int
    octave: int


def spell(pitch: int, tonic: int) -> Spelling:
    """Return the spelling of a MIDI pitch; chromatic ones are #1 b3 #4 #5 b7."""
    octave, chroma = divmod(pitch - tonic, 12)
    return Spelling(*_SPELLED[chroma], octave)


def pitch_of(accidental: str, degree: int, octave: int, tonic: int) -> int:
    """Return the MIDI pitch of a spelling; it may lie outside 0…127."""
    sign = accidental.count("#") - accidental.count("b")
    return tonic + 12 * octave + MAJOR[degree - 1] + sign


def tonic_of(key: Key | None) -> int:
    """Return the pitch of the unmarked 1 in a key; middle C without one."""
    if key is None:
        return _LETTERS["C"]
    letter, sign = _name(key.fifths)
    return _LETTERS[letter] + sign


def key_text(key: Key) -> str:
    """Return a key as numbered notation states it: ``1=G``, ``6=F#``."""
    degree, fifths = _MODES[key.mode]
    letter, sign = _name(key.fifths + fifths)
    return f"{degree}={letter}{'#' if sign > 0 else 'b' if sign < 0 else ''}"


def key_of(match: re.Match[str], onset: int) -> Key:
    """Return the key that a match of `KEY` states; nameless signatures become enharmonic ones."""
    sign = {"#": 1, "b": -1, "": 0}[match["sign"]]
    mode, above = _MODE_OF[int(match["degree"])]
    fifths = _FIFTHS.index(match["letter"]) - 1 + 7 * sign - above
    if fifths > 7:
        fifths -= 12
    return Key(onset, fifths + 12 if fifths < -7 else fifths, mode)


def _name(fifths: int) -> tuple[str, int]:
    """The letter and the sign (-1, 0, 1) of a note that many fifths above C."""
    return _FIFTHS[(fifths + 1) % 7], (fifths + 1) // 7
