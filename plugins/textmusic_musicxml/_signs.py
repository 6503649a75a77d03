"""Signs of a measure: time, key, tempo, loudness, endings and jumps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from textmusic.score import MODES
from textmusic_musicxml._tree import Element, number, text_of

__all__ = [
    "direction_jumps",
    "direction_tempo",
    "direction_velocity",
    "ending_passes",
    "key_of",
    "pitch_of",
    "sound_jumps",
    "time_of",
]

_UNITS = {
    "long": 16.0,
    "breve": 8.0,
    "whole": 4.0,
    "half": 2.0,
    "quarter": 1.0,
    "eighth": 0.5,
    "16th": 0.25,
    "32nd": 0.125,
}
_VELOCITIES = {
    "pppp": 8,
    "ppp": 16,
    "pp": 33,
    "p": 49,
    "mp": 64,
    "mf": 80,
    "f": 96,
    "ff": 112,
    "fff": 126,
    "ffff": 127,
}
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MODE_NAMES = {"aeolian": "minor", "ionian": "major"}
_JUMPS = ("dacapo", "dalsegno", "tocoda", "coda", "segno", "fine")
_NUMBER = re.compile(r"\d{1,4}(?:\.\d{1,6})?", re.ASCII)
_INTEGER = re.compile(r"\d{1,4}", re.ASCII)
_RANGE = re.compile(r"(\d{1,2})\s?-\s?(\d{1,2})", re.ASCII)


def time_of(time: Element) -> tuple[int, int] | None:
    """Return the time signature, several added up, or None where there is none to tell."""
    beats = [text_of(e) for e in time.iterfind("beats")]
    types = [number(text_of(e)) for e in time.iterfind("beat-type")]
    total = Fraction(0)
    least = 1
    for beat, kind in zip(beats, types, strict=False):
        if not kind or kind not in {1, 2, 4, 8, 16, 32, 64, 128}:
            return None
        count = sum(int(n) for n in _INTEGER.findall(beat))
        total += Fraction(count, int(kind))
        least = max(least, int(kind))
    numerator = total * least
    return (int(numerator), least) if 1 <= numerator <= 255 else None


def key_of(key: Element, shift: int) -> tuple[int, str] | None:
    """Return the sounding key: fifths and mode; None for a key that is no circle-of-fifths one.

    Args:
        key: the element, which states the written key.
        shift: semitones from written to sounding.
    """
    fifths = number(text_of(key, "fifths"))
    if fifths is None or not -12 <= fifths <= 12:
        return None
    written = int(fifths)
    sounding = (written + 7 * shift + 5) % 12 - 5 if shift % 12 else written
    if not -7 <= sounding <= 7:
        sounding = (sounding + 5) % 12 - 5
    mode = text_of(key, "mode").strip().lower()
    mode = _MODE_NAMES.get(mode, mode)
    return sounding, mode if mode in MODES else "major"


def direction_tempo(direction: Element) -> float | None:
    """Return the quarters a minute that a direction sets, or None."""
    sound = direction.find("sound")
    tempo = number(sound.get("tempo")) if sound is not None else None
    if tempo is None:
        tempo = next(_metronomes(direction), None)
    return tempo if tempo is not None and 0 < tempo < 10_000 else None


def _metronomes(direction: Element) -> Iterator[float]:
    for mark in direction.iterfind("direction-type/metronome"):
        found = _NUMBER.search(text_of(mark, "per-minute"))
        unit = _UNITS.get(text_of(mark, "beat-unit").strip())
        if found and unit:
            dots = len(mark.findall("beat-unit-dot"))
            yield float(found[0]) * unit * (2 - 0.5 ** min(dots, 4))


def direction_velocity(element: Element, path: str = "direction-type/dynamics") -> int | None:
    """Return the velocity that a direction or a note's own sign of loudness sets, or None."""
    sound = element.find("sound")
    percent = number(sound.get("dynamics")) if sound is not None else None
    if percent is not None and percent > 0:
        return min(max(round(percent * 0.9), 1), 127)
    for dynamics in element.iterfind(path):
        for sign in dynamics:
            if sign.tag in _VELOCITIES:
                return _VELOCITIES[sign.tag]
    return None


def ending_passes(ending: Element) -> frozenset[int]:
    """Return the passes of an ending: ``1, 2`` or ``1-3``; {1} where it does not say."""
    text = (ending.get("number") or "")[:80]
    passes = {int(n) for n in _INTEGER.findall(text)}
    for low, high in _RANGE.findall(text):
        passes |= set(range(int(low), int(high) + 1))
    return frozenset(n for n in passes if 1 <= n <= 16) or frozenset({1})


def sound_jumps(sound: Element) -> dict[str, str]:
    """Return the jumps and their targets that a sound element names."""
    return {name: value for name in _JUMPS if (value := sound.get(name)) and value != "no"}


def direction_jumps(direction: Element) -> dict[str, str]:
    """Return the jumps of a direction: of its sound element, else of its words and signs."""
    sound = direction.find("sound")
    jumps = sound_jumps(sound) if sound is not None else {}
    if jumps:
        return jumps
    for words in direction.iterfind("direction-type/words"):
        text = " ".join((words.text or "")[:40].lower().replace(".", "").split())
        if text.startswith(("dc", "da capo")):
            jumps["dacapo"] = "yes"
        elif text.startswith(("ds", "dal segno")):
            jumps["dalsegno"] = "segno"
        elif text.startswith("to coda"):
            jumps["tocoda"] = "coda"
        elif text == "fine":
            jumps["fine"] = "yes"
    for sign in ("segno", "coda"):
        if direction.find(f"direction-type/{sign}") is not None:
            jumps.setdefault(sign, sign)
    if "tocoda" in jumps:
        jumps.pop("coda", None)
    return jumps


def pitch_of(element: Element, prefix: str = "") -> float | None:
    """Return the MIDI number of a step, alter and octave, or None where they say none."""
    step = _STEPS.get(text_of(element, f"{prefix}step").strip())
    octave = number(text_of(element, f"{prefix}octave"))
    if step is None or octave is None:
        return None
    value = 12 * (int(octave) + 1) + step + (number(text_of(element, f"{prefix}alter")) or 0)
    return value if -1000 < value < 1000 else None
