"""Plugins, found through entry points: `codecs` by name, `formats` by file suffix.

Entry points are read on first use, never at import; listing names imports no plugin. The first
party's own plugins are found by exactly this mechanism.

A format's name may be a compound suffix such as ``digits.txt``. It owns files that end so, and
it is asked whether a plain ``.txt`` file is of its kind (`Format.recognises`); so several formats
share a common suffix, and which one writes a file is never in doubt.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Generic, TypeVar

from textmusic.codec import Codec
from textmusic.errors import (
    DuplicatePluginError,
    FormatError,
    PluginError,
    UnknownPluginError,
)
from textmusic.format import Format, Loaded

__all__ = ["FormatRegistry", "Origin", "Registry", "codecs", "formats"]

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Origin:
    """Which distribution provides a plugin; ``("", "")`` for one registered by hand."""

    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip() or "registered by hand"


class Registry(Generic[P]):
    """Classes by name, from one entry-point group.

    Args:
        group: the entry-point group, such as ``textmusic.codecs``.
        kind: what error messages call one of them: ``codec``.
        base: the class that every plugin derives from.
    """

    def __init__(self, group: str, kind: str, base: type[P]) -> None:
        self.group = group
        self.kind = kind
        self._base = base
        self._points: dict[str, list[EntryPoint]] | None = None
        self._loaded: dict[str, type[P]] = {}
        self._manual: dict[str, type[P]] = {}

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted; imports no plugin."""
        return tuple(sorted({*self._found(), *self._manual}))

    def __contains__(self, name: str) -> bool:
        return name in self._manual or name in self._found()

    def origin(self, name: str) -> Origin:
        """Return the distribution that provides a name; imports no plugin."""
        if name in self._manual:
            return Origin("", "")
        return _origin(self._point(name))

    def get(self, name: str) -> type[P]:
        """Return the class of that name, importing its plugin on first use.

        Raises:
            UnknownPluginError: nobody provides the name; the message lists near ones.
            DuplicatePluginError: two distributions claim it; the message names both.
            PluginError: its import fails or gives something else than a subclass.
        """
        if name in self._manual:
            return self._manual[name]
        if name not in self._loaded:
            self._loaded[name] = self._load(self._point(name))
        return self._loaded[name]

    @contextlib.contextmanager
    def register(self, name: str, plugin: type[P]) -> Iterator[type[P]]:
        """Make a class known by hand, for notebooks and tests; undone when the block ends.

        Call ``register(...).__enter__()`` to keep it for the whole session.
        """
        if name in self:
            raise DuplicatePluginError(
                f"{self.kind} {name!r} is already provided by {self.origin(name)}"
            )
        self._manual[name] = plugin
        try:
            yield plugin
        finally:
            self._manual.pop(name, None)

    def refresh(self) -> None:
        """Read the entry points again, after a distribution was installed."""
        self._points = None
        self._loaded.clear()

    def _found(self) -> dict[str, list[EntryPoint]]:
        if self._points is None:
            self._points = {}
            for point in entry_points(group=self.group):
                self._points.setdefault(point.name, []).append(point)
        return self._points

    def _point(self, name: str) -> EntryPoint:
        points = self._found().get(name)
        if not points:
            raise UnknownPluginError(self.kind, name, self.names())
        owners = sorted({str(_origin(point)) for point in points})
        if len(owners) > 1:
            raise DuplicatePluginError(
                f"{self.kind} {name!r} is claimed by {' and by '.join(owners)}; uninstall one"
            )
        return points[0]

    def _load(self, point: EntryPoint) -> type[P]:
        where = f"{self.kind} {point.name!r} of {_origin(point)}"
        try:
            plugin = point.load()
        except PluginError:
            raise
        except Exception as error:  # a stranger's module may raise anything at import
            raise PluginError(
                f"{where} cannot be loaded: {type(error).__name__}: {error}"
            ) from error
        if not (isinstance(plugin, type) and issubclass(plugin, self._base)):
            raise PluginError(f"{where} is not a subclass of {self._base.__name__}: {plugin!r}")
        return plugin


def _origin(point: EntryPoint) -> Origin:
    return Origin(point.dist.name, point.dist.version) if point.dist else Origin("", "")


class FormatRegistry(Registry[Format]):
    """Formats by file suffix, with the rule for suffixes that several share."""

    def suffix(self, path: str | Path) -> str:
        """Return the longest suffix of a path that is known, else its last one; lower case.

        ``a.digits.txt`` gives ``digits.txt`` where a format has that name, and ``txt`` where
        none has. Empty for a path without suffix. Imports no plugin.
        """
        parts = Path(path).name.lower().split(".")[1:]
        for index in range(len(parts)):
            if (name := ".".join(parts[index:])) in self:
                return name
        return parts[-1] if parts else ""

    def plain_suffixes(self) -> tuple[str, ...]:
        """Return the last suffixes of the files that formats may read, sorted."""
        return tuple(sorted({n.rpartition(".")[2] for n in self.names() if self._may_read(n)}))

    def _may_read(self, name: str) -> bool:
        """Whether a format reads; one that cannot be loaded says so when it is used."""
        try:
            return self.get(name).reads
        except PluginError:
            return True

    def sharing(self, suffix: str) -> tuple[str, ...]:
        """Return the compound names that end in a plain suffix, sorted; imports no plugin."""
        return tuple(name for name in self.names() if name.endswith(f".{suffix}"))

    def reader(self, suffix: str) -> Format:
        """Return the format that reads files of a suffix; a shared one chooses by content.

        Raises:
            UnknownPluginError: no format reads it.
            PluginError: a plugin that it needs is broken.
        """
        others = tuple(kind() for name in self.sharing(suffix) if (kind := self.get(name)).reads)
        if not others:
            return self.get(suffix)()
        return _Shared(suffix, self.get(suffix)() if suffix in self else None, others)

    def writer(self, suffix: str) -> Format:
        """Return the format that writes files of a suffix.

        It is the format of that name; where that one only reads, the first of those that share
        the suffix and write: ``score.pdf`` for ``pdf``.

        Raises:
            UnknownPluginError: no format has the suffix.
            PluginError: a plugin that it needs is broken.
        """
        owner = self.get(suffix)
        if not owner.writes:
            for name in self.sharing(suffix):
                if (kind := self.get(name)).writes:
                    return kind()
        return owner()


class _Shared(Format):
    """Several formats of one suffix: the first that recognises the bytes reads them."""

    reads = True

    def __init__(self, suffix: str, owner: Format | None, others: tuple[Format, ...]) -> None:
        self.owner = owner if owner and owner.reads else None
        self.others = others
        kinds = (*others, *filter(None, (self.owner,)))
        # a suffix of many kinds has its own values of what is otherwise fixed for a class
        self.name = suffix  # type: ignore[misc]
        self.title = " or ".join(kind.title for kind in kinds)  # type: ignore[misc]
        self.is_text = all(kind.is_text for kind in kinds)  # type: ignore[misc]
        self.max_bytes = max(kind.max_bytes for kind in kinds)  # type: ignore[misc]

    def decode(self, data: bytes) -> Loaded:
        for kind in self.others:
            if len(data) <= kind.max_bytes and kind.recognises(data):
                return kind.decode(data)
        if self.owner is None:
            raise FormatError(f"not recognised as {self.title}; name the format")
        if len(data) > self.owner.max_bytes:
            limit = self.owner.max_bytes >> 20
            raise FormatError(f"larger than {limit} MiB, the limit for {self.owner.title}")
        return self.owner.decode(data)


codecs: Registry[Codec] = Registry("textmusic.codecs", "codec", Codec)  # type: ignore[type-abstract]
formats = FormatRegistry("textmusic.formats", "format", Format)
