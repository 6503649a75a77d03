"""One voice of a part in one bar, character by character: it counts the time left.

A voice is a sequence of events, or ``r`` for the whole bar; see `textmusic_guitarpro.text.writing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from textmusic.lengths import GRACE
from textmusic_guitarpro.text.events import MAX_GRACES
from textmusic_guitarpro.text.grammar.durations import (
    Room,
    fraction,
    has_fraction,
    letters,
    moved,
    wanted,
)
from textmusic_guitarpro.text.grammar.instrument import Instrument
from textmusic_guitarpro.text.grammar.notes import Event, note_finish, note_moves, note_step
from textmusic_guitarpro.text.grammar.trace import Trace
from textmusic_guitarpro.text.times import ALL_GRIDS

__all__ = ["Voice", "graced", "timed", "voice_chars", "voice_finish", "voice_step"]

_SWITCHES = {
    "": ("{", "&", "{&"),
    "{": ("}", "&", "}&"),
    "&": ("}", "{", "}{"),
    "{&": ("}", "}{", "}&"),
}
"""What may be written under the switches in force."""


class Voice(NamedTuple):
    """Where in a voice; hashable, and equal wherever the same may follow."""

    part: Instrument
    left: int
    """Units to the end of the bar."""
    sounding: tuple[int, ...] = ()
    """Places that sound, in order; without strings up to four times."""
    at: int = 0
    """Units since the bar line."""
    grids: int = ALL_GRIDS
    """The grids that hold the times of the present quarter, see `times`."""
    phase: str = "event"
    """``event`` or ``switched`` at the start of one, ``notes``, ``time`` of a rest or hold,
    ``fraction`` (a length in brackets), ``done`` behind an event, ``end``."""
    trace: Trace = Trace(gives=None)
    begun: bool = False
    sings: bool = False
    """Whether there was anything but rests."""
    heard: bool = False
    """Whether a note was struck that is no grace note."""
    last: int = 0
    """Units of the note event before, which ``.`` repeats; 0 where it may not."""
    on: str = ""
    """The switches in force."""
    graces: int = 0
    """Grace notes that wait for the next event."""
    graced: tuple[int, ...] = ()
    """Their places: what sounds there may not go on."""
    event: Event = Event()
    text: str = ""
    """What was read of a switch; ``r`` or ``~``; the fraction with its opening bracket."""

    @property
    def is_silent(self) -> bool:
        """Whether it may end here as a voice that is silent for the whole bar."""
        return self.phase == "time" and self.text == "r" and not self.begun

    @property
    def may_end(self) -> bool:
        """Whether the bar is full, or the voice silent."""
        return self.phase == "end" or self.is_silent

    @property
    def is_new(self) -> bool:
        """Whether nothing was read of it."""
        return not self.begun and self.phase == "event"

    @property
    def tieable(self) -> tuple[int, ...]:
        """What sounds and may go on."""
        if not self.graced:
            return self.sounding
        return tuple(place for place in self.sounding if place not in self.graced)

    @property
    def strict(self) -> bool:
        """Whether the present event must leave time: a voice is not made of rests alone."""
        return not self.sings and self.text[:1] == "r"

    @property
    def room(self) -> Room:
        """Where the length of the present event stands."""
        return Room(self.at, self.left, self.grids, self.strict)


_Move = tuple[Callable[..., Voice], Any]
"""How the voice behind a character is made, and its second argument; the first is the voice."""
_Moves = Iterator[tuple[str, _Move]]


@lru_cache(maxsize=1 << 12)
def voice_chars(voice: Voice) -> frozenset[str]:
    """Return what may follow; nothing at the end."""
    return _shared(frozenset((*_moves(voice), *_notes(voice))))


@lru_cache(maxsize=1 << 12)
def _shared(chars: frozenset[str]) -> frozenset[str]:
    """One set for all equal ones: they are large, and few differ."""
    return chars


def voice_step(voice: Voice, char: str) -> Voice | None:
    """Return the voice behind a character, None where it may not follow."""
    move = _moves(voice).get(char)
    if move:
        return move[0](voice, move[1])
    is_open = _is_open(voice)
    event = note_step(voice.part, voice.tieable, voice.event, char) if is_open else None
    return _settled(voice)._replace(phase="notes", event=event) if event else None


@lru_cache(maxsize=32)
def _moves(voice: Voice) -> dict[str, _Move]:
    """What may follow without the characters of notes."""
    phases = {
        "event": _event,
        "switched": _switched,
        "notes": _behind_notes,
        "time": _lengths,
        "fraction": _fraction,
        "done": _done,
        "end": _end,
    }
    return dict(phases[voice.phase](voice))


def _notes(voice: Voice) -> dict[str, Event]:
    """The characters of notes that may follow."""
    return note_moves(voice.part, voice.tieable, voice.event) if _is_open(voice) else {}


def _is_open(voice: Voice) -> bool:
    """Whether more of a note may follow."""
    if voice.phase == "switched":
        return voice.text in _SWITCHES[voice.on]
    return voice.phase in {"event", "notes"}


def _settled(voice: Voice) -> Voice:
    """The voice with the switch before an event counted."""
    if voice.phase != "switched":
        return voice
    kept = "" if "}" in voice.text else voice.on
    on = "".join(sign for sign in "{&" if sign in kept + voice.text)
    return voice._replace(on=on, text="")


def _typed(voice: Voice, text: str) -> Voice:
    return voice._replace(phase="fraction", text=text)


def _resting(voice: Voice, sign: str) -> Voice:
    return voice._replace(phase="time", text=sign)


def _switching(voice: Voice, text: str) -> Voice:
    return voice._replace(phase="switched", text=text)


def _event(voice: Voice) -> _Moves:
    room = voice.room._replace(strict=not voice.sings)
    if letters(room) or has_fraction(room):
        yield "r", (_resting, "r")
    if voice.sounding and voice.tieable == voice.sounding:
        yield "~", (_resting, "~")
    yield from _switched(voice)


def _switched(voice: Voice) -> _Moves:
    """More of a switch, or the event before again."""
    size = len(voice.text)
    for switch in _SWITCHES[voice.on]:
        if switch.startswith(voice.text) and len(switch) > size:
            yield switch[size], (_switching, switch[: size + 1])
    is_whole = not voice.text or voice.text in _SWITCHES[voice.on]
    if is_whole and 0 < voice.last <= voice.left and moved(voice.room, voice.last):
        yield ".", (timed, voice.last)


def _behind_notes(voice: Voice) -> _Moves:
    event = voice.event
    if event.is_whole:
        yield from _lengths(voice)
        if voice.graces < MAX_GRACES and not event.ties:
            yield GRACE, (graced, None)
    elif event.phase == "whole":
        # the bracket may turn out to be a length, not the number of a mark
        known = _notes(voice)
        for char in fraction(voice.room, event.bracket[1:])[0]:
            if char not in known:
                yield char, (_typed, event.bracket + char)


def graced(voice: Voice, _: object = None) -> Voice:
    """Return the voice behind grace notes."""
    places = tuple(sorted({*voice.graced, *voice.event.places}))
    after = voice._replace(phase="done", event=Event(), graces=voice.graces + 1, graced=places)
    return after._replace(begun=True, sings=True, last=0)


def _lengths(voice: Voice) -> _Moves:
    room = voice.room
    for letter, units in letters(room).items():
        yield letter, (timed, units)
    if has_fraction(room) and "[" not in _notes(voice):
        yield "[", (_typed, voice.text + "[")


def _fraction(voice: Voice) -> _Moves:
    chars, units = fraction(voice.room, voice.text.partition("[")[2])
    for char in chars:
        yield char, (timed, units) if char == "]" else (_typed, voice.text + char)


def timed(voice: Voice, units: int) -> Voice:
    """Return the voice behind an event of a length."""
    event, trace, sounding = voice.event, voice.trace, voice.sounding
    heard, last, sings = voice.heard, 0, True
    is_first = trace.gives is None
    if voice.text[:1] == "~":
        if is_first:
            shuns = tuple(sorted({*trace.shuns, *voice.graced}))
            trace = trace._replace(holds=True, shuns=shuns)
    elif voice.text[:1] == "r":
        sounding, sings = (), voice.sings
        trace = trace._replace(gives=())
    elif event.places:
        sounding, last = event.places, 0 if event.ties else units
        heard = heard or len(event.ties) < len(sounding)
        ties = event.ties if is_first else trace.ties
        trace = trace._replace(ties=ties, gives=sounding)
    else:
        last = units
    left = voice.left - units
    return Voice(
        part=voice.part,
        left=left,
        sounding=sounding,
        at=voice.at + units,
        grids=moved(voice.room, units),
        phase="done" if left else "end",
        trace=trace,
        begun=True,
        sings=sings,
        heard=heard,
        last=last,
        on=_settled(voice).on,
    )


def _done(_voice: Voice) -> _Moves:
    yield " ", (_started, None)


def _started(voice: Voice, _: object) -> Voice:
    return voice._replace(phase="event")


def _end(_voice: Voice) -> _Moves:
    yield from ()


def voice_finish(voice: Voice, *, heard: bool) -> str:
    """Return a character of a short way to the end of the bar.

    Args:
        voice: not at its end.
        heard: whether the piece has a note, so that rests may fill the bar.
    """
    moves = voice_chars(voice)
    if voice.phase == "event" and "r" in moves and voice.sings and (heard or voice.heard):
        return "r"
    if voice.phase in {"event", "switched", "notes"} and not voice.event.is_whole:
        return note_finish(voice.part, voice.tieable, voice.event, moves)
    if voice.phase == "fraction":
        return wanted(voice.room, voice.text.partition("[")[2])
    if voice.phase == "done":
        return " "
    return wanted(voice.room)
