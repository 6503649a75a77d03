"""Characters of the event text by what they are for."""

from __future__ import annotations

from textmusic.lengths import GRACE, LENGTHS
from textmusic_guitartab.events import CHARS
from textmusic_guitartab.marks import TOUCHES
from textmusic_guitartab.piece import STRINGS

__all__ = ["ALL", "ENDS", "LENGTH_CHARS", "LETTERS", "SWITCHES"]

ALL = frozenset(CHARS)
LETTERS = frozenset(STRINGS[-1])
"""Of strings."""
SWITCHES = frozenset({*TOUCHES, "}"})
LENGTH_CHARS = frozenset(LENGTHS)
ENDS = LENGTH_CHARS | {GRACE}
"""What ends the notes of an event."""
