"""A small model, and a page that needs no npm."""

from __future__ import annotations

from pathlib import Path

import pytest
from music import tab_folder

import textmusic
from textmusic.listening import _vendor


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("listened")
    tunes = tab_folder(folder / "tunes")
    textmusic.train("guitartab", [tunes], folder / "run", steps=40, hidden=32, batch=8, window=64)
    return folder / "run"


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for the JavaScript of others, so that no npm is needed."""
    folder = tmp_path / "vendor"
    (folder / "licences").mkdir(parents=True)
    for name in ("alphaTab.min.js", "abcjs-basic-min.js", "sonivox.sf3", "Bravura.woff2"):
        (folder / name).write_bytes(b"\x00stand-in " + name.encode())
    (folder / "licences" / "them.txt").write_text("may be used")
    monkeypatch.setattr(_vendor, "VENDOR", folder)
    return folder
