"""``textmusic sample``: write new music with a trained model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from textmusic.cli._options import (
    PluginName,
    check_written,
    control_options,
    controls_of,
    echo_issues,
)
from textmusic.cli._progress import work_bar
from textmusic.errors import ConfigError, FormatError, errors_of
from textmusic.format import write_atomic

if TYPE_CHECKING:
    from textmusic.drawing import Sample


@click.command("sample")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-n", "--number", default=1, show_default=True, type=click.IntRange(1))
@click.option("--to", multiple=True, type=PluginName("format"), help="Format to write; repeatable.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder to write to; default RUN/samples."
)
@click.option("--seed", default=0, show_default=True, help="The same seed writes the same music.")
@click.option("-t", "--temperature", type=float, help="Above 1 bolder, below 1 safer; default 1.")
@click.option("--top-k", type=int, help="Draw among the K likeliest characters only.")
@click.option("--top-p", type=float, help="Draw among the likeliest that make up this share only.")
@click.option("--greedy", type=float, help="Take the likeliest character with this probability.")
@click.option("--prime", help="Begin with this codec text.")
@click.option("--prime-file", type=click.Path(path_type=Path), help="Begin with a music file.")
@click.option("--prime-bars", type=click.IntRange(1), help="... its first N bars; default 2.")
@click.option("--characters", type=click.IntRange(1), help="Longest text; default 4000.")
@click.option("--bars", type=click.IntRange(1), help="This many bars.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Up to this long.")
@control_options
@click.option("--condition", help="What kind of piece, of those learnt from folder names.")
@click.option("--forbid", help="Characters that may not occur.")
@click.option("--require", help="Characters that must occur.")
@click.option("--free", is_flag=True, help="Without the codec's grammar: anything may come.")
@click.option(
    "--max-overlap", type=click.IntRange(2),
    help="Draw anew what shares more than N notes in a row with the training set.",
)  # fmt: skip
@click.option("--best-of", type=click.IntRange(1), help="Draw N for each piece and keep the best.")
@click.option(
    "--by",
    help="... by likelihood, overlap, a statistic, or a function of yours (file.py:function).",
)
@click.option("--precision", type=click.Choice(["auto", "float32", "bfloat16", "int8"]),
              help="Of the weights; default auto, the fastest here. A seed is tied to it.")  # fmt: skip
@click.option("--stream", is_flag=True, help="Print one text character by character instead.")
def command(
    run: Path,
    *,
    number: int,
    to: tuple[str, ...],
    out: Path | None,
    prime_file: Path | None,
    prime_bars: int | None,
    stream: bool,
    **settings: Any,
) -> None:
    """Write new music with the model in RUN (a run's folder or a .safetensors file).

    Each sample is written as codec text and in every format asked for with --to; its issues are
    listed, and the share of samples without any is printed. Without --to and --out the texts go
    to standard output.

    \b
    textmusic sample run -n 8 --to gp5 --to mid
    textmusic sample run --meter 6/8 --key D --bars 16 --range D4-B5
    textmusic sample run --prime-file riff.gp5 --prime-bars 2 --to tab
    """
    from textmusic.writing import Model

    if stream and (settings["max_overlap"] or settings["best_of"]):
        raise ConfigError("--stream prints as it draws: it goes with no --max-overlap or --best-of")
    if settings["by"] and not settings["best_of"]:
        raise ConfigError("--by needs --best-of")
    if stream and (number > 1 or to or out):
        raise ConfigError("--stream prints one text: it goes with neither -n, --to nor --out")
    _check(to, settings["prime"], prime_file, prime_bars)
    model = Model.load(run)
    settings["controls"] = controls_of(settings)
    given = {name: value for name, value in settings.items() if value is not None}
    if prime_file:
        given["prime"] = model.opening(prime_file, prime_bars or 2)
    if stream:
        for piece in model.stream(**given):
            click.echo(piece, nl=False)
        return
    if to and out is None:
        out = (run if run.is_dir() else run.parent) / "samples"
    samples = _with_bar(model.sample(number, **given), number)
    digits = max(2, len(str(number)))
    clean = sound = 0
    for sample in samples:
        deliver(sample, f"{sample.number:0{digits}}", out, to)
        clean += not sample.issues
        sound += not errors_of(sample.issues)
    share = f"{clean} of {number} samples without an issue ({clean / number:.0%})"
    click.echo(f"{share}, {sound} without an error", err=True)
    if out:
        click.echo(f"written to {out}", err=True)


def _check(
    to: tuple[str, ...], prime: str | None, prime_file: Path | None, prime_bars: int | None
) -> None:
    """Refuse options that contradict each other before the model is loaded."""
    if prime_file and prime is not None:
        raise ConfigError("--prime and --prime-file contradict each other: give one")
    if prime_bars and not prime_file:
        raise ConfigError("--prime-bars needs --prime-file")
    check_written(to)


def _with_bar(samples: Iterator[Sample], number: int) -> Iterator[Sample]:
    with work_bar() as bar:
        task = bar.add_task("writing music", total=number, detail="")
        for sample in samples:
            bar.advance(task)
            yield sample


def deliver(sample: Sample, name: str, out: Path | None, to: tuple[str, ...]) -> None:
    """Write or print one sample, with its issues."""
    echo_issues(sample.issues, sample.text, name, err=True)
    if out is None:
        click.echo(sample.text, nl=not sample.text.endswith("\n"))
        return
    write_atomic(out / f"{name}.{sample.codec.name}.txt", sample.text)
    for suffix in to:
        try:
            lost = sample.write(out / f"{name}.{suffix}")
        except FormatError as error:
            click.echo(f"{name}.{suffix}: not written: {error}", err=True)
        else:
            warnings = (issue for issue in lost if issue.severity != "note")
            echo_issues(warnings, None, f"{name}.{suffix}", err=True)
