"""The grammar of event texts (`events`): it counts the time left in the bar.

Every bar sums to its metre, but for an upbeat; there is a note; references name bars that exist and
fit the metre in force, strings stand in order and once, one hand can hold the frets of a chord, what begins or ends within a
quarter lies on one grid, and what is left of a bar can always be written with the lengths that there
are. So there is no dead end: any bar can be filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from textmusic.controls import Controls
from textmusic.lengths import LENGTHS
from textmusic_guitartab.automata import ALL, ANY, Hand, Line, Past, Time, full_of
from textmusic_guitartab.headed import HeadedGrammar
from textmusic_guitartab.heading import Head, Heading
from textmusic_guitartab.meters import METERS
from textmusic_guitartab.piece import FRETS, LOWEST, STRINGS

__all__ = ["EventGrammar", "TabState"]


class TabState(NamedTuple):
    """Where in the bars; hashable, and equal wherever the same may follow."""

    line: Line
    time: Time
    hand: Hand
    past: Past

    @classmethod
    def at_bar(cls, strings: int, full: int, bars: tuple[int, ...] = ()) -> TabState:
        """Return the state at the start of a line, without controls.

        Args:
            strings: of the neck.
            full: ticks of a bar of the metre in force.
            bars: ticks of the last eight bars, negative for a bar cut short.
        """
        begun = bool(bars)
        line, time = Line("bar", strings, begun=begun), Time("bar", full, not begun)
        return cls(line, time, Hand(), Past("bar", full, bars))

    @property
    def phase(self) -> str:
        """That of the line."""
        return self.line.phase

    @property
    def left(self) -> int:
        """Ticks to the end of the bar."""
        return self.time.full - self.time.pos

    @property
    def bars(self) -> tuple[int, ...]:
        """Ticks of the last eight bars, negative for a bar cut short."""
        return self.past.bars

    def with_bars(self, bars: tuple[int, ...]) -> TabState:
        """Return the state after other bars."""
        return self._replace(past=self.past._replace(bars=bars))


class EventGrammar(HeadedGrammar[TabState]):
    """What may follow in an event text. See `textmusic.grammar.Joint`.

    Args:
        controls: what every text keeps.

    Raises:
        ConfigError: no text can.
    """

    def __init__(self, controls: Controls | None = None) -> None:
        super().__init__(METERS, controls)
        asked = set((controls or Controls()).asked())
        self._lines = _Lines(self._heading, is_free=asked <= {"meter", "tempo"})
        self.parts: Sequence[_Automaton] = (self._lines, _Automaton(), _Automaton(), _Automaton())

    def split(self, state: Head | TabState) -> tuple[Any, ...]:
        """Return the states of the parts; the first reads the header, and `Time` its metre."""
        if isinstance(state, TabState):
            return state
        first = self._lines.narrow(state)
        time = Time("named" if state.meter else "head", word=state.meter or state.word)
        return first, time, (), ()

    def joined(self, before: Head | TabState, states: Sequence[Any], text: str) -> Head | TabState:
        """Return the whole state; the parts know all of it."""
        first, time, *others = states
        if isinstance(first, Line):
            return TabState(first, time, *others)
        head: Head = first
        return head._replace(meter=time.word) if time.phase == "named" else head

    def _follow(self, state: TabState) -> frozenset[str]:
        line, time, hand, past = state
        return line.allowed() & time.allowed() & hand.allowed() & past.allowed()

    def _after(self, state: TabState, char: str) -> TabState | None:
        if not all(char in part.allowed() for part in state):
            return None
        line, time, hand, past = state
        after = past.after(char)
        return TabState(
            line.after(char),
            time.after(char),
            hand.after(char),
            past.next(-time.pos) if after is None else after,
        )

    def _begun(self, head: Head) -> TabState:
        full = full_of(head.meter)
        line = Line("bar", len(head.opens), self._heading.steady)
        hand = Hand(neck=self._heading.neck(head))
        return TabState(line, Time("bar", full, is_first=True), hand, Past("bar", full))

    def _whole(self, state: TabState) -> bool:
        return _ends(state.line)

    def _ending(self, state: TabState) -> str:
        chars, phase = self._follow(state), state.phase
        first = "" if state.line.heard else STRINGS[-1]
        wanted = first * (phase in {"bar", "event"}) + _FINISH[phase]
        return next(char for char in wanted if char in chars)

    def _loose(self, state: TabState) -> TabState:
        is_start = state.past.phase in {"bar", "reference"}
        return TabState(
            state.line,
            state.time._replace(grids=ANY),
            state.hand._replace(low=0, high=0),
            state.past._replace(is_old=is_start),
        )


def _ends(line: Line) -> bool:
    return line.phase == "bar" and line.begun and line.heard


class _Automaton:
    """A part; in the header it waits, and its state is empty."""

    def allowed(self, state: Any) -> frozenset[str]:
        """Return the characters that may follow."""
        return state.allowed() if state else ALL

    def accepting(self, state: Any) -> bool:
        """Whether the text may end."""
        return True

    def after(self, state: Any, char: str) -> Any:
        """Return the state after a character."""
        return state.after(char) if state else state

    def alike(self, state: Any, char: str) -> frozenset[str]:
        """Return characters after which the state is that after this one."""
        return state.alike(char) if state else ALL


class _Lines(_Automaton):
    """The first part: of the header it knows but the metre.

    Args:
        heading: of the grammar.
        is_free: whether all strings are as good as others.
    """

    def __init__(self, heading: Heading, *, is_free: bool) -> None:
        self._heading, self._is_free = heading, is_free

    def narrow(self, head: Head) -> Head:
        """Return the place in the header without the metre, nor strings where they are alike."""
        if not self._is_free:
            return head._replace(meter="")
        opens, capo = (LOWEST,) * len(head.opens), min(head.capo, 0)
        return head._replace(meter="", opens=opens, capo=capo)

    def allowed(self, state: Head | Line) -> frozenset[str]:
        if isinstance(state, Line):
            return state.allowed()
        return frozenset(self._heading.moves(state))

    def accepting(self, state: Head | Line) -> bool:
        return isinstance(state, Line) and _ends(state)

    def after(self, state: Head | Line, char: str) -> Head | Line | None:
        if isinstance(state, Line):
            return state.after(char)
        head = self._heading.moves(state)[char]
        return None if head.phase == "bar" else self.narrow(head)

    def alike(self, state: Head | Line, char: str) -> frozenset[str]:
        return state.alike(char) if isinstance(state, Line) else frozenset(char)


_LONGEST_FIRST = "".join(LENGTHS)
_FINISH = {
    "meter": " /4620183",
    "bar": "r",
    "reference": "\n248",
    "event": "r~" + STRINGS[-1],
    "switched": STRINGS[-1],
    "fret": FRETS,
    "pair": _LONGEST_FIRST,
    "time": _LONGEST_FIRST,
    "done": "\n ",
    "short": "\n",
}
"""For each phase, what `finish` writes: the first that may follow."""
