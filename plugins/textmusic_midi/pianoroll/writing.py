"""Projected scores to roll texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textmusic.bars import fold
from textmusic.score import Bar, Score
from textmusic_midi.pianoroll.cells import Signs, frames, lasting
from textmusic_midi.steps import controls

__all__ = ["write"]

_Frame = tuple[int, tuple[str, ...]]


def write(score: Score, lowest: int, highest: int, signs: Signs, layout: str) -> str:
    """Return the text of a projected score in one of the codec's layouts."""
    (track,) = score.tracks
    changes = list(frames(track.notes, lowest, highest, signs))
    bars = list(controls(score, score.end))
    spans = _split(changes, [bar for bar, _ in bars], signs)
    if layout == "classic":
        bodies = [
            _plain(span, min(bar.end, score.end), signs)
            for span, (bar, _) in zip(spans, bars, strict=True)
        ]
    else:
        bodies = [_compact(span, signs) for span in spans]
        if layout == "folded":
            bodies = fold(bodies)
    lines = [f"@{score.tpq} {lowest} {track.program}"]
    for (_, control), body in zip(bars, bodies, strict=True):
        if control:
            lines.append(control.removesuffix(" "))
        lines.append(body)
    return "".join(f"{line}\n" for line in lines)


def _split(changes: list[_Frame], bars: Iterable[Bar], signs: Signs) -> Iterator[list[_Frame]]:
    """Share the changes out among bars; each starts with what sounds there."""
    index = 0
    cells = changes[0][1]
    for bar in bars:
        span = []
        if changes[index][0] > bar.onset:
            held = tuple(signs.held if cell == signs.on else cell for cell in cells)
            span.append((bar.onset, held))
        while index < len(changes) and changes[index][0] < bar.end:
            cells = changes[index][1]
            span.append(changes[index])
            index += 1
        yield span


def _plain(span: list[_Frame], stop: int, signs: Signs) -> str:
    """A line a step until `stop`, as wide as the range."""
    played = [(step, cells) for step, cells in span if step < stop]
    ends = [*(step for step, _ in played[1:]), stop]
    return "\n".join(
        line
        for (step, cells), end in zip(played, ends, strict=True)
        for line in lasting(cells, signs, end - step)
    )


def _compact(span: list[_Frame], signs: Signs) -> str:
    """A line a change, without its last empty cells; the bar line ends the last one."""
    texts = []
    for (step, cells), after in zip(span, [*span[1:], None], strict=True):
        last = next((i for i in range(len(cells), 0, -1) if cells[i - 1] != signs.off), 0)
        text = "".join(cells[:last])
        if after is None:
            text += "|"
        elif after[0] - step > 1:
            text += f"*{after[0] - step}"
        texts.append(text)
    return "\n".join(texts)
