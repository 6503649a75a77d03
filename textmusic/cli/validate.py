"""``textmusic validate``: complaints with places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from textmusic import api
from textmusic.cli._options import codec_options, echo_issues, parse_codec_options
from textmusic.codec import Codec
from textmusic.errors import ConfigError, FormatError, errors_of
from textmusic.registry import formats


@click.command("validate")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@codec_options(required=False)
@click.option("-q", "--quiet", is_flag=True, help="Only errors, no warnings and notes.")
def command(
    paths: tuple[Path, ...], codec_name: str | None, codec_option: tuple[str, ...], *, quiet: bool
) -> None:
    """Check music files (by suffix; folders are walked) or codec texts (with --codec).

    Each complaint is a line `file:line:column: code: message`; the exit status is 1 when there
    is an error among them.
    """
    if codec_option and not codec_name:
        raise ConfigError("codec options need --codec")
    codec = api.get_codec(codec_name, **parse_codec_options(codec_option)) if codec_name else None
    files = failed = 0
    for path in _files(paths, codec):
        files += 1
        failed += _check(path, codec, quiet=quiet)
    if not files:
        raise FormatError(f"no file to check in {', '.join(map(str, paths))}")
    click.echo(f"{files} files checked, {failed} with errors", err=True)
    raise SystemExit(1 if failed else 0)


def _files(paths: tuple[Path, ...], codec: Codec | None) -> Iterator[Path]:
    """The named files, and those of named folders that have a readable suffix."""
    suffixes = codec.sources if codec and codec.sources else formats.plain_suffixes()
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for file in sorted(path.rglob("*")):
            if file.is_file() and file.suffix.lstrip(".").lower() in suffixes:
                yield file


def _check(path: Path, codec: Codec | None, *, quiet: bool) -> bool:
    try:
        issues, text = api.validate(path, codec)
    except FormatError as error:
        message = " ".join(str(error).split()).removeprefix(f"{path}: ")
        place = f"{path}:1:1" if codec or api.format_of(path, reading=True).is_text else str(path)
        click.echo(f"{place}: format.unreadable: {message}")
        return True
    errors = errors_of(issues)
    echo_issues(errors if quiet else issues, text, path)
    return bool(errors)
