"""The grammars of the raster texts (`raster`): all strings in step, every bar of its length.

`columns` counts the columns of a bar; `rows` remembers of each column of a system whether it is
silent and which frets the hand holds, so that the rows below the first have its width and bar line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from textmusic.controls import Controls
from textmusic.lengths import bar_ticks
from textmusic_guitartab.headed import HeadedGrammar
from textmusic_guitartab.heading import Head, Neck, frets, spelled
from textmusic_guitartab.meters import COARSE_METERS, OLD_METERS, words
from textmusic_guitartab.piece import FRETS, STRINGS

__all__ = ["STEP", "RasterGrammar", "RasterState"]

STEP = 420
"""Ticks of a column: a sixteenth."""
_COARSEST = 16
_METERS = words(COARSE_METERS)
_OLD_METERS = words((n, d) for n, d in OLD_METERS if d <= _COARSEST)
_FREE = (0, 0)
_SILENT = (-1, -1)
"""In place of the frets that a hand holds: the column begins a silence."""
_Hand = tuple[int, int]


class RasterState(NamedTuple):
    """Where in the bars; hashable, and equal wherever the same may follow."""

    phase: str
    """A key of `_PHASES`."""
    rows: bool
    """Whether the layout is `rows`."""
    strings: int
    full: int
    """Columns of a bar of the metre in force."""
    neck: Neck = ()
    """The frets that a range of pitches leaves; empty without one."""
    steady: bool = False
    """Whether the metre may not change."""
    begun: bool = False
    """Whether there is a whole bar before."""
    heard: bool = False
    """Whether there was a note."""
    is_old: bool = False
    """Whether what only old texts have may follow: long metres and bars cut short."""
    word: str = ""
    """What was read of a metre."""
    pos: int = 0
    """Columns of the bar, in `rows` of the row, that are written."""
    string: int = 0
    """The string of the next cell."""
    width: int = 0
    """`rows`: columns of the system, 0 in its first row."""
    hands: tuple[_Hand, ...] = ()
    """The frets that the hand holds: in the column begun or, in `rows`, in each one."""


class RasterGrammar(HeadedGrammar[RasterState]):
    """What may follow in a raster text. See `textmusic.grammar.Grammar`.

    Args:
        controls: what every text keeps.
        rows: of layout `rows`, not `columns`.

    Raises:
        ConfigError: no text can.
    """

    def __init__(self, controls: Controls | None = None, *, rows: bool) -> None:
        super().__init__(COARSE_METERS, controls)
        self._rows = rows

    def at_bar(self, strings: int, meter: tuple[int, int]) -> RasterState:
        """Return the state after a whole bar, when the next one has a metre."""
        full = bar_ticks(*meter) // STEP
        return _next_bar(RasterState("", self._rows, strings, full))

    def _begun(self, head: Head) -> RasterState:
        neck, steady = self._heading.neck(head), self._heading.steady
        full = _columns(head.meter)
        return RasterState("bar", self._rows, len(head.opens), full, neck, steady)

    def _follow(self, state: RasterState) -> frozenset[str]:
        return frozenset(_moves(state))

    def _after(self, state: RasterState, char: str) -> RasterState | None:
        return _moves(state).get(char)

    def _whole(self, state: RasterState) -> bool:
        return state.phase == "bar" and state.begun and state.heard

    def _ending(self, state: RasterState) -> str:
        moves = _moves(state)
        first = FRETS * (not state.heard and state.phase in {"bar", "column", "cell"})
        return next(char for char in first + _FINISH if char in moves)

    def _loose(self, state: RasterState) -> RasterState:
        state = state._replace(is_old=True)
        if state.phase != "cell" or _hand(state) == _SILENT:
            return state
        return _with_hand(state, _FREE)


_Moves = Iterator[tuple[str, RasterState]]


@lru_cache(maxsize=1 << 16)
def _moves(state: RasterState) -> dict[str, RasterState]:
    """What may follow, and the state after it."""
    return dict(_PHASES[state.phase](state))


def _columns(meter: str) -> int:
    numerator, _, denominator = meter.partition("/")
    return bar_ticks(int(numerator), int(denominator)) // STEP


def _bar(state: RasterState) -> _Moves:
    """At the start of a bar."""
    if not state.steady:
        yield "M", state._replace(phase="meter")
    yield from _PHASES["name" if state.rows else "column"](_first(state))


def _first(state: RasterState) -> RasterState:
    """Before the first string that is written."""
    return state._replace(string=state.strings - 1 if state.rows else 0)


def _meter(state: RasterState) -> _Moves:
    """Within ``num/den`` before a bar."""
    meters = _OLD_METERS if state.is_old else _METERS
    for char, word in spelled(state.word, meters):
        yield char, state._replace(word=word)
    if state.word in meters:
        phase, full = "name" if state.rows else "column", _columns(state.word)
        changed = state._replace(phase=phase, full=full, word="", is_old=False)
        yield "\n", _first(changed)


def _column(state: RasterState) -> _Moves:
    """`columns`: at the start of a line."""
    if state.pos < state.full:
        yield from _cell(state._replace(phase="cell"))
    if state.pos and _may_end(state):
        yield "|" if state.pos == state.full else "!", state._replace(phase="close")


def _may_end(state: RasterState) -> bool:
    """Whether a bar may end here: it is full or an upbeat."""
    return state.pos == state.full or not state.begun or state.is_old


def _cell(state: RasterState) -> _Moves:
    """After some cells of a column or row."""
    if state.rows:
        yield from _row(state)
    elif state.string == state.strings:
        yield "\n", state._replace(phase="column", pos=state.pos + 1, string=0, hands=())
    else:
        for char, hand in _written(state):
            heard = state.heard or char not in "-r"
            after = _with_hand(state, hand)
            yield char, after._replace(string=state.string + 1, heard=heard, is_old=False)


def _row(state: RasterState) -> _Moves:
    width = state.width or state.full
    if state.pos < width:
        for char, hand in _written(state):
            heard = state.heard or char not in "-r"
            after = _with_hand(state, hand)
            yield char, after._replace(pos=state.pos + 1, heard=heard, is_old=False)
    if state.pos == width or (state.pos and not state.width and _may_end(state)):
        end = "|" if state.pos == state.full else "!"
        yield end, state._replace(phase="line", width=state.pos)


def _written(state: RasterState) -> Iterator[tuple[str, _Hand]]:
    """The cells of a string, and what the hand holds after each."""
    hand = _hand(state)
    yield "-", hand
    if hand == _SILENT:
        return
    if state.string == (state.strings - 1 if state.rows else 0):
        yield "r", _SILENT
    low, high = hand
    for char in frets(state.neck, state.string, low, high):
        if char in "0x":
            yield char, hand
        else:
            fret = FRETS.index(char)
            yield char, (min(fret, low or fret), max(fret, high))


def _hand(state: RasterState) -> _Hand:
    """What the hand holds in the column of the next cell."""
    index = state.pos if state.rows else 0
    return state.hands[index] if index < len(state.hands) else _FREE


def _with_hand(state: RasterState, hand: _Hand) -> RasterState:
    index = state.pos if state.rows else 0
    return state._replace(hands=(*state.hands[:index], hand, *state.hands[index + 1 :]))


def _name(state: RasterState) -> _Moves:
    """`rows`: at the start of a row."""
    yield STRINGS[state.strings - 1][state.string], state._replace(phase="edge", pos=0)


def _edge(state: RasterState) -> _Moves:
    yield "|", state._replace(phase="cell")


def _line(state: RasterState) -> _Moves:
    """`rows`: at the end of a row."""
    if state.string:
        yield "\n", state._replace(phase="name", pos=0, string=state.string - 1)
    else:
        yield "\n", state._replace(phase="close")


def _close(state: RasterState) -> _Moves:
    yield "\n", _next_bar(state)


def _next_bar(state: RasterState) -> RasterState:
    return RasterState("bar", *state[1:6], begun=True, heard=state.heard)


_PHASES: dict[str, Callable[[RasterState], _Moves]] = {
    "bar": _bar,
    "meter": _meter,
    "column": _column,
    "cell": _cell,
    "name": _name,
    "edge": _edge,
    "line": _line,
    "close": _close,
}
_FINISH = "\n|-!/4628103" + STRINGS[-1]
"""What `finish` writes: the first that may follow."""
