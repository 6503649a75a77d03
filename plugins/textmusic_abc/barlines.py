"""Where the bars of a canonical text lie, by its bar lines alone."""

from __future__ import annotations

import re

__all__ = ["bar_offsets"]

_HEADER = re.compile(r"\A(?:[MLQPKV]:[^\n]*\n|%%[^\n]*\n)+")
_OPENING = re.compile(r"(?:\[[MKQP]:[^\]\n]*\])*\|:")
_VOICES = re.compile(r"^\[V:1\]", re.MULTILINE)
_PARTS = re.compile(
    r"""
      "[^"\n]*"                                   # a chord symbol
    | \[[MKQPV]:[^\]\n]*\]                       # a field
    | \([\d:]+                                   # a tuplet
    | (?P<mark> (?: :*\|[\]|:]? | :: ) (?: :?\[?\d[\d,]* )? | \[\d[\d,]* )
    """,
    re.VERBOSE,
)


def bar_offsets(text: str) -> tuple[int, ...]:
    """Return where each bar starts, and where the last one ends; nothing for a text without music.

    Args:
        text: a canonical text, or what of one has been written so far.
    """
    header = _HEADER.match(text)
    if header is None or "\nK:" not in header[0] or header.end() == len(text):
        return ()
    start = header.end()
    rows = [match.start() for match in _VOICES.finditer(text, start)]
    if rows:
        return (*rows, len(text))
    if opening := _OPENING.match(text, start):
        start = opening.end()
    ends = [match.end() for match in _PARTS.finditer(text, start) if match["mark"]]
    return tuple(sorted({start, *ends, len(text)}))
