"""The characters of event texts.

A pitch is one character: ``A``…``Z`` are MIDI 36…61, ``a``…``z`` 62…87, and accented letters the
rest. Greek letters name the parts after the first.
"""

from __future__ import annotations

from textmusic_midi.steps import LENGTH_CHARS

__all__ = ["CONTROLS", "MOST_PARTS", "PARTS", "PART_OF", "PITCHES", "PITCH_OF"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ACCENTED = "".join(chr(point) for point in range(0xC0, 0x110) if point not in {0xD7, 0xF7})
PITCHES = _ACCENTED[:36] + _LETTERS + _ACCENTED[36:76]
"""Character of each MIDI pitch, 0…127."""
PITCH_OF = {char: pitch for pitch, char in enumerate(PITCHES)}

PARTS = " βγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦ"
"""Character before the notes of each part; the first has none."""
PART_OF = {char: part for part, char in enumerate(PARTS) if part}
MOST_PARTS = len(PARTS)

CONTROLS = "\n |%@/=<*" + "0123456789" + "".join(c for c in LENGTH_CHARS if not c.isdigit())
"""What is neither a pitch nor a part: structure, numbers and lengths."""
