"""MIDI files."""

from textmusic_midi._format import MidiFormat

__all__ = ["MidiFormat"]
