"""The codec `pianoroll`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from textmusic.alphabet import Alphabet
from textmusic.codec import Codec, Document, Feature, Parsed
from textmusic.errors import ConfigError, DecodeError, EncodeError, InputError, Issue
from textmusic.score import Score
from textmusic_midi.pianoroll.cells import SIGNS
from textmusic_midi.pianoroll.grammar import RollGrammar
from textmusic_midi.pianoroll.reading import read
from textmusic_midi.pianoroll.writing import write
from textmusic_midi.steps import LENGTH_CHARS, Grid, check_grid, documents, project

__all__ = ["PianoRollCodec"]

_LAYOUTS = ("folded", "bars", "classic")
_LONGEST_TEXT = 50_000_000


@dataclass(frozen=True)
class PianoRollCodec(Codec):
    """A line a time step, a character a key, the lowest first.

    Args:
        steps: steps a quarter, 1…96; 24 holds triplets and thirty-seconds.
        lowest, highest: the range, MIDI pitches; default the 88 keys of a piano.
        outside: what `project` does with pitches outside: ``fold`` by octaves, or ``drop``.
        states: ``three`` tells off ``.``, onset ``o`` and held ``-`` apart. ``two`` is ``0`` and
            ``1``: notes of a pitch that touch become one. ``pairs`` is two bits a key, held and
            attacked.
        layout: ``folded`` and ``bars`` have a line where something changes and say how long it
            lasts (``..o*6``: struck, and held for six steps), and leave empty cells at its end
            out; ``|`` ends a bar, its last line lasts until there. In ``folded`` a bar that equals the one 1, 2, 4 or 8 back is ``%``, ``%2``,
            ``%4``, ``%8``. ``classic`` is a full line a step, without bar lines.

    The text: ``@24 21 0`` (steps a quarter, lowest pitch, program), then the bars. Before one,
    a line such as ``3/4 =96 <8``: metre, tempo, length of a bar cut short. All pitched tracks are
    one; percussion is left out.

    Example:
        >>> from textmusic.score import Note, Score, Track
        >>> piece = Score((Track((Note(0, 2, 60), Note(0, 4, 64), Note(2, 2, 62))),), 4)
        >>> codec = PianoRollCodec(steps=4, lowest=60, highest=66)
        >>> print(codec.encode(codec.project(piece)), end="")
        @4 60 0
        4/4
        o...o*2
        ..o.-*2
        |
    """

    steps: int = 24
    lowest: int = 21
    highest: int = 108
    outside: Literal["fold", "drop"] = "fold"
    states: Literal["three", "two", "pairs"] = "three"
    layout: Literal["folded", "bars", "classic"] = "folded"

    name: ClassVar[str] = "pianoroll"
    format_version: ClassVar[int] = 1
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {
            *(Feature.ONSET, Feature.DURATION, Feature.PITCH, Feature.METER, Feature.TEMPO),
            Feature.PROGRAM,
        }
    )
    renders: ClassVar[tuple[str, ...]] = ("mid",)

    def __post_init__(self) -> None:
        check_grid(self.name, self.steps, self.lowest, self.highest, self.outside)
        for option, value, known in (
            ("states", self.states, tuple(SIGNS)),
            ("layout", self.layout, _LAYOUTS),
        ):
            if value not in known:
                raise ConfigError(f"{self.name}: no {option} {value!r}; known: {', '.join(known)}")

    @cached_property
    def alphabet(self) -> Alphabet:
        """The signs of the keys, and structure, numbers and lengths."""
        cells = "".join(SIGNS[self.states]) + "\n|*%@ /=<0123456789" + LENGTH_CHARS
        return Alphabet("".join(dict.fromkeys(cells)))

    @property
    def _grid(self) -> Grid:
        return Grid(
            *(self.name, self.steps, self.lowest, self.highest, self.outside),
            notes="held" if self.states == "two" else "struck",
            most_parts=1,
        )

    def encode(self, score: Score) -> str:
        """Return the text of a projected score."""
        if self.project(score) != score:
            raise EncodeError("the score is not on the grid of this text: project it first")
        return write(score, self.lowest, self.highest, SIGNS[self.states], self.layout)

    def parse(self, text: str) -> Parsed:
        """Return the music of a text."""
        return read(text, self.steps, self.lowest, self.states, self.layout)

    def project(self, score: Score) -> Score:
        """Return the nearest score on the grid; `explain` says what that cost."""
        return self._projected(score)[0]

    def explain(self, score: Score) -> tuple[Issue, ...]:
        """Return what `project` changes, as warnings."""
        return self._projected(score)[1]

    def _projected(self, score: Score) -> tuple[Score, tuple[Issue, ...]]:
        held, issues = project(score, self._grid)
        lines = 2 * len(held.tracks[0].notes)
        if self.layout == "classic":
            lines = held.end
        width = (self.highest - self.lowest + 1) * SIGNS[self.states].width + 1
        if lines * width > _LONGEST_TEXT:
            raise EncodeError(
                f"a roll of about {lines * width // 1_000_000} million characters:"
                " use fewer steps, a narrower range, or layout='folded'"
            )
        return held, issues

    def canonical(self, text: str) -> str:
        """Return the text as this codec writes it."""
        parsed = self.parse(text)
        try:
            return self.encode(self.project(parsed.score))
        except InputError as error:
            raise DecodeError(f"no roll to learn: {error}", parsed.issues) from error

    def documents(self, text: str) -> Iterator[Document]:
        """Yield the pieces, each from its first line on."""
        return documents(text)

    def grammar(self) -> RollGrammar | None:
        """Return the grammar of rolls of three states; ``0`` and ``1`` have none."""
        if self.states != "three":
            return None
        return RollGrammar(
            steps=self.steps, lowest=self.lowest, highest=self.highest, layout=self.layout
        )
