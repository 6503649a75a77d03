"""XML bytes to an element tree, without entities, external parts or unbounded work."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from textmusic.errors import FormatError
from textmusic.format import read_text

__all__ = ["MOST_BYTES", "Element", "number", "parse_xml", "parts_of", "root_name", "text_of"]

MOST_BYTES = 32 << 20
"""Larger documents, also unpacked ones, are refused: the tree needs ten times as much memory."""

_DECIMAL = re.compile(r"\s*([-+]?\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})", re.ASCII)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,80})")
_SKIPPED = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_UNSAFE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Element = ET.Element


def root_name(data: bytes, most: int = 4096) -> str:
    """Return the name of the first element in the head of a document, or an empty string."""
    head = _SKIPPED.sub("", read_text(data[: most & ~1]))
    found = _ROOT.search(head)
    return found[1].rpartition(":")[2] if found else ""


def parse_xml(data: bytes) -> Element:
    """Return the root of an XML document, names without namespaces.

    Raises:
        FormatError: it is too large, not well formed, or declares entities.
    """
    if len(data) > MOST_BYTES:
        raise FormatError(f"the XML is larger than {MOST_BYTES >> 20} MiB, the limit")
    text = read_text(data)
    # the text is decoded here, so that no encoding hides a declaration from this test
    if "<!ENTITY" in text:
        raise FormatError("the XML declares entities, which music does not need: refused")
    # not for entities (refused) nor external parts (expat fetches none): S314 does not apply
    parser = ET.XMLParser(encoding="utf-8")  # noqa: S314
    try:
        parser.feed(_UNSAFE.sub("", text.lstrip()).encode())
        root = parser.close()
    except ET.ParseError as error:
        raise FormatError(f"not well-formed XML: {error}") from error
    except (ValueError, LookupError) as error:
        raise FormatError(f"the XML cannot be read: {error}") from error
    if root.tag.startswith("{"):
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
    return root


def parts_of(root: Element) -> dict[str, list[Element]]:
    """Return the measures of each part by its id, of a partwise or timewise score.

    Raises:
        FormatError: the root is something else.
    """
    parts: dict[str, list[Element]] = {}
    if root.tag == "score-partwise":
        for part in root.iterfind("part"):
            parts.setdefault(part.get("id", ""), []).extend(part.iterfind("measure"))
    elif root.tag == "score-timewise":
        for index, measure in enumerate(root.iterfind("measure")):
            for part in measure.iterfind("part"):
                measures = parts.setdefault(part.get("id", ""), [])
                measures += [Element("measure") for _ in range(index - len(measures))]
                part.tag, part.attrib = "measure", measure.attrib
                measures.append(part)
    else:
        raise FormatError(f"not MusicXML: the root element is <{root.tag[:40]}>")
    return parts


def text_of(element: Element | None, path: str = ".") -> str:
    """Return the text at a path, or an empty string; line breaks count as spaces."""
    text = element.findtext(path, "") if element is not None else ""
    text = text or ""
    return " ".join(text.split()) if "\n" in text else text


def number(text: str | None) -> float | None:
    """Return the number that a text begins with, or None."""
    found = _DECIMAL.match(text) if text else None
    return float(found[1]) if found else None
