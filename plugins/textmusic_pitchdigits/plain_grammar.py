"""The grammar of the plain form: spelling, range, separators, and a note at the end."""

from __future__ import annotations

from typing import NamedTuple

from textmusic_pitchdigits.pitches import CHROMAS
from textmusic_pitchdigits.plain import Plain

__all__ = ["PlainGrammar", "PlainState"]


class PlainState(NamedTuple):
    """Where in a text: before a ``token``, after an ``accidental``, a ``note`` or a ``rest``."""

    phase: str
    word: str = ""
    """The accidental, or the octave mark that the note has."""
    pitch: int = 0
    """Of the note at hand."""


class PlainGrammar:
    """What may follow in a plain text. See `textmusic.grammar.Grammar`.

    Args:
        plain: how it is written.
        low, high: the range of its pitches.
    """

    def __init__(self, plain: Plain, low: int = 0, high: int = 127) -> None:
        self._plain = plain
        self._low, self._high = low, high

    def start(self) -> PlainState:
        """Return the state before the first token."""
        return PlainState("token")

    def allowed(self, state: PlainState) -> frozenset[str]:
        """Return the characters that may follow."""
        return frozenset(self._moves(state))

    def step(self, state: PlainState, char: str) -> PlainState:
        """Return the state after a character; ValueError where it may not follow."""
        following = self._moves(state).get(char)
        if following is None:
            raise ValueError(f"{char!r} may not follow here")
        return following

    def accepting(self, state: PlainState) -> bool:
        """Whether the text may end: after a note, as silence at the end is not written."""
        return state.phase == "note" and self._low <= state.pitch <= self._high

    def finish(self, state: PlainState) -> str:
        """Return nothing after a note, else an ending with one."""
        text = ""
        while not self.accepting(state):
            wanted = self.allowed(state) - {"#", "b", self._plain.rest}
            char = min(wanted or self.allowed(state) - {self._plain.rest})
            text += char
            state = self.step(state, char)
        return text

    def _moves(self, state: PlainState) -> dict[str, PlainState]:
        plain = self._plain
        if state.phase == "accidental":
            return self._degrees(state.word)
        moves: dict[str, PlainState] = {}
        low, high, pitch = self._low, self._high, state.pitch
        if state.phase == "note":
            if state.word in {"", plain.up} and pitch + 12 <= high - (high - pitch) % 12:
                moves[plain.up] = PlainState("note", plain.up, pitch + 12)
            if state.word in {"", plain.down} and pitch - 12 >= low + (pitch - low) % 12:
                moves[plain.down] = PlainState("note", plain.down, pitch - 12)
            if not low <= pitch <= high:
                return moves
        if state.phase != "token" and plain.separator:
            return {**moves, plain.separator: PlainState("token")}
        signs = [sign for sign in "#b" if self._degrees(sign)]
        moves |= {sign: PlainState("accidental", sign) for sign in signs}
        return {**moves, plain.rest: PlainState("rest"), **self._degrees("")}

    def _degrees(self, accidental: str) -> dict[str, PlainState]:
        """The degrees that are written with an accidental, and lie in the range in some octave."""
        tonic, low, high = self._plain.tonic, self._low, self._high
        return {
            name[-1]: PlainState("note", pitch=tonic + chroma)
            for name, chroma in CHROMAS.items()
            if name[:-1] == accidental and high - (high - tonic - chroma) % 12 >= low
        }
