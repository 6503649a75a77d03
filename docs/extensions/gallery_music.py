"""Music on the pages of the gallery: what an example hands to ``textmusic.listen`` is shown there.

The pages of all examples share one folder of scripts, beside them. Each lies in a frame, as tall
as its music and as dark as the site (``listening.js``), and opens from disk as the rest does.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from sphinx.application import Sphinx

import textmusic
from textmusic.errors import PluginError
from textmusic.listening import vendored

HERE = Path(__file__).parent
SHARED = HERE.parent / "gallery" / "listening"
"""Git ignores it; sphinx-gallery does not run again an example that has not changed."""
_FRAME = """\
.. raw:: html

    <figure class="listening">
    <iframe src="{href}/index.html" title="Listen: {title}" loading="lazy"></iframe>
    <figcaption><a href="{href}/index.html">On a page of its own</a>{sounds}</figcaption>
    </figure>

"""
_SOUND = """ <span>{title}, by FluidSynth
    <audio controls preload="none" aria-label="{title}" src="{place}"></audio></span>"""
_taken: set[Path] = set()


def scrape(_block: object, block_vars: dict[str, Any], _gallery_conf: dict[str, Any]) -> str:
    """Return the frames of the listening pages, and the tables, that an example has just written."""
    stem, found = Path(block_vars["src_file"]).stem, ""
    shared = os.path.relpath(SHARED, Path(block_vars["target_file"]).parent)
    for page in _new(block_vars["example_globals"].values()):
        _taken.add(page)
        if page.suffix == ".md":
            found += _table(page.read_text("utf-8"))
            continue
        name = f"{stem}-{len([each for each in SHARED.glob(f'{stem}-*') if each.is_dir()]) + 1}"
        found += _frame(page.parent, name, f"{shared}/{name}")
        _picture(SHARED / name, block_vars["image_path_iterator"])
    return found


def forget(_gallery_conf: dict[str, Any], example: str | None) -> None:
    """Before an example runs, drop what it wrote the last time."""
    if example is None:
        return
    for folder in SHARED.glob(f"{Path(example).stem}-*"):
        shutil.rmtree(folder)


def _new(values: Any) -> Iterator[Path]:
    for value in list(values):
        if not isinstance(value, Path) or value in _taken:
            continue
        listening = value.name == "index.html" and (value.parent / "data.js").exists()
        if listening or (value.suffix == ".md" and value.exists()):
            yield value


def _table(text: str) -> str:
    """The rows of a Markdown file, as a table."""
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    heads, _, *body = [[html.escape(cell.strip()) for cell in row] for row in rows]
    lines = ["<tr>" + "".join(f"<th>{cell}</th>" for cell in heads) + "</tr>"]
    lines += ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in body]
    return '.. raw:: html\n\n    <table class="table">' + "".join(lines) + "</table>\n\n"


def _frame(made: Path, name: str, href: str) -> str:
    """Put a listening page among those of the gallery."""
    place = SHARED / name
    shutil.copytree(made, place, ignore=shutil.ignore_patterns("assets"))
    shutil.copytree(made / "assets", SHARED / "assets", dirs_exist_ok=True)
    index = place / "index.html"
    text = index.read_text("utf-8")
    last = '<script src="assets/page.js">'
    if last not in text or "</head>" not in text:
        raise ValueError("the listening page is not what the gallery knows")
    text = text.replace(last, f'<script src="assets/embedded.js"></script>\n{last}')
    text = text.replace("</head>", '<link rel="stylesheet" href="assets/embedded.css">\n</head>')
    index.write_text(text.replace('"assets/', '"../assets/'), "utf-8")
    names = {card["title"]: card["downloads"] for card in _cards(place)}
    sounds = "".join(
        _SOUND.format(title=html.escape(title), place=f"{href}/{sound}")
        for title, files in names.items()
        for sound in _played(place, files)
    )
    title = html.escape(", ".join(names))
    return _FRAME.format(href=href, title=title, sounds=sounds)


def _played(place: Path, files: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Play a piece with FluidSynth, if it is there."""
    for file in files:
        if file["suffix"] == ".mid":
            sound = (place / file["href"]).with_suffix(".ogg")
            with contextlib.suppress(PluginError):
                textmusic.write(textmusic.read(place / file["href"]).scores[0], sound)
                yield sound.relative_to(place).as_posix()


def _picture(place: Path, images: Iterator[str]) -> None:
    """Give the gallery's index a picture of the music: the top of the first score, if one can be drawn."""
    for card in _cards(place):
        wanted = {"tablature": ".gp", "score": ".musicxml", "abc": ".musicxml"}.get(card["drawing"])
        for file in card["downloads"]:
            if file["suffix"] == wanted:
                drawn = place / "picture.png"
                with contextlib.suppress(PluginError):
                    textmusic.write(textmusic.read(place / file["href"]).scores[0], drawn)
                    with Image.open(drawn) as picture:
                        wide = picture.width * 3 // 5
                        picture.crop((0, 0, wide, min(picture.height, wide * 7 // 10))).save(
                            next(images)
                        )
                    drawn.unlink()
                return


def _cards(place: Path) -> list[dict[str, Any]]:
    """What a listening page says of its pieces."""
    said = (place / "data.js").read_text("utf-8")
    return json.loads(said.partition("(")[2].rpartition(")")[0])["cards"]


def _publish(app: Sphinx, error: Exception | None) -> None:
    if error is not None or not SHARED.exists():
        return
    place = Path(app.outdir) / "gallery" / "listening"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(SHARED, place)
    for file in ("embedded.js", "embedded.css"):
        shutil.copy(HERE / file, place / "assets")


def setup(app: Sphinx) -> dict[str, bool]:
    next(vendored())  # that the player's files are missing is said before anything is run
    app.connect("build-finished", _publish, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
