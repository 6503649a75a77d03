"""``textmusic fill``: write bars of a piece anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from textmusic.cli._options import PluginName, check_written
from textmusic.cli._progress import work_bar
from textmusic.cli.sample import deliver


@click.command("fill")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("piece", type=click.Path(path_type=Path))
@click.option(
    "--bars", "spans", multiple=True, required=True, metavar="N|N-M",
    help="Bars to write anew, counted from 1; repeatable.",
)  # fmt: skip
@click.option("-n", "--number", default=1, show_default=True, type=click.IntRange(1))
@click.option("--to", multiple=True, type=PluginName("format"), help="Format to write; repeatable.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder to write to; default RUN/filled."
)
@click.option("--best-of", default=8, show_default=True, type=click.IntRange(1),
              help="Ways to fill each gap; the likeliest piece is kept.")  # fmt: skip
@click.option("--condition", help="What kind of piece, of those learnt from folder names.")
@click.option("--seed", default=0, show_default=True, help="The same seed fills alike.")
@click.option("-t", "--temperature", type=float, help="Above 1 bolder, below 1 safer; default 1.")
@click.option("--top-k", type=int, help="Draw among the K likeliest characters only.")
@click.option("--top-p", type=float, help="Draw among the likeliest that make up this share only.")
@click.option("--precision", type=click.Choice(["auto", "float32", "bfloat16", "int8"]),
              help="Of the weights; default auto, the fastest here. A seed is tied to it.")  # fmt: skip
def command(
    run: Path,
    piece: Path,
    *,
    spans: tuple[str, ...],
    number: int,
    to: tuple[str, ...],
    out: Path | None,
    **settings: Any,
) -> None:
    """Write some bars of the music file PIECE anew with the model in RUN.

    What stands before and after is kept, and the grammar of the codec holds over the whole piece. A
    model trained with --gaps knows what comes after; another one writes on from the left. Without
    --to and --out the texts go to standard output.

    \b
    textmusic train --codec abc --gaps ~/tunes -o run
    textmusic fill run tune.abc --bars 5-6 -n 4 --to mid
    """
    from textmusic.filling import Gap, fill
    from textmusic.writing import Model

    check_written(to)
    gaps = [Gap.parse(span) for span in spans]
    model = Model.load(run)
    text = model.text_of(piece)
    given = {name: value for name, value in settings.items() if value is not None}
    if to and out is None:
        out = (run if run.is_dir() else run.parent) / "filled"
    digits = max(2, len(str(number)))
    with work_bar() as bar:
        task = bar.add_task("filling gaps", total=number, detail="")
        for sample in fill(model, text, gaps, number, **given):
            bar.advance(task)
            deliver(sample, f"{sample.number:0{digits}}", out, to)
    if out:
        click.echo(f"written to {out}", err=True)
