"""The grammar of event texts (`events`): it counts the time left in the bar.

Every bar sums to its metre, but for an upbeat; there is a note; references name bars that exist and
fit the metre in force, strings stand in order and once, one hand can hold the frets of a chord, what begins or ends within a
quarter lies on one grid, and what is left of a bar can always be written with the lengths that there
are. So there is no dead end: any bar can be filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from textmusic.bars import DISTANCES
from textmusic.controls import Controls
from textmusic.lengths import BEAT, GRACE, LENGTHS, bar_ticks, fillable, is_bar_end
from textmusic_guitartab.clock import ALL_GRIDS, grids_at
from textmusic_guitartab.headed import HeadedGrammar
from textmusic_guitartab.heading import Head, Neck, frets, spelled
from textmusic_guitartab.marks import MARKS, TOUCHES
from textmusic_guitartab.meters import METERS, OLD_METERS, words
from textmusic_guitartab.piece import FRETS, MAX_GRACES, STRINGS

__all__ = ["EventGrammar", "TabState"]

_HISTORY = 8
_ANY = -1
"""Every grid, wherever the text stands, and what else only old texts have."""
_MARKS = tuple(MARKS)
_BEND = _MARKS.index("+")
_QUARTER_TONES = frozenset("123456789")
_METERS = words(METERS)
_OLD_METERS = words(OLD_METERS)


class TabState(NamedTuple):
    """Where in the bars; hashable, and equal wherever the same may follow."""

    phase: str
    """A key of `_PHASES`."""
    strings: int = 0
    full: int = 0
    """Ticks of a bar of the metre in force."""
    bars: tuple[int, ...] = ()
    """Ticks of the last eight bars, negative for a bar cut short."""
    neck: Neck = ()
    """The frets that a range of pitches leaves; empty without one."""
    steady: bool = False
    """Whether the metre may not change."""
    heard: bool = False
    """Whether there was a note, other than grace notes."""
    pos: int = 0
    """Ticks since the bar line."""
    grids: int = ALL_GRIDS
    """The grids of `clock` on which this beat lies so far, or _ANY."""
    last: int = 0
    """Ticks of the note event before, which ``.`` repeats; 0 where it may not."""
    touch: str = "}"
    """The switch in force: ``{``, ``&`` or, neither, ``}``."""
    graces: int = 0
    """Grace notes that wait for their main note."""
    word: str = ""
    """What was read of a metre or reference; ``r`` after a rest."""
    string: int = 0
    """The lowest string that may follow."""
    low: int = 0
    high: int = 0
    """The lowest and the highest fret that the hand holds in this beat; 0 for none."""
    mark: int = -1
    """Number of the last mark of the pair."""


class EventGrammar(HeadedGrammar[TabState]):
    """What may follow in an event text. See `textmusic.grammar.Grammar`.

    Args:
        controls: what every text keeps.

    Raises:
        ConfigError: no text can.
    """

    def __init__(self, controls: Controls | None = None) -> None:
        super().__init__(METERS, controls)

    def allowed(self, state: Head | TabState) -> frozenset[str]:
        """Return the characters that may follow."""
        return super().allowed(state) if isinstance(state, Head) else _allowed(state)

    def _begun(self, head: Head) -> TabState:
        neck, steady = self._heading.neck(head), self._heading.steady
        return TabState("bar", len(head.opens), _full(head.meter), (), neck, steady)

    def _moves(self, state: TabState) -> dict[str, TabState]:
        return _moves(state)

    def _whole(self, state: TabState) -> bool:
        return state.phase == "bar" and bool(state.bars) and state.heard

    def _ending(self, state: TabState) -> str:
        moves = _moves(state)
        first = "" if state.heard else STRINGS[-1]
        wanted = first * (state.phase in {"bar", "event"}) + _FINISH[state.phase]
        return next(char for char in wanted if char in moves)

    def _loose(self, state: TabState) -> TabState:
        return state._replace(low=0, high=0, grids=_ANY)


_Moves = Iterator[tuple[str, TabState]]


@lru_cache(maxsize=1 << 16)
def _moves(state: TabState) -> dict[str, TabState]:
    """What may follow, and the state after it."""
    return dict(_PHASES[state.phase](state))


@lru_cache(maxsize=1 << 16)
def _allowed(state: TabState) -> frozenset[str]:
    return frozenset(_moves(state))


def _full(meter: str) -> int:
    numerator, _, denominator = meter.partition("/")
    return bar_ticks(int(numerator), int(denominator))


def _meter(state: TabState) -> _Moves:
    """Within ``num/den`` before a bar."""
    meters = _OLD_METERS if state.grids == _ANY else _METERS
    for char, word in spelled(state.word, meters):
        yield char, state._replace(word=word)
    if state.word in meters:
        full = _full(state.word)
        yield " ", state._replace(phase="event", full=full, grids=ALL_GRIDS, word="")


def _bar(state: TabState) -> _Moves:
    """At the start of a line."""
    if any(_fits(state, back) for back in DISTANCES.values()):
        yield "%", state._replace(phase="reference")
    if state.bars and not state.steady:
        yield "M", state._replace(phase="meter")
    yield from _event(state)


def _fits(state: TabState, back: int) -> bool:
    if back > len(state.bars):
        return False
    ticks = state.bars[-back]
    return ticks == state.full or (state.grids == _ANY and -state.full < ticks < 0)


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
    return TabState("bar", state.strings, state.full, bars, *state[4:7])


def _event(state: TabState) -> _Moves:
    """At the start of an event."""
    grids = _grids(state)
    if not state.graces:
        rests = state.word == "r"
        if grids or rests:
            held = state.grids if rests else grids
            yield "r", state._replace(phase="time", word="r", last=0, grids=held)
        if not rests and (state.pos or state.bars):
            yield "~", state._replace(phase="time", word="~", last=0)
    if not grids:
        return
    state = state._replace(word="", grids=grids)
    for switch in (*TOUCHES, "}"):
        if switch != state.touch:
            yield switch, state._replace(phase="switched", touch=switch)
    yield from _switched(state)


def _switched(state: TabState) -> _Moves:
    """At the start of a note event, after a switch or without one."""
    if state.last and not state.graces and _writes(state, state.last):
        pos, grids = _after(state, state.last)
        yield ".", state._replace(phase="done", pos=pos, grids=grids)
    yield from _strings(state)


def _strings(state: TabState) -> _Moves:
    """The strings on which the hand can add a note."""
    letters = STRINGS[state.strings - 1]
    for string in range(state.string, state.strings):
        if not state.neck or any(frets(state.neck, string, state.low, state.high)):
            before, after = state[1:9], state[10:13]
            yield letters[string], TabState("fret", *before, 0, *after, string + 1, *state[14:16])


def _fret(state: TabState) -> _Moves:
    """The frets in reach; the hand then holds one more."""
    before, low, high = state[1:-3], state.low, state.high
    following = TabState("pair", *before, low, high)
    last = state.string == state.strings  # no other note of the beat follows
    for char in frets(state.neck, state.string - 1, low, high):
        if last or char in "0x":
            yield char, following
        else:
            fret = FRETS.index(char)
            yield char, TabState("pair", *before, min(fret, low or fret), max(fret, high))


def _pair(state: TabState) -> _Moves:
    """After a fret and its marks: more marks, another pair, or the length of the event."""
    before, hand = state[:-5], state[-4:-1]
    for number in range(state.mark + 1, len(_MARKS)):
        yield _MARKS[number], TabState(*before, "", *hand, number)
    if state.mark == _BEND and not state.word:
        yield from dict.fromkeys(_QUARTER_TONES, state._replace(word="+")).items()
    state = state._replace(mark=-1, word="")
    yield from _strings(state)
    heading, state = state[1:6], state._replace(string=0, low=0, high=0)
    if state.graces < MAX_GRACES:
        yield GRACE, state._replace(phase="done", graces=state.graces + 1, last=0)
    for letter, ticks in LENGTHS.items():
        if _writes(state, ticks):
            after = (*_after(state, ticks), ticks, state.touch)
            yield letter, TabState("done", *heading, True, *after)  # noqa: FBT003 - a field


def _grids(state: TabState) -> int:
    """The grids of the beat on which something can begin or end now; 0 where only a tie can."""
    return ALL_GRIDS if state.grids == _ANY else state.grids & grids_at(state.pos % BEAT)


def _after(state: TabState, ticks: int) -> tuple[int, int]:
    """Position and grids after a length; a new beat begins with the grids that hold its end."""
    pos = state.pos + ticks
    beat = pos - pos % BEAT
    if beat <= state.pos:
        return pos, state.grids
    return pos, grids_at(min(state.full - beat, BEAT))


def _writes(state: TabState, ticks: int) -> bool:
    """Whether the bar can still be filled after this length."""
    left = state.full - state.pos - ticks
    return left >= 0 and fillable(left)


def _time(state: TabState) -> _Moves:
    """After a rest or hold sign."""
    word = "r" if state.word == "r" else ""
    for letter, ticks in LENGTHS.items():
        if _writes(state, ticks):
            after = _after(state, ticks)
            yield letter, TabState("done", *state[1:7], *after, 0, state.touch, word=word)


def _done(state: TabState) -> _Moves:
    """After an event."""
    if state.pos == state.full:
        yield "\n", _next_bar(state, state.pos)
        return
    yield " ", state._replace(phase="event")
    is_upbeat = not state.bars or state.grids == _ANY
    if is_upbeat and not state.graces and is_bar_end(state.pos) and _grids(state):
        yield "!", state._replace(phase="short")


def _short(state: TabState) -> _Moves:
    yield "\n", _next_bar(state, -state.pos)


_PHASES: dict[str, Callable[[TabState], _Moves]] = {
    "meter": _meter,
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
    "meter": " /4620183",
    "bar": "r",
    "reference": "\n248",
    "event": "r~" + STRINGS[-1],
    "switched": STRINGS[-1],
    "fret": FRETS,
    "pair": _LONGEST_FIRST,
    "time": _LONGEST_FIRST,
    "done": "\n ",
    "short": "\n",
}
"""For each phase, what `finish` writes: the first that may follow."""
