"""A piece as it is written: what the Guitar Pro formats and alphaTex have in common.

Readers of all of them build a `Song`, and `compose` makes the Score of it: repeats played out,
ties merged. Writers are given the `Song` that `engrave` lays out from a Score. So each format
only knows its own spelling. Marks are those of `textmusic.track`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

__all__ = ["Beat", "Measure", "Part", "Rhythm", "Song", "Struck", "TempoChange", "Voice"]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A note value.

    Args:
        value: 1 whole, 2 half, 4 quarter … 256; 0 is a double whole, -1 (four wholes) a long.
        dots: 0…2.
        notes, times: a tuplet plays `notes` in the time of `times`.
    """

    value: int = 4
    dots: int = 0
    notes: int = 1
    times: int = 1

    @property
    def length(self) -> Fraction:
        """The length in quarters."""
        plain = {0: Fraction(8), -1: Fraction(16)}.get(self.value) or Fraction(4, self.value)
        return plain * (2 - Fraction(1, 2**self.dots)) * self.times / self.notes


@dataclass(slots=True)
class Struck:
    """A note of a beat.

    Args:
        fret: counted from the capo; the MIDI number of what sounds on a part without tuning, the
            General MIDI key on a drum part.
        string: index into the part's tuning (0 first, the lowest on a guitar); None on drums and
            on a part without tuning.
        is_tied: it goes on from the note before it on its string; `fret` repeats it.
        velocity: 1…127.
        marks: techniques. ``hammer`` stands for a pull-off too: `compose` tells them apart.
    """

    fret: int
    string: int | None = None
    is_tied: bool = False
    velocity: int = 80
    marks: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Beat:
    """A beat: notes struck together, or a rest. A grace beat takes no time."""

    rhythm: Rhythm
    notes: list[Struck] = field(default_factory=list)
    is_grace: bool = False


@dataclass(frozen=True, slots=True)
class TempoChange:
    """Quarters a minute from an offset (quarters from the start of the measure) on."""

    offset: Fraction
    qpm: float


@dataclass(slots=True)
class Measure:
    """What all parts share in one measure of the page.

    Args:
        numerator, denominator: the time signature.
        fifths, mode: the key: -7…7, ``major`` or ``minor``.
        opens, passes, endings: see `textmusic.form.Measure`.
        tempos: changes of tempo.
        is_pickup: it is as long as its longest voice, not as its signature.
    """

    numerator: int = 4
    denominator: int = 4
    fifths: int = 0
    mode: str = "major"
    opens: bool = False
    passes: int = 0
    endings: frozenset[int] = frozenset()
    tempos: list[TempoChange] = field(default_factory=list)
    is_pickup: bool = False

    @property
    def length(self) -> Fraction:
        """The length that the signature gives, in quarters."""
        return Fraction(4 * self.numerator, self.denominator)


Voice = list[Beat]


@dataclass(slots=True)
class Part:
    """A part with its voices, measure by measure.

    Args:
        name, program, is_drum, tuning, capo: as in `textmusic.Track`.
        measures: for each measure of the song its voices, each a list of beats; an empty voice
            is silent.
    """

    name: str = ""
    program: int = 0
    is_drum: bool = False
    tuning: tuple[int, ...] = ()
    capo: int = 0
    measures: list[list[Voice]] = field(default_factory=list)


@dataclass(slots=True)
class Song:
    """A whole piece; `meta` holds the texts under the names of `textmusic.score.Score.meta`."""

    measures: list[Measure] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
