"""The lines of the header, character by character, and the state that all lines share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from textmusic_guitarpro.text.grammar.piece import Piece, Played
from textmusic_guitarpro.text.grammar.spelling import (
    CAPOS,
    KEYS,
    METERS,
    OPEN_STRINGS,
    PROGRAMS,
    Words,
    tempo_chars,
)
from textmusic_guitarpro.text.grammar.voice import Trace, Voice
from textmusic_guitarpro.text.grammar.words import Bar
from textmusic_guitarpro.text.parts import MAX_STRINGS, Part

__all__ = ["HEADER", "Moves", "State"]

_METERS = Words(METERS)


class State(NamedTuple):
    """Where in a text; hashable, and equal wherever the same may follow."""

    phase: str
    """A key of `_PHASES`, or ``voice``."""
    text: str = ""
    """What was read of a word of the header, or of a reference."""
    tuning: tuple[str, ...] = ()
    """The strings of the part in the present line of the header."""
    piece: Piece = Piece()
    bar: Bar = Bar()
    voice: Voice = Voice(Part(), 0)
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


def _meter(state: State) -> Moves:
    yield from _spelled(state, _METERS)
    if state.text in METERS:
        numerator, _, denominator = state.text.partition("/")
        bar = Bar((int(numerator), int(denominator)))
        yield " ", state._replace(phase="signature", text="", bar=bar)
        yield "\n", state._replace(phase="parts", text="", bar=bar)


def _signature(state: State) -> Moves:
    """Key and tempo of the header."""
    if not state.text:
        yield "K", state._replace(text="K")
    if not state.text or state.text[0] == "T":
        yield from _tempo(state)
    else:
        for char in KEYS.after(state.text[1:]):
            yield char, state._replace(text=state.text + char)
        if state.text[1:] in KEYS.complete:
            yield " ", state._replace(phase="tempo", text="")
            yield "\n", state._replace(phase="parts", text="")


def _tempo(state: State) -> Moves:
    if not state.text:
        yield "T", state._replace(text="T")
        return
    chars, is_whole = tempo_chars(state.text[1:])
    for char in chars:
        yield char, state._replace(text=state.text + char)
    if is_whole:
        yield "\n", state._replace(phase="parts", text="")


def _program(state: State) -> Moves:
    if not state.text:
        yield "x", state._replace(text="x")
    is_drum = state.text[:1] == "x"
    for char in PROGRAMS.after(state.text.removeprefix("x")):
        yield char, state._replace(text=state.text + char)
    if not is_drum:
        yield " ", state._replace(phase="strings", text="")
    yield "\n", _with_part(state, is_drum=is_drum)


def _strings(state: State) -> Moves:
    """A string or the capo."""
    if len(state.tuning) < MAX_STRINGS:
        yield from _spelled(state, OPEN_STRINGS)
    if state.tuning and not state.text:
        yield "c", state._replace(phase="capo", text="")
    if state.text in OPEN_STRINGS.complete:
        after = state._replace(tuning=(*state.tuning, state.text), text="")
        yield " ", after
        yield "\n", _with_part(after)


def _capo(state: State) -> Moves:
    yield from _spelled(state, CAPOS)
    if state.text in CAPOS.complete:
        yield "\n", _with_part(state, capo=int(state.text))


def _with_part(state: State, *, is_drum: bool = False, capo: int = 0) -> State:
    tuning = Part.parse(" ".join((":", *state.tuning))) if state.tuning else None
    opens = tuple(pitch + capo for pitch in tuning.tuning) if tuning else ()
    played = Played(Part(0, is_drum, opens))
    piece = state.piece._replace(parts=(*state.piece.parts, played))
    return state._replace(phase="parts", text="", tuning=(), piece=piece)


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
