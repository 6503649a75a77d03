"""Music as a stream of events, one character each: keys struck, and the end of a time step."""

from textmusic_midi.noteevents.codec import NoteEventsCodec
from textmusic_midi.noteevents.files import EventsFormat

__all__ = ["EventsFormat", "NoteEventsCodec"]
