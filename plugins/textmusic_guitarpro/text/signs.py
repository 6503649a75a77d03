"""Techniques as characters: what may follow a note, and what holds for a while.

=====================  ==========================================================================
``x``                  dead (``Ex`` on the open string, ``E5x`` at a fret)
``^`` ``_``            the next note of the string is hammered on, pulled off
``/`` ``=``            slide to the next note: shift, legato
``<`` ``>``            slide into the note from below, from above
``\\`` ``|``           slide out of it downwards, upwards
``+`` ``+4``           bend, by so many quarter tones; ``+[0.25]`` by other semitones;
``+4[0@0,2@50]``       with its curve: semitones at percent of the note
``-``                  released
``@[0@0,-2@50]``       whammy bar
``*`` ``**``           vibrato, wide vibrato
``$`` ``?`` ``;``      harmonic: natural, artificial, pinch;
``"`` ``;;`` ``""``    tapped, semi, feedback
``(`` ``)``            ghost note, tap
``!`` ``!!``           slap, pop
``'`` ``,``            accent, staccato
``#`` ``#2``           trill; with the note so many semitones above, ``#[-1]`` for others
``:`` ``:8`` ``:3``    tremolo picking in 16ths, 8ths, 32nds; ``:[64]`` in others
``{`` ``&``            palm mute, let ring: on this note only, see `SWITCHES`
=====================  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from textmusic.errors import EncodeError
from textmusic_guitarpro.text.bounds import MAX_BEND, MAX_TRILL, MAX_WHAMMY, TREMOLOS

__all__ = ["MARK", "PLAIN", "SWITCHES", "clean_marks", "names", "signs_of"]

SWITCHES = {"{": "palm-mute", "&": "let-ring"}
"""Marks that usually last: before an event they hold until ``}`` or the end of the bar."""
PLAIN = {
    "^": "hammer",
    "_": "pull",
    "/": "slide",
    "=": "slide:legato",
    "<": "slide:in-below",
    ">": "slide:in-above",
    "\\": "slide:out-down",
    "|": "slide:out-up",
    "-": "release",
    "**": "vibrato:wide",
    "*": "vibrato",
    "$": "harmonic",
    "?": "harmonic:artificial",
    ";;": "harmonic:semi",
    ";": "harmonic:pinch",
    '""': "harmonic:feedback",
    '"': "harmonic:tap",
    "(": "ghost",
    ")": "tap",
    "!!": "pop",
    "!": "slap",
    "'": "accent",
    ",": "staccato",
    **SWITCHES,
}
_SIGNS = {name: sign for sign, name in PLAIN.items()}
_ORDER = {name: rank for rank, name in enumerate(_SIGNS)}
_NUMBER = r"-?\d{1,3}(?:\.\d{1,3})?"
_POINTS = rf"{_NUMBER}@\d{{1,3}}(?:,{_NUMBER}@\d{{1,3}}){{0,63}}"
MARK = (
    rf"""\*\*?|!!?|;;?|""?|[x^_/=<>\\|$?(){{&',-]|\+[1-9]?(?:\[{_NUMBER}\])?(?:\[{_POINTS}\])?"""
    rf"|#(?:\d|\[-?\d{{1,3}}\])?|:(?:[83]|\[\d{{1,3}}\])?|@\[{_POINTS}\]"
)
"""One technique; no capturing groups."""
_MARK = re.compile(MARK)
_FAMILIES = {
    "bend": re.compile(_NUMBER),
    "bend-curve": re.compile(_POINTS),
    "whammy": re.compile(_POINTS),
    "trill": re.compile(r"\d{1,3}"),
    "tremolo": re.compile(r"[1-9]\d{0,2}"),
}
_HEIGHTS = {"bend": (0, MAX_BEND), "bend-curve": (0, MAX_BEND), "whammy": (-MAX_WHAMMY, MAX_WHAMMY)}
_TREMOLO = {"16": "", "8": "8", "32": "3"}
_TREMOLO_NAMES = {sign: number for number, sign in _TREMOLO.items()}


def names(signs: str, pitch: int) -> Iterator[str]:
    """Yield the marks that characters stand for; `pitch` is that of the note."""
    for match in _MARK.finditer(signs):
        sign = match[0]
        if sign in PLAIN:
            yield PLAIN[sign]
        elif sign == "x":
            yield "dead"
        elif sign[0] == "+":
            yield from _bend(sign)
        elif sign[0] == "@":
            yield f"whammy:{sign[2:-1]}"
        elif sign[0] == ":":
            yield f"tremolo:{_TREMOLO_NAMES.get(sign[1:]) or int(sign[2:-1])}"
        elif sign == "#":
            yield "trill"
        elif 0 <= pitch + int(sign[1:].strip("[]")) <= 127:
            yield f"trill:{pitch + int(sign[1:].strip('[]'))}"


def _bend(sign: str) -> Iterator[str]:
    head, *brackets = sign[1:].split("[")
    height = f":{int(head) / 2:g}" if head else ""
    for bracket in brackets:
        if "@" in bracket:
            yield f"bend-curve:{bracket[:-1]}"
        else:
            height = f":{float(bracket[:-1]):g}"
    yield f"bend{height}"


def signs_of(marks: Collection[str], pitch: int) -> str:
    """Return the characters of marks that `clean_marks` gave, ``dead`` left out.

    Raises:
        EncodeError: a mark has no character.
    """
    signs = ""
    for mark in sorted(marks, key=lambda mark: (_ORDER.get(mark, len(_ORDER)), mark)):
        family, _, value = mark.partition(":")
        if mark in _SIGNS:
            signs += _SIGNS[mark]
        elif family == "bend":
            signs += f"+{_height(value)}"
        elif family == "bend-curve":
            continue
        elif family == "whammy":
            signs += f"@[{value}]"
        elif family == "trill":
            signs += f"#{_signed(int(value) - pitch) if value else ''}"
        elif family == "tremolo":
            signs += f":{_TREMOLO.get(value, f'[{value}]')}"
        elif mark != "dead":
            raise EncodeError(f"no character for the mark {mark!r}: project first")
        if family == "bend":
            signs += "".join(f"[{m[11:]}]" for m in marks if m.startswith("bend-curve:"))
    return signs


def _height(value: str) -> str:
    quarters = 2 * float(value) if value else 0
    if quarters in range(1, 10):
        return str(int(quarters))
    return f"[{value}]" if value else ""


def _signed(number: int) -> str:
    return str(number) if 0 <= number <= 9 else f"[{number}]"


def clean_marks(marks: Collection[str], pitch: int, lost: set[str]) -> Iterator[str]:
    """Yield the marks that have characters, one of each family; the rest goes to `lost`.

    ``voice:N`` and ``grace:K`` are not marks of a note's sound: they are passed over.
    """
    found: dict[str, str] = {}
    for mark in sorted(marks):
        family, _, value = mark.partition(":")
        if mark == "dead" or mark in _SIGNS:
            yield mark
        elif family in _FAMILIES and _fits(family, value, pitch):
            if found.get(family, family) != family:
                lost.add(mark)
            else:
                found[family] = _tidy(family, value)
        elif family not in {"voice", "grace"}:
            lost.add(mark)
    if "bend" not in found and "bend-curve" in found:
        lost.add(found.pop("bend-curve"))
    yield from found.values()


def _fits(family: str, value: str, pitch: int) -> bool:
    """Whether a value is written well, and what music has."""
    if not value:
        return family in {"bend", "trill"}
    if not _FAMILIES[family].fullmatch(value):
        return False
    if family == "trill":
        return int(value) <= 127 and abs(int(value) - pitch) <= MAX_TRILL
    if family == "tremolo":
        return int(value) in TREMOLOS
    low, high = _HEIGHTS[family]
    points = [point.partition("@") for point in value.split(",")]
    return all(low <= float(h) <= high and int(percent or 0) <= 100 for h, _, percent in points)


def _tidy(family: str, value: str) -> str:
    if value and family in {"trill", "tremolo"}:
        value = str(int(value))
    elif value:
        points = (point.partition("@") for point in value.split(","))
        value = ",".join(
            f"{float(height) + 0.0:g}" + (f"@{int(percent)}" if percent else "")
            for height, _, percent in points
        )
    return f"{family}:{value}" if value else family
