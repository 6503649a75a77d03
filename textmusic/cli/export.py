"""``textmusic export``: a model for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from textmusic.errors import ConfigError


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", default="model.onnx", show_default=True, type=click.Path(path_type=Path),
    help="The file to write.",
)  # fmt: skip
def command(run: Path, out: Path) -> None:
    """Write the model in RUN (a run's folder or a .safetensors file) as an ONNX graph.

    The graph reads one character of each stream and gives what may come next, with the state for
    the next step; its metadata hold the characters. Needs the package onnx:
    pip install 'textmusic[onnx]'.

    \b
    textmusic export run -o tunes.onnx
    """
    from textmusic.lm.onnx import export
    from textmusic.writing import Model

    if out.suffix != ".onnx":
        raise ConfigError(f"{out}: models are exported to .onnx only")
    model = Model.load(run)
    export(model.checkpoint.model, out, model.checkpoint.meta)
    click.echo(f"wrote {out}")
