"""The picture of what samples are like, beside the training set."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textmusic.errors import ConfigError, MissingDependencyError
from textmusic.evaluate.statistics import HISTOGRAMS
from textmusic.format import atomic_path
from textmusic.judging._samples import Judged

__all__ = ["check_picture", "draw_picture"]


def check_picture(path: Path) -> None:
    """Raise ConfigError or MissingDependencyError where no picture can be drawn."""
    if path.suffix.lower() not in {".svg", ".png", ".pdf"}:
        raise ConfigError(f"{path}: pictures are .svg, .png or .pdf")
    _matplotlib()


def _matplotlib() -> Any:
    try:
        from matplotlib import figure
    except ImportError as error:
        raise MissingDependencyError("a picture", "matplotlib", "plot") from error
    return figure


def draw_picture(found: Judged, path: str | Path) -> None:
    """Draw histograms and shared runs as one picture.

    Args:
        found: what `judge` says of samples.
        path: the suffix tells the format: ``.svg``, ``.png`` or ``.pdf``.

    Raises:
        ConfigError: another suffix.
        MissingDependencyError: matplotlib is not installed.
        FormatError: the file cannot be written.
    """
    path = Path(path)
    check_picture(path)
    figure = _matplotlib().Figure(figsize=(10, 8), layout="constrained")
    axes = figure.subplots(3, 2).flatten()
    for name, axis in zip(HISTOGRAMS, axes, strict=False):
        axis.set_title(name)
        for kind, one in found.statistics.items():
            counts = {k: v for k, v in one.histograms[name].items() if v}
            total = sum(counts.values()) or 1
            shares = [count / total for count in counts.values()]
            axis.plot(list(counts), shares, marker=".", lw=1, label=kind)
    axes[0].legend()
    _draw_figures(axes[4], found)
    _draw_overlaps(axes[5], found)
    with atomic_path(path) as part:
        figure.savefig(part, format=path.suffix[1:].lower(), dpi=120)


def _draw_figures(axis: Any, found: Judged) -> None:
    """The figures that are shares, side by side."""
    names = ("wrong bars", "bars repeated", "self-similarity", "playable")
    kinds = list(found.statistics)
    width = 0.8 / len(kinds)
    for index, kind in enumerate(kinds):
        values = [found.statistics[kind].figures.get(name, 0.0) for name in names]
        axis.bar([x + index * width for x in range(len(names))], values, width, label=kind)
    axis.set_xticks([x + 0.4 - width / 2 for x in range(len(names))], names)
    axis.set_title("shares, mean of a piece")


def _draw_overlaps(axis: Any, found: Judged) -> None:
    runs: Iterable[int] = sorted(one.notes for _, one in found.overlaps)
    axis.set_title("longest run shared with the training set (notes)")
    axis.plot(list(runs), marker=".", lw=1, label="samples, sorted")
    if found.yardstick:
        axis.axhline(found.yardstick.median, ls=":", c="gray", label="held out: median")
        axis.axhline(found.yardstick.percentile_99, ls="--", c="gray", label="held out: 99 %")
    axis.legend()
