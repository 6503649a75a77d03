"""The contract of a file format: bytes to Scores, and back. Only formats open files."""

from __future__ import annotations

import contextlib
import os
import tempfile
from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textmusic.codec import Feature
from textmusic.errors import FormatError, Issue
from textmusic.score import Score

__all__ = ["Format", "Loaded", "Written", "atomic_path", "read_bytes", "read_text", "write_atomic"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file held: one Score a piece, and what had to be repaired or left out."""

    scores: tuple[Score, ...]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of a file, and what the format could not hold (issues below ``error``)."""

    data: bytes
    issues: tuple[Issue, ...] = ()


class Format(ABC):
    """Base class of every file format. Override `decode`, `encode` or both.

    Duties of an author:

    - Set `name` (one of the entry-point names, which are file suffixes), `title`, `keeps`,
      `reads` and `writes`.
    - ``decode`` raises nothing but `FormatError` whatever the bytes are, runs no code from them
      and bounds what it unpacks. What it repairs or skips it reports as issues.
    - ``encode`` names what the format cannot hold in issues; the same Score gives the same bytes.
    """

    name: ClassVar[str]
    """The preferred suffix, without a leading dot; it may be a compound one: ``digits.txt``."""
    title: ClassVar[str]
    """What people call it: ``Guitar Pro 5``."""
    keeps: ClassVar[frozenset[Feature]] = frozenset()
    """What survives writing and reading again."""
    reads: ClassVar[bool] = False
    writes: ClassVar[bool] = False
    is_text: ClassVar[bool] = False
    """Whether issue offsets count characters of `read_text`, so that they have a line."""
    max_bytes: ClassVar[int] = 64 << 20
    """Larger files are refused before they are read."""

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        """Whether bytes look like this format: asked only of formats with a compound suffix.

        A format named ``digits.txt`` shares ``.txt`` with others and must tell its own files from
        theirs. Must be quick, and never raise.
        """
        return False

    def decode(self, data: bytes) -> Loaded:
        """Return the scores in the bytes of a file.

        Raises:
            FormatError: the bytes are not of this format, or damaged beyond use.
        """
        raise FormatError(f"{self.title} files (.{self.name}) can be written but not read")

    def encode(self, score: Score) -> Written:
        """Return the bytes of a file that holds the score.

        Raises:
            FormatError: the format cannot hold this score at all.
        """
        raise FormatError(f"{self.title} files (.{self.name}) can be read but not written")

    def read(self, path: str | Path) -> Loaded:
        """Read a file.

        Raises:
            FormatError: it is missing, too large, or `decode` refuses it; the message names it.
        """
        try:
            return self.decode(read_bytes(path, self.max_bytes))
        except FormatError as error:
            if str(error).startswith(f"{path}: "):
                raise
            raise FormatError(f"{path}: {error}", error.issues) from error

    def write(self, score: Score, path: str | Path) -> tuple[Issue, ...]:
        """Write a file atomically and return what the format could not hold.

        Raises:
            FormatError: the score does not fit the format, or the file cannot be written.
        """
        written = self.encode(score)
        write_atomic(path, written.data)
        return written.issues


def read_bytes(path: str | Path, max_bytes: int) -> bytes:
    """Return the content of a file of at most `max_bytes` bytes; FormatError says why not."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            # room is made for as much as is asked for: so not for the limit at once
            size = min(os.fstat(file.fileno()).st_size, max_bytes)
            data = file.read(size + 1)
            if len(data) > size:
                data += file.read(max_bytes + 1 - len(data))
    except OSError as error:
        if path.is_dir():
            raise FormatError(f"{path}: is a folder, not a file") from error
        raise FormatError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > max_bytes:
        raise FormatError(f"{path}: larger than {max_bytes >> 20} MiB, the limit for this format")
    return data


def read_text(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 with a mark, or Windows-1252 / Latin-1.

    Line ends become LF, byte-order marks and NULs disappear. Never raises.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            try:
                text = data.decode("cp1252")
            except UnicodeDecodeError:
                text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it there when the block succeeds.

    The content reaches the disk before the name does, and a failed block leaves nothing behind.

    Raises:
        FormatError: the folder cannot be written, or the disk is full.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise FormatError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_atomic(path: str | Path, data: bytes | str) -> None:
    """Write a whole file or nothing; text is written as UTF-8."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
