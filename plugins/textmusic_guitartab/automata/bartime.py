"""What is left of the bar, and the grid of the beat."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic.lengths import BEAT, GRACE, LENGTHS, bar_ticks, fillable, is_bar_end
from textmusic_guitartab.automata.chars import ALL, ENDS, LENGTH_CHARS, LETTERS, SWITCHES
from textmusic_guitartab.clock import ALL_GRIDS, grids_at
from textmusic_guitartab.heading import spelled
from textmusic_guitartab.meters import METERS, OLD_METERS, words

__all__ = ["ANY", "Time", "full_of"]

ANY = -1
"""Every grid, wherever the text stands, and what else only old texts have."""
_STARTS = LETTERS | SWITCHES
_SIGNS = ALL - LETTERS - ENDS
_METERS = words(METERS)
_OLD_METERS = words(OLD_METERS)


def full_of(meter: str) -> int:
    """Return the ticks of a bar of a metre, such as ``4/4``."""
    numerator, _, denominator = meter.partition("/")
    return bar_ticks(int(numerator), int(denominator))


class Time(NamedTuple):
    """What is left of the bar."""

    phase: str
    """As `Line` has them; ``head`` while the header is read, ``named`` behind its metre."""
    full: int = 0
    """Ticks of a bar of the metre in force."""
    is_first: bool = False
    """Whether there is no bar before."""
    pos: int = 0
    """Ticks since the bar line."""
    grids: int = ALL_GRIDS
    """The grids of `clock` on which this beat lies so far, or `ANY`."""
    last: int = 0
    """Ticks of the note event before, which ``.`` repeats; 0 where it may not."""
    word: str = ""
    """What was read of a metre; ``r`` and ``~`` before their length, ``r`` also behind a rest."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        return _in_time(self)

    def after(self, char: str) -> Time:
        """Return what is known after a character."""
        phase = self.phase
        if phase == "pair":
            return self._in_pair(char)
        if phase == "fret":
            return self._replace(phase="pair")
        if char == "\n":
            return Time("bar", self.full)
        if phase == "time":
            word = "r" if self.word == "r" else ""
            return self._moved(LENGTHS[char], 0)._replace(word=word)
        if phase == "done":
            return self._replace(phase="short" if char == "!" else "event")
        if phase == "meter":
            return self._named(char)
        if phase == "head":
            return self._replace(phase="named") if char == " " else self._typed(char)
        return self._begun(char) if phase in {"bar", "event", "switched"} else self

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.phase == "fret":
            return ALL
        if self.phase == "named" and char != "\n":
            return ALL - {"\n"}
        if char in LETTERS and self.phase in {"pair", "bar", "event", "switched"}:
            return LETTERS
        if self.phase == "pair" and char in _SIGNS:
            return _SIGNS
        return frozenset(char)

    def _named(self, char: str) -> Time:
        if char != " ":
            return self._typed(char)
        return Time("event", full_of(self.word), self.is_first)

    def _typed(self, char: str) -> Time:
        return self if char == "@" else self._replace(word=self.word + char)

    def _begun(self, char: str) -> Time:
        if char in "%M":
            return self._replace(phase="meter" if char == "M" else "reference", word="")
        rests = self.word == "r"
        if char == "~" or (char == "r" and rests):
            return self._replace(phase="time", word=char, last=0)
        held = self.held
        if char == ".":
            return self._moved(self.last, self.last, held)
        if char in SWITCHES:
            return self._replace(phase="switched", grids=held, word="")
        phase, word = ("time", "r") if char == "r" else ("fret", "")
        return Time(phase, self.full, self.is_first, self.pos, held, word=word)

    def _in_pair(self, char: str) -> Time:
        if char in LENGTHS:
            return self._moved(LENGTHS[char], LENGTHS[char])
        if char == GRACE:
            return self._replace(phase="done")
        return self._replace(phase="fret") if char in LETTERS else self

    def _moved(self, ticks: int, last: int, grids: int | None = None) -> Time:
        """Behind a length; a new beat begins with the grids that hold its end."""
        pos = self.pos + ticks
        grids = self.grids if grids is None else grids
        beat = pos - pos % BEAT
        if beat > self.pos:
            grids = grids_at(min(self.full - beat, BEAT))
        after = Time("done", self.full, self.is_first, pos, grids)
        return after._replace(last=last) if last and after.writes(last) else after

    @property
    def held(self) -> int:
        """The grids of the beat on which something can begin or end now; 0 where only a tie can."""
        if self.phase == "switched":  # where it was seen to
            return self.grids
        return ALL_GRIDS if self.grids == ANY else self.grids & grids_at(self.pos % BEAT)

    def writes(self, ticks: int) -> bool:
        """Whether the bar can still be filled after a length."""
        left = self.full - self.pos - ticks
        return left >= 0 and fillable(left)


def _in_time(time: Time) -> frozenset[str]:
    phase = time.phase
    if phase == "pair":
        return _but_lengths(time.full - time.pos)
    if phase == "time":
        return _only_lengths(time.full - time.pos)
    if phase == "done":
        return _behind(time)
    if phase == "meter":
        meters = _OLD_METERS if time.grids == ANY else _METERS
        following = {char for char, _ in spelled(time.word, meters)}
        return frozenset(following | {" "} if time.word in meters else following)
    return _before(time) if phase in {"bar", "event", "switched"} else ALL


@lru_cache(maxsize=1 << 12)
def _but_lengths(left: int) -> frozenset[str]:
    """All but the lengths that leave what cannot be filled."""
    time = Time("pair", left)
    return ALL - {letter for letter, ticks in LENGTHS.items() if not time.writes(ticks)}


@lru_cache(maxsize=1 << 12)
def _only_lengths(left: int) -> frozenset[str]:
    return _but_lengths(left) & LENGTH_CHARS


def _behind(time: Time) -> frozenset[str]:
    """After an event."""
    if time.pos == time.full:
        return _LINE_END
    is_upbeat = time.is_first or time.grids == ANY
    return _SPACE_OR_SHORT if is_upbeat and is_bar_end(time.pos) and time.held else _SPACE


_LINE_END, _SPACE, _SPACE_OR_SHORT = frozenset("\n"), frozenset(" "), frozenset(" !")


def _before(time: Time) -> frozenset[str]:
    """At the start of an event."""
    held, rests = bool(time.held), time.word == "r"
    goes_on = not rests and (time.pos > 0 or not time.is_first)
    return _starts(held, held or rests, goes_on, held and time.last > 0, time.phase == "bar")


@lru_cache(maxsize=32)
def _starts(*flags: bool) -> frozenset[str]:
    notes, rests, goes_on, repeats, is_bar = flags
    more = "r" * rests + "~" * goes_on + "." * repeats + "%M" * is_bar
    return frozenset({*more, *_STARTS} if notes else more)
