"""The command line: what it does when all is well, and in one line what is wrong when not."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from music import tab_folder, tab_text

from textmusic.cli import cli, main

SMALL = ["--steps", "5", "--hidden", "16", "--layers", "1", "--batch", "4", "--window", "32"]


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    tab_folder(folder / "tunes")
    with pytest.raises(SystemExit) as stop:
        main(
            [
                "train",
                "--codec",
                "guitartab",
                str(folder / "tunes"),
                "-o",
                str(folder / "run"),
                *SMALL,
            ]
        )
    assert not stop.value.code
    return folder


def test_codecs_lists_everything_with_its_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "codecs")
    assert code == 0
    assert all(name in out for name in ("abc", "guitartab", ".mid", ".gp5", "textmusic 0.1.0"))
    assert "broken" not in out


def test_sample_writes_every_format_and_says_the_share(
    capsys: pytest.CaptureFixture[str], home: Path, tmp_path: Path
) -> None:
    code, _, err = call(
        capsys, "sample", home / "run", "-n", 2, "--characters", 80, "-o", tmp_path,
        "--to", "mid", "--to", "gp5", "--to", "tab", "--prime", "@4/4 E2 A2 D3 G3 B3 E4\nE0q ",
    )  # fmt: skip
    assert code == 0
    assert "2 of 2 samples without an issue (100%)" in err
    assert {p.name for p in tmp_path.iterdir()} == {
        f"{n}.{suffix}" for n in ("01", "02") for suffix in ("mid", "gp5", "tab", "guitartab.txt")
    }


def test_sample_prints_text_without_a_target(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    _, out, _ = call(capsys, "sample", home / "run", "--characters", 60)
    _, streamed, _ = call(capsys, "sample", home / "run", "--characters", 60, "--stream")
    assert out == streamed
    assert out.startswith("@")


def test_convert_render_validate_inspect(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = tmp_path / "piece.txt"
    text.write_text(tab_text(1))
    assert call(capsys, "render", "--codec", "guitartab", text, "--to", "gp5")[0] == 0
    assert call(capsys, "convert", tmp_path / "piece.gp5", tmp_path / "piece.mid")[0] == 0
    code, out, _ = call(capsys, "convert", tmp_path / "piece.gp5", "--codec", "guitartab")
    assert (code, out) == (0, tab_text(1))
    assert call(capsys, "validate", tmp_path / "piece.gp5")[0] == 0
    code, out, _ = call(capsys, "inspect", tmp_path / "piece.gp5", "--json")
    assert json.loads(out)["music"]["bars"] == 12


def test_validate_prints_places_as_a_compiler_does(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = tmp_path / "piece.txt"
    text.write_text("@4/4 E2 A2 D3 G3 B3 E4\nE0q E0q E0q E0?\n")
    code, out, _ = call(capsys, "validate", "--codec", "guitartab", text)
    assert code == 1
    assert out.startswith(f"{text}:2:")
    assert "guitartab." in out


def test_inspect_tells_of_runs(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, out, _ = call(capsys, "inspect", home / "run")
    assert code == 0
    assert "guitartab" in out
    assert "sources" in out
    assert call(capsys, "inspect", home / "run" / "corpus")[0] == 0


def test_inspect_measures_speed(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, out, err = call(capsys, "inspect", home / "run", "--speed", "--json")
    assert code == 0
    rows = json.loads(out)["speed"]
    assert [row["work"] for row in rows] == ["training", *["sampling"] * 2, "sampling, grammar"]
    assert all(row["ratio"] > 0 and row["path"].startswith("compiled") for row in rows)
    assert err.count("measuring") == len(rows)
    assert call(capsys, "inspect", home / "nothing", "--speed")[0] == 1


def test_sample_takes_a_precision(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    asked = "sample", home / "run", "--characters", 60, "--precision"
    assert call(capsys, *asked, "int8")[1].startswith("@")
    assert call(capsys, *asked, "int4")[0] == 2


def test_resume_of_a_finished_run_changes_nothing(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    before = (home / "run" / "model.safetensors").read_bytes()
    assert call(capsys, "train", "-o", home / "run", "--resume")[0] == 0
    assert (home / "run" / "model.safetensors").read_bytes() == before


def _bad_inputs(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "cut.gp5").write_bytes(b"\x18FICHIER GUITAR PRO v5.10" + bytes(40))
    events = bytes([0, 0x90, 0xFF, 0x50, 0x10, 0x80, 0x3C, 0, 0, 0xFF, 0x2F, 0])
    chunk = b"MTrk" + struct.pack(">I", len(events)) + events
    (folder / "loud.mid").write_bytes(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + chunk)
    (folder / "three.abc").write_text("X:1\nT:x\nK:C\n")
    (folder / "half.safetensors").write_bytes((8000).to_bytes(8, "little") + b'{"a":')
    (folder / "pickle.safetensors").write_bytes(b"\x80\x04K\x01.")
    (folder / "file").write_text("")


@pytest.mark.parametrize(
    ("code", "said", "args"),
    [
        (1, "nowhere", "train --codec guitartab {}/nowhere -o {}/out"),
        (1, "empty", "train --codec guitartab {}/empty -o {}/out"),
        (1, "1 .png", "train --codec guitartab {}/pictures -o {}/out"),
        (1, "cut.gp5", "train --codec guitartab {}/cut.gp5 -o {}/out"),
        (1, "three.abc", "train --codec abc {}/three.abc -o {}/out"),
        (1, "cut.gp5", "convert {}/cut.gp5 {}/out.mid"),
        (1, "data byte", "convert {}/loud.mid {}/out.gp5"),
        (1, "cut off", "sample {}/half.safetensors"),
        (1, "pickle", "sample {}/pickle.safetensors"),
        (1, "does not exist", "sample {}/nowhere"),
        (1, "cannot be written", "train --codec guitartab -o {}/file/run"),
        (1, "no run to resume", "train -o {}/empty --resume"),
        (1, "neither a run nor a corpus", "inspect {}/empty"),
        (2, "did you mean 'guitartab'", "train --codec guitartap -o {}/out"),
        (2, "needs --codec", "train {}/empty -o {}/out"),
        (2, "contradict", "train --codec guitartab --steps 5 --minutes 3 -o {}/out"),
        (2, "--resume continues", "train -o {}/out --resume --steps 3"),
        (2, "no layout 'x'", "train --codec guitartab -O layout=x -o {}/out"),
        (2, "NAME=VALUE", "train --codec guitartab -O layout -o {}/out"),
        (2, "did you mean", "convert {}/cut.gp5 {}/out.gp6"),
        (2, "would look like", "convert {}/file --codec abc {}/out.mid"),
        (2, "contradict", "sample {}/nowhere --prime a --prime-file b.mid"),
        (2, "unknown command", "trian"),
    ],
)
def test_bad_input_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, code: int, said: str, args: str
) -> None:
    _bad_inputs(tmp_path)
    found, out, err = call(capsys, *(arg.replace("{}", str(tmp_path)) for arg in args.split()))
    assert found == code
    assert out == ""
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert not list(tmp_path.glob("out*"))


def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(
    home: Path, tmp_path: Path
) -> None:
    limited = (
        "import resource, sys\n"
        "from textmusic.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "main(sys.argv[1:])\n"
    )
    args = [
        "train",
        "--codec",
        "guitartab",
        str(home / "tunes"),
        "-o",
        str(tmp_path),
        "--steps",
        "3",
    ]
    done = subprocess.run(
        [sys.executable, "-c", limited, *args], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "cannot be written" in done.stderr.splitlines()[-1]
    assert not [p for p in tmp_path.rglob("*") if p.name.endswith((".part", ".safetensors"))]


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, _, err = call(capsys, "--debug", "inspect", tmp_path)
    assert "Traceback" in err


def test_codec_names_are_completed() -> None:
    found = ShellComplete(cli, {}, "textmusic", "_C").get_completions(
        ["train", "--codec"], "guitart"
    )
    assert [item.value for item in found] == ["guitartab"]


def test_help_of_every_command_needs_no_torch() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom textmusic.cli import cli\n"
        "for name in ['check-codec','codecs','convert','inspect','merge','new-codec','render','sample','train','validate']:\n"
        "    assert CliRunner().invoke(cli, [name, '--help']).exit_code == 0, name\n"
        "assert 'torch' not in sys.modules and 'music21' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_complaint_of_validate_has_a_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_text("a song without a staff\n")
    code, out, _ = call(capsys, "validate", tmp_path)
    assert code == 1
    assert out.startswith(f"{tmp_path / 'words.txt'}:1:1: format.unreadable: ")
