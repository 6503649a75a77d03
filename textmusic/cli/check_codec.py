"""``textmusic check-codec``: the conformance kit at the shell."""

from __future__ import annotations

from pathlib import Path

import click

from textmusic import api
from textmusic.cli._options import PluginName, parse_codec_options
from textmusic.cli._progress import work_bar
from textmusic.format import Format, read_bytes, read_text
from textmusic.testing import LawError, check_codec


@click.command("check-codec")
@click.argument("name", type=PluginName("codec"))
@click.option(
    "-O", "--codec-option", multiple=True, metavar="NAME=VALUE",
    help="An option of the codec; repeatable.",
)  # fmt: skip
@click.option(
    "--text", "texts", multiple=True, type=click.Path(path_type=Path),
    help="A file of real text of its kind; repeatable.",
)  # fmt: skip
@click.option(
    "--golden", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of golden texts of its released versions.",
)  # fmt: skip
@click.option(
    "--examples", type=click.IntRange(1), default=50, show_default=True, help="Random scores."
)
@click.option(
    "--mutations", type=click.IntRange(0), help="Damaged texts; default: four a random score."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of all randomness.")
def command(
    name: str,
    *,
    codec_option: tuple[str, ...],
    texts: tuple[Path, ...],
    golden: Path | None,
    examples: int,
    mutations: int | None,
    seed: int,
) -> None:
    """Hold the installed codec NAME to every law of its contract.

    Each broken law is named with the smallest example found; the exit status is then 1.

    \b
    textmusic check-codec abc
    textmusic check-codec mine --text song.txt --mutations 10000
    """
    codec = api.get_codec(name, **parse_codec_options(codec_option))
    given = [read_text(read_bytes(path, Format.max_bytes)) for path in texts]
    tried: dict[str, None] = {}
    with work_bar() as bar:
        task = bar.add_task("", total=None, detail="")

        def watch(law: str, done: int, total: int) -> None:
            if law not in tried:
                bar.reset(task, description=law, total=total, detail=f"law {len(tried) + 1}")
            tried[law] = None
            bar.update(task, completed=done)

        try:
            check_codec(
                codec, texts=given, examples=examples, mutations=mutations, seed=seed,
                golden=golden, watch=watch,
            )  # fmt: skip
        except LawError as error:
            broken: LawError | None = error
        else:
            broken = None
    if broken:
        click.echo(str(broken))
        raise SystemExit(1)
    click.echo(f"codec {name!r} keeps all {len(tried)} laws that apply to it, seed {seed}")
