"""Bits per character of a text under a model."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from textmusic.alphabet import BOUNDARY
from textmusic.lm.data import CHUNK, Ids, Text
from textmusic.lm.model import CharRNN
from textmusic.lm.threads import thread_limit

__all__ = ["Evaluation", "character_bits", "evaluate"]

_PADDING = -100


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model makes of a text.

    Args:
        bits: information of all documents together, their ends included.
        chars: number of predictions: every character, and the end of every document.
        documents: bits of each document, in order.
        hits: how many of the predictions the model held likeliest.
    """

    bits: float
    chars: int
    documents: tuple[float, ...]
    hits: int = 0

    @property
    def bits_per_char(self) -> float:
        """Bits a prediction."""
        return self.bits / self.chars

    @property
    def accuracy(self) -> float:
        """Share of the predictions that the model held likeliest (top-1)."""
        return self.hits / self.chars


def evaluate(
    model: CharRNN,
    ids: Ids,
    batch: int = 32,
    window: int = 256,
    threads: int = 1,
    *,
    given: int | None = None,
) -> Evaluation:
    """Measure a text; every document starts from the zero state, whatever was read before.

    Args:
        model: it is left as it was.
        ids: boundary, document, boundary … boundary.
        batch: streams read side by side; cuts between them fall on document boundaries.
        window: characters read at a time.
        threads: threads, each of which reads some of the streams.
        given: the first of the ids that the model is told, such as kinds of pieces: it reads them,
            and is not asked to predict them. None for none.

    Raises:
        CorpusError: the ids have another shape or belong to another alphabet.
    """
    bits, hits = _read(model, ids, batch, window, threads)
    chars = len(bits)
    if given is not None:
        told = np.asarray(ids[1:]) >= given
        bits[told], hits[told] = 0, False
        chars -= int(told.sum())
    firsts = np.flatnonzero(np.asarray(ids[:-1]) == BOUNDARY)
    documents = np.add.reduceat(bits.astype(np.float64), firsts)
    return Evaluation(float(documents.sum()), chars, tuple(map(float, documents)), int(hits.sum()))


def character_bits(
    model: CharRNN, ids: Ids, batch: int = 32, window: int = 256, threads: int = 1
) -> NDArray[np.float32]:
    """Return the information of each id but the first, given its document up to there, in bits.

    Args and errors are those of `evaluate`.
    """
    return _read(model, ids, batch, window, threads)[0]


def _read(
    model: CharRNN, ids: Ids, batch: int, window: int, threads: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the bits of each id but the first, and whether the model held it likeliest."""
    text = Text(ids, model.config.vocabulary)
    cuts = _cuts(text, batch)
    starts, lengths = cuts[:-1], np.diff(cuts)
    bits, hits = np.empty(len(text), np.float32), np.empty(len(text), np.bool_)
    training = model.training
    model.eval()
    try:
        with thread_limit(1):
            shares = np.array_split(np.arange(len(starts)), min(threads, len(starts)))
            if len(shares) == 1:
                _follow(model, text, starts, lengths, window, bits, hits)
            else:
                with ThreadPoolExecutor(
                    len(shares), initializer=torch.set_num_threads, initargs=(1,)
                ) as pool:
                    parts = [
                        pool.submit(_follow, model, text, starts[i], lengths[i], window, bits, hits)
                        for i in shares
                    ]
                    for part in parts:
                        part.result()
    finally:
        model.train(training)
    text.release()
    bits /= math.log(2)
    return bits, hits


def _follow(  # noqa: PLR0917 - what is read, with what, and where it goes
    model: CharRNN,
    text: Text,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    window: int,
    bits: NDArray[np.float32],
    hits: NDArray[np.bool_],
) -> None:
    """Read some streams to their ends, and store what is found of their ids: nats, and hits."""
    state = model.zero_state(len(starts))
    with torch.inference_mode():
        for clock in range(0, int(lengths.max()), window):
            inputs, targets = _window(text, starts + clock, lengths - clock, window)
            logits, state = model(torch.from_numpy(inputs), state)
            flat, wanted = logits.flatten(0, 1), torch.from_numpy(targets).flatten()
            wanted = wanted.to(model.device)
            nats = functional.cross_entropy(flat, wanted, reduction="none", ignore_index=_PADDING)
            right = flat.argmax(1) == wanted
            for place, values in ((bits, nats), (hits, right)):
                each = values.cpu().numpy().reshape(inputs.shape)
                _store(place, each, starts + clock, starts + lengths)


def _cuts(text: Text, batch: int) -> NDArray[np.int64]:
    """Return where streams start and end: document boundaries near equal shares."""
    found = [np.flatnonzero(chunk == BOUNDARY) for chunk in text.chunks()]
    boundaries = np.concatenate([part + i * CHUNK for i, part in enumerate(found)])
    goals = np.arange(batch) * len(text) // batch
    cuts = boundaries[np.searchsorted(boundaries, goals)]
    return np.unique(np.append(cuts, len(text)))


def _window(
    text: Text, starts: NDArray[np.int64], lengths: NDArray[np.int64], window: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return inputs and targets (T, B); streams that are over are padded."""
    time = min(window, int(lengths.max()))
    inputs = np.full((time, len(starts)), BOUNDARY, np.int64)
    targets = np.full((time, len(starts)), _PADDING, np.int64)
    for stream, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        count = min(time, max(0, int(length)))
        if count:
            inputs[:count, stream] = text.ids[start : start + count]
            targets[:count, stream] = text.ids[start + 1 : start + count + 1]
    return inputs, targets


def _store(
    place: NDArray[Any],
    values: NDArray[Any],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> None:
    for stream, (start, end) in enumerate(zip(starts, ends, strict=True)):
        count = min(len(values), max(0, int(end - start)))
        if count:
            place[start : start + count] = values[:count, stream]
