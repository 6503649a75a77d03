"""What a killed run resumes from: one file that carries everything, weights included.

The model file beside it is a by-product: however a run is killed between the two writes, the
training goes on from this file alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textmusic.errors import CheckpointError, ConfigError
from textmusic.lm.checkpoint import load_tensors, read_header, save_tensors
from textmusic.lm.config import ModelConfig, TrainConfig

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["MODEL_NAME", "STATE_NAME", "RunState", "stored_configs", "sweep"]

STATE_NAME = "state.safetensors"
MODEL_NAME = "model.safetensors"
STATE_FORMAT = "textmusic training state 1"
_WHAT = {
    "model": "another model configuration",
    "train": "another training configuration",
    "alphabet": "another alphabet",
    "data": "another corpus",
    "codec": "another codec",
}


@dataclass(frozen=True)
class RunState:
    """A training between two steps.

    Args:
        identity: what makes the run this run: configs, alphabet, data, the caller's header.
        progress: numbers: step, averages, the best validation, final scores.
        tensors: weights, optimiser moments, hidden state, best weights.
    """

    identity: dict[str, Any]
    progress: dict[str, Any]
    tensors: Mapping[str, Tensor]

    def save(self, folder: Path) -> None:
        """Write the state, whole or not at all.

        Raises:
            FormatError: the folder cannot be written, or the disk is full.
        """
        meta = {"format": STATE_FORMAT, "identity": self.identity, "progress": self.progress}
        save_tensors(folder / STATE_NAME, meta, self.tensors)

    @classmethod
    def load(cls, folder: Path, identity: dict[str, Any]) -> RunState | None:
        """Return the state of a run, None when the run was killed before it had one.

        Raises:
            CheckpointError: the file is damaged, or belongs to another run than `identity`.
        """
        path = folder / STATE_NAME
        if not path.exists():
            return None
        meta, _ = read_header(path, STATE_FORMAT)
        stored = meta.get("identity")
        if not isinstance(stored, dict) or not isinstance(meta.get("progress"), dict):
            raise CheckpointError(f"{path}: its header is damaged; start the run anew")
        for key in sorted(identity.keys() | stored.keys()):
            if stored.get(key) != identity.get(key):
                what = _WHAT.get(key, f"another {key}")
                raise CheckpointError(
                    f"{path}: the run was started with {what}; resume it as it was started, "
                    "or start a new run in another folder"
                )
        return cls(stored, meta["progress"], load_tensors(path))


def stored_configs(folder: str | Path) -> tuple[ModelConfig, TrainConfig] | None:
    """Return the configs that a run was started with, None when it has no state yet.

    torch is not imported.

    Raises:
        CheckpointError: the state file is damaged.
    """
    path = Path(folder) / STATE_NAME
    if not path.exists():
        return None
    meta, _ = read_header(path, STATE_FORMAT)
    try:
        identity = meta["identity"]
        model = ModelConfig.from_json(identity["model"])
        return model, TrainConfig.from_json(identity["train"])
    except (KeyError, TypeError, ConfigError) as error:
        raise CheckpointError(f"{path}: its header is damaged; start the run anew") from error


def sweep(folder: Path) -> None:
    """Remove what a killed write left in a run's folder."""
    for name in (STATE_NAME, MODEL_NAME):
        for part in folder.glob(f".{name}.*.part"):
            part.unlink(missing_ok=True)
