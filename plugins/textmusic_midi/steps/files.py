"""What the files of earlier systems have in common: notes on a grid, and nothing else."""

from __future__ import annotations

from textmusic.errors import EncodeError, FormatError, Issue
from textmusic.score import Meter, Score
from textmusic_midi.steps.grid import Grid, project

__all__ = ["fitting", "gridded"]


def gridded(score: Score, grid: Grid) -> tuple[Score, list[Issue]]:
    """Return the score on a grid of one part, and what that and the file leave out.

    Raises:
        FormatError: there is nothing to write.
    """
    try:
        held, issues = project(score, grid)
    except EncodeError as error:
        raise FormatError(str(error)) from error
    lost = list(issues)
    if any(tempo.qpm != 120 for tempo in score.tempos):
        lost.append(_left_out(grid, "tempo"))
    if any(meter != Meter(0, 4, 4) for meter in score.meters):
        lost.append(_left_out(grid, "metre"))
    return held, lost


def _left_out(grid: Grid, what: str) -> Issue:
    message = f"the {what} is left out: such a file has none"
    return Issue(f"{grid.name}.{what}", message, 0, 0, "warning")


def fitting(score: Score, ranges: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """Return the first range, lowest and highest pitch, that holds all pitched notes."""
    pitches = {n.pitch for track in score.tracks if not track.is_drum for n in track.notes}
    for lowest, highest in ranges:
        if all(lowest <= pitch <= highest for pitch in pitches):
            return lowest, highest
    return ranges[-1]
