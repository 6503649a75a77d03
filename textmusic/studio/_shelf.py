"""What lies on the shelf, as the page shows it and as files."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Any

from textmusic import api
from textmusic.codec import Codec
from textmusic.errors import ConfigError, FormatError, TextmusicError
from textmusic.listening import AUDIO, DOWNLOADS
from textmusic.registry import formats
from textmusic.studio._store import Kept

__all__ = ["bundle", "file_of", "offered", "shown"]

_PLACE = "music/0000-"


def offered(codec: Codec) -> list[dict[str, Any]]:
    """Return the formats to export to; those that suit the codec are chosen beforehand."""
    names = [*dict.fromkeys([*codec.renders, *DOWNLOADS, *list(AUDIO)[:1]])]
    known = [name for name in names if name in formats and formats.get(name).writes]
    chosen = {*codec.renders[:1], "mid"}
    return [
        {"name": name, "title": formats.get(name).title, "chosen": name in chosen} for name in known
    ]


def shown(kept: Kept) -> dict[str, Any]:
    """Return the card of a piece, with its place on the shelf."""
    files = [
        {**each, "href": each["href"].replace(_PLACE, f"kept/{kept.id}/{kept.id:04}-", 1)}
        for each in kept.card["downloads"]
    ]
    return {**kept.card, "id": f"k{kept.id}", "title": kept.title, "downloads": files}


def file_of(kept: Kept, name: str) -> bytes:
    """Return one of the files that a card offers.

    Raises:
        FormatError: it offers no such file.
    """
    for each in shown(kept)["downloads"]:
        if each["href"].rpartition("/")[2] == name:
            return _encoded(kept, each["suffix"].lstrip("."))
    raise FormatError("there is no such file")


def bundle(pieces: Sequence[Kept], to: Sequence[str]) -> IO[bytes]:
    """Return a zip of pieces in some formats, and as texts; what a format cannot hold is told.

    Raises:
        ConfigError: there is nothing to export, or a format is not written.
    """
    if not pieces:
        raise ConfigError("nothing was kept yet")
    for suffix in to:
        if not formats.writer(suffix).writes:
            raise ConfigError(f"{suffix}: this format can be read but not written")
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is read when this has returned
    left_out: list[str] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for kept in pieces:
            for suffix in ("txt", *to):
                try:
                    archive.writestr(_name(kept, suffix), _encoded(kept, suffix))
                except TextmusicError as error:
                    left_out.append(f"{_name(kept, suffix)}: {' '.join(str(error).split())}\n")
        if left_out:
            archive.writestr("not-written.txt", "".join(left_out))
    file.seek(0)
    return file


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of a file, and close it."""
    with file:
        while data := file.read(1 << 16):
            yield data


def _encoded(kept: Kept, suffix: str) -> bytes:
    if suffix == "txt":
        return kept.text.encode()
    codec = api.get_codec(str(kept.codec["name"]), **kept.codec["config"])
    score = codec.parse(kept.text).score
    score = api.with_meta(score, title=kept.title, provenance=kept.provenance)
    return api.format_of("", suffix).encode(score).data


def _name(kept: Kept, suffix: str) -> str:
    """A name in the zip: of letters, digits and dashes, as the card's files have."""
    own = next(f for f in shown(kept)["downloads"] if f["suffix"] == ".txt")
    stem = own["href"].rpartition("/")[2]
    plain = stem.removesuffix(f".{kept.codec['name']}.txt")
    return stem if suffix == "txt" else f"{plain}.{suffix}"
