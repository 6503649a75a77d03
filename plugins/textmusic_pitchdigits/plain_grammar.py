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
    """What may follow in a plain text. See `textmusic.grammar.Grammar`."""

    def __init__(self, plain: Plain) -> None:
        self._plain = plain

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
        return state.phase == "note"

    def finish(self, state: PlainState) -> str:
        """Return nothing after a note, else an ending with one."""
        if self.accepting(state):
            return ""
        if state.phase == "rest":
            return f"{self._plain.separator}1"
        return min(char for char in self.allowed(state) if char in "1234567")

    def _moves(self, state: PlainState) -> dict[str, PlainState]:
        plain = self._plain
        if state.phase == "accidental":
            return self._degrees(state.word)
        moves: dict[str, PlainState] = {}
        if state.phase == "note":
            for mark, step in ((plain.up, 12), (plain.down, -12)):
                if state.word in {"", mark} and 0 <= state.pitch + step <= 127:
                    moves[mark] = PlainState("note", mark, state.pitch + step)
        if state.phase != "token" and plain.separator:
            return {**moves, plain.separator: PlainState("token")}
        moves |= {sign: PlainState("accidental", sign) for sign in "#b"}
        return {**moves, plain.rest: PlainState("rest"), **self._degrees("")}

    def _degrees(self, accidental: str) -> dict[str, PlainState]:
        """The degrees that are written with an accidental."""
        return {
            name[-1]: PlainState("note", pitch=self._plain.tonic + chroma)
            for name, chroma in CHROMAS.items()
            if name[:-1] == accidental
        }
