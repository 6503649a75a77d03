"""Training: `fit`, an iterator of steps that a killed run can take up again."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from textmusic.errors import CheckpointError, ConfigError
from textmusic.lm.checkpoint import MODEL_FORMAT, save_tensors
from textmusic.lm.config import ModelConfig, TrainConfig
from textmusic.lm.data import Ids, Text
from textmusic.lm.learner import Learner
from textmusic.lm.parallel import Group
from textmusic.lm.scoring import evaluate
from textmusic.lm.state import MODEL_NAME, STATE_NAME, RunState, sweep
from textmusic.lm.step import Step

__all__ = ["FINAL_CHARS", "Step", "fit"]

FINAL_CHARS = 1 << 20
"""Of the validation text, read at most at the end of a run."""
_RESERVED = ("format", "model", "train", "data", "scores")


def fit(  # noqa: PLR0917 - two configs, two texts, a place and a header, in the order of the prose
    model_config: ModelConfig,
    train_config: TrainConfig,
    train_ids: Ids,
    valid_ids: Ids | None,
    run_folder: str | Path,
    header: Mapping[str, Any],
    *,
    resume: bool = False,
    save_seconds: float = 30.0,
    group: Group | None = None,
) -> Iterator[Step]:
    """Train a model; the caller's loop logs, previews and stops.

    In `run_folder` stand ``state.safetensors``, from which a run killed at any moment resumes and
    ends with the bits of one never killed, and ``model.safetensors``, the best weights so far.
    Without validation text the last weights are kept.

    Args:
        model_config: the shape of the model.
        train_config: how it is trained.
        train_ids: boundary, document, boundary … boundary; may be a `numpy.memmap`.
        valid_ids: the same of documents held out; None or empty for none.
        run_folder: made if need be.
        header: JSON values for the model file: ``alphabet`` (the characters), and what the caller
            wants to find there again, such as ``codec``, ``corpus`` and ``sources``.
        resume: go on from the state in `run_folder`, where there is one; else start anew.
        save_seconds: the state is written when this many seconds have passed, and at the end.
        group: the processes that train together, of `textmusic.lm.parallel.joined`; each calls
            this with the same arguments. The first one measures and writes the files: the steps
            of the others hold no validation. None for one process.

    Returns:
        An iterator of steps; closing it saves the state, where one process trains. Several save
        and raise KeyboardInterrupt on each of them after the step in which one is interrupted.

    Raises:
        ConfigError: options that contradict each other, or a training that diverges.
        CorpusError: ids that cannot be trained on.
        CheckpointError: the run to resume is damaged, or was started otherwise.
        FormatError: the folder cannot be written, or the disk is full.
    """
    group, held_out = group or Group(), None
    if group.first and valid_ids is not None and len(valid_ids) > 2:
        held_out = Text(valid_ids, model_config.vocabulary)
    text = Text(train_ids, model_config.vocabulary, checked=not group.first)
    run = _Run(
        *(model_config, train_config, text, held_out),
        folder=Path(run_folder), header=header, group=group,
    )  # fmt: skip
    if resume:
        run.restore()
    return run.steps(save_seconds)


class _Run:
    """One training: what it is, how far it is, and its two files."""

    def __init__(
        self,
        model_config: ModelConfig,
        config: TrainConfig,
        text: Text,
        valid: Text | None,
        *,
        folder: Path,
        header: Mapping[str, Any],
        group: Group,
    ) -> None:
        self.group = group
        self.config, self.text, self.valid, self.folder = config, text, valid, folder
        self.identity = self._identity(header, model_config) if group.first else {}
        self.learner = Learner(model_config, config, self.text, group)
        self.best: dict[str, Tensor] = {}
        self.best_bits: float | None = None
        self.best_step = 0
        self.scores: dict[str, Any] | None = None
        self.baseline: float = group.lead(lambda: self.text.baseline)
        self.seconds = 0.0

    def _identity(self, header: Mapping[str, Any], model_config: ModelConfig) -> dict[str, Any]:
        return {
            **_checked_header(header, model_config),
            "model": model_config.to_json(),
            "train": self.config.to_json(),
            "data": {
                "train_chars": len(self.text),
                "train_hash": self.text.hash,
                "valid_chars": len(self.valid) if self.valid else 0,
                "valid_hash": self.valid.hash if self.valid else None,
            },
        }

    def restore(self) -> None:
        """Take up the run where its state left it, if it has one.

        The first process reads it, and gives the others what they need of it.
        """
        state = RunState.load(self.folder, self.identity) if self.group.first else None
        progress = self.group.lead(lambda: state and state.progress)
        if progress is None:
            return
        kept = state.tensors if state else {}
        try:
            tensors = self.group.spread({n: t for n, t in kept.items() if n[:5] != "best."})
            self.learner.restore(
                *(tensors, progress["step"], progress["mean_nats"], progress["precision"])
            )
            self.best_bits, self.best_step = progress["best_bits"], progress["best_step"]
            self.scores = progress["scores"]
            if self.best_bits is not None and self.group.first:
                self.best = {n: kept[f"best.{n}"] for n in self.learner.weights()}
        except (KeyError, RuntimeError) as error:
            raise CheckpointError(
                f"{self.folder / STATE_NAME}: is incomplete; start the run anew"
            ) from error

    def steps(self, save_seconds: float) -> Iterator[Step]:
        """Train to the end; files are written before the step that they hold is yielded."""
        if self.group.first:
            sweep(self.folder)
        self._save()
        if self.scores is not None:
            yield self._step(self.scores["valid_bits"], saved=True)
        saved = time.monotonic()
        with self.group.listening():
            while self.learner.done < self.config.steps:
                self.group.ask(save=time.monotonic() - saved >= save_seconds)
                valid, save = self._advance()
                if save:
                    saved = time.monotonic()
                if self.group.stopping:
                    raise KeyboardInterrupt
                try:
                    yield self._step(valid, saved=save)
                except GeneratorExit:
                    if not save and self.group.size == 1:
                        self._save()
                    raise

    def _advance(self) -> tuple[float | None, bool]:
        """Do a step; return the bits a character held out, if measured, and whether it is saved."""
        started = time.monotonic()
        self.learner.advance()
        self._clock(time.monotonic() - started)
        done = self.learner.done
        last = done == self.config.steps
        valid = self._validate() if last or done % self.config.interval == 0 else None
        if last:
            valid = self._finish()
        save = last or self.group.saving or self.group.stopping
        if save:
            self._save()
        return valid, save

    def _clock(self, seconds: float) -> None:
        """Keep a running average of the seconds of a step."""
        self.seconds = 0.95 * self.seconds + 0.05 * seconds if self.seconds else seconds

    def _validate(self) -> float | None:
        """Measure the weights, and keep them if they are the best so far."""
        self.learner.align()
        if self.valid is None:
            return None
        bits = self._measure(self.config.valid_chars)
        if self.best_bits is None or bits < self.best_bits:
            self.best_bits, self.best_step = bits, self.learner.done
            self.best = {n: w.detach().clone() for n, w in self.learner.weights().items()}
        return bits

    def _measure(self, chars: int) -> float:
        assert self.valid is not None
        ids = self.valid.excerpt(chars).ids
        return evaluate(self.learner.model, ids, threads=self.config.threads).bits_per_char

    def _finish(self) -> float | None:
        """Take the best weights and score them."""
        valid = None
        if self.valid is not None:
            self.learner.model.load_state_dict(self.best)
            valid = self._measure(FINAL_CHARS)
        self.scores = self._scores(valid)
        return valid

    def _scores(self, valid_bits: float | None) -> dict[str, Any]:
        return {
            "step": self.learner.done,
            "best_step": self.best_step or self.learner.done,
            "train_bits": self.learner.mean_nats / math.log(2) if self.learner.done else None,
            "valid_bits": valid_bits,
            "baseline_bits": self.baseline,
        }

    def _save(self) -> None:
        """Write the state, then the model that it makes."""
        learner = self.learner
        tensors = learner.tensors()
        if not self.group.first:
            return
        progress = {
            "step": learner.done,
            "mean_nats": learner.mean_nats,
            "precision": learner.precision,
            "best_bits": self.best_bits,
            "best_step": self.best_step,
            "scores": self.scores,
        }
        best = {f"best.{name}": value for name, value in self.best.items()}
        RunState(self.identity, progress, tensors | best).save(self.folder)
        meta = {
            **self.identity,
            "format": MODEL_FORMAT,
            "scores": self.scores or self._scores(self.best_bits),
        }
        save_tensors(self.folder / MODEL_NAME, meta, self.best or learner.weights())

    def _step(self, valid_bits: float | None, *, saved: bool) -> Step:
        learner = self.learner
        chars = learner.streams.chars
        left = self.config.steps - learner.done
        return Step(
            step=learner.done,
            steps=self.config.steps,
            loss_bits=learner.mean_nats / math.log(2),
            valid_bits=valid_bits,
            best_bits=self.best_bits,
            baseline_bits=self.baseline,
            lr=self.config.rate(learner.done - 1),
            epoch=learner.done * chars / len(self.text),
            chars_per_second=chars / self.seconds if self.seconds else 0.0,
            eta_seconds=left * self.seconds if left else 0.0,
            saved=saved,
            model=learner.model,
        )


def _checked_header(header: Mapping[str, Any], config: ModelConfig) -> dict[str, Any]:
    """Return the caller's header as JSON holds it."""
    taken = sorted(set(header) & set(_RESERVED))
    if taken:
        raise ConfigError(f"the header may not hold {', '.join(taken)}: fit writes that itself")
    chars = header.get("alphabet")
    if not isinstance(chars, str) or len(chars) + 1 != config.vocabulary:
        raise ConfigError(
            f"the header's alphabet must hold {config.vocabulary - 1} characters, "
            "one less than the vocabulary"
        )
    plain: dict[str, Any] = json.loads(json.dumps(dict(header)))
    return plain
