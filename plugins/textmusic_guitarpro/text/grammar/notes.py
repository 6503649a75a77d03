"""The notes of one event, character by character: places in order, frets, techniques."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from textmusic_guitarpro.text.bounds import MAX_BEND, MAX_TRILL, MAX_WHAMMY
from textmusic_guitarpro.text.events import MAX_COPIES
from textmusic_guitarpro.text.grammar.instrument import Instrument, fret_numbers, places
from textmusic_guitarpro.text.grammar.spelling import (
    TREMOLO_NUMBERS,
    Words,
    number_chars,
    numbers,
    point_chars,
)
from textmusic_guitarpro.text.parts import FRETS
from textmusic_guitarpro.text.signs import PLAIN

__all__ = [
    "LAST_MARK",
    "MOST_POINTS",
    "Event",
    "note_finish",
    "note_moves",
    "note_step",
    "trill_numbers",
]

_PLAIN = tuple(PLAIN)
_BEND, _TREMOLO, _TRILL, _WHAMMY = range(len(_PLAIN), len(_PLAIN) + 4)
LAST_MARK = _WHAMMY
"""The number of the mark behind which there is no other."""
_FAMILIES = {_BEND: "+", _TREMOLO: ":", _TRILL: "#", _WHAMMY: "@"}
MOST_POINTS = 64


class Event(NamedTuple):
    """The notes of an event as far as they are written."""

    phase: str = "first"
    """``first`` before a note, ``place`` within its name, ``fret``, ``number`` of a fret,
    ``whole`` behind a note and its marks, ``points`` within a curve."""
    places: tuple[int, ...] = ()
    ties: tuple[int, ...] = ()
    word: str = ""
    """What was read of a place, fret or point; else the place or mark that may be continued."""
    pitch: int = 0
    """Of the last note."""
    mark: int = -1
    """Number of its last mark; -2 where it may be dead."""
    bracket: str = ""
    """What was read of a bracket: the number of a mark, or a length."""
    points: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the event may have its length now."""
        return self.phase == "whole" and not self.bracket

    @property
    def takes_bracket(self) -> bool:
        """Whether a bracket may also be the number of the mark before."""
        return self.is_whole and self.word[:1] in {"+", "#", ":"} and bool(self.word)


_Moves = Iterator[tuple[str, Event]]


@lru_cache(maxsize=512)
def note_moves(part: Instrument, sounding: tuple[int, ...], event: Event) -> dict[str, Event]:
    """Return what may follow within the notes of an event, and the event after it."""
    if event.phase == "points":
        return dict(_points(event))
    if event.phase == "fret":
        return dict(_fret(part, sounding, event))
    if event.phase == "number":
        return dict(_number(part, event))
    if event.phase == "place":
        return dict(_place(part, sounding, event))
    if event.bracket:
        return dict(_bracket(part, event))
    return _whole(part, sounding, event)


def note_step(part: Instrument, sounding: tuple[int, ...], event: Event, char: str) -> Event | None:
    """Return the event after a character, None where it may not follow; see `note_moves`."""
    if event.bracket or event.phase in {"points", "number"}:
        return note_moves(part, sounding, event).get(char)
    if event.phase == "fret":
        return dict(_fret(part, sounding, event, char)).get(char)
    if event.phase == "place":
        return dict(_place(part, sounding, event, char)).get(char)
    return _whole(part, sounding, event, char).get(char)


def _whole(
    part: Instrument, sounding: tuple[int, ...], event: Event, only: str = ""
) -> dict[str, Event]:
    """What may follow before a note or behind it; of most characters only one, if that is given."""
    moves = dict(_place(part, sounding, event._replace(word="", mark=-1), only))
    if event.phase == "whole":
        moves.update(_named(part, sounding, event))
        moves.update(_marks(part, event, only))
    return moves


def _tied(event: Event) -> bool:
    """Whether the last note is one that goes on."""
    return bool(event.ties) and event.ties[-1] == event.places[-1]


def _lowest(part: Instrument, sounding: tuple[int, ...], event: Event) -> int:
    """The lowest place that may follow: the last one again only where there are no strings."""
    if not event.places:
        return 0
    last = event.places[-1]
    most = sounding.count(last) if _tied(event) else MAX_COPIES
    return last if not part.opens and event.places.count(last) < most else last + 1


def _place(part: Instrument, sounding: tuple[int, ...], event: Event, only: str = "") -> _Moves:
    words, names = places(part, _lowest(part, sounding, event))
    named = "fret" if part.opens else "whole"
    before, ties, rest = event.places, event.ties, event[6:]
    chars = words.after(event.word)
    for char in chars & {only} if only else chars:
        word = event.word + char
        rank = names.get(word)
        if rank is None or _must_tie(event, rank):
            yield char, Event("place", before, ties, word, event.pitch, event.mark, *rest)
        else:
            yield char, Event(named, (*before, rank), ties, word, rank, -2, *rest)
    rank = names.get(event.word, -1)
    if _must_tie(event, rank):
        yield "~", _held(event._replace(places=(*event.places, rank)))


def _must_tie(event: Event, rank: int) -> bool:
    return _tied(event) and event.places[-1] == rank


def _held(event: Event) -> Event:
    ties = (*event.ties, event.places[-1])
    return event._replace(phase="whole", ties=ties, word="", mark=_WHAMMY)


def _named(part: Instrument, sounding: tuple[int, ...], event: Event) -> _Moves:
    """Behind a name of a place without frets: that it goes on, or another digit."""
    if not event.word[:1].isalpha():
        return
    *before, rank = event.places
    shorter = event._replace(places=tuple(before), phase="place")
    yield from _place(part, sounding, shorter) if event.word[1:].isdecimal() else ()
    if rank in sounding and rank not in before:
        yield "~", _held(event)


def _fret(part: Instrument, sounding: tuple[int, ...], event: Event, only: str = "") -> _Moves:
    lowest = part.opens[event.places[-1]]
    whole = event._replace(phase="whole", word="")
    before, rest = whole[:4], whole[6:]
    for fret, char in enumerate(FRETS):
        if only in {"", char} and part.low <= lowest + fret <= part.high:
            yield char, Event(*before, lowest + fret, -2 if fret else -1, *rest)
    if part.low <= lowest <= part.high:
        yield "x", whole._replace(pitch=lowest, mark=-1)
    if fret_numbers(part, event.places[-1]).complete:
        yield "[", event._replace(phase="number", word="[")
    if event.places[-1] in sounding:
        yield "~", _held(event)


def _number(part: Instrument, event: Event) -> _Moves:
    string = event.places[-1]
    for char in fret_numbers(part, string).after(event.word):
        if char != "]":
            yield char, event._replace(word=event.word + char)
        else:
            pitch = part.opens[string] + int(event.word[1:])
            yield char, event._replace(phase="whole", word="", pitch=pitch)


def _marks(part: Instrument, event: Event, only: str = "") -> _Moves:
    """The next mark, in the order of `PLAIN` and `_FAMILIES`, or more of the last one."""
    last, before, rest = event.mark, event[:3], event[6:]
    if last == -2:
        yield "x", event._replace(mark=-1, word="")
    for number in range(max(last + 1, 0), len(_PLAIN)):
        if _PLAIN[number] == only or (not only and len(_PLAIN[number]) == 1):
            has_double = number - 1 > last and _PLAIN[number - 1] == 2 * _PLAIN[number]
            word = _PLAIN[number] if has_double else ""
            yield _PLAIN[number], Event(*before, word, event.pitch, number, *rest)
    for number, sign in _FAMILIES.items():
        if number > last and only in {"", sign}:
            after = event._replace(mark=number, word=sign)
            yield sign, after._replace(phase="points", word="") if sign == "@" else after
    yield from _continued(part, event)


def _continued(part: Instrument, event: Event) -> _Moves:
    word, whole = event.word, event._replace(word="")
    if event.mark < len(_PLAIN):
        if word and word == _PLAIN[event.mark]:
            yield word, whole._replace(mark=event.mark - 1)
    elif word == "+":
        yield from ((digit, event._replace(word="+" + digit)) for digit in "123456789")
    elif word == ":":
        yield from (("8", whole), ("3", whole))
    elif word == "#":
        lowest, highest = _trills(part, event.pitch)
        yield from ((str(n), whole) for n in range(10) if lowest <= n <= highest)
    numbered = word != "#" or trill_numbers(*_trills(part, event.pitch)).complete
    if event.takes_bracket and numbered:
        yield "[", event._replace(bracket="[")


def _trills(part: Instrument, pitch: int) -> tuple[int, int]:
    """Semitones from a note to the lowest and to the highest that it may trill with."""
    low, high = (0, 127) if part.is_drum else (part.low, part.high)
    return max(low - pitch, -MAX_TRILL), min(high - pitch, MAX_TRILL)


@lru_cache(maxsize=256)
def trill_numbers(lowest: int, highest: int) -> Words:
    """Return the brackets of trills from the lowest to the highest semitones."""
    return Words([*numbers(lowest, min(-1, highest)), *numbers(max(10, lowest), highest)])


def _bracket(part: Instrument, event: Event) -> _Moves:
    """Within the number of a mark."""
    inner, whole = event.bracket[1:], event._replace(word="", bracket="")
    if event.word[0] != "+":
        trills = trill_numbers(*_trills(part, event.pitch))
        words = trills if event.word == "#" else TREMOLO_NUMBERS
        for char in words.after(event.bracket):
            yield char, whole if char == "]" else event._replace(bracket=event.bracket + char)
        return
    chars, is_whole = number_chars(inner, MAX_BEND)
    for char in chars:
        yield char, event._replace(bracket=event.bracket + char)
    if is_whole:
        yield "@", event._replace(phase="points", word=inner + "@", points=1)
        if event.word == "+":
            yield "]", whole._replace(word="+[]")


def _points(event: Event) -> _Moves:
    if not event.bracket:
        yield "[", event._replace(bracket="[", points=1)
        return
    is_bend = event.mark == _BEND
    chars, is_whole = point_chars(
        event.word, MAX_BEND if is_bend else MAX_WHAMMY, signed=not is_bend
    )
    for char in chars:
        yield char, event._replace(word=event.word + char)
    if is_whole:
        if event.points < MOST_POINTS:
            yield ",", event._replace(word="", points=event.points + 1)
        yield "]", event._replace(phase="whole", word="", bracket="", points=0)


def note_finish(
    part: Instrument, sounding: tuple[int, ...], event: Event, moves: frozenset[str]
) -> str:
    """Return a character of a short way to where the event may have its length.

    Args:
        part: see `note_moves`.
        sounding: likewise.
        event: not whole.
        moves: what the voice allows, lengths included.
    """
    known = moves if event.bracket else frozenset(note_moves(part, sounding, event))
    return next((char for char in "]/@04" if char in known), min(known))
