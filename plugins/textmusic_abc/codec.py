"""The codec `abc`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic_abc.books import find_tunes
from textmusic_abc.reading import read_tune
from textmusic_abc.sounding import score_of

__all__ = ["AbcCodec"]


@dataclass(frozen=True)
class AbcCodec(Codec):
    """ABC tunes."""

    name: ClassVar[str] = "abc"
    renders: ClassVar[tuple[str, ...]] = ("mid", "abc")
    sources: ClassVar[tuple[str, ...]] = ("abc",)

    @property
    def alphabet(self) -> Alphabet:
        """The characters of canonical texts."""
        return Alphabet("\n abc")

    def encode(self, score):
        raise NotImplementedError

    def parse(self, text: str) -> Parsed:
        """Return the music of one tune."""
        tune = read_tune(text)
        score = score_of(tune)
        return Parsed(score, tuple(tune.issues))

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the tunes of a tune book."""
        return find_tunes(text)
