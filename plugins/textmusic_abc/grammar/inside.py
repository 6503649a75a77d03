"""Reduced states inside bars, read by two parts of the grammar.

`Contents` knows what is written of the bar, but not its form: it allows each mark where a sound may
end. `Closings` knows form and time, but not the rest: which marks may close the bar there. Either
alone has few states.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic_abc.form import Form, closings
from textmusic_abc.grammar.bars import after_mark, body_allowed, body_step, closes, goes_on, may_end
from textmusic_abc.grammar.header import header_allowed
from textmusic_abc.grammar.near import (
    PITCHING,
    is_pitched,
    is_plain,
    leaves,
    onward,
    plain_form,
    reduced,
)
from textmusic_abc.grammar.pitching import SIGNS
from textmusic_abc.grammar.sounds import LETTERS, ORNAMENTS, SOUND_MODES, sound_allowed
from textmusic_abc.grammar.state import State, marks_of
from textmusic_abc.grammar.wanted import Wanted

__all__ = ["Closings", "Contents", "Timed"]

_CLOSING = frozenset({"post", "pitch", "length"})
_CHORD = frozenset({"chord", "chord-"})
_INSIDE = SOUND_MODES | {"post", "element", "between"}
_BEFORE_LETTERS = _INSIDE - _CHORD - {"symbol"}
_CASES = frozenset("CDEFGAB"), frozenset("cdefgab")
_ENDS = frozenset("|:[&")
"""What may close a bar or a layer, or begin to."""
_LONGER = frozenset("|]:1")
"""What may go on with the mark ``|``."""
_CHARS = frozenset(map(chr, range(ord(" "), 127))) | {"\n"}
_OCTAVES = frozenset(",'")
_IN_SYMBOL = _CHARS - {'"'}
_TONE = ((0, 0),)
_CACHED = 1 << 15


def _is_formless(near: State) -> bool:
    """Whether of a reduced state `Contents` need not know the form: in a plain bar, or its bar line."""
    inside = near.mode in _INSIDE or (near.mode == "mark" and near.buf == "|")
    return inside and is_plain(near)


@lru_cache(maxsize=1024)
def _any_form(bar: int) -> Form:
    return Form(bar, bar, first=False)


def _formless(near: State) -> State:
    return near._replace(form=_any_form(near.form.bar), meters=())


def _ended(near: State, found: list[State]) -> frozenset[str]:
    """What may follow but for the ends of the bar; the state after a sound that may end goes to `found`."""

    def behind(after: State) -> frozenset[str]:
        if after.tuplet is None:
            found.append(after)
        return goes_on(after)

    if near.mode in SOUND_MODES:
        return sound_allowed(near, behind)
    return behind(near) if near.mode == "post" else body_allowed(near)


@lru_cache(maxsize=_CACHED)
def _written(near: State) -> frozenset[str]:
    if near.mode[0].isupper():
        return header_allowed(near)
    if not _is_formless(near):
        return body_allowed(near)
    if near.mode == "mark":
        return _LONGER if near.left else _LONGER | body_allowed(after_mark(near))
    found: list[State] = []
    chars = _ended(near, found)
    return chars | _ENDS if found else chars


class Contents:
    """The part that reads what is written; see `textmusic.grammar.Part`.

    Where the form matters to more than the end of the bar, it knows that too.
    """

    def of(self, state: State) -> State:
        """Return what it knows of a whole state."""
        near = reduced(state)
        return _formless(near) if _is_formless(near) else near

    def allowed(self, near: State) -> frozenset[str]:
        """Return the characters that may follow as far as this part knows."""
        return _written(near)

    def accepting(self, near: State) -> bool:
        """Whether the text may end."""
        return not _is_formless(near) and may_end(near)

    def after(self, near: State, char: str) -> State | None:
        """Return the state after a character that may follow; None where that needs the whole."""
        if not _is_formless(near):
            after = None if leaves(near, char) else onward(near, char)
            return None if after is None or _is_formless(after) else after
        if near.mode == "mark":
            if char in _LONGER or char == "[":
                return None
            near = after_mark(near)
        elif char == "[" or leaves(near, char):
            return None
        return _formless(onward(near, char))

    def alike(self, near: State, char: str) -> frozenset[str]:
        """Return characters after which the state is that after this one."""
        if near.mode not in _BEFORE_LETTERS or not _is_formless(near) or is_pitched(near):
            return frozenset(char)
        return next((letters for letters in _CASES if char in letters), frozenset(char))


class Timed(NamedTuple):
    """What `Closings` knows: the time, in a state of `Contents` without all the rest, and the form."""

    time: State
    form: Form


_ENDLESS = Wanted(endless=True)
_ELSEWHERE = Timed(State(""), Form())
"""Where the form is known to `Contents`."""


def _timed(near: State) -> State:
    """Return a state of `Contents` without pitches, ornaments and symbols."""
    name, buf, chord = near.mode, near.buf, near.mode in _CHORD
    if name in PITCHING:
        buf = "" if not buf else "C" if buf[-1] not in SIGNS else "^"
    return State(
        name,
        "" if name == "symbol" else buf,
        near.unit,
        near.form,
        near.left,
        tie=_TONE if near.tie else (),
        tones=_TONE if near.tones or chord else (),
        tied=_TONE if near.tied else (),
        last=near.last if name in _CLOSING else 0,
        tuplet=near.tuplet,
        pair=near.pair,
        heard=near.heard,
        symbols=max(near.symbols, 0),
        layered=near.layered,
        wanted=_ENDLESS if near.wanted and near.wanted.endless else None,
    )


@lru_cache(maxsize=_CACHED)
def _closed(timed: Timed) -> frozenset[str]:
    near, form = timed
    if near.mode == "mark":
        longer = {
            mark[1] for mark in marks_of(near._replace(form=form)) if mark[1:] and mark[0] == "|"
        }
        return _CHARS - (_LONGER - longer)
    found: list[State] = []
    _ended(near, found)
    if not found:
        return _CHARS
    ended = found[0]._replace(form=form)
    return _CHARS - (_ENDS - closes(ended) - goes_on(ended))


class Closings:
    """The part that knows which marks may close a plain bar; see `textmusic.grammar.Part`."""

    def of(self, state: State) -> Timed:
        """Return what it knows of a whole state."""
        near = reduced(state)
        if not _is_formless(near):
            return _ELSEWHERE
        return Timed(_timed(_formless(near)), near.form)

    def allowed(self, timed: Timed) -> frozenset[str]:
        """Return the characters that may follow as far as this part knows."""
        return _CHARS if timed == _ELSEWHERE else _closed(timed)

    def accepting(self, timed: Timed) -> bool:
        """Whether the text may end as far as this part knows: where `Contents` says so."""
        return timed == _ELSEWHERE

    def after(self, timed: Timed, char: str) -> Timed | None:
        """Return the state after a character that may follow; None where that needs the whole."""
        near, form = timed
        if timed == _ELSEWHERE:
            return timed
        if char == "[" or (near.mode in _CLOSING and char in "&:-"):
            return None
        if near.mode == "mark":
            if char in _LONGER:
                return None
            near, form = after_mark(near), plain_form(closings(form, 0)["|"])
        after = body_step(near, char)
        return Timed(_timed(_formless(after)), form)

    def alike(self, timed: Timed, char: str) -> frozenset[str]:
        """Return characters after which the state is that after this one."""
        name = timed.time.mode
        if timed == _ELSEWHERE:
            return _CHARS
        if name == "symbol":
            return _IN_SYMBOL if char != '"' else frozenset(char)
        if char in _OCTAVES and name in PITCHING:
            return _OCTAVES
        classes = (LETTERS, SIGNS, ORNAMENTS)
        return next((chars for chars in classes if char in chars), frozenset(char))
