"""A corpus on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self, TextIO

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.codec import Codec
from textmusic.corpus._records import Entry, Split, TrainingDocument
from textmusic.corpus._sources import Source
from textmusic.errors import CorpusError

__all__ = ["FORMAT", "Corpus", "content_hash", "identity", "open_lines"]

FORMAT = 1
_PIECE = 1 << 20


def identity(codec: Codec) -> dict[str, Any]:
    """Return what must be equal for two codecs to write the same ids."""
    return {
        "name": codec.name,
        "version": codec.format_version,
        "config": codec.config(),
        "alphabet": codec.alphabet.chars,
    }


def content_hash(codec: dict[str, Any], folder: Path, part: str | None = None) -> str:
    """Return the SHA-256 of a corpus: codec's identity, ids of both splits, the part if one."""
    digest = hashlib.sha256(json.dumps(codec, sort_keys=True).encode())
    if part is not None:
        digest.update(f"part {part}\n".encode())
    for split in ("train", "valid"):
        path = folder / f"{split}.bin"
        digest.update(f"{split} {path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()


def open_lines(path: Path, mode: Literal["r", "w"]) -> TextIO:
    """Open a file of text in which any path can be written, also one that is not UTF-8."""
    return path.open(mode, encoding="utf-8", errors="surrogatepass")


class Corpus:
    """Training documents as ids, mapped from disk. Made by `build`, opened by `Corpus.open`.

    Attributes:
        folder: where it lies.
        codec_name, codec_version, codec_config: the codec that wrote it.
        distribution: what provides that codec, such as ``textmusic 0.1``.
        alphabet: of its ids.
        hash: SHA-256 over codec and ids; the same for the same music under other names.
        part: the only instrument in it; None for all.
        sources: where the music comes from.
        stats: counts: for ``train`` and ``valid`` of documents, characters, notes and bars; of
            duplicates, groups, and of what was left out (by code), changed or repaired;
            ``imperfect`` documents are those whose text the codec reads with errors;
            ``summary`` holds a few lines for people.
        known: how many files were found in the cache, and not read, when it was built just now.
        train, valid: ids, one row each: 0 document 0 document 0 …; mapped, not in memory.
    """

    train: NDArray[np.integer[Any]]
    valid: NDArray[np.integer[Any]]

    def __init__(self, folder: Path, meta: dict[str, Any]) -> None:
        codec = meta["codec"]
        self.folder = folder
        self.known = 0
        self.codec_name = str(codec["name"])
        self.codec_version = int(codec["version"])
        self.codec_config: dict[str, Any] = dict(codec["config"])
        self.distribution = str(meta["distribution"])
        self.alphabet = Alphabet(codec["alphabet"])
        self.hash = str(meta["hash"])
        self.part: str | None = meta.get("part")
        self.sources = tuple(Source(**source) for source in meta["sources"])
        self.stats: dict[str, Any] = dict(meta["stats"])
        self._dtype = np.dtype(meta["dtype"])
        self.train = self._map("train", meta["ids"]["train"])
        self.valid = self._map("valid", meta["ids"]["valid"])

    @classmethod
    def open(cls, folder: str | Path, codec: Codec | None = None) -> Self:
        """Open a corpus and check that it is whole.

        Args:
            folder: as given to `build`.
            codec: if given, the corpus must be of this codec with these options.

        Raises:
            CorpusError: it is missing, damaged or of another codec.
        """
        folder = Path(folder)
        try:
            with open_lines(folder / "corpus.json", "r") as file:
                meta = json.load(file)
        except FileNotFoundError as error:
            raise CorpusError(f"{folder}: holds no corpus (there is no corpus.json)") from error
        except (OSError, ValueError) as error:
            raise CorpusError(f"{folder}: damaged corpus: corpus.json: {error}") from error
        if isinstance(meta, dict) and meta.get("format", FORMAT) != FORMAT:
            raise CorpusError(
                f"{folder}: a corpus of format {meta['format']}, this version reads {FORMAT}: "
                "build it again"
            )
        try:
            corpus = cls(folder, meta)
            whole = content_hash(meta["codec"], folder, corpus.part) == corpus.hash
        except (OSError, KeyError, TypeError, ValueError) as error:
            reason = f"corpus.json lacks {error}" if isinstance(error, KeyError) else str(error)
            raise CorpusError(f"{folder}: damaged corpus: {reason}; build it again") from error
        if not whole:
            raise CorpusError(f"{folder}: damaged corpus: its ids have changed; build it again")
        if codec is not None:
            corpus.check(codec)
        return corpus

    def check(self, codec: Codec) -> None:
        """Raise CorpusError unless the corpus was built by this codec with these options."""
        mine = {
            "name": self.codec_name,
            "version": self.codec_version,
            "config": self.codec_config,
            "alphabet": self.alphabet.chars,
        }
        for field, value in json.loads(json.dumps(identity(codec))).items():
            if mine[field] != value:
                raise CorpusError(
                    f"{self.folder}: built by codec {self.codec_name!r} with {field} "
                    f"{mine[field]!r}, not {value!r}; build it again"
                )

    def documents(self, split: Split | None = None) -> Iterator[TrainingDocument]:
        """Yield the documents of a split, or of both, in the order of their ids."""
        for row in self._lines("documents.jsonl"):
            if split in {None, row["split"]}:
                length = row.pop("length")
                ids = (self.train if row["split"] == "train" else self.valid)[
                    row["start"] : row["start"] + length
                ]
                yield TrainingDocument(text=self._text(ids), **row)

    def report(self) -> Iterator[Entry]:
        """Yield what was left out, repaired or changed, in the order of the files."""
        for row in self._lines("report.jsonl"):
            yield Entry(**row)

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        try:
            with open_lines(self.folder / name, "r") as file:
                for line in file:
                    yield json.loads(line)
        except (OSError, ValueError) as error:
            raise CorpusError(f"{self.folder}: damaged corpus: {name}: {error}") from error

    def _map(self, split: str, count: int) -> NDArray[np.integer[Any]]:
        path = self.folder / f"{split}.bin"
        size = path.stat().st_size
        if size != count * self._dtype.itemsize:
            raise ValueError(f"{split}.bin has {size} bytes, not {count * self._dtype.itemsize}")
        ids: NDArray[np.integer[Any]] = np.memmap(path, self._dtype, "r")
        if ids[0] != BOUNDARY or ids[-1] != BOUNDARY:
            raise ValueError(f"{split}.bin does not start and end with a boundary")
        return ids

    @cached_property
    def _points(self) -> NDArray[np.uint32]:
        return np.frombuffer(self.alphabet.chars.encode("utf-32-le", "surrogatepass"), "<u4")

    def _text(self, ids: NDArray[np.integer[Any]]) -> str:
        points = self._points[np.asarray(ids, np.int64) - 1]
        return points.tobytes().decode("utf-32-le", "surrogatepass")
