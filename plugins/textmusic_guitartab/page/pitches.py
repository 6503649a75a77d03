"""Tunings: from the labels of a staff, from what the text says, or the usual one."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["STANDARD", "fit", "label_class", "named_tuning", "names", "note_name", "spell"]

STANDARD: dict[int, tuple[int, ...]] = {
    4: (28, 33, 38, 43),
    5: (23, 28, 33, 38, 43),
    6: (40, 45, 50, 55, 59, 64),
    7: (35, 40, 45, 50, 55, 59, 64),
    8: (30, 35, 40, 45, 50, 55, 59, 64),
    9: (25, 30, 35, 40, 45, 50, 55, 59, 64),
}
"""Usual tunings by number of strings, lowest string first: bass up to five, then guitar."""
_ALSO: dict[int, tuple[tuple[int, ...], ...]] = {
    4: ((67, 60, 64, 69), (50, 55, 59, 64)),  # ukulele; four strings of a guitar
    5: ((67, 50, 55, 59, 62), (45, 50, 55, 59, 64), (40, 45, 50, 55, 59)),  # banjo; guitar
    6: ((23, 28, 33, 38, 43, 48),),  # bass
}
_MANDOLIN = (55, 62, 69, 76)
_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "H": 11}
_SOLFEGE = {"DO": 0, "RE": 2, "MI": 4, "FA": 5, "SOL": 7, "LA": 9, "SI": 11}
_ACCIDENTALS = {"#": 1, "b": -1, "": 0}
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_NAME = re.compile(r"([A-Ha-h])([#b]?)(\d?)")
_LIST = re.compile(
    r"(?<![A-Za-z])(?:[A-Ga-g][#b]?\d?[ ,;./-]{0,3}){3,8}[A-Ga-g][#b]?\d?(?![A-Za-z])"
)
_OPEN = {
    "D": (38, 45, 50, 54, 57, 62),
    "G": (38, 43, 50, 55, 59, 62),
    "E": (40, 47, 52, 56, 59, 64),
    "A": (40, 45, 52, 57, 61, 64),
    "C": (36, 43, 48, 55, 60, 64),
}
_TUNING_LINE = re.compile(r"^.*\btun(?:ing|ed|e)\b.*$", re.IGNORECASE | re.MULTILINE)
_DROP = re.compile(r"\b(?i:drop(?:ped)?)(?: to)?[ -]*([A-G])([#b]?)(?![a-z'])")
_OPEN_NAME = re.compile(r"\b(?i:open)[ -]?([ACDEG])(?![a-z'#])")
_STANDARD = re.compile(r"\b([A-G])([#b]?) (?i:standard)|\b([A-G])([#b]) (?i:tuning)")
_TUNED = re.compile("tun|open|drop|standard|step|tone")
"""What stands in all that `named_tuning` understands."""
_SIZE = r"(1/2|half|whole|full|one|two|three|[123])"
_DOWN = re.compile(
    rf"\b{_SIZE}[ -](?:an? )?(?:steps?|tones?) (?:down|lower|flat)"
    rf"|\bdown (?:an? )?{_SIZE}[ -](?:an? )?(?:steps?|tones?)",
    re.IGNORECASE,
)
_STEPS = {"half": 1, "1/2": 1, "two": 4, "2": 4, "three": 6, "3": 6}


def label_class(label: str) -> int | None:
    """Return the pitch class 0…11 of a row's label, or None when it names no note."""
    if label in _SOLFEGE:
        return _SOLFEGE[label]
    match = _NAME.fullmatch(label)
    return _class(match[1], match[2]) if match else None


def note_name(pitch: int) -> str:
    """Return the name of a MIDI number: 40 is ``E2``."""
    return f"{_SHARPS[pitch % 12]}{pitch // 12 - 1}"


def spell(tuning: Sequence[int]) -> list[str]:
    """Return the row labels of a tuning, lowest string first."""
    classes = {p % 12 for p in tuning}
    table = _FLATS if classes & {3, 8, 10} and not classes & {1, 6} else _SHARPS
    labels = [table[p % 12] for p in tuning]
    if labels[-1] in labels[:-1]:
        labels[-1] = labels[-1].lower()
    return labels


def names(text: str) -> tuple[int, ...]:
    """Return the MIDI numbers of notes written with octaves, ``E2 A2 D3``; empty if they are not.

    The lowest octave is -1, as in ``C-1`` = 0.
    """
    pitches = []
    for word in text.split():
        match = re.fullmatch(r"([A-G])([#b]?)(-?\d)", word)
        if not match:
            return ()
        pitches.append(_CLASSES[match[1]] + _ACCIDENTALS[match[2]] + 12 * (int(match[3]) + 1))
    return tuple(p for p in pitches if 0 <= p <= 127)


def fit(classes: Sequence[int], hint: str = "") -> tuple[tuple[int, ...], bool]:
    """Return the tuning nearest to a usual one whose strings have these pitch classes.

    Args:
        classes: pitch classes of the rows from the bottom of the page to its top.
        hint: lower-case text about the instrument.

    Returns:
        The tuning, lowest string first, and whether the page has its lowest string on top.
    """
    count = len(classes)
    families = [STANDARD[count], *_ALSO.get(count, ())]
    if count == 4 and any(word in hint for word in ("mandolin", "violin", "fiddle")):
        families = [_MANDOLIN, *families]
    best: tuple[int, tuple[int, ...], bool] | None = None
    for turned in (False, True):
        order = classes[::-1] if turned else classes
        for family in families:
            tuning = tuple(_nearest(c, ref) for c, ref in zip(order, family, strict=True))
            cost = sum(abs(a - b) for a, b in zip(tuning, family, strict=True))
            cost += 4 * turned + 7 * (family is not families[0])
            if best is None or cost < best[0]:
                best = cost, tuning, turned
    assert best
    return best[1], best[2]


def named_tuning(text: str, count: int) -> tuple[int, ...]:
    """Return the tuning of `count` strings that a text names, or () where it names none."""
    if count not in STANDARD:
        return ()
    base = STANDARD[count]
    if text.isascii() and not _TUNED.search(text.lower()):
        return ()
    for line in _TUNING_LINE.findall(text):
        for match in _LIST.finditer(line):
            classes = [_class(m[1], m[2]) for m in _NAME.finditer(match[0])]
            if len(classes) == count:
                tuning, turned = fit(classes)
                return () if turned else tuning
    if count == 6 and (named := _OPEN_NAME.search(text)):
        return _OPEN[named[1]]
    drop, standard, down = _DROP.search(text), _STANDARD.search(text), _DOWN.search(text)
    if drop:
        return _dropped(base, _class(drop[1], drop[2]), down)
    if standard:
        target = _class(standard[1] or standard[3], standard[2] or standard[4] or "")
        shift = -((base[0] - target) % 12)
        return tuple(p + shift for p in base) if -7 < shift < 0 else ()
    if down:
        size = (down[1] or down[2]).lower()
        return tuple(p - _STEPS.get(size, 2) for p in base)
    return ()


def _dropped(base: tuple[int, ...], target: int, down: re.Match[str] | None) -> tuple[int, ...]:
    """Drop X: the lowest string at X, the others a whole step above where it would be."""
    if down:
        size = _STEPS.get((down[1] or down[2]).lower(), 2)
        return (base[0] - 2 - size, *(p - size for p in base[1:]))
    lowest = base[0] - (base[0] - target) % 12
    shift = lowest + 2 - base[0]
    return (lowest, *(p + shift for p in base[1:])) if -7 < shift <= 0 else ()


def _class(letter: str, accidental: str) -> int:
    return (_CLASSES[letter.upper()] + _ACCIDENTALS[accidental]) % 12


def _nearest(pitch_class: int, reference: int) -> int:
    up = (pitch_class - reference) % 12
    return reference + (up if up < 6 else up - 12)
