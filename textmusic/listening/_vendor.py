"""The JavaScript of others that the page draws and plays with; `hatch_build.py` fetches it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from textmusic.errors import ConfigError

__all__ = ["VENDOR", "vendored"]

VENDOR = Path(__file__).parent / "vendor"
_PLAIN = ("alphaTab.min.js", "abcjs-basic-min.js")
_DATA = {"soundfont.js": ("soundFont", "sonivox.sf3"), "font.js": ("musicFont", "Bravura.woff2")}
_LICENCES = "licences"


def vendored() -> Iterator[tuple[str, bytes]]:
    """Yield the files as the page needs them: name, and content.

    From disk a page may load scripts but read no other files, so what is not a script becomes one.

    Raises:
        ConfigError: they were not fetched when textmusic was installed.
    """
    try:
        for name in _PLAIN:
            yield name, (VENDOR / name).read_bytes()
        for name, (variable, file) in _DATA.items():
            coded = json.dumps(base64.b64encode((VENDOR / file).read_bytes()).decode())
            yield name, f"(window.textmusic ??= {{}}).{variable} = {coded};\n".encode()
        for path in sorted((VENDOR / _LICENCES).iterdir()):
            yield f"{_LICENCES}/{path.name}", path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(
            "the player's files are missing: run `make vendor`, which needs npm"
        ) from error
