"""What a training says of itself after each step."""

from __future__ import annotations

from dataclasses import dataclass, field

from textmusic.lm.model import CharRNN

__all__ = ["Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """What is known after a step of training.

    Args:
        step: steps done, from 1.
        steps: steps of the whole run.
        loss_bits: bits a character on the training text, averaged over the last steps.
        valid_bits: bits a character on the validation text, where this step measured it; after
            the last step those of the weights kept, on at most about a million characters.
        best_bits: the best validation so far, None before the first.
        baseline_bits: what a model reaches that knows the frequencies of the characters only: a
            run that does not get below it learns nothing.
        lr: learning rate of the step.
        epoch: how often the training text was read so far.
        chars_per_second: speed of the last steps; 0 where a finished run is taken up again.
        eta_seconds: time left at that speed, validations left out.
        saved: whether the files of the run hold this step.
        model: the model in training; read it between steps, do not change it.
    """

    step: int
    steps: int
    loss_bits: float
    valid_bits: float | None
    best_bits: float | None
    baseline_bits: float
    lr: float
    epoch: float
    chars_per_second: float
    eta_seconds: float
    saved: bool
    model: CharRNN = field(repr=False, compare=False)
