"""Event text -> music, with what is wrong at its place. A bad line spoils one bar only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from textmusic.bars import unfold
from textmusic.codec import Parsed
from textmusic.errors import Issue
from textmusic.lengths import BEAT, LENGTHS, bar_ticks
from textmusic_guitartab.checking import Checker
from textmusic_guitartab.events import read_measure
from textmusic_guitartab.grammar import EventGrammar, TabState
from textmusic_guitartab.heading import Head
from textmusic_guitartab.piece import MAX_NOTES, STRINGS, Measure, Piece, read_header
from textmusic_guitartab.scoring import score_of

__all__ = ["read_events"]

_METER = re.compile(r"M(?P<num>[1-9]\d?)/(?P<den>1|2|4|8|16|32) ")
_GRAMMAR = EventGrammar()
_Checker = Checker[Head | TabState]


def read_events(text: str) -> Parsed:
    """Return the music of an event text and its issues. Never raises."""
    checker = _Checker(_GRAMMAR, _complaint)
    lines = _lines(text)
    header = next(lines, (0, ""))[1]
    piece = read_header(header)
    state = _after_line(checker, _GRAMMAR.start(), header, 0)
    if state is None:
        state = TabState.at_bar(len(piece.tuning), bar_ticks(*piece.meter))
    measures = tuple(_measures(piece, state, lines, checker))
    if not measures:
        checker.complain("bar", "the text has no bars", len(text))
    checker.hear(measures, len(text))
    return Parsed(score_of(replace(piece, measures=measures)), tuple(checker.issues))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Offset and text of each line, with its line end where there is one."""
    offset = 0
    while offset < len(text):
        end = text.find("\n", offset) + 1 or len(text)
        yield offset, text[offset:end]
        offset = end


def _measures(
    piece: Piece, state: TabState, lines: Iterator[tuple[int, str]], checker: _Checker
) -> Iterator[Measure]:
    strings = STRINGS[len(piece.tuning) - 1]
    meter = piece.meter
    bodies: list[str] = []
    known: dict[tuple[str, tuple[int, int]], Measure] = {}
    notes = 0
    for offset, line in lines:
        match = _METER.match(line)
        if match:
            meter = (int(match["num"]), int(match["den"]))
        after = _after_bar(checker, state, line, offset)
        good = line if after is not None else line[: checker.issues[-1].offset - offset]
        body = unfold(len(bodies), good[match.end() if match else 0 :].rstrip("\n"), bodies) or ""
        bodies.append(body)
        if (body, meter) not in known:
            known[body, meter] = read_measure(body, strings, meter)
        measure = known[body, meter]
        notes += sum(len(event.pairs) for event in measure.events)
        if notes > MAX_NOTES:
            said = f"over {MAX_NOTES} notes: read no more"
            checker.complain("too-long", said, offset, "warning")
            return
        yield measure
        state = after or _resumed(state, measure, bar_ticks(*meter))


def _resumed(state: TabState, measure: Measure, full: int) -> TabState:
    """The state after a line that was not well formed."""
    ticks = -measure.length if measure.is_short else measure.length
    return TabState.at_bar(state.line.strings, full, (*state.bars, ticks)[-8:])


def _after_bar(checker: _Checker, state: TabState, line: str, offset: int) -> TabState | None:
    """As `_after_line`, for a line with a bar, which is walked through once for all its repeats."""
    if line.startswith("%"):
        return _after_line(checker, state, line, offset)
    # other than a reference, a line only asks whether there are bars before it
    after, issues = _walked(state.with_bars(state.bars and (0,)), line)
    checker.issues += [replace(issue, offset=issue.offset + offset) for issue in issues]
    if after is None:
        return None
    return after.with_bars((*state.bars, after.bars[-1])[-8:])


@lru_cache(maxsize=1 << 14)
def _walked(state: TabState, line: str) -> tuple[TabState | None, tuple[Issue, ...]]:
    checker = _Checker(_GRAMMAR, _complaint)
    return _after_line(checker, state, line, 0), tuple(checker.issues)


def _after_line(
    checker: _Checker, state: Head | TabState, line: str, offset: int
) -> TabState | None:
    """Return the state after a line, or None, with an issue, where it is not well formed."""
    after = checker.walk(state, line, offset)
    if after is not None and not line.endswith("\n"):
        checker.refuse(after, "", offset + len(line))
        return None
    return after if isinstance(after, TabState) else None


def _complaint(state: Head | TabState, char: str) -> tuple[str, str]:
    """Return code and message for a character that may not follow; empty at the end of a text."""
    found = repr(char) if char else "the end of the text"
    code, wanted = _WANTED[state.phase]
    if isinstance(state, Head):
        return code, f"expected {wanted}, found {found}"
    left = state.left
    if state.phase == "done" and char == "\n":
        return "bar-short", f"the bar lacks {left / BEAT:g} quarters; '!' marks a short bar"
    if state.phase in {"pair", "time"} and char in LENGTHS:
        return "bar-overfull", f"{left / BEAT:g} quarters are left in the bar, not {char!r}"
    if state.phase == "pair" and char in STRINGS[-1]:
        return "string-order", f"string {char!r} cannot stand here: in order, each once"
    return code, f"expected {wanted}, found {found}"


_WANTED = {
    "at": ("header", "'@' and a metre"),
    "meter": ("meter", "a metre such as 4/4 and a space"),
    "header": ("header", "an open string such as E2, a capo such as c2 or a tempo such as t120"),
    "bar": ("bar", "a bar"),
    "reference": ("reference", "a line end after a mark of an earlier bar that fits the metre"),
    "event": ("event", "a note, rest or hold"),
    "switched": ("event", "a note"),
    "fret": ("fret-range", "a fret: 0-9, a-o for 10-24, or x"),
    "pair": ("length", "a mark, another string or a length"),
    "time": ("length", "a length"),
    "done": ("event", "a space or a line end"),
    "short": ("bar", "a line end"),
}
