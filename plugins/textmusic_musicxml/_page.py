"""What a part of a MusicXML file holds measure by measure, as written on the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

__all__ = ["NO_MARKS", "Bar", "Part", "Sound"]

NO_MARKS: frozenset[str] = frozenset()


@dataclass(slots=True)
class Sound:
    """A written note. Times in quarters from the start of its bar.

    `grace` counts the grace groups of the bar from 1 (0: an ordinary note), `string` counts from
    1, the highest; `starts` and `stops` say whether a tie leads on and into it.
    """

    start: Fraction
    length: Fraction
    pitch: int
    voice: str
    staff: int
    velocity: int
    grace: int = 0
    starts: bool = False
    stops: bool = False
    string: int = 0
    fret: int | None = None
    marks: frozenset[str] = NO_MARKS


@dataclass(slots=True)
class Bar:
    """A written measure of one part.

    `extent` is where its last note or rest ends, `sounding` its last note.
    """

    extent: Fraction = Fraction(0)
    sounding: Fraction = Fraction(0)
    sounds: list[Sound] = field(default_factory=list)
    voices: set[tuple[int, str]] = field(default_factory=set)
    tempos: list[tuple[Fraction, float]] = field(default_factory=list)
    time: tuple[int, int] | None = None
    keys: list[tuple[Fraction, int, str]] = field(default_factory=list)
    opens: bool = False
    passes: int = 0
    endings: frozenset[int] = frozenset()
    ending_stops: bool = False
    jumps: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """A part: its instrument and its measures."""

    name: str = ""
    program: int | None = None
    is_drum: bool = False
    keys: dict[str, int] = field(default_factory=dict)
    """The General MIDI drum key of each instrument id."""
    bars: list[Bar] = field(default_factory=list)
    tunings: dict[int, dict[int, int]] = field(default_factory=dict)
    """By staff: the pitch of each line of its tablature, line 1 the lowest string."""
    lines: dict[int, int] = field(default_factory=dict)
    capos: dict[int, int] = field(default_factory=dict)
    tab_staves: set[int] = field(default_factory=set)
    shift: int = 0
    """Semitones from written to sounding in the first measure."""
