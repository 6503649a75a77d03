"""Pictures in SVG onto paper (PDF) and into pixels (PNG).

Tried on a tune of 124 bars (1.7 MB of SVG), CPU seconds of one page to PDF: svg2pdf 0.3, svglib
with reportlab 8.2, cairosvg 6.9; cairosvg needs a library of the system besides. pdfium, which
comes with pdfplumber, binds the pages together and turns a PDF into pixels, so that both look
alike (resvg's pixels are the same, and it is one package more).
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from textmusic.errors import FormatError, MissingDependencyError

__all__ = ["pdf_of", "png_of"]

_MOST_PIXELS = 60_000_000
_KNOWN = 0x2FFF
"""Behind it begins what matplotlib's fonts lack: Chinese, Japanese, Korean, and rarer scripts."""
_SIZE = re.compile(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"')
_DATE = re.compile(rb"/CreationDate\(D:[^)]{0,30}\)")
_IDS = re.compile(rb"/ID\s*\[\s*<[0-9A-Fa-f]{32}>\s*<[0-9A-Fa-f]{32}>\s*\]")


def _font_folder() -> str:
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingDependencyError("a picture in PNG or PDF", "matplotlib", "score") from error
    return str(Path(mpl.get_data_path()) / "fonts" / "ttf")


@lru_cache(maxsize=2)
def _fonts(*, all_of_them: bool) -> Any:
    """The fonts that come with matplotlib; also the system's, for scripts that those lack."""
    try:
        from svg2pdf_py import FontDatabase
    except ImportError as error:
        raise MissingDependencyError("a score in PDF", "svg2pdf-py", "score") from error
    found = FontDatabase()
    found.load_fonts_dir(_font_folder())
    if all_of_them:
        found.load_system_fonts()
    return found


def pdf_of(pictures: Sequence[str]) -> bytes:
    """Return a document with a page for each picture; equal pictures give equal bytes.

    Raises:
        MissingDependencyError: svg2pdf or matplotlib is not installed.
        FormatError: a picture cannot be converted.
    """
    import pypdfium2

    whole = pypdfium2.PdfDocument.new()
    for page in _pages(pictures):
        with pypdfium2.PdfDocument(page) as one:
            whole.import_pages(one)
    out = io.BytesIO()
    whole.save(out)
    whole.close()
    data = out.getvalue()
    data = _DATE.sub(lambda found: b" " * len(found[0]), data)
    name = hashlib.md5(_IDS.sub(b"", data), usedforsecurity=False).hexdigest().upper().encode()
    return _IDS.sub(b"/ID[<%b><%b>]" % (name, name), data)


def png_of(picture: str, zoom: float) -> bytes:
    """Return a picture in grey pixels.

    Args:
        picture: in SVG.
        zoom: pixels for each of its own.

    Raises:
        MissingDependencyError: svg2pdf or matplotlib is not installed.
        FormatError: it has more than 60 million pixels, or cannot be converted.
    """
    import pypdfium2

    size = _SIZE.match(picture)
    if size is None or float(size[1]) * float(size[2]) * zoom * zoom > _MOST_PIXELS:
        raise FormatError("too long for one picture in pixels: write .pdf or .svg")
    (page,) = _pages([picture])
    out = io.BytesIO()
    with pypdfium2.PdfDocument(page) as document:
        document[0].render(scale=zoom, grayscale=True).to_pil().save(out, "PNG")
    return out.getvalue()


def _pages(pictures: Sequence[str]) -> list[bytes]:
    fonts = _fonts(all_of_them=any(ord(max(one)) > _KNOWN for one in pictures))
    from svg2pdf_py import svg_pages_to_pdfs

    try:
        return list(svg_pages_to_pdfs(list(pictures), fonts))
    except (RuntimeError, ValueError) as error:
        raise FormatError(f"the picture cannot be converted: {error}") from error
