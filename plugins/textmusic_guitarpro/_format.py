"""The formats `.gp3`, `.gp4` and `.gp5`."""

from __future__ import annotations

from typing import ClassVar

from textmusic.codec import Feature
from textmusic.format import Format, Loaded, Written
from textmusic.score import Score

__all__ = ["GuitarPro3", "GuitarPro4", "GuitarPro5"]


class GuitarPro5(Format):
    """Guitar Pro 5 files, read and written through PyGuitarPro.

    Reading gives what sounds: repeats and endings are played out, ties merged. Any of the formats
    reads files of all versions from 3 to 8, by their content. Writing accepts any Score; what the
    file cannot hold is named in ``guitarpro.*`` issues.
    """

    name: ClassVar[str] = "gp5"
    title: ClassVar[str] = "Guitar Pro 5"
    keeps: ClassVar[frozenset[Feature]] = frozenset(Feature) - {Feature.VELOCITY}
    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 8 << 20
    version: ClassVar[tuple[int, int, int]] = (5, 1, 0)
    """The version of the file format that `encode` writes."""

    def decode(self, data: bytes) -> Loaded:
        """Return the score of a Guitar Pro file.

        Raises:
            FormatError: it is of another kind or damaged; says where if that is known.
        """
        from textmusic_guitarpro._load import load

        return load(data)

    def encode(self, score: Score) -> Written:
        """Return a Guitar Pro file of this class's version.

        Raises:
            FormatError: the score has more tracks or measures than such a file can hold.
        """
        from textmusic_guitarpro._writer import write_song

        return write_song(score, self.version)


class GuitarPro4(GuitarPro5):
    """Guitar Pro 4 files."""

    name: ClassVar[str] = "gp4"
    title: ClassVar[str] = "Guitar Pro 4"
    version: ClassVar[tuple[int, int, int]] = (4, 0, 6)


class GuitarPro3(GuitarPro5):
    """Guitar Pro 3 files, which hold fewer techniques."""

    name: ClassVar[str] = "gp3"
    title: ClassVar[str] = "Guitar Pro 3"
    keeps: ClassVar[frozenset[Feature]] = GuitarPro5.keeps - {Feature.KEY}
    version: ClassVar[tuple[int, int, int]] = (3, 0, 0)
