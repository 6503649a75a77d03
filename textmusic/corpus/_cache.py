"""What was read from a file, kept on disk by the content of the file and of what read it.

A folder of small files, one for each music file and way of reading it::

    ab/cdef….1     SHA-256 of the rest, then the rest, deflated: a line of JSON, and the ids

Written whole or not at all, so that several processes can share it; what is damaged is ignored.
What was used longest ago goes first when the folder grows beyond `LIMIT`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import os
import re
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textmusic.corpus._records import Batch, Entry, Found, Item, Recipe
from textmusic.corpus._store import identity
from textmusic.format import Format
from textmusic.registry import Origin, Registry, codecs, formats

__all__ = ["LIMIT", "Cache", "folder"]

LIMIT = 2 << 30
"""Bytes that the folder may hold."""
_FORMAT = "1"
_DIGEST = 32
_PLACE = ("piece", "offset", "part", "notes", "bars")
_NAME = re.compile(r"[\w.-]+")


def folder() -> Path | None:
    """Return where the cache lies; None where there is to be none.

    ``TEXTMUSIC_CACHE`` names it, and switches it off where it is empty. By default it is
    ``textmusic`` in the user's cache folder.
    """
    named = os.environ.get("TEXTMUSIC_CACHE")
    if named is not None:
        return Path(named) if named else None
    try:
        home = Path.home()
    except RuntimeError:  # a system account without a home
        return None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(home / "AppData" / "Local")
        return Path(base) / "textmusic" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "textmusic"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "textmusic"


class Cache:
    """What became of files, by content.

    Args:
        place: the folder; made when something is put there.
        recipe: of the codec, which must be an installed one: the code of another one may change
            without a trace.
        transpose: see `textmusic.corpus._read.read_items`.
        limit: bytes that the folder may hold.

    Attributes:
        hits, misses: how many files, or windows of large ones, were known and not known.
    """

    def __init__(
        self, place: Path, recipe: Recipe, transpose: Sequence[int], limit: int = LIMIT
    ) -> None:
        self.hits = self.misses = 0
        self._place = place
        self._limit = limit
        self._written = 0
        codec = recipe.make()
        way = [_FORMAT, identity(codec), _code(type(codec)), recipe.part, list(transpose)]
        self._way = json.dumps([*way, sys.version_info[:2]], sort_keys=True).encode()

    def key(self, item: Item) -> str | None:
        """Return the name of what an item holds; None where that cannot be kept."""
        readers = _readers(item.format)
        if not all(map(_installed, readers)):
            return None
        digest = hashlib.sha256(self._way)
        window = (item.offset, item.line, item.last)
        digest.update(json.dumps([window, [_code(type(one)) for one in readers]]).encode())
        try:
            if item.text is not None:
                digest.update(item.text.encode("utf-8", "surrogatepass"))
            else:
                status = item.path.stat()
                largest = (item.format or Format).max_bytes
                if status.st_size > largest:
                    return None
                with item.path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError:
            return None
        return digest.hexdigest()

    def get(self, key: str | None, item: Item) -> Batch | None:
        """Return what became of an item of this content before, as if it had been read now."""
        batch = self._load(key, item) if key else None
        self.hits += batch is not None
        self.misses += batch is None
        return batch

    def _load(self, key: str, item: Item) -> Batch | None:
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
            if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
                return None
            return _unpacked(zlib.decompress(data[_DIGEST:]), item)
        except (OSError, ValueError, KeyError, TypeError, zlib.error):
            return None

    def put(self, key: str | None, item: Item, batch: Batch) -> None:
        """Keep what became of an item, unless it would not be the same next time."""
        if key is None or not batch.lasting or self.key(item) != key:
            return
        if any(str(item.path) in entry.message for entry in batch.entries):
            return
        data = zlib.compress(_packed(batch), 1)
        path = self._path(key)
        with contextlib.suppress(OSError):  # a full or read-only disk: it is read again next time
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, hashlib.sha256(data).digest() + data)
            self._written += len(data)
        if self._written > self._limit // 8:
            self.trim()

    def trim(self) -> None:
        """Delete what was used longest ago until the folder holds less than the limit."""
        if not self._written:
            return
        self._written = 0
        kept: list[tuple[int, int, Path]] = []
        for path in self._place.glob("??/*"):
            with contextlib.suppress(OSError):  # another process deletes too
                status = path.stat()
                kept.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in kept)
        if total <= self._limit:
            return
        for _, size, path in sorted(kept):
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size
            if total <= self._limit * 3 // 4:
                return

    def _path(self, key: str) -> Path:
        return self._place / key[:2] / f"{key[2:]}.{_FORMAT}"


def _packed(batch: Batch) -> bytes:
    """A line of JSON, then the signatures and the ids."""
    blobs: list[bytes] = []
    found = []
    for one in batch.found:
        blobs += [one.signature, *(data for _, data in one.variants)]
        sizes = [(semitones, len(data)) for semitones, data in one.variants]
        found.append([*(getattr(one, name) for name in _PLACE), len(one.signature), sizes])
    entries = [(e.kind, e.line, e.code, e.message) for e in batch.entries]
    head = json.dumps([found, entries, batch.counts], separators=(",", ":"))
    return b"".join([head.encode(), b"\n", *blobs])


def _unpacked(data: bytes, item: Item) -> Batch:
    """The batch of an item; any exception of a wrong shape where the data are none."""
    end = data.index(b"\n") + 1
    found, entries, counts = json.loads(data[:end])
    batch = Batch(counts=Counter(counts))
    for *place, size, sizes in found:
        signature = data[end : end + size]
        end += size
        variants = []
        for semitones, length in sizes:
            variants.append((semitones, data[end : end + length]))
            end += length
        fields = dict(zip(_PLACE, place, strict=True))
        batch.found.append(
            Found(item.file, variants=tuple(variants), signature=signature, **fields)
        )
    path = str(item.path)
    for kind, line, code, message in entries:
        batch.entries.append(Entry(kind, path, line, code, message))
    return dataclasses.replace(batch, files=int(item.last), last=item.path.name)


def _write(path: Path, data: bytes) -> None:
    """Write a file whole; not through to the disk, since what is damaged is ignored."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _installed(reader: Format) -> bool:
    return reader.name in formats and formats.origin(reader.name) != Origin("", "")


def _readers(kind: Format | None) -> list[Format]:
    """The formats that decide what is read; several for a suffix that they share."""
    if kind is None:
        return []
    parts = [*getattr(kind, "others", ()), getattr(kind, "owner", None)]
    return [part for part in parts if part is not None] or [kind]


@functools.cache
def _code(plugin: type) -> list[str]:
    """What changes with the code of a plugin: its files, ours, and versions of what it needs."""
    package = plugin.__module__.partition(".")[0]
    names = [_files(package)] + [_files("textmusic")] * (package != "textmusic")
    registries: tuple[Registry[Any], ...] = (codecs, formats)
    owners = {
        registry.origin(name).distribution
        for registry in registries
        for name in [str(getattr(plugin, "name", ""))]
        if name in registry
    }
    return [plugin.__module__, plugin.__qualname__, *names, *_versions(owners - {""})]


@functools.cache
def _files(package: str) -> str:
    """A digest of the Python files of a package; of ours, of what reads music."""
    module = sys.modules[package]
    digest = hashlib.sha256()
    roots = [Path(place) for place in getattr(module, "__path__", ())]
    if not roots and module.__file__:
        digest.update(Path(module.__file__).read_bytes())
    for root in roots:
        ours = [root, root / "corpus"] if package == "textmusic" else [root]
        for place in ours:
            files = place.glob("*.py") if package == "textmusic" else place.rglob("*.py")
            for path in sorted(files):
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _versions(distributions: set[str]) -> list[str]:
    """The versions of distributions and of what they require."""
    found: dict[str, str] = {}
    for name in sorted(distributions):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            distribution = importlib.metadata.distribution(name)
            found[name] = distribution.version
            for wanted in distribution.requires or ():
                other = _NAME.match(wanted)
                if other and "extra" not in wanted:
                    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                        found[other[0]] = importlib.metadata.version(other[0])
    return [f"{name} {version}" for name, version in sorted(found.items())]
