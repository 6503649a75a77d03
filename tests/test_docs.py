"""What README, guide and examples show is run, and what it prints is compared."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from types import ModuleType

import click
import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import textmusic
import textmusic.corpus
from textmusic.cli import cli, main

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted(p for p in ROOT.glob("docs/**/*.md") if "_build" not in p.parts),
]
DOCTEST_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
CONSOLE_FLAGS = doctest.ELLIPSIS | doctest.DONT_ACCEPT_BLANKLINE


def test_there_are_pages_with_examples() -> None:
    fences = "\n".join(page.read_text("utf-8") for page in PAGES)
    for language in ("python", "sh", "console"):
        assert f"```{language}\n" in fences, language


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_work(
    page: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only budgets are cut, and the fixtures stand in for the embedded corpus."""
    monkeypatch.setattr(textmusic, "train", _train_briefly)
    monkeypatch.setattr(textmusic.corpus, "embedded_sources", lambda: ((workplace / "tunes",), ()))
    document = Sybil(
        [
            PythonCodeBlockParser(doctest_optionflags=DOCTEST_FLAGS),
            CodeBlockParser("console", _run_console),
            CodeBlockParser("sh", _check_shell),
        ]
    ).parse(page)
    module = ModuleType("page")  # what a page defines can be pickled, as from a script
    monkeypatch.setitem(sys.modules, "page", module)
    document.namespace = vars(module)
    for example in document.examples():
        with contextlib.redirect_stdout(io.StringIO()):
            example.evaluate()


def test_the_first_script_trains_and_writes_music(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = ROOT / "examples" / "first_model.py"
    assert len(script.read_text("utf-8").splitlines()) < 15
    monkeypatch.setattr(textmusic, "train", _train_briefly)
    monkeypatch.setattr(sys, "argv", [str(script), "2", "tunes"])
    runpy.run_path(str(script), run_name="__main__")
    assert capsys.readouterr().out.count("@4/4 E2 A2 D3 G3 B3 E4 t120\n") == 4
    assert len(list((workplace / "run" / "music").iterdir())) == 12


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own music, a song in other formats, and a folder of tunes."""
    folder = tmp_path_factory.mktemp("music")
    shutil.copytree(ROOT / "examples" / "music", folder, dirs_exist_ok=True)
    song = textmusic.read(folder / "harbour.tab").scores[0]
    for suffix in ("gp5", "mid"):
        textmusic.write(song, folder / f"song.{suffix}")
    (folder / "tunes").mkdir()
    page = textmusic.formats.get("tab")()
    pages = [page.encode(tune).data for tune in _tunes(Random(1))]
    (folder / "tunes" / "tunes.tab").write_bytes(b"\n\n".join(pages))
    return folder


@pytest.fixture
def workplace(music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder that the pages speak of, as the working directory."""
    folder = tmp_path / "here"
    shutil.copytree(music, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    return folder


def _tunes(random: Random) -> Iterator[textmusic.Score]:
    """Three bars of broken chords each: something that a small model learns in seconds."""
    codec = textmusic.get_codec("guitartab")
    for number in range(100):
        pitches = []
        for _ in range(3):
            root = random.choice((40, 43, 45, 48, 50))
            pitches += [root, *(root + random.choice((7, 12, 16, 19)) for _ in range(7))]
        notes = tuple(textmusic.Note(onset, 1, pitch) for onset, pitch in enumerate(pitches))
        tune = codec.project(textmusic.Score((textmusic.Track(notes, program=25),), tpq=2))
        yield replace(tune, tracks=(replace(tune.tracks[0], name=f"Tune {number}"),))


def _train_briefly(codec: str, *places: object, minutes: float, **plan: object) -> object:
    small = {"hidden": 64, "layers": 1, "batch": 8, "window": 32, "peak": 0.02}
    return textmusic.runs.train(codec, *places, **{**plan, **small, "steps": 120})


def _run_console(example: Example) -> None:
    """Run the lines that begin with ``$`` and compare what they print; ``...`` stands for any."""
    for block in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, wanted = block.partition("\n")
        got = _output(command)
        same = doctest.OutputChecker().check_output(_tidy(wanted), _tidy(got), CONSOLE_FLAGS)
        assert same, f"{example.path}: $ {command}\nprints\n{got}\nand not\n{wanted}"


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n")) + "\n"


def _output(command: str) -> str:
    """What a command prints, to standard output and standard error."""
    if not command.startswith("textmusic "):
        done = subprocess.run(
            command, shell=True, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout
    output = io.StringIO()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        contextlib.suppress(SystemExit),
    ):
        main(shlex.split(command)[1:])
    return output.getvalue()


def _check_shell(example: Example) -> None:
    """Check that commands exist and take the options that are shown."""
    for line in example.parsed.replace("\\\n", " ").split("\n"):
        words = shlex.split(line, comments=True)
        if words[:1] == ["textmusic"]:
            _parse(words[1:])
        elif words[:1] in (["torchrun"], ["srun"]):
            _parse(words[words.index("textmusic") + 1 :])
        elif words[:1] == ["make"]:
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), line
        elif words[:1] == ["python"] and words[1].startswith("examples/"):
            assert (ROOT / words[1]).is_file(), line
        elif words:
            assert words[0] in {"cd", "git", "pip", "python", "sphinx-build", "pytest"}, line


def _parse(words: list[str]) -> None:
    name, *arguments = words
    context = click.Context(cli, info_name="textmusic")
    command = cli.get_command(context, name)
    assert command is not None, name
    with contextlib.suppress(click.exceptions.Exit):  # --help
        command.make_context(name, arguments, parent=context)
