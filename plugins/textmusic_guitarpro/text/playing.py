"""One part while a text is read: its bars as text, and the notes that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from textmusic.score import Note, Track
from textmusic_guitarpro.text.events import Event, Problem
from textmusic_guitarpro.text.parts import Part

__all__ = ["Line"]


@dataclass(slots=True)
class _Sound:
    """A note while it may still grow longer; times in units."""

    onset: int
    length: int
    pitch: int
    string: int | None
    marks: frozenset[str]


@dataclass(slots=True)
class Line:
    """A part as read so far.

    Args:
        part: what the header says.
        bodies: its bars as text, references resolved.
        sounds: its notes.
        sounding: for each voice what sounds at the end of the last bar, by place.
        known: bodies that were read already.
    """

    part: Part
    bodies: list[str] = field(default_factory=list)
    sounds: list[_Sound] = field(default_factory=list)
    sounding: list[dict[int, _Sound]] = field(default_factory=list)
    known: dict[str, tuple[list[list[Event]], list[Problem]]] = field(default_factory=dict)

    def play(self, voices: Sequence[Sequence[Event]], onset: int, length: int, most: int) -> bool:
        """Add the notes of a bar; surplus time is cut, missing time silent.

        Returns:
            Whether there was room: False, and nothing added, where it makes over `most` notes.
        """
        if sum(len(event.struck) for events in voices for event in events) > most:
            return False
        for voice, events in enumerate(voices):
            if len(self.sounding) == voice:
                self.sounding.append({})
            self._play(voice, events, onset, onset + length)
        del self.sounding[len(voices) :]
        return True

    def _play(self, voice: int, events: Sequence[Event], time: int, end: int) -> None:
        sounding = self.sounding[voice]
        graces: list[Event] = []
        for event in events:
            if event.kind == "grace":
                graces.append(event)
                continue
            length = end - time if event.length is None else min(event.length, end - time)
            if length <= 0:
                break
            for rank, grace in enumerate(reversed(graces), 1):
                self.sounds += self._struck(grace, voice, time, 0, f"grace:{rank}").values()
            graces = []
            if event.kind != "hold":
                for rank in sounding.keys() - event.held:
                    del sounding[rank]
            for sound in sounding.values():
                sound.length += length
            struck = self._struck(event, voice, time, length)
            self.sounds += struck.values()
            sounding |= struck
            time += length
        if time < end:
            sounding.clear()

    def _struck(
        self, event: Event, voice: int, onset: int, length: int, *marks: str
    ) -> dict[int, _Sound]:
        """The notes that an event strikes, by place."""
        if voice:
            marks = (*marks, f"voice:{voice + 1}")
        strings, more = bool(self.part.tuning), frozenset(marks)
        return {
            n.rank: _Sound(onset, length, n.pitch, n.rank if strings else None, n.marks | more)
            for n in event.struck
        }

    def times(self) -> Iterator[int]:
        """Yield onsets and lengths."""
        for sound in self.sounds:
            yield sound.onset
            yield sound.length

    def track(self, step: int) -> Track:
        """Return the part as a track with `step` units a tick."""
        notes = (
            Note(s.onset // step, s.length // step, s.pitch, 80, s.string, s.marks)
            for s in self.sounds
        )
        program, is_drum, tuning, capo = self.part
        return Track(tuple(notes), "", program, is_drum, tuning, capo)
