"""What a model writes: whether it is well formed, what it is like, whether it is copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any, Literal

import numpy as np

from textmusic import api
from textmusic.alphabet import BOUNDARY
from textmusic.codec import Codec
from textmusic.corpus import Corpus, Progress
from textmusic.errors import ConfigError, FormatError, Issue, errors_of
from textmusic.evaluate import Overlap, OverlapIndex, run_limit
from textmusic.evaluate.statistics import (
    HISTOGRAMS,
    Distance,
    Statistics,
    distance,
    statistics,
)
from textmusic.format import Format, read_bytes, read_text
from textmusic.judging._mask import mask_bits
from textmusic.lm import character_bits
from textmusic.originals import overlap_index, pieces
from textmusic.registry import formats
from textmusic.score import Score
from textmusic.writing import Model

__all__ = ["Drawn", "Judged", "draw", "judge_samples", "read_samples"]

_COMPARED = 400
_YARDSTICK = 400
_ENOUGH = 99
_CHARACTERS = 2000
_SIDES: dict[str, Literal["train", "valid"]] = {"training": "train", "held out": "valid"}
Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Drawn:
    """Some samples.

    Args:
        how: ``grammar``, ``free`` or ``given``.
        names: of the samples.
        texts: of each, None where there is none but a music file.
        scores, issues: the music of each, and what is wrong with it.
    """

    how: str
    names: Sequence[str]
    texts: Sequence[str | None]
    scores: Sequence[Score] = field(repr=False)
    issues: Sequence[tuple[Issue, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Validity:
    """How well formed some samples are.

    Args:
        how: ``grammar``, ``free`` or ``given``.
        samples: how many.
        clean, sound: share without an issue, without an error.
        bits_per_char: of their texts under the model alone, ends left out; None without texts.
    """

    how: str
    samples: int
    clean: float
    sound: float
    bits_per_char: float | None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What held-out pieces share with the training set: what is normal.

    Args:
        pieces: how many were looked at.
        median: of the longest shared runs, in notes.
        percentile_95, percentile_99: what 1 of 20, 1 of 100 new pieces of this kind exceed at most,
            see `textmusic.evaluate.run_limit`; the longest run where the pieces are too few.
        share: mean share of a piece's windows that stand in the training set.
    """

    pieces: int
    median: float
    percentile_95: float
    percentile_99: float
    share: float

    @property
    def enough(self) -> bool:
        """Whether there are pieces enough to tell what 1 of 100 exceeds."""
        return self.pieces >= _ENOUGH


@dataclass(frozen=True)
class Judged:
    """All that was found out about samples.

    Args:
        validity: of each set.
        mask_bits: bits a character that the grammar takes from the likelihood: the divergence of
            the constrained model from the free one; None without a grammar.
        statistics: by ``samples``, ``training``, ``held out``: of the first set, and of at most
            400 pieces each.
        distances: from the training set, by histogram, of ``samples`` and ``held out``.
        overlaps: for each sample of the first set its name and what it shares.
        yardstick: None where nothing is held out.
    """

    validity: tuple[Validity, ...]
    mask_bits: float | None
    statistics: dict[str, Statistics]
    distances: dict[str, dict[str, Distance | None]]
    overlaps: tuple[tuple[str, Overlap], ...]
    yardstick: Yardstick | None

    @property
    def copying(self) -> int:
        """How many samples share more than held-out music does: see `Yardstick.percentile_99`."""
        if self.yardstick is None:
            return 0
        return sum(found.notes > self.yardstick.percentile_99 for _, found in self.overlaps)


def draw(model: Model, number: int, options: dict[str, Any], progress: Report) -> list[Drawn]:
    """Draw samples with the grammar where there is one, and as many without."""
    if "free" in options:
        raise ConfigError("samples are judged with and without the grammar: leave out free")
    options = {"characters": _CHARACTERS, **options}
    ways = {"grammar": False, "free": True} if model.codec.grammar() else {"free": True}
    found = []
    for how, free in ways.items():
        samples = []
        for sample in model.sample(number, free=free, **options):
            samples.append(sample)
            progress(Progress(len(samples), number, "samples", f"writing music ({how})"))
        found.append(
            Drawn(
                how,
                [f"sample {sample.number}" for sample in samples],
                [sample.text for sample in samples],
                [sample.score for sample in samples],
                [sample.issues for sample in samples],
            )
        )
    return found


def read_samples(codec: Codec, folder: Path) -> Drawn:
    """Read a folder of samples: codec texts (``*.CODEC.txt``), and only without any, music files.

    Raises:
        FormatError: there is no such folder, nothing readable in it, or a file is damaged.
    """
    if not folder.is_dir():
        raise FormatError(f"{folder}: no folder of samples")
    texts = sorted(folder.rglob(f"*.{codec.name}.txt"))
    if texts:
        read = [read_text(read_bytes(path, Format.max_bytes)) for path in texts]
        parsed = [codec.parse(text) for text in read]
        places = [str(path) for path in texts]
        return Drawn("given", places, read, [p.score for p in parsed], [p.issues for p in parsed])
    names: list[str] = []
    scores: list[Score] = []
    issues: list[tuple[Issue, ...]] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lstrip(".").lower() in formats.plain_suffixes():
            loaded = api.read(path)
            names += [str(path)] * len(loaded.scores)
            scores += loaded.scores
            issues += [loaded.issues] * len(loaded.scores)
    if not scores:
        raise FormatError(
            f"{folder}: holds neither texts named *.{codec.name}.txt nor music files to judge"
        )
    return Drawn("given", names, [None] * len(names), scores, issues)


def judge_samples(
    model: Model, corpus: Corpus | None, index: Path, drawn: list[Drawn], progress: Report
) -> Judged:
    """Judge sets of samples; what they are like and share is asked of the first set.

    Args:
        model: what is taken to have written them.
        corpus: that it was trained on; None for no comparison.
        index: folder of the overlap index, which is built if need be.
        drawn: the sets.
        progress: called now and then.
    """
    first = drawn[0]
    sets = {"samples": statistics(first.scores)}
    overlaps: tuple[tuple[str, Overlap], ...] = ()
    yardstick = None
    if corpus is not None:
        progress(Progress(0, None, "pieces", "comparing with the training set"))
        for name, split in _SIDES.items():
            sets[name] = statistics(pieces(corpus, model.codec, split, _COMPARED))
        originals = overlap_index(corpus, model.codec, index, progress)
        yardstick = _yardstick(originals, corpus, model.codec, progress)
        overlaps = tuple(
            (name, originals.audit(score))
            for name, score in zip(first.names, first.scores, strict=True)
        )
    grammar = model.codec.grammar()
    lost = None
    if grammar and first.how == "grammar":
        texts = [text for text in first.texts if text is not None]
        lost = mask_bits(model.checkpoint.model, model.codec.alphabet, grammar, texts)
    return Judged(
        tuple(_validity(model, one) for one in drawn),
        lost,
        {name: found for name, found in sets.items() if found.pieces},
        _distances(sets),
        overlaps,
        yardstick,
    )


def _validity(model: Model, drawn: Drawn) -> Validity:
    count = len(drawn.issues)
    clean = sum(not issues for issues in drawn.issues)
    sound = sum(not errors_of(issues) for issues in drawn.issues)
    alphabet = model.codec.alphabet
    own = [text for text in drawn.texts if text and all(char in alphabet for char in text)]
    bits = None
    if own:
        ids = np.concatenate([[BOUNDARY], *([*alphabet.encode(text), BOUNDARY] for text in own)])
        each = character_bits(model.checkpoint.model, ids.astype(np.int64))
        bits = float(each[ids[1:] != BOUNDARY].mean())
    return Validity(drawn.how, count, clean / count, sound / count, bits)


def _yardstick(
    originals: OverlapIndex, corpus: Corpus, codec: Codec, progress: Report
) -> Yardstick | None:
    found = []
    for score in pieces(corpus, codec, "valid", _YARDSTICK):
        found.append(originals.audit(score))
        if len(found) % 16 == 0:
            progress(Progress(len(found), _YARDSTICK, "pieces", "auditing held-out pieces"))
    if not found:
        return None
    runs = [one.notes for one in found]
    limits = [run_limit(runs, share) for share in (0.95, 0.99)]
    twenty, hundred = (float(max(runs) if limit is None else limit) for limit in limits)
    return Yardstick(len(runs), median(runs), twenty, hundred, fmean(one.share for one in found))


def _distances(sets: dict[str, Statistics]) -> dict[str, dict[str, Distance | None]]:
    if "training" not in sets:
        return {}
    training = sets["training"].histograms
    return {
        name: {
            kind: distance(found.histograms[name], training[name])
            for kind, found in sets.items()
            if kind != "training"
        }
        for name in HISTOGRAMS
    }
