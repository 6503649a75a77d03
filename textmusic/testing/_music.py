"""Random scores, musical enough to reach what codecs find hard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from textmusic.score import MODES, Key, Meter, Note, Score, Tempo, Track

__all__ = ["TUNINGS", "Repertoire", "random_score"]

TUNINGS = (
    (40, 45, 50, 55, 59, 64),
    (38, 45, 50, 55, 59, 64),
    (35, 40, 45, 50, 55, 59, 64),
    (28, 33, 38, 43),
    (67, 60, 64, 69),
)
_DRUMS = (35, 36, 38, 42, 44, 46, 49, 51)
_METERS = ((4, 4), (3, 4), (6, 8), (2, 4), (2, 2), (5, 4), (7, 8), (12, 8))
_LENGTHS = tuple(Fraction(n, 8) for n in (32, 16, 12, 8, 8, 8, 6, 4, 4, 4, 3, 2, 2, 1))
_TUPLETS = (
    (Fraction(1, 3),) * 3,
    (Fraction(2, 3),) * 3,
    (Fraction(2, 3), Fraction(1, 3)),
    (Fraction(1, 6),) * 6,
    (Fraction(1, 5),) * 5,
)
_MARKS = ("staccato", "accent", "trill", "vibrato", "let-ring")
_FRET_MARKS = ("hammer", "pull", "slide", "palm-mute", "bend:2", "ghost", "dead", "harmonic", "tap")


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What `random_score` may write; narrow it for a codec with a small domain.

    Args:
        tracks: fewest and most tracks.
        bars: fewest and most bars.
        kinds: instruments to draw from: ``melodic``, ``fretted``, ``drums``.
        tpqs: ticks per quarter to draw from; lengths that are no whole ticks are not written.
        pitches: lowest and highest pitch of melodic tracks.
        tunings: tunings of fretted tracks.
        chords: several notes at once.
        ties: notes that last over a bar line.
        tuplets: triplets, sextuplets, quintuplets.
        changes: metre, tempo and key changes at bar lines.
        upbeats: a first bar cut short.
        marks: articulation and technique marks.
        graces: grace notes.
        loose: onsets, lengths and velocities as played by hand, also overlapping ones.
    """

    tracks: tuple[int, int] = (1, 3)
    bars: tuple[int, int] = (1, 5)
    kinds: tuple[str, ...] = ("melodic", "fretted", "drums")
    tpqs: tuple[int, ...] = (480, 960, 96, 24)
    pitches: tuple[int, int] = (48, 84)
    tunings: tuple[tuple[int, ...], ...] = TUNINGS
    chords: bool = True
    ties: bool = True
    tuplets: bool = True
    changes: bool = True
    upbeats: bool = True
    marks: bool = True
    graces: bool = True
    loose: bool = False


def random_score(random: Random, repertoire: Repertoire | None = None) -> Score:
    """Return a random score; equal states of `random` give equal scores."""
    return _Writer(random, repertoire or Repertoire()).score()


class _Writer:
    def __init__(self, random: Random, repertoire: Repertoire) -> None:
        self.random = random
        self.what = repertoire
        self.tpq = random.choice(repertoire.tpqs)

    def chance(self, share: float) -> bool:
        return self.random.randrange(100) < 100 * share

    def score(self) -> Score:
        meters, limits = self._bars()
        starts = [0, *limits[:-1]]
        tracks = [self._track(limits) for _ in range(self.random.randint(*self.what.tracks))]
        return Score(
            tuple(tracks),
            self.tpq,
            tuple(Tempo(at, self.random.randint(40, 220)) for at in self._changes(starts)),
            tuple(meters),
            tuple(
                Key(at, self.random.randint(-5, 6), self.random.choice(MODES))
                for at in self._changes(starts)
            ),
            (("title", f"Study {self.random.randint(1, 99)}"),) if self.chance(0.5) else (),
        )

    def _changes(self, starts: list[int]) -> Iterator[int]:
        if self.chance(0.8):
            yield 0
        if self.what.changes:
            yield from (at for at in starts[1:] if self.chance(0.15))

    def _bars(self) -> tuple[list[Meter], list[int]]:
        """Draw the metres and the tick at which each bar ends."""
        choices = [m for m in _METERS if self.tpq * 4 * m[0] % m[1] == 0]
        now = self.random.choice(choices)
        meters, limits, at = [Meter(0, *now)], [], 0
        if self.what.upbeats and self.chance(0.3) and self.tpq % 2 == 0:
            at = self.tpq // self.random.choice((1, 2))
            limits.append(at)
            meters.append(Meter(at, *now))
        for _ in range(self.random.randint(*self.what.bars)):
            if self.what.changes and at and self.chance(0.2):
                now = self.random.choice(choices)
                meters.append(Meter(at, *now))
            at += self.tpq * 4 * now[0] // now[1]
            limits.append(at)
        return meters, limits

    def _track(self, limits: list[int]) -> Track:
        kind = self.random.choice(self.what.kinds)
        tuning = self.random.choice(self.what.tunings) if kind == "fretted" else ()
        capo = self.random.choice((0, 0, 0, 2)) if tuning else 0
        notes: list[Note] = []
        for onset, duration in self._rhythm(limits):
            if self.chance(0.85):
                notes += self._strike(onset, duration, kind, tuning, capo)
        return Track(
            tuple(notes),
            name=self.random.choice(("", "", "Lead", "Second part")),
            program=24 if tuning else self.random.choice((0, 0, 40, 73)),
            is_drum=kind == "drums",
            tuning=tuning,
            capo=capo,
        )

    def _rhythm(self, limits: list[int]) -> Iterator[tuple[int, int]]:
        """Yield onsets and durations that fill the bars one after the other."""
        at = 0
        for limit in limits:
            while at < limit:
                until = limits[-1] if self.what.ties and self.chance(0.1) else limit
                for duration in self._figure(until - at):
                    yield at, duration
                    at += duration

    def _figure(self, room: int) -> list[int]:
        figures: list[tuple[Fraction, ...]] = [(length,) for length in _LENGTHS]
        if self.what.tuplets and self.chance(0.15):
            figures = list(_TUPLETS)
        figures = [
            f for f in figures if sum(f) * self.tpq <= room and not any(self.tpq * x % 1 for x in f)
        ]
        if not figures:
            return [room]
        return [int(length * self.tpq) for length in self.random.choice(figures)]

    def _strike(
        self, onset: int, duration: int, kind: str, tuning: tuple[int, ...], capo: int
    ) -> Iterator[Note]:
        count = self.random.choice((2, 3, 4)) if self.what.chords and self.chance(0.2) else 1
        velocity, marks = 80, self._marks(kind)
        for pitch, string in self._pitches(count, kind, tuning, capo):
            if self.what.loose:
                onset = max(0, onset + self.random.randint(-self.tpq // 12, self.tpq // 12))
                duration = self.random.randint(1, 2 * duration)
                velocity = self.random.randint(1, 127)
            yield Note(onset, duration, pitch, velocity, string, marks)
        if self.what.graces and kind != "drums" and self.chance(0.06):
            for place in range(1, self.random.choice((1, 1, 2)) + 1):
                (pitch, string), *_ = self._pitches(1, kind, tuning, capo)
                yield Note(onset, 0, pitch, velocity, string, frozenset({f"grace:{place}"}))

    def _marks(self, kind: str) -> frozenset[str]:
        if not self.what.marks or kind == "drums" or not self.chance(0.12):
            return frozenset()
        return frozenset({self.random.choice(_FRET_MARKS if kind == "fretted" else _MARKS)})

    def _pitches(
        self, count: int, kind: str, tuning: tuple[int, ...], capo: int
    ) -> list[tuple[int, int | None]]:
        if kind == "drums":
            return [(pitch, None) for pitch in self.random.sample(_DRUMS, count)]
        if not tuning:
            lowest, highest = self.what.pitches
            span = range(lowest, highest + 1)
            return [(p, None) for p in self.random.sample(span, min(count, len(span)))]
        hand = self.random.choice((0, 0, 2, 5, 9))
        strings = self.random.sample(range(len(tuning)), min(count, len(tuning)))
        return [(tuning[s] + capo + hand + self.random.randint(0, 4), s) for s in strings]
