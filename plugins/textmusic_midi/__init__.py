"""MIDI files, and music as time steps: the codecs `pianoroll` and `noteevents`."""

from textmusic_midi._format import MidiFormat
from textmusic_midi.noteevents import EventsFormat, NoteEventsCodec
from textmusic_midi.pianoroll import BitsFormat, PianoRollCodec, RollFormat

__all__ = [
    "BitsFormat",
    "EventsFormat",
    "MidiFormat",
    "NoteEventsCodec",
    "PianoRollCodec",
    "RollFormat",
]
