"""The picture of what samples are like, beside the training set."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textmusic.evaluate.statistics import HISTOGRAMS
from textmusic.judging._samples import Judged
from textmusic.pictures import check_picture, figure_of, save

__all__ = ["draw_picture"]


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
    check_picture(path)
    figure = figure_of(10, 8)
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
    save(figure, path)


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
