"""One word of numbered notation as people type it: which notes it holds, and how long they are.

Two habits, told apart for a whole text (`is_spelled`). *Spelled*, as in jianpu-ly: one word is one
note or chord, with ``q s d h`` for an eighth to a sixty-fourth, ``c`` or nothing for a quarter, and
octave marks before or after the digit. *Drawn*: digits follow each other, underlined by ``_`` and
``=`` or by combining lines, with dots above and below, and ``-`` for each further quarter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Figure", "Sound", "drawn", "is_spelled", "plain_characters", "spelled"]


class Figure(NamedTuple):
    """A digit with its accidental and octave."""

    accidental: str
    degree: int
    octave: int


class Sound(NamedTuple):
    """What a word starts: a note, chord, rest (no figures) or a longer last note (``hold``).

    `beams` is None where the word does not say how short it is; `quarters` counts dashes after it.
    """

    figures: tuple[Figure, ...]
    beams: int | None
    dots: int
    quarters: int = 0
    hold: bool = False
    drum: bool = False


_SAME = {
    "’": "'", "‘": "'", "′": "'", "`": "'", "♯": "#", "♭": "b", "‖": "|", "│": "|", "—": "-",
    "–": "-", "−": "-", "一": "-", "·": ".", "•": ".", "‚": ",", "，": ",", "。": ".", "｡": ".",
}  # fmt: skip
_TABLE = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **_SAME,
        "\u3000": " ",
        "\t": " ",
    }
)
_SPELLED_TEXT = re.compile(
    r"(?m)^\s*(?:title|subtitle|instrument|composer)\s*=|(?<!\S)(?:NextPart|NextScore|KeepLength"
    r"|Octaves(?:Before|After)|R\d*\{|R\*\d+|[qsdh][',#b]{0,6}[0-7]|[0-7][',#b]{0,6}[qsdhc]\.?(?!\S))"
)
_SPELLED = re.compile(r"[.,'cqsdh#b\\]*[0-9x-][0-9x.,'cqsdh\\#b/-]*")
_AFTER = re.compile(r"([#b]*)([0-9])([',]*)")
_BEFORE = re.compile(r"([',]*)([#b]*)([',]*)([0-9])")
_ABOVE, _BELOW, _LINE, _LINES = "\u0307", "\u0323", "\u0332", "\u0333"
_DRAWN = re.compile(
    rf"(?P<low>,*)(?P<high>'*)(?P<acc>[#bn]*)(?P<figure>[0-9xX-])"
    rf"(?P<marks>[',+_=.\-{_ABOVE}{_BELOW}{_LINE}{_LINES}]*)"
)
_LONGEST_WORD = 4000


def plain_characters(text: str) -> str:
    """Return the text with wide and typographic characters as plain ones, one for one."""
    return text.translate(_TABLE)


def is_spelled(text: str) -> bool:
    """Whether a text of plain characters is spelled, as jianpu-ly reads it, rather than drawn."""
    return _SPELLED_TEXT.search(text) is not None


@lru_cache(maxsize=20_000)
def spelled(word: str, octaves: str) -> Sound | None:
    """Return what a spelled word says, None for a word that is no note.

    Args:
        word: without spaces.
        octaves: in a chord, marks between two digits stand ``before`` or ``after`` theirs.
    """
    word = "-" if word == "." else word.replace("///", "")
    if len(word) > 64 or not _SPELLED.fullmatch(word):
        return None
    lengths = [c for c in word if c in "cqsdh\\"]
    if lengths and set(lengths) <= {"\\"}:
        beams: int | None = len(lengths)
    elif len(lengths) == 1:
        beams = "cqsdh".index(lengths[0])
    elif lengths:
        return None
    else:
        beams = None
    dots = word.count(".")
    bare = re.sub(r"[cqsdh\\.]", "", word)
    if "-" in bare:
        return Sound((), beams, dots, hold=True) if bare == "-" else None
    if "x" in bare:
        return Sound((), beams, dots, drum=True)
    figures = _figures(bare, octaves)
    return None if figures is None else Sound(figures, beams, dots)


def _figures(bare: str, octaves: str) -> tuple[Figure, ...] | None:
    digits = [c for c in bare if c.isdigit()]
    if len(digits) == 1:
        octave = bare.count("'") - bare.count(",")
        found = [_figure("".join(c for c in bare if c in "#b"), digits[0], octave)]
    elif octaves == "before":
        found = [
            _figure(m[2], m[4], _octave(m[1] + m[3])) for m in _BEFORE.finditer(bare.rstrip("',"))
        ]
        tail = bare[len(bare.rstrip("',")) :]
        if tail and found:
            found[-1] = found[-1]._replace(octave=found[-1].octave + _octave(tail))
    else:
        found = [_figure(m[1], m[2], _octave(m[3])) for m in _AFTER.finditer(bare)]
        lead = bare[: len(bare) - len(bare.lstrip("',"))]
        found[0] = found[0]._replace(octave=found[0].octave + _octave(lead))
    return tuple(figure for figure in found if figure.degree)


def _octave(marks: str) -> int:
    return marks.count("'") - marks.count(",")


def _figure(accidental: str, digit: str, octave: int) -> Figure:
    degree = int(digit)
    if degree > 7:  # 8 and 9 are short for 1' and 2'
        return Figure(accidental, degree - 7, octave + 1)
    return Figure(accidental, degree, octave)


@lru_cache(maxsize=20_000)
def drawn(word: str) -> tuple[Sound, ...] | None:
    """Return the notes of a drawn word in their order, None for a word that is not of notes."""
    if len(word) > _LONGEST_WORD:
        return None
    sounds: list[Sound] = []
    at = 0
    while at < len(word):
        match = _DRAWN.match(word, at)
        if match is None:
            return None
        at = match.end()
        sounds += _drawn_sound(match)
    return tuple(sounds)


def _drawn_sound(match: re.Match[str]) -> list[Sound]:
    marks = match["marks"]
    beams = marks.count("_") + marks.count(_LINE) + 2 * (marks.count("=") + marks.count(_LINES))
    dots, quarters = marks.count("."), marks.count("-")
    if match["figure"] == "-":
        return [Sound((), 0, 0, hold=True)] * (1 + quarters)
    if match["figure"] in "xX":
        return [Sound((), beams, dots, quarters, drum=True)]
    octave = sum(marks.count(c) for c in f"'+{_ABOVE}") - sum(marks.count(c) for c in f",{_BELOW}")
    octave += len(match["high"]) - len(match["low"])
    figure = _figure(match["acc"].replace("n", ""), match["figure"], octave)
    return [Sound((figure,) if figure.degree else (), beams, dots, quarters)]
