"""Small pieces of SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["PAPER", "WIDTH", "Canvas", "Page", "document"]

WIDTH = 1000
"""Of every page, in its own units."""
PAPER = WIDTH * 297 / 210
"""Height of a sheet of A4."""
_POINTS = 595.28
"""Width of A4."""
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]+")


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def plain(text: str) -> str:
    """Return a text as XML may hold it."""
    text = _UNSEEN.sub(" ", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.strip()


class Canvas:
    """Collects elements; places are in units of the page, y grows downwards."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def line(self, x: float, y: float, x2: float, y2: float, width: float = 1) -> None:
        """Draw a straight line."""
        self.path(f"M{_number(x)} {_number(y)}L{_number(x2)} {_number(y2)}", width=width)

    def curve(self, x: float, y: float, x2: float, rise: float) -> None:
        """Draw an arc between two places of one height; it rises by `rise`."""
        middle = (x + x2) / 2
        ends = f"{_number(x2)} {_number(y)}"
        bow = f"{_number(middle)} {_number(y - 2 * rise)}"
        self.path(f"M{_number(x)} {_number(y)}Q{bow} {ends}")

    def path(self, shape: str, *, width: float = 1, fill: bool = False) -> None:
        """Draw a path: outlined, or filled."""
        ink = 'fill="currentColor"' if fill else f'fill="none" stroke-width="{_number(width)}"'
        stroke = "" if fill else ' stroke="currentColor"'
        self.parts.append(f'<path d="{shape}" {ink}{stroke}/>')

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a filled rectangle."""
        place = f'x="{_number(x)}" y="{_number(y)}"'
        size = f'width="{_number(width)}" height="{_number(height)}"'
        self.parts.append(f'<rect {place} {size} fill="currentColor"/>')

    def text(
        self, x: float, y: float, text: str, size: float, *, anchor: str = "middle", style: str = ""
    ) -> None:
        """Write a line of text; `y` is its base line."""
        place = f'x="{_number(x)}" y="{_number(y)}"'
        kind = f'font-size="{_number(size)}" text-anchor="{anchor}" fill="currentColor"'
        self.parts.append(f"<text {place} {kind}{style}>{plain(text)}</text>")


class Page(NamedTuple):
    """A strip of a page: its height, in units of which it is `WIDTH` wide, and its elements."""

    height: float
    body: str


def document(strips: Sequence[Page], *, height: float | None = None, about: str = "") -> str:
    """Return a document of strips, one below the other.

    Args:
        strips: what is drawn.
        height: of the paper; default: of the strips. One of `PAPER` is A4.
        about: what programs show that the picture is of.
    """
    total = sum(strip.height for strip in strips) if height is None else height
    size = f'width="{WIDTH}" height="{_number(total)}"'
    if height is not None:
        size = f'width="{_POINTS}" height="{_number(_POINTS * total / WIDTH)}"'
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{size} viewBox="0 0 {WIDTH} {_number(total)}" color="black"'
        ' font-family="DejaVu Sans, Helvetica, Arial, sans-serif">'
    )
    rows = [
        head,
        f"<desc>{plain(about)}</desc>" if about else "",
        f'<rect width="{WIDTH}" height="{_number(total)}" fill="white"/>',
    ]
    top = 0.0
    for strip in strips:
        rows.append(f'<g transform="translate(0 {_number(top)})">{strip.body}</g>')
        top += strip.height
    return "\n".join([*rows, "</svg>\n"])
