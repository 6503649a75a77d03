"""The points of a curve: the number in brackets behind a bend or whammy bar."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic_guitarpro.text.bounds import MAX_BEND, MAX_WHAMMY
from textmusic_guitarpro.text.grammar.beats import ALL
from textmusic_guitarpro.text.grammar.notes import MOST_POINTS, Event
from textmusic_guitarpro.text.grammar.spelling import point_chars

__all__ = ["Curve"]

_DIGITS = frozenset("0123456789")
_SIGNS = frozenset("+@")
_OTHERS = ALL - _SIGNS - {"\n"}
_WHAMMY = "@"


class Curve(NamedTuple):
    """What is being typed of a curve; it knows nothing else."""

    sign: str = ""
    """``+`` or ``@`` where a bracket may follow, or within it."""
    is_inside: bool = False
    points: int = 0
    """Those begun; 0 while the bracket may yet be a number, or a length."""
    word: str = ""
    """What decides how the point goes on; of a number only that it has decimals."""

    @classmethod
    def of(cls, event: Event) -> Curve:
        """Return what of an event may become a curve; the event is not within brackets."""
        if event.phase == "points":
            return cls(_WHAMMY)
        return cls("+" if event.phase == "whole" and event.word[:1] == "+" else "")

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        if not self.is_inside or (not self.points and not self.word):
            return ALL
        return _in_point(self.word, self.points, self.sign == _WHAMMY)

    def after(self, char: str) -> Curve | tuple[()]:
        """Return what is known after a character; nothing behind the line."""
        if self.is_inside:
            return self._typed(char)
        if char == "\n":
            return ()
        if self.sign and char == "[":
            return Curve(self.sign, is_inside=True, points=int(self.sign == _WHAMMY))
        if char in _SIGNS:
            return _AFTER[char]
        return self if self.sign == "+" and char in _DIGITS else _NONE

    def _typed(self, char: str) -> Curve:
        if char == "]":
            return _NONE if self.points else _AFTER["+"]
        if self.points:
            if char == ",":
                return self._replace(points=self.points + 1, word="")
            return self._replace(word=_shorter(self.word + char))
        if char == "/":
            return _NONE
        if char == "@":
            return self._replace(points=1, word=_shorter("0@"))
        return self if char in _DIGITS and not self.word else self._with_decimal(char)

    def _with_decimal(self, char: str) -> Curve:
        return self._replace(word="0." if char == "." else _shorter(self.word + char))

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if not self.is_inside:
            others = _OTHERS - {"["} - _DIGITS if self.sign else _OTHERS
            if char in others:
                return others
        elif self.points or self.word:
            return _like(self.word, char)
        return _DIGITS if self.sign and char in _DIGITS else frozenset(char)


_NONE = Curve()
_AFTER = {sign: Curve(sign) for sign in _SIGNS}


@lru_cache(maxsize=1 << 12)
def _in_point(word: str, points: int, is_whammy: bool) -> frozenset[str]:  # noqa: FBT001 - a cache's key
    chars, is_whole = point_chars(word, MAX_WHAMMY if is_whammy else MAX_BEND, signed=is_whammy)
    if not points:
        return chars | {"]"} if "@" in chars else chars
    return chars | {"]", *("," if points < MOST_POINTS else "")} if is_whole else chars


@lru_cache(maxsize=1 << 12)
def _shorter(word: str) -> str:
    """Return a point that goes on alike: of decimals whether they are 0, of percents their size."""
    height, at, percent = word.partition("@")
    _, point, decimals = height.partition(".")
    if at:
        height, percent = "0", _RANKS.get(percent, "0")
    elif point:
        height = "0." + "".join("0" if digit == "0" else "1" for digit in decimals)
    return height + at + percent


_RANKS = {"": "", "1": "1", "10": "10"} | dict.fromkeys("23456789", "2")
"""Beginnings of percents; any other is over."""


@lru_cache(maxsize=1 << 10)
def _like(word: str, char: str) -> frozenset[str]:
    """Return the digits that let a point go on alike."""
    if char not in _DIGITS:
        return frozenset(char)
    after = _shorter(word + char)
    return frozenset(digit for digit in _DIGITS if _shorter(word + digit) == after)
