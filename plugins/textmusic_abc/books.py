"""Tune books to single tunes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textmusic.codec import Document

__all__ = ["find_tunes"]

_NUMBER = re.compile(r"^X:", re.MULTILINE)
_DEFAULTS = re.compile(r"^(?:[MLQU]:|%%MIDI (?:program|channel)).*", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*(?:\n|\Z)")
_KEY = re.compile(r"^K:|^(?:\[[LMQ]:[^\]\n]{0,40}\][ \t]*){0,3}\[K:", re.MULTILINE)
_MAX_COPIED = 2 << 30


def find_tunes(text: str) -> Iterator[Document]:
    """Yield every tune, raw, with its offset.

    Tunes start at ``X:``. Where a file header gives metre, length or tempo, every tune is
    preceded by that header and blanks in place of the tunes between, so that places stay right.
    Without any ``X:`` (texts of folk-rnn, canonical texts) tunes are the blocks between blank
    lines that name a key. A text without tunes is yielded whole.
    """
    starts = [match.start() for match in _NUMBER.finditer(text)]
    if not starts:
        yield from _blocks(text)
        return
    head, first = _file_header(text[: min(starts[0], 10_000)])
    if len(starts) * len(text) > _MAX_COPIED:
        head = ""
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        tune = text[start:end].rstrip()
        if head:
            yield Document(head + " " * (start - first - len(head) - 1) + "\n" + tune, first)
        else:
            yield Document(tune, start)


def _file_header(text: str) -> tuple[str, int]:
    """The defaults before the first tune, all else blanked, and where they start."""
    found = list(_DEFAULTS.finditer(text))
    if not found:
        return "", 0
    first, last = found[0].start(), found[-1].end()
    kept = [" "] * (last - first)
    for match in found:
        kept[match.start() - first : match.end() - first] = match[0]
        if match.end() < last:
            kept[match.end() - first] = "\n"
    return "".join(kept), first


def _blocks(text: str) -> Iterator[Document]:
    """The blocks between blank lines that name a key, or the whole text."""
    found = False
    start = 0
    while start < len(text):
        blank = _BLANK.search(text, start)
        end = blank.end() if blank else len(text)
        block = text[start:end]
        if _KEY.search(block):
            found = True
            lead = len(block) - len(block.lstrip("\n"))
            yield Document(block[lead:].rstrip(), start + lead)
        start = end
    if not found:
        yield Document(text)
