"""The page as a folder: written whole beside its place, then put there."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textmusic.errors import ConfigError, FormatError
from textmusic.listening._card import Card, Detail
from textmusic.listening._frame import framed
from textmusic.listening._vendor import vendored

__all__ = ["STATIC", "check_place", "page", "script"]

STATIC = Path(__file__).parent / "page"
"""The page and its own scripts."""
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="connect-src \'none\'; '
    "object-src 'none'; base-uri 'none'; form-action 'none'\">"
)
_HEAD = "// A listening page, written by textmusic.\n"


def script(call: str, *values: Any) -> bytes:
    """Return a script that hands JSON to a function of the page.

    It is ASCII, and has no character that could end a script or begin a comment in HTML.
    """
    coded = ", ".join(json.dumps(value, separators=(",", ":")) for value in values)
    return f"{call}({coded.replace('<', chr(92) + 'u003c')});\n".encode("ascii")


def check_place(out: Path) -> None:
    """Refuse a folder that holds anything else than a listening page.

    Raises:
        ConfigError: it does, or it is a file.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    data = out / "data.js"
    with contextlib.suppress(OSError, UnicodeDecodeError), data.open(encoding="utf-8") as file:
        if file.readline() == _HEAD:
            return
    raise ConfigError(f"{out}: holds other files; name a new folder")


class Writer:
    """Adds pieces to a page that is being written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cards: list[Card] = []

    def add(self, card: Card, detail: Detail, files: dict[str, bytes]) -> None:
        """Write what belongs to one piece."""
        self._write(
            f"samples/{card.id}.js",
            script("textmusic.deliver", card.id, dataclasses.asdict(detail)),
        )
        for place, data in files.items():
            self._write(place, data)
        self.cards.append(card)

    def finish(self, title: str, about: str) -> None:
        """Write what belongs to the whole page."""
        for place, data in vendored():
            self._write(f"assets/{place}", data)
        for path in (each for each in STATIC.iterdir() if each.suffix != ".html"):
            self._write(f"assets/{path.name}", path.read_bytes())
        main = (STATIC / "main.html").read_text(encoding="utf-8")
        scripts = ("assets/page.js", "data.js")
        whole_page = framed(main, "listen", music="cards", scripts=scripts, head=_POLICY)
        self._write("index.html", whole_page)
        cards = [dataclasses.asdict(card) for card in self.cards]
        whole = {"title": title, "about": about, "cards": cards}
        self._write("data.js", _HEAD.encode() + script("textmusic.open", whole))

    def _write(self, place: str, data: bytes) -> None:
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@contextlib.contextmanager
def page(out: Path) -> Iterator[Writer]:
    """Yield a writer; the folder takes its place, or that of an older page, when the block succeeds.

    Raises:
        ConfigError: the folder holds other files.
        FormatError: it cannot be written.
    """
    check_place(out)
    temporary: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
        writer = Writer(temporary / "new")
        yield writer
        if out.exists():
            out.rename(temporary / "old")
        writer.folder.rename(out)
    except OSError as error:
        raise FormatError(f"{out}: cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
