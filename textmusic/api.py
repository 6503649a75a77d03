"""The verbs: what a script calls, and what the command line is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from textmusic.codec import Codec
from textmusic.errors import (
    CheckpointError,
    ConfigError,
    EncodeError,
    FormatError,
    Issue,
    UnknownPluginError,
)
from textmusic.format import Format, Loaded, read_bytes, read_text
from textmusic.registry import codecs, formats
from textmusic.score import Score

__all__ = [
    "check_target",
    "convert",
    "encode",
    "format_of",
    "get_codec",
    "load_text",
    "read",
    "stored_codec",
    "validate",
    "with_meta",
    "write",
    "write_all",
]


def get_codec(name: str, **options: Any) -> Codec:
    """Return a codec by name, with its options.

    Raises:
        UnknownPluginError: no codec of that name is installed.
        ConfigError: the codec refuses an option.
    """
    return codecs.get(name).from_config(options)


def stored_codec(header: Mapping[str, Any], path: Path) -> Codec:
    """Return the codec that a checkpoint names, with its options.

    Args:
        header: of the checkpoint.
        path: of its file, for what is said when something is wrong.

    Raises:
        CheckpointError: it names none, or one that is not installed or too old.
    """
    said = header.get("codec")
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        raise CheckpointError(f"{path}: names no codec")
    name, distribution = said["name"], str(said.get("distribution") or "")
    try:
        codec = codecs.get(name).from_config(said.get("config") or {})
    except UnknownPluginError as error:
        advice = f": pip install {distribution}" if distribution else ""
        raise CheckpointError(
            f"{path}: was trained with codec {name!r} of {distribution or 'a script'} "
            f"{said.get('version') or ''}".rstrip()
            + f", which is not installed{advice}"
        ) from error
    version = said.get("format_version")
    if isinstance(version, int) and version > codec.format_version:
        raise CheckpointError(
            f"{path}: writes version {version} of the text of codec {name!r}, and the installed "
            f"codec reads up to version {codec.format_version}: update {distribution}"
        )
    return codec


def format_of(path: str | Path, name: str | None = None, *, reading: bool = False) -> Format:
    """Return the format of a file by its suffix, or by `name` where one is given.

    Args:
        path: the file; it need not exist.
        name: a suffix to use instead.
        reading: where formats share the suffix, return one that chooses by the file's content;
            else one that writes, where there is one.

    Raises:
        FormatError: the path has no suffix, or no known one and there is no file to read.
        UnknownPluginError: no format has that suffix.
    """
    if name:
        return formats.get(name)() if reading else formats.writer(name)
    suffix = formats.suffix(path)
    if reading and suffix not in formats:
        _check_file(Path(path))
    if not suffix:
        raise FormatError(f"{path}: has no suffix to tell its format by; name the format")
    return formats.reader(suffix) if reading else formats.writer(suffix)


def _check_file(path: Path) -> None:
    """Say that there is no file before anyone wonders what its suffix means."""
    if path.is_dir():
        raise FormatError(f"{path}: is a folder, not a file")
    if not path.exists():
        raise FormatError(f"{path}: does not exist")


def read(path: str | Path, format_name: str | None = None) -> Loaded:
    """Read a music file: one Score a piece, and what had to be repaired.

    Args:
        path: the file; its suffix tells the format.
        format_name: a suffix to use instead.

    Raises:
        FormatError: the file is missing, damaged or of another format.
        UnknownPluginError: no format has that suffix.
    """
    return format_of(path, format_name, reading=True).read(path)


def write(score: Score, path: str | Path, format_name: str | None = None) -> tuple[Issue, ...]:
    """Write a music file atomically; returns what its format could not hold.

    Raises:
        FormatError: the score does not fit the format, or the file cannot be written.
        UnknownPluginError: no format has that suffix.
    """
    return format_of(path, format_name).write(score, path)


def encode(source: Score | str | Path, codec: Codec | str) -> list[str]:
    """Return the codec texts of a score or of a music file: one a part that the codec takes.

    Loss happens by `Codec.project`, as when a corpus is built.

    Args:
        source: a score, or a file of any readable format.
        codec: a codec, or the name of one with its usual options.

    Raises:
        EncodeError: nothing in it fits the codec.
        FormatError: the file cannot be read.
    """
    codec = get_codec(codec) if isinstance(codec, str) else codec
    scores = (source,) if isinstance(source, Score) else read(source).scores
    parts = [part for score in scores for part in codec.parts(score)]
    if not parts:
        raise EncodeError(f"codec {codec.name!r} finds nothing to encode in it")
    return [codec.encode(codec.project(part)) for part in parts]


def convert(
    source: str | Path, target: str | Path, *, from_format: str | None = None
) -> list[tuple[Path, tuple[Issue, ...]]]:
    """Convert a music file to another format.

    A file of several pieces becomes several files, numbered before the suffix.

    Returns:
        The files written, each with what its format could not hold.

    Raises:
        FormatError: the source cannot be read, or a score does not fit the target.
    """
    check_target(target)
    return write_all(read(source, from_format).scores, target)


def write_all(scores: Sequence[Score], target: str | Path) -> list[tuple[Path, tuple[Issue, ...]]]:
    """Write pieces to a file; several become several files, numbered before the suffix.

    Returns:
        The files written, each with what its format could not hold.

    Raises:
        ConfigError: the format of the target is not written.
        FormatError: there is no piece, or one does not fit the target.
    """
    target = Path(target)
    writer = check_target(target)
    if not scores:
        raise FormatError(f"{target}: there is no music to write")
    paths = [target]
    if len(scores) > 1:
        digits = len(str(len(scores)))
        suffix = formats.suffix(target)
        stem = target.name[: -len(suffix) - 1]
        numbers = range(1, len(scores) + 1)
        paths = [target.with_name(f"{stem}-{n:0{digits}}.{suffix}") for n in numbers]
    return [(path, writer.write(score, path)) for path, score in zip(paths, scores, strict=True)]


def check_target(target: str | Path) -> Format:
    """Return the format that a file would be written in, before any work is done.

    Raises:
        FormatError: the path has no suffix.
        UnknownPluginError: no format has that suffix.
        ConfigError: files of that format are only read.
    """
    writer = format_of(target)
    if not writer.writes:
        raise ConfigError(f"{target}: {writer.title} files can be read but not written")
    return writer


def load_text(path: str | Path, format_name: str | None = None) -> tuple[Loaded, str | None]:
    """Read a music file, with the text that the offsets of its issues count in.

    Returns:
        What it holds, and its text; None for a binary file.

    Raises:
        FormatError: the file cannot be read at all.
        ConfigError: files of its format are only written.
        UnknownPluginError: no format has its suffix.
    """
    kind = format_of(path, format_name, reading=True)
    if not kind.reads:
        raise ConfigError(f"{path}: {kind.title} files can be written but not read")
    if not kind.is_text:
        return kind.read(path), None
    data = read_bytes(path, kind.max_bytes)
    try:
        return kind.decode(data), read_text(data)
    except FormatError as error:
        raise FormatError(f"{path}: {error}", error.issues) from error


def validate(path: str | Path, codec: Codec | None = None) -> tuple[tuple[Issue, ...], str | None]:
    """Check a music file by its format, or a text file by a codec.

    Returns:
        The issues, and the text that their offsets count in (None for a binary file).

    Raises:
        FormatError: the file cannot be read at all.
        ConfigError: files of its format are only written.
        UnknownPluginError: no format has its suffix and no codec was given.
    """
    if codec is not None:
        text = read_text(read_bytes(path, Format.max_bytes))
        return codec.validate(text), text
    loaded, found = load_text(path)
    return loaded.issues, found


def with_meta(score: Score, **entries: str) -> Score:
    """Return the score with some entries of `meta` set."""
    return replace(score, meta=tuple({**dict(score.meta), **entries}.items()))
