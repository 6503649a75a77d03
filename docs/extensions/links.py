"""No dead link inside: a build fails if a page of it points to what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.errors import SphinxError

PLACES = {"href", "src", "poster", "data"}


class Page(HTMLParser):
    """What a page points to, with lines, and the names that can be pointed to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[int, str]] = []
        self.names: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in PLACES and value:
                self.links.append((self.getpos()[0], value))
            elif value and (name == "id" or (tag == "a" and name == "name")):
                self.names.add(value)


def dead_links(site: Path) -> Iterator[str]:
    """Yield the links of a site to files, or to places in its pages, that do not exist."""
    site = site.resolve()
    found = (path for path in site.rglob("*.html") if path.parent != site / "_static")
    pages = {
        path: Page(path.read_text("utf-8")) for path in found
    }  # the theme's files are templates
    for path, page in sorted(pages.items()):
        for line, link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            name = unquote(parts.fragment)
            if not target.exists() or (name and target in pages and not _has(pages[target], name)):
                yield f"{path.relative_to(site)}:{line}: {link} is not there"


def _has(page: Page, name: str) -> bool:
    return name == "top" or name in page.names


def _check(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    dead = list(dead_links(Path(app.outdir)))
    if dead:
        raise SphinxError("\n".join([f"{len(dead)} dead links:", *dead[:50]]))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", _check, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
