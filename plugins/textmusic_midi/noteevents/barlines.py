"""Where the bars of event texts lie, by a scan."""

from __future__ import annotations

import re

from textmusic_midi.steps import LENGTH, Lengths, measure, read_control

__all__ = ["line_bars", "stream_bars"]

_WAIT = re.compile(rf"\|({LENGTH})?")


def line_bars(text: str) -> tuple[int, ...]:
    """Return the start of each line but the first, after the first control, and the end."""
    first = _first(text)
    ends = (found.end() for found in re.finditer("\n", text))
    return (first, *(end for end in ends if end > first)) if first < len(text) else ()


def stream_bars(text: str, steps: int) -> tuple[int, ...]:
    """Return where the measures of a text without bar lines begin, and its end.

    Args:
        text: any text.
        steps: steps a quarter.
    """
    lengths = Lengths.of(steps)
    places: list[int] = []
    meter, offset = (4, 4), text.find("\n") + 1 if text.startswith("@") else 0
    while offset < len(text):
        end = text.find("\n", offset) + 1 or len(text)
        control = read_control(text[offset : min(end, offset + 32)], offset)
        places.append(offset if places else control.end)
        meter = control.meter or meter
        size = measure(meter, steps)
        left = size
        for wait in _WAIT.finditer(text, control.end, end):
            left -= (lengths.read(wait[1]) if wait[1] else 1) or 1
            if left == 0 and wait.end() < end - 1:
                places.append(wait.end())
            left = left if left > 0 else size - -left % size
        offset = end
    return (*places, len(text)) if places and places[-1] < len(text) else tuple(places)


def _first(text: str) -> int:
    start = text.find("\n") + 1 if text.startswith("@") else 0
    return read_control(text[start : start + 32], start).end
