"""alphaTex text to tokens, as alphaTab 1.8 cuts it; what it gives up on is repaired."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from textmusic_guitarpro.alphatex.complaints import Complaints

__all__ = ["Token", "tokens_of"]

_WORD = r"[^\s\x00/\"'.:(){}|*\\]"
_TOKEN = re.compile(
    rf"""(?P<space>\s+|//[^\n]*)
    |(?P<comment>/\*)
    |(?P<quote>["'])
    |(?P<tag>\\\\?{_WORD}+)
    |(?P<word>{_WORD}+)
    |(?P<sign>[.:(){{}}|*])
    |(?P<other>.)""",
    re.VERBOSE,
)
_CLOSING = {
    quote: re.compile(rf"[^{quote}\\]*(?:\\.[^{quote}\\]*)*{quote}", re.DOTALL) for quote in "\"'"
}
_NUMBER = re.compile(r"-?[0-9]+")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_MOST_DIGITS = 9


class Token(NamedTuple):
    """A piece of the text.

    Args:
        kind: ``number``, ``word``, ``string``, ``tag``, or the sign itself: one of ``.:(){}|*``.
        text: without quotes and backslashes.
        offset, end: where it stands.
    """

    kind: str
    text: str
    offset: int
    end: int

    @property
    def number(self) -> int:
        """The value of a number, cut where it is beyond all sense."""
        return int(self.text[: _MOST_DIGITS + 1])


def tokens_of(text: str, complaints: Complaints) -> list[Token]:
    """Return the tokens of a text; comments and white space are left out."""
    return list(_tokens(text, complaints))


def _tokens(text: str, complaints: Complaints) -> Iterator[Token]:
    at = 0
    open_quotes: set[str] = set()
    while match := _TOKEN.match(text, at):
        start, at = match.span()
        kind, found = str(match.lastgroup), match[0]
        if kind == "comment":
            close = text.find("*/", at)
            if close < 0:
                complaints.add("open-comment", "comment without its */", start, 2)
            at = close + 2 if close >= 0 else len(text)
        elif kind == "quote":
            end = _end_of_string(text, at, found, open_quotes)
            if end is None:
                complaints.add("open-string", f"string without its closing {found}", start)
                end = text.find("\n", at)
                end = len(text) if end < 0 else end
                yield Token("string", _plain(text[at:end]), start, end)
            else:
                yield Token("string", _plain(text[at : end - 1]), start, end)
            at = end
        elif kind == "tag":
            yield Token("tag", found.lstrip("\\"), start, at)
        elif kind == "word":
            yield Token("number" if _NUMBER.fullmatch(found) else "word", found, start, at)
        elif kind == "sign":
            yield Token(found, found, start, at)
        elif kind == "other":
            complaints.add("character", f"{found!r} means nothing here", start)


def _end_of_string(text: str, at: int, quote: str, open_quotes: set[str]) -> int | None:
    """Return where a string ends, or None; a quote that is open once is not looked for again."""
    if quote in open_quotes:
        return None
    match = _CLOSING[quote].match(text, at)
    if match is None:
        open_quotes.add(quote)
        return None
    return match.end()


def _plain(text: str) -> str:
    """Resolve escapes; an unknown one stands for its character, a surrogate for nothing."""
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        point = int(code[1:], 16)
        return "" if 0xD800 <= point < 0xE000 or not point else chr(point)
    return _ESCAPED.get(code.lower(), code)
