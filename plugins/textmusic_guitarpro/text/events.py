"""The events of one bar of a part: its text -> what is struck, held or silent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from textmusic.lengths import GRACE
from textmusic_guitarpro.text.parts import Part
from textmusic_guitarpro.text.signs import MARK, SWITCHES, names
from textmusic_guitarpro.text.times import LENGTH, unit_length

__all__ = ["MAX_COPIES", "MAX_GRACES", "MAX_VOICES", "Event", "Problem", "Struck", "read_voices"]

MAX_VOICES = 4
MAX_GRACES = 9
MAX_COPIES = 4
"""Notes that can be struck at one place together, where there are no strings."""
_COPY = 128
Problem = tuple[int, str, str]
"""Offset in the text, name and message."""
_WORD = re.compile(r"[^ ]+")
_SWITCH = re.compile(r"\}?\{?&?")
_END = re.compile(rf"(?:{LENGTH}|{GRACE})$")


class Struck(NamedTuple):
    """A note that is struck; `rank` is that of its place."""

    rank: int
    pitch: int
    marks: frozenset[str]


class Event(NamedTuple):
    """What happens for `length` units (None: for the whole bar); `held` are ranks of places."""

    kind: Literal["notes", "grace", "hold", "rest"]
    length: int | None
    struck: tuple[Struck, ...] = ()
    held: frozenset[int] = frozenset()


@lru_cache(maxsize=64)
def _pair(part: Part) -> re.Pattern[str]:
    """A pair of this part; quantifiers are possessive, so that it takes linear time."""
    place, fret = part.patterns()
    return re.compile(rf"(?P<place>{place})(?:(?P<tie>~)|(?P<fret>{fret})(?P<marks>(?>{MARK})*+))")


def read_voices(part: Part, body: str) -> tuple[list[list[Event]], list[Problem]]:
    """Return the events of each voice, and what is wrong, at offsets in the text."""
    voices: list[list[Event]] = [[]]
    problems: list[Problem] = []
    voice = _Voice(part)
    for word in _WORD.finditer(body):
        if word[0] == ";":
            if len(voices) == MAX_VOICES:
                problems.append((word.start(), "voice", f"more than {MAX_VOICES} voices"))
                break
            problems += voice.unfinished(word.start())
            voices.append([])
            voice = _Voice(part)
            continue
        event, problem = voice.read(word[0])
        if event is not None:
            voices[-1].append(event)
        if problem:
            problems.append((word.start() + problem[0], *problem[1:]))
    problems += voice.unfinished(len(body))
    return voices, problems


class _Voice:
    """Reads the words of one voice in one bar."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.on: frozenset[str] = frozenset()
        self.last: Event | None = None
        self.graces = 0

    def unfinished(self, at: int) -> Iterator[Problem]:
        if self.graces:
            yield at, "grace", "no note behind a grace note"

    def read(self, word: str) -> tuple[Event | None, Problem | None]:
        """Return the event of a word, or what is wrong with it."""
        if word == "r":
            return Event("rest", None), None
        if word[0] in "r~":
            return self._silent(word)
        at = self._switches(word)
        if word[at:] == ".":
            if self.last is None:
                return None, (at, "event", "'.' has no event before it in this bar")
            return self._switched(self.last), None
        return self._notes(word, at)

    def _silent(self, word: str) -> tuple[Event | None, Problem | None]:
        self.last = None
        length = re.fullmatch(LENGTH, word[1:])
        units = unit_length(word[1:]) if length else 0
        if not units:
            return None, (1, "length", f"expected a length behind {word[0]!r}")
        self.graces = 0
        return Event("rest" if word[0] == "r" else "hold", units), None

    def _switches(self, word: str) -> int:
        match = _SWITCH.match(word)
        signs = match[0] if match else ""
        if "}" in signs:
            self.on = frozenset()
        self.on |= {SWITCHES[sign] for sign in signs if sign in SWITCHES}
        return len(signs)

    def _switched(self, event: Event) -> Event:
        if not self.on:
            return event
        struck = (note._replace(marks=note.marks | self.on) for note in event.struck)
        return event._replace(struck=tuple(struck))

    def _notes(self, word: str, at: int) -> tuple[Event | None, Problem | None]:
        struck: dict[int, Struck] = {}
        held: set[int] = set()
        problem: Problem | None = None
        while match := _pair(self.part).match(word, at):
            place = self.part.read_place(match["place"])
            pitch: int | None = 0
            if place is not None and not match["tie"]:
                pitch = self.part.read_pitch(place, match["fret"])
            if place is None or pitch is None:
                problem = problem or (at, "range", f"{match[0]!r} is no note of this part")
            elif (place := self._free(place, {*struck, *held})) is None:
                problem = problem or (at, "twice", f"{match['place']!r} stands there already")
            elif match["tie"]:
                held.add(place)
            else:
                marks = frozenset(names(match["marks"], pitch))
                marks |= {"dead"} if match["fret"] == "x" else set()
                struck[place] = Struck(place, pitch, marks)
            at = match.end()
        return self._event(word, at, struck, held, problem)

    def _free(self, place: int, taken: set[int]) -> int | None:
        """The rank of the next copy of a place, None where there are too many."""
        ranks = range(place, place + 1 if self.part.tuning else place + _COPY * MAX_COPIES, _COPY)
        return next((rank for rank in ranks if rank not in taken), None)

    def _event(
        self,
        word: str,
        at: int,
        struck: dict[int, Struck],
        held: set[int],
        problem: Problem | None,
    ) -> tuple[Event | None, Problem | None]:
        self.last = None
        if not struck and not held:
            found = repr(word[at : at + 8]) if word[at:] else "the end of the word"
            return None, problem or (at, "event", f"expected a note, rest or hold, found {found}")
        if not _END.match(word, at):
            return None, (at, "length", f"expected a mark, a note or a length in {word[:40]!r}")
        notes = tuple(struck.values())
        if word[at:] == GRACE:
            self.graces += 1
            if self.graces > MAX_GRACES or held:
                return None, (at, "grace", f"over {MAX_GRACES} grace notes, or one that goes on")
            return self._switched(Event("grace", 0, notes)), problem
        units = unit_length(word[at:])
        if not units:
            return None, (at, "length", "no length that notes can have")
        self.graces = 0
        event = Event("notes", units, notes, frozenset(held))
        self.last = event if not held else None
        return self._switched(event), problem
