"""Reading XML that may be hostile, and what all readers of GPIF ask of its elements."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from textmusic.errors import FormatError

__all__ = ["by_id", "ids_of", "number_of", "parse", "properties_of", "text_of", "whole_of"]

_MOST_ELEMENTS = 2_000_000
"""Eight times as many as the largest of 288 real files has."""
_MOST_DEPTH = 100
_MOST_IDS = 1_000_000
_MOST_VALUE = 10**9


class _Builder:
    """Builds the tree, and refuses what no Guitar Pro file has and what would not end."""

    def __init__(self) -> None:
        self.tree = TreeBuilder()
        self._depth = self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > _MOST_DEPTH:
            raise FormatError(f"score.gpif is nested deeper than {_MOST_DEPTH} elements")
        if self._count > _MOST_ELEMENTS:
            raise FormatError(f"score.gpif has more than {_MOST_ELEMENTS} elements")
        self.tree.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self.tree.end(tag)

    def refuse(self, *_: object) -> None:
        raise FormatError("score.gpif declares a document type or entities; none is read")


def parse(data: bytes) -> Element:
    """Return the root of an XML document in UTF-8.

    Raises:
        FormatError: it is no well-formed XML, has a document type, or is beyond all measure.
    """
    builder = _Builder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.tree.data
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - it takes no keywords
    except expat.ExpatError as error:
        raise FormatError(f"score.gpif is damaged: {error}") from error
    return builder.tree.close()


def text_of(parent: Element | None, path: str) -> str:
    """The text at a path, "" where there is none."""
    return ((parent.findtext(path) if parent is not None else None) or "").strip()


def number_of(text: str | None, default: float = math.nan) -> float:
    """The number that a text holds, or the default; never infinite, never beyond 10^9."""
    try:
        number = float(text or "")
    except ValueError:
        return default
    return number if abs(number) <= _MOST_VALUE else default


def whole_of(text: str | None, default: int = -1) -> int:
    """The number that a text holds, or the default where it is none or not whole."""
    number = number_of(text)
    return int(number) if number.is_integer() else default


def ids_of(parent: Element | None, path: str) -> list[str]:
    """The ids of a list such as ``0 1 -1``.

    Raises:
        FormatError: it is beyond all measure.
    """
    found = text_of(parent, path).split(None, _MOST_IDS)
    if len(found) > _MOST_IDS:
        raise FormatError(f"score.gpif lists more than {_MOST_IDS} ids in one place")
    return found


def by_id(root: Element, path: str) -> dict[str, Element]:
    """The elements at a path by their ids; of those that share one, the first."""
    found: dict[str, Element] = {}
    for element in root.iterfind(path):
        found.setdefault(element.get("id", ""), element)
    return found


def properties_of(element: Element) -> dict[str, Element]:
    """The properties of a note, a beat, a staff or a GP6 track by name."""
    return dict(_properties(element))


def _properties(element: Element) -> Iterator[tuple[str, Element]]:
    for each in element.iterfind("Properties/Property"):
        yield each.get("name", ""), each
