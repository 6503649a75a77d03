"""``textmusic convert``: one format into another, or into codec text."""

from __future__ import annotations

from pathlib import Path

import click

from textmusic import api
from textmusic.cli._options import PluginName, codec_options, echo_issues, parse_codec_options
from textmusic.errors import ConfigError
from textmusic.format import write_atomic
from textmusic.registry import formats


@click.command("convert")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", required=False, type=click.Path(path_type=Path))
@codec_options(required=False)
@click.option("--from", "from_format", type=PluginName("format"), help="Read it as this format.")
def command(
    source: Path,
    target: Path | None,
    codec_name: str | None,
    codec_option: tuple[str, ...],
    from_format: str | None,
) -> None:
    """Convert the file SOURCE to TARGET; the suffixes tell the formats.

    With --codec, write codec text instead: to TARGET, or to standard output. A file of several
    pieces becomes several numbered files. What reading left out or repaired is said, and what the
    target cannot hold.

    \b
    textmusic convert song.gp5 song.mid
    textmusic convert song.mid --codec abc
    """
    if codec_name:
        _to_text(source, target, codec_name, codec_option, from_format)
        return
    if target is None:
        raise ConfigError("convert needs a target file, or --codec to print codec text")
    api.check_target(target)
    loaded, text = api.load_text(source, from_format)
    echo_issues(loaded.issues, text, source, err=True)
    for path, issues in api.write_all(loaded.scores, target):
        echo_issues(issues, None, path)
        click.echo(f"{path}")


def _to_text(
    source: Path,
    target: Path | None,
    codec_name: str,
    codec_option: tuple[str, ...],
    from_format: str | None,
) -> None:
    suffix = formats.suffix(target) if target else ""
    if suffix in formats and not formats.get(suffix).is_text:
        raise ConfigError(f"--codec writes text, and {target} would look like a .{suffix} file")
    codec = api.get_codec(codec_name, **parse_codec_options(codec_option))
    texts = []
    for score in api.read(source, from_format).scores:
        texts += api.encode(score, codec)
    if target is None:
        click.echo("\n".join(texts), nl=False)
    else:
        write_atomic(target, "\n".join(texts))
        click.echo(f"{target}")
