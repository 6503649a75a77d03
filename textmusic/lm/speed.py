"""How fast a model is trained and drawn from here, and by which code."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import torch

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.grammar import Grammar
from textmusic.lm.config import SampleConfig, TrainConfig
from textmusic.lm.data import Text
from textmusic.lm.learner import Learner
from textmusic.lm.model import CharRNN
from textmusic.lm.plain import PlainTrainer
from textmusic.lm.sample import Sampler
from textmusic.lm.threads import thread_limit

__all__ = ["Speed", "speeds"]

_CHARS = 256
"""Of a document drawn."""
_DOCUMENT = 1000
"""Characters of a document trained on."""
Work = Callable[[], int]
"""Does some of it and returns how many characters that were."""


@dataclass(frozen=True, slots=True)
class Speed:
    """One kind of work, done by the path in use and by plain PyTorch, taking turns.

    Args:
        work: what is done.
        path: ``compiled`` for `textmusic.lm.kernels`, ``PyTorch`` for its modules; of a training
            ``compiled, own products`` where PyTorch's products are not used either, of a sampling
            ``compiled, VNNI`` where the processor multiplies whole numbers by four.
        device: where.
        precision: of the matrix products in training, of the weights in sampling.
        threads: of the path in use; plain PyTorch has as many.
        streams: read or drawn side by side.
        chars_per_second: of the path in use, by the clock.
        plain_chars_per_second: of plain PyTorch in float32.
    """

    work: str
    path: str
    device: str
    precision: str
    threads: int
    streams: int
    chars_per_second: float
    plain_chars_per_second: float

    @property
    def ratio(self) -> float:
        """How much faster the path in use is."""
        return self.chars_per_second / self.plain_chars_per_second


def speeds(
    model: CharRNN,
    alphabet: Alphabet,
    grammar: Grammar[Any] | None,
    config: TrainConfig,
    *,
    seconds: float = 1.0,
    precision: str = "auto",
    on_work: Callable[[str], None] = lambda _: None,
) -> Iterator[Speed]:
    """Measure training, then sampling: one stream, 64, and 64 under the grammar.

    Training reads random characters and changes a copy of the model. Under the grammar each
    document is new, so that its tables are filled as they are in a run.

    Args:
        model: read only.
        alphabet: of its texts.
        grammar: of its texts; None measures nothing under it.
        config: of the training; where its device is missing, the CPU takes its place.
        seconds: for each of the two paths of each kind of work, at least.
        precision: of sampling; see `Sampler`.
        on_work: is told what is measured next.
    """
    on_work("training")
    yield _training(model, config, seconds)
    for streams, rules, name in ((1, None, ""), (64, None, ""), (64, grammar, ", grammar")):
        if name and rules is None:
            continue
        work = f"sampling{name}"
        on_work(f"{work}, {streams} side by side" if streams > 1 else f"{work}, one stream")
        one, other = (
            Sampler(
                *(model, alphabet, rules, SampleConfig(min_length=_CHARS, max_length=_CHARS)),
                precision=how,
                compiled=compiled,
            )
            for how, compiled in ((precision, True), ("float32", False))
        )
        rates = _taking_turns(_drawing(one, streams), _drawing(other, streams), seconds)
        device = model.device.type
        yield Speed(work, one.path, device, one.precision, one.threads, streams, *rates)


def _drawing(sampler: Sampler, streams: int) -> Work:
    batches = count()

    def draw() -> int:
        first = streams * next(batches)
        return sum(s.drawn for s in sampler.samples(streams, batch=streams, first=first))

    return draw


def _training(model: CharRNN, config: TrainConfig, seconds: float) -> Speed:
    here = torch.cuda.device_count() > (torch.device(config.device).index or 0)
    config = dataclasses.replace(config, steps=1 << 30, device=config.device if here else "cpu")
    size = max(4 * config.batch * config.window, _DOCUMENT)
    ids = np.random.default_rng(0).integers(1, model.config.vocabulary, size)
    ids[::_DOCUMENT] = ids[-1] = BOUNDARY
    learner = Learner(model.config, config, Text(ids, model.config.vocabulary))
    streams, threads = learner.streams, config.threads
    network = CharRNN(model.config, config.seed).to(learner.model.device)
    trainer = PlainTrainer(network, config, streams.batch)
    state, numbers = network.zero_state(streams.batch), count()

    def step() -> int:
        learner.advance()
        return streams.chars

    def plain_step() -> int:
        nonlocal state
        number = next(numbers)
        _, state = trainer.step(streams.read(number), state, number)
        return streams.chars

    with thread_limit(threads):
        rates = _taking_turns(step, plain_step, seconds)
    path, precision = learner.path, learner.precision
    return Speed("training", path, config.device, precision, threads, streams.batch, *rates)


def _taking_turns(one: Work, other: Work, seconds: float) -> tuple[float, float]:
    """Return characters a second of both; what else the machine does slows down both."""
    chars, times = [0, 0], [0.0, 0.0]
    for work in (one, other):
        work()  # compiles, and fills caches
    while min(times) < seconds:
        for index in (0, 1):
            turn = 0.0
            while turn < seconds / 4 and times[index] < 2 * seconds:
                started = time.perf_counter()
                chars[index] += (one, other)[index]()
                taken = time.perf_counter() - started
                times[index] += taken
                turn += taken
    return chars[0] / times[0], chars[1] / times[1]
