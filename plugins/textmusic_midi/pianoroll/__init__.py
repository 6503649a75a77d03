"""Music as a piano roll: a line a time step, a character a key."""

from textmusic_midi.pianoroll.codec import PianoRollCodec
from textmusic_midi.pianoroll.files import BitsFormat, RollFormat

__all__ = ["BitsFormat", "PianoRollCodec", "RollFormat"]
