"""The built wheels, outside the checkout: textmusic, and a stranger's codec beside it.

An empty virtual environment gets both wheels. The dependencies are lent to it from the
environment that runs the tests, without the checkout, so that nothing is downloaded.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "third_party_codec"
OWN = ("textmusic", "_textmusic", "drumgrid", "__editable__", "_editable")


@dataclass(frozen=True)
class Outside:
    """A virtual environment that knows the wheels and not the checkout, and a folder to work in."""

    bin: Path
    folder: Path
    wheels: tuple[Path, ...]

    def run(self, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "200",
        }
        done = subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def python(self, code: str) -> str:
        return self.run("python", "-c", code).stdout.strip()


def lend_dependencies(target: Path) -> Path:
    """Link all installed packages but our own into a folder."""
    target.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if not entry.name.startswith(OWN) and entry.suffix != ".pth":
            (target / entry.name).symlink_to(entry)
    return target


@pytest.fixture(scope="module")
def outside(tmp_path_factory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    wheels = []
    for project in (ROOT, EXAMPLE):
        out = folder / "wheels" / project.name
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", out, project],
            capture_output=True, check=True,
        )  # fmt: skip
        wheels += out.glob("*.whl")
    home = folder / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    place = next(home.glob("lib/python*/site-packages"))
    (place / "lent.pth").write_text(str(lend_dependencies(folder / "lent")))
    install = ["install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", home / "bin" / "python", *install, *wheels],
        capture_output=True, check=True,
    )  # fmt: skip
    work = folder / "work"
    work.mkdir()
    yield Outside(home / "bin", work, tuple(wheels))
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def songs(outside) -> Path:
    """Drum patterns as text files, our own, and a MIDI file with drums."""
    choose = random.Random(1)
    folder = outside.folder / "songs"
    folder.mkdir()
    for number in range(30):
        beat = ["".join(choose.choice("K-h-S-hksB") for _ in range(16)) for _ in range(4)]
        bars = [choose.choice(beat) for _ in range(12)]
        (folder / f"{number}.grid").write_text("|\n".join(bars) + "|\n")
    outside.python(
        "from textmusic import Note, Score, Track, formats\n"
        "hits = [Note(i * 240, 240, (36, 42, 38, 42)[i % 4]) for i in range(64)]\n"
        "formats.get('mid')().write(Score([Track(hits, is_drum=True)]), 'songs/beat.mid')"
    )
    return folder


def test_the_wheel_holds_the_library_and_the_plugins_and_nothing_else(outside) -> None:
    with zipfile.ZipFile(outside.wheels[0]) as wheel:
        names = wheel.namelist()
    tops = {name.partition("/")[0] for name in names}
    plugins = {path.name for path in (ROOT / "plugins").iterdir() if path.name[0] not in "._"}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"textmusic", *plugins}
    assert "textmusic/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_textmusic_comes_from_the_wheel(outside) -> None:
    places = outside.python(
        "import textmusic, textmusic_abc, drumgrid, sys\n"
        "print(textmusic.__file__, textmusic_abc.__file__, drumgrid.__file__, *sys.path)"
    )
    assert places.count(str(outside.bin.parent)) >= 3
    assert str(ROOT / "textmusic") not in places
    assert str(ROOT / "plugins") not in places


def test_the_strangers_codec_is_listed_with_its_distribution(outside) -> None:
    rows = outside.run("textmusic", "codecs").stdout.splitlines()
    (row,) = (row for row in rows if row.startswith("drumgrid"))
    assert row.rstrip().endswith("textmusic-drumgrid 0.2.0")
    (own,) = (row for row in rows if row.startswith("guitartab"))
    assert own.rstrip().endswith("textmusic 0.1.0")


def test_the_strangers_codec_encodes_by_its_name(outside) -> None:
    code = (
        "from textmusic import Note, Score, Track, codecs\n"
        "codec = codecs.get('drumgrid').from_config({'steps': 2})\n"
        "drums = Track((Note(0, 480, 35), Note(240, 240, 46)), is_drum=True)\n"
        "print(codec.encode(codec.project(Score((drums,)))))"
    )
    assert outside.python(code) == "kh------|"


def test_the_strangers_own_tests_pass(outside) -> None:
    copy = outside.folder / "tests_of_drumgrid"
    shutil.copytree(EXAMPLE / "tests", copy, ignore=shutil.ignore_patterns("__pycache__"))
    done = outside.run("python", "-m", "pytest", "-q", "-W", "error", str(copy))
    assert " passed" in done.stdout


@pytest.fixture(scope="module")
def trained(outside, songs) -> Path:
    small = ["--steps", "12", "--hidden", "24", "--layers", "1", "--batch", "4", "--window", "32"]
    outside.run("textmusic", "train", "--codec", "drumgrid", str(songs), "-o", "run", *small)
    return outside.folder / "run"


def test_the_strangers_codec_trains_and_samples_by_its_name(outside, trained) -> None:
    outside.run("textmusic", "sample", "run", "-n", "2", "--to", "mid", "--characters", "200")
    written = sorted(path.name for path in (trained / "samples").iterdir())
    assert written == ["01.drumgrid.txt", "01.mid", "02.drumgrid.txt", "02.mid"]
    found = outside.python(
        "from textmusic import codecs, formats\n"
        "text = open('run/samples/01.drumgrid.txt').read()\n"
        "score = codecs.get('drumgrid')().decode(text)\n"
        "read, = formats.get('mid')().read('run/samples/01.mid').scores\n"
        "print([n.pitch for n in score.notes()] == [n.pitch for n in read.notes()] != [])"
    )
    assert found == "True"
    assert "textmusic-drumgrid" in outside.run("textmusic", "inspect", "run").stdout


def test_without_the_codec_the_model_says_which_distribution_it_needs(outside, trained) -> None:
    hidden = next(outside.bin.parent.glob("lib/python*/site-packages")) / "drumgrid"
    info = next(hidden.parent.glob("textmusic_drumgrid-*"))
    parked = [path.rename(outside.folder / path.name) for path in (hidden, info)]
    try:
        failed = outside.run("textmusic", "sample", "run", code=1)
    finally:
        for path, old in zip(parked, (hidden, info), strict=True):
            path.rename(old)
    assert "textmusic-drumgrid" in failed.stderr
    assert len(failed.stderr.strip().splitlines()) == 1


def test_a_new_codec_keeps_every_law_from_the_start(outside) -> None:
    outside.run("textmusic", "new-codec", "harp")
    project = outside.folder / "textmusic-harp"
    done = outside.run("python", "-m", "pytest", "-q", str(project))
    assert " passed" in done.stdout
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", project, project],
        capture_output=True, check=True,
    )  # fmt: skip
    (wheel,) = project.glob("*.whl")
    install = ["install", "--no-deps", "--no-index", "--quiet", wheel]
    python = outside.bin / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", python, *install], check=True)
    checked = outside.run("textmusic", "check-codec", "harp", "--mutations", "1000")
    assert checked.stdout.startswith("codec 'harp' keeps all ")
    again = outside.run("textmusic", "new-codec", "harp", "-o", "other", code=2)
    assert "already provided by textmusic-harp 0.1.0" in again.stderr
