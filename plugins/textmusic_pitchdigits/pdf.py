"""The format `.pdf`: labelled staves and numbered notation in the text layer of a document."""

from __future__ import annotations

import io
import logging
import re
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from textmusic.errors import FormatError, Issue
from textmusic.format import Format, Loaded
from textmusic_pitchdigits.notation import is_notation, looks_like_notation
from textmusic_pitchdigits.page import Char, page_lines
from textmusic_pitchdigits.texts import read_scores

__all__ = ["PitchDigitsPdf"]

_MOST_PAGES = 3000
_MOST_CHARS = 3_000_000
_MOST_UNPACKED = 256 << 20
_STREAM = re.compile(rb"stream\r?\n")
_LEAST_SHARE = 6
_NUMBER = re.compile(r"\W*(\d{1,5})\W*")


@dataclass(slots=True)
class _Page:
    """The lines of a page from top to bottom, column by column."""

    number: int
    lines: list[str]


class PitchDigitsPdf(Format):
    """PDF documents whose text layer holds pitch digits; read with pdfplumber, not written.

    Pages may have columns and may be rotated. Page numbers, headers and captions are dropped and
    reported with their page. A score that was engraved has no digits: it needs optical music
    recognition first, and the message says so.
    """

    name = "pdf"
    title = "PDF of pitch digits"
    reads = True

    def decode(self, data: bytes) -> Loaded:
        """Return one Score a stave, block or piece of the whole document.

        Raises:
            FormatError: the document is damaged, locked or too large, has no text layer, or its
                text is not pitch digits.
        """
        start = data.find(b"%PDF-", 0, 1024)
        if start < 0:
            raise FormatError("not a PDF document: it does not begin with %PDF")
        _refuse_bombs(data)
        issues: list[Issue] = []
        pages, text = _text_of(data, issues)
        if not pages:
            raise FormatError(_why_none(""), issues[:20])
        numbers = _page_numbers(pages)
        for number, place in numbers.items():
            page = pages[number]
            issues.append(
                _note("page-number", page.number, f"left out {page.lines[place].strip()!r}")
            )
            page.lines.pop(place)
        starts: list[int] = []
        size = 0
        for page in pages:
            starts.append(size)
            size += sum(len(line) + 1 for line in page.lines)
        feed = "".join(f"{line}\n" for page in pages for line in page.lines)
        scores, found = read_scores(feed)
        for issue in found:
            page = pages[max(bisect_right(starts, issue.offset) - 1, 0)]
            message = f"page {page.number}: {issue.message}"
            issues.append(replace(issue, message=message, offset=0, length=0))
        if not scores or not _is_about_notes(feed, found):
            raise FormatError(_why_none(text), issues[:20])
        return Loaded(tuple(scores), tuple(issues))


def _is_about_notes(text: str, issues: Sequence[Issue]) -> bool:
    """Whether notes are what a text is about; bar numbers of an engraved score look like some."""
    if is_notation(text):
        return looks_like_notation(text)
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    names = Counter(issue.code for issue in issues)
    others = names["pitchdigits.caption"] + names["pitchdigits.header"]
    return names["pitchdigits.degree"] * 5 < lines and (lines - others) * _LEAST_SHARE >= lines


def _note(name: str, page: int, message: str) -> Issue:
    return Issue(f"pitchdigits.{name}", f"page {page}: {message}", 0, 0, "note")


def _text_of(data: bytes, issues: list[Issue]) -> tuple[list[_Page], str]:
    """The pages that have text, and all their characters."""
    import pdfplumber

    pages: list[_Page] = []
    text: list[str] = []
    total = 0
    with _silent_pdfminer():
        try:
            with pdfplumber.open(io.BytesIO(data)) as document:
                for page in _pages(document, issues):
                    chars = page.chars
                    total += len(chars)
                    if total > _MOST_CHARS:
                        issues.append(_note("too-long", page.page_number, "read no further"))
                        break
                    if chars:
                        text.append("".join(char["text"] for char in chars))
                        pages.append(_Page(page.page_number, page_lines(list(map(_char, chars)))))
                    else:
                        message = "no text layer: a scan or a drawing"
                        issues.append(_note("no-text", page.page_number, message))
                    page.close()
        except Exception as error:  # pdfminer raises anything on damaged documents
            reason = " ".join(str(error).split())[:80]
            kind = type(error.__cause__ or error.__context__ or error).__name__
            raise FormatError(
                f"damaged or locked PDF: {kind}{': ' * bool(reason)}{reason}"
            ) from error
    return pages, "".join(text)


def _pages(document: Any, issues: list[Issue]) -> Iterator[Any]:
    for page in document.pages:
        if page.page_number > _MOST_PAGES:
            issues.append(_note("too-long", page.page_number, "read no more pages"))
            return
        yield page


def _char(char: dict[str, Any]) -> Char:
    return Char(
        char["text"], char["x0"], char["top"], char["x1"], char["bottom"], tuple(char["matrix"][:4])
    )


@contextmanager
def _silent_pdfminer() -> Iterator[None]:
    """Keep pdfminer's complaints about damage off the terminal: ours say it in one line."""
    logger = logging.getLogger("pdfminer")
    handler = logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _refuse_bombs(data: bytes) -> None:
    """Refuse streams that unpack to more than a document of text can need.

    Raises:
        FormatError: the streams unpack to more than 256 MiB.
    """
    left = _MOST_UNPACKED
    for match in _STREAM.finditer(data):
        end = data.find(b"endstream", match.end())
        packed = data[match.end() : end if end >= 0 else len(data)]
        for _ in range(4):
            if packed[:1] not in {b"\x78", b"\x58", b"\x48", b"\x68"}:
                break
            try:
                packed = zlib.decompressobj().decompress(packed, left + 1)
            except zlib.error:
                break
            left -= len(packed)
            if left < 0:
                raise FormatError(f"unpacks to more than {_MOST_UNPACKED >> 20} MiB: refused")


def _page_numbers(pages: Sequence[_Page]) -> dict[int, int]:
    """For each page (by index) the first or last line that numbers it, in step with the others."""
    found: dict[int, list[tuple[int, int]]] = {}
    for index, page in enumerate(pages):
        for place in {0, len(page.lines) - 1} if page.lines else ():
            if match := _NUMBER.fullmatch(page.lines[place]):
                found.setdefault(index, []).append((place, int(match[1]) - page.number))
    steps = Counter(step for places in found.values() for _, step in places)
    if not steps:
        return {}
    step, times = steps.most_common(1)[0]
    if times < 2 or 2 * times < len(pages):
        return {}
    return {
        index: place
        for index, places in found.items()
        for place, distance in places[:1] + places[1:]
        if distance == step
    }


def _why_none(text: str) -> str:
    """Say why a document without pitch digits has none."""
    bare = "".join(text.split())
    if not bare:
        return "no text layer: a scan or a drawing; recognise its characters (OCR) first"
    glyphs = sum("\ue000" <= char <= "\uf8ff" or not char.isprintable() for char in bare)
    glyphs += 7 * text.count("(cid:")
    plain = sum(char.isascii() and char.isalnum() for char in bare)
    if glyphs * 4 > len(bare) or plain * 3 < len(bare):
        return "the text layer holds music glyphs, not digits; use optical music recognition first"
    return "no line of pitch digits found in the text layer; an engraved score, or prose?"
