"""Reduced states inside bars, as they are written: a part of the grammar.

`Contents` knows what is written of a sound and between sounds; of a plain bar it knows neither form
nor time, which `timing` knows. So it allows any length, and each mark where a sound may end.
"""

from __future__ import annotations

from functools import lru_cache

from textmusic_abc.fields import WHOLE
from textmusic_abc.form import FREE, Form
from textmusic_abc.grammar.accompaniment import ends_well
from textmusic_abc.grammar.bars import after_mark, body_allowed, goes_on, may_end
from textmusic_abc.grammar.header import header_allowed
from textmusic_abc.grammar.near import is_pitched, is_plain, leaves, onward, reduced
from textmusic_abc.grammar.sounds import SOUND_MODES, begin, sound_allowed, starters
from textmusic_abc.grammar.state import State

__all__ = ["Contents", "is_formless"]

_INSIDE = SOUND_MODES | {"post", "element", "between"}
_BEFORE_LETTERS = _INSIDE - {"chord", "chord-", "symbol"}
_ALIKE = (frozenset("CDEFGAB"), frozenset("cdefgab"), frozenset("uvLMP"))
"""Letters of one case, and ornaments, after which the same may follow."""
_ENDS = frozenset("|:[&")
"""What may close a bar or a layer, or begin to."""
_LONGER = frozenset("|]:1")
"""What may go on with the mark ``|``."""
_DIGITS = frozenset("0123456789")
_OF_LENGTH = _DIGITS | {"/"}
_OF_TUPLET = _DIGITS | {":"}
_UNIT = WHOLE // 8
_CACHED = 1 << 15


def is_formless(near: State) -> bool:
    """Whether of a reduced state `Contents` need not know the form: in a plain bar, or its bar line."""
    inside = near.mode in _INSIDE or (near.mode == "mark" and near.buf == "|")
    return inside and is_plain(near)


@lru_cache(maxsize=1024)
def _any_form(bar: int) -> Form:
    """One form for all bars in which chord symbols may stand, and one for the others."""
    bar = WHOLE if ends_well(bar, bar) else 17 * WHOLE // 32
    return Form(bar, bar, first=False)


def _timeless(near: State) -> State:
    """Leave out what `timing` knows: of a plain bar the form, the time left, and how long sounds are."""
    name, values = near.mode, list(near)
    values[1] = "" if name in {"length", "paren"} else near.buf
    values[2:5] = _UNIT, _any_form(near.form.bar), FREE
    if name != "grace":  # where `last` counts notes
        values[15] = min(near.last, 1)
    values[16:18] = None, 0
    values[22] = ()
    return State._make(values)


def _ended(near: State) -> frozenset[str]:
    """What may follow where a sound may end but for the time."""
    ended = False

    def behind(after: State) -> frozenset[str]:
        nonlocal ended
        ended = True
        return goes_on(after) | _ENDS

    chars = behind(near) if near.mode == "post" else sound_allowed(near, behind)
    return chars | _OF_LENGTH if ended and near.mode != "post" else chars


@lru_cache(maxsize=_CACHED)
def _written(near: State) -> frozenset[str]:
    if near.mode[0].isupper():
        return header_allowed(near)
    if not is_formless(near):
        return body_allowed(near)
    if near.mode == "mark":
        return _LONGER | body_allowed(after_mark(near._replace(left=0)))
    if near.mode == "paren":
        return _OF_TUPLET | starters(_in_tuplet(near))
    return _ended(near) if near.mode in {"pitch", "length", "post"} else body_allowed(near)


def _in_tuplet(near: State) -> State:
    return near._replace(mode="element", stage=2)


class Contents:
    """The part that reads what is written; see `textmusic.grammar.Part`.

    Where the form matters to more than the end of the bar, it knows that and the time too.
    """

    def of(self, near: State) -> State:
        """Return what it knows of a reduced state."""
        return _timeless(near) if is_formless(near) else near

    def allowed(self, near: State) -> frozenset[str]:
        """Return the characters that may follow as far as this part knows."""
        return _written(near)

    def accepting(self, near: State) -> bool:
        """Whether the text may end."""
        return not is_formless(near) and may_end(near)

    def after(self, near: State, char: str) -> State | None:
        """Return the state after a character that may follow; None where that needs the whole."""
        if not is_formless(near):
            after = None if leaves(near, char) else onward(near, char)
            return None if after is None or is_formless(after) else after
        if near.mode == "mark":
            if char in _LONGER or char == "[":
                return None
            near = after_mark(near._replace(left=0))
        elif char == "[" or leaves(near, char):
            return None
        elif near.mode == "paren":
            return near if char in _OF_TUPLET else _timeless(reduced(begin(_in_tuplet(near), char)))
        return _timeless(onward(near, char))

    def alike(self, near: State, char: str) -> frozenset[str]:
        """Return characters after which the state is that after this one."""
        if near.mode not in _BEFORE_LETTERS or not is_formless(near):
            return frozenset(char)
        if char in _OF_LENGTH and near.mode in {"pitch", "length"}:
            return _OF_LENGTH
        if char in _OF_TUPLET and near.mode == "paren":
            return _OF_TUPLET
        if is_pitched(near):
            return frozenset(char)
        return next((chars for chars in _ALIKE if char in chars), frozenset(char))
