"""What is asked of a run: one value that is stored beside it, so that it resumes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from textmusic.errors import CheckpointError, ConfigError
from textmusic.format import write_atomic

if TYPE_CHECKING:
    from textmusic.lm import ModelConfig, TrainConfig

__all__ = ["KINDS", "SIZES", "Plan"]

KINDS = ("folder", "file")
"""Whose name can say what kind of piece one is."""
SIZES: Mapping[str, Mapping[str, float]] = {
    "tiny": {"layers": 1, "hidden": 64, "batch": 16, "window": 64, "peak": 6e-3},
    "small": {"layers": 2, "hidden": 128, "batch": 32, "window": 64, "peak": 6e-3},
    "modest": {"layers": 2, "hidden": 192, "batch": 32, "window": 96, "peak": 6e-3},
    "medium": {"layers": 2, "hidden": 256, "batch": 32, "window": 128, "peak": 5e-3},
    "large": {"layers": 2, "hidden": 512, "batch": 64, "window": 128, "peak": 2e-3},
}
"""What each size of model stands for, the smallest first."""
_USUAL = "small"
_MODEL_FIELDS = ("kind", "layers", "hidden", "dropout")
_TRAIN_FIELDS = ("batch", "window", "peak", "seed", "threads", "device", "precision")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that decides a run. It is stored in the run's folder, so that it resumes.

    Args:
        codec: name of the codec.
        codec_options: its options.
        paths: files and folders of music; none means the embedded corpus.
        part: train on one instrument only: the number of a track from 1, a track's name, or a
            General MIDI instrument or family; see `textmusic.transforms.select`.
        transpose: train also on every document transposed by up to this many semitones, 0…12.
        condition: tell the model what kind of piece each is: the name of its ``folder`` or
            ``file``; see `textmusic.arrangement`.
        gaps: learn to fill gaps in a piece too.
        steps, epochs, minutes: the budget; at most one. Minutes are turned into steps once, at
            the start, by measuring the speed. None of them means 5 minutes.
        kind: ``gru``, ``lstm`` or ``rnn``.
        size: what ``layers``, ``hidden``, ``batch``, ``window`` and ``peak`` are where they are
            None: a name of `SIZES`, or ``auto``, which chooses by the corpus and the budget; see
            `textmusic.sizes`. None means ``auto``, but ``small`` where one of the five is given, or
            steps or epochs: these say nothing about the time that a larger model may take.
        layers, hidden: layers, and units of each.
        dropout: share of units dropped between layers, 0…1; None takes 0, and where the size is
            chosen too, what `textmusic.sizes` finds.
        batch, window: streams read side by side, and characters a step of each.
        peak: highest learning rate, after the warm-up.
        seed: of the weights and the order of the data.
        threads: threads of the process.
        device: ``cpu`` or ``cuda``.
        precision: of the matrix products on a CPU: ``auto``, ``float32`` or ``bfloat16``.

    Raises:
        ConfigError: options that contradict each other or are out of range.
    """

    codec: str
    codec_options: dict[str, Any] = dataclasses.field(default_factory=dict)
    paths: tuple[str, ...] = ()
    part: str | None = None
    transpose: int = 0
    condition: str | None = None
    gaps: bool = False
    steps: int | None = None
    epochs: float | None = None
    minutes: float | None = None
    kind: str = "gru"
    size: str | None = None
    layers: int | None = None
    hidden: int | None = None
    dropout: float | None = None
    batch: int | None = None
    window: int | None = None
    peak: float | None = None
    seed: int = 0
    threads: int = 1
    device: str = "cpu"
    precision: str = "auto"

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", tuple(map(str, self.paths)))
        given = [n for n in ("steps", "epochs", "minutes") if getattr(self, n) is not None]
        if len(given) > 1:
            raise ConfigError(f"{given[0]} and {given[1]} contradict each other: give one budget")
        for name in given:
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} must be above 0, not {getattr(self, name)}")
        if self.part is not None:
            object.__setattr__(self, "part", str(self.part).strip())
            if self.part in {"", "0"}:
                raise ConfigError("part takes a track's number from 1, or a name")
        if not 0 <= self.transpose <= 12:
            raise ConfigError(f"transpose takes 0 to 12 semitones, not {self.transpose}")
        if self.condition not in {None, *KINDS}:
            raise ConfigError(f"condition takes {' or '.join(KINDS)}, not {self.condition!r}")
        given = [name for name in SIZES[_USUAL] if getattr(self, name) is not None]
        if self.size is None:
            timed = self.steps is None and self.epochs is None
            object.__setattr__(self, "size", "auto" if timed and not given else _USUAL)
        if self.size not in {*SIZES, "auto"}:
            raise ConfigError(f"size takes {', '.join(SIZES)} or auto, not {self.size!r}")
        if given and self.size == "auto":
            raise ConfigError(f"size auto chooses {given[0]} too: leave out one of them")
        self.configs(vocabulary=2, steps=1)

    def configs(self, vocabulary: int, steps: int) -> tuple[ModelConfig, TrainConfig]:
        """Return the configs of model and training, ``small`` ones where size is ``auto``.

        Raises:
            ConfigError: a value is out of range.
        """
        from textmusic.lm import ModelConfig, TrainConfig

        size = SIZES.get(self.size or _USUAL, SIZES[_USUAL])
        values: dict[str, Any] = dataclasses.asdict(self)
        values |= {name: size[name] for name in size if values[name] is None}
        values["dropout"] = self.dropout or 0.0
        return (
            ModelConfig(vocabulary=vocabulary, **{name: values[name] for name in _MODEL_FIELDS}),
            TrainConfig(steps=steps, **{name: values[name] for name in _TRAIN_FIELDS}),
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the plan of a run; CheckpointError when there is none."""
        try:
            return cls(**json.loads((folder / "plan.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise CheckpointError(
                f"{folder}: holds no run to resume; start one with 'textmusic train --codec NAME'"
            ) from error

    def save(self, folder: Path) -> None:
        """Write the plan into a run's folder."""
        write_atomic(folder / "plan.json", json.dumps(dataclasses.asdict(self), indent=2) + "\n")
