"""``textmusic studio``: a local web application to write music in."""

from __future__ import annotations

from pathlib import Path

import click

from textmusic.cli._options import open_browser


@click.command("studio")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), help="On 127.0.0.1; default 7464, or any that is free."
)
@click.option("--no-browser", is_flag=True, help="Open no browser; the address is printed.")
@click.option(
    "--data", type=click.Path(path_type=Path),
    help="SQLite file of what is kept; default RUN/studio.sqlite.",
)  # fmt: skip
def command(run: Path, *, port: int | None, no_browser: bool, data: Path | None) -> None:
    """Write music together with the model in RUN, in the browser.

    Begin with nothing, a text, a file, or bars of a piece; ask for a metre, a key, a number of
    bars; watch, hear, keep or discard; have bars written anew; export what was kept. Nobody but
    this computer is answered.

    \b
    textmusic studio run
    textmusic studio run --port 8000 --no-browser
    """
    from textmusic.studio import studio

    made = studio(run, port=port, data=data)

    def ready() -> None:
        click.echo(f"{made.address} is the studio; what is kept lies in {made.kept}", err=True)
        click.echo("Ctrl-C ends it", err=True)
        if not no_browser:
            open_browser(made.address)

    try:
        made.serve(ready)
    except KeyboardInterrupt:
        click.echo(err=True)
