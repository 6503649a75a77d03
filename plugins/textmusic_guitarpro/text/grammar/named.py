"""What sounds in a part without strings, in two automata that take turns as those of `held` do."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from textmusic.lengths import GRACE
from textmusic_guitarpro.text.events import MAX_COPIES, MAX_GRACES
from textmusic_guitarpro.text.grammar.beats import ALL
from textmusic_guitarpro.text.grammar.held import (
    LASTING,
    LENGTH_CHARS,
    NO_GRACE,
    NO_HOLD,
    turned,
)
from textmusic_guitarpro.text.grammar.instrument import Instrument, places
from textmusic_guitarpro.text.grammar.notes import Event
from textmusic_guitarpro.text.grammar.voice import Voice

__all__ = ["ANYTHING", "NamesGathered", "NamesHeld", "last_of", "named_of"]


class _Anything(tuple[int, ...]):
    """Every place as often as may be."""

    __slots__ = ()

    def __contains__(self, place: object) -> bool:
        return True

    def count(self, value: object, /) -> int:
        return MAX_COPIES


ANYTHING: tuple[int, ...] = _Anything([-1])
"""What sounds where that is for `NamesHeld` to know."""


def last_of(event: Event) -> Event:
    """Return an event with no more notes than decide what its next one may be."""
    if len(event.places) < 2 and not event.ties:
        return event
    last = event.places[-1]
    run = (last,) * event.places.count(last)
    if not event.ties:
        return event._replace(places=run)
    is_tied = event.ties[-1] == last  # else a place below stands for those before
    return event._replace(places=run if is_tied else (0, *run), ties=(last if is_tied else -1,))


class NamesHeld(NamedTuple):
    """What sounds, by rank; of the names of an event it reads those of what sounds."""

    part: Instrument
    sounding: tuple[int, ...]
    begun: bool = False
    """Whether anything was read of the event."""
    word: str = ""
    """What was read of such a name, whole or not."""
    tied: int = -1
    """The last note, where it goes on."""
    copies: int = 0
    """How often it does."""
    touched: tuple[int, ...] = ()
    """What of the event sounded before."""
    graced: tuple[int, ...] = ()
    """What sounds where grace notes wait for their event."""
    text: str = ""
    """As `held.turned` has it; ``:`` where another part of the header may stand there."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        if not self.begun:
            return ALL if self.sounding and not self.graced else NO_HOLD
        barred = {"~"}
        rank = self._rank
        if rank >= 0 and not (rank == self.tied and self._is_spent):
            barred = set()
        if self.tied >= 0 and self._is_spent:
            barred |= self._last_again()
        return ALL - barred if barred else ALL

    @property
    def _rank(self) -> int:
        """The rank of the name that was read, if that may go on."""
        rank = places(self.part, 0)[1].get(self.word, -1)
        return rank if rank in self.sounding and rank not in self.graced else -1

    @property
    def _is_spent(self) -> bool:
        return self.copies >= self.sounding.count(self.tied)

    def _last_again(self) -> set[str]:
        """The characters that lead to the name of the last note alone."""
        names = places(self.part, 0)[1]
        last, higher = places(self.part, self.tied)[0], places(self.part, self.tied + 1)[0]
        beginnings = {self.word, ""} if self.word in names else {self.word}
        return {char for word in beginnings for char in last.after(word) - higher.after(word)}

    def after(self, char: str) -> _Either:
        """Return what is known after a character; nothing behind the voices."""
        if char == "\n" or (char == ":" and self.text == ":"):
            return ()
        if char in LENGTH_CHARS or (char == "]" and self.text in LASTING):
            if self.text == "r":
                return NamesHeld(self.part, ())
            is_hold = self.text == "~"
            return NamesHeld(self.part, self.sounding) if is_hold else NamesGathered(self.part)
        if char == GRACE:
            graced = tuple(sorted({*self.graced, *self._touching()}))
            return NamesHeld(self.part, self.sounding, graced=graced)
        if char == " ":
            return self
        if char in "r~" and not self.begun:
            return self._replace(text=char)
        if char == "~":
            copies = self.copies + 1 if self._rank == self.tied else 1
            touched = self._touching()
            return self._replace(word="", tied=self._rank, copies=copies, touched=touched)
        return self._typed(char)

    def _typed(self, char: str) -> NamesHeld:
        """Behind more of a name, or anything else."""
        text, words = turned(self.text, char), places(self.part, 0)[0]
        known = _beginnings(self.part, self.sounding)
        if char in words.after(self.word) and self.word:
            word = self.word + char
            if word in known:
                return self._replace(word=word, text=text)
            return self._replace(word="", tied=-1, text=text)
        touched = self._touching()
        if char not in words.after(""):
            begun = self.begun or char not in "{&}."
            return self._replace(begun=begun, word="", touched=touched, text=text)
        is_known = char in known
        word, tied = (char, self.tied) if is_known else ("", -1)
        return self._replace(begun=True, word=word, tied=tied, touched=touched, text=text)

    def _touching(self) -> tuple[int, ...]:
        """What sounded before of the notes until now."""
        rank = places(self.part, 0)[1].get(self.word, -1)
        if rank not in self.sounding or rank in self.touched:
            return self.touched
        return (*self.touched, rank)

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if char in LENGTH_CHARS:
            return LENGTH_CHARS
        known = _beginnings(self.part, self.sounding)
        groups = _groups(self.part, known)
        others = next((group for group in groups if char in group), frozenset(char))
        if not self.word or len(others) == 1:
            return others
        more = places(self.part, 0)[0].after(self.word)
        return frozenset(char) if char in more else others - more


class NamesGathered(NamedTuple):
    """The notes of an event, by rank."""

    part: Instrument
    ranks: tuple[int, ...] = ()
    word: str = ""
    """What was read of a name, whole only where it may yet be longer."""
    is_tied: bool = False
    """Whether one of them goes on."""
    graces: int = 0
    """Events of grace notes that wait for this one."""
    text: str = ""
    """As `held.turned` has it; ``:`` where another part of the header may stand there."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        return NO_GRACE if self.is_tied or self.graces >= MAX_GRACES else ALL

    def after(self, char: str) -> _Either:
        """Return what is known after a character; nothing behind the voices."""
        if char == "\n" or (char == ":" and self.text == ":"):
            return ()
        words, names = places(self.part, 0)
        if self.word and char in words.after(self.word):
            return self._named(self.word + char)
        if self.word:
            return self._replace(ranks=(*self.ranks, names[self.word]), word="").after(char)
        if char in LENGTH_CHARS or (char == "]" and self.text in LASTING):
            is_silent = self.text in {"r", "~"}
            return NamesGathered(self.part) if is_silent else NamesHeld(self.part, self.ranks)
        if char == GRACE:
            return NamesGathered(self.part, graces=self.graces + 1)
        if char in words.after(""):
            return self._named(char)
        if char == "~" and self.ranks:
            return self._replace(is_tied=True)
        text = turned(self.text, char)
        return self if text == self.text else self._replace(text=text)

    def _named(self, word: str) -> NamesGathered:
        words, names = places(self.part, 0)
        if word in names and not words.after(word):
            return self._replace(ranks=(*self.ranks, names[word]), word="", text="")
        return self._replace(word=word, text="")

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if char in LENGTH_CHARS:
            return LENGTH_CHARS
        others = _others(self.part)
        return others if char in others and not self.word else frozenset(char)


_Either: TypeAlias = NamesHeld | NamesGathered | tuple[()]


@lru_cache(maxsize=1 << 12)
def _beginnings(part: Instrument, ranks: tuple[int, ...]) -> frozenset[str]:
    """Return the beginnings of the names of some ranks."""
    names = [_names(part)[rank] for rank in ranks]
    return frozenset(name[:size] for name in names for size in range(1, len(name) + 1))


@lru_cache(maxsize=256)
def _names(part: Instrument) -> dict[int, str]:
    """Return the name of each rank."""
    return {rank: name for name, rank in places(part, 0)[1].items()}


@lru_cache(maxsize=1 << 12)
def _groups(part: Instrument, known: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Return characters in groups: what begins no name that is known, and what begins none at all."""
    begins = places(part, 0)[0].after("")
    return begins - known, _others(part) - set(" {&}.")


@lru_cache(maxsize=256)
def _others(part: Instrument) -> frozenset[str]:
    """Return characters that are no names of notes, nor anything else that matters."""
    return ALL - LENGTH_CHARS - places(part, 0)[0].after("") - set("[/]r~:\n") - {GRACE}


def named_of(voice: Voice, *, is_first: bool = False) -> tuple[NamesHeld, NamesGathered]:
    """Return what sounds in a voice without strings; it is not within the brackets of a mark.

    Args:
        voice: any.
        is_first: whether another part of the header may stand there.
    """
    part, event, sounding = voice.part, voice.event, voice.sounding
    words, names = places(part, 0)
    word = event.word if event.word[:1].isalpha() else ""
    is_name = word in names and event.phase == "whole"
    is_open = is_name and bool(words.after(word))
    text = ":" if is_first else voice.text if voice.phase == "time" else ""
    before = event.places[:-1] if is_name else event.places
    is_tied = bool(event.ties) and bool(before) and event.ties[-1] == before[-1]
    held = NamesHeld(
        *(part, sounding, voice.phase == "notes"),
        word=word if word in _beginnings(part, sounding) else "",
        tied=before[-1] if is_tied else -1,
        copies=event.ties.count(before[-1]) if is_tied else 0,
        touched=tuple(dict.fromkeys(rank for rank in before if rank in sounding)),
        graced=tuple(rank for rank in voice.graced if rank in sounding),
        text=text,
    )
    ranks = before if is_open else event.places
    open_word = word if is_open or event.phase == "place" else ""
    return held, NamesGathered(part, ranks, open_word, bool(event.ties), voice.graces, text)
