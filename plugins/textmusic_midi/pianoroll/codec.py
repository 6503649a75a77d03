"""The codec `pianoroll`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from textmusic.alphabet import Alphabet
from textmusic.codec import Feature, Parsed
from textmusic.controls import Controls
from textmusic.errors import ConfigError, EncodeError
from textmusic.score import Score
from textmusic_midi.pianoroll.barlines import closed_bars, counted_bars
from textmusic_midi.pianoroll.cells import SIGNS
from textmusic_midi.pianoroll.grammar import RollGrammar
from textmusic_midi.pianoroll.reading import read
from textmusic_midi.pianoroll.writing import write
from textmusic_midi.steps import LENGTH_CHARS, MOST_NOTES, Grid, Rules, StepCodec, asked, rows_of

__all__ = ["PianoRollCodec"]

_LAYOUTS = ("folded", "bars", "classic")
_LONGEST_TEXT = 50_000_000


@dataclass(frozen=True)
class PianoRollCodec(StepCodec):
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

    def __post_init__(self) -> None:
        super().__post_init__()
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

    def parse(self, text: str) -> Parsed:
        """Return the music of a text."""
        return read(text, self.steps, self.lowest, self.states, self.layout)

    def _write(self, score: Score) -> str:
        return write(score, self.lowest, self.highest, SIGNS[self.states], self.layout)

    def _check(self, held: Score) -> None:
        rows = rows_of(held.tracks, [0], held.tpq)
        lines = 2 * len(rows.onset)
        if self.layout == "classic":
            lines = int((rows.onset + rows.duration).max())
        width = (self.highest - self.lowest + 1) * SIGNS[self.states].width + 1
        if lines * width > _LONGEST_TEXT:
            raise EncodeError(
                f"a roll of about {lines * width // 1_000_000} million characters:"
                " use fewer steps, a narrower range, or layout='folded'"
            )

    def bar_offsets(self, text: str) -> tuple[int, ...]:
        """Return where bars lie: after the first control, and where each one's last line ends.

        The classic layout has no bar lines: its bars are measures of its metre.
        """
        return counted_bars(text, self.steps) if self.layout == "classic" else closed_bars(text)

    def grammar(self, controls: Controls | None = None) -> RollGrammar:
        """Return the grammar of the texts: full bars, keys held where they sound."""
        rules = Rules(
            self.steps,
            head=f"@{self.steps} {self.lowest} ",
            most_parts=1,
            most_notes=MOST_NOTES,
            asked=asked(controls, self._grid),
            folded=self.layout == "folded",
            lone=True,
        )
        return RollGrammar(
            rules,
            signs=SIGNS[self.states],
            lowest=self.lowest,
            highest=self.highest,
            classic=self.layout == "classic",
        )
