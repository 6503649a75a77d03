"""The tokens of a line of music, after ABC 2.1 and what tune books really hold.

Every character of a line belongs to one token, so offsets are sums of lengths. What a token
means is worked out once and remembered, for tunes are made of few different tokens.
"""

from __future__ import annotations

import re
from typing import Any, Final

from textmusic_abc.pitches import ACCIDENTALS

__all__ = [
    "DECORATIONS",
    "KINDS",
    "SAME_MARKS",
    "TOKENS",
    "Token",
    "read_pitches",
    "read_token",
    "split_line",
]

# fmt: off
DECORATIONS: Final = (
    "trill", "lowermordent", "uppermordent", "mordent", "pralltriller", "roll", "turn", "turnx",
    "invertedturn", "invertedturnx", "arpeggio", ">", "accent", "emphasis", "fermata",
    "invertedfermata", "tenuto", "0", "1", "2", "3", "4", "5", "+", "plus", "snap", "slide",
    "wedge", "upbow", "downbow", "open", "thumb", "breath", "pppp", "ppp", "pp", "p", "mp", "mf",
    "f", "ff", "fff", "ffff", "sfz", "crescendo(", "<(", "crescendo)", "<)", "diminuendo(", ">(",
    "diminuendo)", ">)", "segno", "coda", "D.S.", "D.C.", "dacoda", "dacapo", "fine",
    "shortphrase", "mediumphrase", "longphrase", "D.C.alfine", "D.C.alcoda", "D.S.alfine",
    "D.S.alcoda", "trill(", "trill)", "marcato", "^", "<", "staccato",
)
SAME_MARKS: Final = {
    "trill": "T", "upbow": "u", "downbow": "v", "roll": "~", "staccato": ".", ">": "L",
    "accent": "L", "emphasis": "L", "fermata": "H", "mordent": "M", "lowermordent": "M",
    "uppermordent": "P", "pralltriller": "P", "coda": "O", "segno": "S",
}
# fmt: on

_PITCH = r"(?:\^{1,2}|_{1,2}|=)?[A-Ga-g][,']*"
_LENGTH = r"(?: ?(?=[\d/]))?\d*(?: ?/+\d*)?"
_NAMES = "|".join(re.escape(name) for name in sorted(DECORATIONS, key=len, reverse=True))
_TABLE: Final = (
    ("note", _PITCH + _LENGTH),
    ("micro", r"[\^_]\d?/\d?"),
    ("space", r"[ \t`\\\u00a0]+"),
    ("field", r"\[[A-Za-z]:[^\]\n]{0,300}\]"),
    ("old", r"\+(?=[\^_=A-Ga-g])[\^_=A-Ga-g,'\d/]{2,60}\+" + _LENGTH),
    ("chord", r"\[ ?(?=[\^_=A-Ga-g!\".~+uvTLHMOPS])[^\]\[|:\n]{1,300}\]" + _LENGTH),
    ("bar", r"\.?(?:\[\|\]?|:*\|+)(?:[|:\]]|\[(?=[\d|]))*(?: ?\[?\d(?:\d|[,.\-](?=\d))*)?"),
    ("bar2", r":+\][|:]*|::+|\[ ?\d(?:\d|[,.\-](?=\d))*"),
    ("rest", r"[zx]" + _LENGTH),
    ("bars", r"[ZX] ?\d*"),
    ("text", r'"[^"\n]{0,500}"'),
    ("tuplet", r"\(\d{1,2}(?::\d{0,2}){0,2}"),
    ("broken", r">+|<+"),
    ("tie", r"\.?-"),
    ("open", r"\.?\("),
    ("close", r"\)"),
    ("grace", r"\{[^}\n]{0,300}\}"),
    (
        "deco",
        rf"!(?:{_NAMES})!|\+(?:{_NAMES})\+|!(?=[^!\n]{{0,24}}[h-wyi-tH-Z])[A-Za-z][\w.()+-]{{1,24}}!",
    ),
    ("mark", r"[~.H-Wh-w]"),
    ("overlay", r"&+"),
    ("spacer", r"y ?\d*"),
    ("ignored", r"[!$*;?@#]"),
    ("other", r"[^\n]"),
)
KINDS: Final = {name: number for number, (name, _) in enumerate(_TABLE)}
split_line = re.compile("|".join(f"(?:{pattern})" for _, pattern in _TABLE)).findall
_CLASSIFY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _TABLE))
_INNER = re.compile(f'({_PITCH})({_LENGTH})|-|[ \\t]|"[^"]*"|![^!]*!|[.~+uvTLHMOPS()]|(.)')
_SPLIT_PITCH = re.compile(r"([\^_=]*)([A-Ga-g])([,']*)")
_LENGTH_PARTS = re.compile(r"(\d*)(/*)(\d*)")
_ENDS = re.compile(r"(?:^|(?<=[\]:])):+(?=[|\]])")
_STARTS = re.compile(r"[|\]]:+\|?$")
_MAX_NUMBER = 10_000

Token = tuple[int, Any]
"""Kind and meaning: (index, accidental, num, den) of a note, and so on; see `_meaning`."""

TOKENS: Final[dict[str, Token]] = {}
"""What tokens mean, of those that `read_token` was asked for."""


def read_token(text: str) -> Token:
    """Return kind and meaning of a token found by `split_line`."""
    found = TOKENS.get(text)
    if found is None:
        match = _CLASSIFY.match(text)
        name = (match and match.lastgroup) or "other"
        found = KINDS[name], _meaning(name, text)
        if len(TOKENS) < 100_000 and len(text) < 64:
            TOKENS[text] = found
    return found


def _meaning(kind: str, text: str) -> Any:
    if kind == "note":
        match = _SPLIT_PITCH.match(text)
        assert match is not None
        return (*_pitch(match), *_ratio(text[match.end() :]))
    if kind == "rest":
        return (text[0], *_ratio(text[1:]))
    if kind == "chord":
        return _chord(text)
    if kind == "old":  # chords were once written +CEG+
        return _chord(f"[{text[1:].replace('+', ']')}")
    if kind in {"bar", "bar2"}:
        return _bar(text)
    if kind == "bars":
        return min(int(text[1:].strip() or 1), _MAX_NUMBER) if len(text) < 8 else 0
    if kind == "tuplet":
        parts = [int(part) if part else 0 for part in text[1:].split(":")]
        return (*parts, 0, 0)[:3]
    if kind == "grace":
        return read_pitches(text)
    if kind == "deco":
        return text[1:-1]
    return text


def _pitch(match: re.Match[str]) -> tuple[int, int | None]:
    accidental, name, octave = match.groups()
    index = "CDEFGABcdefgab".index(name) + 7 * (octave.count("'") - octave.count(","))
    return index, ACCIDENTALS.get(accidental)


def _ratio(text: str) -> tuple[int, int]:
    """The length as a fraction of the unit; (0, 1) for a length that is none."""
    match = _LENGTH_PARTS.fullmatch(text.replace(" ", ""))
    if match is None or len(text) > 12:
        return 0, 1
    number, slashes, divisor = match.groups()
    num = int(number) if number else 1
    if not slashes:
        return (num, 1) if num <= _MAX_NUMBER else (0, 1)
    den = int(divisor) << (len(slashes) - 1) if divisor else 1 << len(slashes)
    return (num, den) if 0 < den <= 1024 and num <= _MAX_NUMBER else (0, 1)


def _chord(text: str) -> tuple[list[tuple[int, int | None, int, int, bool]], int, int, bool]:
    """The pitches with lengths and ties, the outer length, and whether all was understood."""
    inner, _, outer = text[1:].rpartition("]")
    tones: list[tuple[int, int | None, int, int, bool]] = []
    clean = True
    for match in _INNER.finditer(inner):
        if match[1]:
            pitch = _SPLIT_PITCH.match(match[1])
            assert pitch is not None
            tones.append((*_pitch(pitch), *_ratio(match[2]), False))
        elif match[0] == "-" and tones:
            tones[-1] = (*tones[-1][:4], True)
        elif match[3]:
            clean = False
    return tones, *_ratio(outer), clean


def _bar(text: str) -> tuple[int, bool, tuple[int, ...], bool]:
    """How often the section that ends is played (0: no repeat), whether one starts, passes."""
    marks = re.match(r"[^\d]*", text)
    assert marks is not None
    signs = marks[0].replace(".", "").replace(" ", "").rstrip("[")
    passes = _passes(text[marks.end() :])
    if not signs.strip(":"):
        return (1 + max(len(signs) // 2, 1) if signs else 0), bool(signs), passes, False
    ends = _ENDS.search(signs)
    starts = _STARTS.search(signs) is not None
    if starts:
        passes = ()  # an ending cannot open a section
    double = signs.count("|") > 1 or "]" in signs or "[|" in signs
    return (len(ends[0]) + 1 if ends else 0), starts, passes, double


def _passes(text: str) -> tuple[int, ...]:
    passes: set[int] = set()
    for part in re.split(r"[,.]", re.sub(r"[^\d,.\-]", "", text)[:40]):
        low, _, high = part.partition("-")
        if low and len(low) < 3 and len(high) < 3:
            passes |= set(range(int(low), int(high or low) + 1))
    return tuple(sorted(passes & set(range(1, 17))))


def read_pitches(text: str) -> tuple[tuple[int, int | None], ...]:
    """Return the (index, accidental) of every pitch in a text, such as grace notes."""
    return tuple(map(_pitch, _SPLIT_PITCH.finditer(text[:200])))
