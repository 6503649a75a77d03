"""Figures drawn with matplotlib: the course of a training, piano rolls. Scores are formats.

matplotlib is imported when something is drawn, and needs no screen.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textmusic.errors import CheckpointError, ConfigError, MissingDependencyError
from textmusic.format import atomic_path
from textmusic.score import Score

__all__ = ["Course", "check_picture", "draw_roll", "draw_training", "figure_of", "roll", "save"]

_SUFFIXES = frozenset({".svg", ".png", ".pdf"})
_SHOWN = 5
"""Samples shown beside a curve."""
_MOST_NOTES = 50_000


def check_picture(path: str | Path) -> None:
    """Raise ConfigError or MissingDependencyError where no picture can be drawn."""
    if Path(path).suffix.lower() not in _SUFFIXES:
        raise ConfigError(f"{path}: pictures are .svg, .png or .pdf")
    _matplotlib()


def _matplotlib() -> Any:
    try:
        from matplotlib import figure
    except ImportError as error:
        raise MissingDependencyError("a picture", "matplotlib", "plot") from error
    return figure


def figure_of(width: float, height: float) -> Any:
    """Return an empty figure of some inches.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    return _matplotlib().Figure(figsize=(width, height), layout="constrained")


def save(figure: Any, path: str | Path) -> None:
    """Write a figure; the suffix tells the format: ``.svg``, ``.png`` or ``.pdf``.

    Raises:
        ConfigError: another suffix.
        FormatError: the file cannot be written.
    """
    path = Path(path)
    check_picture(path)
    with atomic_path(path) as part:
        figure.savefig(part, format=path.suffix[1:].lower(), dpi=120)


@dataclass(frozen=True)
class Course:
    """How a training went, as its run has noted it.

    Args:
        points: entries of ``log.jsonl`` with ``step``, ``loss_bits``, ``valid_bits``, ``lr`` and
            perhaps a ``sample``, in order; a step that was done twice stands once.
        resumed: the steps at which an interrupted run was taken up.
        scores: of ``scores.json``; empty before the end.
    """

    points: tuple[dict[str, Any], ...]
    resumed: tuple[int, ...] = ()
    scores: dict[str, Any] | None = None

    @classmethod
    def read(cls, folder: str | Path) -> Course:
        """Read the course of a run.

        Raises:
            CheckpointError: the folder is no run, nothing was measured yet, or it is damaged.
        """
        folder = Path(folder)
        points: dict[int, dict[str, Any]] = {}
        resumed: set[int] = set()
        try:
            for line in (folder / "log.jsonl").read_text("utf-8").splitlines():
                entry = json.loads(line)
                if entry.get("resumed"):
                    resumed.add(int(entry["step"]))
                else:
                    points[int(entry["step"])] = entry | {
                        name: float(entry[name]) for name in ("loss_bits", "valid_bits", "lr")
                    }
            scores = folder / "scores.json"
            found = json.loads(scores.read_text("utf-8")) if scores.exists() else None
        except FileNotFoundError as error:
            raise CheckpointError(f"{folder}: holds no run: there is no log.jsonl") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"{folder}: its log cannot be read: {error}") from error
        if not points:
            raise CheckpointError(f"{folder}: nothing was measured yet; train on with --resume")
        return cls(tuple(points[step] for step in sorted(points)), tuple(sorted(resumed)), found)


def draw_training(run: str | Path, path: str | Path) -> None:
    """Draw the curves of a run, beside its baselines, and what it wrote on the way.

    Args:
        run: its folder.
        path: the suffix tells the format: ``.svg``, ``.png`` or ``.pdf``.

    Raises:
        CheckpointError: the folder is no run, or nothing was measured yet.
        ConfigError: another suffix.
        MissingDependencyError: matplotlib is not installed.
        FormatError: the file cannot be written.
    """
    check_picture(path)
    course = Course.read(run)
    told = [point for point in course.points if str(point.get("sample", "")).strip()]
    figure = figure_of(8, 5 + 0.9 * min(len(told), _SHOWN))
    rows: list[float] = [3, 1]
    axes = figure.subplots(3 if told else 2, 1, height_ratios=[*rows, 2] if told else rows)
    _curves(axes[0], course)
    steps = [point["step"] for point in course.points]
    axes[1].plot(steps, [point["lr"] for point in course.points], marker=".", lw=1, c="C2")
    axes[1].set(xlabel="step", ylabel="learning rate", ylim=(0, None))
    for step in course.resumed:
        for axis in axes[:2]:
            axis.axvline(step, ls="-.", lw=0.8, c="C3")
    if told:
        _samples(axes[2], told)
    figure.suptitle(Path(run).resolve().name)
    save(figure, path)


def _curves(axis: Any, course: Course) -> None:
    steps = [point["step"] for point in course.points]
    for name, label in (("loss_bits", "training"), ("valid_bits", "held out, while training")):
        axis.plot(steps, [point[name] for point in course.points], marker=".", lw=1, label=label)
    scores = course.scores or {}
    for name, label, style in (
        ("baseline_bits", "frequencies of the characters", ":"),
        ("n_gram_bits", "n-gram", "--"),
        ("bits_per_char", "held out, at the end", "-"),
    ):
        if isinstance(value := scores.get(name), int | float):
            axis.axhline(value, ls=style, lw=1, c="gray", label=f"{label}: {value:.3g}")
    if course.resumed:
        axis.plot([], [], ls="-.", lw=0.8, c="C3", label="resumed")
    axis.set(ylabel="bits a character", ylim=(0, None))
    axis.legend(fontsize=8)


def _samples(axis: Any, told: Sequence[dict[str, Any]]) -> None:
    """Write samples of some steps, the first and the last among them, one below the other."""
    count = min(len(told), _SHOWN)
    last = max(count - 1, 1)
    chosen = [told[round(index * (len(told) - 1) / last)] for index in range(count)]
    axis.axis("off")
    for index, point in enumerate(chosen):
        text = " ".join(str(point["sample"]).replace("\n", " ↵ ").split())
        lines = textwrap.wrap(text, 96, max_lines=3, placeholder=" …")
        place = 1 - index / count
        axis.text(0, place, f"{point['step']}", fontsize=8, va="top", c="gray")
        axis.text(
            0.08, place, "\n".join(lines).replace("$", r"\$"), fontsize=7, va="top",
            family="monospace",
        )  # fmt: skip


def draw_roll(score: Score, path: str | Path) -> None:
    """Draw the piano roll of a piece.

    Args:
        score: the piece; of very long ones the first 50,000 notes.
        path: the suffix tells the format: ``.svg``, ``.png`` or ``.pdf``.

    Raises:
        ConfigError: another suffix.
        MissingDependencyError: matplotlib is not installed.
        FormatError: the file cannot be written.
    """
    check_picture(path)
    figure = figure_of(10, 4)
    axes = figure.subplots()
    roll(axes, score)
    if title := score.get("title").strip():
        axes.set_title(title.replace("$", r"\$"))
    save(figure, path)


def roll(axes: Any, score: Score) -> None:
    """Draw a piece into matplotlib's axes: quarters across, pitch upwards, bars as lines.

    The colour tells the string where there is one track on strings, else the track.
    """
    tracks = [track for track in score.tracks if track.notes]
    left = _MOST_NOTES
    for index, track in enumerate(tracks):
        notes = track.notes[:left]
        left -= len(notes)
        by_string = len(tracks) == 1 and track.tuning
        axes.barh(
            [note.pitch for note in notes],
            [0.93 * max(note.duration, 1) / score.tpq for note in notes],  # struck again is seen
            left=[note.onset / score.tpq for note in notes],
            height=0.8,
            color=[f"C{(note.string or 0) if by_string else index}" for note in notes],
            label=track.name.replace("$", r"\$") or f"track {index + 1}",
        )
    end = max((note.end for note in score.notes()), default=0)
    bars = score.bars(min(end, 4000 * score.tpq))
    for bar in bars[:: max(1, len(bars) // 200)]:
        axes.axvline(bar.onset / score.tpq, color="0.85", linewidth=0.8, zorder=0)
    axes.set(xlabel="quarters", ylabel="pitch")
    if len(tracks) > 1:
        axes.legend(fontsize=7)
