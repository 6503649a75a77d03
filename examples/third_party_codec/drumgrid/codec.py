"""The codec: a Score's drums to one line of characters a bar, and back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from drumgrid.grammar import HITS, MOST_QUARTERS, DrumGridGrammar
from textmusic import (
    Alphabet,
    Codec,
    DecodeError,
    Document,
    EncodeError,
    Feature,
    Issue,
    Meter,
    Note,
    Parsed,
    Score,
    Track,
)

KICK, SNARE, HAT = 36, 38, 42
SOUNDS = {
    "k": {KICK},
    "s": {SNARE},
    "h": {HAT},
    "K": {KICK, HAT},
    "S": {SNARE, HAT},
    "b": {KICK, SNARE},
    "B": {KICK, SNARE, HAT},
}
CHARACTERS = {frozenset(sounds): char for char, sounds in SOUNDS.items()} | {frozenset(): "-"}
# General MIDI drum keys that sound like one of the three; the rest is dropped by `project`
ALIKE = (
    dict.fromkeys((35, 36), KICK)
    | dict.fromkeys((37, 38, 39, 40), SNARE)
    | dict.fromkeys((42, 44, 46, 49, 51, 52, 53, 55, 57, 59), HAT)
)


@dataclass(frozen=True)
class DrumGridCodec(Codec):
    """Drums on a grid, one bar a line: ``K-h-S-h-K-h-S-h-|``.

    Args:
        steps: grid steps a quarter, 1…12.

    Raises:
        ValueError: `steps` is out of range (`from_config` turns it into a ConfigError).
    """

    steps: int = 4

    name: ClassVar[str] = "drumgrid"
    format_version: ClassVar[int] = 1
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {Feature.ONSET, Feature.PITCH, Feature.METER, Feature.DRUM}
    )
    renders: ClassVar[tuple[str, ...]] = ("mid",)
    sources: ClassVar[tuple[str, ...]] = ("grid",)

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 12:
            raise ValueError(f"steps is {self.steps}, not 1…12")

    @property
    def alphabet(self) -> Alphabet:
        return Alphabet(f"{HITS}|\n")

    def project(self, score: Score) -> Score:
        """Keep kick, snare and cymbals, on the grid, in bars of whole quarters."""
        hits = {
            (_nearest(note.onset * self.steps, score.tpq), ALIKE[note.pitch])
            for track in score.tracks
            if track.is_drum
            for note in track.notes
            if note.pitch in ALIKE
        }
        if not hits:
            raise EncodeError("the score has no drum track with a kick, a snare or a cymbal")
        notes = tuple(Note(step, 1, pitch) for step, pitch in hits)
        until = max(note.end for note in notes) * score.tpq // self.steps + 1
        starts = sorted({_nearest(bar.onset, score.tpq) for bar in score.bars(until)})
        lengths = [b - a for a, b in itertools.pairwise(starts)]
        last = score.bars(until)[-1]
        lengths.append(max(1, _nearest(last.end, score.tpq) - starts[-1]))
        return self._score(notes, _bounded(lengths))

    def _score(self, notes: tuple[Note, ...], quarters: list[int]) -> Score:
        """Return a drum score whose bars last so many quarters, up to the last hit's bar."""
        end = max((note.end for note in notes), default=0)
        meters, at = [], 0
        for length in quarters:
            if at < end:
                meters.append(Meter(at, length, 4))
            at += length * self.steps
        return Score((Track(notes, is_drum=True),), tpq=self.steps, meters=tuple(meters))

    def encode(self, score: Score) -> str:
        if self.project(score) != score:
            raise EncodeError("the drums are not on the grid of this codec; project them first")
        sounds: dict[int, set[int]] = {}
        for note in score.notes():
            sounds.setdefault(note.onset, set()).add(note.pitch)
        return "\n".join(
            "".join(CHARACTERS[frozenset(sounds.get(at, ()))] for at in range(bar.onset, bar.end))
            + "|"
            for bar in score.bars()
        )

    def parse(self, text: str) -> Parsed:
        notes: list[Note] = []
        quarters: list[int] = []
        issues: list[Issue] = []
        offset = step = 0
        for line in text.split("\n"):
            if line.strip(" "):
                count = self._bar(line, offset, step, notes, issues)
                quarters.append(-(-count // self.steps))
                step += quarters[-1] * self.steps
            offset += len(line) + 1
        if not notes:
            issues.append(Issue("drumgrid.empty", "there is no hit", len(text), 0))
        elif notes[-1].onset < step - quarters[-1] * self.steps:
            message = "bars without a hit at the end"
            issues.append(Issue("drumgrid.silent-end", message, len(text), 0, "warning"))
        return Parsed(self._score(tuple(notes), quarters), tuple(issues))

    def _bar(
        self, line: str, offset: int, step: int, notes: list[Note], issues: list[Issue]
    ) -> int:
        """Read one line into notes and issues; returns its number of steps, at least 1."""
        count, last = 0, len(line.rstrip(" ")) - 1
        for column, char in enumerate(line):
            if char in HITS:
                notes += (Note(step + count, 1, pitch) for pitch in SOUNDS.get(char, ()))
                count += 1
            elif char == "|" and column == last:
                break
            elif char != " ":
                message = f"{char!r} is no hit; known: {HITS}"
                issues.append(Issue("drumgrid.character", message, offset + column))
        else:
            message = "the bar does not end with '|'"
            issues.append(Issue("drumgrid.bar-line", message, offset + len(line), 0))
        if not 0 < count <= MOST_QUARTERS * self.steps or count % self.steps:
            message = (
                f"a bar of {count} steps; it must last 1 to {MOST_QUARTERS} whole quarters"
                f" of {self.steps} steps"
            )
            issues.append(Issue("drumgrid.bar-length", message, offset, len(line)))
        return max(1, count)

    def canonical(self, text: str) -> str:
        try:
            return self.encode(self.decode(text))
        except EncodeError as error:
            raise DecodeError(str(error)) from error

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the patterns of a file; blank lines stand between them."""
        start = 0
        for block in text.split("\n\n"):
            if block.strip():
                yield Document(block, start)
            start += len(block) + 2

    def transpose(self, text: str, semitones: int) -> str | None:
        return None if semitones else text

    def grammar(self) -> DrumGridGrammar:
        return DrumGridGrammar(self.steps)


def _nearest(count: int, unit: int) -> int:
    """Return count / unit, rounded, halves up."""
    return (2 * count + unit) // (2 * unit)


def _bounded(quarters: list[int]) -> list[int]:
    """Split bars that are longer than a line may be."""
    return [
        min(MOST_QUARTERS, length - start)
        for length in quarters
        for start in range(0, length, MOST_QUARTERS)
    ]
