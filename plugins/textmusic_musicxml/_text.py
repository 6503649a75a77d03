"""Text inside XML."""

from __future__ import annotations

import re

__all__ = ["escaped", "tidy"]

_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def tidy(text: str) -> str:
    """Return a text on one line, without characters that XML may not hold."""
    if _UNSAFE.search(text):
        return " ".join(_UNSAFE.sub(" ", text).split())
    return text


def escaped(text: str) -> str:
    """Return a text as XML content or attribute value."""
    text = tidy(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;")
