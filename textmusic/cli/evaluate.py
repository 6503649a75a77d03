"""``textmusic evaluate``: numbers that say how good a model is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from textmusic.cli._progress import WorkBar
from textmusic.errors import ConfigError
from textmusic.format import write_atomic

if TYPE_CHECKING:
    from textmusic.corpus import Progress


class _Samples(click.ParamType[int | Path]):
    """A number of samples to draw, or a folder of them."""

    name = "N|FOLDER"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | Path:
        if not isinstance(value, str):
            return Path(value) if isinstance(value, Path) else int(value)
        if not value.isdigit():
            return Path(value)
        if not int(value):
            self.fail("at least one sample is needed", param, ctx)
        return int(value)


@click.command("evaluate")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--samples", type=_Samples(), help="Judge samples too: draw N, or take those of a folder."
)
@click.option("--documents", is_flag=True, help="List every document with its likelihood.")
@click.option(
    "--json", "as_json", type=click.Path(path_type=Path), help="Write all of it to a file; - prints it."
)  # fmt: skip
@click.option(
    "--picture", type=click.Path(path_type=Path), help="Draw the samples' statistics: .svg, .png, .pdf."
)  # fmt: skip
@click.option("--seed", type=int, help="Of the samples; default 0.")
@click.option("-t", "--temperature", type=float, help="Of the samples; default 1.")
@click.option("--top-k", type=int, help="Of the samples.")
@click.option("--top-p", type=float, help="Of the samples.")
@click.option("--characters", type=click.IntRange(1), help="Longest sample; default 2000.")
def command(
    run: Path,
    files: tuple[Path, ...],
    *,
    samples: int | Path | None,
    documents: bool,
    as_json: Path | None,
    picture: Path | None,
    **settings: Any,
) -> None:
    """Say how good the model in RUN is (a run's folder or a .safetensors file).

    Music that it has not seen (what the run held out, or FILES) is predicted, beside what
    counting alone can do. With --samples its own music is judged: is it well formed, what is it
    like, is it copied from the training set.

    \b
    textmusic evaluate run
    textmusic evaluate run my-tune.gp5 --documents
    textmusic evaluate run --samples 100 --json run.json --picture run.svg
    """
    from textmusic.cli import _judgement
    from textmusic.judging import check_picture, draw_picture, judge

    given = {name: value for name, value in settings.items() if value is not None}
    if given and not isinstance(samples, int):
        raise ConfigError(f"--{next(iter(given)).replace('_', '-')} needs --samples N")
    if picture and not samples:
        raise ConfigError("--picture shows samples: add --samples N")
    if picture:
        check_picture(picture)
    with _Bar() as bar:
        found = judge(run, files, samples=samples or 0, progress=bar.show, **given)
    if as_json:
        text = json.dumps(found.to_json(), indent=1, ensure_ascii=False) + "\n"
        if str(as_json) == "-":
            click.echo(text, nl=False)
        else:
            write_atomic(as_json, text)
    if str(as_json) != "-":
        _judgement.show(found, documents=documents)
    if picture and found.samples:
        draw_picture(found.samples, picture)


class _Bar(WorkBar):
    """One bar, which starts anew with each kind of work."""

    def __init__(self) -> None:
        super().__init__("evaluating")
        self._doing = ""

    def show(self, event: Progress) -> None:
        """Show how far the work is."""
        doing = event.message if event.unit != "files" else "reading files"
        if doing != self._doing:
            self._doing = doing
            self._bar.reset(self._task, description=doing, detail="")
        self._bar.update(self._task, completed=event.done, total=event.total)
