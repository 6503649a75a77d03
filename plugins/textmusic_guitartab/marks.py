"""Techniques as characters: what may follow a fret, and what holds for a while."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from textmusic.errors import EncodeError

__all__ = ["MARKS", "TOUCHES", "names", "signs_of"]

TOUCHES = {"{": "palm-mute", "&": "let-ring"}
"""Marks of a whole event that usually last: switched on in the text, off by ``}`` or a bar line."""
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
