"""The formats `.gpx` and `.gp`."""

from __future__ import annotations

from typing import ClassVar

from textmusic.codec import Feature
from textmusic.format import Format, Loaded, Written
from textmusic.score import Score

__all__ = ["GuitarPro6", "GuitarPro7"]


class GuitarPro6(Format):
    """Guitar Pro 6 files, read.

    Reading gives what sounds: repeats and endings are played out, ties merged, the staves of a
    track become tracks of their own. Any of the formats reads files of all versions from 3 to 8,
    by their content. What a Score does not hold is named in ``guitarpro.*`` issues.
    """

    name: ClassVar[str] = "gpx"
    title: ClassVar[str] = "Guitar Pro 6"
    keeps: ClassVar[frozenset[Feature]] = frozenset(Feature) - {Feature.VELOCITY}
    reads: ClassVar[bool] = True

    def decode(self, data: bytes) -> Loaded:
        """Return the score of a Guitar Pro file.

        Raises:
            FormatError: it is of another kind, damaged, or beyond all measure.
        """
        from textmusic_guitarpro._load import load

        return load(data)


class GuitarPro7(GuitarPro6):
    """Guitar Pro 7 and 8 files; written as Guitar Pro 7 does.

    Writing accepts any Score; what the file cannot hold is named in ``guitarpro.*`` issues.
    """

    name: ClassVar[str] = "gp"
    title: ClassVar[str] = "Guitar Pro 7"
    writes: ClassVar[bool] = True

    def encode(self, score: Score) -> Written:
        """Return a Guitar Pro 7 file.

        Raises:
            FormatError: the score has more measures or tracks than such a file can hold.
        """
        from textmusic_guitarpro.engrave import engrave
        from textmusic_guitarpro.gpif.write import LIMITS, write_gp

        song, issues = engrave(score, LIMITS)
        written = write_gp(song)
        return Written(written.data, (*issues, *written.issues))
