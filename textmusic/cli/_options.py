"""Options and helpers that several commands share."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from textmusic.controls import Controls, parse_controls
from textmusic.errors import ConfigError, Issue

F = TypeVar("F", bound=Callable[..., Any])


class PluginName(click.ParamType[str]):
    """The name of a codec or format, completed from the registry; checked when it is used."""

    def __init__(self, kind: str) -> None:
        self.name = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Complete without importing any plugin."""
        from textmusic.registry import codecs, formats

        registry = codecs if self.name == "codec" else formats
        return [CompletionItem(name) for name in registry.names() if name.startswith(incomplete)]


def codec_options(*, required: bool) -> Callable[[F], F]:
    """Add ``--codec NAME`` and ``-O option=value``."""

    def decorate(function: F) -> F:
        function = click.option(
            "-O",
            "--codec-option",
            "codec_option",
            multiple=True,
            metavar="NAME=VALUE",
            help="An option of the codec, such as layout=rows; repeatable.",
        )(function)
        return click.option(
            "--codec",
            "codec_name",
            type=PluginName("codec"),
            required=required,
            help="The codec, by name; 'textmusic codecs' lists them.",
        )(function)

    return decorate


def parse_codec_options(pairs: Iterable[str]) -> dict[str, Any]:
    """Turn ``name=value`` pairs into options; values are JSON where they can be."""
    options: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError(f"codec options are written NAME=VALUE, not {pair!r}")
        try:
            options[name] = json.loads(value)
        except ValueError:
            options[name] = value
    return options


def control_options(function: F) -> F:
    """Add the options that say what must hold of a whole piece; see `controls_of`."""
    for option in (
        click.option("--instrument", help="... for this General MIDI instrument, name or number."),
        click.option("--tuning", help="... with these open strings, such as DADGAD."),
        click.option("--range", "pitches", help="... with no note outside, such as E2-E5."),
        click.option("--tempo", type=float, help="... at so many quarter notes a minute."),
        click.option("--key", help="... in this key, such as D, F#m or Bb dorian."),
        click.option("--meter", help="Pieces in this metre, such as 6/8, from start to end."),
    ):
        function = option(function)
    return function


def controls_of(settings: dict[str, Any]) -> Controls | None:
    """Take the options of `control_options` out of a command's settings; None if none is set."""
    names = ("meter", "key", "tempo", "pitches", "tuning", "instrument")
    given = {name: settings.pop(name) for name in names}
    return parse_controls(**given) if any(v is not None for v in given.values()) else None


def open_browser(address: str) -> None:
    """Show an address in the browser, and say so where there is none to show it."""
    if not webbrowser.open(address):
        click.echo("no browser could be opened: open this address yourself", err=True)


def check_written(suffixes: Iterable[str]) -> None:
    """Refuse a format that can be read only, before any work is done."""
    from textmusic.registry import formats

    for suffix in suffixes:
        if not formats.writer(suffix).writes:
            raise ConfigError(f"--to {suffix}: this format can be read but not written")


def echo_issues(
    issues: Iterable[Issue], text: str | None, name: str | Path, *, err: bool = False
) -> None:
    """Print issues as a compiler does, to standard output or to standard error."""
    for issue in issues:
        click.echo(issue.render(text, str(name)), err=err)
