"""Where the bars of rolls lie, by a scan."""

from __future__ import annotations

import re

from textmusic_midi.steps import Lengths, is_control, measure, read_control

__all__ = ["closed_bars", "counted_bars"]

_LAST = re.compile(r"\|\n|^%[248]?\n", re.MULTILINE)


def closed_bars(text: str) -> tuple[int, ...]:
    """Return where the first bar begins, and the end of each that a bar line or a mark closes."""
    first = _first(text)
    ends = tuple(found.end() for found in _LAST.finditer(text, first))
    return (first, *ends) if ends else ()


def counted_bars(text: str, steps: int) -> tuple[int, ...]:
    """Return where the measures of a text of one line a step begin, and its end.

    Args:
        text: any text.
        steps: steps a quarter.
    """
    lengths = Lengths.of(steps)
    places: list[int] = []
    meter, left, opened = (4, 4), 0, False
    offset = text.find("\n") + 1 if text.startswith("@") else 0
    while offset < len(text):
        end = text.find("\n", offset) + 1 or len(text)
        line = text[offset : min(end - 1, offset + 32)]
        if is_control(line):
            control = read_control(f"{line} ")
            meter = control.meter or meter
            left = (control.cut and lengths.read(control.cut)) or measure(meter, steps)
            places.append(offset if places else end)
            opened = True
        else:
            if not left:
                left = measure(meter, steps)
                if not opened:
                    places.append(offset)
            left, opened = left - 1, False
        offset = end
    return (*places, len(text)) if places and places[-1] < len(text) else tuple(places)


def _first(text: str) -> int:
    """The offset behind the first line and the control."""
    start = text.find("\n") + 1 if text.startswith("@") else 0
    end = text.find("\n", start) + 1
    return end if end and is_control(text[start : end - 1]) else start
