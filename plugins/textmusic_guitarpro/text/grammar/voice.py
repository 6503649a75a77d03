"""One voice of a part in one bar, character by character: it counts the time left.

A voice is a sequence of events, or ``r`` for the whole bar; see `textmusic_guitarpro.text.writing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from textmusic.lengths import GRACE
from textmusic_guitarpro.text.events import MAX_GRACES
from textmusic_guitarpro.text.grammar.durations import (
    bracket_chars,
    can_bracket,
    fractions,
    letters,
    target,
)
from textmusic_guitarpro.text.grammar.notes import Event, note_finish, note_moves
from textmusic_guitarpro.text.parts import Part

__all__ = ["Trace", "Voice", "voice_finish", "voice_moves"]

_SWITCHES = {
    "": ("{", "&", "{&"),
    "{": ("}", "&", "}&"),
    "&": ("}", "{", "}{"),
    "{&": ("}", "}{", "}&"),
}
"""What may be written under the switches in force."""


class Trace(NamedTuple):
    """What a voice needs of the bar before it, and what sounds at its end."""

    holds: bool = False
    """Whether it begins with a hold."""
    ties: tuple[int, ...] = ()
    """Places that its first event lets go on."""
    gives: tuple[int, ...] | None = ()
    """Places that sound at its end; None for all that sounded before."""


class Voice(NamedTuple):
    """Where in a voice; hashable, and equal wherever the same may follow."""

    part: Part
    """Its kind only: no program, and the capo counted into the strings."""
    left: int
    """Units to the end of the bar."""
    sounding: tuple[int, ...] = ()
    """Places that sound, in order; without strings up to four times."""
    at: int = 0
    """Units since the bar line."""
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
    def strict(self) -> bool:
        """Whether the present event must leave time: a voice is not made of rests alone."""
        return not self.sings and self.text[:1] == "r"


_Moves = Iterator[tuple[str, Voice]]


@lru_cache(maxsize=1 << 17)
def voice_moves(voice: Voice) -> dict[str, Voice]:
    """Return what may follow, and the voice after it; nothing at the end."""
    phases = {
        "event": _event,
        "switched": _switched,
        "notes": _notes,
        "time": _time,
        "fraction": _fraction,
        "done": _done,
        "end": _end,
    }
    return dict(phases[voice.phase](voice))


def _event(voice: Voice) -> _Moves:
    resting = voice._replace(phase="time", text="r")
    if can_bracket(voice.left, strict=resting.strict) or letters(voice.at, voice.left - 1):
        yield "r", resting
    if voice.sounding:
        yield "~", voice._replace(phase="time", text="~")
    yield from _switches(voice)
    yield from _struck(voice)


def _switches(voice: Voice) -> _Moves:
    """The next sign of a switch."""
    written = voice.text
    for switch in _SWITCHES[voice.on]:
        if switch.startswith(written) and switch != written:
            char = switch[len(written)]
            yield char, voice._replace(phase="switched", text=written + char)


def _switched(voice: Voice) -> _Moves:
    yield from _switches(voice)
    if voice.text in _SWITCHES[voice.on]:
        on = voice.text.removeprefix("}")
        kept = "" if "}" in voice.text else voice.on
        yield from _struck(voice._replace(on="".join(s for s in "{&" if s in kept + on), text=""))


def _struck(voice: Voice) -> _Moves:
    if voice.last and voice.last <= voice.left:
        yield ".", _timed(voice, voice.last)
    yield from _noted(voice._replace(phase="notes", event=Event()), "")


def _notes(voice: Voice) -> _Moves:
    yield from _noted(voice, "notes")


def _noted(voice: Voice, phase: str) -> _Moves:
    """Characters of the notes of an event, and behind a whole one its length."""
    for char, event in note_moves(voice.part, voice.sounding, voice.event).items():
        yield char, voice._replace(phase="notes", event=event)
    if phase and voice.event.is_whole:
        yield from _lengths(voice)
        if voice.graces < MAX_GRACES and not voice.event.ties:
            after = voice._replace(phase="done", event=Event(), graces=voice.graces + 1)
            yield GRACE, after._replace(begun=True, sings=True, last=0)
    elif voice.event.phase == "whole" and voice.event.bracket:
        yield from _numerator(voice, voice.event.bracket)


def _lengths(voice: Voice) -> _Moves:
    most = voice.left - voice.strict
    for letter, units in letters(voice.at, most).items():
        yield letter, _timed(voice, units)
    if not voice.event.takes_bracket and can_bracket(voice.left, strict=voice.strict):
        yield "[", voice._replace(phase="fraction", text=voice.text + "[")


def _time(voice: Voice) -> _Moves:
    yield from _lengths(voice)


def _numerator(voice: Voice, bracket: str) -> _Moves:
    """A bracket that may turn out to be a length, not the number of a mark."""
    known = note_moves(voice.part, voice.sounding, voice.event)
    for char in bracket_chars(bracket[1:], voice.left, strict=voice.strict):
        if char not in known:
            whole = voice.event._replace(bracket="")
            yield char, voice._replace(phase="fraction", event=whole, text=bracket + char)


def _fraction(voice: Voice) -> _Moves:
    head, _, inner = voice.text.partition("[")
    numerator, slash, denominator = inner.partition("/")
    if not slash:
        for char in bracket_chars(numerator, voice.left, strict=voice.strict):
            yield char, voice._replace(text=voice.text + char)
        return
    found = fractions(int(numerator), voice.at, voice.left, strict=voice.strict)
    size = len(denominator)
    for word in found:
        if len(word) > size and word.startswith(denominator):
            yield word[size], voice._replace(text=voice.text + word[size])
    if denominator in found:
        yield "]", _timed(voice._replace(text=head), found[denominator])


def _timed(voice: Voice, units: int) -> Voice:
    """The voice behind an event of a length."""
    event, trace = voice.event, voice.trace
    after = voice._replace(
        phase="done" if units < voice.left else "end",
        left=voice.left - units,
        at=voice.at + units,
        **{"begun": True, "graces": 0, "event": Event(), "text": "", "last": 0},
    )
    is_first = trace.gives is None
    if voice.text == "~":
        return after._replace(sings=True, trace=trace._replace(holds=trace.holds or is_first))
    if voice.text == "r":
        sounding: tuple[int, ...] = ()
    elif event.places:
        sounding = event.places
        after = after._replace(
            sings=True,
            heard=voice.heard or len(event.ties) < len(sounding),
            last=0 if event.ties else units,
        )
    else:
        return after._replace(last=units)
    if is_first:
        trace = trace._replace(ties=event.ties)
    return after._replace(sounding=sounding, trace=trace._replace(gives=sounding))


def _done(voice: Voice) -> _Moves:
    yield " ", voice._replace(phase="event")


def _end(_voice: Voice) -> _Moves:
    yield from ()


def voice_finish(voice: Voice, *, heard: bool) -> str:
    """Return a character of a short way to the end of the bar.

    Args:
        voice: not at its end.
        heard: whether the piece has a note, so that rests may fill the bar.
    """
    moves = voice_moves(voice)
    if voice.phase == "event" and "r" in moves and voice.sings and (heard or voice.heard):
        return "r"
    if voice.phase in {"event", "switched", "notes"} and not voice.event.is_whole:
        return note_finish(voice.part, voice.sounding, voice.event, frozenset(moves))
    if voice.phase == "fraction":
        head, _, inner = voice.text.partition("[")
        wanted = target(voice.at, voice.left, strict=voice.strict)
        if wanted.startswith("[" + inner):
            return wanted[len(inner) + 1]
        return "]" if "]" in moves else "/" if "/" in moves else min(moves)
    if voice.phase == "done":
        return " "
    return target(voice.at, voice.left, strict=voice.strict)[0]
