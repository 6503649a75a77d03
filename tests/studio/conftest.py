"""A small model, and a studio around it: in this process, or in one of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
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


@pytest.fixture(scope="module")
def client(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application, asked by its own page; stand-ins take the place of others' JavaScript."""
    folder = tmp_path_factory.mktemp("vendor")
    (folder / "licences").mkdir()
    for name in ("alphaTab.min.js", "abcjs-basic-min.js", "sonivox.sf3", "Bravura.woff2"):
        (folder / name).write_bytes(b"stand-in " + name.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_vendor, "VENDOR", folder)
        made = studio(run, port=0, data=folder / "kept.sqlite")
        with made.socket:
            base = "http://127.0.0.1:7464"
            yield TestClient(made.application, base, headers={"Origin": base})


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
