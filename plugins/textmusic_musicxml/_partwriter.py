"""One part of a MusicXML document: its declaration and its measures."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeVar

from textmusic.form import Measure
from textmusic.score import Bar, Key, Score, Tempo, Track
from textmusic_musicxml._lanes import Group, Lane
from textmusic_musicxml._notewriter import NoteWriter
from textmusic_musicxml._partlist import clef, strings_of, tuning
from textmusic_musicxml._values import values

__all__ = ["PartWriter"]

_Event = TypeVar("_Event", Key, Tempo)
_Piece = tuple[int, int, Group]
"""The part of a group that lies in one bar, from tick to tick."""


class PartWriter:
    """Writes one track.

    Args:
        score: whose ticks per quarter become the divisions.
        track: of the score.
        name: the id of the part.
        bars: all bars of the score.
        lanes: the voices of the track.
        form: the signs of the bars, or none.
    """

    def __init__(
        self,
        score: Score,
        track: Track,
        name: str,
        *,
        bars: Sequence[Bar],
        lanes: Sequence[Lane],
        form: Sequence[Measure],
    ) -> None:
        self.score, self.track, self.name = score, track, name
        self.bars, self.lanes, self.form = bars, lanes, form
        self.starts = [bar.onset for bar in bars]
        self.notes = NoteWriter(track, name, strings_of(track))
        self.key_rows = _by_bar(score.keys, bars)
        self.tempo_rows = _by_bar(score.tempos, bars)
        self.endings = _endings(form)
        cuts = [key.onset for key in score.keys]
        self.rows = [self._rows(lane, cuts if i == 0 else ()) for i, lane in enumerate(lanes)]

    @classmethod
    def empty(cls, score: Score, bars: Sequence[Bar], form: Sequence[Measure]) -> PartWriter:
        """Return the writer of a silent part, which a document without tracks needs."""
        return cls(score, Track(), "P1", bars=bars, lanes=[Lane(1)], form=form)

    def _rows(self, lane: Lane, cuts: Sequence[int]) -> list[list[_Piece]]:
        """Cut the groups of a voice at bar lines, and at `cuts`; return the pieces of each bar."""
        rows: list[list[_Piece]] = [[] for _ in self.bars]
        for group in lane.groups:
            start = group.onset
            index = bisect_right(self.starts, start) - 1
            while True:
                end = min(group.end, self.bars[index].end)
                inner = cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]
                for a, b in zip([start, *inner], [*inner, end], strict=True):
                    rows[index].append((a, b, group))
                if end >= group.end:
                    break
                start, index = end, index + 1
        return rows

    def measures(self, *, is_first: bool) -> Iterator[str]:
        """Yield the part element; the first part has the tempos."""
        yield f'<part id="{self.name}">\n'
        for index, bar in enumerate(self.bars):
            implicit = ' implicit="yes"' if bar.is_short else ""
            yield f'<measure number="{index + 1}"{implicit}>\n'
            yield from self._left(index)
            for key in self.key_rows[index]:
                if key.onset == bar.onset:
                    self.notes.fifths = key.fifths
            yield from self._attributes(index)
            yield from self._first_voice(index, tempos=is_first)
            for lane, rows in zip(self.lanes[1:], self.rows[1:], strict=True):
                if rows[index]:
                    yield f"<backup><duration>{bar.end - bar.onset}</duration></backup>\n"
                    yield from self._voice(lane.number, bar, rows[index], [])
            for key in self.key_rows[index]:
                self.notes.fifths = key.fifths
            yield from self._right(index)
            yield "</measure>\n"
        yield "</part>\n"

    def _left(self, index: int) -> Iterator[str]:
        sign = self.form[index] if index < len(self.form) else Measure()
        if sign.opens or sign.endings:
            yield '<barline location="left">'
            if sign.endings:
                numbers = ", ".join(map(str, sorted(sign.endings)))
                yield f'<ending number="{numbers}" type="start"/>'
            yield '<repeat direction="forward"/>' if sign.opens else ""
            yield "</barline>\n"

    def _right(self, index: int) -> Iterator[str]:
        sign = self.form[index] if index < len(self.form) else Measure()
        if sign.passes:
            yield '<barline location="right">'
            if inside := self.endings[index]:
                numbers = ", ".join(map(str, sorted(inside)))
                yield f'<ending number="{numbers}" type="stop"/>'
            times = f' times="{sign.passes}"' if sign.passes != 2 else ""
            yield f'<repeat direction="backward"{times}/></barline>\n'

    def _attributes(self, index: int) -> Iterator[str]:
        """Yield divisions, key, time, clef and strings where they begin or change."""
        bar = self.bars[index]
        before = self.bars[index - 1] if index else None
        parts = [f"<divisions>{self.score.tpq}</divisions>"] if before is None else []
        parts += [self._key(k.fifths, k.mode) for k in self.key_rows[index] if k.onset == bar.onset]
        if before is None or _signature(before) != _signature(bar):
            parts.append(
                f"<time><beats>{bar.numerator}</beats>"
                f"<beat-type>{bar.denominator}</beat-type></time>"
            )
        if before is None:
            parts += [clef(self.track), tuning(self.track)]
        if any(parts):
            yield f"<attributes>{''.join(parts)}</attributes>\n"

    @staticmethod
    def _key(fifths: int, mode: str) -> str:
        return f"<key><fifths>{fifths}</fifths><mode>{mode}</mode></key>"

    def _first_voice(self, index: int, *, tempos: bool) -> Iterator[str]:
        """Yield the first voice, rests included, with the tempos and the keys inside the bar."""
        bar = self.bars[index]
        signs = [
            (k.onset, f"<attributes>{self._key(k.fifths, k.mode)}</attributes>\n")
            for k in self.key_rows[index]
            if bar.onset < k.onset
        ]
        if tempos:
            signs += [(t.onset, _tempo(t.qpm)) for t in self.tempo_rows[index]]
        pieces = self.rows[0][index]
        if not pieces and not signs and not bar.is_short:
            length = bar.end - bar.onset
            yield (
                f'<note><rest measure="yes"/><duration>{length}</duration><voice>1</voice></note>\n'
            )
            return
        yield from self._voice(self.lanes[0].number, bar, pieces, sorted(signs))

    def _voice(
        self, number: int, bar: Bar, pieces: Sequence[_Piece], signs: list[tuple[int, str]]
    ) -> Iterator[str]:
        """Yield the notes and rests of one voice in a bar; rests are cut at signs."""
        now = bar.onset
        for start, end, group in [*pieces, (bar.end, bar.end, None)]:
            while now < start:
                yield from _due(signs, now)
                until = min([start, *(at for at, _ in signs if at < start)])
                yield from self._rests(number, bar, now, until)
                now = until
            if group is None:
                break
            yield from _due(signs, now)
            yield from self._piece(number, bar, (start, end, group), signs)
            now = max(now, end)

    def _rests(self, number: int, bar: Bar, start: int, end: int) -> Iterator[str]:
        for value in values(self._quarters(start - bar.onset), self._quarters(end - start)):
            yield self.notes.rest(value, self._ticks(value.length), number)

    def _piece(
        self, number: int, bar: Bar, piece: _Piece, signs: list[tuple[int, str]]
    ) -> Iterator[str]:
        start, end, group = piece
        if start == group.onset:
            yield from self.notes.graces(group.graces, number)
        if end == start:
            return
        now = start
        for value in values(self._quarters(start - bar.onset), self._quarters(end - start)):
            # a sign within a note stands before it, with its distance
            after = now + self._ticks(value.length)
            while signs and signs[0][0] < after:
                at, sign = signs.pop(0)
                offset = f"<offset>{at - now}</offset>" if at > now else ""
                yield sign.replace("<sound", f"{offset}<sound")
            yield from self.notes.chord(
                group.notes,
                value,
                after - now,
                number,
                stops=now > group.onset,
                starts=after < group.end,
            )
            now = after

    def _quarters(self, ticks: int) -> Fraction:
        return Fraction(ticks, self.score.tpq)

    def _ticks(self, length: Fraction) -> int:
        return int(length * self.score.tpq)


def _by_bar(events: Sequence[_Event], bars: Sequence[Bar]) -> list[list[_Event]]:
    """Return the events of each bar; those behind the last bar are left out."""
    rows: list[list[_Event]] = [[] for _ in bars]
    ends = [bar.end for bar in bars]
    for event in events:
        index = bisect_right(ends, event.onset)
        if index < len(rows):
            rows[index].append(event)
    return rows


def _endings(form: Sequence[Measure]) -> list[frozenset[int]]:
    """Return the ending that each measure lies in, empty outside."""
    rows = []
    now = frozenset[int]()
    for measure in form:
        now = measure.endings or now
        rows.append(now)
        if measure.passes:
            now = frozenset()
    return rows


def _due(signs: list[tuple[int, str]], now: int) -> Iterator[str]:
    while signs and signs[0][0] <= now:
        yield signs.pop(0)[1]


def _signature(bar: Bar) -> tuple[int, int]:
    return bar.numerator, bar.denominator


def _tempo(qpm: float) -> str:
    return (
        '<direction placement="above"><direction-type><metronome><beat-unit>quarter</beat-unit>'
        f"<per-minute>{qpm:.6g}</per-minute></metronome></direction-type>"
        f'<sound tempo="{_decimal(qpm)}"/></direction>\n'
    )


def _decimal(value: float) -> str:
    """Return a number without an exponent, as XML decimals are."""
    text = repr(value)
    return text if "e" not in text else f"{value:.12f}"
