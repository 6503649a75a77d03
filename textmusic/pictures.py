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
from textmusic.score import Note, Score

__all__ = ["Course", "check_picture", "draw_roll", "draw_training", "figure_of", "roll", "save"]

_SUFFIXES = frozenset({".svg", ".png", ".pdf"})
_SHOWN = 5
"""Samples shown beside a curve."""
_MOST_NOTES = 50_000
_ROOM = 1.1
_FREQUENCIES = "frequencies of the characters"
_LINES = (
    ("baseline_bits", _FREQUENCIES, ":"),
    ("n_gram_bits", "n-gram", "--"),
    ("bits_per_char", "held out, at the end", "-"),
)
"""Of ``scores.json``: the entry, what it is called, and the style of its line."""
_OCTAVE = 12


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
    axes[1].set(xlabel="step", ylabel="learning rate", xlim=(0, None), ylim=(0, None))
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
    lines = [
        (value, label, style)
        for name, label, style in _LINES
        if isinstance(value := (course.scores or {}).get(name), int | float)
    ]
    measured = [point[name] for point in course.points for name in ("loss_bits", "valid_bits")]
    # the frequencies of the characters lie so high that the curves would be flat below them
    top = _ROOM * max([*measured, *(value for value, label, _ in lines if label != _FREQUENCIES)])
    for value, label, style in lines:
        place = "" if value <= top else ", above the picture"
        axis.axhline(value, ls=style, lw=1, c="gray", label=f"{label}: {value:.3g}{place}")
    if course.resumed:
        axis.plot([], [], ls="-.", lw=0.8, c="C3", label="resumed")
    axis.set(ylabel="bits a character", xlim=(0, None), ylim=(0, top))
    axis.legend(fontsize=8)


def _samples(axis: Any, told: Sequence[dict[str, Any]]) -> None:
    """Write samples of some steps, the first and the last among them, one below the other."""
    count = min(len(told), _SHOWN)
    last = max(count - 1, 1)
    chosen = [told[round(index * (len(told) - 1) / last)] for index in range(count)]
    axis.axis("off")
    axis.set_title("what it wrote after so many steps", loc="left", fontsize=8, c="gray")
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

    Args:
        axes: of any figure.
        score: the piece.
    """
    left = _MOST_NOTES
    for index, (label, notes) in enumerate(_voices(score)):
        shown, left = notes[:left], left - len(notes[:left])
        axes.barh(
            [note.pitch for note in shown],
            [0.93 * max(note.duration, 1) / score.tpq for note in shown],  # struck again is seen
            left=[note.onset / score.tpq for note in shown],
            height=0.8,
            color=f"C{index}",
            label=label.replace("$", r"\$"),
        )
    end = max((note.end for note in score.notes()), default=0)
    bars = score.bars(min(end, 4000 * score.tpq))
    for bar in bars[:: max(1, len(bars) // 200)]:
        axes.axvline(bar.onset / score.tpq, color="0.85", linewidth=0.8, zorder=0)
    axes.set(xlabel="quarters", xlim=(0, max(end / score.tpq, 1)))
    _name_octaves(axes, [note.pitch for note in score.notes()])
    if len(axes.containers) > 1:
        axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)


def _voices(score: Score) -> list[tuple[str, list[Note]]]:
    """What has a colour of its own, by name: tracks, or the strings of a single one."""
    tracks = [track for track in score.tracks if track.notes]
    if len(tracks) != 1 or not tracks[0].tuning:
        return [(t.name or f"track {i}", list(t.notes)) for i, t in enumerate(tracks, 1)]
    strings: dict[int | None, list[Note]] = {}
    for note in tracks[0].notes:
        strings.setdefault(note.string, []).append(note)
    ordered = sorted(strings.items(), key=lambda each: -1 if each[0] is None else each[0])[::-1]
    # guitarists count from the highest string
    high = len(tracks[0].tuning)
    return [("no string" if s is None else f"string {high - s}", notes) for s, notes in ordered]


def _name_octaves(axes: Any, pitches: Sequence[int]) -> None:
    """Mark each C of the pitches that are shown: middle C is C4."""
    low, high = min(pitches, default=60), max(pitches, default=60)
    ticks = range(low // _OCTAVE * _OCTAVE, high + _OCTAVE + 1, _OCTAVE)
    names = [f"C{tick // _OCTAVE - 1}" for tick in ticks]
    axes.set_yticks(list(ticks), names)
    axes.set_ylim(low - 2, high + 2)
    axes.set_ylabel("pitch")
