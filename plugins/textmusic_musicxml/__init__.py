"""MusicXML, plain and compressed; kern, MEI, Capella and NoteWorthy text through music21."""

from textmusic_musicxml._format import (
    CapellaFormat,
    CompressedMusicXmlFormat,
    KernFormat,
    MeiFormat,
    MusicXmlFormat,
    NoteworthyFormat,
)

__all__ = [
    "CapellaFormat",
    "CompressedMusicXmlFormat",
    "KernFormat",
    "MeiFormat",
    "MusicXmlFormat",
    "NoteworthyFormat",
]
