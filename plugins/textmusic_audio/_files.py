"""Samples into the bytes of a sound file."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from textmusic.errors import MissingDependencyError
from textmusic_audio._synth import RATE

__all__ = ["packed"]

_SUBTYPES = {"wav": "PCM_16", "flac": "PCM_16", "ogg": "VORBIS"}
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_SERIAL, _SUM, _COUNT = 14, 22, 26
"""Where a page of Ogg has the number of its stream, its checksum and how many lengths follow."""


def packed(
    samples: np.ndarray[Any, np.dtype[np.int16]], kind: str, meta: Mapping[str, str]
) -> bytes:
    """Return a sound file; title and provenance stand in it.

    Args:
        samples: of shape (count, 2).
        kind: ``wav``, ``ogg`` or ``flac``.
        meta: of the score.

    Raises:
        MissingDependencyError: soundfile is not installed.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: without the library that it wraps
        raise MissingDependencyError("a sound file", "soundfile", "audio") from error
    out = io.BytesIO()
    kinds = {"format": kind.upper(), "subtype": _SUBTYPES[kind]}
    with soundfile.SoundFile(out, "w", RATE, 2, **kinds) as file:
        for entry, name in (("title", "title"), ("composer", "artist"), ("provenance", "comment")):
            if value := " ".join(meta.get(entry, "").split()):
                setattr(file, name, value)
        for start in range(0, len(samples), RATE):  # Vorbis overflows its stack on large blocks
            file.write(samples[start : start + RATE])
    data = out.getvalue()
    return _same_serial(data) if kind == "ogg" else data


def _same_serial(data: bytes) -> bytes:
    """Give a stream the number 1 instead of a random one, so that equal music is equal bytes.

    Source: RFC 3533, the Ogg encapsulation format, section 6.
    """
    pages = bytearray(data)
    start = 0
    while start < len(pages):
        lengths = start + _COUNT + 1
        count = pages[lengths - 1]
        end = lengths + count + sum(pages[lengths : lengths + count])
        pages[start + _SERIAL : start + _SUM - 4] = (1).to_bytes(4, "little")
        pages[start + _SUM : start + _SUM + 4] = bytes(4)
        pages[start + _SUM : start + _SUM + 4] = _checksum(pages[start:end]).to_bytes(4, "little")
        start = end
    return bytes(pages)


def _checksum(page: bytearray) -> int:
    """CRC-32 with the bits of Ogg's order, which is the other one than zlib's."""
    mirrored = zlib.crc32(page.translate(_MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
