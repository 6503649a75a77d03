"""Fetches the JavaScript that the listening page plays and draws with, when textmusic is built.

The packages and their versions stand in ``textmusic/listening/package.json``; npm asks whatever
registry it is set up for. ``make vendor`` runs this file too. A wheel holds the files; without npm
the build succeeds, and ``textmusic listen`` says what is missing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
HOME = ROOT / "textmusic" / "listening"
FILES = {
    "alphaTab.min.js": "@coderline/alphatab/dist/alphaTab.min.js",
    "sonivox.sf3": "@coderline/alphatab/dist/soundfont/sonivox.sf3",
    "Bravura.woff2": "@coderline/alphatab/dist/font/Bravura.woff2",
    "abcjs-basic-min.js": "abcjs/dist/abcjs-basic-min.js",
    "licences/alphaTab.txt": "@coderline/alphatab/LICENSE",
    "licences/sonivox.txt": "@coderline/alphatab/dist/soundfont/LICENSE",
    "licences/Bravura.txt": "@coderline/alphatab/dist/font/Bravura-OFL.txt",
    "licences/abcjs.txt": "abcjs/LICENSE.md",
}
STAMP = "package.json"


def fetched() -> bool:
    """Whether the files that package.json names lie there."""
    vendor = HOME / "vendor"
    stamp = vendor / STAMP
    if not stamp.exists() or stamp.read_bytes() != (HOME / STAMP).read_bytes():
        return False
    return all((vendor / name).exists() for name in FILES)


def fetch() -> None:
    """Fetch the files by package name, and put them there all at once."""
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not installed")
    wanted = json.loads((HOME / STAMP).read_text("utf-8"))["dependencies"]
    with tempfile.TemporaryDirectory(dir=HOME, prefix=".vendor.") as folder:
        work, made = Path(folder) / "npm", Path(folder) / "vendor"
        work.mkdir()
        shutil.copy(HOME / STAMP, work)
        options = [
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--ignore-scripts",
            "--fetch-retries=1",
        ]
        subprocess.run(  # noqa: S603 - npm, with our own arguments
            [npm, "install", *options, "--omit=dev", "--loglevel=error"],
            cwd=work, check=True, stdout=sys.stderr,
        )  # fmt: skip
        for package, version in wanted.items():
            found = json.loads((work / "node_modules" / package / STAMP).read_text("utf-8"))
            if found["version"] != version:
                raise ValueError(f"{package}: version {found['version']} came, not {version}")
        for name, source in FILES.items():
            target = made / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(work / "node_modules" / source, target)
        shutil.copy(HOME / STAMP, made)
        shutil.rmtree(HOME / "vendor", ignore_errors=True)
        made.rename(HOME / "vendor")


class VendorHook(BuildHookInterface[Any]):
    """Fetches before anything is built; a failure is told and does not stop the build."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch what is missing."""
        if fetched():
            return
        try:
            fetch()
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            self.app.display_warning(
                f"the listening page's player was not fetched ({error}): "
                "'textmusic listen' will not work until `make vendor` has run"
            )


if __name__ == "__main__":
    fetch()
