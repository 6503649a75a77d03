"""``textmusic listen``: a page on which music is seen, heard and judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from textmusic.cli._options import (
    PluginName,
    check_written,
    control_options,
    controls_of,
    open_browser,
)
from textmusic.cli._progress import WorkBar
from textmusic.errors import ConfigError

if TYPE_CHECKING:
    from textmusic.corpus import Progress


@click.command("listen")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the page; default RUN/listen."
)
@click.option(
    "-n", "--number", type=click.IntRange(1), help="Draw this many; default: what lies in RUN, or 12."
)  # fmt: skip
@click.option(
    "--run", type=click.Path(path_type=Path), help="Hold the files against the model of this run."
)
@click.option(
    "--to", multiple=True, type=PluginName("format"),
    help="Format to download; repeatable. Default: mid gp musicxml abc tab.",
)  # fmt: skip
@click.option(
    "--audio", type=click.Choice(["ogg", "flac", "wav"]),
    help="Sound of each piece as well, played by FluidSynth where it is installed.",
)  # fmt: skip
@click.option("--title", help="Of the page.")
@click.option("--serve", is_flag=True, help="Show it in the browser, on 127.0.0.1, until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), help="... on this port; default any.")
@click.option("--seed", type=int, help="The same seed writes the same music.")
@click.option("-t", "--temperature", type=float, help="Above 1 bolder, below 1 safer; default 1.")
@click.option("--top-k", type=int, help="Draw among the K likeliest characters only.")
@click.option("--top-p", type=float, help="Draw among the likeliest that make up this share only.")
@click.option("--characters", type=click.IntRange(1), help="Longest text; default 4000.")
@click.option("--bars", type=click.IntRange(1), help="This many bars.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Up to this long.")
@control_options
@click.option("--condition", help="What kind of piece, of those learnt from folder names.")
@click.option("--free", is_flag=True, default=None, help="Without the codec's grammar.")
def command(
    sources: tuple[Path, ...],
    *,
    out: Path | None,
    number: int | None,
    run: Path | None,
    to: tuple[str, ...],
    audio: str | None,
    title: str | None,
    serve: bool,
    port: int | None,
    **settings: Any,
) -> None:
    """Write a page on which music is seen, heard and judged, and which opens from disk.

    SOURCES are runs, music files of any format, codec texts (NAME.CODEC.txt) and folders of those.
    A run shows the samples that lie in it; with -n, or any option of drawing, new ones.

    \b
    textmusic listen run -n 24 --serve
    textmusic listen run/samples my-tune.gp5 --run run -o page
    """
    if port is not None and not serve:
        raise ConfigError("--port needs --serve")
    check_written(to)
    settings["controls"] = controls_of(settings)
    given = {name: value for name, value in settings.items() if value is not None}
    from textmusic.listening import DOWNLOADS, listen

    with _Bar("listening") as bar:
        page = listen(
            sources, out, number=number, run=run, to=to or DOWNLOADS, audio=audio,
            title=title, progress=bar.show, **given,
        )  # fmt: skip
    click.echo(f"open {page}", err=True)
    if serve:
        _serve(page.parent, port or 0)


def _serve(folder: Path, port: int) -> None:
    from textmusic.listening import serving

    with serving(folder, port) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        click.echo(f"{address} shows it; Ctrl-C ends", err=True)
        open_browser(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo(err=True)


class _Bar(WorkBar):
    """One bar, which starts anew with each kind of work."""

    _doing = ""

    def show(self, event: Progress) -> None:
        """Show how far the work is."""
        if event.message != self._doing:  # or the time left would be reckoned from other work
            self._doing = event.message
            self._bar.remove_task(self._task)
            self._task = self._bar.add_task(event.message, total=event.total, detail="")
        self._bar.update(self._task, completed=event.done, total=event.total)
