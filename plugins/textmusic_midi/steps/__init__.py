"""What the step texts share: the grid and its losses, bars and their controls, lengths."""

from textmusic_midi.steps.bars import Timeline, controls, documents, is_control, read_control
from textmusic_midi.steps.controlrules import metre_chars, tempo_chars
from textmusic_midi.steps.files import fitting, gridded
from textmusic_midi.steps.grid import (
    LONGEST,
    MOST_NOTES,
    MOST_STEPS,
    Grid,
    check_grid,
    project,
)
from textmusic_midi.steps.issues import Issues
from textmusic_midi.steps.lengthrules import NO_LENGTH, UNLIMITED, LengthRules, LengthState
from textmusic_midi.steps.lengths import LENGTH, LENGTH_CHARS, Lengths
from textmusic_midi.steps.rows import Kept, distinct, until_next

__all__ = [
    "LENGTH",
    "LENGTH_CHARS",
    "LONGEST",
    "MOST_NOTES",
    "MOST_STEPS",
    "NO_LENGTH",
    "UNLIMITED",
    "Grid",
    "Issues",
    "Kept",
    "LengthRules",
    "LengthState",
    "Lengths",
    "Timeline",
    "check_grid",
    "controls",
    "distinct",
    "documents",
    "fitting",
    "gridded",
    "is_control",
    "metre_chars",
    "project",
    "read_control",
    "tempo_chars",
    "until_next",
]
