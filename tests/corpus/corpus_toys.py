"""Small codecs and formats to build corpora with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Parsed
from textmusic.errors import DecodeError, EncodeError, Issue
from textmusic.format import Format, Loaded
from textmusic.score import Note, Score, Track

PITCHES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class LetterCodec(Codec):
    """One letter a note of a quarter, from A = 48 upwards; a blank line ends a document."""

    wide: bool = False

    name: ClassVar[str] = "letters"
    sources: ClassVar[tuple[str, ...]] = ("let",)

    @property
    def alphabet(self) -> Alphabet:
        more = "".join(map(chr, range(0x4E00, 0x4E00 + 300))) if self.wide else ""
        return Alphabet(PITCHES + more)

    def encode(self, score: Score) -> str:
        notes = [n.pitch - 48 for t in score.tracks for n in t.notes]
        if not all(0 <= n < len(PITCHES) for n in notes):
            raise EncodeError("a pitch outside 48…99")
        return "".join(PITCHES[n] for n in notes)

    def parse(self, text: str) -> Parsed:
        notes = tuple(
            Note(index, 1, 48 + PITCHES.index(char))
            for index, char in enumerate(text)
            if char in PITCHES
        )
        return Parsed(Score((Track(notes),), tpq=1))

    def parts(self, score: Score) -> tuple[Score, ...]:
        return tuple(Score((track,), score.tpq) for track in score.tracks if track.notes)

    def project(self, score: Score) -> Score:
        notes = [n for t in score.tracks for n in t.notes if 48 <= n.pitch < 48 + len(PITCHES)]
        if not notes:
            raise EncodeError("no note between 48 and 99")
        moved = tuple(Note(i, 1, n.pitch) for i, n in enumerate(notes))
        return Score((Track(moved),), tpq=1)

    def canonical(self, text: str) -> str:
        for offset, char in enumerate(text):
            if char == "!":
                raise DecodeError("bad", [Issue("letters.bang", "a bang", offset)])
            if char == "?":
                raise ZeroDivisionError("stranger's\nbug")
        return "".join(c for c in text if c in PITCHES or c == "1")

    def documents(self, text: str) -> Iterator[Document]:
        offset = 0
        for block in text.split("\n\n"):
            if block.strip():
                yield Document(block, offset)
            offset += len(block) + 2


class PairsFormat(Format):
    """Lines of pitches; a line is a track, ``=`` starts the next piece, ``*`` is damage."""

    name: ClassVar[str] = "pairs"
    title: ClassVar[str] = "Pairs"
    reads: ClassVar[bool] = True
    is_text: ClassVar[bool] = True

    def decode(self, data: bytes) -> Loaded:
        text = data.decode()
        if "*" in text:
            from textmusic.errors import FormatError

            issue = Issue("pairs.star", "a star", text.index("*"))
            raise FormatError("a star", [issue])
        issues = [
            Issue("pairs.tilde", "a tilde", i, 1, "warning") for i, c in enumerate(text) if c == "~"
        ]
        scores = [
            Score(
                tuple(
                    Track(
                        tuple(
                            Note(i, 1, int(p)) for i, p in enumerate(line.replace("~", "").split())
                        )
                    )
                    for line in piece.strip().splitlines()
                ),
                tpq=1,
            )
            for piece in text.split("=")
        ]
        return Loaded(tuple(scores), tuple(issues))


def tune(seed: int, length: int = 60) -> str:
    """A random tune of stepwise and leaping letters, in the middle of the range."""
    rng = random.Random(seed)
    place, chars = 25, []
    for _ in range(length):
        place = min(max(place + rng.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 7)), 12), 38)
        chars.append(PITCHES[place])
    return "".join(chars)


def moved(text: str, semitones: int) -> str:
    """The same tune higher."""
    return "".join(PITCHES[PITCHES.index(c) + semitones] for c in text)
