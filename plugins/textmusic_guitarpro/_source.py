"""Guitar Pro 3-5 files through PyGuitarPro, with bounded work and one kind of error.

Three of PyGuitarPro's look-ups are replaced, because they search (and compare deeply) everything
read so far: on a hostile file their time grows with the square of its length.
"""

from __future__ import annotations

import io
import re
import struct
from typing import Any

from guitarpro import models as gp
from guitarpro.gp3 import GP3File
from guitarpro.gp4 import GP4File
from guitarpro.gp5 import GP5File
from guitarpro.io import getVersionAndGPFile
from guitarpro.iobase import GPFileBase

from textmusic.errors import FormatError
from textmusic_guitarpro._endings import MOST_ENDINGS, EarlyEndings

__all__ = ["bytes_of", "parse_song", "repaired_text", "storable_text"]

_MOST_BEATS = 60_000
"""Three times as many as the longest of 212 real files has."""
_MOST_MEASURES = 20_000
_MOST_CELLS = 200_000
"""Measures times tracks."""
_LATIN = "latin-1"
"""Maps bytes to characters one to one, so that the right encoding can be guessed afterwards."""
_CYRILLIC_RUN = re.compile(r"[\xc0-\xff\xa8\xb8]{3}")
_HIGH_LETTER = re.compile(r"[\xc0-\xff\xa8\xb8]")
_LOW_LETTER = re.compile(r"[A-Za-z]")


class _Bounded(GP3File):  # type: ignore[misc]  # PyGuitarPro is untyped
    """PyGuitarPro's reader with constant-time look-ups, and limits."""

    def readSong(self) -> gp.Song:  # noqa: N802 - overrides
        self._beats = self._cells = 0
        return super().readSong()

    def readMeasureHeader(  # noqa: N802 - overrides
        self, number: int, song: gp.Song, previous: gp.MeasureHeader | None = None
    ) -> Any:
        if number > _MOST_MEASURES:
            raise gp.GPException(f"more than {_MOST_MEASURES} measures")
        return super().readMeasureHeader(number, song, previous)

    def readMeasure(self, measure: gp.Measure) -> None:  # noqa: N802 - overrides
        self._cells += 1
        if self._cells > _MOST_CELLS:
            raise gp.GPException(f"more than {_MOST_CELLS} measures in all tracks")
        super().readMeasure(measure)

    def getBeat(self, voice: gp.Voice, start: Any) -> gp.Beat:  # noqa: N802 - overrides
        if voice.beats and voice.beats[-1].start == start:
            return voice.beats[-1]
        self._beats += 1
        if self._beats > _MOST_BEATS:
            raise gp.GPException(f"more than {_MOST_BEATS} beats")
        beat = gp.Beat(voice, start=start)
        voice.beats.append(beat)
        return beat

    def getTiedNoteValue(self, _note: gp.Note) -> int:  # noqa: N802 - overrides
        """Return the fret just read: what a tie continues is known when all has been read."""
        self.data.seek(-1, io.SEEK_CUR)
        return int(self.readI8())


class _Reader3(_Bounded):
    """Guitar Pro 3."""

    def readSong(self) -> gp.Song:  # noqa: N802 - overrides
        self._endings = EarlyEndings()
        self._seen = 0
        return super().readSong()

    def readRepeatAlternative(  # noqa: N802 - overrides
        self,
        measureHeaders: list[gp.MeasureHeader],  # noqa: N803 - overrides
    ) -> int:
        for header in measureHeaders[self._seen :]:
            self._endings.add(
                opens=header.isRepeatOpen,
                closes=header.repeatClose > 0,
                endings=frozenset(
                    n + 1 for n in range(MOST_ENDINGS) if header.repeatAlternative >> n & 1
                ),
            )
        self._seen = len(measureHeaders)
        return sum(1 << ending - 1 for ending in self._endings.up_to(self.readU8()))


class _Reader4(_Reader3, GP4File):  # type: ignore[misc]
    """Guitar Pro 4."""


class _Reader5(_Bounded, GP5File):  # type: ignore[misc]
    """Guitar Pro 5."""


_READERS: dict[type, type] = {GP3File: _Reader3, GP4File: _Reader4, GP5File: _Reader5}


def parse_song(data: bytes) -> gp.Song:
    """Return PyGuitarPro's model of a file. Its texts are still bytes in disguise.

    Raises:
        FormatError: another format, an unknown version, or damage; says where if that is known.
    """
    _refuse_others(data)
    try:
        stream = io.BytesIO(data)
        version = GPFileBase(stream, _LATIN).readVersion()
        number, reader = getVersionAndGPFile(version)
        song = _READERS[reader](stream, _LATIN, version, number).readSong()
    except struct.error as error:
        raise FormatError("the Guitar Pro file is cut off or damaged: it ends too early") from error
    except (
        gp.GPException,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        UnboundLocalError,
        ValueError,
    ) as error:  # what damaged bytes make PyGuitarPro raise
        reason = " ".join(str(error).split())[:160]
        if "unpack requires" in reason:
            reason = f"{reason.partition(', got ')[0]}: the file ends too early"
        raise FormatError(f"the Guitar Pro file is damaged: {reason}") from error
    return song


def _refuse_others(data: bytes) -> None:
    """Say of other files that they are none of these."""
    if not data:
        raise FormatError("the file is empty")
    if b"GUITAR PRO" not in data[:31] and b"CLIPBOARD GP" not in data[:31]:
        raise FormatError("not a Guitar Pro file: it has no Guitar Pro version at its start")


def bytes_of(text: str) -> bytes:
    """Return the bytes that a text of `parse_song` stands for."""
    return text.encode(_LATIN, "replace")


def repaired_text(text: str) -> str:
    """Return a text of `parse_song` decoded: UTF-8 or Windows-1251 where it clearly is, or 1252."""
    data = bytes_of(text)
    if not data.isascii():
        try:
            return _clean(data.decode("utf-8"))
        except UnicodeDecodeError:
            pass
        high, low = len(_HIGH_LETTER.findall(text)), len(_LOW_LETTER.findall(text))
        if _CYRILLIC_RUN.search(text) and high > low:
            return _clean(data.decode("cp1251", "replace"))
    try:
        return _clean(data.decode("cp1252"))
    except UnicodeDecodeError:
        return _clean(text)


def _clean(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def storable_text(text: str, limit: int = 255) -> str:
    """Return a text in the disguise of `parse_song`, at most `limit` bytes.

    Windows-1252 where it can hold the text, as Guitar Pro expects, else 1251, else UTF-8.
    """
    for encoding in ("cp1252", "cp1251", "utf-8"):
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        if repaired_text(data.decode(_LATIN)) == _clean(text):
            break
    else:
        data = text.encode("utf-8", "replace")
        encoding = "utf-8"
    if len(data) > limit:
        data = data[:limit].decode(encoding, "ignore").encode(encoding)
    return data.decode(_LATIN)
