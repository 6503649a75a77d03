"""What stands around the voices: which line comes next, and what may stand in place of a voice.

======  ====================================================================================
`Turns`     the order of lines: parts of the header, bars, parts of a bar
`Measures`  the words of bars, where they have a line of their own
`Neck`      at the start of a voice, what else may stand there; within it, which strings there are
======  ====================================================================================
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic_guitarpro.text.grammar.beats import ALL, INSTEAD, PLACES
from textmusic_guitarpro.text.grammar.words import Bar, word_end, word_moves
from textmusic_guitarpro.text.repeats import Section
from textmusic_guitarpro.text.writing import LABELS

__all__ = ["ALONE", "Measures", "Neck", "Reference", "Turns", "absent"]

_NO_PLACES = frozenset("")
_SPACE, _PART, _BAR, _LINE_END = (frozenset(char) for char in " :|\n")
_IN_LINE = ALL - _LINE_END


class Turns(NamedTuple):
    """Which line comes next."""

    phase: str
    """``line`` at the start of one, ``label`` behind that, ``parts`` at the start of a line of the
    header that may be a part, ``only`` where bars of a single part may follow as well, ``part``
    within a line of the header, ``words`` and ``voice`` within those of bars; ``alone`` anywhere in
    bars of a single part, of which the whole state knows all else."""
    parts: int
    """The parts of the piece."""
    turn: int = 0
    """Those that had their lines in this bar, or passed."""
    heard: bool = False
    """Whether there was a note."""

    @property
    def accepts(self) -> bool:
        """Whether the text may end here, as far as lines tell."""
        return self.phase in {"only", "alone"} or (self.phase == "line" and self.heard)

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        if self.phase == "line":
            return _labels(self.turn, self.parts)
        if self.phase == "parts":
            more = _PART if self.parts < len(LABELS) else _NO_PLACES
            return more | _BAR if self.parts > 1 else more
        return _SPACE if self.phase == "label" else ALL

    def after(self, char: str) -> Turns | None:
        """Return what is known after a character; None where more must be."""
        phase = self.phase
        if phase == "only":
            return Turns("part", 2) if char == ":" else ALONE
        if char == "\n":
            return self._behind()
        if phase == "line":
            if char == "|":
                return self._replace(phase="words", turn=0)
            return _LABEL
        if phase == "parts":
            is_bar = char == "|"
            return Turns("words", self.parts) if is_bar else Turns("part", self.parts + 1)
        return None if phase == "label" else self

    def _behind(self) -> Turns | None:
        """At the start of a line."""
        if self.phase == "words":
            return self._replace(phase="line")
        if self.phase == "part":
            return None if self.parts == 1 else self._replace(phase="parts")
        return self._replace(phase="line", turn=self.turn + 1) if self.heard else None  # or alone

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.phase == "line" and char != "|":
            return _labels(self.turn, self.parts) - _BAR
        is_within = self.phase in {"part", "words", "voice", "alone"} and char != "\n"
        return _IN_LINE if is_within else frozenset(char)


ALONE = Turns("alone", 1)
_LABEL = Turns("label", 0)


@lru_cache(maxsize=1 << 12)
def _labels(turn: int, parts: int) -> frozenset[str]:
    return frozenset(LABELS[turn:parts] + "|")


class Measures(NamedTuple):
    """The words of bars, and between them what decides those of the next one."""

    phase: str
    """``meter`` in the first line until that is known, ``header`` behind it, ``only`` where bars of
    a single part may follow, ``line`` at the start of one, ``voice`` within it, ``words``."""
    bar: Bar = Bar()
    section: Section = Section()
    text: str = ""
    """What was read of the first line."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        return _in_words(self.bar, self.section) if self.phase == "words" else ALL

    def after(self, char: str) -> Measures | tuple[()]:
        """Return what is known after a character."""
        phase = self.phase
        if phase == "words":
            return self._in_words(char)
        if phase == "meter":
            return self._in_header(char)
        if phase == "only":
            return self._replace(phase="header") if char == ":" else ()
        if phase == "header":
            return self._replace(phase="words") if char == "|" else self
        if phase == "line":
            return self._replace(phase="words" if char == "|" else "voice")
        return self._replace(phase="line") if char == "\n" else self

    def _in_header(self, char: str) -> Measures:
        if char == "@":
            return self
        if char not in " \n":
            return self._replace(text=self.text + char)
        numerator, _, denominator = self.text.partition("/")
        meter = int(numerator), int(denominator)
        return Measures("header", self.bar._replace(meter=meter))

    def _in_words(self, char: str) -> Measures:
        bar = word_moves(self.bar, self.section).get(char)
        if bar:
            return self._replace(bar=bar)
        bar = word_end(self.bar, self.section)
        if char == " ":
            assert bar is not None  # a space stands behind a word
            return self._replace(bar=bar)
        bar = bar or self.bar
        return Measures("line", bar.next(), self.section.after(bar.measure))

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.phase == "voice" and char != "\n":
            return _IN_LINE
        others = _NO_BAR if self.phase in {"header", "line"} else _NO_PLACES
        return others if char in others else frozenset(char)


_NO_BAR = ALL - _BAR


@lru_cache(maxsize=1 << 12)
def _in_words(bar: Bar, section: Section) -> frozenset[str]:
    ended = word_end(bar, section)
    chars = {*word_moves(bar, section), *(" " if ended and ended.takes_words else "")}
    behind = ended or (bar if bar.is_new else None)
    return frozenset(chars | {"\n"} if behind and not behind.is_cut else chars)


class Neck(NamedTuple):
    """A voice as to what may stand in its place, and its strings."""

    phase: str
    """``start``, ``rest`` behind a rest there, ``in`` the voice."""
    absent: str = ""
    """Letters of strings that there are not."""
    instead: str = ""
    """What may stand in place of the voice."""
    silence: str = ""
    """What may stand behind a voice that is silent for the whole bar."""
    accepts: bool = False
    """Whether the text may end here."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        return _on_neck(*self[:4])

    def after(self, char: str) -> Neck | tuple[()] | None:
        """Return what is known after a character; None where another thing stands there."""
        if char == "\n":
            return ()
        if self.phase == "start":
            if char in INSTEAD:
                return None
            if char == "r":
                return Neck("rest", self.absent, silence=self.silence)
        return Neck("in", self.absent)

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.phase == "start":
            return _BEGINNINGS if char in _BEGINNINGS else frozenset(char)
        return _IN_LINE if char in _IN_LINE else frozenset(char)


_BEGINNINGS = ALL - INSTEAD - {"r", "\n"}


def absent(letters: str) -> str:
    """Return the letters of strings that a neck lacks; e is also a fret."""
    return "".join(letter for letter in PLACES if letter not in letters and letter != "e")


@lru_cache(maxsize=1 << 12)
def _on_neck(phase: str, missing: str, instead: str, silence: str) -> frozenset[str]:
    if phase == "rest":
        return ALL.difference(" \n").union(silence)
    chars = ALL.difference(missing)
    return chars if phase == "in" else (chars - INSTEAD).union(instead)


class Reference(NamedTuple):
    """A reference in place of a voice."""

    text: str
    found: frozenset[str]
    """All that may stand there."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        text, size = self.text, len(self.text)
        more = {mark[size] for mark in self.found if len(mark) > size and mark.startswith(text)}
        return frozenset(more | {"\n"} if text in self.found else more)

    def after(self, char: str) -> Reference | tuple[()]:
        """Return what is known after a character."""
        return () if char == "\n" else Reference(self.text + char, self.found)

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        return frozenset(char)
