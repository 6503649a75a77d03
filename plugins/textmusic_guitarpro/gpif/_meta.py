"""The texts of a GPIF score as entries of ``Score.meta``, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

__all__ = ["FIELDS", "fields_of", "meta_of"]

FIELDS = {
    "title": "Title",
    "subtitle": "SubTitle",
    "artist": "Artist",
    "album": "Album",
    "words": "Words",
    "composer": "Music",
    "copyright": "Copyright",
    "transcriber": "Tabber",
    "instructions": "Instructions",
}
"""Names of meta entries, and of the elements of `Score` for them."""
_NOTICES = "Notices"
_COMMENT = "comment"
_LINE = re.compile(r"([a-z][a-z0-9_-]{0,31}): (.*)")
_MOST_TEXT = 1_000_000


def meta_of(root: Element) -> dict[str, str]:
    """Return the texts; lines ``key: value`` of the notices are entries of their own.

    A line that begins with a tab goes on with the value before it.
    """
    texts = {child.tag: _clean(child.text) for child in root.iterfind("Score/*")}
    meta = {key: texts.get(tag, "") for key, tag in FIELDS.items()}
    for key in ("words", "composer"):
        meta[key] = meta[key] or texts.get("WordsAndMusic", "")
    comment: list[str] = []
    entry = ""
    for line in texts.get(_NOTICES, "").split("\n"):
        match = _LINE.fullmatch(line)
        if match and match[1] not in meta:
            entry = match[1]
            meta[entry] = match[2]
        elif entry and line.startswith("\t"):
            meta[entry] += "\n" + line[1:]
        else:
            entry = ""
            comment.append(line.rstrip())
    text = "\n".join(comment).strip()
    if text:
        meta[_COMMENT] = "\n".join(filter(None, (meta.get(_COMMENT, ""), text)))
    return {key: value for key, value in meta.items() if value}


def _clean(text: str | None) -> str:
    text = (text or "")[:_MOST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\0", "").strip()


def fields_of(meta: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of the elements of `Score`; entries without one become lines of notices."""
    texts = {tag: meta.get(key, "") for key, tag in FIELDS.items()}
    lines = [meta[_COMMENT]] if meta.get(_COMMENT) else []
    for key, value in meta.items():
        if key not in FIELDS and key != _COMMENT:
            lines.append(f"{key}: " + value.replace("\n", "\n\t"))
    texts[_NOTICES] = "\n".join(lines)
    return texts
