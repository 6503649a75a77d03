"""The grammar as three automata side by side.

In a voice `Beats` counts time, `Held` knows what sounds on the strings, and `Sound` what is being
typed. Outside of voices, and within a length in brackets, the first automaton has all that the next
characters depend on, and the others wait. At the end of a line, a voice or a word the whole state
says how it goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from textmusic.controls import Controls
from textmusic_guitarpro.text.events import MAX_VOICES
from textmusic_guitarpro.text.grammar.beats import ALL, Beats
from textmusic_guitarpro.text.grammar.header import State
from textmusic_guitarpro.text.grammar.held import Held
from textmusic_guitarpro.text.grammar.lines import LineGrammar, line_moves, may_begin, with_voice
from textmusic_guitarpro.text.grammar.sides import HEADER_PHASES, Sound, narrow, tuning_in
from textmusic_guitarpro.text.grammar.voice import Voice, voice_chars, voice_step
from textmusic_guitarpro.text.grammar.wishes import FREE

__all__ = ["GuitarProGrammar"]

Place: TypeAlias = Beats | Voice | State
"""In a voice, in a length in brackets, or outside of voices."""


class GuitarProGrammar(LineGrammar):
    """What may follow in a text of the codec `guitarpro`. See `textmusic.grammar.Joint`.

    Args:
        controls: what must hold of every text.

    Raises:
        ConfigError: no text can keep them.
    """

    def __init__(self, controls: Controls | None = None) -> None:
        super().__init__(controls)
        self.parts: Sequence[Any] = (_Places(self), _Waiting(), _Waiting())

    def split(self, state: State) -> tuple[Place, Sound | tuple[()], Held | tuple[()]]:
        """Return the states of the automata."""
        begins = may_begin(state)
        if not begins and state.phase != "voice":
            return narrow(state), (), ()
        voice = with_voice(state).voice if begins else state.voice
        beats = Beats.of(voice)
        if beats is None:
            return voice, (), ()
        shorter = " " if len(state.traces) + 1 < MAX_VOICES else ""
        is_first = not state.traces
        extra = "".join(sorted(self._extra(state, begins=begins))) if voice.is_new else ""
        beats = beats._replace(
            ends=shorter + "\n",
            silence=shorter + "\n" * (is_first and state.is_alone),
            extra=extra,
            accepts=begins and self.accepting(state),
        )
        voice = voice._replace(heard=voice.heard or state.piece.heard)
        return beats, Sound.of(voice, extra), Held.of(voice) if voice.part.opens else ()

    def _extra(self, state: State, *, begins: bool) -> set[str]:
        """What may stand in place of a voice."""
        if state.traces:
            return set()
        marks = {mark[0] for mark in state.piece.references(state.bar.length)}
        return marks.union(line_moves(state)) if begins else marks

    def joined(self, before: State, states: Sequence[Any], text: str) -> State:
        """Return the whole state."""
        place, sound, held = states
        if not text:
            return before
        if isinstance(place, Voice):
            return before._replace(voice=place)
        if isinstance(place, Beats):
            state = before if before.phase == "voice" else with_voice(before)
            voice = sound.in_time(place, state.voice.part)
            return state._replace(voice=held.of_voice(voice) if held else voice)
        state = before._replace(phase=place.phase, text=place.text)
        if place.phase == "words":
            return state._replace(bar=place.bar)
        if place.phase not in HEADER_PHASES:
            return state
        if before.wishes != FREE:
            return state._replace(tuning=place.tuning, program=place.program)
        program, tuning = tuning_in(_line(before) + text)
        has_strings = place.phase in {"strings", "capo"}
        return state._replace(tuning=tuning, program=program) if has_strings else state


def _line(state: State) -> str:
    """The present line of a part in the header, as far as it is written."""
    if state.phase in {"strings", "capo"}:
        sign = "c" if state.phase == "capo" else ""
        return " ".join((f":{state.program}", *state.tuning, sign + state.text))
    return f":{state.text}" if state.phase == "program" else ""


class _Places:
    """The first automaton."""

    def __init__(self, grammar: LineGrammar) -> None:
        self._grammar = grammar

    def allowed(self, place: Place) -> frozenset[str]:
        """Return the characters that may follow."""
        if isinstance(place, Beats):
            return place.allowed()
        if isinstance(place, Voice):
            return voice_chars(place)
        if place.phase in {"label", "semicolon"}:
            return frozenset(";" if place.phase == "semicolon" and not place.text else " ")
        return self._grammar.allowed(place)

    def accepting(self, place: Place) -> bool:
        """Whether the text may end."""
        if isinstance(place, Beats):
            return place.accepts
        return isinstance(place, State) and self._grammar.accepting(place)

    def after(self, place: Place, char: str) -> Place | None:
        """Return the place after a character; None where that needs the whole state."""
        if isinstance(place, Beats):
            return place.after(char)
        if isinstance(place, State):
            return _outside(place, char)
        voice = voice_step(place, char)
        return voice if voice and Beats.of(voice) is None else None

    def alike(self, place: Place, char: str) -> frozenset[str]:
        """Return characters after which the place is the same."""
        return place.alike(char) if isinstance(place, Beats) else frozenset(char)


def _outside(place: State, char: str) -> State | None:
    """The place after a character outside of voices."""
    phase = place.phase
    if phase in {"reference", "label"} or char == "|":
        return None
    if phase == "line":
        return State("label", char)
    if phase == "semicolon":
        return None if place.text else State(phase, ";")
    after = line_moves(place).get(char)
    if after is None or after.phase == "parts" or may_begin(after):
        return None
    if phase in {"meter", "words"} and after.phase != phase:
        return None
    return narrow(after)


class _Waiting:
    """The other automata; where one waits, its state is empty."""

    def allowed(self, side: Sound | Held | tuple[()]) -> frozenset[str]:
        """Return the characters that may follow."""
        return side.allowed() if side else ALL

    def accepting(self, side: Sound | Held | tuple[()]) -> bool:
        """Whether the text may end."""
        return True

    def after(self, side: Any, char: str) -> Any:
        """Return the state after a character."""
        return side.after(char) if side else ()

    def alike(self, side: Sound | Held | tuple[()], char: str) -> frozenset[str]:
        """Return characters after which the state is the same."""
        return side.alike(char) if side else ALL
