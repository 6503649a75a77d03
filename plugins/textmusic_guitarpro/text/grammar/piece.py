"""What a grammar remembers of a piece between two lines."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from textmusic.bars import DISTANCES
from textmusic_guitarpro.text.grammar.instrument import Instrument
from textmusic_guitarpro.text.grammar.trace import Trace
from textmusic_guitarpro.text.repeats import Section
from textmusic_guitarpro.text.writing import LABELS

__all__ = ["Body", "Piece", "Played"]

_HISTORY = max(DISTANCES.values())


class Body(NamedTuple):
    """A bar of a part: what a reference to it has to fit."""

    length: int = 0
    """Units; 0 where it fits any bar."""
    voices: tuple[Trace, ...] = ()


class Played(NamedTuple):
    """A part until now."""

    part: Instrument
    bodies: tuple[Body | None, ...] = ()
    """Its last eight bars; None where it is silent."""
    sounding: tuple[tuple[int, ...], ...] = ()
    """What sounds in each voice at the end of the last bar."""

    def silent(self) -> Played:
        """The part behind a bar in which it has no line."""
        return Played(self.part, (*self.bodies, None)[-_HISTORY:])

    def after(self, body: Body) -> Played:
        """The part behind a bar."""
        sounding = tuple(
            before if trace.gives is None else trace.gives
            for trace, before in zip(body.voices, self._before(body), strict=True)
        )
        return Played(self.part, (*self.bodies, body)[-_HISTORY:], sounding)

    def fits(self, body: Body, length: int) -> bool:
        """Whether a bar may stand here again: its length, and what it holds and ties."""
        return body.length in {0, length} and all(
            (not trace.holds or bool(before))
            and (not trace.ties or Counter(trace.ties) <= Counter(before))
            and (not trace.shuns or not set(trace.shuns) & set(before))
            for trace, before in zip(body.voices, self._before(body), strict=True)
        )

    def _before(self, body: Body) -> tuple[tuple[int, ...], ...]:
        missing = len(body.voices) - len(self.sounding)
        return (*self.sounding, *[()] * missing)[: len(body.voices)]

    def sounds(self, voice: int) -> tuple[int, ...]:
        """What sounds in a voice, from 0."""
        return self.sounding[voice] if voice < len(self.sounding) else ()

    def back(self, distance: int) -> Body | None:
        """The bar so far back."""
        return self.bodies[-distance] if distance <= len(self.bodies) else None


class Piece(NamedTuple):
    """The piece until the present line.

    In a bar of several parts the lines come in the order of the parts; `turn` of them are over.
    """

    parts: tuple[Played, ...] = ()
    turn: int = 0
    section: Section = Section()
    """The repeats before the present bar."""
    heard: bool = False
    """Whether there was a note that is no grace note."""

    def until(self, turn: int) -> Piece:
        """The piece where the parts before `turn` had their lines or are silent."""
        parts = tuple(
            played.silent() if self.turn <= index < turn else played
            for index, played in enumerate(self.parts)
        )
        return self._replace(parts=parts, turn=turn)

    def after(self, body: Body, *, heard: bool) -> Piece:
        """The piece behind a line of the part whose turn it is."""
        parts = list(self.parts)
        parts[self.turn] = parts[self.turn].after(body)
        return self._replace(parts=tuple(parts), turn=self.turn + 1, heard=self.heard or heard)

    def references(self, length: int) -> dict[str, Body]:
        """Return what may stand for the line of the part whose turn it is, and what it means."""
        *others, own = self.parts[: self.turn + 1]
        bodies = {mark: own.back(back) for mark, back in DISTANCES.items()}
        for label, other in zip(LABELS, others, strict=False):
            if other.part == own.part:
                bodies[f"={label}"] = other.back(1)
        return {
            mark: body
            for mark, body in bodies.items()
            if body is not None and own.fits(body, length)
        }
