"""``textmusic merge``: several files that sound together as one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from textmusic import api, transforms
from textmusic.agreement import mismatches
from textmusic.cli._options import PluginName, echo_issues
from textmusic.errors import ConfigError, FormatError
from textmusic.score import Score


@click.command("merge")
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--name", "names", multiple=True, metavar="NAME",
    help="Name of a part, once for each file in their order.",
)  # fmt: skip
@click.option("--trim", is_flag=True, help="End all parts where the shortest ends.")
@click.option("--overwrite", is_flag=True, help="Replace OUT where it exists.")
@click.option("--from", "from_format", type=PluginName("format"), help="Read as this format.")
def command(
    out: Path,
    files: tuple[Path, ...],
    names: tuple[str, ...],
    *,
    trim: bool,
    overwrite: bool,
    from_format: str | None,
) -> None:
    """Join FILES of one piece each into OUT: the parts of all, sounding together.

    The suffixes tell the formats. Shorter parts end in silence, or all with the shortest
    (--trim). Tempo, metre and key are those of the first file that states them; where others
    differ, that is said.

    \b
    textmusic merge quartet.mid violin1.abc violin2.abc viola.abc cello.abc
    textmusic merge duo.musicxml a.mid b.mid --name Flute --name Guitar --trim
    """
    if names and len(names) != len(files):
        raise ConfigError(f"{len(names)} names for {len(files)} files: give one for each")
    writer = api.format_of(out)
    if not writer.writes:
        raise ConfigError(f"{out}: {writer.title} files can be read but not written")
    if out.exists() and not overwrite:
        raise ConfigError(f"{out}: exists; OUT comes before FILES, and --overwrite replaces it")
    scores = [_piece(path, from_format) for path in files]
    if names:
        scores = [_called(score, name) for score, name in zip(scores, names, strict=True)]
    echo_issues(mismatches(scores, [str(path) for path in files], trim=trim), None, out)
    echo_issues(writer.write(transforms.merge(scores, trim=trim), out), None, out)
    click.echo(f"{out}")


def _piece(path: Path, from_format: str | None) -> Score:
    """The only piece in a file."""
    scores = api.read(path, from_format).scores
    if len(scores) != 1:
        raise FormatError(
            f"{path}: holds {len(scores)} pieces, and merge takes one a file; "
            "'textmusic convert' writes each to a file of its own"
        )
    if not any(True for _ in scores[0].notes()):
        raise FormatError(f"{path}: holds no notes")
    return scores[0]


def _called(score: Score, name: str) -> Score:
    """The score with named tracks, numbered where there are several."""
    sounding = [track for track in score.tracks if track.notes]
    tracks = [
        replace(track, name=f"{name} {number}" if len(sounding) > 1 else name)
        for number, track in enumerate(sounding, 1)
    ]
    return replace(score, tracks=tuple(tracks))
