"""The parts of the grammar of rolls: each reads all of it and knows one thing of the bar.

========  ==================================================================================
`Lines`   the order of lines and their ends, and which keys are in range; between bars all
`Time`    the steps that are left of the bar
`Keys`    of some neighbouring keys, which sound: one automaton for each register
========  ==================================================================================

What a part does not know of it allows. Keys that sound are many sets, but those of half an octave
are few.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from textmusic_midi.pianoroll.cells import Signs
from textmusic_midi.steps import State

if TYPE_CHECKING:
    from textmusic_midi.pianoroll.grammar import RollGrammar

__all__ = ["Keys", "Line", "Lines", "Register", "Time", "Timing", "Whole", "registers"]

_ENDS = frozenset("|\n*")
_DIGITS = frozenset("0123456789")
_CHARS = frozenset(map(chr, range(32, 127))) | {"\n"}
_BORDERS = (41, 47, 53, 59, 65, 73, 82)
"""MIDI pitches at which registers begin; those in the middle are small, as most notes lie there."""


def registers(lowest: int, highest: int) -> list[range]:
    """Return the columns of each register of the keys from `lowest` to `highest`."""
    borders = [lowest, *(pitch for pitch in _BORDERS if lowest < pitch <= highest), highest + 1]
    columns = [border - lowest for border in borders]
    return [range(*pair) for pair in pairwise(columns)]


class Line(NamedTuple):
    """Where in the lines of a bar."""

    phase: str
    """``row`` within the cells, ``count`` of their steps, ``end`` behind the bar line."""
    column: int = 0
    is_off: bool = False
    """Whether the last cell is empty."""


Place: TypeAlias = "Line | State[Any]"


class Lines:
    """The first part. Between bars, and until there is a note, it has the whole state.

    Args:
        grammar: whose part it is.
        signs: of the cells, one character each.
        columns: those that may sound.
        width: columns of a line.
    """

    def __init__(self, grammar: RollGrammar, signs: Signs, columns: range, width: int) -> None:
        self._grammar, self._signs, self._width = grammar, signs, width
        self._first, self._last = columns[0], columns[-1]
        self._cells = frozenset((signs.on, signs.held))
        self._known: dict[Line, frozenset[str]] = {}

    def allowed(self, place: Place) -> frozenset[str]:
        """Return the characters that may follow."""
        if isinstance(place, State):
            chars = self._grammar.allowed(place)
            return chars | {self._signs.held} if _opens(place, chars) else chars
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._in_line(place)
        return known

    def _in_line(self, line: Line) -> frozenset[str]:
        if line.phase == "end":
            return frozenset("\n")
        if line.phase == "count":
            return _DIGITS | {"\n"}
        column, signs = line.column, self._signs
        ends = frozenset() if line.is_off and column else _ENDS
        if column == self._width:
            return ends
        cells = {signs.held}
        if self._first <= column <= self._last:
            cells.add(signs.on)
        if column < self._last:
            cells.add(signs.off)
        return ends | cells

    def accepting(self, place: Place) -> bool:
        """Whether the text may end."""
        return isinstance(place, State) and self._grammar.accepting(place)

    def after(self, place: Place, char: str) -> Place | None:
        """Return the place after a character; None where that needs the whole state."""
        if isinstance(place, State):
            return self._behind(place, char)
        if char == "\n":
            return None if place.phase == "end" else _NEW_LINE
        return self._in_bar(char, place.column) or place

    def _in_bar(self, char: str, column: int) -> Line | None:
        """The place behind a character of cells, or what ends them."""
        if char == self._signs.off or char in self._cells:
            return Line("row", column + 1, char == self._signs.off)
        return _AFTER.get(char)

    def _behind(self, place: State[Any], char: str) -> Place | None:
        grammar = self._grammar
        if not _opens(place, grammar.allowed(place)):
            after = grammar.through(place, char)
            is_whole = grammar.leaves(place, char) or grammar.is_split(after)
            return None if is_whole else grammar.local(after)
        if char == "\n":
            return _NEW_LINE
        if char == "%":
            return grammar.local(grammar.through(place, char))
        return self._in_bar(char, 0)

    def alike(self, place: Place, char: str) -> frozenset[str]:
        """Return characters after which the place is the same."""
        if isinstance(place, State):
            return frozenset(char)
        return self._cells if char in self._cells else _alike_ends(char, place.phase)


def _opens(place: State[Any], chars: frozenset[str]) -> bool:
    """Whether a bar may begin here, the other parts being at its first cell."""
    return "|" in chars and place.past.notes > 0 and place.phase in {"start", "open"}


def _alike_ends(char: str, phase: str) -> frozenset[str]:
    return _DIGITS if phase == "count" and char in _DIGITS else frozenset(char)


_NEW_LINE = Line("row")
_AFTER = {"|": Line("end"), "*": Line("count")}


class Time(NamedTuple):
    """What is left of the bar."""

    left: int
    """Steps, with that of the present line."""
    typed: str | None = None
    """What was read of the steps that the line lasts; None before that."""


class Timing:
    """The second part."""

    def allowed(self, time: Time | tuple[()]) -> frozenset[str]:
        """Return the characters that may follow."""
        return _in_time(*time) if time else _CHARS

    def accepting(self, time: Time | tuple[()]) -> bool:
        """Whether the text may end."""
        return True

    def after(self, time: Time | tuple[()], char: str) -> Time | tuple[()]:
        """Return what is left after a character."""
        if not time or char in "|%":
            return ()
        if char == "\n":
            return Time(time.left - int(time.typed or 1))
        if char == "*":
            return Time(time.left, "")
        return time if time.typed is None else Time(time.left, time.typed + char)

    def alike(self, time: Time | tuple[()], char: str) -> frozenset[str]:
        """Return characters after which the same is left."""
        if not time:
            return _CHARS
        return _CELLS if time.typed is None and char in _CELLS else frozenset(char)


_CELLS = _CHARS - _ENDS - {"%"}


@lru_cache(maxsize=1 << 12)
def _in_time(left: int, typed: str | None) -> frozenset[str]:
    if typed is None:
        return _CHARS - ({"\n"} if left <= 1 else set()) - ({"*"} if left <= 2 else set())
    digits = "0123456789" if typed else "123456789"
    fitting = {digit for digit in digits if int(typed + digit) < left}
    return frozenset(fitting | {"\n"} if typed else fitting)


class Keys(NamedTuple):
    """Which keys of a register sound; those keys are bits, the lowest is the first."""

    skipped: int
    """Columns before it that are still to come."""
    left: int
    """Its columns that are still to come."""
    sounding: int
    """Those of them that sounded in the line before."""
    on: int = 0
    """What sounds in this line."""


class Register:
    """The part of a register.

    Args:
        columns: those of its keys.
        signs: of the cells, one character each.
    """

    def __init__(self, columns: range, signs: Signs) -> None:
        self._first, self._size, self._off = columns[0], len(columns), signs.off
        self._cells = frozenset((signs.on, signs.held))
        self._silent = _CHARS - {signs.held}
        self._others = _CHARS - {"\n", "|"}

    def keys(self, column: int, sounding: int, on: int) -> Keys:
        """Return what is known at a column.

        Args:
            column: of the line.
            sounding: keys that sounded in the line before, as bits.
            on: those that sound in this one.
        """
        passed = min(max(column - self._first, 0), self._size)
        bits = (1 << self._size) - 1
        before = sounding >> self._first & bits
        return Keys(
            max(self._first - column, 0),
            self._size - passed,
            before >> passed,
            on >> self._first & bits,
        )

    def allowed(self, keys: Keys | tuple[()]) -> frozenset[str]:
        """Return the characters that may follow."""
        is_silent = keys and keys.left and not keys.skipped and not keys.sounding & 1
        return self._silent if is_silent else _CHARS

    def accepting(self, keys: Keys | tuple[()]) -> bool:
        """Whether the text may end."""
        return True

    def after(self, keys: Keys | tuple[()], char: str) -> Keys | tuple[()]:
        """Return which keys sound after a character."""
        if not keys or char == "|":
            return ()
        skipped, left, sounding, on = keys
        if char == "\n":
            return Keys(self._first, self._size, on)
        if char == "*":
            return Keys(0, 0, 0, on)
        if not left or not (char == self._off or char in self._cells):
            return keys
        if skipped:
            return Keys(skipped - 1, left, sounding, on)
        bit = int(char != self._off) << self._size - left
        return Keys(0, left - 1, sounding >> 1, on | bit)

    def alike(self, keys: Keys | tuple[()], char: str) -> frozenset[str]:
        """Return characters after which the same keys sound."""
        if not keys:
            return _CHARS
        if not keys.left:
            return self._others if char in self._others else frozenset(char)
        if not keys.skipped:
            return self._cells if char in self._cells else frozenset(char)
        cells = self._cells | {self._off}
        return cells if char in cells else frozenset(char)


class Whole:
    """A grammar as its only part."""

    def __init__(self, grammar: RollGrammar) -> None:
        self.allowed, self.accepting, self._grammar = grammar.allowed, grammar.accepting, grammar

    def after(self, state: State[Any], char: str) -> State[Any] | None:
        """Return the state after a character; None where all that was written matters."""
        grammar = self._grammar
        if grammar.leaves(state, char):
            return None
        return grammar.local(grammar.through(state, char))

    def alike(self, state: State[Any], char: str) -> frozenset[str]:
        """Return characters after which the state is the same."""
        return frozenset(char)
