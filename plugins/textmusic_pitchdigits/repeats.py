"""Events of a part in playing order: every repeat and jump is played out as it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from textmusic_pitchdigits.playing import Event

__all__ = ["Tape"]

_MOST_EVENTS = 100_000
"""Nested repeats let a short text claim any number of events."""
_OPEN = re.compile(r"R([1-9]\d{0,2})?\{")


@dataclass(slots=True)
class _Block:
    """An open ``R{``; once its body is closed by ``}``, an ``A{`` may add endings."""

    start: int
    times: int
    body: list[Event] | None = None
    endings: list[list[Event]] = field(default_factory=list)


class Tape:
    """Collects events; `sign` understands repeat signs, endings and jumps."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._blocks: list[_Block] = []
        self._closed: _Block | None = None
        self._marks: dict[str, int] = {"|:": 0, "Segno": 0}

    @property
    def is_open(self) -> bool:
        """Whether a repeat has not been closed."""
        return bool(self._blocks)

    def add(self, event: Event) -> None:
        """Add an event after what was read so far."""
        self._finish()
        if len(self._events) < _MOST_EVENTS:
            self._events.append(event)

    def close(self) -> list[Event]:
        """Return all events."""
        self._finish()
        return self._events

    def sign(self, word: str) -> bool:
        """Read a repeat sign, an ending, a jump or a bar line; False for any other word."""
        if word == "A{" and self._closed:
            self._blocks.append(self._closed)
            self._closed = None
        elif match := _OPEN.fullmatch(word):
            self._finish()
            self._blocks.append(_Block(len(self._events), int(match[1] or 2)))
        elif word == "}":
            self._finish()
            self._end_block()
        elif set(word) <= set(":|]") and "|" in word:
            self._bar_line(word)
        elif word in {"Fine", "Segno", "ToCoda"}:
            self._finish()
            self._marks[word] = len(self._events)
        elif word in {"DC", "DS"}:
            self._finish()
            stop = self._marks.get("Fine", self._marks.get("ToCoda", len(self._events)))
            self._again(self._events[self._marks["Segno"] if word == "DS" else 0 : stop])
        else:
            return False
        return True

    def _bar_line(self, word: str) -> None:
        block = self._blocks[-1] if self._blocks else None
        if word == "|" and block and block.body is not None:
            self._end_ending(block)
            return
        self._finish()
        if word.startswith(":"):
            self._again(self._events[self._marks["|:"] :])
        if ":" in word:
            self._marks["|:"] = len(self._events)
        self._events.append(Event("bar"))

    def _end_block(self) -> None:
        if not self._blocks:
            return
        block = self._blocks.pop()
        if block.body is None:
            block.body = self._events[block.start :]
            self._closed = block
            return
        self._end_ending(block)
        del self._events[block.start :]
        times = max(block.times, len(block.endings))
        for number in range(times):
            self._again(block.body)
            self._again(block.endings[max(0, number - times + len(block.endings))])

    def _end_ending(self, block: _Block) -> None:
        assert block.body is not None
        start = block.start + len(block.body)
        block.endings.append(self._events[start:])
        del self._events[start:]

    def _finish(self) -> None:
        """Play a repeat without endings the other times."""
        if self._closed and self._closed.body is not None:
            for _ in range(self._closed.times - 1):
                self._again(self._closed.body)
        self._closed = None

    def _again(self, events: list[Event]) -> None:
        if len(self._events) + len(events) <= _MOST_EVENTS:
            self._events += events
