"""What music has: bounds of metres, tempos, necks and techniques.

Texts beyond them are read, but not written, and the grammar allows none. Every Guitar Pro file
that we know keeps them, but for a fret of 41, open strings at pitch -2,
and numbers that only damaged files have.
"""

from __future__ import annotations

from textmusic_guitarpro.text.signature import DENOMINATORS

__all__ = [
    "CAPOS",
    "MAX_BEND",
    "MAX_DRUM",
    "MAX_FRET",
    "MAX_TRILL",
    "MAX_WHAMMY",
    "METERS",
    "OPEN_STRINGS",
    "TEMPOS",
    "TREMOLOS",
    "fitting_meter",
    "fitting_tempo",
]

_MAX_NUMERATOR = 32
_SHORTEST, _LONGEST = 1, 64
"""Sixteenths in a bar."""
METERS = frozenset(
    (numerator, denominator)
    for numerator in range(1, _MAX_NUMERATOR + 1)
    for denominator in DENOMINATORS
    if _SHORTEST * denominator <= 16 * numerator <= _LONGEST * denominator
)
"""Up to 32 beats, and from a sixteenth to four whole notes a bar."""
TEMPOS = (10, 400)
"""Quarters a minute, in steps of a half."""
MAX_FRET = 36
"""Above the capo; the longest necks have so many."""
MAX_DRUM = 99
"""The highest key of drums: Guitar Pro 5 has none above, General MIDI names 27 to 87."""
OPEN_STRINGS = range(12, 109)
"""MIDI pitches of open strings; 0 would make a part of drums of one in Guitar Pro files."""
CAPOS = range(1, 13)
MAX_BEND = 12
"""Semitones."""
MAX_WHAMMY = 24
"""Semitones up and down."""
MAX_TRILL = 24
"""Semitones from the note to the other one."""
TREMOLOS = frozenset({8, 16, 32, 64})
"""Note values of tremolo picking."""


def fitting_tempo(qpm: float) -> float:
    """Return the nearest tempo of `TEMPOS`."""
    slowest, fastest = TEMPOS
    return min(max(round(2 * qpm) / 2, float(slowest)), float(fastest))


def fitting_meter(numerator: int, denominator: int) -> tuple[int, int]:
    """Return a metre of `METERS` whose bar lines are those of another one, if there is any.

    A bar that is too long becomes several equal ones; one too short is joined with the next ones.
    """
    while denominator > DENOMINATORS[-1]:
        numerator, denominator = (numerator + 1) // 2, denominator // 2
    parts = (n for n in range(1, numerator + 1) if numerator % n == 0)
    for part in parts:
        if (numerator // part, denominator) in METERS:
            return numerator // part, denominator
    return max(1, denominator // 16), denominator
