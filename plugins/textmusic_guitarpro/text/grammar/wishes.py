"""What was asked of a whole piece, as words of the header."""

from __future__ import annotations

from typing import NamedTuple

from textmusic.controls import Controls
from textmusic.errors import ConfigError
from textmusic.score import Key, Tempo
from textmusic_guitarpro.text.bounds import MAX_FRET, METERS, OPEN_STRINGS, TEMPOS, fitting_tempo
from textmusic_guitarpro.text.grammar.instrument import Instrument
from textmusic_guitarpro.text.parts import (
    BASS,
    GUITAR,
    LOWEST_GUITAR,
    MANY_STRINGS,
    MAX_STRINGS,
    Part,
    pitch_name,
)
from textmusic_guitarpro.text.signature import key_word, tempo_word

__all__ = ["FREE", "Wishes", "wishes_of"]


class Wishes(NamedTuple):
    """The only words that a line of the header may have; None where it is free."""

    meter: str | None = None
    key: str | None = None
    tempo: str | None = None
    low: int = 0
    high: int = 127
    tuning: tuple[str, ...] | None = None
    """Names of the open strings."""
    program: int | None = None

    @property
    def fixed(self) -> str:
        """The signs of words that would change what was asked."""
        asked = {"M": self.meter, "K": self.key, "T": self.tempo}
        return "".join(sign for sign, word in asked.items() if word is not None)

    def takes_program(self, said: str, tuning: tuple[str, ...], *, is_whole: bool) -> bool:
        """Whether a part without drums may have this program and these strings.

        Args:
            said: the program as the line says it, empty where it is the usual one.
            tuning: the names of its strings.
            is_whole: whether no string will follow.
        """
        if self.program is None or said:
            return True
        strings = self.tuning or tuning
        if not strings and is_whole:
            return self.program == 0
        if self.program == _usual(strings):
            return True
        if is_whole or self.tuning:
            return False
        may_be_bass = len(strings) < MANY_STRINGS - 1 and self.low < LOWEST_GUITAR + MAX_FRET
        return self.program == GUITAR or (self.program == BASS and may_be_bass)


FREE = Wishes()


def _usual(strings: tuple[str, ...]) -> int | None:
    part = Part.parse(" ".join((":", *strings)))
    return part.program if part and strings else None


def wishes_of(controls: Controls) -> Wishes:
    """Return controls as words.

    Raises:
        ConfigError: no text has such a metre or tuning, or no note of the tuning is in range.
    """
    if controls.meter and controls.meter not in METERS:
        numerator, denominator = controls.meter
        raise ConfigError(f"guitarpro has no bars of {numerator}/{denominator}")
    tempo = controls.tempo or TEMPOS[0]
    if abs(fitting_tempo(tempo) - tempo) > 0.01 * tempo:
        raise ConfigError(f"guitarpro has tempos from {TEMPOS[0]} to {TEMPOS[1]}, not {tempo:g}")
    low, high = controls.range
    tuning = controls.tuning
    if tuning and len(tuning) > MAX_STRINGS:
        raise ConfigError(f"guitarpro has parts of up to {MAX_STRINGS} strings, not {len(tuning)}")
    if not all(pitch in OPEN_STRINGS for pitch in tuning or ()):
        first, last = OPEN_STRINGS[0], OPEN_STRINGS[-1]
        raise ConfigError(f"guitarpro has open strings from {first} to {last}")
    if tuning and not Instrument(False, tuning, low, high).is_playable():  # noqa: FBT003 - a field
        raise ConfigError(
            f"no fret from 0 to {MAX_FRET} of this tuning sounds from {low} to {high}"
        )
    return Wishes(
        "{}/{}".format(*controls.meter) if controls.meter else None,
        key_word(Key(0, *controls.key))[1:] if controls.key else None,
        tempo_word(Tempo(0, fitting_tempo(controls.tempo)))[1:] if controls.tempo else None,
        low,
        high,
        None if tuning is None else tuple(map(pitch_name, tuning)),
        controls.program,
    )
