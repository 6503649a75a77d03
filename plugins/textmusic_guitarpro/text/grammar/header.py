"""The lines of the header, character by character, and the state that all lines share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from textmusic_guitarpro.text.bounds import CAPOS, MAX_DRUM, MAX_FRET, OPEN_STRINGS
from textmusic_guitarpro.text.grammar.instrument import Instrument
from textmusic_guitarpro.text.grammar.piece import Piece, Played
from textmusic_guitarpro.text.grammar.spelling import (
    KEYS,
    METER_WORDS,
    PROGRAMS,
    Words,
    tempo_chars,
)
from textmusic_guitarpro.text.grammar.trace import Trace
from textmusic_guitarpro.text.grammar.voice import Voice
from textmusic_guitarpro.text.grammar.wishes import FREE, Wishes
from textmusic_guitarpro.text.grammar.words import Bar
from textmusic_guitarpro.text.parts import LOWEST_GUITAR, MAX_STRINGS, Part, pitch_name

__all__ = ["HEADER", "Moves", "State", "with_part"]

_METERS = Words(METER_WORDS)


class State(NamedTuple):
    """Where in a text; hashable, and equal wherever the same may follow."""

    phase: str
    """A key of `_PHASES`, or ``voice``."""
    text: str = ""
    """What was read of a word of the header, or of a reference."""
    tuning: tuple[str, ...] = ()
    """The strings of the part in the present line of the header."""
    program: str = ""
    """Its program, as it is written."""
    wishes: Wishes = FREE
    """What was asked of the header; used up behind it."""
    piece: Piece = Piece()
    bar: Bar = Bar()
    voice: Voice = Voice(Instrument(), 0)
    traces: tuple[Trace, ...] = ()
    """The voices of the present line that are over."""

    @property
    def is_alone(self) -> bool:
        """Whether the piece has one part, and its bars have one line each."""
        return len(self.piece.parts) == 1


Moves = Iterator[tuple[str, State]]


def _at(state: State) -> Moves:
    yield "@", state._replace(phase="meter")


def _spelled(state: State, words: Words) -> Moves:
    for char in words.after(state.text):
        yield char, state._replace(text=state.text + char)


@lru_cache(maxsize=64)
def _only(word: str) -> Words:
    return Words({word})


def _meter(state: State) -> Moves:
    wishes = state.wishes
    words = _METERS if wishes.meter is None else _only(wishes.meter)
    yield from _spelled(state, words)
    if state.text in words.complete:
        numerator, _, denominator = state.text.partition("/")
        bar = Bar((int(numerator), int(denominator)), fixed=wishes.fixed)
        yield " ", state._replace(phase="signature", text="", bar=bar)
        if wishes.key is None and wishes.tempo is None:
            yield "\n", state._replace(phase="parts", text="", bar=bar)


def _signature(state: State) -> Moves:
    """Key and tempo of the header."""
    wishes = state.wishes
    if not state.text:
        yield "K", state._replace(text="K")
    if state.text[:1] == "T" or (not state.text and wishes.key is None):
        yield from _tempo(state)
    elif state.text:
        words = KEYS if wishes.key is None else _only(wishes.key)
        for char in words.after(state.text[1:]):
            yield char, state._replace(text=state.text + char)
        if state.text[1:] in words.complete:
            yield " ", state._replace(phase="tempo", text="")
            if wishes.tempo is None:
                yield "\n", state._replace(phase="parts", text="")


def _tempo(state: State) -> Moves:
    if not state.text:
        yield "T", state._replace(text="T")
        return
    asked, said = state.wishes.tempo, state.text[1:]
    chars, is_whole = (
        tempo_chars(said) if asked is None else (_only(asked).after(said), said == asked)
    )
    for char in chars:
        yield char, state._replace(text=state.text + char)
    if is_whole:
        yield "\n", state._replace(phase="parts", text="")


def _program(state: State) -> Moves:
    wishes, said = state.wishes, state.text
    if not said:
        yield "x", state._replace(text="x")
    if said[:1] == "x":
        for char in PROGRAMS.after(said[1:]):
            yield char, state._replace(text=said + char)
        yield "\n", _with_part(state, is_drum=True)
        return
    words = PROGRAMS if wishes.program is None else _only(str(wishes.program))
    for char in words.after(said):
        yield char, state._replace(text=said + char)
    if said and said not in words.complete:
        return
    has_strings = wishes.tuning or (
        wishes.tuning is None and _opens(wishes.low, wishes.high).complete
    )
    if has_strings and wishes.takes_program(said, (), is_whole=False):
        yield " ", state._replace(phase="strings", text="", program=said)
    if not wishes.tuning and wishes.takes_program(said, (), is_whole=True):
        yield "\n", _with_part(state)


@lru_cache(maxsize=256)
def _opens(low: int, high: int) -> Words:
    """The open strings on which a pitch from `low` to `high` sounds."""
    pitches = (p for p in OPEN_STRINGS if low - MAX_FRET <= p <= high)
    return Words(map(pitch_name, pitches))


def _strings(state: State) -> Moves:
    """A string or the capo."""
    wishes, tuning = state.wishes, state.tuning
    asked = wishes.tuning
    must_be_low = not _takes(state, pitch_name(LOWEST_GUITAR))
    words = _opens(wishes.low, min(wishes.high, LOWEST_GUITAR - 1) if must_be_low else wishes.high)
    if asked is not None:
        words = _only(asked[len(tuning)] if len(tuning) < len(asked) else "")
    if _takes_string(state):
        yield from _spelled(state, words)
    if tuning and not state.text and asked is None and _capos(state):
        yield "c", state._replace(phase="capo", text="")
    if state.text in words.complete and state.text:
        after = state._replace(tuning=(*tuning, state.text), text="")
        if _takes_string(after) or (asked is None and _capos(after)):
            yield " ", after
        if (asked is None or len(after.tuning) == len(asked)) and _takes(after, is_whole=True):
            yield "\n", _with_part(after)


def _takes_string(state: State) -> bool:
    """Whether another string may follow."""
    asked = state.wishes.tuning
    if asked is not None:
        return len(state.tuning) < len(asked)
    return len(state.tuning) < MAX_STRINGS and _takes(state, pitch_name(0))


def _takes(state: State, *more: str, is_whole: bool = False) -> bool:
    return state.wishes.takes_program(state.program, (*state.tuning, *more), is_whole=is_whole)


def _capos(state: State) -> list[int]:
    """The capos under which all strings sound within the range."""
    if not _takes(state, is_whole=True):
        return []
    highest = state.wishes.high - max(_pitches(state.tuning))
    return [capo for capo in CAPOS if capo <= highest]


def _capo(state: State) -> Moves:
    words = Words(map(str, _capos(state)))
    yield from _spelled(state, words)
    if state.text in words.complete:
        yield "\n", _with_part(state, capo=int(state.text))


def _pitches(strings: tuple[str, ...]) -> tuple[int, ...]:
    part = Part.parse(" ".join((":", *strings)))
    return part.tuning if part else ()


def _with_part(state: State, *, is_drum: bool = False, capo: int = 0) -> State:
    return with_part(state, Part(0, is_drum, _pitches(state.tuning), capo))


def with_part(state: State, part: Part) -> State:
    """Return the state behind the line of a part."""
    opens = tuple([pitch + part.capo for pitch in part.tuning])
    low, high = (0, MAX_DRUM) if part.is_drum else (state.wishes.low, state.wishes.high)
    played = Played(Instrument(part.is_drum, opens, low, high))
    piece = state.piece._replace(parts=(*state.piece.parts, played))
    return state._replace(phase="parts", text="", tuning=(), program="", piece=piece)


HEADER: dict[str, Callable[[State], Moves]] = {
    "at": _at,
    "meter": _meter,
    "signature": _signature,
    "tempo": _tempo,
    "program": _program,
    "strings": _strings,
    "capo": _capo,
}
"""What may follow within each line of the header."""
