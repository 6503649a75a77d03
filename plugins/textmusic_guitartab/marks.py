"""Techniques as characters: what may follow a fret, and what holds for a while."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from textmusic.errors import EncodeError

__all__ = ["MARKS", "TOUCHES", "names", "signs_of", "writable"]

TOUCHES = {"{": "palm-mute", "&": "let-ring"}
"""Marks of a whole event that usually last: switched on in the text, off by ``}`` or a bar line."""
_TOUCHES = frozenset(TOUCHES.values())
MARKS: dict[str, str] = {
    "^": "hammer",
    "_": "pull",
    "/": "slide",
    "=": "slide:legato",
    "<": "slide:in-below",
    ">": "slide:in-above",
    "\\": "slide:out-down",
    "|": "slide:out-up",
    "+": "bend",
    "-": "release",
    "*": "vibrato",
    "$": "harmonic",
    "?": "harmonic:artificial",
    ";": "harmonic:pinch",
    '"': "harmonic:tap",
    "(": "ghost",
    ")": "tap",
    "[": "slap",
    "]": "pop",
    "'": "accent",
    ",": "staccato",
    "#": "trill",
    ":": "tremolo:16",
}
"""What may follow a fret, in this order. A digit after ``+`` counts quarter tones of the bend."""
_KNOWN = {*MARKS.values(), "dead"}
_FAMILIES = {
    "harmonic": "harmonic",
    "slide": "slide",
    "trill": "trill",
    "tremolo": "tremolo:16",
}


def names(signs: str) -> Iterator[str]:
    """Yield the marks that characters stand for."""
    for index, sign in enumerate(signs):
        if sign.isdigit():
            continue
        following = signs[index + 1 : index + 2]
        yield f"bend:{int(following) / 2:g}" if following.isdigit() else MARKS[sign]


def signs_of(marks: Collection[str]) -> str:
    """Return the characters of the marks, in their order.

    Raises:
        EncodeError: a mark has no character.
    """
    if not marks:
        return ""
    elsewhere = {"dead", *TOUCHES.values()}
    left = {mark for mark in marks if mark not in elsewhere and not mark.startswith("grace:")}
    signs = ""
    for sign, name in MARKS.items():
        if name in left:
            signs += sign
            left.remove(name)
        elif name == "bend":
            for mark in sorted(left):
                if mark.startswith("bend:"):
                    signs += f"+{round(2 * float(mark[5:]))}"
                    left.remove(mark)
    if left:
        raise EncodeError(f"no character for the mark {min(left)!r}: project first")
    return signs


def writable(marks: frozenset[str], lost: set[str]) -> Iterator[str]:
    """Yield the nearest marks that have a character, but for touches and graces.

    Args:
        marks: of a note.
        lost: those without one, to add to.
    """
    bends = [_quarter_tones(mark) for mark in marks if mark.startswith("bend:")]
    for mark in marks - _TOUCHES:
        family = mark.partition(":")[0]
        if mark == "bend" and bends:
            continue
        if mark in _KNOWN:
            yield mark
        elif family in _FAMILIES:
            yield _FAMILIES[family]
        elif family not in {"bend", "grace"}:
            lost.add(mark)
    if bends:
        yield f"bend:{max(bends) / 2:g}"


def _quarter_tones(mark: str) -> int:
    try:
        return min(max(round(2 * float(mark[5:])), 1), 9)
    except (ValueError, OverflowError):
        return 4
