"""Bars and sections of a tune in musical time: which mark may close a bar, and what follows.

The time left in a bar is carried over section marks along the order of playing: an upbeat before a
repeat completes the bar that the repeat ends with. Writer and grammar share this; the grammar is
stricter about marks inside a bar (see `closings`).
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

_LATER_ENDINGS = frozenset({3, 4})
_REPEAT = 2
_SECTION = 3
_LONG = 7
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
        rep: 0 outside repeats, 1 inside, 2 in the first ending, 3 in a later one, 4 in one that is
            for several passes.
        need: the value of `open % bar` where the repeat starts; -1 before an upbeat is known.
        fork: the same where the endings start.
        number: the next pass that an ending may name; 0 where it is 2 and 4.
        origin: the value of `open % bar` at the start of a tune in parts; -2 without parts, -3 before
            the first of them, -1 in its first bar.
        turn: the ticks left at which section marks divide bars: those of the upbeat of the tune, or
            of the first such mark; -1 before either.
        since: full bars since a bar was divided or a repeat began, up to `_LONG`.
    """

    bar: int = 0
    open: int = 0
    first: bool = True
    rep: int = 0
    need: int = 0
    fork: int = 0
    number: int = 1
    origin: int = -2
    turn: int = -1
    since: int = 0


def after(form: Form, mark: str, left: int) -> Form | None:
    """Return the form after a bar with `left` ticks unfilled and a mark; None if it is illegal.

    Args:
        form: where the bar starts.
        mark: one of `MARKS`, or an ending such as ``|1`` (``[1`` where the bar is divided).
        left: ticks of `form.open` that are left; 0 for a complete bar.
    """
    return closings(form, left, strict=False).get(mark)


@lru_cache(maxsize=1 << 14)
def closings(form: Form, left: int, *, strict: bool = True) -> dict[str, Form]:
    """Return the legal marks after a bar with `left` ticks unfilled, and the form after each.

    Elsewhere than at the end a part of a bar is a multiple of `GRID`.

    Args:
        form: where the bar starts.
        left: ticks of `form.open` that are left; 0 for a complete bar.
        strict: whether a section mark divides a bar only where sections of music do, so that a
            model that would end a bar early has no mark to do it with: at one place of the bar, that of the
            upbeat if there is one, and after some full bars.
    """
    if form.bar == FREE:
        left = 0
    found: dict[str, Form] = {}
    later = form.rep in _LATER_ENDINGS
    parted = strict and form.rep == 0 and form.open < form.bar and form.origin < 0
    returns = strict and form.rep == 4  # its end is the repeat's before it is the tune's
    leaves = (form.rep == 0 or later) and (not returns or left == form.need)
    if leaves and not parted and (form.origin < 0 or form.first or left == form.origin):
        found["|]"] = form
    if left % GRID:
        return found
    upbeat = form.open - left if form.first and left else 0
    known = upbeat or 0 if form.need == -1 else form.need
    base = form._replace(first=False, need=known)
    if form.first and form.origin == -1:
        base = base._replace(origin=upbeat)
    base = _counted(base, left, upbeat)
    whole = base._replace(open=form.bar)
    carried = whole if upbeat or not left else base._replace(open=left)
    if not left or upbeat:
        found["|"] = whole
    gone = 0 if upbeat else left
    divides = not gone or not strict or returns or _may_divide(form, left)
    if divides and (leaves or form.rep == 1):
        found["||"] = _outside(carried) if later else carried
    if divides and leaves:
        found["|:"] = _outside(carried)._replace(rep=1, need=gone, since=0)
    if form.rep == 1 and not upbeat:
        enough = not gone or not strict or form.since >= _REPEAT
        _close_repeat(found, carried, gone, enough=enough)
    elif (form.rep == 2 or later) and left == form.need and form.number <= _MAX_PASS:
        following = carried._replace(open=form.fork or form.bar)
        for text in _LATER[form.number]:
            rep = 4 if "," in text else 3
            found[f":|{text}"] = following._replace(rep=rep, number=int(text[-1]) + 1)
    return found


def _may_divide(form: Form, left: int) -> bool:
    """Whether a section mark other than an end of a repeat may divide a bar here."""
    if form.rep == 1:
        return False
    if form.turn == left:
        return form.rep in _LATER_ENDINGS or form.since >= (1 if form.origin > 0 else _SECTION)
    return 2 * left <= form.bar and (form.rep in _LATER_ENDINGS or form.since >= _LONG)


def _counted(form: Form, left: int, upbeat: int) -> Form:
    """The form after one more bar, with what it has learned of where sections turn."""
    if upbeat:
        return form._replace(turn=upbeat)
    if left:
        return form._replace(turn=left if form.turn == -1 else form.turn, since=0)
    if form.open < form.bar:
        return form
    return form._replace(since=min(form.since + 1, _LONG))


def passes_ties(mark: str) -> bool:
    """Whether the note that follows a mark in the text is played after it, at first at least."""
    return mark in {"|", "||"} or (mark[-1].isdigit() and mark[0] != ":")


def _outside(form: Form) -> Form:
    return form._replace(rep=0, need=0, fork=0, number=1)


def _close_repeat(found: dict[str, Form], carried: Form, gone: int, *, enough: bool) -> None:
    if gone == carried.need and enough:
        found[":|"] = _outside(carried)._replace(since=0)
        found["::"] = carried._replace(since=0)
    for text in _FIRST:
        number = _TURNS if text == "1,3" else int(text[-1]) + 1
        mark = f"[{text}" if gone else f"|{text}"
        found[mark] = carried._replace(rep=2, fork=gone, number=number)
