"""What the step texts share: codec, grammar, the grid and its losses, bars and controls, lengths."""

from textmusic_midi.steps.asking import Asked, asked
from textmusic_midi.steps.bars import (
    Timeline,
    controls,
    documents,
    is_control,
    measure,
    read_control,
)
from textmusic_midi.steps.codec import StepCodec
from textmusic_midi.steps.columns import LONGEST, Ints, Rows, rows_of
from textmusic_midi.steps.controlrules import metre_chars
from textmusic_midi.steps.files import fitting, gridded
from textmusic_midi.steps.grammar import StepGrammar
from textmusic_midi.steps.grid import (
    MOST_NOTES,
    MOST_STEPS,
    Grid,
    check_grid,
    ending,
    project,
)
from textmusic_midi.steps.issues import Issues
from textmusic_midi.steps.lengthrules import NO_LENGTH
from textmusic_midi.steps.lengths import LENGTH, LENGTH_CHARS, Lengths
from textmusic_midi.steps.rows import SOON, until_next
from textmusic_midi.steps.states import NO_PAST, Rules, State, Written

__all__ = [
    "LENGTH",
    "LENGTH_CHARS",
    "LONGEST",
    "MOST_NOTES",
    "MOST_STEPS",
    "NO_LENGTH",
    "NO_PAST",
    "SOON",
    "Asked",
    "Grid",
    "Ints",
    "Issues",
    "Lengths",
    "Rows",
    "Rules",
    "State",
    "StepCodec",
    "StepGrammar",
    "Timeline",
    "Written",
    "asked",
    "check_grid",
    "controls",
    "documents",
    "ending",
    "fitting",
    "gridded",
    "is_control",
    "measure",
    "metre_chars",
    "project",
    "read_control",
    "rows_of",
    "until_next",
]
