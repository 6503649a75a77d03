"""The shared character RNN: it knows alphabets and grammars, never a codec.

Names are resolved on first use, so that reading a configuration or the header of a checkpoint
does not import torch::

    config  sizes and training options          data        streams over memory-mapped ids
    model   embedding, recurrence, output       recurrence  the inner loop, by PyTorch
    learner a model in training                 train       fit(), an iterator of steps
    plain   a step by PyTorch alone             kernels     a step on a CPU, compiled
    precision  float32 or bfloat16, measured
    parallel  several processes                processes   as torchrun starts them
    step    what is known after a step
    state   what a killed run resumes from      budget      minutes and epochs to steps
    scoring bits per character                  checkpoint  one safetensors file, no pickle
    sample  drawing texts                       voice       one sample as it grows
    stepper one character at a time             draw        temperature, top-k, top-p, greedy
    masks   grammar states to arrays            threads     how many torch uses
    onnx    one step as a graph for other programs
    rows    samples side by side, as arrays     weights     of a model, in fewer bits
    speed   measured, beside plain PyTorch
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textmusic.lm.budget import steps_for as steps_for
    from textmusic.lm.checkpoint import Checkpoint as Checkpoint
    from textmusic.lm.config import ModelConfig as ModelConfig
    from textmusic.lm.config import SampleConfig as SampleConfig
    from textmusic.lm.config import TrainConfig as TrainConfig
    from textmusic.lm.model import CharRNN as CharRNN
    from textmusic.lm.sample import Sample as Sample
    from textmusic.lm.sample import Sampler as Sampler
    from textmusic.lm.scoring import Evaluation as Evaluation
    from textmusic.lm.scoring import character_bits as character_bits
    from textmusic.lm.scoring import evaluate as evaluate
    from textmusic.lm.state import stored_configs as stored_configs
    from textmusic.lm.step import Step as Step
    from textmusic.lm.train import fit as fit

_HOMES = {
    "CharRNN": "model",
    "Checkpoint": "checkpoint",
    "Evaluation": "scoring",
    "ModelConfig": "config",
    "Sample": "sample",
    "SampleConfig": "config",
    "Sampler": "sample",
    "Step": "step",
    "TrainConfig": "config",
    "character_bits": "scoring",
    "evaluate": "scoring",
    "fit": "train",
    "steps_for": "budget",
    "stored_configs": "state",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - one table of names; a test holds it to the imports above


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"textmusic.lm.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'textmusic.lm' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
