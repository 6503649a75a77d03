"""The listening page: music to be seen, heard and judged, in one folder that opens from disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textmusic.corpus import Progress
from textmusic.errors import ConfigError
from textmusic.listening._card import AUDIO, DOWNLOADS, Card, Detail, Download, card_of
from textmusic.listening._critic import Critic, Usual
from textmusic.listening._frame import framed
from textmusic.listening._page import STATIC, check_place, page, script
from textmusic.listening._pieces import Piece, gather, is_run
from textmusic.listening._server import serving
from textmusic.listening._vendor import vendored
from textmusic.registry import formats
from textmusic.score import Score

__all__ = [
    "AUDIO",
    "DOWNLOADS",
    "STATIC",
    "Card",
    "Critic",
    "Detail",
    "Download",
    "Piece",
    "Usual",
    "card_of",
    "default_folder",
    "framed",
    "listen",
    "script",
    "serving",
    "vendored",
]  # fmt: skip

_NAMED = 3


def default_folder(sources: Sequence[str | Path]) -> Path:
    """Where a page goes that no folder is named for: into the run, or beside what is listened to."""
    first = Path(sources[0])
    if is_run(first):
        return (first if first.is_dir() else first.parent) / "listen"
    return Path("listen")


def listen(
    sources: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    number: int | None = None,
    run: str | Path | None = None,
    to: Sequence[str] = DOWNLOADS,
    audio: str | None = None,
    title: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    **options: Any,
) -> Path:
    """Write a page on which music is seen, heard and judged; it opens from disk, without a network.

    Args:
        sources: runs, music files of any format, codec texts (``*.CODEC.txt``), folders of them.
        out: the folder; a page that stands there is replaced. Default: ``RUN/listen``, or
            ``listen`` where the first source is a file.
        number: how many pieces to draw from each run; by default those in ``RUN/samples``, and 12
            where there are none.
        run: a model that the files are held against.
        to: formats to download each piece in; what is one of `AUDIO` can be played, too.
        audio: one more: ``ogg``, ``flac`` or ``wav``, played by FluidSynth where it is installed.
        title: of the page.
        progress: called now and then.
        options: of `textmusic.Model.sample`: ``temperature``, ``seed``, ``bars``…

    Returns:
        The file to open.

    Raises:
        ConfigError: the folder holds other files; an option that contradicts another; the player's
            files were not fetched when textmusic was installed.
        InputError: a source cannot be read.
        PluginError: FluidSynth or a SoundFont is missing, and sound was asked for.

    Example:
        >>> textmusic.listen("run", number=24, temperature=0.9)  # doctest: +SKIP
        PosixPath('run/listen/index.html')
    """
    paths = [Path(each) for each in ([sources] if isinstance(sources, (str, Path)) else sources)]
    if not paths:
        raise ConfigError("nothing to listen to: name a run or files")
    if number is not None and number < 1:
        raise ConfigError(f"number is at least 1, not {number}")
    if audio is not None and audio not in AUDIO:
        raise ConfigError(f"audio is one of {', '.join(AUDIO)}, not {audio!r}")
    chosen = tuple(dict.fromkeys([*to, *filter(None, [audio])]))
    _check_written(chosen)
    folder = Path(out) if out is not None else default_folder(paths)
    check_place(folder)
    next(vendored())  # that files are missing is said before any work is done
    judge = Path(run) if run is not None else None
    expected, pieces = gather(paths, number, judge, options, progress)
    with page(folder) as writer:
        for done, piece in enumerate(pieces, 1):
            writer.add(*card_of(piece, done, chosen))
            progress(Progress(done, max(done, expected), "samples", "writing the page"))
        writer.finish(title or _called(paths), _about(paths, options))
    return folder / "index.html"


def _check_written(suffixes: Sequence[str]) -> None:
    """Refuse formats that cannot be written here, before any work is done."""
    for suffix in suffixes:
        kind = formats.get(suffix)
        if not kind.writes:
            raise ConfigError(f"{suffix}: this format can be read but not written")
        if suffix in AUDIO:
            kind().encode(Score())  # says what to install where there is no synthesizer


def _called(paths: list[Path]) -> str:
    """The title of a page that nobody gave one."""
    names = list(dict.fromkeys(path.resolve().name for path in paths))
    more = len(names) - _NAMED
    return ", ".join(names) if more < 1 else f"{', '.join(names[:_NAMED])} and {more} more"


def _about(paths: list[Path], options: dict[str, Any]) -> str:
    """What a page is of: the runs, how many files, and the options of drawing."""
    runs = [path.resolve().name for path in paths if is_run(path)]
    files = [path.name for path in paths if not is_run(path)]
    named = [*dict.fromkeys(runs), *(files if len(files) < 2 else [f"{len(files)} files"])]
    settings = [f"{name.replace('_', ' ')} {value}" for name, value in options.items()]
    return " · ".join([", ".join(named), *settings])
