"""Drawing texts from a model: many side by side, or one character by character."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.errors import ConfigError, EncodeError, Issue
from textmusic.grammar import Grammar
from textmusic.lm.config import SampleConfig
from textmusic.lm.finding import address, finder
from textmusic.lm.masks import Masks
from textmusic.lm.model import CharRNN
from textmusic.lm.rows import Rows
from textmusic.lm.stepper import Engine, PlainModel
from textmusic.lm.voice import Sample, Stop, Voice
from textmusic.lm.weights import AUTO, Precision, checked_precision

__all__ = ["Sample", "Sampler"]

_BURST = 16
"""Characters that are drawn at once for a stream: less than a millisecond on a CPU."""


class Sampler:
    """Draws documents. The weights are taken as they are when it is made.

    A model on the CPU is run by compiled code if numba is installed, else by PyTorch. The two
    round differently: a draw that falls between two roundings, about one in a million, may differ.
    Sample i of a seed does not depend on how many are drawn beside it: the compiled code rounds a
    row alike in any number of rows; so do PyTorch's matrix products on x86 processors, but
    perhaps not on others.

    Args:
        model: read only.
        alphabet: of the texts: the first ids of the model, which may know others besides; those
            are never drawn.
        grammar: only texts that it accepts are drawn; None for no constraint.
        config: how to draw.
        threads: threads of PyTorch, where that runs the model; one is best for a few samples.
        precision: of the weights: ``float32``, or rounded to ``bfloat16`` or ``int8``, which costs
            less than 0.001 bits a character; with ``int8`` products round states, too. With VNNI,
            ``int8`` draws one stream and many three times as fast; one gains a factor of 1.5 by
            ``bfloat16``, many nothing. ``auto`` takes ``int8`` where compiled code runs the model
            and the processor is fast at it, else ``float32``. A seed draws the same in a
            precision; another precision draws otherwise.
        compiled: whether compiled code may be used. It is compiled the first time, which takes
            some ten seconds, and kept for later processes.

    Raises:
        ConfigError: the alphabet does not fit the model, a character that the config forbids or
            requires is not in it, or the precision is unknown.
    """

    def __init__(
        self,
        model: CharRNN,
        alphabet: Alphabet,
        grammar: Grammar[Any] | None = None,
        config: SampleConfig | None = None,
        threads: int = 1,
        *,
        precision: str = "float32",
        compiled: bool = True,
    ) -> None:
        if alphabet.size > model.config.vocabulary:
            raise ConfigError(
                f"the alphabet has {alphabet.size} ids, the model {model.config.vocabulary}"
            )
        self.model, self.threads = model, threads
        self.alphabet = alphabet
        self.config = config or SampleConfig()
        for char in self.config.forbid + self.config.require:
            if char not in alphabet:
                raise ConfigError(f"{char!r} is no character of these texts")
        free = np.ones(alphabet.size, np.bool_)
        free[alphabet.encode(self.config.forbid)] = False
        self._masks = Masks(grammar, alphabet, free)
        self.precision = self._checked(precision, compiled=compiled)
        self._engine = (self._compiled() if compiled else None) or self._plain()

    def _checked(self, precision: str, *, compiled: bool) -> Precision:
        if precision != AUTO:
            return checked_precision(precision)
        if not compiled or self.model.device.type != "cpu":
            return "float32"
        try:
            from textmusic.lm.kernels.whole import pays
        except ImportError:  # no numba
            return "float32"
        return "int8" if pays() else "float32"

    @property
    def compiled(self) -> bool:
        """Whether compiled code runs the model."""
        return not isinstance(self._engine, PlainModel)

    @property
    def path(self) -> str:
        """By which code the model is run, as `textmusic.lm.speed` names it."""
        return self._engine.path

    def samples(
        self,
        number: int,
        *,
        prime: str = "",
        stop: Stop | None = None,
        batch: int = 64,
        first: int = 0,
        lead: Sequence[int] = (),
    ) -> Iterator[Sample]:
        """Draw documents side by side and yield them in the order of their indices.

        Args:
            number: how many.
            prime: text that each starts with.
            stop: says when a text is long enough: it is cut there, and does not end before.
            batch: how many are drawn at a time.
            first: index of the first.
            lead: ids that the model reads before the priming text and that no text shows.

        Raises:
            EncodeError: the priming text has a character outside the alphabet, or one that the
                grammar forbids; its issue has the place.
            ConfigError: the priming text is longer than `max_length`.
            CheckpointError: the model gives no probabilities.
        """
        start = self._start(prime)
        voices = (
            Voice(index, prime, self.config, self._masks, stop=stop)
            for index in range(first, first + number)
        )
        done: dict[int, Sample] = {}
        wanted = first
        for voice in self._run(voices, batch, self._ids(prime, lead), start):
            if voice.ended:
                done[voice.index] = voice.sample()
            while wanted in done:
                yield done.pop(wanted)
                wanted += 1

    def stream(
        self,
        *,
        prime: str = "",
        stop: Stop | None = None,
        index: int = 0,
        lead: Sequence[int] = (),
    ) -> Iterator[str]:
        """Draw one document and yield its text as it comes, the priming text left out.

        The pieces are single characters, and at the end perhaps the grammar's ending. Args and
        errors are those of `samples`, whose sample of this index has the same text.
        """
        start = self._start(prime)
        voice = Voice(index, prime, self.config, self._masks, stop=stop, patience=_BURST)
        for _ in self._run(iter([voice]), 1, self._ids(prime, lead), start):
            yield from voice.piece
            if voice.finish:
                yield voice.finish

    def _run(
        self, waiting: Iterator[Voice], batch: int, ids: list[int], start: Any
    ) -> Iterator[Voice]:
        """Yield each voice whenever it has read what was drawn; one that is over gives up its row."""
        voices = list(islice(waiting, batch))
        if not voices:
            return
        run = _Run(self._masks, voices, ids[-1], start)
        writer = self._engine.writer(self.config, ids[:-1], len(voices))
        while run.voices:
            writer.advance(run.rows, self._masks.tables)
            run.find_ways()
            for row in run.asking():
                voice = run.voices[row]
                voice.look(run.rows, row)
                yield voice
                if voice.ended and (fresh := next(waiting, None)) is not None:
                    run.enter(row, fresh)
                    writer.renew(row)
            left = [row for row, voice in enumerate(run.voices) if not voice.ended]
            if len(left) < len(run.voices):
                run.keep(left)
                if left:
                    writer.keep(left)

    def _start(self, prime: str) -> Any:
        """Return the grammar's state after the priming text, checked."""
        if len(prime) >= self.config.max_length:
            raise ConfigError(
                f"the priming text has {len(prime)} characters, "
                f"max_length {self.config.max_length}: raise it"
            )
        self.alphabet.encode(prime)
        grammar = self._masks.grammar
        state = grammar.start()
        for offset, char in enumerate(prime):
            if char not in grammar.allowed(state):
                issue = Issue("sample.prime", f"the grammar forbids {char!r} here", offset)
                raise EncodeError(
                    f"character {offset + 1} of the priming text: {issue.message}", [issue]
                )
            state = grammar.step(state, char)
        return state

    def _ids(self, prime: str, lead: Sequence[int]) -> list[int]:
        """Return what the model reads before it draws."""
        return [BOUNDARY, *lead, *self.alphabet.encode(prime).tolist()]

    def _compiled(self) -> Engine | None:
        """Return the model for compiled code, or None where that cannot run."""
        if self.model.device.type != "cpu":
            return None
        try:
            from textmusic.lm.kernels.writing import CompiledModel
        except ImportError:  # no numba
            return None
        return CompiledModel(self.model, self.precision)

    def _plain(self) -> Engine:
        return PlainModel(self.model, self.precision, self.threads)


class _Run:
    """Voices and their rows.

    Args:
        masks: of the grammar.
        voices: those drawn now.
        last: the last id of the priming text.
        start: the grammar's state after it.
    """

    def __init__(self, masks: Masks, voices: list[Voice], last: int, start: Any) -> None:
        self.voices, self.rows = voices, Rows.of(len(voices), len(masks.parts))
        self._masks, self._last, self._start = masks, last, start
        self._error: BaseException | None = None
        self._finder = finder(weakref.WeakMethod(self._found))
        self.rows.finders[:] = address(self._finder)
        masks.users.add(self)
        for row, voice in enumerate(voices):
            self.enter(row, voice)

    def places(self) -> NDArray[np.int64]:
        """Return the states of the grammar that are needed."""
        return self.rows.places.ravel()

    def enter(self, row: int, voice: Voice) -> None:
        """Give a row to a voice."""
        self.voices[row] = voice
        voice.enter(self.rows, row, self._last, self._start)

    def asking(self) -> list[int]:
        """Return the rows whose voices have to look."""
        return np.flatnonzero(self.rows.asks).tolist()

    def find_ways(self) -> None:
        """Ask the grammar where it is not known how a row goes on."""
        if self._error is not None:
            raise self._error
        rows = self.rows
        for row in np.flatnonzero(rows.lost).tolist():
            places = rows.places[row]
            after = self._masks.after(places.tolist(), rows.reads.item(row))
            if after is None:
                self.voices[row].trace(rows, row)
            else:
                places[:] = after
            rows.lost[row], rows.asks[row] = False, rows.used[row] >= rows.due[row]

    def _found(self) -> bool:
        """Find ways for compiled code, and say whether it must leave: it has the tables of before."""
        tables = self._masks.tables
        try:
            self.find_ways()
        except BaseException as error:  # noqa: BLE001 - C code lets none through: it is raised later
            self._error = error
            return True
        return self._masks.tables is not tables

    def keep(self, left: list[int]) -> None:
        """Forget all voices but some."""
        self.voices, self.rows = [self.voices[row] for row in left], self.rows.kept(left)
