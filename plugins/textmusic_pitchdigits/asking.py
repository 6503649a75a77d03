"""What a user asks of a text of pitch digits, in the words of the text."""

from __future__ import annotations

from typing import NamedTuple

from textmusic.controls import Controls
from textmusic.errors import ConfigError
from textmusic.score import Key
from textmusic_pitchdigits.pitches import key_text

__all__ = [
    "CONTROLS",
    "FASTEST",
    "SLOWEST",
    "Asked",
    "asked_extended",
    "asked_plain",
    "is_metre",
]

CONTROLS = frozenset({"meter", "key", "tempo", "low", "high", "program"})
"""The controls that the texts keep. All are played by program 0, as none is said."""
SLOWEST, FASTEST = 10, 500
"""Quarters a minute."""
_DENOMINATORS = frozenset({1, 2, 4, 8, 16, 32, 64})
_LONGEST_BAR, _MOST_BEATS = 32, 128


class Asked(NamedTuple):
    """What must hold of a text: words that its first line has, and the range of its pitches."""

    key: str = ""
    metre: str = ""
    tempo: str = ""
    low: int = 0
    high: int = 127


def is_metre(numerator: int, denominator: int) -> bool:
    """Whether music has such bars: at most 128 beats and eight whole notes, from 1/64 on."""
    long = 4 * numerator > _LONGEST_BAR * denominator
    return 1 <= numerator <= _MOST_BEATS and denominator in _DENOMINATORS and not long


def asked_extended(controls: Controls | None) -> Asked:
    """Return what controls mean in the extended form.

    Raises:
        ConfigError: no text of it can keep them.
    """
    if controls is None:
        return Asked()
    _check(controls)
    metre = tempo = ""
    if controls.meter:
        metre = "{}/{}".format(*controls.meter)
        if not is_metre(*controls.meter):
            raise ConfigError(f"pitchdigits: bars of {metre} are too long, or over 128")
    if controls.tempo is not None:
        whole = round(controls.tempo)
        if abs(whole - controls.tempo) > 0.01 * whole or not SLOWEST <= whole <= FASTEST:
            raise ConfigError(
                f"pitchdigits: tempos are whole quarters a minute, {SLOWEST}…{FASTEST}"
            )
        tempo = f"q={whole}"
    key = key_text(Key(0, *controls.key)) if controls.key else ""
    return Asked(key, metre, tempo, *controls.range)


def asked_plain(controls: Controls | None) -> tuple[int, int]:
    """Return the lowest and the highest pitch that controls allow in the plain form.

    Raises:
        ConfigError: they ask for what plain text cannot say.
    """
    if controls is None:
        return 0, 127
    _check(controls)
    for name, value, known in (
        ("key", controls.key, None),
        ("meter", controls.meter, (4, 4)),
        ("tempo", controls.tempo, 120),
    ):
        if value not in {None, known}:
            raise ConfigError(f"pitchdigits: text of the form 'plain' says no {name}")
    return controls.range


def _check(controls: Controls) -> None:
    if unknown := sorted({*controls.asked()} - CONTROLS):
        raise ConfigError(f"pitchdigits: its text says no {unknown[0]}, so none can be asked for")
    if controls.program:
        raise ConfigError("pitchdigits: its text names no instrument; all is played by program 0")
