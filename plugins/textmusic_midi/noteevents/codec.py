"""The codec `noteevents`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from textmusic.alphabet import Alphabet
from textmusic.codec import Feature, Parsed
from textmusic.controls import Controls
from textmusic.errors import ConfigError, EncodeError
from textmusic.score import Score
from textmusic_midi.noteevents.barlines import line_bars, stream_bars
from textmusic_midi.noteevents.grammar import EventGrammar
from textmusic_midi.noteevents.reading import MOST_STATES, read
from textmusic_midi.noteevents.signs import CONTROLS, MOST_PARTS, PARTS, PITCHES
from textmusic_midi.noteevents.writing import Style, write
from textmusic_midi.steps import MOST_NOTES, Grid, Rules, StepCodec, asked

__all__ = ["NoteEventsCodec"]

_NOTES: dict[str, Literal["exact", "onset", "held"]] = {
    "length": "exact",
    "onset": "onset",
    "repeat": "held",
}
_LAYOUTS = ("folded", "bars", "stream")


@dataclass(frozen=True)
class NoteEventsCodec(StepCodec):
    """Events of time steps: the notes of a step from high to low, then ``|``, its end.

    Args:
        steps: steps a quarter, 1…96; 24 holds triplets and thirty-seconds.
        lowest, highest: the range, MIDI pitches; default the 88 keys of a piano.
        outside: what `project` does with pitches outside: ``fold`` by octaves, or ``drop``.
        hold: ``length`` writes each note once, with its length: exact. ``onset`` writes it once
            without: it lasts until the next onset of its part, at most four quarters. ``repeat``
            writes it at each step that it sounds; notes of a pitch that touch become one.
        layout: ``folded`` is one bar a line, and a bar that equals the one 1, 2, 4 or 8 back is
            ``%``, ``%2``, ``%4``, ``%8``. ``bars`` is without those. ``stream`` has no bar lines.
        runs: write the steps that pass as a length, ``|4`` for a quarter; else each step is a
            ``|``.
        merge: join all pitched tracks in one part, and leave percussion out.

    ``noteevents(hold="repeat", layout="stream", runs=False, merge=True)`` is the 0…88 stream of
    the earlier system, with a first line that says the grid and the instrument.

    The text: ``@24 0 41 *`` (steps a quarter; a program for each part, ``*`` for drums), then a
    line a bar. ``3/4 =96 <8`` may stand before it: metre, tempo, length of a bar cut short. The
    parts after the first are named by Greek letters (``β`` the second).

    Example:
        >>> from textmusic.score import Note, Score, Track
        >>> piece = Score((Track((Note(0, 24, 60), Note(0, 24, 64), Note(24, 48, 62))),), 24)
        >>> codec = NoteEventsCodec()
        >>> print(codec.encode(codec.project(piece)), end="")
        @24 0
        4/4 cY4|4a2
    """

    hold: Literal["length", "onset", "repeat"] = "length"
    layout: Literal["folded", "bars", "stream"] = "folded"
    runs: bool = True
    merge: bool = False

    name: ClassVar[str] = "noteevents"
    format_version: ClassVar[int] = 2
    keeps: ClassVar[frozenset[Feature]] = frozenset(
        {
            *(Feature.ONSET, Feature.DURATION, Feature.PITCH, Feature.METER, Feature.TEMPO),
            *(Feature.TRACK, Feature.PROGRAM, Feature.DRUM),
        }
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for option, value, known in (
            ("hold", self.hold, tuple(_NOTES)),
            ("layout", self.layout, _LAYOUTS),
        ):
            if value not in known:
                raise ConfigError(f"{self.name}: no {option} {value!r}; known: {', '.join(known)}")
        lost: set[Feature] = set()
        if self.hold == "onset":
            lost.add(Feature.DURATION)
        if self.merge:
            lost |= {Feature.TRACK, Feature.DRUM}
        object.__setattr__(self, "keeps", self.keeps - lost)

    @cached_property
    def alphabet(self) -> Alphabet:
        """Structure and lengths, the pitches of the range, the parts."""
        return Alphabet(CONTROLS + PITCHES[self.lowest : self.highest + 1] + PARTS[1:])

    @property
    def _grid(self) -> Grid:
        parts = 1 if self.merge else MOST_PARTS
        return Grid(
            *(self.name, self.steps, self.lowest, self.highest, self.outside),
            notes=_NOTES[self.hold],
            most_parts=parts,
            closed=self.layout != "stream",
        )

    @property
    def _style(self) -> Style:
        return Style(self.hold, self.layout, self.runs)

    def parse(self, text: str) -> Parsed:
        """Return the music of a text."""
        return read(text, self._style, self.steps)

    def _write(self, score: Score) -> str:
        return write(score, self._style)

    def _check(self, held: Score) -> None:
        if self.hold == "repeat" and _states(held, runs=self.runs) > MOST_STATES:
            raise EncodeError(
                f"more than {MOST_STATES} sounding notes to write: use hold='length', or runs"
            )

    def bar_offsets(self, text: str) -> tuple[int, ...]:
        """Return where bars lie: after the first control, and at each line end.

        In a stream they are measures of its metre; those that a wait runs across count as one.
        """
        return stream_bars(text, self.steps) if self.layout == "stream" else line_bars(text)

    def grammar(self, controls: Controls | None = None) -> EventGrammar:
        """Return the grammar of the texts: full bars, falling notes, bars that exist."""
        grid = self._grid
        rules = Rules(
            self.steps,
            head=f"@{self.steps} ",
            most_parts=grid.most_parts,
            most_notes=MOST_STATES if self.hold == "repeat" else MOST_NOTES,
            asked=asked(controls, grid),
            folded=self.layout == "folded",
            barred=self.layout != "stream",
        )
        return EventGrammar(
            rules, hold=self.hold, runs=self.runs, lowest=self.lowest, highest=self.highest
        )


def _states(score: Score, *, runs: bool) -> int:
    """How many note characters a text has that repeats what sounds."""
    if not runs:
        return sum(note.duration for note in score.notes())
    turns = sorted(t for n in score.notes() for t in ((n.onset, 1), (n.end, -1)))
    total = sounding = last = 0
    for at, change in turns:
        if at != last:
            total += sounding
            last = at
        sounding += change
    return total + sum(note.duration for note in score.notes()) // (4 * score.tpq)
