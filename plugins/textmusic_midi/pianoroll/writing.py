"""Projected scores to roll texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from textmusic.bars import fold
from textmusic.score import Score
from textmusic_midi.pianoroll.cells import Frames, Signs
from textmusic_midi.steps import Rows, controls, rows_of

__all__ = ["lines", "write"]


def write(score: Score, lowest: int, highest: int, signs: Signs, layout: str) -> str:
    """Return the text of a projected score in one of the codec's layouts."""
    (track,) = score.tracks
    rows = rows_of(score.tracks, [0], score.tpq)
    end = int((rows.onset + rows.duration).max())
    bars = list(controls(score, end))
    if layout == "classic":
        steps = lines(rows, lowest, highest, signs)
        bodies = ["\n".join(steps[bar.onset : min(bar.end, end)]) for bar, _ in bars]
    else:
        bounds = [*(bar.onset for bar, _ in bars), bars[-1][0].end]
        bodies = list(_compact(rows, lowest, highest, signs, bounds))
        if layout == "folded":
            bodies = fold(bodies)
    found = [f"@{score.tpq} {lowest} {track.program}"]
    for (_, control), body in zip(bars, bodies, strict=True):
        if control:
            found.append(control.removesuffix(" "))
        found.append(body)
    return "".join(f"{line}\n" for line in found)


def lines(rows: Rows, lowest: int, highest: int, signs: Signs) -> list[str]:
    """Return a line as wide as the range for each step until the last note of one part ends."""
    steps = np.unique(np.concatenate(([0], rows.onset, rows.onset + rows.duration)))
    frames = Frames(rows, lowest, highest, steps, signs).whole()
    found = []
    for (struck, held), lasts in zip(frames, np.diff(steps).tolist(), strict=False):
        found += [struck, *[held] * (lasts - 1)]
    return found


def _compact(
    rows: Rows, lowest: int, highest: int, signs: Signs, bounds: Sequence[int]
) -> Iterator[str]:
    """Yield for each bar a line a change, without its last silent keys; ``|`` ends the last one."""
    steps = np.unique(np.concatenate((bounds, rows.onset, rows.onset + rows.duration)))
    texts = Frames(rows, lowest, highest, steps, signs).short()
    lasts = np.diff(steps).tolist()
    places = np.searchsorted(steps, bounds).tolist()
    for start, stop in pairwise(places):
        changes = [
            f"{text}*{count}" if count > 1 else text
            for text, count in zip(texts[start : stop - 1], lasts[start : stop - 1], strict=True)
        ]
        yield "\n".join([*changes, f"{texts[stop - 1]}|"])
