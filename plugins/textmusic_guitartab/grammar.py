"""The grammar of event texts (`events`): it counts the time left in the bar.

Every unmarked bar sums to its metre, references name bars that exist and fit the metre in force,
strings stand in order and once, and what is left of a bar can always be written with the lengths
that there are. So there is no dead end: any bar can be filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from textmusic.bars import DISTANCES
from textmusic.lengths import GRACE, LENGTHS, bar_ticks, fillable, is_bar_end
from textmusic_guitartab.marks import MARKS, TOUCHES
from textmusic_guitartab.piece import (
    DENOMINATORS,
    FRETS,
    MAX_CAPO,
    MAX_GRACES,
    MAX_NUMERATOR,
    MAX_TEMPO,
    MIN_TEMPO,
    STRINGS,
)

__all__ = ["EventGrammar", "TabState"]

_HISTORY = 8
_FRETS = frozenset(FRETS + "x")
_MARKS = tuple(MARKS)
_BEND = _MARKS.index("+")
_QUARTER_TONES = frozenset("123456789")
_METERS = frozenset(f"{n}/{d}" for n in range(1, MAX_NUMERATOR + 1) for d in DENOMINATORS)
_NOTES = frozenset(f"{n}{o}" for n in (*"ABCDEFG", *(f"{n}#" for n in "CDFGA")) for o in range(6))
_CAPOS = frozenset(f"c{fret}" for fret in range(1, MAX_CAPO + 1))
_TEMPOS = frozenset(f"t{qpm}" for qpm in range(MIN_TEMPO, MAX_TEMPO + 1))


class TabState(NamedTuple):
    """Where in a text; hashable, and equal wherever the same may follow."""

    phase: str
    """A key of `_PHASES`."""
    strings: int = 0
    full: int = 0
    """Ticks of a bar of the metre in force."""
    bars: tuple[int, ...] = ()
    """Ticks of the last eight bars, negative for a bar cut short."""
    pos: int = 0
    """Ticks since the bar line."""
    last: int = 0
    """Ticks of the note event before, which ``.`` repeats; 0 where it may not."""
    touch: str = "}"
    """The switch in force: ``{``, ``&`` or, neither, ``}``."""
    graces: int = 0
    """Grace notes that wait for their main note."""
    word: str = ""
    """What was read of a header word, metre or reference; ``r`` after a rest."""
    string: int = 0
    """The lowest string that may follow; 1 in a header after the capo."""
    mark: int = -1
    """Number of the last mark of the pair."""


class EventGrammar:
    """What may follow in an event text. See `textmusic.grammar.Grammar`."""

    def start(self) -> TabState:
        """Return the state before the header."""
        return TabState("at")

    def allowed(self, state: TabState) -> frozenset[str]:
        """Return the characters that may follow."""
        return _allowed(state)

    def step(self, state: TabState, char: str) -> TabState:
        """Return the state after a character; ValueError where it may not follow."""
        following = _moves(state).get(char)
        if following is None:
            raise ValueError(f"{char!r} may not follow here")
        return following

    def accepting(self, state: TabState) -> bool:
        """Whether the text may end: after a whole bar."""
        return state.phase == "bar" and bool(state.bars)

    def finish(self, state: TabState) -> str:
        """Return an ending that completes the token and fills the bar with rests."""
        ending = ""
        while not self.accepting(state):
            moves = _moves(state)
            char = next(c for c in _FINISH[state.phase] if c in moves)
            ending += char
            state = moves[char]
        return ending


_Moves = Iterator[tuple[str, TabState]]


@lru_cache(maxsize=1 << 16)
def _moves(state: TabState) -> dict[str, TabState]:
    """What may follow, and the state after it."""
    return dict(_PHASES[state.phase](state))


@lru_cache(maxsize=1 << 16)
def _allowed(state: TabState) -> frozenset[str]:
    return frozenset(_moves(state))


def _at(state: TabState) -> _Moves:
    yield "@", state._replace(phase="meter")


def _spelled(state: TabState, words: Iterable[str]) -> _Moves:
    """The next characters of the words that begin like `state.word`."""
    size = len(state.word)
    for char in {w[size] for w in words if len(w) > size and w.startswith(state.word)}:
        yield char, state._replace(word=state.word + char)


def _meter(state: TabState) -> _Moves:
    """Within ``num/den``, in the header (no strings yet) or before a bar."""
    yield from _spelled(state, _METERS)
    if state.word in _METERS:
        numerator, _, denominator = state.word.partition("/")
        full = bar_ticks(int(numerator), int(denominator))
        phase = "event" if state.strings else "header"
        yield " ", state._replace(phase=phase, full=full, word="")


def _header(state: TabState) -> _Moves:
    """The header after its metre: open strings, then a capo, then a tempo."""
    more_strings = state.strings < len(STRINGS) and not state.string
    words = set(_NOTES if more_strings else ())
    if state.strings:
        words |= _TEMPOS if state.string else _TEMPOS | _CAPOS
    yield from _spelled(state, words)
    if state.word not in words:
        return
    after = state._replace(word="")
    if state.word in _NOTES:
        after = after._replace(strings=state.strings + 1)
    elif state.word in _CAPOS:
        after = after._replace(string=1)
    if state.word not in _TEMPOS:
        yield " ", after
    yield "\n", after._replace(phase="bar", string=0)


def _bar(state: TabState) -> _Moves:
    """At the start of a line."""
    if any(_fits(state, back) for back in DISTANCES.values()):
        yield "%", state._replace(phase="reference")
    if state.bars:
        yield "M", state._replace(phase="meter")
    yield from _event(state)


def _fits(state: TabState, back: int) -> bool:
    if back > len(state.bars):
        return False
    ticks = state.bars[-back]
    return ticks == state.full or -state.full < ticks < 0


def _reference(state: TabState) -> _Moves:
    """After ``%``; a digit leads to the line end."""
    mark = "%" + state.word
    if mark in DISTANCES and _fits(state, DISTANCES[mark]):
        yield "\n", _next_bar(state, state.bars[-DISTANCES[mark]])
    if not state.word:
        for name, back in DISTANCES.items():
            if name[1:] and _fits(state, back):
                yield name[1:], state._replace(word=name[1:])


def _next_bar(state: TabState, ticks: int) -> TabState:
    bars = (*state.bars, ticks)[-_HISTORY:]
    return TabState("bar", state.strings, state.full, bars)


def _event(state: TabState) -> _Moves:
    """At the start of an event."""
    if not state.graces:
        yield "r", state._replace(phase="time", word="r", last=0)
        if state.word != "r" and (state.pos or state.bars):
            yield "~", state._replace(phase="time", word="~", last=0)
    state = state._replace(word="")
    for switch in (*TOUCHES, "}"):
        if switch != state.touch:
            yield switch, state._replace(phase="switched", touch=switch)
    yield from _switched(state)


def _switched(state: TabState) -> _Moves:
    """At the start of a note event, after a switch or without one."""
    if state.last and not state.graces and _writes(state, state.last):
        yield ".", state._replace(phase="done", pos=state.pos + state.last)
    yield from _strings(state)


def _strings(state: TabState) -> _Moves:
    letters = STRINGS[state.strings - 1]
    for string in range(state.string, state.strings):
        yield letters[string], state._replace(phase="fret", string=string + 1, mark=-1, last=0)


def _fret(state: TabState) -> _Moves:
    following = state._replace(phase="pair")
    yield from ((char, following) for char in _FRETS)


def _pair(state: TabState) -> _Moves:
    """After a fret and its marks: more marks, another pair, or the length of the event."""
    for number in range(state.mark + 1, len(_MARKS)):
        yield _MARKS[number], TabState(*state[:-3], "", state.string, number)
    if state.mark == _BEND and not state.word:
        yield from dict.fromkeys(_QUARTER_TONES, state._replace(word="+")).items()
    state = state._replace(mark=-1, word="")
    yield from _strings(state)
    state = state._replace(string=0)
    if state.graces < MAX_GRACES:
        yield GRACE, state._replace(phase="done", graces=state.graces + 1, last=0)
    for letter, ticks in LENGTHS.items():
        if _writes(state, ticks):
            yield letter, state._replace(phase="done", pos=state.pos + ticks, last=ticks, graces=0)


def _writes(state: TabState, ticks: int) -> bool:
    """Whether the bar can still be filled after this length."""
    left = state.full - state.pos - ticks
    return left >= 0 and fillable(left)


def _time(state: TabState) -> _Moves:
    """After a rest or hold sign."""
    word = "r" if state.word == "r" else ""
    for letter, ticks in LENGTHS.items():
        if _writes(state, ticks):
            yield letter, state._replace(phase="done", pos=state.pos + ticks, word=word)


def _done(state: TabState) -> _Moves:
    """After an event."""
    if state.pos == state.full:
        yield "\n", _next_bar(state, state.pos)
        return
    yield " ", state._replace(phase="event")
    if not state.graces and is_bar_end(state.pos):
        yield "!", state._replace(phase="short")


def _short(state: TabState) -> _Moves:
    yield "\n", _next_bar(state, -state.pos)


_PHASES: dict[str, Callable[[TabState], _Moves]] = {
    "at": _at,
    "meter": _meter,
    "header": _header,
    "bar": _bar,
    "reference": _reference,
    "event": _event,
    "switched": _switched,
    "fret": _fret,
    "pair": _pair,
    "time": _time,
    "done": _done,
    "short": _short,
}
_LONGEST_FIRST = "".join(LENGTHS)
_FINISH = {
    "at": "@",
    "meter": " /4620",
    "header": "\n2Et",
    "bar": "r",
    "reference": "\n248",
    "event": "r" + STRINGS[-1],
    "switched": STRINGS[-1],
    "fret": "0",
    "pair": _LONGEST_FIRST,
    "time": _LONGEST_FIRST,
    "done": "\n ",
    "short": "\n",
}
"""For each phase, what `finish` writes: the first that may follow."""
