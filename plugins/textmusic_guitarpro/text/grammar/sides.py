"""What of a state decides how its line goes on, where that is not time: see `beats`."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textmusic.lengths import GRACE, LENGTHS
from textmusic_guitarpro.text.bounds import MAX_FRET, MAX_TRILL
from textmusic_guitarpro.text.events import MAX_GRACES
from textmusic_guitarpro.text.grammar.beats import Beats
from textmusic_guitarpro.text.grammar.header import State
from textmusic_guitarpro.text.grammar.instrument import Instrument
from textmusic_guitarpro.text.grammar.notes import Event, note_moves
from textmusic_guitarpro.text.grammar.piece import Piece, Played
from textmusic_guitarpro.text.grammar.voice import Voice, voice_chars, voice_step
from textmusic_guitarpro.text.grammar.wishes import FREE
from textmusic_guitarpro.text.grammar.words import Bar
from textmusic_guitarpro.text.parts import FRETS
from textmusic_guitarpro.text.times import UNITS

__all__ = ["HEADER_PHASES", "Sound", "narrow", "tuning_in"]

_LONG = 64 * UNITS
_ENDS = frozenset(" \n")
_LENGTHS = frozenset(LENGTHS)
_ENDS_OF_EVENTS = _LENGTHS | {GRACE}
_LENGTHS_OF_NOTES = _LENGTHS | {"["}
_ENDS_OF_NOTES = _LENGTHS_OF_NOTES | {GRACE}
_HIGHER = frozenset(FRETS[1:])
_HIGHEST = 127
_MIDDLE = range(MAX_TRILL, _HIGHEST - MAX_TRILL + 1)
"""Pitches from which every trill stays in the range of MIDI."""
_ANY_STRING = "E2"
_NOBODY = Played(Instrument())
HEADER_PHASES = frozenset({"at", "meter", "signature", "tempo", "program", "strings", "capo"})


class Sound(NamedTuple):
    """A voice in a bar that never ends, where any length fits.

    On strings it is only what is being typed: any string sounds and may go on.
    """

    voice: Voice
    extra: str = ""
    """What else may stand here: words and references."""

    @classmethod
    def of(cls, voice: Voice, extra: str = "") -> Sound:
        """Return a voice without its time, and on strings without what sounds."""
        phase = "done" if voice.phase == "end" else voice.phase
        part, sounding = voice.part, voice.sounding
        event = _typed(part, _shorter(voice.event))
        if part.opens:
            part, sounding = _alike(part), tuple(range(len(part.opens)))
        typed = Voice(
            part,
            _LONG,
            sounding,
            phase=phase,
            begun=True,
            sings=True,
            last=UNITS,
            on=voice.on,
            event=event,
            text=voice.text,
        )
        if part.opens:
            return cls(typed, extra)
        typed = typed._replace(trace=voice.trace, heard=voice.heard)
        return cls(typed._replace(graces=voice.graces, graced=voice.graced), extra)

    def in_time(self, beats: Beats, part: Instrument) -> Voice:
        """Return the voice of a part with its time."""
        return self.voice._replace(
            part=part,
            left=beats.left,
            at=beats.at,
            grids=beats.grids,
            phase="end" if beats.phase == "end" else self.voice.phase,
            begun=beats.begun,
            sings=beats.sings,
            last=beats.last,
        )

    def allowed(self) -> frozenset[str]:
        """Return the characters that may follow."""
        voice = self.voice
        if voice.phase == "notes":
            chars = _note_chars(voice.part, voice.tieable, voice.event)
            if not voice.event.is_whole:
                return chars
            takes_grace = voice.graces < MAX_GRACES and not voice.event.ties
            return chars | (_ENDS_OF_NOTES if takes_grace else _LENGTHS_OF_NOTES)
        chars = voice_chars(voice)
        if voice.phase in {"done", "time"}:
            return chars | _ENDS
        return chars.union(self.extra) if self.extra else chars

    def after(self, char: str) -> Sound:
        """Return the voice after a character; at its end it stays."""
        voice = self.voice
        if voice.phase == "notes":
            event = note_moves(voice.part, voice.tieable, voice.event).get(char)
            if event:
                return Sound(voice._replace(event=_typed(voice.part, _shorter(event))))
            if voice.part.opens and char in _ENDS_OF_EVENTS:
                return Sound(voice._replace(phase="done", event=Event()))
        after = voice_step(voice, char)
        return Sound.of(after) if after else self

    def alike(self, char: str) -> frozenset[str]:
        """Return characters after which the voice is the same."""
        voice = self.voice
        is_whole = voice.phase == "time" or (voice.phase == "notes" and voice.event.is_whole)
        if is_whole and char in _LENGTHS:
            return _LENGTHS
        return _HIGHER if char in _HIGHER and self._takes_any_fret() else frozenset(char)

    def _takes_any_fret(self) -> bool:
        """Whether all frets but the open string let the same follow."""
        part, event = self.voice.part, self.voice.event
        if self.voice.phase != "notes" or event.phase != "fret" or not _is_free(part):
            return False
        return _is_plain(part.opens[event.places[-1]])


@lru_cache(maxsize=1 << 12)
def _note_chars(part: Instrument, sounding: tuple[int, ...], event: Event) -> frozenset[str]:
    return frozenset(note_moves(part, sounding, event))


def _is_plain(string: int) -> bool:
    """Whether all frets of a string are in the middle."""
    return string in _MIDDLE and string + MAX_FRET in _MIDDLE


@lru_cache(maxsize=1 << 12)
def _alike(part: Instrument) -> Instrument:
    """Return strings on which the same may be typed."""
    if not _is_free(part) or not all(map(_is_plain, part.opens)):
        return part
    return part._replace(opens=(_MIDDLE[0],) * len(part.opens))


def _is_free(part: Instrument) -> bool:
    return part.low == 0 and part.high == _HIGHEST


def _shorter(event: Event) -> Event:
    """The event with no more of a point than decides how it goes on."""
    if event.phase != "points":
        return event
    height, at, percent = event.word.partition("@")
    _, point, decimals = height.partition(".")
    if at:
        height = "0"
    elif point:
        height = "0." + "".join("0" if digit == "0" else "1" for digit in decimals)
    return event._replace(word=height + at + percent)


def _typed(part: Instrument, event: Event) -> Event:
    """What of an event on strings decides what may be typed next."""
    if not event.places or not part.opens:
        return event
    pitch = _MIDDLE[0] if _is_free(part) and event.pitch in _MIDDLE else event.pitch
    return event._replace(places=event.places[-1:], ties=(), pitch=pitch)


def tuning_in(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the program and the whole strings in the beginning of a part's line in the header."""
    said, *strings = line.rpartition("\n")[2].removeprefix(":").split(" ")
    return said, tuple(strings[:-1])


@lru_cache(maxsize=1 << 12)
def _silent(count: int, turn: int, *, heard: bool) -> Piece:
    return Piece((_NOBODY,) * count, turn, heard=heard)


def narrow(state: State) -> State:
    """Return of a place outside of voices what decides how its line goes on."""
    phase, piece, count = state.phase, state.piece, len(state.piece.parts)
    if phase == "reference":
        return state
    if phase in HEADER_PHASES:
        if state.wishes != FREE:
            return state._replace(piece=Piece(), bar=Bar())
        tuning = (_ANY_STRING,) * len(state.tuning)
        return State(phase, state.text, tuning)
    if phase == "parts":
        return State(phase, piece=_silent(count, 0, heard=False), wishes=state.wishes)
    if phase == "line":
        return State(phase, piece=_silent(count, piece.turn, heard=piece.heard))
    if phase == "words":
        few = Piece((_NOBODY,) * min(count, 2), section=piece.section, heard=piece.heard)
        return State(phase, piece=few, bar=state.bar)
    return State(phase, state.text)
