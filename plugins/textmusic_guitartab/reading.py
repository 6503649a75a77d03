"""Event text -> music, with what is wrong at its place. A bad line spoils one bar only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from textmusic.bars import unfold
from textmusic.codec import Parsed
from textmusic.errors import Issue, Severity
from textmusic_guitartab.events import read_measure
from textmusic_guitartab.grammar import EventGrammar, TabState, complaint
from textmusic_guitartab.piece import STRINGS, Measure, Piece, bar_ticks, read_header

__all__ = ["read_events"]

_MAX_NOTES = 1_000_000
_METER = re.compile(r"M(?P<num>[1-9]\d?)/(?P<den>1|2|4|8|16|32) ")
_GRAMMAR = EventGrammar()


def read_events(text: str) -> Parsed:
    """Return the music of an event text and its issues. Never raises."""
    issues: list[Issue] = []
    lines = _lines(text)
    header = next(lines, (0, ""))[1]
    piece = read_header(header)
    state = _walk(_GRAMMAR.start(), header, 0, issues)
    if state is None or state.phase != "bar":
        full = bar_ticks(*piece.meter)
        state = TabState("bar", len(piece.tuning), full)
    measures = tuple(_measures(piece, state, lines, issues))
    if not measures:
        _complain(issues, "bar", "the text has no bars", len(text))
    return Parsed(replace(piece, measures=measures).to_score(), tuple(issues))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Offset and text of each line, with its line end where there is one."""
    offset = 0
    while offset < len(text):
        end = text.find("\n", offset) + 1 or len(text)
        yield offset, text[offset:end]
        offset = end


def _measures(
    piece: Piece, state: TabState, lines: Iterator[tuple[int, str]], issues: list[Issue]
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
        after = _walk(state, line, offset, issues)
        good = line if after is not None else line[: issues[-1].offset - offset]
        body = unfold(len(bodies), good[match.end() if match else 0 :].rstrip("\n"), bodies) or ""
        bodies.append(body)
        if (body, meter) not in known:
            known[body, meter] = read_measure(body, strings, meter)
        measure = known[body, meter]
        yield measure
        notes += sum(len(event.pairs) for event in measure.events)
        if notes > _MAX_NOTES:
            _complain(issues, "too-long", f"read {notes} notes and no more", offset, "warning")
            return
        state = after or _resumed(state, measure, bar_ticks(*meter))


def _resumed(state: TabState, measure: Measure, full: int) -> TabState:
    """The state after a line that was not well formed."""
    ticks = -measure.length if measure.is_short else measure.length
    return TabState("bar", state.strings, full, (*state.bars, ticks)[-8:])


def _walk(state: TabState, line: str, offset: int, issues: list[Issue]) -> TabState | None:
    """Return the state after a line, or None, with an issue, where it is not well formed."""
    for index, char in enumerate(line):
        if char not in _GRAMMAR.allowed(state):
            _complain(issues, *complaint(state, char), offset + index)
            return None
        state = _GRAMMAR.step(state, char)
    if not line.endswith("\n"):
        _complain(issues, *complaint(state, ""), offset + len(line))
        return None
    return state


def _complain(
    issues: list[Issue], name: str, message: str, offset: int, severity: Severity = "error"
) -> None:
    issues.append(Issue(f"guitartab.{name}", message, offset, 0, severity))
