"""``textmusic new-codec``: a distribution with a codec of one's own, to begin from."""

from __future__ import annotations

import keyword
import re
from importlib.resources import files
from pathlib import Path
from string import Template

import click

from textmusic import __version__
from textmusic.errors import ConfigError, FormatError
from textmusic.format import write_atomic
from textmusic.registry import codecs

_NAME = re.compile(r"[a-z][a-z0-9]{1,30}")
_FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    "{package}/__init__.py": "init.py.txt",
    "{package}/codec.py": "codec.py.txt",
    "{package}/grammar.py": "grammar.py.txt",
    "{package}/py.typed": "py.typed.txt",
    "tests/test_{name}.py": "test.py.txt",
}
"""Where each file of the distribution goes, and its template."""


@click.command("new-codec")
@click.argument("name")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder; default: textmusic-NAME."
)
def command(name: str, out: Path | None) -> None:
    """Write a distribution with a codec NAME that keeps every law from the start.

    It is a small codec for melodies, with a grammar and tests, to change step by step.

    \b
    textmusic new-codec harp
    pip install -e ./textmusic-harp
    textmusic check-codec harp
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(f"{name!r} cannot name a codec: use 2 to 31 small letters and digits")
    if name in codecs:
        raise ConfigError(f"codec {name!r} is already provided by {codecs.origin(name)}")
    out = out or Path(f"textmusic-{name}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FormatError(f"{out}: exists and is not an empty folder; choose another with -o")
    package = f"textmusic_{name}"
    words = {
        "name": name,
        "package": package,
        "distribution": f"textmusic-{name}",
        "Class": f"{name.capitalize()}Codec",
        "Grammar": f"{name.capitalize()}Grammar",
        "version": __version__,
    }
    for target, template in _FILES.items():
        text = (files("textmusic.cli") / "new_codec_files" / template).read_text("utf-8")
        path = out / target.format(name=name, package=package)
        write_atomic(path, Template(text).substitute(words))
        click.echo(f"{path}")
    click.echo(f"next: pip install -e {out}, then textmusic check-codec {name}", err=True)
