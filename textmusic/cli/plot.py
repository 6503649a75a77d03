"""``textmusic plot``: the course of a training, or the piano roll of a piece, as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from textmusic import api
from textmusic.cli._options import PluginName, echo_issues
from textmusic.errors import FormatError


@click.command("plot")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path),
    help="Picture: .png, .svg or .pdf; default: curve.png in a run, PIECE.roll.png for a piece.",
)  # fmt: skip
@click.option("--from", "from_format", type=PluginName("format"), help="Read a file as this.")
def command(source: Path, out: Path | None, from_format: str | None) -> None:
    """Draw SOURCE: the curves of a run, or the piano roll of a music file.

    The curves stand beside the baselines that the model has to beat; below them what it wrote on
    the way. Scores and tablature are drawn by 'textmusic convert song.gp5 song.svg'.

    \b
    textmusic plot run -o curve.svg
    textmusic plot song.mid -o roll.png
    """
    from textmusic.pictures import check_picture, draw_roll, draw_training

    if source.is_dir():
        target = out or source / "curve.png"
        draw_training(source, target)
    else:
        target = out or source.with_suffix(".roll.png")
        check_picture(target)
        loaded, text = api.load_text(source, from_format)
        echo_issues(loaded.issues, text, source, err=True)
        if not loaded.scores:
            raise FormatError(f"{source}: holds no music")
        draw_roll(loaded.scores[0], target)
    click.echo(f"{target}")
