"""Tune books to single tunes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textmusic.codec import Document

__all__ = ["find_tunes"]

_NUMBER = re.compile(r"^X:", re.MULTILINE)
_DEFAULTS = re.compile(r"^(?:[MLQU]:|%%MIDI (?:program|channel)).*\n", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*(?:\n|\Z)")
_KEY = re.compile(r"^\[?K:|^(?:\[[LMQ]:[^\]\n]*\][ \t]*)+\[K:", re.MULTILINE)


def find_tunes(text: str) -> Iterator[Document]:
    """Yield every tune, raw, with its offset.

    Tunes start at ``X:``; metre, length and tempo of a file header stand before each, and the
    offset is moved back so that places in the tune stay right. Without any ``X:`` (texts of
    folk-rnn, canonical texts) tunes are the blocks between blank lines that name a key. A text
    without tunes is yielded whole.
    """
    starts = [match.start() for match in _NUMBER.finditer(text)]
    if starts:
        head = "".join(_DEFAULTS.findall(text[: starts[0]][:10_000]))
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            yield Document(head + text[start:end].rstrip() + "\n", start - len(head))
        return
    found = False
    start = 0
    while start < len(text):
        blank = _BLANK.search(text, start)
        end = blank.end() if blank else len(text)
        block = text[start:end]
        if _KEY.search(block):
            found = True
            lead = len(block) - len(block.lstrip("\n"))
            yield Document(block[lead:].rstrip() + "\n", start + lead)
        start = end
    if not found:
        yield Document(text)
