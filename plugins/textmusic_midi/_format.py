"""The `.mid` format."""

from __future__ import annotations

from typing import ClassVar

from textmusic.codec import Feature
from textmusic.format import Format, Loaded, Written
from textmusic.score import Score

__all__ = ["MidiFormat"]


class MidiFormat(Format):
    """Standard MIDI Files, formats 0, 1 and 2 read, format 1 written.

    One `Track` for each channel and program of a track chunk. Reading repairs, and reports as
    ``midi.*`` issues with byte offsets: notes never ended (``stuck``), note-offs without note-on
    (``orphan-off``), notes of no length (``zero-length``), files cut off (``truncated``), and
    tempos, metres and keys that cannot be. Grace notes are written as short notes that take their
    time from the main note.

    Source: Standard MIDI Files 1.0 (MIDI Manufacturers Association, RP-001).
    """

    name: ClassVar[str] = "mid"
    title: ClassVar[str] = "MIDI"
    keeps: ClassVar[frozenset[Feature]] = frozenset(Feature) - {Feature.STRING, Feature.TECHNIQUE}
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 16 << 20

    def decode(self, data: bytes) -> Loaded:
        """Return the music of a MIDI file.

        Raises:
            FormatError: it is no MIDI file, counts in SMPTE frames, or is damaged.
        """
        from textmusic_midi._reader import read_midi

        return read_midi(data)

    def encode(self, score: Score) -> Written:
        """Return a MIDI file of format 1; the first track chunk has title, metre, tempo and key.

        Raises:
            FormatError: a pause is longer than a MIDI file can hold.
        """
        from textmusic_midi._writer import write_midi

        return write_midi(score)
