"""`import textmusic` stays light, and the import contracts hold and bite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = (
    "numpy", "torch", "numba", "music21", "guitarpro", "symusic", "pdfplumber", "safetensors",
    "click", "rich", "hypothesis", "importlib.metadata",
)  # fmt: skip


def loaded_after(code: str) -> set[str]:
    probe = f"{code}\nimport sys\nprint(' '.join(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )  # fmt: skip
    return set(run.stdout.split())


def test_importing_textmusic_is_light() -> None:
    loaded = loaded_after("import textmusic")
    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("textmusic")} == {"textmusic"}


def test_using_the_core_needs_nothing_heavy() -> None:
    code = (
        "from textmusic import Score, Track, Note, Alphabet, Codec, Format, codecs\n"
        "score = Score((Track((Note(0, 480, 60),)),))\n"
        "codecs.names()\n"
        "assert score.bars() and 'a' in Alphabet('ab')"
    )
    loaded = loaded_after(code)
    assert not loaded & (set(HEAVY) - {"importlib.metadata"})
    assert not {name for name in loaded if name.startswith("textmusic_")}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    path = os.pathsep.join([str(folder), str(folder / "plugins")])
    return subprocess.run(
        [tool, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path) -> Path:
    """A copy of the packages, to plant violations in."""
    for name in ("textmusic", "plugins"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_contracts_hold(tree) -> None:
    run = lint_imports(tree)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("textmusic/transforms.py", "import textmusic_abc", "the core never imports a plugin"),
        (
            "plugins/textmusic_abc/__init__.py",
            "import textmusic_guitartab",
            "no plugin imports another",
        ),
        (
            "plugins/textmusic_midi/__init__.py",
            "import textmusic.registry",
            "plugins import public names of the lower layers only",
        ),
        (
            "plugins/textmusic_guitartab/__init__.py",
            "import torch",
            "plugins import public names of the lower layers only",
        ),
        ("textmusic/score.py", "import textmusic.codec", "layers"),
    ],
)
def test_a_planted_import_breaks_its_contract(tree, module, line, contract) -> None:
    path = tree / module
    path.write_text(f"{path.read_text()}\n{line}\n")
    run = lint_imports(tree)
    assert run.returncode == 1, run.stdout + run.stderr
    broken = [row for row in run.stdout.splitlines() if " BROKEN" in row]
    assert any(row.startswith(contract) for row in broken), run.stdout
