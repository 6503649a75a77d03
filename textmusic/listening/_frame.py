"""What the listening page and the studio have in common as documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import Template

__all__ = ["framed"]

_FRAME = Path(__file__).parent / "frame.html"
_PLAYER = ("kit", "midi", "player", "score", "text", "card", "transport", "stage")
"""Scripts that draw and play, in the order in which they need each other."""


def framed(
    main: str,
    kind: str,
    *,
    music: str,
    scripts: Sequence[str],
    styles: Sequence[str] = (),
    head: str = "",
) -> bytes:
    """Return a page: its own part in the frame that all pages share.

    Args:
        main: markup of what only this page has.
        kind: of page, as its class; its title until it has one of its own.
        music: the id of the part with the music, for those who skip the rest.
        scripts: addresses of those that the page has besides the player's, in order.
        styles: addresses of style sheets besides the common one.
        head: more markup for its head.
    """
    sheets = ("assets/style.css", *styles)
    sources = (*(f"assets/{name}.js" for name in _PLAYER), *scripts)
    page = Template(_FRAME.read_text(encoding="utf-8")).substitute(
        main=main.strip(), kind=kind, music=music, head=head, title=kind.capitalize(),
        styles="\n".join(f'<link rel="stylesheet" href="{each}">' for each in sheets),
        scripts="\n".join(f'<script src="{each}"></script>' for each in sources),
    )  # fmt: skip
    return page.encode()
