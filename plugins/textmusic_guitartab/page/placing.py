"""Set timed bars one after the other: what is struck, metres and tempos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import itemgetter

from textmusic.score import Meter, Score, Tempo, Track
from textmusic_guitartab.memory import Memory
from textmusic_guitartab.music import Groups, Music, Struck, grace_of
from textmusic_guitartab.page.bars import TimedBar
from textmusic_guitartab.page.cells import Cell, Event
from textmusic_guitartab.page.prose import Header

__all__ = ["place"]

_TOP = 127
_OUT = frozenset({"slide:out-up", "slide:out-down"})
_PLAIN: frozenset[str] = frozenset()
_BASS_PROGRAM, _GUITAR_PROGRAM = 33, 25
_HIGHEST_BASS_STRING = 49
_VELOCITY = 80
_SILENT: tuple[Sequence[Cell], Struck, bool] = ((), (), False)
_SLIDES = itemgetter(2)
_MOST = 1 << 16
"""Cells and bars on all necks that are remembered."""
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
    return Music(score, track, Groups(placer.onsets, placer.ends, placer.struck))


@dataclass(slots=True)
class _Placer:
    """Collects groups, tempos and metres; `opens` is by row from the bottom (string, pitch)."""

    opens: list[tuple[int, int]]
    tpq: int
    onsets: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)

    def run(self, bars: Sequence[tuple[TimedBar, bool]], meter: tuple[int, int]) -> None:
        """Set bars one after the other; a bar that does not fill its metre gets one of its own."""
        tpq = self.tpq
        necks = _necks(tuple(self.opens)), _necks(tuple(self.opens[::-1]))
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
            if bar.tempos:
                self.tempos += [Tempo(now + tick, qpm) for tick, qpm in bar.tempos]
            first = len(self.onsets)
            neck = necks[turned]
            if bar.lettered:
                held, slides = self._beat(bar, now, neck, held=held)
            else:
                held = False
                slides = self._strike(bar, now, neck)
            if sliding or slides:
                sliding = self._slides(sliding, first)
            now += length
        if (now - begun) % (tpq * 4 * current[0] // current[1]):
            self.meters.append(Meter(now, *current))  # the last bar is a short one

    def _strike(self, bar: TimedBar, now: int, neck: _Neck) -> bool:
        """Add the groups of a bar without letters; returns whether a note slides out."""
        if not bar.events:
            return False
        _, struck, slides = neck.bars.get(id(bar.events)) or neck.add_bar(bar.events)
        starts, ends = bar.times
        if () in struck:
            heard = [bool(notes) for notes in struck]
            starts, ends = list(compress(starts, heard)), list(compress(ends, heard))
            struck = list(compress(struck, heard))
        self.onsets += [now + start for start in starts]
        self.ends += [now + end for end in ends]
        self.struck += struck
        return slides

    def _beat(self, bar: TimedBar, now: int, neck: _Neck, *, held: bool) -> tuple[bool, bool]:
        """Add the groups of a bar with letters.

        Args:
            bar: the bar.
            now: its start.
            neck: of the staff.
            held: whether the last group can be held on.

        Returns:
            The same, after the bar; and whether a note slides out.
        """
        slides = False
        for onset, length, cells, graces, hold in bar.beats:
            end = now + onset + length
            if not hold:
                _, struck, out = _SILENT
                if cells:
                    _, struck, out = neck.cells.get(id(cells)) or neck.add(cells, graces)
                slides = slides or out
                held = bool(struck) and not (struck[-1][3] and grace_of(struck[-1][3]))
                if struck:
                    self.onsets.append(now + onset)
                    self.ends.append(end)
                    self.struck.append(struck)
            elif held:
                self.ends[-1] = end
        return held, slides

    def _slides(self, sliding: dict[int | None, int], first: int) -> dict[int | None, int]:
        """Turn slides out of the bar before into slides to the first beat of this one.

        Args:
            sliding: by string the last groups of the bar before with notes that slide out.
            first: index of the first group of this bar.

        Returns:
            The same for this bar.
        """
        all_struck = self.struck
        if sliding and first < len(all_struck):
            for pitch, _, string, marks in all_struck[first]:
                index = sliding.get(string)
                if index is not None and not grace_of(marks):
                    all_struck[index] = tuple(_slid(all_struck[index], string, pitch))
        return {
            string: index
            for index in range(first, len(all_struck))
            for _, _, string, marks in all_struck[index]
            if marks and marks & _OUT
        }


class _Neck:
    """What cells and bars are on a neck, by the id of their lists, which are kept with that.

    Args:
        opens: by row from the bottom the string and its pitch.
    """

    def __init__(self, opens: tuple[tuple[int, int], ...]) -> None:
        self._opens = opens
        self.cells: dict[int, tuple[Sequence[Cell], Struck, bool]] = {}
        """Their notes, and whether one slides out."""
        self.bars: dict[int, tuple[Sequence[Event], Sequence[Struck], bool]] = {}
        """The same for all events of a bar."""
        self._struck: dict[Struck, Struck] = {}

    def __len__(self) -> int:
        """Return how much is known."""
        return len(self.cells) + len(self.bars)

    def add(
        self, cells: Sequence[Cell], graces: Sequence[Cell]
    ) -> tuple[Sequence[Cell], Struck, bool]:
        """Return what is new, with the grace notes before it, and remember it."""
        struck = _struck(cells, self._opens)
        if graces:
            struck = (*_graces(graces, self._opens), *struck)
        struck = self._struck.setdefault(struck, struck)  # alike notes are known by one id
        slides = any(marks & _OUT for _, _, _, marks in struck if marks)
        played = self.cells[id(cells)] = cells, struck, slides
        return played

    def add_bar(self, events: Sequence[Event]) -> tuple[Sequence[Event], Sequence[Struck], bool]:
        """Return the notes of the events of a bar, and remember them."""
        found = [
            self.cells.get(id(cells)) or self.add(cells, graces) for _, _, cells, graces in events
        ]
        struck = [notes for _, notes, _ in found]
        played = self.bars[id(events)] = events, struck, any(map(_SLIDES, found))
        return played


_necks = Memory(_Neck, _MOST)


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
