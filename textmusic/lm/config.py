"""What decides a model, its training and a sample: plain values that survive JSON."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from textmusic.errors import ConfigError

__all__ = ["Kind", "ModelConfig", "Precision", "SampleConfig", "TrainConfig"]

Kind = Literal["gru", "lstm", "rnn"]
Precision = Literal["auto", "float32", "bfloat16"]
_DEVICE = re.compile(r"cpu|cuda(:\d{1,3})?")
_GATES = {"gru": 3, "lstm": 4, "rnn": 1}


class _Config:
    """What the three have in common: JSON, and errors for unknown keys."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return dataclasses.asdict(self)  # type: ignore[call-overload,no-any-return]  # a dataclass

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Return the config that `to_json` described.

        Raises:
            ConfigError: unknown fields, or values of another type or out of range.
        """
        known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]  # a dataclass
        unknown = sorted(set(fields) - known)
        if unknown:
            raise ConfigError(f"{cls.__name__} has no field {', '.join(unknown)}")
        try:
            return cls(**fields)
        except TypeError as error:
            raise ConfigError(f"{cls.__name__}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class ModelConfig(_Config):
    """The shape of a model.

    Args:
        vocabulary: number of ids: `Alphabet.size`, the document boundary included; 2 to 65536.
        kind: ``gru``, ``lstm`` or ``rnn`` (tanh, as in min-char-rnn).
        layers: recurrent layers, 1 to 16.
        hidden: units a layer, 1 to 16384.
        embedding: numbers an id is embedded in, 1 to 16384; None takes `hidden`.
        dropout: share of each layer's outputs dropped in training, at least 0 and below 1.

    Raises:
        ConfigError: a value out of its range.
    """

    vocabulary: int
    kind: Kind = "gru"
    layers: int = 2
    hidden: int = 128
    embedding: int | None = None
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ConfigError(f"kind is one of {', '.join(get_args(Kind))}, not {self.kind!r}")
        _whole(self, "vocabulary", 2, 1 << 16)
        _whole(self, "layers", 1, 16)
        _whole(self, "hidden", 1, 1 << 14)
        if self.embedding is not None:
            _whole(self, "embedding", 1, 1 << 14)
        _real(self, "dropout", 0, 1, below=True)

    @property
    def width(self) -> int:
        """Numbers an id is embedded in."""
        return self.hidden if self.embedding is None else self.embedding

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every parameter, in PyTorch's own layout."""
        rows = _GATES[self.kind] * self.hidden
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocabulary, self.width)}
        for layer in range(self.layers):
            inputs = self.hidden if layer else self.width
            shapes[f"rnn.weight_ih_l{layer}"] = (rows, inputs)
            shapes[f"rnn.weight_hh_l{layer}"] = (rows, self.hidden)
            shapes[f"rnn.bias_ih_l{layer}"] = (rows,)
            shapes[f"rnn.bias_hh_l{layer}"] = (rows,)
        shapes["output.weight"] = (self.vocabulary, self.hidden)
        shapes["output.bias"] = (self.vocabulary,)
        return shapes


@dataclass(frozen=True, kw_only=True)
class TrainConfig(_Config):
    """How a model is trained. Two runs with equal configs on equal data end with equal bits.

    Args:
        steps: optimiser steps in all, at least 1; `steps_for` turns minutes or epochs into steps.
        batch: streams read side by side, at least 1; fewer are used on a corpus with fewer than
            `batch` windows.
        window: characters of each stream in one step, 1 to 65536.
        peak: highest learning rate, above 0.
        warmup: share of the steps in which the rate rises to `peak`, at least 0 and below 1; then
            it falls to 0 along a cosine.
        clip: largest norm of the gradient, above 0.
        beta2: Adam's second decay rate, at least 0 and below 1 (its first is 0.8).
        seed: of the weights, the window borders and dropout; at least 0.
        threads: threads of the process, at least 1, each of which reads some of the streams.
            Another number gives other rounding.
        valid_every: steps between validations; None takes a tenth of the run, at most 500.
        valid_chars: characters of the validation text that a validation reads, at least 1; the
            weights kept are those of the best one.
        device: ``cpu``, ``cuda`` or ``cuda:1`` and so on. Equal bits are promised on ``cpu`` only.
        precision: of the matrix products on a CPU: ``float32``, ``bfloat16`` (with sums and weights
            in float32), or ``auto``, which takes bfloat16 where the processor is faster at it and
            the model is large enough to gain; the choice is stored with the run.

    Raises:
        ConfigError: a value out of its range.
    """

    steps: int = 1000
    batch: int = 32
    window: int = 64
    peak: float = 6e-3
    warmup: float = 0.03
    clip: float = 1.0
    beta2: float = 0.99
    seed: int = 0
    threads: int = 1
    valid_every: int | None = None
    valid_chars: int = 1 << 15
    device: str = "cpu"
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        _whole(self, "steps", 1, 1 << 40)
        _whole(self, "batch", 1, 1 << 20)
        _whole(self, "window", 1, 1 << 16)
        _whole(self, "seed", 0, (1 << 63) - 1)
        _whole(self, "threads", 1, 1024)
        if self.valid_every is not None:
            _whole(self, "valid_every", 1, 1 << 40)
        _whole(self, "valid_chars", 1, 1 << 40)
        for name in ("peak", "clip"):
            _real(self, name, 0, math.inf, above=True, below=True)
        for name in ("warmup", "beta2"):
            _real(self, name, 0, 1, below=True)
        if not isinstance(self.device, str) or not _DEVICE.fullmatch(self.device):
            raise ConfigError(f"device is cpu or cuda, not {self.device!r}")
        if self.precision not in get_args(Precision):
            names = ", ".join(get_args(Precision))
            raise ConfigError(f"precision is one of {names}, not {self.precision!r}")

    @property
    def interval(self) -> int:
        """Steps between validations."""
        return self.valid_every or min(500, max(1, self.steps // 10))

    def rate(self, step: int) -> float:
        """Return the learning rate of a step (from 0): a linear rise, then a cosine to 0."""
        progress = (step + 0.5) / self.steps
        if progress < self.warmup:
            return self.peak * progress / self.warmup
        fall = (progress - self.warmup) / (1 - self.warmup)
        return self.peak * 0.5 * (1 + math.cos(math.pi * fall))


@dataclass(frozen=True, kw_only=True)
class SampleConfig(_Config):
    """How texts are drawn. Filters apply in this order: grammar, temperature, top-k, top-p.

    Args:
        temperature: divides the logits, at least 0; 0 always takes the most likely character.
        top_k: draw among the k most likely characters only; 0 for all.
        top_p: draw among the fewest characters that hold this probability, above 0, at most 1.
        greedy: probability with which the most likely character is taken instead of drawing.
        min_length: characters before the document may end by itself, at least 0; a grammar that
            allows nothing but the end overrides it.
        max_length: characters at most, a grammar's ending not counted. Both lengths include the
            priming text.
        seed: at least 0; the sample of a given index depends on it, not on how many are drawn.
        forbid: characters that are not drawn, unless the grammar allows nothing else.
        require: characters that the document must have before it may end by itself.

    Raises:
        ConfigError: a value out of its range, `min_length` above `max_length`, or a character both
            forbidden and required.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    greedy: float = 0.0
    min_length: int = 1
    max_length: int = 4096
    seed: int = 0
    forbid: str = ""
    require: str = ""

    def __post_init__(self) -> None:
        _real(self, "temperature", 0, math.inf, below=True)
        _real(self, "top_p", 0, 1, above=True)
        _real(self, "greedy", 0, 1)
        _whole(self, "top_k", 0, 1 << 16)
        _whole(self, "min_length", 0, 1 << 40)
        _whole(self, "max_length", 1, 1 << 40)
        _whole(self, "seed", 0, (1 << 63) - 1)
        if self.min_length > self.max_length:
            raise ConfigError(
                f"min_length {self.min_length} is above max_length {self.max_length}: lower one"
            )
        if both := set(self.forbid) & set(self.require):
            raise ConfigError(f"{min(both)!r} is both forbidden and required")


def _whole(config: object, name: str, low: int, high: int) -> None:
    value = getattr(config, name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"{name} is a whole number from {low} to {high}, not {value!r}")


def _real(
    config: object,
    name: str,
    low: float,
    high: float,
    *,
    above: bool = False,
    below: bool = False,
) -> None:
    """Check a number's range; `above` and `below` exclude the ends."""
    value = getattr(config, name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        enough = value > low if above else value >= low
        if enough and (value < high if below else value <= high):
            return
    lower = f"above {low}" if above else f"at least {low}"
    upper = f"below {high}" if below else f"at most {high}"
    raise ConfigError(f"{name} is a number {lower} and {upper}, not {value!r}")
