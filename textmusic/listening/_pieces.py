"""Where the music comes from: runs, texts that models wrote, and files of any format."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from textmusic import api
from textmusic.codec import Codec
from textmusic.corpus import Progress
from textmusic.errors import ConfigError, DecodeError, FormatError, InputError, Issue
from textmusic.format import Format, read_bytes, read_text
from textmusic.listening._critic import Critic
from textmusic.registry import codecs, formats
from textmusic.score import Score
from textmusic.writing import Model

__all__ = ["Piece", "gather", "is_run"]

_DRAWN = 12
Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Piece:
    """One piece of music to listen to.

    Args:
        title: what it is called.
        source: the run or the file that it comes from, without where it lies on this computer.
        score: the music.
        text: what was written, None where there is none (a MIDI file).
        issues: what is wrong with it; offsets count in the text.
        codec: of the text, where it is that of a codec.
        critic: the model that wrote it or judges it.
        translated: whether the text is what the codec makes of a file of another kind.
    """

    title: str
    source: str
    score: Score = field(repr=False)
    text: str | None = field(default=None, repr=False)
    issues: tuple[Issue, ...] = ()
    codec: Codec | None = None
    critic: Critic | None = None
    translated: bool = False


def is_run(path: Path) -> bool:
    """Whether a path is that of a model."""
    return path.suffix == ".safetensors" or (path / "model.safetensors").exists()


def gather(
    sources: Sequence[Path],
    number: int | None,
    judge: Path | None,
    options: dict[str, Any],
    progress: Report,
) -> tuple[int, Iterator[Piece]]:
    """Return how many pieces to expect, a file counting as one, and the pieces of all sources.

    Args:
        sources: runs, music files, codec texts (``*.CODEC.txt``), and folders of those.
        number: how many to draw from each run; None for the samples that lie in it.
        judge: a run that the files are held against.
        options: of `textmusic.Model.sample`.
        progress: called now and then.

    Raises:
        ConfigError: options for drawing, and no run to draw from.
        InputError: a source cannot be read; a file of a folder becomes a piece with this issue.
    """
    runs = [path for path in sources if is_run(path)]
    if not runs and (options or number):
        asked = "a number of samples" if number else next(iter(options)).replace("_", "-")
        raise ConfigError(f"{asked}: there is no run to draw samples from, only files")
    critic = Critic(Model.load(judge), progress) if judge else None
    base = _base([path for path in sources if path not in runs])
    parts = [
        _run(path, number, options, progress) if path in runs else _all(path, base, critic)
        for path in sources
    ]
    return sum(count for count, _ in parts), chain.from_iterable(pieces for _, pieces in parts)


def _run(
    path: Path, number: int | None, options: dict[str, Any], progress: Report
) -> tuple[int, Iterator[Piece]]:
    model = Model.load(path)
    critic = Critic(model, progress)
    home = model.folder.absolute()
    folder = home / "samples"
    lying = sorted(folder.rglob(f"*.{model.codec.name}.txt")) if folder.is_dir() else []
    if lying and number is None and not options:
        return len(lying), (_text(file, home.parent, model.codec, critic) for file in lying)
    wanted = number or _DRAWN
    return wanted, _drawn(critic, path.resolve().name, wanted, options, progress)


def _drawn(
    critic: Critic, source: str, wanted: int, options: dict[str, Any], progress: Report
) -> Iterator[Piece]:
    model = critic.model
    progress(Progress(0, None, "samples", "writing music"))
    for sample in model.sample(wanted, **options):
        title = sample.score.get("title") or f"Sample {sample.number}"
        yield Piece(title, source, sample.score, sample.text, sample.issues, model.codec, critic)


def _all(path: Path, base: Path | None, critic: Critic | None) -> tuple[int, Iterator[Piece]]:
    """The pieces of a file or of the files of a folder."""
    files = _files(path)
    return len(files), (
        piece for file in files for piece in _file(file, base, critic, alone=not path.is_dir())
    )


def _base(paths: Sequence[Path]) -> Path | None:
    """The folder that files are named from: the one that all lie in; None where there is none."""
    with contextlib.suppress(ValueError):  # no path, or one on another drive
        base = Path(os.path.commonpath([path.absolute().parent for path in paths]))
        return base if base.name else None
    return None


def _named(path: Path, base: Path | None) -> str:
    """A file as the page shows it, which others may see: not where it lies on this computer."""
    path = path.absolute()
    return path.relative_to(base or path.parent.parent).as_posix()


def _files(path: Path) -> list[Path]:
    """The files of a folder: texts of codecs, and only without any, music files."""
    if not path.is_dir():
        return [path]
    inside = sorted(file for file in path.rglob("*") if file.is_file())
    texts = [file for file in inside if _codec_of(file)]
    suffixes = formats.plain_suffixes()
    found = texts or [f for f in inside if f.suffix.lstrip(".").lower() in suffixes]
    if not found:
        raise FormatError(f"{path}: holds neither a model nor texts of codecs nor music files")
    return found


def _codec_of(path: Path) -> str | None:
    """The name of a codec, of ``NAME.CODEC.txt``."""
    parts = path.name.split(".")
    return parts[-2] if len(parts) > 2 and parts[-1] == "txt" and parts[-2] in codecs else None


def _file(path: Path, base: Path | None, critic: Critic | None, *, alone: bool) -> Iterator[Piece]:
    """The pieces of a file; one that cannot be read is a piece unless it was named alone."""
    try:
        if name := _codec_of(path):
            ours = critic is not None and critic.model.codec.name == name
            codec = critic.model.codec if critic and ours else codecs.get(name)()
            yield _text(path, base, codec, critic if ours else None)
        elif own := _codec_of_kind(path.suffix.lstrip(".").lower(), critic):
            yield from _book(path, base, own, critic)
        else:
            yield from _music(path, base, critic)
    except InputError as error:
        if alone:
            raise
        named = _named(path, base)
        said = str(error).removeprefix(f"{path}: ").replace(str(path), named)
        issue = Issue("listening.unreadable", said)
        yield Piece(path.name, named, Score(), None, (issue,))


def _music(path: Path, base: Path | None, critic: Critic | None) -> Iterator[Piece]:
    """The pieces of a music file."""
    named = _named(path, base)
    loaded, written = api.load_text(path)
    if not loaded.scores:
        raise FormatError(f"{path}: holds no music")
    alone = len(loaded.scores) == 1
    for number, score in enumerate(loaded.scores, 1):
        title = score.get("title") or (path.name if alone else f"{path.name}, piece {number}")
        if critic and (text := _in_the_words_of(critic.model.codec, score)):
            codec = critic.model.codec
            yield Piece(title, named, score, text, (), codec, critic, translated=True)
        else:
            text, issues = (written, loaded.issues) if alone else (None, ())
            yield Piece(title, named, score, text, issues, None, critic)


def _codec_of_kind(suffix: str, critic: Critic | None) -> Codec | None:
    """The codec whose own kind of text files of a suffix hold, if it shows more than the format.

    The model's codec does, as its text is judged, and one of ABC, as ABC is drawn.
    """
    if critic:
        return critic.model.codec if suffix in critic.model.codec.sources else None
    if suffix != "abc":
        return None
    return next(
        (kind() for kind in map(codecs.get, codecs.names()) if suffix in kind.sources), None
    )


def _book(path: Path, base: Path | None, codec: Codec, critic: Critic | None) -> Iterator[Piece]:
    """The pieces of a file of a codec's own kind of text, as a model reads them."""
    named = _named(path, base)
    documents = list(codec.documents(read_text(read_bytes(path, Format.max_bytes))))
    if not documents:
        raise FormatError(f"{path}: holds no music")
    for number, document in enumerate(documents, 1):
        called = path.name if len(documents) == 1 else f"{path.name}, piece {number}"
        try:
            text = codec.canonical(document.text)
        except DecodeError as error:
            yield Piece(called, named, Score(), document.text, error.issues, codec)
            continue
        parsed = codec.parse(text)
        title = codec.parse(document.text).score.get("title") or called
        yield Piece(title, named, parsed.score, text, parsed.issues, codec, critic)


def _in_the_words_of(codec: Codec, score: Score) -> str | None:
    """The text that the codec has for a score; None where it has none."""
    try:
        return api.encode(score, codec)[0]
    except InputError:
        return None


def _text(path: Path, base: Path | None, codec: Codec, critic: Critic | None) -> Piece:
    text = read_text(read_bytes(path, Format.max_bytes))
    parsed = codec.parse(text)
    stem = path.name.removesuffix(f".{codec.name}.txt")
    title = parsed.score.get("title") or (f"Sample {int(stem)}" if stem.isdecimal() else stem)
    named = _named(path, base)
    return Piece(title, named, parsed.score, text, parsed.issues, codec, critic)
