"""How a piece lies on the page: repeats and endings, beside a Score that holds what sounds.

A Score has its repeats played out. A reader that knows the page keeps it as ``meta["form"]``, a
line such as ``16 1( 8)2 7[1 8[2``: 16 measures on the page; a repeat opens at measure 1; the one
that closes behind measure 8 is played twice in all; measures 7 and 8 begin the first and the
second ending. A writer that knows signs of repetition folds the Score back to the page, where
that loses nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from textmusic.errors import ScoreError
from textmusic.score import Bar, Key, Meter, Note, Score, Tempo

__all__ = ["MOST_MEASURES", "Form", "Measure", "fold", "unfold"]

MOST_MEASURES = 20_000
"""The longest piece, in measures as played."""
_MOST_PASSES = 99
_TOKEN = re.compile(r"(\d{1,5})(?:(\()|\)(\d{1,2})|\[(\d{1,2}(?:,\d{1,2}){0,15}))")
_Event = TypeVar("_Event", Note, Tempo, Meter, Key)


@dataclass(frozen=True, slots=True)
class Measure:
    """The signs of one measure on the page.

    Args:
        opens: a repeat opens before it.
        passes: how often the repeat that closes behind it is played in all; 0 for none.
        endings: the passes, from 1, that the ending which begins here is played in.
    """

    opens: bool = False
    passes: int = 0
    endings: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.passes <= _MOST_PASSES:
            raise ScoreError(f"a repeat played {self.passes} times")
        if not all(1 <= ending <= _MOST_PASSES for ending in self.endings):
            raise ScoreError(f"an ending for pass {min(self.endings)}")


@dataclass(frozen=True, slots=True)
class Form:
    """The measures of a page with their signs."""

    measures: tuple[Measure, ...]

    @classmethod
    def parse(cls, text: str) -> Form | None:
        """Return the form that ``meta["form"]`` holds, or None when the text is not one."""
        head, *tokens = text.split() or [""]
        if not (head.isdecimal() and len(head) <= 5 and int(head) <= MOST_MEASURES):
            return None
        measures = [Measure()] * int(head)
        for token in tokens:
            match = _TOKEN.fullmatch(token)
            if match is None or not 1 <= int(match[1]) <= len(measures):
                return None
            index = int(match[1]) - 1
            sign: dict[str, object] = {"opens": True}
            if match[3]:
                sign = {"passes": int(match[3])}
            elif match[4]:
                sign = {"endings": frozenset(map(int, match[4].split(",")))}
            try:
                measures[index] = replace(measures[index], **sign)  # type: ignore[arg-type]
            except ScoreError:
                return None
        return cls(tuple(measures))

    @property
    def is_plain(self) -> bool:
        """Whether there is no sign at all, so that the page is what sounds."""
        return all(measure == Measure() for measure in self.measures)

    def __str__(self) -> str:
        tokens = [str(len(self.measures))]
        for number, measure in enumerate(self.measures, 1):
            if measure.opens:
                tokens.append(f"{number}(")
            if measure.endings:
                tokens.append(f"{number}[{','.join(map(str, sorted(measure.endings)))}")
            if measure.passes:
                tokens.append(f"{number}){measure.passes}")
        return " ".join(tokens)

    def order(self) -> list[int] | None:
        """Return the indices of the measures as played, or None when they would be too many."""
        order: list[int] = []
        for start, end in self._sections():
            for index in self._section(start, end):
                order.append(index)
                if len(order) > MOST_MEASURES:
                    return None
        return order

    def _sections(self) -> Iterator[tuple[int, int]]:
        """Split where a repeat opens, and behind a closed repeat where no ending follows."""
        start, closed = 0, False
        for index, measure in enumerate(self.measures):
            opens = measure.opens or (closed and not measure.endings)
            if opens and index > start:
                yield start, index
                start, closed = index, False
            closed = measure.passes > 0 or (closed and bool(measure.endings))
        yield start, len(self.measures)

    def _section(self, start: int, end: int) -> Iterator[int]:
        """Play the measures of one section; an ending lasts until the next one or a repeat sign."""
        turn, index = 1, start
        ending: frozenset[int] = frozenset()
        used: dict[int, int] = {}
        while index < end:
            measure = self.measures[index]
            ending = measure.endings or ending
            sounds = not ending or turn in ending
            if sounds:
                yield index
            # a sign under the ending of another pass counts where no ending follows it
            counts = sounds or not (index + 1 < end and self.measures[index + 1].endings)
            if counts and used.get(index, 0) + 1 < measure.passes:
                used[index] = used.get(index, 0) + 1
                turn, index, ending = turn + 1, start, frozenset()
                continue
            if measure.passes:
                ending = frozenset()
            index += 1


def fold(score: Score) -> tuple[Score, Form] | None:
    """Return a score as it lies on the page and its form, or None where there are no repeats.

    None too when ``meta["form"]`` does not fit the music: what the page and its signs give when
    played must be the score itself.
    """
    form = Form.parse(score.get("form"))
    order = form.order() if form else None
    if form is None or form.is_plain or order is None or len(score.bars()) > len(order):
        return None
    bars = _bars(score, len(order))
    first = {index: number for number, index in reversed(list(enumerate(order)))}
    if sorted(first) != list(range(len(form.measures))):
        return None
    meta = tuple((key, value) for key, value in score.meta if key != "form")
    page = replace(_joined(score, [bars[first[i]] for i in sorted(first)], bars), meta=meta)
    if len(page.bars()) > len(first):
        return None  # a note sounds on behind the last bar of the page
    return (page, form) if unfold(page, form) == score else None


def unfold(page: Score, form: Form) -> Score:
    """Return what sounds when a score is played as its form says; ``meta["form"]`` is set.

    A change of tempo counts where it is passed; metre and key are those of the page.

    Args:
        page: one bar for each measure of the form; missing ones at its end are silent.
        form: whose `order` is not too long.

    Raises:
        ScoreError: the form is too long when played, or has fewer measures than the page.
    """
    order = form.order()
    if order is None or len(page.bars()) > len(form.measures):
        raise ScoreError(f"a form of {len(form.measures)} measures that cannot be played")
    bars = _bars(page, len(form.measures))
    played = _joined(page, [bars[index] for index in order], bars)
    meta = {**dict(page.meta), "form": str(form)}
    return replace(played, meta=tuple(meta.items()))


def _bars(score: Score, count: int) -> tuple[Bar, ...]:
    """The first `count` bars, also those after the last note."""
    longest = max((bar.full for bar in score.bars(score.end + 1)), default=0)
    for meter in score.meters:
        longest = max(longest, score.tpq * 4 * meter.numerator // meter.denominator)
    return score.bars(score.end + 1 + count * longest)[:count]


def _joined(score: Score, chosen: Sequence[Bar], bars: Sequence[Bar]) -> Score:
    """Lay some bars of a score one after the other; what sounds over a bar's end stays whole."""
    starts = [bar.onset for bar in bars]
    shifts: list[tuple[int, int]] = []
    onset = 0
    for bar in chosen:
        shifts.append((bisect_right(starts, bar.onset) - 1, onset - bar.onset))
        onset += bar.end - bar.onset

    def moved(events: Sequence[_Event]) -> tuple[_Event, ...]:
        found = _by_bar(events, starts)
        return tuple(
            _later(event, shift) if shift else event
            for number, shift in shifts
            for event in found[number]
        )

    return replace(
        score,
        tracks=tuple(replace(track, notes=moved(track.notes)) for track in score.tracks),
        tempos=moved(score.tempos),
        keys=moved(_repeated(score.keys, starts)),
        meters=moved([Meter(bar.onset, bar.numerator, bar.denominator) for bar in bars]),
    )


def _later(event: _Event, shift: int) -> _Event:
    onset = event.onset + shift
    if isinstance(event, Note):  # `replace` takes three times as long, and there are many notes
        return Note(onset, event.duration, event.pitch, event.velocity, event.string, event.marks)
    return replace(event, onset=onset)


def _by_bar(events: Iterable[_Event], starts: Sequence[int]) -> list[list[_Event]]:
    found: list[list[_Event]] = [[] for _ in starts]
    for event in events:
        found[bisect_right(starts, event.onset) - 1].append(event)
    return found


def _repeated(keys: Sequence[Key], starts: Sequence[int]) -> list[Key]:
    """The keys, and the one in force again at the start of every bar."""
    onsets = [key.onset for key in keys]
    again = [
        replace(keys[number - 1], onset=start)
        for start in starts
        if (number := bisect_right(onsets, start))
    ]
    return [*again, *(key for key in keys if key.onset not in set(starts))]
