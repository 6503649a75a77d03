"""Words of a grammar character by character: finite sets of words, and numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from textmusic_guitarpro.text.bounds import METERS, TEMPOS, TREMOLOS

__all__ = [
    "KEYS",
    "METER_WORDS",
    "PROGRAMS",
    "TREMOLO_NUMBERS",
    "Words",
    "number_chars",
    "numbers",
    "point_chars",
    "tempo_chars",
]

_DIGITS = frozenset("0123456789")
_NONE: frozenset[str] = frozenset()
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d{0,2}[1-9])?")


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


def _below(text: str, most: int) -> frozenset[str]:
    """The digits that may follow in a whole number of up to `most`."""
    if text == "0":
        return _NONE
    return frozenset(digit for digit in "0123456789" if int(text + digit) <= most)


@lru_cache(maxsize=1 << 12)
def number_chars(
    text: str, most: int, least: int = 0, *, signed: bool = False
) -> tuple[frozenset[str], bool]:
    """Return what may follow within a number such as ``0.25``, and whether it may end.

    Args:
        text: its beginning.
        most: the largest one; it has up to three decimals, the last not 0.
        least: the smallest one.
        signed: whether it may be below 0.
    """
    whole, point, decimals = text.removeprefix("-").partition(".")
    is_whole = bool(_NUMBER.fullmatch(text)) and int(whole) >= least and text != "-0"
    if point:
        more = _DIGITS - {"0"} if len(decimals) == 2 else _DIGITS
        return (more if len(decimals) < 3 else _NONE), is_whole
    chars = _below(whole, most)
    if not whole and least:
        chars -= {"0"}
    if whole and least <= int(whole) < most:
        chars |= {"."}
    return chars | ({"-"} if signed and not text else _NONE), is_whole


def point_chars(text: str, most: int, *, signed: bool) -> tuple[frozenset[str], bool]:
    """Return what may follow within a point of a curve, such as ``2@50``, and whether it may end."""
    height, at, percent = text.partition("@")
    if not at:
        chars, is_whole = number_chars(height, most, signed=signed)
        return chars | ({"@"} if is_whole else _NONE), False
    return _below(percent, 100), bool(percent)


def tempo_chars(text: str) -> tuple[frozenset[str], bool]:
    """Return what may follow within a tempo, a whole number or a half, and whether it may end."""
    return _TEMPO_WORDS.after(text), text in _TEMPO_WORDS.complete


_TEMPO_WORDS = Words(f"{half / 2:g}" for half in range(2 * TEMPOS[0], 2 * TEMPOS[1] + 1))
METER_WORDS = frozenset(f"{numerator}/{denominator}" for numerator, denominator in METERS)
KEYS = Words(f"{fifths}{mode}" for fifths in range(-7, 8) for mode in ("", *"mdpxlo"))
PROGRAMS = Words(map(str, range(128)))
TREMOLO_NUMBERS = Words(f"[{value}]" for value in TREMOLOS - {8, 16, 32})
