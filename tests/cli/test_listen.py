"""``textmusic listen``: from the command line to a page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from listened import texts, tune

import textmusic
from textmusic.cli import main
from textmusic.cli._options import open_browser
from textmusic.cli.listen import command
from textmusic.format import Written
from textmusic.listening import AUDIO, _vendor
from textmusic.registry import formats


@pytest.fixture(autouse=True)
def _vendor_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "vendor"
    (folder / "licences").mkdir(parents=True)
    for name in ("alphaTab.min.js", "abcjs-basic-min.js", "sonivox.sf3", "Bravura.woff2"):
        (folder / name).write_bytes(b"stand-in")
    monkeypatch.setattr(_vendor, "VENDOR", folder)


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["listen", *map(str, args)])
    return int(stopped.value.code or 0), capsys.readouterr().err


def cards(folder: Path) -> list[dict[str, Any]]:
    line = (folder / "data.js").read_text().splitlines()[1]
    whole = json.loads(line.removeprefix("textmusic.open(").removesuffix(");"))
    found: list[dict[str, Any]] = whole["cards"]
    return found


def test_files_become_a_page(capsys, tmp_path) -> None:
    sources = texts(tmp_path / "in", "abc", 2)
    code, said = call(capsys, *sources, "-o", tmp_path / "page", "--to", "mid", "--title", "Two")
    assert code == 0
    assert said.splitlines()[-1] == f"open {tmp_path / 'page' / 'index.html'}"
    assert [len(card["downloads"]) for card in cards(tmp_path / "page")] == [2, 2]


def test_serving_opens_the_browser(capsys, tmp_path, monkeypatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda a: opened.append(a) or True)
    monkeypatch.setattr(
        "http.server.ThreadingHTTPServer.serve_forever", lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
    )  # fmt: skip
    code, said = call(
        capsys, *texts(tmp_path / "in", "abc", 1), "-o", tmp_path / "page", "--serve"
    )  # fmt: skip
    assert code == 0
    (address,) = opened
    assert address.startswith("http://127.0.0.1:")
    assert address in said


def test_a_browser_that_cannot_be_opened_is_said(capsys, monkeypatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    open_browser("http://127.0.0.1:7464/")
    assert capsys.readouterr().err == "no browser could be opened: open this address yourself\n"


def test_the_kinds_of_sound_are_those_that_browsers_play() -> None:
    (option,) = (each for each in command.params if each.name == "audio")
    assert isinstance(option.type, click.Choice)
    assert set(option.type.choices) == set(AUDIO)


def test_sound_is_one_more_file_of_each_piece(capsys, tmp_path, monkeypatch) -> None:
    sound = Written(b"fLaC of music")
    monkeypatch.setattr(formats.get("flac"), "encode", lambda _self, _score: sound)
    sources = texts(tmp_path / "in", "abc", 1)
    code, _ = call(capsys, *sources, "-o", tmp_path / "page", "--to", "mid", "--audio", "flac")
    assert code == 0
    (card,) = cards(tmp_path / "page")
    assert [file["suffix"] for file in card["downloads"]] == [".mid", ".flac", ".txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["listen", "nothing"], "nothing: does not exist"),
        (["plot", "nothing"], "nothing: does not exist"),
        (["convert", "nothing", "x.mid"], "nothing: does not exist"),
        (["convert", "folder", "x.mid"], "folder: is a folder, not a file"),
        (["plot", "folder"], "folder: holds no run: there is no log.jsonl"),
        (["render", "folder", "--codec", "abc"], "folder: is a folder, not a file"),
    ],
)
def test_a_path_with_nothing_to_use_is_one_line(
    capsys, tmp_path, monkeypatch, arguments, said
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 1
    assert capsys.readouterr().err == f"textmusic: {said}\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "0"], "--port needs --serve"),
        (["-n", "3"], "there is no run to draw samples from"),
        (["--meter", "6/8"], "controls: there is no run to draw samples from"),
        (["--to", "krn"], "--to krn: this format can be read but not written"),
    ],
)
def test_what_makes_no_sense_is_one_line(capsys, tmp_path, options, said) -> None:
    textmusic.write(tune(1), tmp_path / "a.mid")
    code, complaint = call(capsys, tmp_path / "a.mid", "-o", tmp_path / "page", *options)
    assert code == 2
    assert said in complaint
    assert len(complaint.strip().splitlines()) == 1


def test_missing_player_files_name_the_command_that_fetches_them(
    capsys, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(_vendor, "VENDOR", tmp_path / "none")
    code, said = call(capsys, tmp_path / "a.mid", "-o", tmp_path / "page")
    assert code == 2
    assert said == (
        "textmusic: the player's files are missing: run `make vendor`, which needs npm\n"
    )


def test_the_help_imports_no_torch() -> None:
    probe = (
        "import sys\nfrom textmusic.cli import main\n"
        "try: main(['listen', '--help'])\nexcept SystemExit: pass\n"
        "print('torch' in sys.modules, 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"
