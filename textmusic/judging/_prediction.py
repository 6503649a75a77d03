"""Held-out documents under a model, beside the baselines."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY
from textmusic.corpus import Corpus, Progress, TrainingDocument, build
from textmusic.evaluate.prediction import (
    DocumentBits,
    Ids,
    Predicted,
    Prediction,
    Predictor,
    baselines,
)
from textmusic.lm import evaluate
from textmusic.originals import names
from textmusic.writing import Model

__all__ = ["predict", "predict_files"]

_SLICE = 1 << 17
Report = Callable[[Progress], None]


def predict_files(
    model: Model, trained: Corpus | None, files: list[Path], progress: Report
) -> Prediction:
    """Predict the music in some files and folders.

    Raises:
        CorpusError: nothing in them can be used; says why.
    """
    part = model.checkpoint.meta.get("corpus", {}).get("stats", {}).get("part")
    with tempfile.TemporaryDirectory() as folder:
        given = build(files, model.codec, folder, valid=0, part=part, progress=progress)
        left_out = tuple(str(one) for one in given.report() if one.kind == "quarantined")
        return replace(predict(model, trained, given, "train", progress), left_out=left_out)


def predict(
    model: Model,
    trained: Corpus | None,
    given: Corpus,
    split: Literal["train", "valid"],
    progress: Report,
) -> Prediction:
    """Predict one side of a corpus.

    Args:
        model: what predicts.
        trained: what the baselines count in; None for no baselines but the uniform one.
        given: where the documents stand.
        split: which of them.
        progress: called now and then.
    """
    documents = list(given.documents(split))
    held = Predicted(
        given.train if split == "train" else given.valid,
        names(documents, model.codec),
        [one.notes for one in documents],
        [one.bars for one in documents],
    )
    leads = _leads(model, documents)
    bits, hits = _model_bits(model, _told(held.ids, leads), progress)
    rows = [held.row("model", sum(bits), hits / (len(held.ids) - 1))]
    counted: list[float] | None = None
    longest = 0
    for row, each, order in _others(model, trained, held, progress):
        rows.append(row)
        if each is not None:
            counted, longest = held.by_document(each), order
    found = [
        DocumentBits(
            name, len(one.text) + 1, one.notes, one.bars, own, counted[i] if counted else None
        )
        for i, (name, one, own) in enumerate(zip(held.names, documents, bits, strict=True))
    ]
    found.sort(key=lambda one: one.bits / one.chars, reverse=True)
    return Prediction(tuple(rows), tuple(found), longest, told=sum(map(len, leads)))


def _leads(model: Model, documents: list[TrainingDocument]) -> list[list[int]]:
    """What the model is told before each document: its kind, where it knows one of that name."""
    known, alphabet = model.arrangement, model.codec.alphabet
    return [known.tag(alphabet, known.kind(one.file)) for one in documents]


def _told(ids: Ids, leads: list[list[int]]) -> Ids:
    """Documents with what is told before each."""
    if not any(leads):
        return ids
    firsts = np.flatnonzero(np.asarray(ids[:-1]) == BOUNDARY) + 1
    places = [first for first, lead in zip(firsts, leads, strict=True) if lead]
    each = [lead[0] for lead in leads if lead]
    return np.insert(np.asarray(ids, np.int64), places, each)


def _others(
    model: Model, trained: Corpus | None, held: Predicted, progress: Report
) -> Iterator[tuple[Predictor, NDArray[np.float64] | None, int]]:
    """The baselines; without a training set, the uniform one."""
    size = model.codec.alphabet.size
    if trained is None:
        yield held.row("uniform", (len(held.ids) - 1) * float(np.log2(size))), None, 0
        return

    def told(done: int, total: int) -> None:
        progress(Progress(done, total, "steps", "counting for the baselines"))

    yield from baselines(trained.train, held, size, told)


def _model_bits(model: Model, ids: Ids, progress: Report) -> tuple[list[float], int]:
    """Bits of each document, and how many predictions were right."""
    found: list[float] = []
    hits = 0
    for start, end in _slices(ids):
        progress(Progress(start, len(ids), "characters", "reading held-out music"))
        tags = model.codec.alphabet.size
        part = evaluate(model.checkpoint.model, ids[start : end + 1], given=tags)
        found += part.documents
        hits += part.hits
    return found, hits


def _slices(ids: Ids) -> Iterator[tuple[int, int]]:
    """Start and end, both boundaries, of pieces of about `_SLICE` ids."""
    boundaries = np.flatnonzero(np.asarray(ids) == BOUNDARY)
    start = 0
    for goal in range(_SLICE, len(ids) + _SLICE, _SLICE):
        at = min(int(np.searchsorted(boundaries, goal)), len(boundaries) - 1)
        end = int(boundaries[at])
        if end > start:
            yield start, end
            start = end
