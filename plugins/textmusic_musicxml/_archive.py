"""Compressed MusicXML: a zip archive with one document, unpacked within bounds."""

from __future__ import annotations

import io
import zipfile
import zlib

from textmusic.errors import FormatError
from textmusic_musicxml._tree import MOST_BYTES, parse_xml

__all__ = ["member", "pack", "unpack"]

_CONTAINER = "META-INF/container.xml"
_NAME = "score.musicxml"
_MIMETYPE = "application/vnd.recordare.musicxml"
_MOST_FILES = 10_000
_MOST_CONTAINER = 1 << 16
_EPOCH = (1980, 1, 1, 0, 0, 0)


def unpack(data: bytes) -> bytes:
    """Return the MusicXML document of a `.mxl` archive.

    Raises:
        FormatError: it is damaged, holds no document, or unpacks to more than the limit.
    """
    return member(data, "")


def member(data: bytes, name: str) -> bytes:
    """Return a file of an archive by its name, or the MusicXML document where that is empty.

    Raises:
        FormatError: the archive is damaged, lacks it, or it unpacks to more than the limit.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_FILES:
                raise FormatError(f"an archive of {len(names)} files holds no score")
            return _member(archive, name or _root(archive, names), MOST_BYTES)
    # zipfile lets the errors of its parts through
    except (
        *(zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError),
        *(ValueError, RuntimeError, NotImplementedError, IndexError, OverflowError),
    ) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"not a zip archive with a score: {error}") from error


def _root(archive: zipfile.ZipFile, names: list[str]) -> str:
    """Return the name of the document: what the container says, else the first that looks so."""
    if _CONTAINER in names:
        try:
            container = parse_xml(_member(archive, _CONTAINER, _MOST_CONTAINER))
        except FormatError:
            container = None
        if container is not None:
            for element in container.iter("rootfile"):
                if element.get("full-path") in names:
                    return element.get("full-path", "")
    for name in names:
        if name.lower().endswith((".musicxml", ".xml")) and not name.startswith("META-INF"):
            return name
    raise FormatError("the archive holds no MusicXML document")


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise FormatError(f"{name!r} in the archive unpacks to more than {most >> 10} KiB: refused")
    return data


def pack(document: bytes) -> bytes:
    """Return a `.mxl` archive of a MusicXML document; the same bytes each time."""
    container = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles>'
        f'<rootfile full-path="{_NAME}" media-type="{_MIMETYPE}+xml"/>'
        "</rootfiles></container>\n"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content, method in (
            ("mimetype", _MIMETYPE.encode(), zipfile.ZIP_STORED),
            (_CONTAINER, container.encode(), zipfile.ZIP_DEFLATED),
            (_NAME, document, zipfile.ZIP_DEFLATED),
        ):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = method
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return packed.getvalue()
