"""The words of a bar, character by character; see `textmusic_guitarpro.text.signature`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from textmusic.form import Measure
from textmusic_guitarpro.text.grammar.durations import (
    Room,
    fraction,
    has_fraction,
    letters,
    wanted,
)
from textmusic_guitarpro.text.grammar.spelling import KEYS, METER_WORDS, Words, tempo_chars
from textmusic_guitarpro.text.repeats import PASSES, Section
from textmusic_guitarpro.text.times import bar_units, grids_at, is_bar_end

__all__ = ["Bar", "word_end", "word_finish", "word_moves"]

_ORDER = "M!KT([)"
_MOST_LENGTHS = 64


class Bar(NamedTuple):
    """A bar as far as its words say."""

    meter: tuple[int, int] = (4, 4)
    is_first: bool = True
    short: int = 0
    """Units of a bar cut short."""
    measure: Measure = Measure()
    last: str = ""
    """The first character of the last word."""
    word: str = ""
    """What was read of a word, with its first character; of its lengths only a fraction."""
    units: int = 0
    """The sum of the lengths in the word."""
    lengths: int = 0
    """How many they are."""
    placed: bool = False
    """Whether the word must have, or has, its place in the bar."""
    fixed: str = ""
    """Signs of words that no bar may have."""

    @property
    def length(self) -> int:
        """Units from bar line to bar line."""
        return self.short or bar_units(*self.meter)

    @property
    def is_cut(self) -> bool:
        """Whether the bar still lacks what bars cut short have: it is the first, or at a repeat."""
        return bool(self.short) and not self.is_first and self.measure == Measure()

    @property
    def is_new(self) -> bool:
        """Whether nothing was read of it."""
        return not self.last and not self.word

    @property
    def takes_words(self) -> bool:
        """Whether another word may follow."""
        return self.last != ")"

    def next(self) -> Bar:
        """The bar behind it."""
        fixed = self.fixed
        if "M" in fixed and "!" not in fixed:
            fixed += "!"  # of a metre that was asked for only the upbeat is cut short
        return Bar(self.meter, is_first=False, fixed=fixed)


_Moves = Iterator[tuple[str, Bar]]


@lru_cache(maxsize=1 << 13)
def word_moves(bar: Bar, section: Section) -> dict[str, Bar]:
    """Return what may follow in a word or begin one, and the bar after it."""
    if not bar.word:
        return dict(_first(bar, section))
    if bar.word[0] == "[":
        return dict(_ending(bar, section))
    if bar.word[0] == "!" or "@" in bar.word:
        return dict(_lengths(bar))
    kinds = {"M": _meter, "K": _key, "T": _tempo, "(": _open, ")": _close}
    return dict(kinds[bar.word[0]](bar))


def _first(bar: Bar, section: Section) -> _Moves:
    rank = _ORDER.find(bar.last) if bar.last else -1
    for number, sign in enumerate(_ORDER):
        again = number == rank and sign in "KT"
        opened = section.before(opens=bar.measure.opens)
        barred = (sign == "M" and bar.is_first) or (sign == "[" and not opened.endings())
        if (number > rank or again) and not barred and sign not in bar.fixed:
            yield sign, bar._replace(word=sign, units=0, lengths=0, placed=again)


@lru_cache(maxsize=2048)
def _other_meters(meter: tuple[int, int]) -> Words:
    return Words(METER_WORDS - {"{}/{}".format(*meter)})


@lru_cache(maxsize=64)
def _endings(section: Section) -> Words:
    return Words(section.endings())


def _meter(bar: Bar) -> _Moves:
    for char in _other_meters(bar.meter).after(bar.word[1:]):
        yield char, bar._replace(word=bar.word + char)


def _key(bar: Bar) -> _Moves:
    for char in KEYS.after(bar.word[1:]):
        yield char, bar._replace(word=bar.word + char)
    if bar.word[1:] in KEYS.complete:
        yield "@", bar._replace(word=bar.word[0] + "@", placed=True)


def _tempo(bar: Bar) -> _Moves:
    chars, is_whole = tempo_chars(bar.word[1:])
    for char in chars:
        yield char, bar._replace(word=bar.word + char)
    if is_whole:
        yield "@", bar._replace(word=bar.word[0] + "@", placed=True)


def _ending(bar: Bar, section: Section) -> _Moves:
    for char in _endings(section.before(opens=bar.measure.opens)).after(bar.word[1:]):
        yield char, bar._replace(word=bar.word + char)


def _open(_bar: Bar) -> _Moves:
    yield from ()


def _close(bar: Bar) -> _Moves:
    if bar.word == ")":
        yield from ((str(passes), bar._replace(word=f"){passes}")) for passes in PASSES)


def _room(bar: Bar) -> Room:
    """Where the next length of the word stands, counted from the bar line."""
    length = bar_units(*bar.meter) if bar.word[0] == "!" else bar.length
    return Room(bar.units, length - bar.units, strict=True)


def _letters(bar: Bar) -> dict[str, int]:
    """The letters that may follow, with their units."""
    fits = is_bar_end if bar.word[0] == "!" else grids_at
    if bar.lengths == _MOST_LENGTHS or "[" in bar.word:
        return {}
    return {char: units for char, units in letters(_room(bar)).items() if fits(bar.units + units)}


def _lengths(bar: Bar) -> _Moves:
    head, bracket, inner = bar.word.partition("[")
    more = bar._replace(lengths=bar.lengths + 1)
    for letter, units in _letters(bar).items():
        yield letter, more._replace(units=bar.units + units)
    if not bracket:
        if not bar.lengths and bar.word[0] != "!" and has_fraction(_room(bar)):
            yield "[", bar._replace(word=bar.word + "[")
        return
    chars, units = fraction(_room(bar), inner)
    for char in chars:
        if char == "]":
            yield char, more._replace(word=head, units=units, lengths=_MOST_LENGTHS)
        else:
            yield char, bar._replace(word=bar.word + char)


def word_end(bar: Bar, section: Section) -> Bar | None:
    """Return the bar behind the word in progress, None where it may not end here."""
    sign, body = bar.word[:1], bar.word[1:]
    after = Bar(bar.meter, bar.is_first, bar.short, bar.measure, sign, fixed=bar.fixed)
    measure = bar.measure
    if sign == "M" and body in _other_meters(bar.meter).complete:
        numerator, _, denominator = body.partition("/")
        return after._replace(meter=(int(numerator), int(denominator)), short=0)
    if "[" in body or (bar.placed and "@" not in body) or ("@" in body and not bar.units):
        return None
    if sign == "!" and bar.units:
        return after._replace(short=bar.units)
    if "@" in body or (sign == "K" and body in KEYS.complete):
        return after
    if sign == "T" and tempo_chars(body)[1]:
        return after
    if sign == "(":
        return after._replace(measure=replace(measure, opens=True))
    if sign == "[" and body in section.before(opens=measure.opens).endings():
        endings = frozenset(map(int, body.split(",")))
        return after._replace(measure=replace(measure, endings=endings))
    if sign == ")" and body:
        return after._replace(measure=replace(measure, passes=int(body)))
    return None


def word_finish(bar: Bar, section: Section) -> str:
    """Return a character of a short way to the end of a word, or to its begin."""
    moves = word_moves(bar, section)
    if bar.word[:1] == "!" or "@" in bar.word:
        _, bracket, inner = bar.word.partition("[")
        if bracket:
            return wanted(_room(bar), inner)
        known = _letters(bar)
        return max(known, key=known.__getitem__) if known else "["
    return next((char for char in "(@)04/" if char in moves), min(moves))
