"""How other programs play signs of repetition: to write none that they and we understand apart.

The rules are those of alphaTab 1.8, as its sources and the order of what it plays show. They are
ours for all that music commonly has, and differ where the signs contradict each other: a repeat
closes under an ending and is played more often than the ending is, or repeats stand within others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from textmusic.form import MOST_MEASURES, Form, Measure

__all__ = ["order_elsewhere"]


@dataclass(eq=False, slots=True)
class _Repeat:
    """A repeat: where it opens and closes, and how often each end was passed while it is played."""

    opening: int
    closings: list[int] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    at: int = 0


def order_elsewhere(form: Form) -> list[int] | None:
    """Return the indices of the measures as others play them, or None when they are too many."""
    measures = form.measures
    repeats = _repeats(measures)
    order: list[int] = []
    stack: list[_Repeat] = []
    ending: frozenset[int] = frozenset()
    index = steps = 0
    while index < len(measures):
        steps += 1
        if steps > MOST_MEASURES:
            return None
        measure, repeat = measures[index], repeats[index]
        if index == repeat.opening and repeat.closings and repeat not in stack:
            repeat.passed, repeat.at = [0] * len(repeat.closings), 0
            stack.append(repeat)
            ending = frozenset()
        current = measure.endings or ending
        if stack and current:
            ending = current
        if not stack or not current or stack[-1].passed[stack[-1].at] + 1 in current:
            order.append(index)
        if stack and measure.passes > 1:
            index, ending = _behind(index, measure.passes, stack, ending)
        else:
            index += 1
    return order


def _repeats(measures: Sequence[Measure]) -> list[_Repeat]:
    """Return for each measure the repeat that it belongs to."""
    found: list[_Repeat] = []
    around: list[_Repeat] = []
    repeat: _Repeat | None = None
    depth = 0
    for index, measure in enumerate(measures):
        if measure.opens and repeat and repeat.closings:
            around.pop()
            depth -= 1
        if measure.opens or repeat is None:
            repeat = _Repeat(index)
            around.append(repeat)
            depth += measure.opens
        found.append(repeat)
        if measure.passes:
            repeat.closings.append(index)
            if depth > 1:
                around.pop()
                depth -= 1
                repeat = around[-1] if around else None
    return found


def _behind(
    index: int, passes: int, stack: list[_Repeat], ending: frozenset[int]
) -> tuple[int, frozenset[int]]:
    """Return where it goes on behind the end of a repeat, and the ending in force there."""
    repeat = stack[-1]
    if repeat.passed[repeat.at] + 1 < passes:
        repeat.passed[repeat.at] += 1
        repeat.passed[: repeat.at] = [0] * repeat.at
        repeat.at = 0
        return repeat.opening, frozenset()
    if repeat.at < len(repeat.closings) - 1:
        repeat.at += 1
    else:
        stack.pop()
    return index + 1, ending
