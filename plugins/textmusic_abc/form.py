"""Bars and sections of a tune in musical time: which mark may close a bar, and what follows.

The time left in a bar is carried over section marks along the order of playing: an upbeat before a
repeat completes the bar that the repeat ends with. Writer and grammar share this.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic_abc.fields import WHOLE

__all__ = ["FREE", "GRID", "MARKS", "Form", "after", "closings", "passes_ties"]

GRID = WHOLE // 128
"""The shortest length outside tuplets."""
FREE = GRID << 24
"""What is left of a bar where there is no metre: enough for any."""

_MAX_PASS = 8
_FIRST = (*(",".join(map(str, range(1, last + 1))) for last in range(1, 4)), "1,3")
_LATER = {
    number: tuple(
        ",".join(map(str, range(number, last + 1)))
        for last in range(number, min(number + 2, _MAX_PASS) + 1)
    )
    for number in range(2, _MAX_PASS + 1)
}
_TURNS = 0
"""The next pass where two endings take turns, ``|1,3…:|2,4…``."""
_LATER[_TURNS] = ("2,4",)
MARKS = ("|", "||", "|]", "|:", ":|", "::")
"""The marks that are no endings."""


class Form(NamedTuple):
    """Where a bar line stands in the form of the tune.

    Args:
        bar: ticks of a full bar; `FREE` without a metre.
        open: ticks that are to be filled from here: `bar`, or what is left of one that a section
            mark has divided.
        first: whether no bar has been closed yet; it may be an upbeat.
        rep: 0 outside repeats, 1 inside, 2 in the first ending, 3 in a later one.
        need: the value of `open % bar` where the repeat starts; -1 before an upbeat is known.
        fork: the same where the endings start.
        number: the next pass that an ending may name; 0 where it is 2 and 4.
        origin: the value of `open % bar` at the start of a tune in parts; -2 without parts, -3 before
            the first of them, -1 in its first bar.
    """

    bar: int = 0
    open: int = 0
    first: bool = True
    rep: int = 0
    need: int = 0
    fork: int = 0
    number: int = 1
    origin: int = -2


def after(form: Form, mark: str, left: int) -> Form | None:
    """Return the form after a bar with `left` ticks unfilled and a mark; None if it is illegal.

    Args:
        form: where the bar starts.
        mark: one of `MARKS`, or an ending such as ``|1`` (``[1`` where the bar is divided).
        left: ticks of `form.open` that are left; 0 for a complete bar.
    """
    return closings(form, left).get(mark)


@lru_cache(maxsize=1 << 14)
def closings(form: Form, left: int) -> dict[str, Form]:
    """Return the legal marks after a bar with `left` ticks unfilled, and the form after each.

    A piece may end with any part of a bar. Elsewhere a part of a bar is a multiple of `GRID`.
    """
    if form.bar == FREE:
        left = 0
    found: dict[str, Form] = {}
    if form.rep in {0, 3} and (form.origin < 0 or form.first or left == form.origin):
        found["|]"] = form
    if left % GRID:
        return found
    upbeat = form.open - left if form.first and left else 0
    known = upbeat or 0 if form.need == -1 else form.need
    base = form._replace(first=False, need=known)
    if form.first and form.origin == -1:
        base = base._replace(origin=upbeat)
    whole = base._replace(open=form.bar)
    carried = whole if upbeat or not left else base._replace(open=left)
    if not left or upbeat:
        found["|"] = whole
    gone = 0 if upbeat else left
    if form.rep != 2:
        found["||"] = _outside(carried) if form.rep == 3 else carried
    if form.rep in {0, 3}:
        found["|:"] = _outside(carried)._replace(rep=1, need=gone)
    if form.rep == 1 and not upbeat:
        _close_repeat(found, carried, gone)
    elif form.rep in {2, 3} and left == form.need and form.number <= _MAX_PASS:
        following = carried._replace(rep=3, open=form.fork or form.bar)
        for text in _LATER[form.number]:
            found[f":|{text}"] = following._replace(number=int(text[-1]) + 1)
    return found


def passes_ties(mark: str) -> bool:
    """Whether the note that follows a mark in the text is played after it, at first at least."""
    return mark in {"|", "||"} or (mark[-1].isdigit() and mark[0] != ":")


def _outside(form: Form) -> Form:
    return form._replace(rep=0, need=0, fork=0, number=1)


def _close_repeat(found: dict[str, Form], carried: Form, gone: int) -> None:
    if gone == carried.need:
        found[":|"] = _outside(carried)
        found["::"] = carried
    for text in _FIRST:
        number = _TURNS if text == "1,3" else int(text[-1]) + 1
        mark = f"[{text}" if gone else f"|{text}"
        found[mark] = carried._replace(rep=2, fork=gone, number=number)
