"""Set timed bars one after the other: notes, metres and tempos of a Score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from textmusic.score import Meter, Note, Score, Tempo, Track
from textmusic_guitartab.page.cells import Cell
from textmusic_guitartab.page.prose import Header
from textmusic_guitartab.page.systems import Beat, TimedBar

__all__ = ["place"]

_TOP = 127
_OUT = frozenset({"slide:out-up", "slide:out-down"})
_PLAIN: frozenset[str] = frozenset()
_BASS_PROGRAM, _GUITAR_PROGRAM = 33, 25
_HIGHEST_BASS_STRING = 49
_Struck = tuple[int, int, int, int, frozenset[str]]
"""Onset in the bar, length, pitch, string and marks of a note."""


def place(
    bars: Sequence[tuple[TimedBar, bool]], tuning: tuple[int, ...], header: Header, tpq: int
) -> Score:
    """Return the Score of an instrument's bars.

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
    track = Track(
        tuple(placer.notes),
        header.track,
        _BASS_PROGRAM if bass else _GUITAR_PROGRAM,
        tuning=tuning,
        capo=header.capo,
    )
    meta = tuple(header.meta.items())
    return Score((track,), tpq, (*tempos, *placer.tempos), tuple(placer.meters), (), meta)


@dataclass(slots=True)
class _Placer:
    """Collects notes, tempos and metres; `opens` is by row from the bottom (string, pitch)."""

    opens: list[tuple[int, int]]
    tpq: int
    notes: list[Note] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    _flat: dict[tuple[int, bool], list[_Struck]] = field(default_factory=dict)

    def run(self, bars: Sequence[tuple[TimedBar, bool]], meter: tuple[int, int]) -> None:
        """Set bars one after the other; a bar that does not fill its metre gets one of its own."""
        tpq = self.tpq
        now, begun = 0, 0  # `begun`: where the metre in force started
        held: list[int] = []
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
            first = len(self.notes)
            held = self._strike(bar, now, held, turned=turned)
            sliding = self._slides(sliding, first)
            now += length
        if (now - begun) % (tpq * 4 * current[0] // current[1]):
            self.meters.append(Meter(now, *current))  # the last bar is a short one

    def _strike(self, bar: TimedBar, now: int, held: list[int], *, turned: bool) -> list[int]:
        """Add the notes of a bar; returns the indices of those that sound at its end."""
        notes = self.notes
        opens = self.opens[::-1] if turned else self.opens
        if not bar.lettered:
            # bars that come again share their list of beats
            flat = self._flat.get((id(bar.beats), turned))
            if flat is None:
                flat = [struck for beat in bar.beats for struck in _struck(beat, opens)]
                self._flat[id(bar.beats), turned] = flat
            notes += [Note(now + at, length, p, 80, s, m) for at, length, p, s, m in flat]
            return []
        for beat in bar.beats:
            if beat.hold:
                for index in held:
                    end = now + beat.onset + beat.length
                    notes[index] = replace(notes[index], duration=end - notes[index].onset)
                continue
            first = len(notes)
            struck = _struck(beat, opens)
            notes += [Note(now + at, length, p, 80, s, m) for at, length, p, s, m in struck]
            held = [first + index for index, (_, length, *_) in enumerate(struck) if length]
        return held

    def _slides(self, sliding: dict[int | None, int], first: int) -> dict[int | None, int]:
        """Turn slides out of the bar before into slides to the first beat of this one.

        Args:
            sliding: by string the last notes of the bar before that slide out.
            first: index of the first note of this bar.

        Returns:
            The same for this bar.
        """
        notes = self.notes
        if sliding and first < len(notes):
            onset = notes[first].onset
            for note in notes[first : first + len(self.opens) * 2]:
                index = sliding.get(note.string)
                if index is None or note.onset != onset or not note.duration:
                    continue
                before = notes[index]
                up = "slide:out-up" in before.marks
                if note.pitch > before.pitch if up else note.pitch < before.pitch:
                    notes[index] = replace(before, marks=before.marks - _OUT | {"slide"})
                    del sliding[note.string]
        return {
            notes[index].string: index
            for index in range(first, len(notes))
            if notes[index].marks and notes[index].marks & _OUT
        }


def _struck(beat: Beat, opens: Sequence[tuple[int, int]]) -> list[_Struck]:
    """The notes of a beat, its grace notes last."""
    result: list[_Struck] = []
    for cell in beat.cells:
        string, base = opens[cell.string]
        if base + cell.fret <= _TOP:
            marks = _marks(cell, base) if cell.marks or cell.trill is not None else _PLAIN
            result.append((beat.onset, beat.length, base + cell.fret, string, marks))
    columns = sorted({cell.column for cell in beat.graces}, reverse=True)
    for cell in beat.graces:
        string, base = opens[cell.string]
        if base + cell.fret <= _TOP:
            marks = _marks(cell, base) | {f"grace:{columns.index(cell.column) + 1}"}
            result.append((beat.onset, 0, base + cell.fret, string, marks))
    return result


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
