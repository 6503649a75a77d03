"""What a user may ask of a piece before it is written: a metre, a key, a range."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from textmusic.errors import ConfigError
from textmusic.instruments import PROGRAMS, programs_named
from textmusic.score import MODES, Score

__all__ = ["Controls", "key_of", "parse_controls", "pitch_of", "tuning_of"]

_LETTERS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_PITCH = re.compile(r"([A-Ga-g])([#b♯♭]?)(-?\d{1,2})?")
_STANDARD = {
    4: (28, 33, 38, 43),
    5: (23, 28, 33, 38, 43),
    6: (40, 45, 50, 55, 59, 64),
    7: (35, 40, 45, 50, 55, 59, 64),
}
_KEY = re.compile(r"([A-Ga-g])([#b♯♭]?) *([A-Za-z]*)")
_FIFTHS = {
    "major": 0,
    "minor": -3,
    "ionian": 0,
    "dorian": -2,
    "phrygian": -4,
    "lydian": 1,
    "mixolydian": -1,
    "aeolian": -3,
    "locrian": -5,
}
_SAME = {"": "major", "m": "minor", "ionian": "major", "aeolian": "minor"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Controls:
    """What must hold of a whole piece. None leaves a property to the model.

    A codec says in `Codec.controls` which of them its grammar can keep.

    Args:
        meter: numerator and denominator of every bar but upbeats and bars split by repeats.
        key: fifths (-7…7) and mode; see `key_of`.
        tempo: quarter notes a minute.
        low, high: lowest and highest pitch that may sound, MIDI numbers; drums are free.
        tuning: MIDI numbers of the open strings, the lowest-numbered string first.
        program: General MIDI program of every track, 0…127.

    Raises:
        ConfigError: a value is out of range.
    """

    meter: tuple[int, int] | None = None
    key: tuple[int, str] | None = None
    tempo: float | None = None
    low: int | None = None
    high: int | None = None
    tuning: tuple[int, ...] | None = None
    program: int | None = None

    def __post_init__(self) -> None:
        if self.meter and not (
            1 <= self.meter[0] <= 255 and self.meter[1] in {1, 2, 4, 8, 16, 32, 64, 128}
        ):
            raise ConfigError(f"no metre of {self.meter[0]}/{self.meter[1]}")
        if self.key and not (-7 <= self.key[0] <= 7 and self.key[1] in MODES):
            raise ConfigError(f"no key of {self.key[0]} fifths in mode {self.key[1]!r}")
        if self.tempo is not None and not 10 <= self.tempo <= 1000:
            raise ConfigError(f"tempo takes 10 to 1000 quarters a minute, not {self.tempo:g}")
        low, high = self.range
        if not 0 <= low <= high <= 127:
            raise ConfigError(f"no pitch lies from {low} to {high}; MIDI has 0 to 127")
        if self.tuning is not None and not all(0 <= p <= 127 for p in self.tuning):
            raise ConfigError("a tuning holds MIDI pitches, 0 to 127")
        if self.program is not None and not 0 <= self.program <= 127:
            raise ConfigError(f"program {self.program} is outside 0…127")

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and the highest pitch allowed."""
        return (0 if self.low is None else self.low), (127 if self.high is None else self.high)

    def asked(self) -> tuple[str, ...]:
        """Return the names of the properties that are set."""
        fields = dataclasses.fields(self)
        return tuple(field.name for field in fields if getattr(self, field.name) is not None)

    def broken(self, score: Score) -> tuple[str, ...]:
        """Return the names of the properties that a score breaks.

        A bar of another length counts as its metre only where it is cut short: an upbeat, or the
        halves of a bar around a repeat. A score that says no tempo has 120, no metre 4/4.
        """
        low, high = self.range
        pitched = [track for track in score.tracks if not track.is_drum]
        pitches = [note.pitch for track in pitched for note in track.notes]
        tempos = [tempo.qpm for tempo in score.tempos] or [120.0]
        keys = [(key.fifths, key.mode) for key in score.keys]
        bars = score.bars()
        holds = {
            "meter": all((bar.numerator, bar.denominator) == self.meter for bar in bars),
            "key": bool(keys) and all(key == self.key for key in keys),
            "tempo": all(abs(qpm - (self.tempo or 0)) <= 0.01 * qpm for qpm in tempos),
            "low": min(pitches, default=low) >= low,
            "high": max(pitches, default=high) <= high,
            "tuning": all(track.tuning == self.tuning for track in pitched),
            "program": all(track.program == self.program for track in pitched),
        }
        return tuple(name for name in self.asked() if not holds[name])


def key_of(name: str) -> tuple[int, str]:
    """Return fifths and mode of a key as people write it: ``D``, ``F#m``, ``Bb dorian``, ``Amix``.

    Modes have the names of ABC, of which three letters do: besides major and minor the seven of
    the church, of which ionian is major and aeolian minor.

    Raises:
        ConfigError: no such key.

    Example:
        >>> key_of("Em"), key_of("D mixolydian")
        ((1, 'minor'), (1, 'mixolydian'))
    """
    found = _KEY.fullmatch(name.strip())
    if not found:
        raise ConfigError(f"{name!r} is no key; write D, F#m, Bb dorian, Amix")
    mode = _mode(found[3])
    if not mode:
        raise ConfigError(f"{name!r}: no mode {found[3]!r}; there are {', '.join(_FIFTHS)}")
    fifths = _LETTERS[found[1].upper()] + _FIFTHS[mode]
    fifths += {"#": 7, "♯": 7, "b": -7, "♭": -7}.get(found[2], 0)
    if not -7 <= fifths <= 7:
        raise ConfigError(f"{name!r} would have more than seven accidentals")
    return fifths, mode


def _mode(said: str) -> str | None:
    """Return the mode that three letters or more name, as in ABC."""
    lower = said.lower()
    names = [name for name in _FIFTHS if len(lower) >= 3 and name.startswith(lower)]
    name = names[0] if names else lower
    return _SAME.get(name, name if name in MODES else None)


def parse_controls(
    *,
    meter: str | None = None,
    key: str | None = None,
    tempo: float | None = None,
    pitches: str | None = None,
    tuning: str | None = None,
    instrument: str | None = None,
) -> Controls:
    """Return controls as people type them.

    Args:
        meter: ``6/8``.
        key: see `key_of`.
        tempo: quarter notes a minute.
        pitches: lowest and highest, ``E2-E5`` or ``40-76``.
        tuning: see `tuning_of`.
        instrument: name or number (from 1) of a General MIDI instrument.

    Raises:
        ConfigError: a text that means nothing, or an instrument that means several.
    """
    beats, slash, unit = (meter or "").partition("/")
    if meter and not (slash and beats.strip().isdecimal() and unit.strip().isdecimal()):
        raise ConfigError(f"a metre is written 6/8, not {meter!r}")
    low, dash, high = (pitches or "").partition("-")
    if pitches and not dash:
        raise ConfigError(f"a range is written E2-E5 or 40-76, not {pitches!r}")
    return Controls(
        meter=(int(beats), int(unit)) if meter else None,
        key=key_of(key) if key else None,
        tempo=tempo,
        low=pitch_of(low) if pitches else None,
        high=pitch_of(high) if pitches else None,
        tuning=tuning_of(tuning) if tuning else None,
        program=_program_of(instrument) if instrument else None,
    )


def pitch_of(name: str) -> int:
    """Return the MIDI number of a pitch, given as ``E2``, ``F#4`` (C4 is 60) or as the number.

    Raises:
        ConfigError: no such pitch.
    """
    text = name.strip()
    found = _PITCH.fullmatch(text)
    if text.isdecimal():
        pitch = int(text)
    elif found and found[3]:
        pitch = _class_of(found) + 12 * (int(found[3]) + 1)
    else:
        raise ConfigError(f"{name!r} is no pitch; write E2, F#4 or 40")
    if not 0 <= pitch <= 127:
        raise ConfigError(f"{name!r} lies outside 0…127 of MIDI")
    return pitch


def tuning_of(name: str) -> tuple[int, ...]:
    """Return the open strings, the lowest first, of ``DADGAD``, ``D2 A2 D3 G3 A3 D4`` or numbers.

    Letters without octaves, of four to seven strings, are those nearest to a bass (four and five
    strings) or a guitar in standard tuning.

    Raises:
        ConfigError: no tuning, or letters alone for another number of strings.
    """
    words = name.replace(",", " ").split()
    if len(words) == 1 and not words[0].isdecimal():
        words = re.findall(r"[A-Ga-g][#b♯♭]?-?\d{0,2}", words[0])
        if "".join(words) != name.strip():
            raise ConfigError(f"{name!r} is no tuning; write DADGAD or D2 A2 D3 G3 A3 D4")
    letters = [found for word in words if (found := _PITCH.fullmatch(word)) and not found[3]]
    if not letters:
        return tuple(pitch_of(word) for word in words)
    standard = _STANDARD.get(len(words))
    if standard is None or len(letters) < len(words):
        raise ConfigError(f"{name!r} needs octaves: write D2 A2 D3 G3 A3 D4")
    return tuple(
        open_string + (_class_of(found) - open_string + 6) % 12 - 6
        for found, open_string in zip(letters, standard, strict=True)
    )


def _class_of(found: re.Match[str]) -> int:
    return _STEPS[found[1].upper()] + {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(found[2], 0)


def _program_of(name: str) -> int:
    if name.strip().isdecimal() and 1 <= int(name) <= len(PROGRAMS):
        return int(name) - 1
    found = sorted(programs_named(name))
    if not found:
        raise ConfigError(f"General MIDI has no instrument {name!r}")
    exact = [p for p in found if PROGRAMS[p].casefold() == name.strip().casefold()]
    if len(found) > 1 and not exact:
        several = ", ".join(PROGRAMS[p] for p in found[:8])
        raise ConfigError(f"{name!r} names several instruments: {several}")
    return (exact or found)[0]
