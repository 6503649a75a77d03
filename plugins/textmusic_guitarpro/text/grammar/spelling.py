"""Words of a grammar character by character: finite sets of words, and numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from textmusic_guitarpro.text.parts import MAX_CAPO, MAX_TUNING, pitch_name
from textmusic_guitarpro.text.signature import DENOMINATORS

__all__ = [
    "CAPOS",
    "KEYS",
    "METERS",
    "OPEN_STRINGS",
    "PROGRAMS",
    "TREMOLOS",
    "Words",
    "number_chars",
    "numbers",
    "point_chars",
    "tempo_chars",
]

_DIGITS = frozenset("0123456789")
_NONE: frozenset[str] = frozenset()
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d{1,3})?")
_TEMPO = re.compile(r"(?:0|[1-9]\d{0,4})(?:\.\d{0,2}[1-9])?")


class Words:
    """Some words by their beginnings."""

    def __init__(self, words: Iterable[str]) -> None:
        self.complete = frozenset(words)
        following: dict[str, set[str]] = defaultdict(set)
        for word in self.complete:
            for size, char in enumerate(word):
                following[word[:size]].add(char)
        self._following = {word: frozenset(chars) for word, chars in following.items()}

    def after(self, beginning: str) -> frozenset[str]:
        """Return the next characters of the words that begin so."""
        return self._following.get(beginning, _NONE)


def numbers(low: int, high: int) -> list[str]:
    """Return the whole numbers of up to three digits from `low` to `high`, in brackets."""
    return [f"[{number}]" for number in range(max(low, -999), min(high, 999) + 1)]


def number_chars(text: str) -> tuple[frozenset[str], bool]:
    """Return what may follow within a number such as ``-0.25``, and whether it may end."""
    whole, point, decimals = text.removeprefix("-").partition(".")
    is_whole = bool(_NUMBER.fullmatch(text))
    chars = _DIGITS if len(decimals if point else whole) < 3 else _NONE
    if not text:
        chars |= {"-"}
    return chars | ({"."} if is_whole and not point else _NONE), is_whole


def point_chars(text: str) -> tuple[frozenset[str], bool]:
    """Return what may follow within a point of a curve, such as ``2@50``, and whether it may end."""
    height, at, percent = text.partition("@")
    if not at:
        chars, is_whole = number_chars(height)
        return chars | ({"@"} if is_whole else _NONE), False
    return (_DIGITS if len(percent) < 3 else _NONE), bool(percent)


def tempo_chars(text: str) -> tuple[frozenset[str], bool]:
    """Return what may follow within a tempo of up to three decimals, and whether it may end."""
    whole, point, decimals = text.partition(".")
    is_whole = bool(_TEMPO.fullmatch(text)) and text != "0"
    if point:
        last = len(decimals) == 2
        more = _DIGITS - {"0"} if last else _DIGITS
        return (more if len(decimals) < 3 else _NONE), is_whole
    digits = _DIGITS if len(whole) < 5 and whole != "0" else _NONE
    return digits | ({"."} if whole else _NONE), is_whole


METERS = frozenset(f"{n}/{d}" for n in range(1, 256) for d in DENOMINATORS)
KEYS = Words(f"{fifths}{mode}" for fifths in range(-7, 8) for mode in ("", *"mdpxlo"))
PROGRAMS = Words(map(str, range(128)))
CAPOS = Words(map(str, range(1, MAX_CAPO + 1)))
TREMOLOS = Words(w for w in numbers(1, 999) if w not in {"[8]", "[16]", "[32]"})
OPEN_STRINGS = Words(pitch_name(pitch) for pitch in range(-MAX_TUNING, MAX_TUNING + 1))
