"""Set timed bars one after the other: what is struck, metres and tempos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from textmusic.score import Meter, Score, Tempo, Track
from textmusic_guitartab.music import Group, Music, Struck, grace_of
from textmusic_guitartab.page.cells import Cell
from textmusic_guitartab.page.prose import Header
from textmusic_guitartab.page.systems import Beat, TimedBar

__all__ = ["place"]

_TOP = 127
_OUT = frozenset({"slide:out-up", "slide:out-down"})
_PLAIN: frozenset[str] = frozenset()
_BASS_PROGRAM, _GUITAR_PROGRAM = 33, 25
_HIGHEST_BASS_STRING = 49
_VELOCITY = 80
_Note = tuple[int, int, int | None, frozenset[str]]


def place(
    bars: Sequence[tuple[TimedBar, bool]], tuning: tuple[int, ...], header: Header, tpq: int
) -> Music:
    """Return the music of an instrument's bars.

    Args:
        bars: in playing order, each with whether its staff has the lowest string on top.
        tuning: lowest string first.
        header: what the page says in words.
        tpq: ticks per quarter of the bars' times.
    """
    opens = [(string, pitch + header.capo) for string, pitch in enumerate(tuning)]
    placer = _Placer(opens, tpq)
    placer.run(bars, header.meter or _usual_meter(bars, tpq))
    tempos = [Tempo(0, header.qpm)] if header.qpm else []
    bass = max(tuning) <= _HIGHEST_BASS_STRING
    program = _BASS_PROGRAM if bass else _GUITAR_PROGRAM
    track = Track((), header.track, program, tuning=tuning, capo=header.capo)
    meta = tuple(header.meta.items())
    score = Score((track,), tpq, (*tempos, *placer.tempos), tuple(placer.meters), (), meta)
    return Music(score, track, placer.groups)


@dataclass(slots=True)
class _Placer:
    """Collects groups, tempos and metres; `opens` is by row from the bottom (string, pitch)."""

    opens: list[tuple[int, int]]
    tpq: int
    groups: list[Group] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    _flat: dict[tuple[int, bool], list[Group]] = field(default_factory=dict)
    _known: dict[tuple[int, bool], Struck] = field(default_factory=dict)

    def run(self, bars: Sequence[tuple[TimedBar, bool]], meter: tuple[int, int]) -> None:
        """Set bars one after the other; a bar that does not fill its metre gets one of its own."""
        tpq = self.tpq
        now, begun = 0, 0  # `begun`: where the metre in force started
        held = False
        sliding: dict[int | None, int] = {}
        current = meter
        self.meters.append(Meter(0, *meter))
        for bar, turned in bars:
            meter = bar.meter or meter
            full = tpq * 4 * meter[0] // meter[1]
            length = bar.length or full
            own = meter if length <= full or length % full == 0 else _meter_of(length, tpq)
            if own != current or (now - begun) % (tpq * 4 * own[0] // own[1]):
                self.meters.append(Meter(now, *own))
                current, begun = own, now
            self.tempos += [Tempo(now + tick, qpm) for tick, qpm in bar.tempos]
            first = len(self.groups)
            held = self._strike(bar, now, held=held, turned=turned)
            sliding = self._slides(sliding, first)
            now += length
        if (now - begun) % (tpq * 4 * current[0] // current[1]):
            self.meters.append(Meter(now, *current))  # the last bar is a short one

    def _strike(self, bar: TimedBar, now: int, *, held: bool, turned: bool) -> bool:
        """Add the groups of a bar; returns whether the last one can be held on."""
        groups = self.groups
        if not bar.lettered:
            # bars that come again share their list of beats
            flat = self._flat.get((id(bar.beats), turned))
            if flat is None:
                flat = [
                    (beat.onset, beat.onset + beat.length, struck)
                    for beat in bar.beats
                    if (struck := self._struck(beat, turned=turned))
                ]
                self._flat[id(bar.beats), turned] = flat
            groups += [(now + start, now + end, struck) for start, end, struck in flat]
            return False
        for beat in bar.beats:
            end = now + beat.onset + beat.length
            if not beat.hold:
                struck = self._struck(beat, turned=turned)
                held = bool(struck) and not grace_of(struck[-1][3])
                if struck:
                    groups.append((now + beat.onset, end, struck))
            elif held:
                onset, _, struck = groups[-1]
                groups[-1] = (onset, end, struck)
        return held

    def _struck(self, beat: Beat, *, turned: bool) -> Struck:
        """The notes of a beat; of cells that several beats share, read once."""
        opens = self.opens[::-1] if turned else self.opens
        if beat.graces:
            return (*_graces(beat.graces, opens), *_struck(beat.cells, opens))
        struck = self._known.get((id(beat.cells), turned))
        if struck is None:
            struck = self._known[id(beat.cells), turned] = _struck(beat.cells, opens)
        return struck

    def _slides(self, sliding: dict[int | None, int], first: int) -> dict[int | None, int]:
        """Turn slides out of the bar before into slides to the first beat of this one.

        Args:
            sliding: by string the last groups of the bar before with notes that slide out.
            first: index of the first group of this bar.

        Returns:
            The same for this bar.
        """
        groups = self.groups
        if sliding and first < len(groups):
            for pitch, _, string, marks in groups[first][2]:
                index = sliding.get(string)
                if index is not None and not grace_of(marks):
                    onset, end, struck = groups[index]
                    groups[index] = (onset, end, tuple(_slid(struck, string, pitch)))
        return {
            string: index
            for index in range(first, len(groups))
            for _, _, string, marks in groups[index][2]
            if marks and marks & _OUT
        }


def _slid(struck: Struck, string: int | None, target: int) -> Iterator[_Note]:
    """The notes, of which the one on a string may slide to a pitch instead of into nothing."""
    for note in struck:
        pitch, velocity, own, marks = note
        if own == string and marks & _OUT:
            up = "slide:out-up" in marks
            if target > pitch if up else target < pitch:
                note = pitch, velocity, own, marks - _OUT | {"slide"}
        yield note


def _struck(cells: Sequence[Cell], opens: Sequence[tuple[int, int]]) -> Struck:
    notes: list[_Note] = []
    for cell in cells:
        string, base = opens[cell.string]
        if base + cell.fret <= _TOP:
            marks = _marks(cell, base) if cell.marks or cell.trill is not None else _PLAIN
            notes.append((base + cell.fret, _VELOCITY, string, marks))
    notes.sort(key=itemgetter(0, 2))
    return tuple(notes)


def _graces(cells: Sequence[Cell], opens: Sequence[tuple[int, int]]) -> Struck:
    """Grace notes; the nearest column is that of the first."""
    columns = sorted({cell.column for cell in cells}, reverse=True)
    notes: list[_Note] = []
    for rank, column in reversed(list(enumerate(columns, 1))):
        for pitch, velocity, string, marks in _struck(
            [cell for cell in cells if cell.column == column], opens
        ):
            notes.append((pitch, velocity, string, marks | {f"grace:{rank}"}))
    return tuple(notes)


def _marks(cell: Cell, base: int) -> frozenset[str]:
    """The marks of a cell on a string whose open pitch is `base`."""
    if cell.trill is None or base + cell.trill > _TOP:
        return frozenset(cell.marks)
    return frozenset({*cell.marks, f"trill:{base + cell.trill}"})


def _usual_meter(bars: Sequence[tuple[TimedBar, bool]], tpq: int) -> tuple[int, int]:
    """The metre that most bars with letters fill, 4/4 where that is no usual one."""
    lengths = Counter(bar.length for bar, _ in bars if bar.lettered and bar.length)
    if not lengths:
        return 4, 4
    meter = _meter_of(max(lengths, key=lambda n: (lengths[n], n)), tpq)
    return meter if meter[0] <= 16 and meter[1] <= 16 else (4, 4)


def _meter_of(length: int, tpq: int) -> tuple[int, int]:
    """The metre whose bar lasts some ticks; the next longer in quarters where there is none."""
    for denominator in (4, 8, 16, 32, 64, 128):
        numerator, rest = divmod(length * denominator, 4 * tpq)
        if not rest and 0 < numerator <= 255:
            return numerator, denominator
    return min(255, -(-length // tpq)), 4
