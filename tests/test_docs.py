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
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from types import ModuleType

import click
import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import textmusic
import textmusic.corpus
from textmusic.cli import cli, main
from textmusic.listening import _vendor

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted(p for p in ROOT.glob("docs/**/*.md") if "_build" not in p.parts),
]
DOCTEST_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
CONSOLE_FLAGS = doctest.ELLIPSIS | doctest.DONT_ACCEPT_BLANKLINE


RUN = {"python", "sh", "console", "toml"}
FENCE = re.compile(r"^( *)```+(\S*)[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_nothing_that_stands_in_a_fence_is_passed_over(page: Path) -> None:
    """What can be run is found by the parsers; the rest is output, or a directive of the site."""
    text = page.read_text("utf-8")
    found = [example.start for example in _examples(page)]
    for fence in FENCE.finditer(text):
        language, inside = fence[2], fence[3]
        where = f"{page.name}:{text.count(chr(10), 0, fence.start()) + 1}"
        assert "+SKIP" not in inside, where
        if language in RUN:
            assert any(fence.start() <= start < fence.end() for start in found), where
        else:
            assert language == "text" or language.startswith("{"), where
            assert not re.search(r"^(\$ |>>> |textmusic )", inside, re.MULTILINE), where


def test_there_are_pages_with_examples() -> None:
    fences = [fence[2] for page in PAGES for fence in FENCE.finditer(page.read_text("utf-8"))]
    assert set(fences) >= RUN
    assert len(fences) > 100


def test_the_guide_names_every_codec_and_format() -> None:
    guide = ROOT / "docs" / "guide"
    formats = (guide / "formats.md").read_text("utf-8")
    assert [name for name in textmusic.formats.names() if f"`.{name}`" not in formats] == []
    codecs = (guide / "codecs.md").read_text("utf-8")
    for name in textmusic.codecs.names():
        assert f"(codec-{name}.md)" in codecs
        assert (guide / f"codec-{name}.md").is_file()


def test_the_reference_has_every_module_and_command() -> None:
    pages = "".join(path.read_text("utf-8") for path in ROOT.glob("docs/reference/*.md"))
    named = set(re.findall(r"automodule:: (\S+)", pages))
    public = {
        f"textmusic.{path.stem}"
        for path in (ROOT / "textmusic").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").is_file()) and path.name[0] != "_"
    }
    shown = {".".join(name.split(".")[:2]) for name in named}
    assert public - shown == {"textmusic.cli"}, "it stands on the page of the command line"
    assert ".. click:: textmusic.cli:cli" in pages


def test_every_picture_is_made_by_a_script_and_shown() -> None:
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("make_*.py"))
    pages = "".join(page.read_text("utf-8") for page in PAGES)
    pictures = [path for path in (ROOT / "docs" / "images").iterdir() if path.is_file()]
    assert pictures
    for picture in pictures:
        assert f'"{picture.name}"' in scripts, picture
        assert f"images/{picture.name})" in pages, picture


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_work(
    page: Path, workplace: Path, vendor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only budgets are cut, and fixtures stand in for the embedded corpus and for what npm fetches."""
    monkeypatch.setattr(textmusic, "train", _train_briefly)
    monkeypatch.setattr(textmusic.corpus, "embedded_sources", lambda: ((workplace / "tunes",), ()))
    document = _parsed(page)
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


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for the JavaScript of others."""
    folder = tmp_path / "vendor"
    (folder / "licences").mkdir(parents=True)
    for name in ("alphaTab.min.js", "abcjs-basic-min.js", "sonivox.sf3", "Bravura.woff2"):
        (folder / name).write_bytes(b"")
    monkeypatch.setattr(_vendor, "VENDOR", folder)
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


def _parsed(page: Path) -> Document:
    return Sybil(
        [
            PythonCodeBlockParser(doctest_optionflags=DOCTEST_FLAGS),
            CodeBlockParser("console", _run_console),
            CodeBlockParser("sh", _check_shell),
            CodeBlockParser("toml", _read_toml),
        ]
    ).parse(page)


def _read_toml(example: Example) -> None:
    tomllib.loads(example.parsed)


def _examples(page: Path) -> list[Example]:
    return list(_parsed(page).examples())


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
