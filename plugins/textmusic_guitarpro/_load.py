"""Any file of the Guitar Pro family to a score, by its first bytes: suffixes are often wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textmusic.format import Loaded

if TYPE_CHECKING:
    from textmusic_guitarpro.compose import Complaints
    from textmusic_guitarpro.song import Song

__all__ = ["load", "read_page"]

_CONTAINERS = (b"BCFZ", b"BCFS", b"PK\x03\x04")
"""How Guitar Pro 6 files and those of 7 and 8 begin."""


def load(data: bytes) -> Loaded:
    """Return the score of a Guitar Pro 3-8 file.

    Raises:
        FormatError: it is of another kind, damaged, or beyond all measure; says where if known.
    """
    from textmusic_guitarpro.compose import compose

    return compose(*read_page(data))


def read_page(data: bytes) -> tuple[Song, Complaints]:
    """Return the page of a Guitar Pro 3-8 file and what of it is left out; raises as `load`."""
    if data[:4] in _CONTAINERS:
        from textmusic_guitarpro.gpif import read_gp

        return read_gp(data)
    from textmusic_guitarpro import _reader

    return _reader.read_page(data)
