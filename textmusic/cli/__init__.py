"""The command line. One module a command, imported only when the command is called."""

from __future__ import annotations

import gc
import sys
import traceback
from importlib import import_module

import click

from textmusic import __version__
from textmusic.errors import ConfigError, PluginError, TextmusicError, UnknownPluginError

__all__ = ["cli", "main"]

_COLLECT = 200_000
"""New values, less those gone again, after which Python looks for cycles."""
# The help lines stand here so that `textmusic --help` imports no command.
_COMMANDS = {
    "check-codec": "Hold a codec to every law of its contract.",
    "codecs": "List codecs and file formats, with what they keep and who provides them.",
    "convert": "Convert music files from any readable format to any writable one.",
    "evaluate": "Measure a model on music it has not seen, judge its samples, find copies.",
    "export": "Write a model as an ONNX graph, for programs without textmusic.",
    "fill": "Write bars of a piece anew, so that they join what is around them.",
    "inspect": "Show what is in a run, checkpoint, corpus or music file.",
    "listen": "Write a page on which music is seen, heard and judged; it opens from disk.",
    "merge": "Join files that sound together, such as sampled parts, into one.",
    "new-codec": "Write a distribution with a codec of your own, to begin from.",
    "plot": "Draw the curves of a training, or the piano roll of a piece.",
    "render": "Turn codec text into music files.",
    "sample": "Write new music with a trained model.",
    "studio": "Write music together with a model, in the browser of this computer.",
    "train": "Train a model on a folder of music, or on the embedded corpus.",
    "validate": "Check music files or codec texts; complaints name line and column.",
}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called or completed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(
            f"textmusic.cli.{cmd_name.replace('-', '_')}"
        ).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest near names for an unknown command."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(str(UnknownPluginError("command", args[0], list(_COMMANDS))))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="textmusic")
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
def cli(*, debug: bool) -> None:
    """Language models of symbolic music written as text.

    \b
    textmusic train --codec guitartab -o run      train on the embedded corpus
    textmusic sample run -n 8 --to gp5 --to mid   write new music
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line; exit 0, 1 (the input has errors) or 2 (usage)."""
    argv = sys.argv[1:] if args is None else args
    # Music and states of grammars are many small values without cycles: looking for those was a
    # third of the time that a grammar takes.
    gc.set_threshold(_COLLECT)
    try:
        code = cli.main(argv, prog_name="textmusic", standalone_mode=False)
    except click.exceptions.Abort:
        code = _fail("interrupted", 130)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (TextmusicError, OSError) as error:
        if "--debug" in argv:
            traceback.print_exc()
        usage = isinstance(error, (ConfigError, UnknownPluginError, PluginError))
        code = _fail(_one_line(error), 2 if usage else 1)
    sys.exit(code if isinstance(code, int) else 0)


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, TextmusicError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    return " ".join(str(error).split())


def _fail(message: str, code: int) -> int:
    click.echo(f"textmusic: {message}", err=True)
    return code
