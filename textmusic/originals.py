"""The training set of a run, ready to be asked what a piece shares with it.

``RUN/overlap/`` holds the index; it is built on first use, and again when the corpus has changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeAlias

from textmusic.codec import Codec
from textmusic.corpus import Corpus, Progress, TrainingDocument
from textmusic.errors import CorpusError
from textmusic.evaluate import OverlapIndex
from textmusic.score import Score

__all__ = ["names", "overlap_index", "pieces", "training_set"]

_Split: TypeAlias = Literal["train", "valid"]


def training_set(folder: Path, codec: Codec, meta: Mapping[str, Any]) -> Corpus | None:
    """Open the corpus that a model was trained on; None where it does not lie beside it.

    Args:
        folder: of the model's file.
        codec: of the model.
        meta: header of the model's file.

    Raises:
        CorpusError: it lies there, but is damaged.
    """
    if not (folder / "corpus" / "corpus.json").exists():
        return None
    corpus = Corpus.open(folder / "corpus", codec)
    return corpus if corpus.hash == meta.get("corpus", {}).get("hash") else None


def overlap_index(
    corpus: Corpus,
    codec: Codec,
    folder: str | Path,
    progress: Callable[[Progress], None] = lambda _: None,
) -> OverlapIndex:
    """Open the index of a training set; it is built where there is none of this corpus.

    Args:
        corpus: what was trained on; transpositions are left out, as keys are not told apart.
        codec: of the corpus.
        folder: where the index lies.
        progress: called now and then while it is built.

    Raises:
        CorpusError: the corpus is damaged.
        FormatError: the folder cannot be written.
    """
    folder = Path(folder)
    try:
        return OverlapIndex.open(folder, corpus.hash)
    except CorpusError:
        OverlapIndex.build(_told(corpus, codec, progress)).save(folder, corpus.hash)
        return OverlapIndex.open(folder, corpus.hash)


def _told(
    corpus: Corpus, codec: Codec, progress: Callable[[Progress], None]
) -> Iterator[tuple[str, Score]]:
    """The original pieces of the training set, one text at a time, while progress is told of."""
    called = names([replace(one, text="") for one in _originals(corpus, "train")], codec)
    documents = zip(called, _originals(corpus, "train"), strict=True)
    for done, (name, document) in enumerate(documents):
        if done % 64 == 0:
            progress(Progress(done, len(called), "documents", "indexing the training set"))
        score = codec.parse(document.text).score
        title = score.get("title")
        yield f"{name} ({title})" if title else name, score
    progress(Progress(len(called), len(called), "documents", "sorting the index"))


def _originals(corpus: Corpus, split: _Split) -> Iterator[TrainingDocument]:
    return (one for one in corpus.documents(split) if not one.transposed)


def pieces(corpus: Corpus, codec: Codec, split: _Split, most: int) -> Iterator[Score]:
    """Yield the music of a split's original documents, of at most so many spread over all."""
    count = sum(1 for _ in _originals(corpus, split))
    step = max(1, -(-count // most))
    for document in islice(_originals(corpus, split), 0, None, step):
        yield codec.parse(document.text).score


def names(documents: list[TrainingDocument], codec: Codec) -> list[str]:
    """Return where documents come from: the file, and the piece in it where it has several."""
    alone = Counter(one.file for one in documents)
    parts = Counter((one.file, one.offset) for one in documents)
    found = []
    for one in documents:
        name = one.file
        if alone[one.file] > 1 and parts[one.file, one.offset] < alone[one.file]:
            own_text = Path(one.file).suffix.lstrip(".").lower() in codec.sources
            place = f"character {one.offset}" if own_text else f"piece {one.offset + 1}"
            name += f", {place}"
        if parts[one.file, one.offset] > 1:
            name += f", part {one.part + 1}"
        found.append(name)
    return found
