"""``textmusic render``: codec text into music files."""

from __future__ import annotations

from pathlib import Path

import click

from textmusic import api
from textmusic.cli._options import PluginName, codec_options, echo_issues, parse_codec_options
from textmusic.errors import DecodeError, FormatError, errors_of
from textmusic.format import Format, read_bytes, read_text


@click.command("render")
@click.argument("texts", nargs=-1, required=True, type=click.Path(path_type=Path))
@codec_options(required=True)
@click.option(
    "--to", "to", multiple=True, type=PluginName("format"), help="Format; default: the codec's."
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder; default: beside the text."
)
def command(
    texts: tuple[Path, ...],
    codec_name: str,
    codec_option: tuple[str, ...],
    to: tuple[str, ...],
    out: Path | None,
) -> None:
    """Turn files of codec text into music files.

    A text with errors still renders what is there; the exit status is then 1.
    """
    codec = api.get_codec(codec_name, **parse_codec_options(codec_option))
    failed = False
    for path in texts:
        text = read_text(read_bytes(path, Format.max_bytes))
        parsed = codec.parse(text)
        echo_issues(parsed.issues, text, path)
        failed |= bool(errors_of(parsed.issues))
        if not any(True for _ in parsed.score.notes()):
            raise DecodeError(f"{path}: holds no music that codec {codec.name!r} can read")
        for suffix in to or codec.renders[:1]:
            target = (out or path.parent) / f"{path.stem}.{suffix}"
            if target.resolve() == path.resolve():
                raise FormatError(f"{target}: would overwrite the text itself; use -o")
            echo_issues(api.write(parsed.score, target, suffix), None, target)
            click.echo(f"{target}")
    raise SystemExit(1 if failed else 0)
