"""The order in which the events of a voice are played: repeats, endings, parts."""

from __future__ import annotations

from collections.abc import Sequence

from textmusic_abc.tune import Bar, Change, Event, Sound

__all__ = ["mend_repeats", "playing_order"]

Span = tuple[int, int]
_MAX_SPANS = 4096
_MAX_PASSES = 16


def playing_order(events: Sequence[Event], parts: str = "") -> list[Span]:
    """Return the spans (first, end) of events in playing order.

    A repeat without a start goes back to the end of the last repeat or, if a double line came
    since, to there (ABC 2.1, section 4.8); the first one to the beginning, as readers agree.
    Endings are played on the passes that they name. An order of parts (``ABA``) arranges the
    spans of named parts, if all of them are there.
    """
    if parts:
        named = _named_parts(events)
        if all(part in named for part in parts):
            spans: list[Span] = []
            for part in ["", *parts]:
                if part in named and len(spans) < _MAX_SPANS:
                    spans += _Player(events, *named[part]).spans
            return spans
    return _Player(events, 0, len(events)).spans


def mend_repeats(events: Sequence[Event], parts: str = "") -> bool:
    """Say what is played: where each repeat starts, and no sign where nothing is repeated.

    Args:
        events: of a voice.
        parts: the order of the parts that they name, if any.

    Returns:
        Whether the first repeat goes back to the beginning without a mark there.
    """
    spans = _named_parts(events).values() if parts else [(0, len(events))]
    mended = [_mend(events, *span) for span in spans]
    return any(mended)


def _mend(events: Sequence[Event], start: int, end: int) -> bool:
    player = _Player(events, start, end)
    for place in player.starts:
        while place and type(events[place - 1]) is Change:  # a key before the label of a part
            place -= 1
        bar = events[place - 1] if place else None
        if type(bar) is Bar and not bar.passes:
            bar.starts = True
    for place, bar in enumerate(events[start:end], start):
        if type(bar) is Bar and bar.starts and place + 1 not in player.starts:
            bar.starts, bar.double = False, True
    for place in player.unsaid:
        bar = events[place - 1]
        if type(bar) is Bar and not (bar.starts or _repeats_next(events[place:end])):
            bar.passes = (2,)
    for place in player.idle:
        bar = events[place - 1]
        if type(bar) is Bar and not bar.passes:
            bar.times, bar.double = 0, True
    return 0 in player.starts


def _repeats_next(events: Sequence[Event]) -> bool:
    """Whether the next section ends with a repeat, or there is none."""
    signs = (e for e in events if type(e) is Bar and (e.times or e.starts or e.passes or e.double))
    following = next(signs, None)
    if following is None:
        return not any(type(event) is Sound for event in events)
    return bool(following.times or following.passes)


def _named_parts(events: Sequence[Event]) -> dict[str, Span]:
    """Where each named part stands; ``""`` is what comes before the first."""
    starts = [("", 0)]
    for place, event in enumerate(events):
        if isinstance(event, Change) and isinstance(event.value, str):
            starts.append((event.value, place))
    ends = [place for _, place in starts[1:]] + [len(events)]
    named: dict[str, Span] = {}
    for (name, start), end in zip(starts, ends, strict=True):
        named.setdefault(name, (start, end))
    return named


class _Player:
    """Walks over the bar marks once; `spans` is what was played."""

    def __init__(self, events: Sequence[Event], start: int, end: int) -> None:
        self.events = events
        self.spans: list[Span] = []
        self.starts: set[int] = set()  # the places from which something is repeated
        self.idle: set[int] = set()  # the ends of last endings: a repeat sign there is none
        self.unsaid: set[int] = set()  # where a second ending starts that no mark names
        self.section = start  # where a repeat goes back to
        self.done = start  # everything before it has been played as often as it should be
        self.endings: list[tuple[tuple[int, ...], int, int]] = []  # passes, first, end (0: open)
        self.repeated = False  # whether a repeat sign closed one of the endings
        self.said = False  # whether a mark says where the next repeat goes back to
        for place, event in enumerate(events[start:end], start):
            if type(event) is Bar and (event.times or event.starts or event.passes or event.double):
                self._mark(event, place, place + 1)
        self._close(end)
        self._flush()
        self._play(self.done, end)

    def _play(self, start: int, end: int) -> None:
        if start < end and len(self.spans) < _MAX_SPANS:
            self.spans.append((start, end))

    def _mark(self, bar: Bar, place: int, after: int) -> None:
        """Take a bar mark; `place` belongs to what ends here, `after` is where the next starts."""
        waiting = bool(self.endings) and self.endings[-1][2] != 0
        if waiting and not bar.passes and place > self.endings[-1][2]:
            self._flush()
        if bar.times:
            if self.endings and self.endings[-1][2] == 0:
                self._close(after)
                self.repeated = True
            else:
                self.starts.add(self.section)
                for _ in range(min(bar.times, _MAX_PASSES)):
                    self._play(self.done if _ == 0 else self.section, after)
                self.done = self.section = after
            self.said = False
        if bar.passes:
            if self.endings and any(number in bar.passes for e in self.endings for number in e[0]):
                self._close(self._unsaid_end(events_before=place))
                self._flush()
            self._close(after)
            self.endings.append((bar.passes, after, 0))
        elif self.endings and (bar.starts or (bar.double and len(self.endings) > 1)):
            self._close(after)
            self._flush()
        if bar.starts and not bar.passes:
            self._flush()
            self._go_on(after)
            self.said = True
        elif bar.double and self.starts and not (self.said or self.endings or bar.times):
            self._go_on(after)

    def _go_on(self, place: int) -> None:
        """Play up to a place where the next repeat starts."""
        self._play(self.done, place)
        self.done = self.section = place

    def _unsaid_end(self, events_before: int) -> int:
        """Where the last ending stops if a new one opens with no mark between.

        It has as many bars as the first ending had, or goes up to the new one.
        """
        _, first, end = self.endings[0]
        bars = [i + 1 for i in range(first, end) if type(self.events[i]) is Bar]
        start = self.endings[-1][1]
        own = [i + 1 for i in range(start, events_before) if type(self.events[i]) is Bar]
        count = len(bars)
        return own[count - 1] if 0 < count <= len(own) else events_before

    def _close(self, place: int) -> None:
        """End the ending that is open."""
        if self.endings and self.endings[-1][2] == 0:
            passes, first, _ = self.endings[-1]
            self.endings[-1] = passes, first, place

    def _flush(self) -> None:
        """Play a section with its endings, pass by pass."""
        if not self.endings:
            return
        fork = self.endings[0][1]
        last = max(max(passes) for passes, _, _ in self.endings)
        if len(self.endings) == 1:
            last = max(last + 1, 2) if self.repeated else 1
        if last > 1:
            self.starts.add(self.section)
        for number in range(1, min(last, _MAX_PASSES) + 1):
            self._play(self.done if number == 1 else self.section, fork)
            for passes, first, end in self.endings:
                if number in passes:
                    self._play(first, end)
        passes, _, end = self.endings[-1]
        if len(self.endings) > 1 and last in passes:
            self.idle.add(end)
        elif passes == (1,) and self.repeated:
            self.unsaid.add(end)
        self.done = self.section = end
        self.endings, self.repeated, self.said = [], False, False
