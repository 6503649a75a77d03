"""The values that the parts of the corpus builder hand to each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from textmusic.codec import Codec
from textmusic.format import Format
from textmusic.registry import Origin, codecs

__all__ = ["Batch", "Entry", "Found", "Item", "Progress", "Recipe", "Split", "TrainingDocument"]

Split = Literal["train", "valid"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build has come.

    Args:
        done, total: in `unit`; the total is None while it is not known.
        unit: what is counted: ``files`` or ``documents``.
        message: what is being done.
    """

    done: int
    total: int | None
    unit: str
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a corpus report.

    Args:
        kind: ``quarantined`` (left out), ``projected`` (changed to fit the codec) or
            ``repaired`` (by the format that read the file).
        file: path of the file.
        line: 1-based line of a text file, None for a binary file.
        code: dotted and stable; that of the issue where there is one.
        message: one line.
    """

    kind: Literal["quarantined", "projected", "repaired"]
    file: str
    line: int | None
    code: str
    message: str

    def __str__(self) -> str:
        """Return the entry as a compiler prints it: ``riff.tab:12: code: message``."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class TrainingDocument:
    """One document of a corpus.

    Args:
        text: the canonical text, as the model sees it.
        split: ``train`` or ``valid``.
        file: path of the file that it was first found in.
        offset: where the piece, or a header that belongs to it, starts in a text file
            (characters); number of the piece, from 0, in other files.
        part: number of the part of that piece, from 0.
        source: name of the source.
        notes, bars: how many the text holds.
        copies: how often exactly this text was found.
        cluster: number of the cluster of near duplicates and parts of one piece.
        transposed: semitones by which a training document was moved; 0 for an original.
        start: index of its first id in the ``.bin`` file.
    """

    text: str
    split: Split
    file: str
    offset: int
    part: int
    source: str
    notes: int
    bars: int
    copies: int
    cluster: int
    transposed: int
    start: int


@dataclass(frozen=True)
class Recipe:
    """How a worker gets at the codec: by name where it is installed there too, else by value.

    Args:
        name, config: of the codec.
        codec: the codec itself where it is not installed.
        part: the only instrument to read; see `textmusic.transforms.select`.
    """

    name: str
    config: dict[str, Any]
    codec: Codec | None
    part: str | None = None

    @classmethod
    def of(cls, codec: Codec, part: str | None = None) -> Recipe:
        """Return the recipe of a codec."""
        installed = (
            codec.name in codecs
            and codecs.origin(codec.name) != Origin("", "")
            and codecs.get(codec.name) is type(codec)
        )
        return cls(codec.name, codec.config(), None if installed else codec, part)

    @property
    def portable(self) -> bool:
        """Whether a process that cannot import the user's script can have the codec."""
        return self.codec is None or type(self.codec).__module__ != "__main__"

    def make(self) -> Codec:
        """Return the codec."""
        return self.codec or codecs.get(self.name).from_config(self.config)


@dataclass(frozen=True, slots=True)
class Item:
    """One file to read, or one window of a large text file.

    Args:
        file: number of the file.
        path: where it lies.
        format: what reads it; None for text of the codec's own kind.
        text: the window's text, None when the file is to be read whole.
        offset, line: where the window starts in the file (characters; lines before it).
        last: whether nothing of this file follows.
    """

    file: int
    path: Path
    format: Format | None = None
    text: str | None = None
    offset: int = 0
    line: int = 0
    last: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """One document as a worker returns it: everything the builder needs to know of it.

    Args:
        file, offset, part: its place; see `TrainingDocument`.
        piece: a number that no other piece of the file has.
        variants: (semitones, ids as bytes) of the text and its transpositions, the text first.
        notes, bars: how many it holds.
        signature: the MinHash of its music, as bytes.
    """

    file: int
    piece: int
    offset: int
    part: int
    variants: tuple[tuple[int, bytes], ...]
    notes: int
    bars: int
    signature: bytes


@dataclass(slots=True)
class Batch:
    """What became of an item.

    Args:
        found: the documents.
        entries: lines of the report.
        counts: of what is not reported one by one.
        files: how many files are done with it: 0 or 1.
        last: what was read, for people.
        lasting: whether the same content will always give the same.
    """

    found: list[Found] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    files: int = 0
    last: str = ""
    lasting: bool = True
