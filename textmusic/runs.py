"""A run: a folder with a corpus, a training and its model, and what is written with it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from textmusic.errors import CheckpointError, ConfigError
from textmusic.format import write_atomic
from textmusic.registry import codecs

if TYPE_CHECKING:
    from textmusic.codec import Codec
    from textmusic.corpus import Corpus, Progress
    from textmusic.lm import Step

__all__ = ["Plan", "Progress", "train_steps"]

DEFAULT_MINUTES = 5.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that decides a run. It is stored in the run's folder, so that it resumes.

    Args:
        codec: name of the codec.
        codec_options: its options.
        paths: files and folders of music; none means the embedded corpus.
        transpose: train also on every document transposed by up to this many semitones, 0…12.
        steps, epochs, minutes: the budget; at most one. Minutes are turned into steps at the
            start by measuring the speed. None of them means 5 minutes.
        kind: ``gru``, ``lstm`` or ``rnn``.
        layers, hidden: size of the model.
        dropout: share of units dropped between layers, 0…1.
        batch, window: streams read side by side, and characters a step of each.
        peak: highest learning rate, after the warm-up.
        seed: of the weights and the order of the data.
        threads: threads of one process.
        device: ``cpu`` or ``cuda``.

    Raises:
        ConfigError: options that contradict each other.
    """

    codec: str
    codec_options: dict[str, Any] = dataclasses.field(default_factory=dict)
    paths: tuple[str, ...] = ()
    transpose: int = 0
    steps: int | None = None
    epochs: float | None = None
    minutes: float | None = None
    kind: str = "gru"
    layers: int = 2
    hidden: int = 256
    dropout: float = 0.0
    batch: int = 32
    window: int = 128
    peak: float = 8e-3
    seed: int = 0
    threads: int = 1
    device: str = "cpu"

    def __post_init__(self) -> None:
        given = [n for n in ("steps", "epochs", "minutes") if getattr(self, n) is not None]
        if len(given) > 1:
            raise ConfigError(f"--{given[0]} and --{given[1]} contradict each other: give one")
        for name in given:
            if not getattr(self, name) > 0:
                raise ConfigError(f"--{name} must be above 0, not {getattr(self, name)}")
        if not 0 <= self.transpose <= 12:
            raise ConfigError(f"--transpose takes 0 to 12 semitones, not {self.transpose}")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the plan of a run; CheckpointError when there is none."""
        try:
            fields = json.loads((folder / "plan.json").read_text("utf-8"))
            return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})
        except (OSError, ValueError, TypeError) as error:
            raise CheckpointError(f"{folder}: is no run that could be resumed ({error})") from error

    def save(self, folder: Path) -> None:
        """Write the plan into a run's folder."""
        write_atomic(folder / "plan.json", json.dumps(dataclasses.asdict(self), indent=2))


class Training:
    """A run in the making. `Training.start` or `Training.resume`, then `prepare`, `steps`, `finish`.

    Args:
        plan: what to train.
        folder: where the run lies.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.codec = codecs.get(plan.codec).from_config(plan.codec_options)
        self.corpus: Corpus | None = None

    @classmethod
    def start(cls, plan: Plan, folder: str | Path, *, overwrite: bool = False) -> Self:
        """Begin a new run.

        Raises:
            ConfigError: the folder holds a run already and `overwrite` is not set.
            FormatError: the folder cannot be written.
            UnknownPluginError: no such codec.
        """
        folder = Path(folder)
        training = cls(plan, folder)
        if (folder / "plan.json").exists():
            if not overwrite:
                raise ConfigError(
                    f"{folder}: already holds a run; --resume continues it, --overwrite replaces it"
                )
            _clear(folder)
        plan.save(folder)
        return training

    @classmethod
    def resume(cls, folder: str | Path) -> Self:
        """Continue a run that was interrupted, or finished already.

        Raises:
            CheckpointError: the folder holds no run.
        """
        return cls(Plan.load(Path(folder)), Path(folder))
