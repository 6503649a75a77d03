"""What sounds on the strings of a part in a voice, in two automata that take turns.

What sounds decides which notes of an event may go on; the notes of that event sound at the next
one. So one automaton knows what sounds (`Held`) while the other one gathers the event
(`Gathered`); where it ends they change places. Either has few states, both together many.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from textmusic.lengths import GRACE, LENGTHS
from textmusic_guitarpro.text.events import MAX_GRACES
from textmusic_guitarpro.text.grammar.beats import ALL, PLACES
from textmusic_guitarpro.text.grammar.voice import Voice

__all__ = [
    "LASTING",
    "LENGTH_CHARS",
    "NO_GRACE",
    "NO_HOLD",
    "Gathered",
    "Held",
    "held_of",
    "turned",
]

LENGTH_CHARS = frozenset(LENGTHS)
NO_HOLD = ALL - {"~"}
NO_GRACE = ALL - {GRACE}
LASTING = frozenset("r~/")
"""What stands before the end of a length in brackets."""
_BITS = {letter: 1 << number for number, letter in enumerate(PLACES)}
_OTHERS = ALL - LENGTH_CHARS - set(_BITS) - set("[/]r~.:\n") - {GRACE}
_FRET = ALL - {"~", "["}


def turned(text: str, char: str) -> str:
    """Return what to remember of a character besides places and lengths.

    Args:
        text: what was remembered: ``r`` or ``~`` before its length; ``[`` within brackets, ``/``
            where these hold the length of notes.
        char: behind it.
    """
    if char in "r~":
        return char
    if char == "[":
        return text or "["
    if char == "/":
        return "/" if text == "[" else text
    return "" if char == "]" or text == ":" else text


class Held(NamedTuple):
    """What sounds on strings; these are bits, as `PLACES` has their letters."""

    sounding: int
    touched: int = 0
    """Those of them that the event has."""
    graced: int = 0
    """Those of them that grace notes had, which wait for their event."""
    place: int = 0
    """The string whose fret follows."""
    text: str = ""
    """As `turned` has it; ``:`` where another part of the header may stand there."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        if self.place:
            return ALL if self.place & self.sounding & ~self.graced else NO_HOLD
        return ALL if self.sounding and not self.graced else NO_HOLD

    def after(self, char: str) -> _Either:
        """Return what is known after a character; nothing behind the voices."""
        if self.place:
            return self._replace(place=0, text="[" if char == "[" else "")
        if char in _BITS:
            bit = _BITS[char]
            return self._replace(place=bit, touched=self.touched | bit & self.sounding, text="")
        if char == "\n" or (char == ":" and self.text == ":"):
            return ()
        if char in LENGTH_CHARS or (char == "]" and self.text in LASTING):
            if self.text == "r":
                return Held(0)
            return Held(self.sounding) if self.text == "~" else Gathered()
        if char == GRACE:
            return Held(self.sounding, graced=self.graced | self.touched)
        text = turned(self.text, char)
        return self if text == self.text else self._replace(text=text)

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.place:
            return _FRET if char in _FRET else frozenset(char)
        if char in LENGTH_CHARS:
            return LENGTH_CHARS
        return _OTHERS if char in _OTHERS else frozenset(char)


class Gathered(NamedTuple):
    """The strings of an event; it never equals what is `Held`, as its first field is text."""

    text: str = ""
    """As `turned` has it; ``:`` where another part of the header may stand there."""
    places: int = 0
    is_tied: bool = False
    """Whether one of them goes on."""
    graces: int = 0
    """Events of grace notes that wait for this one."""
    is_fret: bool = False
    """Whether a fret follows."""

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        is_fret = self.is_fret
        return NO_GRACE if (self.is_tied or self.graces >= MAX_GRACES) and not is_fret else ALL

    def after(self, char: str) -> _Either:
        """Return what is known after a character; nothing behind the voices."""
        if self.is_fret:
            text, is_tied = "[" if char == "[" else "", self.is_tied or char == "~"
            return self._replace(is_fret=False, is_tied=is_tied, text=text)
        if char in _BITS:
            return self._replace(is_fret=True, places=self.places | _BITS[char], text="")
        if char == "\n" or (char == ":" and self.text == ":"):
            return ()
        if char in LENGTH_CHARS or (char == "]" and self.text in LASTING):
            return Gathered() if self.text in {"r", "~"} else Held(self.places)
        if char == GRACE:
            return Gathered(graces=self.graces + 1)
        text = turned(self.text, char)
        return self if text == self.text else self._replace(text=text)

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the same is known."""
        if self.is_fret:
            return _FRET if char in _FRET else frozenset(char)
        if char in LENGTH_CHARS:
            return LENGTH_CHARS
        return _OTHERS if char in _OTHERS else frozenset(char)


_Either: TypeAlias = Held | Gathered | tuple[()]


def held_of(voice: Voice, letters: str, *, is_first: bool = False) -> tuple[Held, Gathered]:
    """Return what sounds in a voice on strings; it is not within the brackets of a mark.

    Args:
        voice: any.
        letters: of its strings.
        is_first: whether another part of the header may stand there.
    """
    event = voice.event

    def bits(places: tuple[int, ...]) -> int:
        return sum([_BITS[letters[place]] for place in {*places}])

    sounding, places = bits(voice.sounding), bits(event.places)
    graced = bits(voice.graced) & sounding
    is_fret = event.phase == "fret"
    text = voice.text if voice.phase == "time" else "[" if event.phase == "number" else ""
    text = ":" if is_first else text
    place = bits(event.places[-1:]) if is_fret else 0
    return (
        Held(sounding, places & sounding, graced, place, text),
        Gathered(text, places, bool(event.ties), voice.graces, is_fret),
    )
