"""What a page says in words: title, capo, tempo, metre, repeats."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Header", "read_header", "repeat_count"]

MAX_REPEAT = 16
META = ("title", "composer", "artist", "album", "arranger", "tabber", "comment", "copyright",
        "source", "provenance")  # fmt: skip
_FIELD = re.compile(r"^([A-Z][A-Za-z]{2,11}) ?: ?(\S.*)$", re.MULTILINE)
_CAPO = re.compile(
    r"\bcapo\b[ :=-]{0,5}(?:(?:on|at|in) )?(?:the )?(?:fret )?#?"
    r"(?:(\d{1,2})(?:st|nd|rd|th)?"
    r"|([ivx]{1,4}|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth))\b"
    r"|\b(\d{1,2})(?:st|nd|rd|th)? (?:fret )?capo\b",
    re.IGNORECASE,
)
_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_METER = re.compile(
    r"\b(?:time(?: sig(?:nature|\.)?)?|met(?:er|re)|signature|count)\b[^\n\d]{0,20}"
    r"(\d{1,2}) ?/ ?(2|4|8|16|32)\b"
    r"|^[ \[(]*(\d{1,2})/(2|4|8|16)(?: time)?[ \])]*$|\b(\d{1,2})/(4|8) time\b",
    re.IGNORECASE | re.MULTILINE,
)
_TEMPO = re.compile(
    r"\b(?:tempo|bpm|[qQ]|♩)[ ]*[:=][^\n\d]{0,12}(\d{2,3}(?:\.\d+)?)\b"
    r"|\b(\d{2,3}(?:\.\d+)?) ?bpm\b",
    re.IGNORECASE,
)
_REPEAT = re.compile(
    r"(?:(?<![A-Za-z0-9])[xX] ?(\d{1,3})|(?<![A-Za-z0-9/])(\d{1,3}) ?[xX](?![A-Za-z0-9])"
    r"|\b(?:repeat|play|riff)[a-z ]{0,12}(\d{1,2}) ?(?:x|times)"
    r"|\b(\d{1,2}) times\b)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Header:
    """What the words of a page say; None and 0 where they say nothing."""

    meta: dict[str, str] = field(default_factory=dict)
    track: str = ""
    tuning: str = ""
    capo: int = 0
    qpm: float = 0.0
    meter: tuple[int, int] | None = None


def read_header(head: str, words: str) -> Header:
    """Read a page's words.

    Args:
        head: what stands before the first staff.
        words: all text outside the staves.
    """
    header = Header()
    for match in _FIELD.finditer(head):
        key, value = match[1].lower(), match[2].rstrip()
        key = "title" if key == "song" else key
        if key in META:
            header.meta.setdefault(key, value)
        elif key == "track" and not header.track:
            header.track = value
        elif key == "tuning" and not header.tuning:
            header.tuning = value
        elif key == "tempo" and not header.qpm:
            header.qpm = _number(value)
    if "apo" in words or "APO" in words:
        header.capo = _capo(words)
    tempo = None if header.qpm else _TEMPO.search(_having(words, ("=", "mpo", "MPO", "bpm", "BPM")))
    if tempo:
        header.qpm = float(tempo[1] or tempo[2])
    meter = _METER.search(_having(words, ("/",)))
    if meter:
        pair = next((meter[i], meter[i + 1]) for i in (1, 3, 5) if meter[i])
        if 1 <= int(pair[0]) <= 32:
            header.meter = int(pair[0]), int(pair[1])
    return header


def _having(words: str, parts: tuple[str, ...]) -> str:
    """The lines that have one of some parts: most lines need no slow search."""
    parts = tuple([part for part in parts if part in words])
    if not parts:
        return ""
    return "\n".join([line for line in words.split("\n") if any(map(line.__contains__, parts))])


def _number(value: str) -> float:
    try:
        qpm = float(value)
    except ValueError:
        return 0.0
    return qpm if 1 <= qpm <= 10_000 else 0.0


def _capo(words: str) -> int:
    match = _CAPO.search(words)
    if not match:
        return 0
    value = (match[1] or match[2] or match[3]).lower()
    if value.isdecimal():
        fret = int(value)
    elif value in _ROMAN:
        fret = _ROMAN.index(value) + 1
    else:
        fret = _WORDS.index(value) + 1 if value in _WORDS else 0
    return fret if fret <= 12 else 0


def repeat_count(remark: str) -> int:
    """Return how often a remark such as ``(x4)`` says to play; 0 when it does not say."""
    match = _REPEAT.search(remark)
    if not match:
        return 0
    return int(match[1] or match[2] or match[3] or match[4])
