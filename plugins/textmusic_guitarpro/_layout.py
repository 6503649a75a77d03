"""Laying a Score out as measures and stretches in which every length is a note value."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from textmusic.score import Bar, Note, Score, Track
from textmusic_guitarpro._rhythm import SHORTEST_MEASURE, UNIT, NoteValues, signatures
from textmusic_guitarpro.song import Rhythm

__all__ = ["Place", "Sound", "Span", "bars_of", "divided", "measures_of", "placed", "spans_of"]

_MOST_SILENT_BARS = 64


@dataclass(frozen=True, slots=True)
class Place:
    """A measure: start and length in units, time signature, and the bar of the score it holds.

    `is_first` and `is_last` tell whether the bar begins and ends with it.
    """

    start: int
    length: int
    numerator: int
    denominator: int
    onset: int
    bar: int
    is_fitted: bool = False
    is_pickup: bool = False
    is_first: bool = True
    is_last: bool = True

    @property
    def end(self) -> int:
        """Where the next measure starts."""
        return self.start + self.length


@dataclass(slots=True)
class Sound:
    """A note to be written; times in units from the start of the piece."""

    onset: int
    end: int
    string: int | None
    fret: int
    note: Note

    @property
    def key(self) -> int:
        """What sounds only once at a time in a voice: a string, or a pitch where there is none."""
        return -1 - self.fret if self.string is None else self.string


@dataclass(slots=True)
class Span:
    """A stretch of one measure in which nothing starts or ends: `values` fill it."""

    onset: int
    end: int
    values: tuple[Rhythm, ...]
    sounds: list[Sound] = field(default_factory=list)


def bars_of(score: Score, count: int | None) -> tuple[Bar, ...]:
    """Return `count` bars, also those after the last note.

    Without a count: all up to the last note and, not very far behind it, the last change of tempo,
    metre or key; at least one.
    """
    longest = max(bar.full for bar in score.bars(score.end + 1))
    if count is None:
        limit = score.end + _MOST_SILENT_BARS * longest
        onsets = {0, *(t.onset for t in score.tempos), *(m.onset for m in score.meters)}
        onsets |= {key.onset for key in score.keys}
        late = max(onset + 1 for onset in onsets if onset <= limit)
        return score.bars(max(score.end, late))
    for meter in score.meters:
        longest = max(longest, score.tpq * 4 * meter.numerator // meter.denominator)
    return score.bars(score.end + 1 + count * longest)[:count]


def measures_of(bars: Iterable[Bar], tpq: int, *, pickup: bool) -> list[Place]:
    """Return at least one measure; irregular bars get time signatures that fit them.

    Args:
        bars: of the score, from the first.
        tpq: its ticks per quarter.
        pickup: whether a first bar that is short keeps its time signature.
    """
    measures: list[Place] = []
    for number, bar in enumerate(bars):
        start, end = (_whole(_units(tick, tpq)) for tick in (bar.onset, bar.end))
        if end <= start:
            continue
        if pickup and not measures and bar.is_short:
            numbers = bar.numerator, bar.denominator
            measures.append(Place(start, end - start, *numbers, bar.onset, number, is_pickup=True))
            continue
        found = signatures(end - start, bar.denominator)
        is_fitted = found != [(bar.numerator, bar.denominator)]
        whole = Place(start, end - start, *found[0], bar.onset, number, is_fitted)
        measures += _cut(whole, found)
    return measures


def divided(place: Place) -> list[Place]:
    """Return two measures or more for one, cut at a quarter if it has several; no tiny ones."""
    step = UNIT if place.length >= 2 * UNIT else SHORTEST_MEASURE
    half = place.length // 2 // step * step
    lengths = (half, place.length - half) if half else (place.length,)
    found = [s for length in lengths for s in signatures(length, place.denominator)]
    return _cut(replace(place, is_fitted=True, is_pickup=False), found)


def _cut(place: Place, found: Sequence[tuple[int, int]]) -> list[Place]:
    """Return the measures of these time signatures, which fill a place."""
    measures = []
    start = place.start
    for index, (numerator, denominator) in enumerate(found):
        length = 4 * UNIT * numerator // denominator
        measure = replace(
            place,
            start=start,
            length=length,
            numerator=numerator,
            denominator=denominator,
            is_first=place.is_first and index == 0,
            is_last=place.is_last and index == len(found) - 1,
        )
        measures.append(measure)
        start += length
    return measures


def _units(tick: int, tpq: int) -> int:
    return (2 * tick * UNIT + tpq) // (2 * tpq)


def _whole(time: int) -> int:
    return (time + SHORTEST_MEASURE // 2) // SHORTEST_MEASURE * SHORTEST_MEASURE


def placed(
    track: Track,
    tpq: int,
    measures: Sequence[Place],
    extra: Iterable[int],
    *,
    values: NoteValues,
    lost: dict[str, int],
) -> tuple[Track, list[int], list[int]]:
    """Return a track with its times in units, moved where note values cannot hold them.

    Args:
        track: any track.
        tpq: ticks per quarter of its times.
        measures: of the whole piece.
        extra: ticks of other events that need a place (tempo changes).
        values: the note values there are.
        lost: counts by kind what had to change: ``moved``, ``length``.

    Returns:
        The track, the places of `extra`, and all places in use, each measure's start included.
    """
    timed = [(_units(n.onset, tpq), _units(n.end, tpq), n) for n in track.notes]
    timed = [
        (a, b if b - a >= values.tiny or not n.duration else a + values.shortest, n)
        for a, b, n in timed
    ]
    others = [_units(tick, tpq) for tick in extra]
    at = _places({*others, *(t for a, b, _ in timed for t in (a, b))}, measures, values)
    places = sorted({*at.values(), *(measure.start for measure in measures)})
    notes = []
    for raw, raw_end, note in timed:
        onset, end = at[raw], at[raw_end]
        if end <= onset:
            end = _soon(onset, places, measures, values)
        duration = end - onset if note.duration else 0
        stays = onset * tpq == note.onset * UNIT
        lost["moved"] += not stays
        lost["length"] += stays and duration * tpq != note.duration * UNIT
        notes.append(replace(note, onset=onset, duration=duration))
    return replace(track, notes=tuple(notes)), [at[time] for time in others], places


def _soon(onset: int, places: list[int], measures: Sequence[Place], values: NoteValues) -> int:
    """Return an end for a note whose onset and end fell together; it is one of `places` then."""
    index = bisect_right(places, onset)
    if index == len(places):
        return onset + values.shortest
    after = places[index]
    start = measures[bisect_right(measures, onset, key=lambda place: place.start) - 1].start
    for step in values.steps:
        end = onset + step
        cuts = (onset - start, end - start, after - start)
        if end < after and all(values.values(*pair) is not None for pair in pairwise(cuts)):
            places.insert(index, end)
            return end
    return after


def _places(times: Iterable[int], measures: Sequence[Place], values: NoteValues) -> dict[int, int]:
    """Map times to the grid of their measures; what lies behind the last one to its end."""
    at: dict[int, int] = {}
    waiting = sorted(times)
    index = 0
    for measure in measures:
        begin = index
        while index < len(waiting) and waiting[index] < measure.end:
            index += 1
        start = measure.start
        grid = values.on_grid((time - start for time in waiting[begin:index]), measure.length)
        at |= {start + time: start + place for time, place in grid.items()}
    return at | dict.fromkeys(waiting[index:], measures[-1].end)


def spans_of(
    measure: Place,
    sounds: Sequence[Sound],
    extra: Iterable[int],
    places: Sequence[int],
    note_values: NoteValues,
) -> list[Span]:
    """Cut a measure wherever a note of `sounds` (those that sound in it) starts or ends.

    What no note values fill is cut at each of `places` too: these follow one another by lengths
    that note values have.
    """
    start = measure.start
    cuts = {start, measure.end, *extra}
    cuts |= {t for s in sounds for t in (s.onset, s.end) if start < t < measure.end}
    for begin, end in list(pairwise(sorted(cuts))):
        if note_values.values(begin - start, end - start) is None:
            cuts |= {*places[bisect_right(places, begin) : bisect_right(places, end)]}
    spans = [
        Span(begin, end, note_values.values(begin - start, end - start) or ())
        for begin, end in pairwise(sorted(cuts))
    ]
    for span in spans:
        span.sounds = [s for s in sounds if s.onset <= span.onset < s.end]
    return spans
