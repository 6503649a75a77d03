"""Whether the bars of a Score are those that its text states: for `validity.py`, which says what counts.

The metres and the marks of bars cut short are read from the text by a few lines of our own here,
apart from the codecs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from textmusic.form import Form, fold
from textmusic.score import Bar, Score

__all__ = ["inexact"]

METRES = {
    "abc": re.compile(r"M:(\d+)/(\d+)"),
    "guitartab": re.compile(r"^(?:@|M)(\d+)/(\d+)", re.MULTILINE),
    "guitarpro": re.compile(r"(?:^@|M)(\d+)/(\d+)", re.MULTILINE),
    "noteevents": re.compile(r"^(\d+)/(\d+)", re.MULTILINE),
    "pianoroll": re.compile(r"^(\d+)/(\d+)", re.MULTILINE),
    "pitchdigits": re.compile(r"(?:^| )(\d+)/(\d+)(?= |$)", re.MULTILINE),
}
DIRECTIVE = re.compile(r"(?:[1-7]=[A-G]|\d+/\d+|q=)")


def inexact(name: str, text: str, score: Score) -> str | None:
    """Why a score does not have exact bars, or None; see the module."""
    stated = {(int(a), int(b)) for a, b in METRES[name].findall(text)}
    page, _ = (fold(score) or (score, None)) if name == "guitarpro" else (score, None)
    bars = page.bars()
    if "M:none" not in text and any((b.numerator, b.denominator) not in stated for b in bars):
        return "a metre that the text does not state"
    if name == "abc":
        begin = score.meters[0].onset if score.meters else 0  # without a metre no bar has a length
        return _unsummed([bar for bar in bars if bar.onset >= begin])
    marked = list(CUTS[name](text.splitlines()))
    form = Form.parse(page.get("form"))
    if form:
        # Judged as played: the signs stay where a last bar that is cut short, or a note that
        # sounds on behind the last bar played, keeps the music from being folded to its page.
        order = form.order() or []
        marked = [marked[index] for index in order if index < len(marked)]
        behind = bars[len(order) :]
        if behind and all(note.onset < behind[0].onset for note in score.notes()):
            bars = bars[: len(order)]
    if len(marked) < len(bars):
        return f"{'more' if marked else 'no'} bars than the text has lines for"
    for number, (bar, cut) in enumerate(zip(bars[:-1], marked, strict=False)):
        if bar.is_short != cut:
            return f"bar {number + 1} is {'short' if bar.is_short else 'full'}, unlike its text"
    return None


def _unsummed(bars: Sequence[Bar]) -> str | None:
    """Bars in a row that are short must sum to whole ones, but for an upbeat and the last."""
    if _whole(bars) or _whole(bars[1:]):
        return None
    return "short bars that do not sum to whole ones"


def _whole(bars: Sequence[Bar]) -> bool:
    run = Fraction(0)
    for bar in bars:
        if run and not bar.is_short:
            return False
        run = (run + Fraction(bar.end - bar.onset, bar.full)) % 1
    return True


def _by_line(lines: Sequence[str]) -> Iterator[bool]:
    """Whether each bar of `guitartab` or `pitchdigits` is marked as cut, references resolved."""
    cuts: list[bool] = []
    for line in lines:
        if line.startswith("@") or DIRECTIVE.match(line):
            continue
        body = line.split(" ", 1)[1] if re.match(r"M\d+/\d+ ", line) else line
        back = int(body[1:] or 1) if body.startswith("%") else 0
        cuts.append(cuts[-back] if 0 < back <= len(cuts) else body.endswith("!"))
    yield from cuts


def _by_words(lines: Sequence[str]) -> Iterator[bool]:
    """The same of `guitarpro`: a word before the first event, in the line of all parts."""
    several = sum(line.startswith(":") for line in lines) > 1
    for line in lines:
        if line.startswith(("@", ":")) or (several and not line.startswith("|")):
            continue
        words = line.removeprefix("|").split(" ") if several else line.split(" ")
        yield any(word.startswith("!") for word in words)


def _before_line(lines: Sequence[str]) -> Iterator[bool]:
    """The same of `noteevents`: ``<n`` in front of the line."""
    for line in lines[1:]:
        yield any(word.startswith("<") for word in line.split(" ")[:-1])


def _before_bar(lines: Sequence[str]) -> Iterator[bool]:
    """The same of `pianoroll`: ``<n`` in a line of its own; a bar ends in ``|``, or is ``%``."""
    cut = False
    for line in lines[1:]:
        if line[:1] in set("0123456789=<"):
            cut = "<" in line
        if line.endswith("|") or line.startswith("%"):
            yield cut
            cut = False


CUTS = {
    "guitartab": _by_line,
    "pitchdigits": _by_line,
    "guitarpro": _by_words,
    "noteevents": _before_line,
    "pianoroll": _before_bar,
}
