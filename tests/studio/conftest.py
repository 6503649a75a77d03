"""A small model, and a studio around it: in this process, or in one of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from music import tab_folder
from starlette.testclient import TestClient

import textmusic
from textmusic.listening import _vendor
from textmusic.studio import studio

VENDOR = _vendor.VENDOR


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studio")
    tunes = tab_folder(folder / "tunes")
    textmusic.train("guitartab", [tunes], folder / "run", steps=150, hidden=32, batch=8, window=64)
    return folder / "run"


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that knows two kinds of tunes."""
    folder = tmp_path_factory.mktemp("kinds")
    for path in sorted(tab_folder(folder / "tunes" / "Airs", 24).iterdir())[12:]:
        (folder / "tunes" / "Jigs").mkdir(exist_ok=True)
        path.rename(folder / "tunes" / "Jigs" / path.name)
    options = {"steps": 30, "hidden": 32, "batch": 8, "window": 64, "condition": "folder"}
    textmusic.train("guitartab", [folder / "tunes"], folder / "run", **options)
    return folder / "run"


@contextmanager
def answering(run: Path, folder: Path) -> Iterator[TestClient]:
    """The application, asked by its own page; stand-ins take the place of others' JavaScript."""
    (folder / "licences").mkdir()
    for name in ("alphaTab.min.js", "abcjs-basic-min.js", "sonivox.sf3", "Bravura.woff2"):
        (folder / name).write_bytes(b"stand-in " + name.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_vendor, "VENDOR", folder)
        made = studio(run, port=0, data=folder / "kept.sqlite")
        with made.socket:
            base = "http://127.0.0.1:7464"
            client = TestClient(made.application, base, headers={"Origin": base})
            while client.get("/api/studio").json()["compares"] == "reading":
                time.sleep(0.05)
            yield client


@pytest.fixture(scope="module")
def client(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A studio whose training set was read."""
    with answering(run, tmp_path_factory.mktemp("vendor")) as asked:
        yield asked


@pytest.fixture(scope="module")
def kinds_client(kinds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A studio of a model that knows kinds."""
    with answering(kinds, tmp_path_factory.mktemp("vendor")) as asked:
        yield asked


@pytest.fixture(scope="module")
def started(
    run: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], AbstractContextManager[SimpleNamespace]]:
    """Starts ``textmusic studio``, whose shelf stays the same; kills it when the block ends."""

    if not (VENDOR / "alphaTab.min.js").exists() and not shutil.which("npm"):
        pytest.skip("the player's files are missing: run `make vendor`")
    kept = tmp_path_factory.mktemp("shelf") / "kept.sqlite"

    @contextmanager
    def start() -> Iterator[SimpleNamespace]:
        command = [sys.executable, "-m", "textmusic", "studio", run, "--no-browser", "--port", "0"]
        with subprocess.Popen(
            [*command, "--data", kept],
            stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        ) as process:  # fmt: skip
            try:
                assert process.stderr is not None
                address = process.stderr.readline().split()[0]
                assert address.startswith("http://127.0.0.1:")
                yield SimpleNamespace(address=address, process=process)
            finally:
                process.send_signal(signal.SIGKILL)

    return start
