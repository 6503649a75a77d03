"""What a model is told besides the music: whence a piece comes, and what stands after a gap.

A model may know more characters than its codec: tags, and two signs for a gap. Their ids follow
those of the codec's alphabet, so that a codec's text has the same ids with them and without, and
no text that is written ever holds them::

    TAG text                                   a piece of a kind
    TAG opening GAP GAP after FILL before bars   two bars missing: what comes after them, then what
                                                 came before, and they

What comes after stands first, so that the missing bars go on from what came before, as they do in
a whole piece (the order suffix, prefix, middle of M. Bavarian et al., "Efficient Training of
Language Models to Fill in the Middle", 2022). Both are short, because a recurrent state forgets.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.codec import Codec
from textmusic.corpus import Corpus
from textmusic.errors import CheckpointError, ConfigError, CorpusError
from textmusic.format import write_atomic

__all__ = ["Arrangement", "Surroundings", "arrange", "kind_of", "kinds_of"]

BEFORE, AFTER, MISSING = 4, 2, 4
"""Bars that are shown before and after a gap, and bars that it has at most in training."""
_EVERY = 8
_PRIVATE = 0xE000
_UNTAGGED = 0.1
_Ids = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a model sees of a piece with a gap.

    Args:
        opening: what stands before the first bar.
        before, after: some bars before the gap and after it.
        missing: bars that the gap has.
    """

    opening: str
    before: str
    after: str
    missing: int

    @classmethod
    def of(cls, text: str, places: Sequence[int], first: int, missing: int) -> Self:
        """Return what is around a gap.

        Args:
            text: a whole piece.
            places: of its bars; see `Codec.bar_offsets`.
            first: number of the first bar of the gap, from 0.
            missing: bars that it has.
        """
        last = first + missing
        return cls(
            text[: places[0]],
            text[places[max(0, first - BEFORE)] : places[first]],
            text[places[last] : places[min(last + AFTER, len(places) - 1)]],
            missing,
        )


@dataclass(frozen=True)
class Arrangement:
    """What a model knows besides its codec's alphabet; nothing by default.

    Args:
        tags: names of the kinds of pieces.
        gaps: whether it has learnt to fill gaps.
        condition: whose names the tags are: ``folder`` or ``file``.
    """

    tags: tuple[str, ...] = ()
    gaps: bool = False
    condition: str = "folder"

    @classmethod
    def from_meta(cls, meta: Mapping[str, Any]) -> Self:
        """Read the arrangement out of a checkpoint's header.

        Raises:
            CheckpointError: it is damaged.
        """
        try:
            said = meta.get("arrangement") or {}
            condition = str(said.get("condition") or "folder")
            return cls(tuple(map(str, said.get("tags", ()))), bool(said.get("gaps")), condition)
        except (AttributeError, TypeError) as error:
            raise CheckpointError("the model's header is damaged: its arrangement") from error

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        condition = {"condition": self.condition} if self.tags else {}
        return {"tags": list(self.tags), "gaps": self.gaps, **condition}

    def kind(self, file: str | Path) -> str | None:
        """Return the kind of the pieces in a file, as training tells it; None for an unknown one."""
        name = kind_of(file, self.condition).casefold()
        return next((tag for tag in self.tags if tag.casefold() == name), None)

    def alphabet(self, alphabet: Alphabet) -> Alphabet:
        """Return a codec's alphabet with what the model knows besides."""
        more = len(self.tags) + 2 * self.gaps
        return Alphabet(alphabet.chars + "".join(chr(_PRIVATE + i) for i in range(more)))

    def tag(self, alphabet: Alphabet, name: str | None) -> list[int]:
        """Return the ids that go before a piece of a kind; none for no kind.

        Args:
            alphabet: of the codec.
            name: one of `tags`, in any case.

        Raises:
            ConfigError: the model knows no such kind.
        """
        if name is None:
            return []
        folded = [tag.casefold() for tag in self.tags]
        if name.casefold() not in folded:
            known = ", ".join(self.tags[:20]) or "none: it was trained without --condition"
            raise ConfigError(f"the model knows no kind of piece {name!r}; it knows {known}")
        return [alphabet.size + folded.index(name.casefold())]

    def gap(self, alphabet: Alphabet, around: Surroundings) -> list[int]:
        """Return the ids that go before the bars of a gap; what is before it is among them.

        Args:
            alphabet: of the codec.
            around: what the model sees of the piece.

        Raises:
            EncodeError: a text has a character outside the alphabet.
        """
        sign = alphabet.size + len(self.tags)
        opening, before, after = (
            alphabet.encode(text).tolist() for text in (around.opening, around.before, around.after)
        )
        return [*opening, *[sign] * around.missing, *after, sign + 1, *before]


def arrange(
    corpus: Corpus, codec: Codec, folder: Path, *, condition: str | None, gaps: bool
) -> tuple[Arrangement, _Ids, _Ids]:
    """Write what a model learns from when it is told more than the music.

    Every tenth piece stays without its tag, so that the model can also do without. The pieces held
    out stay as they are, but for their tags. What lies in the folder is taken again where it was
    made of the same corpus.

    Args:
        corpus: the music.
        codec: its codec.
        folder: where the ids go.
        condition: tag pieces with the name of their ``folder`` or ``file``; None for no tags.
        gaps: add pieces with gaps.

    Returns:
        The arrangement, and the ids of the training and the held-out pieces, mapped from disk.

    Raises:
        CorpusError: all pieces are of one kind, or none has enough bars for a gap.
        FormatError: the folder cannot be written.
    """
    asked = {"corpus": corpus.hash, "condition": condition, "gaps": gaps}
    found = _stored(folder, asked)
    if found is None:
        tags: list[str] = []
        if condition:
            tags = kinds_of((one.file for one in corpus.documents()), condition)
        found = Arrangement(tuple(tags), gaps, condition or "folder")
        _write(found, corpus, codec, folder, condition)
        said = json.dumps(asked | {"arrangement": found.to_json()}, ensure_ascii=False)
        write_atomic(folder / "arrangement.json", said + "\n")
    dtype = _dtype(found, codec)
    train, valid = (np.memmap(folder / f"{side}.bin", dtype, "r") for side in ("train", "valid"))
    return found, train, valid


def _stored(folder: Path, asked: Mapping[str, Any]) -> Arrangement | None:
    """The arrangement that lies in a folder, if it is what is asked for."""
    try:
        said = json.loads((folder / "arrangement.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(said, dict) or any(said.get(name) != value for name, value in asked.items()):
        return None
    return Arrangement.from_meta(said)


def _dtype(arrangement: Arrangement, codec: Codec) -> np.dtype[Any]:
    small = arrangement.alphabet(codec.alphabet).size <= 256
    return np.dtype("<u1" if small else "<u2")


def kinds_of(files: Iterable[str | Path], condition: str) -> list[str]:
    """Return the kinds of the pieces in some files, sorted.

    Raises:
        CorpusError: there is only one.
    """
    kinds = sorted({kind_of(file, condition) for file in files})
    if len(kinds) < 2:
        raise CorpusError(
            f"all pieces lie in one {condition} ({''.join(kinds)}): nothing to tell apart; "
            "leave out --condition"
        )
    return kinds


def kind_of(file: str | Path, condition: str) -> str:
    """Return the kind of a piece: the name of its ``folder``, or of its ``file``."""
    path = Path(file)
    return path.parent.name if condition == "folder" else path.stem


def _write(
    arrangement: Arrangement, corpus: Corpus, codec: Codec, folder: Path, condition: str | None
) -> None:
    """Write both sides; the gaps come right after their piece, and the trainer mixes all."""
    folder.mkdir(parents=True, exist_ok=True)
    dtype, alphabet = _dtype(arrangement, codec), codec.alphabet
    filled = 0
    for side in ("train", "valid"):
        with (folder / f"{side}.bin").open("wb") as file:
            file.write(np.array([BOUNDARY], dtype).tobytes())
            for document in corpus.documents(side):
                digest = hashlib.sha256(document.text.encode()).digest()
                random = Random(digest)  # noqa: S311 - the same music is arranged alike
                tag: list[int] = []
                if condition and (side == "valid" or random.random() >= _UNTAGGED):
                    tag = arrangement.tag(alphabet, kind_of(document.file, condition))
                rows = [alphabet.encode(document.text).tolist()]
                if arrangement.gaps and side == "train":
                    rows += _with_gaps(arrangement, codec, document.text, random)
                    filled += len(rows) - 1
                for row in rows:
                    file.write(np.array([*tag, *row, BOUNDARY], dtype).tobytes())
    if arrangement.gaps and not filled:
        raise CorpusError(
            f"codec {codec.name!r} finds no piece with bars enough to learn filling gaps from; "
            "leave out --gaps"
        )


def _with_gaps(
    arrangement: Arrangement, codec: Codec, text: str, random: Random
) -> Iterator[list[int]]:
    """Yield the piece with one gap in every `_EVERY` bars of it."""
    places = codec.bar_offsets(text)
    bars = len(places) - 1
    for _ in range(max(1, bars // _EVERY) if bars >= 3 else 0):
        missing = random.randint(1, min(MISSING, bars - 2))
        first = random.randint(1, bars - 1 - missing)
        lead = arrangement.gap(codec.alphabet, Surroundings.of(text, places, first, missing))
        middle = text[places[first] : places[first + missing]]
        yield lead + codec.alphabet.encode(middle).tolist()
