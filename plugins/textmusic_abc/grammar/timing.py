"""The time in plain bars, and their form: a part of the grammar.

`Timing` knows how long a sound may be, whether another has room, and which marks may close the bar. It
does not know pitches, ornaments and symbols, and allows what depends on those.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic_abc.fields import WHOLE
from textmusic_abc.form import Form, closings
from textmusic_abc.grammar.bars import after_mark, body_allowed, body_step, closes, goes_on
from textmusic_abc.grammar.inside import is_formless
from textmusic_abc.grammar.near import PITCHING, plain_form
from textmusic_abc.grammar.pitching import SIGNS
from textmusic_abc.grammar.sounds import LETTERS, ORNAMENTS, SOUND_MODES, sound_allowed
from textmusic_abc.grammar.state import State, marks_of
from textmusic_abc.grammar.wanted import Wanted

__all__ = ["Moment", "Timed", "Timing", "timed"]

_CLOSING = frozenset({"post", "pitch", "length"})
_UNTIMED = frozenset({"symbol", "grace", "chord", "chord-"})
"""Modes in which anything may follow as far as time goes."""
_CHORD = frozenset({"chord", "chord-"})
_LONGER = frozenset("|]:1")
_CHARS = frozenset(map(chr, range(ord(" "), 127))) | {"\n"}
_OCTAVES = frozenset(",'")
_IN_SYMBOL = _CHARS - {'"'}
_PITCHES = LETTERS | SIGNS
_ROLL = "~"
"""The ornament that says how long a note must be for a broken pair."""
_CLASSES = (LETTERS, SIGNS, ORNAMENTS - {_ROLL})
_OF_CLASS = {char: min(chars) for chars in _CLASSES for char in chars}
"""One character for all after which the moment is the same."""
_TONE = ((0, 0),)
_NOTHING: frozenset[str] = frozenset()
_ENDLESS = Wanted(endless=True)
_CACHED = 1 << 15


class Moment:
    """The time in a bar. There is one object for all moments that are equal, so they compare fast.

    Args:
        time: a reduced state without all that does not concern time, nor the form.
    """

    __slots__ = ("chars", "end", "time")

    def __init__(self, time: State) -> None:
        self.time = time
        found: list[Moment] = []
        self.chars = _in_time(time, found)
        """What may follow but for the marks of the form."""
        self.end = found[0] if found else None
        """The moment after a sound that may end now."""


class Timed(NamedTuple):
    """What `Timing` knows."""

    moment: Moment
    form: Form


@lru_cache(maxsize=_CACHED)
def _moment(time: State) -> Moment:
    return Moment(time)


def _timed(near: State, bar: int) -> Moment:
    """Return the moment of a reduced state, or after a step from one, in bars of so many ticks."""
    name, buf, chord = near.mode, near.buf, near.mode in _CHORD
    if name in PITCHING:
        buf = "" if not buf else "C" if buf[-1] not in SIGNS else "^"
    rolls = near.ornament == _ROLL
    return _moment(
        State(
            name,
            "" if name == "symbol" else buf,
            near.unit,
            _full(bar if name == "mark" else WHOLE),
            near.left,
            tie=_TONE if near.tie else (),
            stage=5 if near.pair else 4 if rolls else 0,
            ornament=_ROLL if rolls else "",
            tones=_TONE if near.tones or chord or (near.heard and name in _CLOSING) else (),
            tied=_TONE if near.tied else (),
            last=near.last if name in _CLOSING else 0,
            tuplet=near.tuplet,
            pair=near.pair,
            heard=near.heard,
            symbols=max(near.symbols, 0),
            layered=near.layered,
            wanted=_ENDLESS if near.wanted and near.wanted.endless else None,
        )
    )


@lru_cache(maxsize=1024)
def _full(bar: int) -> Form:
    return Form(bar, bar, first=False)


def _in_time(time: State, found: list[Moment]) -> frozenset[str]:
    """What may follow but for the marks of the form; the end of a sound goes to `found`."""
    name = time.mode
    if name in _UNTIMED or not name or (name == "pitch" and time.buf[-1] in SIGNS):
        return _CHARS
    if name == "mark":
        return _any_pitch(body_allowed(after_mark(time))) if not time.left else _NOTHING

    def behind(after: State) -> frozenset[str]:
        if after.tuplet is None:
            found.append(_end(after))
        return goes_on(after)

    if name in SOUND_MODES:
        chars = sound_allowed(time, behind)
    else:
        chars = behind(time) if name == "post" else body_allowed(time)
    return _any_pitch(chars | _OCTAVES if name == "pitch" else chars)


def _any_pitch(chars: frozenset[str]) -> frozenset[str]:
    return chars | _PITCHES if chars & LETTERS else chars


def _end(after: State) -> Moment:
    """Return the moment after a sound without what marks do not depend on."""
    return _moment(after._replace(mode="", buf="", unit=0, last=0, tones=(), tied=(), ornament=""))


@lru_cache(maxsize=_CACHED)
def _marks(end: Moment, form: Form) -> frozenset[str]:
    """The marks that may begin after a sound."""
    return closes(end.time._replace(form=form))


@lru_cache(maxsize=_CACHED)
def _longer(moment: Moment, form: Form) -> frozenset[str]:
    """What may go on with the mark ``|``, or follow it."""
    marks = marks_of(moment.time._replace(form=form))
    longer = {mark[1] for mark in marks if mark[1:] and mark[0] == "|"}
    return (moment.chars - _LONGER) | longer


@lru_cache(maxsize=1 << 12)
def _either(chars: frozenset[str], more: frozenset[str]) -> frozenset[str]:
    return chars | more


@lru_cache(maxsize=2 * _CACHED)
def _after(moment: Moment, char: str, bar: int) -> Moment:
    time = moment.time
    return _timed(body_step(after_mark(time) if time.mode == "mark" else time, char), bar)


_ELSEWHERE = Timed(_moment(State("")), Form())
"""Where time and form are known to `Contents`."""


def timed(near: State, time: State) -> State:
    """Return a reduced state of that of `Contents` and the time; the form is not put back."""
    name = near.mode
    if not is_formless(near):
        return near
    last = time.last if name in _CLOSING and near.last else near.last
    buf = time.buf if name in {"length", "paren"} else near.buf
    return near._replace(buf=buf, left=time.left, last=last, tuplet=time.tuplet, pair=time.pair)


class Timing:
    """The part that knows the time and the form of plain bars; see `textmusic.grammar.Part`."""

    def of(self, near: State) -> Timed:
        """Return what it knows of a reduced state."""
        if not is_formless(near):
            return _ELSEWHERE
        return Timed(_timed(near, near.form.bar), near.form)

    def allowed(self, state: Timed) -> frozenset[str]:
        """Return the characters that may follow as far as this part knows."""
        moment, form = state
        if moment.time.mode == "mark":
            return _longer(moment, form)
        return (
            moment.chars if moment.end is None else _either(moment.chars, _marks(moment.end, form))
        )

    def accepting(self, state: Timed) -> bool:
        """Whether the text may end as far as this part knows: where `Contents` says so."""
        return state == _ELSEWHERE

    def after(self, state: Timed, char: str) -> Timed | None:
        """Return the state after a character that may follow; None where that needs the whole."""
        moment, form = state
        name = moment.time.mode
        if not name:
            return state
        if char == "[" or (name in _CLOSING and char in "&:-"):
            return None
        if name == "mark":
            if char in _LONGER:
                return None
            form = plain_form(closings(form, 0)["|"])
        bar = form.bar if char == "|" else 0
        return Timed(_after(moment, _OF_CLASS.get(char, char), bar), form)

    def alike(self, state: Timed, char: str) -> frozenset[str]:
        """Return characters after which the state is that after this one."""
        name = state.moment.time.mode
        if not name:
            return _CHARS
        if name == "symbol":
            return _IN_SYMBOL if char != '"' else frozenset(char)
        if char in _OCTAVES and name in PITCHING:
            return _OCTAVES
        return next((chars for chars in _CLASSES if char in chars), frozenset(char))
