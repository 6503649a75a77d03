"""``textmusic plot``, and pictures and sound from ``render`` and ``convert``."""

from __future__ import annotations

import json

from click.testing import CliRunner
from sound import sound_or_skip

from textmusic.cli.convert import command as convert
from textmusic.cli.plot import command as plot
from textmusic.cli.render import command as render

TUNE = "X:1\nM:2/4\nL:1/8\nK:G\nGABc|dcBA|\n"


def run(command, *args: str) -> str:
    done = CliRunner().invoke(command, list(map(str, args)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_run_and_a_piece_are_drawn(tmp_path):
    entry = {"step": 1, "loss_bits": 2.0, "valid_bits": 3.0, "lr": 0.1}
    (tmp_path / "log.jsonl").write_text(json.dumps(entry))
    assert run(plot, tmp_path).strip() == str(tmp_path / "curve.png")
    (tmp_path / "a.abc").write_text(TUNE)
    run(plot, tmp_path / "a.abc")
    run(plot, tmp_path / "a.abc", "-o", tmp_path / "a.svg")
    for name in ("curve.png", "a.roll.png", "a.svg"):
        assert (tmp_path / name).stat().st_size > 1000


def test_text_is_rendered_as_pictures_and_sound(tmp_path):
    sound_or_skip()
    (tmp_path / "a.txt").write_text(TUNE)
    run(render, tmp_path / "a.txt", "--codec", "abc", "--to", "svg", "--to", "pdf", "--to", "ogg")
    begins = {"svg": b"<svg", "pdf": b"%PDF", "ogg": b"OggS"}
    for suffix, magic in begins.items():
        assert (tmp_path / f"a.{suffix}").read_bytes().startswith(magic)


def test_a_file_is_converted_to_a_picture(tmp_path):
    (tmp_path / "a.abc").write_text(TUNE)
    run(convert, tmp_path / "a.abc", tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
