"""The one value in the middle: a `Score` of tracks of notes, in exact integer ticks.

Every class is frozen, checked and sorted on construction, and hashable, so ``==`` means musical
equality. Change a value with `dataclasses.replace`.

Notes and tracks, and the marks that a note may have, are told in `textmusic.track`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import add
from typing import TypeVar

from textmusic.errors import ScoreError
from textmusic.track import Columns, Note, Track

__all__ = ["MODES", "Bar", "Columns", "Key", "Meter", "Note", "Score", "Tempo", "Track"]

MODES = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian")


@dataclass(frozen=True, slots=True)
class Tempo:
    """Quarter notes a minute from `onset` (ticks) on; `qpm` is above 0."""

    onset: int
    qpm: float

    def __post_init__(self) -> None:
        if self.onset < 0 or not 0 < self.qpm < 100_000:
            raise ScoreError(f"a tempo of {self.qpm} at tick {self.onset}")


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature. A metre always *starts a bar*, whether or not the last one was full.

    So an upbeat of one eighth in 4/4 is ``Meter(0, 4, 4), Meter(eighth, 4, 4)``: the second
    cuts the first bar short. Any irregular bar is written this way, without a field of its own.
    """

    onset: int
    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if self.onset < 0 or not 1 <= self.numerator <= 255:
            raise ScoreError(f"a metre of {self.numerator}/{self.denominator} at {self.onset}")
        if self.denominator not in {1, 2, 4, 8, 16, 32, 64, 128}:
            raise ScoreError(f"a metre over {self.denominator}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key signature: `fifths` -7…7 (flats negative) of the signature, and the `mode`."""

    onset: int
    fifths: int
    mode: str = "major"

    def __post_init__(self) -> None:
        if self.onset < 0 or not -7 <= self.fifths <= 7:
            raise ScoreError(f"a key of {self.fifths} fifths at tick {self.onset}")
        if self.mode not in MODES:
            raise ScoreError(f"unknown mode {self.mode!r}; known: {', '.join(MODES)}")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a score: where it starts and ends (ticks), and the metre in force."""

    onset: int
    end: int
    numerator: int
    denominator: int
    full: int

    @property
    def is_short(self) -> bool:
        """Whether the bar is cut short of its metre, which would last `full` ticks."""
        return self.end - self.onset < self.full


@dataclass(frozen=True, slots=True)
class Score:
    """A piece of music.

    Args:
        tracks: one per instrument or voice.
        tpq: ticks per quarter, at least 1; every metre's bar must be a whole number of ticks.
        tempos, meters, keys: stored sorted, the last of an onset kept, repetitions dropped
            (a metre that repeats the one in force *off* its bar line is kept: it cuts a bar).
            Empty means unknown: readers use 120 quarters a minute and 4/4.
        meta: a mapping or pairs of strings: ``title``, ``composer``, ``comment``, ``provenance``,
            ``form`` (see `textmusic.form`)…

    Raises:
        ScoreError: a value is out of range.
    """

    tracks: tuple[Track, ...] = ()
    tpq: int = 480
    tempos: tuple[Tempo, ...] = ()
    meters: tuple[Meter, ...] = ()
    keys: tuple[Key, ...] = ()
    meta: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.tpq <= 1_000_000:
            raise ScoreError(f"{self.tpq} ticks per quarter")
        meta = self.meta.items() if isinstance(self.meta, Mapping) else self.meta
        for name, value in (
            ("tracks", tuple(self.tracks)),
            ("tempos", tuple(_changes(self.tempos, lambda t: t.qpm))),
            ("meters", tuple(_bar_starts(self.meters, self.tpq))),
            ("keys", tuple(_changes(self.keys, lambda k: (k.fifths, k.mode)))),
            ("meta", tuple(sorted((str(k), str(v)) for k, v in meta))),
        ):
            object.__setattr__(self, name, value)

    @property
    def end(self) -> int:
        """The tick at which the last note ends; 0 for a score without notes."""
        return max(map(_end, self.tracks), default=0)

    def notes(self) -> Iterator[Note]:
        """Yield the notes of all tracks, track by track."""
        for track in self.tracks:
            yield from track.notes

    def get(self, key: str, default: str = "") -> str:
        """Return an entry of `meta`."""
        return dict(self.meta).get(key, default)

    def bars(self, end: int | None = None) -> tuple[Bar, ...]:
        """Return the bars from tick 0 until `end` (default: the end of the last note).

        A metre change starts a bar; the last bar has its full length.
        """
        stop = self.end if end is None else end
        return tuple(
            Bar(
                onset,
                onset + full if limit is None else min(onset + full, limit),
                meter.numerator,
                meter.denominator,
                full,
            )
            for meter, full, limit in self._metered()
            for onset in range(meter.onset, stop if limit is None else min(stop, limit), full)
        )

    def bar_count(self, end: int | None = None) -> int:
        """Return how many bars there are until `end`; far quicker than to ask for them."""
        stop = self.end if end is None else end
        return sum(
            len(range(meter.onset, stop if limit is None else min(stop, limit), full))
            for meter, full, limit in self._metered()
        )

    def _metered(self) -> Iterator[tuple[Meter, int, int | None]]:
        """Each metre, the ticks of its bar, and where the next one begins."""
        meters = self.meters
        if not meters or meters[0].onset > 0:
            meters = (Meter(0, 4, 4), *meters)
        limits = (*(meter.onset for meter in meters[1:]), None)
        for meter, limit in zip(meters, limits, strict=True):
            yield meter, _bar_ticks(meter, self.tpq), limit

    def seconds(self, tick: int) -> float:
        """Return the time of a tick in seconds, following the tempo changes."""
        total, last, qpm = 0.0, 0, 120.0
        for tempo in self.tempos:
            if tempo.onset >= tick:
                break
            total += (tempo.onset - last) * 60 / (qpm * self.tpq)
            last, qpm = tempo.onset, tempo.qpm
        return total + (tick - last) * 60 / (qpm * self.tpq)


def _end(track: Track) -> int:
    if track.sounds is None:
        return max((note.end for note in track.notes), default=0)
    return max(map(add, track.sounds.onset, track.sounds.duration), default=0)


_T = TypeVar("_T", Tempo, Key)


def _changes(events: Iterable[_T], value: Callable[[_T], object]) -> Iterator[_T]:
    """Sort events, keep the last of an onset, drop those that repeat the value in force."""
    current: object = None
    for event in sorted({e.onset: e for e in events}.values(), key=lambda e: e.onset):
        if value(event) != current:
            current = value(event)
            yield event


def _bar_ticks(meter: Meter, tpq: int) -> int:
    ticks, rest = divmod(tpq * 4 * meter.numerator, meter.denominator)
    if rest:
        raise ScoreError(
            f"a bar of {meter.numerator}/{meter.denominator} is no whole number of ticks"
            f" at {tpq} per quarter"
        )
    return ticks


def _bar_starts(meters: Iterable[Meter], tpq: int) -> Iterator[Meter]:
    """Sort metres, keep the last of an onset, drop those that change nothing."""
    last: Meter | None = None
    for meter in sorted({m.onset: m for m in meters}.values(), key=lambda m: m.onset):
        full = _bar_ticks(meter, tpq)
        same = last and (last.numerator, last.denominator) == (meter.numerator, meter.denominator)
        if last and same and (meter.onset - last.onset) % full == 0:
            continue
        last = meter
        yield meter
