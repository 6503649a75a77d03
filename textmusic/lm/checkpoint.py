"""A model in one safetensors file whose header says everything about it. No pickle, ever.

The file (https://huggingface.co/docs/safetensors): 8 bytes little-endian length N of the header;
N bytes of JSON, tensor name -> dtype, shape and place, with strings under ``__metadata__``; the
tensors. The metadata holds one key, ``textmusic``, with a JSON document:

======== =====================================================================================
format   ``textmusic model 1`` (training states: ``textmusic training state 1``)
alphabet the characters in the order of their ids, from 1
model    `ModelConfig`
train    `TrainConfig`
data     characters and SHA-256 of the training and validation ids
scores   step, bits per character, and what the base rate gives
…        what the caller of `fit` passed: codec, sources, corpus
======== =====================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from textmusic.alphabet import Alphabet
from textmusic.errors import CheckpointError, ConfigError
from textmusic.format import write_atomic
from textmusic.lm.config import ModelConfig

if TYPE_CHECKING:
    from torch import Tensor

    from textmusic.lm.model import CharRNN

__all__ = ["MODEL_FORMAT", "Checkpoint", "load_tensors", "read_header", "save_tensors"]

MODEL_FORMAT = "textmusic model 1"
_KEY = "textmusic"
_LARGEST_HEADER = 64 << 20
_AGAIN = "copy it again, or train again"


@dataclass(frozen=True)
class Checkpoint:
    """A trained model and what its header says.

    Args:
        meta: the header; see the module's docstring.
        model: on the CPU, ready for use.
    """

    meta: dict[str, Any]
    model: CharRNN

    @property
    def alphabet(self) -> Alphabet:
        """The characters that the model knows."""
        return Alphabet(self.meta["alphabet"])

    @staticmethod
    def header(path: str | Path) -> dict[str, Any]:
        """Return the header of a model file, without importing torch.

        Raises:
            CheckpointError: it is missing, damaged or no textmusic model.
        """
        meta, shapes = read_header(path, MODEL_FORMAT)
        if shapes != _config(path, meta).shapes():
            raise CheckpointError(f"{path}: its tensors do not fit its configuration; {_AGAIN}")
        return meta

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model file.

        Raises:
            CheckpointError: it is missing, damaged or no textmusic model.
        """
        meta = cls.header(path)
        from textmusic.lm.model import CharRNN

        model = CharRNN(_config(path, meta))
        model.load_state_dict(load_tensors(path))
        return cls(meta, model.eval())


def _config(path: str | Path, meta: Mapping[str, Any]) -> ModelConfig:
    """Return the model's shape after checking that the header holds together."""
    try:
        config = ModelConfig.from_json(meta["model"])
        alphabet = Alphabet(meta["alphabet"])
    except (KeyError, TypeError, ConfigError) as error:
        raise CheckpointError(f"{path}: its header is incomplete ({error}); {_AGAIN}") from error
    if alphabet.size != config.vocabulary:
        raise CheckpointError(f"{path}: its alphabet does not fit its model; {_AGAIN}")
    return config


def save_tensors(path: str | Path, meta: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Write tensors and a JSON document, whole or not at all; equal input gives equal bytes.

    Raises:
        FormatError: the folder cannot be written, or the disk is full.
    """
    from safetensors.torch import save

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True)
    write_atomic(path, save(plain, {_KEY: text}))


def load_tensors(path: str | Path) -> dict[str, Tensor]:
    """Return the tensors of a file that `read_header` has accepted."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: is damaged ({error}); {_AGAIN}") from error


def read_header(
    path: str | Path, expected: str
) -> tuple[dict[str, Any], dict[str, tuple[int, ...]]]:
    """Return the JSON document and the shapes of the tensors; the file is checked to be whole.

    Args:
        path: a safetensors file.
        expected: what ``format`` must be.

    Raises:
        CheckpointError: it is missing, damaged or another kind of file.
    """
    head, room = _read_head(Path(path))
    try:
        header = json.loads(head)
        meta = json.loads(header.pop("__metadata__", {}).get(_KEY, "null"))
        ends = [int(entry["data_offsets"][1]) for entry in header.values()]
        shapes = {name: tuple(map(int, entry["shape"])) for name, entry in header.items()}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{path}: its header is damaged; {_AGAIN}") from error
    if max(ends, default=0) != room:
        raise CheckpointError(f"{path}: is cut off or damaged; {_AGAIN}")
    if not isinstance(meta, dict):
        raise CheckpointError(f"{path}: was not written by textmusic; give its model.safetensors")
    if meta.get("format") != expected:
        raise CheckpointError(
            f"{path}: is a {str(meta.get('format'))[:60]!r}, not a {expected!r}: "
            "another version of textmusic wrote it, or it is another file of the run"
        )
    return meta, shapes


def _read_head(path: Path) -> tuple[bytes, int]:
    """Return the JSON part and the number of bytes after it."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            start = file.read(9)
            length = int.from_bytes(start[:8], "little")
            if not 2 <= length <= _LARGEST_HEADER or start[8:] != b"{":
                raise CheckpointError(f"{path}: {_stranger(start)}")
            if 8 + length > size:
                raise CheckpointError(f"{path}: is cut off or damaged; {_AGAIN}")
            return b"{" + file.read(length - 1), size - 8 - length
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error


def _stranger(start: bytes) -> str:
    """Return what is wrong with a file that does not start as safetensors do."""
    if start.startswith((b"PK\x03\x04", b"\x80")):
        return "is a pickle, which could run any code; textmusic reads safetensors files only"
    return "is no safetensors file; give a model.safetensors"
