"""The formats `.musicxml` (also `.xml`) and `.mxl`, and those that music21 reads."""

from __future__ import annotations

from typing import ClassVar

from textmusic.codec import Feature
from textmusic.format import Format, Loaded, Written
from textmusic.score import Score

__all__ = [
    "CapellaFormat",
    "CompressedMusicXmlFormat",
    "KernFormat",
    "MeiFormat",
    "MusicXmlFormat",
    "NoteworthyFormat",
]

_READ = frozenset(Feature) - {Feature.STRING, Feature.DRUM}
"""What the readers through music21 keep."""


class MusicXmlFormat(Format):
    """MusicXML 1.0 to 4.0, partwise and timewise, read; 4.0 partwise written.

    One track for each staff of a part. Reading plays out repeats, endings, da capo and dal segno,
    merges ties, and gives sounding pitches. Chord symbols, lyrics and cue notes do not sound.

    Source: MusicXML 4.0 (W3C Music Notation Community Group).
    """

    name: ClassVar[str] = "musicxml"
    title: ClassVar[str] = "MusicXML"
    keeps: ClassVar[frozenset[Feature]] = frozenset(Feature)
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 32 << 20

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Return whether the root element is one of MusicXML's."""
        from textmusic_musicxml._tree import root_name

        return root_name(data) in {"score-partwise", "score-timewise"}

    def decode(self, data: bytes) -> Loaded:
        """Return the music of a document.

        Raises:
            FormatError: it is no MusicXML, declares entities, or is damaged.
        """
        from textmusic_musicxml._reader import read_musicxml

        return read_musicxml(data)

    def encode(self, score: Score) -> Written:
        """Return a partwise document: one part a track, every bar written out.

        Raises:
            FormatError: the score is longer than the format's limit of bars.
        """
        from textmusic_musicxml._writer import write_musicxml

        return write_musicxml(score)


class CompressedMusicXmlFormat(MusicXmlFormat):
    """MusicXML in its zip archive, `.mxl`."""

    name: ClassVar[str] = "mxl"
    title: ClassVar[str] = "compressed MusicXML"

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Return whether the bytes are a zip archive with a MusicXML container."""
        return data[:4] == b"PK\x03\x04" and b"META-INF/container.xml" in data

    def decode(self, data: bytes) -> Loaded:
        """Return the music of an archive; what unpacks to more than 32 MiB is refused.

        Raises:
            FormatError: it is damaged, or holds no MusicXML.
        """
        from textmusic_musicxml._archive import unpack

        return super().decode(unpack(data))

    def encode(self, score: Score) -> Written:
        """Return an archive of the document that `MusicXmlFormat` writes.

        Raises:
            FormatError: the score is longer than the format's limit of bars.
        """
        from textmusic_musicxml._archive import pack

        written = super().encode(score)
        return Written(pack(written.data), written.issues)


class KernFormat(Format):
    """Humdrum files with `**kern` spines, read through music21.

    Source: Humdrum (D. Huron), humdrum.org.
    """

    name: ClassVar[str] = "krn"
    title: ClassVar[str] = "Humdrum kern"
    keeps: ClassVar[frozenset[Feature]] = _READ
    reads: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 2 << 20

    def decode(self, data: bytes) -> Loaded:
        """Return the music of a Humdrum file.

        Raises:
            FormatError: it is none, or music21 cannot read it.
        """
        from textmusic_musicxml._streams import read_kern

        return read_kern(data)


class MeiFormat(Format):
    """Documents of the Music Encoding Initiative, read through music21.

    Source: MEI 4 (Music Encoding Initiative), as far as music21 knows it.
    """

    name: ClassVar[str] = "mei"
    title: ClassVar[str] = "MEI"
    keeps: ClassVar[frozenset[Feature]] = _READ
    reads: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 2 << 20

    def decode(self, data: bytes) -> Loaded:
        """Return the music of a document.

        Raises:
            FormatError: it is none, or music21 cannot read it.
        """
        from textmusic_musicxml._streams import read_mei

        return read_mei(data)


class CapellaFormat(Format):
    """CapXML files of Capella, read through music21.

    Source: CapXML (capella-software).
    """

    name: ClassVar[str] = "capx"
    title: ClassVar[str] = "Capella"
    keeps: ClassVar[frozenset[Feature]] = _READ
    reads: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 2 << 20

    def decode(self, data: bytes) -> Loaded:
        """Return the music of a Capella file.

        Raises:
            FormatError: it is none, or music21 cannot read it.
        """
        from textmusic_musicxml._streams import read_capella

        return read_capella(data)


class NoteworthyFormat(Format):
    """Texts that NoteWorthy Composer exports, read through music21.

    Source: NoteWorthy Composer clip text 2.
    """

    name: ClassVar[str] = "nwctxt"
    title: ClassVar[str] = "NoteWorthy text"
    keeps: ClassVar[frozenset[Feature]] = _READ
    reads: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 2 << 20

    def decode(self, data: bytes) -> Loaded:
        """Return the music of a text.

        Raises:
            FormatError: it is none, or music21 cannot read it.
        """
        from textmusic_musicxml._streams import read_noteworthy

        return read_noteworthy(data)
