"""The state behind a text: lines, voices and events at once, the rest character by character."""

from __future__ import annotations

import re
from functools import lru_cache

from textmusic.lengths import GRACE
from textmusic_guitarpro.text.grammar.header import State, with_part
from textmusic_guitarpro.text.grammar.instrument import Instrument, places
from textmusic_guitarpro.text.grammar.lines import (
    LineGrammar,
    ended,
    may_begin,
    new_bar,
    referred,
    with_voice,
)
from textmusic_guitarpro.text.grammar.notes import Event
from textmusic_guitarpro.text.grammar.trace import Trace
from textmusic_guitarpro.text.grammar.voice import Voice, graced, timed
from textmusic_guitarpro.text.grammar.wishes import FREE, Wishes
from textmusic_guitarpro.text.grammar.words import Bar, word_end, word_moves
from textmusic_guitarpro.text.parts import Part
from textmusic_guitarpro.text.repeats import Section
from textmusic_guitarpro.text.times import unit_length
from textmusic_guitarpro.text.writing import LABELS

__all__ = ["retold"]

_WORDS_OR_PART = frozenset("M!KT([):")
_SWITCH = re.compile(r"[{}&]*")
_FRACTION = re.compile(r"\[\d+/\d+\]$")
_Found = tuple[State, int]


def retold(grammar: LineGrammar, state: State, text: str, *, is_done: bool = False) -> State:
    """Return the state behind a text that may follow; it is not checked.

    Args:
        grammar: of the text.
        state: before it.
        text: any.
        is_done: whether the text is known to end behind a whole event.
    """
    at = 0
    while at < len(text):
        found = _further(state, text, at, is_done=is_done)
        state, at = found or (grammar.step(state, text[at]), at + 1)
    return state


def _further(state: State, text: str, at: int, *, is_done: bool) -> _Found | None:
    """Return the state and place behind as much as can be read at once, None where that is no more."""
    phase, char = state.phase, text[at]
    if phase == "voice":
        return _in_voice(state, text, at, is_done=is_done)
    if phase == "line":
        return _at_line(state, text, at)
    if phase == "semicolon" and text[at : at + 2] == "; ":
        return with_voice(state), at + 2
    if phase == "parts" and char == "|":
        return state._replace(phase="words", wishes=FREE), at + 1
    if may_begin(state) and char not in _WORDS_OR_PART:
        return _in_voice(with_voice(state), text, at, is_done=is_done)
    end = text.find("\n", at) + 1 or len(text)
    return _line(state, text[at:end], end)


def _at_line(state: State, text: str, at: int) -> _Found:
    """Behind a label or bar line at the start of a line."""
    char = text[at]
    if char == "|":
        return new_bar(state), at + 1
    if text[at + 1 : at + 2] != " ":
        return state._replace(phase="label", text=char), at + 1
    piece = state.piece.until(LABELS.index(char))
    return with_voice(state._replace(piece=piece)), at + 2


def _line(state: State, line: str, end: int) -> _Found | None:
    """Behind a line of the header, or of words."""
    phase, piece = state.phase, state.piece
    if phase == "at":
        return _opened(state.wishes, line), end
    if phase == "parts" and line[0] == ":":
        return _parted(state, line), end
    if phase == "words" and not state.is_alone and state.bar.is_new and line[-1] == "\n":
        return state._replace(phase="line", bar=_worded(state.bar, piece.section, line)), end
    return None


@lru_cache(maxsize=1 << 10)
def _opened(wishes: Wishes, line: str) -> State:
    """The state behind the first line, or its beginning."""
    grammar, state = LineGrammar(), State("at", wishes=wishes)
    for char in line:
        state = grammar.step(state, char)
    return state


def _parted(state: State, line: str) -> State:
    """The state behind the line of a part, or its beginning."""
    if line[-1] == "\n":
        part = Part.parse(line[:-1])
        assert part is not None  # what may follow is read
        return with_part(state, part)
    said, *words = line[1:].split(" ")
    if not words:
        return state._replace(phase="program", text=said)
    *strings, word = words
    phase = "capo" if word[:1] == "c" else "strings"
    return state._replace(
        phase=phase, text=word.removeprefix("c"), tuning=tuple(strings), program=said
    )


@lru_cache(maxsize=1 << 12)
def _worded(bar: Bar, section: Section, line: str) -> Bar:
    """The bar behind its words and a line end."""
    for char in line[:-1]:
        bar = word_moves(bar, section).get(char) or word_end(bar, section) or bar
    return word_end(bar, section) or bar


def _in_voice(state: State, text: str, at: int, *, is_done: bool) -> _Found | None:
    """Behind a whole voice or reference, or else the whole events of a voice."""
    voice = state.voice
    newline = text.find("\n", at)
    if not voice.is_new:
        return _behind_event(state, text, at, is_done=is_done)
    if text[at] in "%=":
        return (referred(state, text[at:newline]), newline + 1) if newline >= 0 else None
    semicolon = text.find(" ;", at, len(text) if newline < 0 else newline)
    end = newline if semicolon < 0 else semicolon
    if end < 0:
        return _behind_event(state, text, at, is_done=is_done)
    words = text[at:end].split(" ")
    if words == ["r"]:
        return ended(state, text[end], None, heard=False), end + 1
    trace, heard = _traced(voice.part, words, heard=state.piece.heard)
    return ended(state, text[end], trace, heard=heard), end + 1


def _traced(part: Instrument, words: list[str], *, heard: bool) -> tuple[Trace, bool]:
    """Return what of the events of a whole voice matters to other bars, and whether a note is struck.

    Args:
        part: what they are played on.
        words: of the events.
        heard: whether that is known.
    """
    shuns: set[int] = set()
    waiting: set[int] = set()
    holds = False
    ties: tuple[int, ...] = ()
    for word in words:
        if word[0] == "~":
            holds = True
            shuns |= waiting
            waiting = set()
        elif word[-1] == GRACE:
            waiting.update(_notes(part, word)[0])
        else:
            ties = () if word[0] == "r" else _notes(part, word)[1]
            break
    gives: tuple[int, ...] | None = None
    for word in reversed(words):
        if word[-1] not in {GRACE, "."} and word[0] != "~":
            gives = () if word[0] == "r" else _notes(part, word)[0]
            break
    trace = Trace(tuple(sorted(shuns)), holds, ties, gives)
    return trace, heard or any(_strikes(part, word) for word in words)


def _strikes(part: Instrument, word: str) -> bool:
    """Whether an event has a note that is struck and no grace note."""
    if word[-1] in {GRACE, "."} or word[0] in "r~":
        return False
    ranks, ties = _notes(part, word)
    return len(ties) < len(ranks)


def _notes(part: Instrument, word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The places of an event with notes, and those of them that go on."""
    names = places(part, 0)[1]
    found = _pattern(part).findall(word)
    ranks = tuple([names[name] for name, _ in found])
    return ranks, tuple([names[name] for name, fret in found if fret == "~"])


@lru_cache(maxsize=1 << 10)
def _pattern(part: Instrument) -> re.Pattern[str]:
    place, fret = Part(0, part.is_drum, part.opens).patterns()
    return re.compile(rf"({place})(~|{fret})")


def _behind_event(state: State, text: str, at: int, *, is_done: bool) -> _Found | None:
    """Behind the event at hand and its length."""
    voice = state.voice
    if voice.phase == "done" and text[at] == " ":
        return state._replace(voice=voice._replace(phase="event")), at + 1
    end = text.find(" ", at)
    if end < 0 and is_done:
        end = len(text)
    word = text[at:end]
    if voice.phase != "event" or end < 0 or "\n" in word or word == "r":
        return None
    return state._replace(voice=_played(voice, word)), end


def _played(voice: Voice, word: str) -> Voice:
    if word[0] in "r~":
        return timed(voice._replace(phase="time", text=word[0]), unit_length(word[1:]))
    switch = _SWITCH.match(word)
    signs = (
        ("" if "}" in word[: switch.end()] else voice.on) + word[: switch.end()] if switch else ""
    )
    voice = voice._replace(on="".join(sign for sign in "{&" if sign in signs))
    if word[-1] == ".":
        return timed(voice, voice.last)
    ranks, ties = _notes(voice.part, word)
    voice = voice._replace(phase="notes", event=Event(places=ranks, ties=ties))
    if word[-1] == GRACE:
        return graced(voice)
    fraction = _FRACTION.search(word)
    return timed(voice, unit_length(fraction[0] if fraction else word[-1]))
