"""Which files there are to read, and the tasks that they are read in."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textmusic.codec import Codec
from textmusic.corpus._records import Entry, Item
from textmusic.errors import CorpusError, PluginError
from textmusic.format import Format, read_text
from textmusic.registry import formats

__all__ = ["Inputs", "find_inputs", "tasks"]

TASK_BYTES = 64 << 10
TASK_FILES = 32
WINDOW = 2 << 20


@dataclass(slots=True)
class Inputs:
    """The files that can be read, in the order of their paths.

    Args:
        files: their paths.
        origins: for each, the number of the given path that led to it.
        readers: for each, its format, None for the codec's own kind of text.
        sizes: for each, in bytes.
        skipped: suffixes that nothing reads, with how many files have them.
        entries: files whose format cannot be loaded, files and folders that cannot be opened.
    """

    files: list[Path] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)
    readers: list[Format | None] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)

    def leave_out(self, path: Path, code: str, message: str) -> None:
        """Report a file or folder that cannot be read."""
        self.entries.append(Entry("quarantined", str(path), None, code, message))


def find_inputs(
    paths: Sequence[Path], codec: Codec, out: Path, *, as_scores: bool = False
) -> Inputs:
    """Return the readable files under some paths; hidden ones and those under `out` are skipped.

    Args:
        paths: files and folders.
        codec: what is to be learnt.
        out: where the corpus goes.
        as_scores: read the codec's own kind of text by its format too, for its tracks.

    Raises:
        CorpusError: a path is missing, or nothing readable is there.
    """
    inputs = Inputs()
    readers = _Readers(codec, () if as_scores else codec.sources)
    seen: set[str] = set()
    for number, path in enumerate(paths):
        try:
            path.stat()
        except OSError as error:
            raise CorpusError(f"{path}: {(error.strerror or str(error)).lower()}") from error
        for file in _walk(path, out, inputs):
            key = os.path.realpath(file)
            if key not in seen:
                seen.add(key)
                readers.sort(inputs, number, file, given=file == path)
    if not inputs.files:
        raise CorpusError(_nothing_to_read(paths, inputs, readers))
    return inputs


def _walk(path: Path, out: Path, inputs: Inputs) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    failed: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=failed.append):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not _same(here / name, out)
        )
        for name in sorted(names):
            if not name.startswith("."):
                yield here / name
    for error in failed:
        inputs.leave_out(Path(error.filename), "corpus.unreadable", str(error.strerror))


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


class _Readers:
    """Which format reads a suffix, looked up once each."""

    def __init__(self, codec: Codec, sources: tuple[str, ...]) -> None:
        self.codec = codec
        self.sources = sources
        self._known: dict[str, Format | PluginError | None] = {}

    def sort(self, inputs: Inputs, origin: int, file: Path, *, given: bool) -> None:
        """Put a file where it belongs."""
        suffix = self._suffix(file)
        if suffix not in self.sources:
            reader = self._reader(suffix)
            if isinstance(reader, PluginError):
                inputs.leave_out(file, "corpus.plugin", str(reader))
                return
            if reader is None:
                inputs.skipped[suffix] += 1
                if given:
                    raise CorpusError(f"{file}: cannot be read; {self.wanted()}")
                return
        try:
            status = file.stat()
        except OSError as error:
            inputs.leave_out(file, "corpus.unreadable", f"cannot be read: {error.strerror}")
            return
        if not stat.S_ISREG(status.st_mode):
            inputs.leave_out(file, "corpus.unreadable", "is not a regular file")
            return
        inputs.files.append(file)
        inputs.origins.append(origin)
        inputs.readers.append(None if suffix in self.sources else self._reader_of(suffix))
        inputs.sizes.append(status.st_size)

    def _suffix(self, file: Path) -> str:
        """The codec's own suffix goes before a longer one that a format has."""
        own = file.suffix.lstrip(".").lower()
        return own if own in self.sources else formats.suffix(file)

    def wanted(self) -> str:
        """Say which files would do."""
        others = sorted(set(self._readable()) - set(self.sources))
        own = [f".{name}" for name in self.sources]
        names = ", ".join((*own, *(f".{name}" for name in others)))
        return f"codec {self.codec.name!r} can use {names or 'no file at all'}"

    def _readable(self) -> Iterator[str]:
        for name in formats.names():
            if isinstance(self._reader(name), Format):
                yield name

    def _reader_of(self, suffix: str) -> Format | None:
        reader = self._reader(suffix)
        return reader if isinstance(reader, Format) else None

    def _reader(self, suffix: str) -> Format | PluginError | None:
        if suffix not in self._known:
            self._known[suffix] = self._load(suffix)
        return self._known[suffix]

    @staticmethod
    def _load(suffix: str) -> Format | PluginError | None:
        if suffix not in formats and not formats.sharing(suffix):
            return None
        try:
            reader = formats.reader(suffix)
        except PluginError as error:
            return error
        return reader if reader.reads else None


def _nothing_to_read(paths: Sequence[Path], inputs: Inputs, readers: _Readers) -> str:
    where = ", ".join(map(str, paths)) or "no path"
    if inputs.entries:
        return f"{where}: nothing can be read: {inputs.entries[0]}"
    kinds = ", ".join(
        f"{n} .{name}" if name else f"{n} without suffix"
        for name, n in inputs.skipped.most_common(3)
    )
    found = f"only files that nothing reads ({kinds})" if kinds else "no files"
    return f"{where}: holds {found}; {readers.wanted()}"


def tasks(inputs: Inputs, codec: Codec) -> Iterator[list[Item]]:
    """Yield the files in pieces of work of about `TASK_BYTES`; large texts come in windows."""
    items: list[Item] = []
    load = 0
    for number, (path, reader, size) in enumerate(
        zip(inputs.files, inputs.readers, inputs.sizes, strict=True)
    ):
        if reader is None and size > WINDOW:
            yield from ([item] for item in _windows(number, path, codec))
            continue
        items.append(Item(number, path, reader))
        load += size
        if load >= TASK_BYTES or len(items) >= TASK_FILES:
            yield items
            items, load = [], 0
    if items:
        yield items


def _windows(number: int, path: Path, codec: Codec) -> Iterator[Item]:
    """Yield a large text file in windows that end where a document starts."""
    text, offset, line = "", 0, 0
    try:
        with path.open("rb") as file:
            if file.read(2) in {b"\xff\xfe", b"\xfe\xff"}:
                yield Item(number, path)
                return
            file.seek(0)
            while data := file.read(max(WINDOW, len(text))):
                text += read_text(data + file.readline(WINDOW))
                cut = _last_start(codec, text)
                if cut:
                    yield Item(number, path, None, text[:cut], offset, line, last=False)
                    offset, line = offset + cut, line + text.count("\n", 0, cut)
                    text = text[cut:]
                elif len(text) > Format.max_bytes:
                    yield Item(number, path)
                    return
    except OSError:
        yield Item(number, path)
        return
    yield Item(number, path, None, text, offset, line)


def _last_start(codec: Codec, text: str) -> int:
    """Where the last document of a text starts; 0 when it cannot be cut there.

    A codec may say that every document starts at a header that all have in common.
    """
    try:
        starts = [document.offset for document in codec.documents(text)]
    except Exception:  # noqa: BLE001  (a stranger's codec; the worker reports what it raises)
        return 0
    return starts[-1] if len(starts) > 1 and starts[-2] < starts[-1] else 0
