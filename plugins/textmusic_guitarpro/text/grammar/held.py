"""What sounds on the strings of a part in a voice."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic.lengths import GRACE, LENGTHS
from textmusic_guitarpro.text.events import MAX_GRACES
from textmusic_guitarpro.text.grammar.beats import ALL
from textmusic_guitarpro.text.grammar.trace import Trace
from textmusic_guitarpro.text.grammar.voice import Voice
from textmusic_guitarpro.text.parts import Part

__all__ = ["Held"]

_LENGTHS = frozenset(LENGTHS)
_STRINGS = frozenset("OLNJFCEADGBe")
_OTHERS = ALL - _LENGTHS - _STRINGS - {GRACE, ".", "r", "~"}
_NO_HOLD = ALL - {"~"}
_NO_GRACE = ALL - {GRACE}


class Held(NamedTuple):
    """What sounds on strings, and what of a voice matters to other bars."""

    strings: int
    sounding: tuple[int, ...]
    trace: Trace
    is_fret: bool = False
    """Whether a fret follows."""
    text: str = ""
    """``r`` or ``~`` before its length."""
    places: tuple[int, ...] = ()
    """Strings of the event."""
    ties: tuple[int, ...] = ()
    """Those of its strings that go on."""
    graces: int = 0
    graced: tuple[int, ...] = ()
    heard: bool = False

    @classmethod
    def of(cls, voice: Voice) -> Held:
        """Return what sounds in a voice on strings."""
        event = voice.event
        return cls(
            *(len(voice.part.opens), voice.sounding, voice.trace),
            is_fret=event.phase == "fret",
            text=voice.text if voice.phase == "time" else "",
            places=event.places,
            ties=event.ties,
            graces=voice.graces,
            graced=voice.graced,
            heard=voice.heard,
        )

    def of_voice(self, voice: Voice) -> Voice:
        """Return a voice with what sounds in it."""
        event = voice.event._replace(places=self.places, ties=self.ties)
        return voice._replace(
            sounding=self.sounding,
            trace=self.trace,
            event=event,
            graces=self.graces,
            graced=self.graced,
            heard=self.heard,
        )

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        if self.is_fret:
            place = self.places[-1]
            holds = place in self.sounding and place not in self.graced
            return ALL if holds else _NO_HOLD
        if self.places:
            return _NO_GRACE if self.ties or self.graces >= MAX_GRACES else ALL
        holds = bool(self.sounding) and not set(self.sounding) & set(self.graced)
        return ALL if holds else _NO_HOLD

    def after(self, char: str) -> Held:
        """Return what sounds after a character."""
        if self.is_fret:
            ties = (*self.ties, self.places[-1]) if char == "~" else self.ties
            return self._replace(is_fret=False, ties=ties)
        if char in _STRINGS:
            place = _letters(self.strings).index(char)
            return self._replace(is_fret=True, places=(*self.places, place))
        if char == GRACE:
            graced = tuple(sorted({*self.graced, *self.places}))
            return self._replace(graces=self.graces + 1, graced=graced, places=(), ties=())
        if char in _LENGTHS or (char == "." and not self.places):  # not a point in a curve
            return self._timed()
        return self._replace(text=char) if char in "r~" and not self.places else self

    def _timed(self) -> Held:
        """Behind an event of a length."""
        trace, sounding, heard = self.trace, self.sounding, self.heard
        if self.text == "~" and trace.gives is None:
            shuns = tuple(sorted({*trace.shuns, *self.graced}))
            trace = trace._replace(holds=True, shuns=shuns)
        elif self.text == "r":
            sounding, trace = (), trace._replace(gives=())
        elif self.places:
            sounding, heard = self.places, heard or len(self.ties) < len(self.places)
            ties = self.ties if trace.gives is None else trace.ties
            trace = trace._replace(ties=ties, gives=sounding)
        return Held(self.strings, sounding, trace, heard=heard)

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same sounds."""
        if self.is_fret:
            return frozenset("~") if char == "~" else ALL - {"~"}
        if char in _LENGTHS:
            return _LENGTHS
        if char in _OTHERS:
            return _OTHERS
        return frozenset(char)


@lru_cache(maxsize=32)
def _letters(strings: int) -> str:
    return Part(0, is_drum=False, tuning=(0,) * strings).letters()
