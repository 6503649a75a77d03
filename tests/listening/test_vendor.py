"""The JavaScript of others: what is fetched, and what is said where it cannot be."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

import textmusic.listening
from textmusic.listening import _vendor, vendored

ROOT = Path(__file__).parents[2]
HOME = Path(textmusic.listening.__file__).parent


@pytest.fixture
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def home(tmp_path: Path, build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which nothing was fetched."""
    shutil.copy(HOME / "package.json", tmp_path)
    monkeypatch.setattr(build, "HOME", tmp_path)
    return tmp_path


def hook(build: ModuleType, warnings: list[str]) -> object:
    class App:
        display_warning = staticmethod(warnings.append)

    made = build.VendorHook.__new__(build.VendorHook)
    made._BuildHookInterface__app = App
    return made


def installs(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, version: str | None = None
) -> None:
    """Let npm install stand-ins of the packages that are asked for."""

    def npm(command: list[str], *, cwd: Path, **_: object) -> None:
        assert "--no-package-lock" in command
        for name, wanted in json.loads((cwd / "package.json").read_text())["dependencies"].items():
            folder = cwd / "node_modules" / name
            folder.mkdir(parents=True)
            said = {"version": version or wanted}
            (folder / "package.json").write_text(json.dumps(said))
        for source in build.FILES.values():
            path = cwd / "node_modules" / source
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)

    monkeypatch.setattr(build.shutil, "which", lambda _: "npm")
    monkeypatch.setattr(build.subprocess, "run", npm)


def test_versions_are_exact_and_nothing_names_a_registry() -> None:
    package = json.loads((HOME / "package.json").read_text())
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", v) for v in package["dependencies"].values())
    assert not list(HOME.glob("*lock*"))
    assert "http" not in (HOME / "package.json").read_text()


def test_what_is_fetched_is_what_the_page_needs(build, home, monkeypatch) -> None:
    installs(build, monkeypatch)
    assert not build.fetched()
    hook(build, []).initialize("standard", {})
    assert build.fetched()
    assert sorted(path.name for path in home.iterdir()) == ["package.json", "vendor"]
    monkeypatch.setattr(_vendor, "VENDOR", home / "vendor")
    names = [name for name, _ in vendored()]
    assert names[:4] == ["alphaTab.min.js", "abcjs-basic-min.js", "soundfont.js", "font.js"]
    assert {f"licences/{name}.txt" for name in ("alphaTab", "abcjs", "Bravura", "sonivox")} <= {
        *names
    }


def test_another_version_is_fetched_when_the_pin_changes(build, home, monkeypatch) -> None:
    installs(build, monkeypatch)
    build.fetch()
    pinned = json.loads((home / "package.json").read_text())
    pinned["dependencies"]["abcjs"] = "9.9.9"
    (home / "package.json").write_text(json.dumps(pinned))
    assert not build.fetched()


@pytest.mark.parametrize("fault", ["no npm", "another version"])
def test_a_build_without_the_files_succeeds_and_says_so(build, home, monkeypatch, fault) -> None:
    installs(build, monkeypatch, "0.0.1" if fault == "another version" else None)
    if fault == "no npm":
        monkeypatch.setattr(build.shutil, "which", lambda _: None)
    warnings: list[str] = []
    hook(build, warnings).initialize("standard", {})
    (warning,) = warnings
    assert "`make vendor`" in warning
    assert [path.name for path in home.iterdir()] == ["package.json"]
