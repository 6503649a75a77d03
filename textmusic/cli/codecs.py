"""``textmusic codecs``: what is installed."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from textmusic.errors import PluginError
from textmusic.format import Format
from textmusic.registry import codecs, formats


@click.command("codecs")
def command() -> None:
    """List codecs and file formats, with what they keep and who provides them."""
    console = Console(width=None if Console().is_terminal else 160)
    console.print(_codecs())
    console.print(_formats())


def _codecs() -> Table:
    table = Table(title="Codecs", title_justify="left", box=None, pad_edge=False)
    for column in ("name", "renders to", "keeps", "provided by"):
        table.add_column(column, overflow="fold")
    for name in codecs.names():
        origin = str(codecs.origin(name))
        try:
            codec = codecs.get(name)
        except PluginError as error:
            table.add_row(name, "-", f"broken: {error}", origin)
            continue
        table.add_row(name, " ".join(codec.renders), " ".join(sorted(codec.keeps)), origin)
    return table


def _formats() -> Table:
    table = Table(title="\nFormats", title_justify="left", box=None, pad_edge=False)
    for column in ("suffix", "what", "", "keeps", "provided by"):
        table.add_column(column, overflow="fold")
    for name in formats.names():
        origin = str(formats.origin(name))
        try:
            kind = formats.get(name)
        except PluginError as error:
            table.add_row(f".{name}", f"broken: {error}", "", "", origin)
            continue
        table.add_row(f".{name}", kind.title, _ways(kind), " ".join(sorted(kind.keeps)), origin)
    return table


def _ways(kind: type[Format]) -> str:
    ways = [word for word, can in (("read", kind.reads), ("write", kind.writes)) if can]
    return ", ".join(ways)
