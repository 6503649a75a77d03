"""Pages in headless Chromium, driven by playwright-core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

__all__ = ["Visit", "browser_or_skip", "visit"]

HERE = Path(__file__).parent
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Visit:
    """What happened on a page: complaints by kind, addresses asked for, and what the script found."""

    console: list[tuple[str, str]]
    errors: list[str]
    requests: list[str]
    dialogs: list[str]
    found: dict[str, Any]


def browser_or_skip() -> None:
    """Skip the test where no browser can be driven; on a build server fail instead."""
    driver = (HERE / "node_modules" / "playwright-core").is_dir()
    if driver and shutil.which("node") and any(map(shutil.which, _NAMES)):
        return
    message = "no browser to drive: install Chromium, and run `make oracles` (needs npm)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def visit(script: Path, url: str) -> Visit:
    """Run a script (``export default async (open, url) => found``) in the browser."""
    executable = next(filter(None, map(shutil.which, _NAMES)))
    done = subprocess.run(
        ["node", "browser.mjs", script, url],
        capture_output=True,
        check=False,
        cwd=HERE,
        encoding="utf-8",
        env={**os.environ, "CHROMIUM": executable},
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    return Visit(**json.loads(done.stdout))
