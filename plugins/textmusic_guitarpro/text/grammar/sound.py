"""What is being typed in a voice: a note, a mark, a switch, a rest.

`Sound` reads a voice in a bar that never ends, where all sounds; what is in brackets behind a mark
it leaves to `beats` and `curves`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic.lengths import GRACE, LENGTHS
from textmusic_guitarpro.text.bounds import MAX_FRET, MAX_TRILL
from textmusic_guitarpro.text.events import MAX_COPIES
from textmusic_guitarpro.text.grammar.beats import ALL, INSTEAD, PLACES
from textmusic_guitarpro.text.grammar.instrument import Instrument
from textmusic_guitarpro.text.grammar.named import ANYTHING, last_of
from textmusic_guitarpro.text.grammar.notes import LAST_MARK, Event, note_moves, note_step
from textmusic_guitarpro.text.grammar.voice import Voice, voice_chars, voice_step
from textmusic_guitarpro.text.parts import FRETS, Part
from textmusic_guitarpro.text.times import UNITS

__all__ = ["Sound", "letters_of"]

_LONG = 64 * UNITS
_ENDS = frozenset(" \n")
_LENGTHS = frozenset(LENGTHS)
_ENDS_OF_NOTES = _LENGTHS | {GRACE, "["}
_BEFORE_EVENTS = frozenset(";")
_FRESH = INSTEAD | _BEFORE_EVENTS
_BRACKET = frozenset("[")
_NOT_CLOSED = ALL - {"]"}
_UNDECIDED = ALL - {"/", "@", "]"}
_NUMBERED = frozenset("+#:")
_HIGHER = frozenset(FRETS[1:])
_HIGHEST = 127
_MIDDLE = range(MAX_TRILL, _HIGHEST - MAX_TRILL + 1)
"""Pitches from which every trill stays in the range of MIDI."""
_FEW = "CEADG"
"""The letters of necks of up to so many strings; on those of more, e is a place too."""


class Sound(NamedTuple):
    """A voice without its time and what sounds.

    Strings are counted as on the longest neck; `opening` knows which there are.
    """

    voice: Voice
    bracket: str = ""
    """``[`` within brackets that may be a length or belong to a mark, ``/`` within those of a
    length, ``@`` of a curve."""
    is_fresh: bool = False
    """Whether the voice is the first, and nothing was read of it."""

    @classmethod
    def of(cls, voice: Voice, *, is_fresh: bool = False) -> Sound:
        """Return what is being typed in a voice; it is not within the brackets of a mark."""
        part, event, sounding = voice.part, voice.event, voice.sounding
        if part.opens:
            names = _names(len(part.opens))
            places = tuple([names.index(letters_of(part)[place]) for place in event.places[-1:]])
            part = _long_neck(part)
            event = _typed(part, event._replace(places=places, ties=()))
            sounding = _ALL_STRINGS[: len(names)]
        else:
            event, sounding = last_of(event), ANYTHING
        return cls(_timeless(voice, part, event, sounding), is_fresh=is_fresh)

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        voice, event = self.voice, self.voice.event
        if self.bracket:
            is_number = self.bracket != "[" or not event.word or event.word in _NUMBERED
            return ALL if is_number else _NOT_CLOSED
        if voice.phase == "notes":
            if event.phase == "points":
                return _BRACKET
            return _note_chars(voice.part, voice.sounding, event)
        chars = voice_chars(voice)
        if voice.phase in {"done", "time"}:
            return chars | _ENDS
        if voice.phase != "event":
            return chars
        return chars | (_FRESH if self.is_fresh else _BEFORE_EVENTS)

    def after(self, char: str) -> Sound | tuple[()] | None:
        """Return the voice after a character, nothing behind it; None where pitches matter."""
        voice = self.voice
        if self.bracket:
            return self._in_bracket(char)
        if voice.phase == "notes":
            return self._in_notes(char)
        if char == "[":
            return Sound(voice, "[") if voice.phase == "time" else ()
        if char == "\n" or (voice.phase == "time" and char == " "):
            return ()
        after = voice_step(voice, char)
        return Sound.of(after) if after else ()

    def _in_notes(self, char: str) -> Sound | None:
        voice, event = self.voice, self.voice.event
        if char == "[" and event.phase == "points":
            return Sound(voice._replace(event=event._replace(phase="whole")), "@")
        if char == "[" and event.is_whole:
            trills = event.word[:1] == "#" and not _takes_any_trill(voice.part, event.pitch)
            return None if trills else Sound(voice, "[")
        more = note_step(voice.part, voice.sounding, event, char)
        if more:
            return Sound(voice._replace(event=_typed(voice.part, more)))
        return Sound(voice._replace(phase="done", event=Event()))

    def _in_bracket(self, char: str) -> Sound:
        voice, event = self.voice, self.voice.event
        if char != "]":
            decides = self.bracket == "[" and char in "/@"
            return Sound(voice, char) if decides else self
        if self.bracket == "/":
            return Sound(voice._replace(phase="done", event=Event(), text=""))
        is_height = self.bracket == "[" and event.word == "+"
        return Sound(voice._replace(event=event._replace(word="+[]" if is_height else "")))

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the voice is the same."""
        voice = self.voice
        if self.bracket:
            others = _UNDECIDED if self.bracket == "[" else _NOT_CLOSED
            return others if char in others else frozenset(char)
        is_whole = voice.phase == "time" or (voice.phase == "notes" and voice.event.is_whole)
        if is_whole and char in _LENGTHS:
            return _LENGTHS
        if self.is_fresh and char in INSTEAD:
            return INSTEAD
        return _HIGHER if char in _HIGHER and self._takes_any_fret() else frozenset(char)

    def _takes_any_fret(self) -> bool:
        """Whether all frets but the open string let the same follow."""
        part, event = self.voice.part, self.voice.event
        if self.voice.phase != "notes" or event.phase != "fret" or not _is_free(part):
            return False
        return _is_plain(part.opens[event.places[-1]])


def _timeless(voice: Voice, part: Instrument, event: Event, sounding: tuple[int, ...]) -> Voice:
    """Return what of a voice decides what may be typed."""
    return Voice(
        part,
        _LONG,
        sounding,
        phase="done" if voice.phase == "end" else voice.phase,
        begun=True,
        sings=True,
        last=UNITS,
        on=voice.on,
        event=event,
        text=voice.text,
    )


def _note_chars(part: Instrument, sounding: tuple[int, ...], event: Event) -> frozenset[str]:
    """What may follow in the notes of an event and behind them; marks and places apart."""
    if not event.is_whole:
        return _chars(part, sounding, event)
    word = "" if event.word[:1].isalpha() else event.word
    strings = len(part.opens)
    highest = (strings - 1,) if strings else (_HIGHEST,) * MAX_COPIES
    marked = Event("whole", highest, mark=event.mark, word=word)
    if word[:1] == "#":
        marked = marked._replace(pitch=event.pitch)
    named = event._replace(mark=LAST_MARK, pitch=0, word="" if word else event.word)
    return _joined(_chars(part, sounding, marked), _chars(part, sounding, named))


@lru_cache(maxsize=1 << 12)
def _joined(marks: frozenset[str], names: frozenset[str]) -> frozenset[str]:
    return marks | names | _ENDS_OF_NOTES


@lru_cache(maxsize=1 << 12)
def _chars(part: Instrument, sounding: tuple[int, ...], event: Event) -> frozenset[str]:
    return frozenset(note_moves(part, sounding, event))


_ALL_STRINGS = tuple(range(len(PLACES)))


def letters_of(part: Instrument) -> str:
    """Return the letters of the strings of a part, string 0 first."""
    return _letters(len(part.opens))


@lru_cache(maxsize=32)
def _letters(strings: int) -> str:
    return Part(0, is_drum=False, tuning=(0,) * strings).letters()


def _names(strings: int) -> str:
    """Return the letters of the longest neck that has letters like one of so many strings."""
    return _FEW if strings <= len(_FEW) else PLACES


@lru_cache(maxsize=1 << 10)
def _long_neck(part: Instrument) -> Instrument:
    """Return the longest neck on which the same may be typed."""
    names = _names(len(part.opens))
    opens = [_MIDDLE[0]] * len(names)
    for letter, string in zip(letters_of(part), part.opens, strict=True):
        if not _is_free(part) or not _is_plain(string):
            opens[names.index(letter)] = string
    return part._replace(opens=tuple(opens))


def _is_plain(string: int) -> bool:
    """Whether all frets of a string are in the middle."""
    return string in _MIDDLE and string + MAX_FRET in _MIDDLE


def _is_free(part: Instrument) -> bool:
    return part.low == 0 and part.high == _HIGHEST


def _takes_any_trill(part: Instrument, pitch: int) -> bool:
    return (part.is_drum or _is_free(part)) and pitch in _MIDDLE


def _typed(part: Instrument, event: Event) -> Event:
    """What of an event decides what may be typed next."""
    if not event.places:
        return event
    if not part.opens:
        return last_of(event)
    pitch = _MIDDLE[0] if _is_free(part) and event.pitch in _MIDDLE else event.pitch
    return event._replace(places=event.places[-1:], ties=(), pitch=pitch)
