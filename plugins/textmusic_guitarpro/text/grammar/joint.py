"""The grammar as automata side by side.

========== ================================================================================
`Turns`    which line comes next
`Measures` the words of bars
`Neck`     what may stand in place of a voice, and its strings; in its place the header
`Beats`    the time of a voice
`Sound`    what is being typed in it
`Held`     what sounds in it
`Gathered` what sounds next
`Curve`    the points of a curve
========== ================================================================================

Where an automaton has nothing to say it waits, and its state is empty. The whole state begins each
voice: it knows what sounds there, how long the bar is, and which bars may stand there once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from textmusic.controls import Controls
from textmusic_guitarpro.text.events import MAX_VOICES
from textmusic_guitarpro.text.grammar.beats import AGAIN, ALL, SEMICOLON, Beats
from textmusic_guitarpro.text.grammar.curves import Curve
from textmusic_guitarpro.text.grammar.header import HEADER, State
from textmusic_guitarpro.text.grammar.held import held_of
from textmusic_guitarpro.text.grammar.instrument import Instrument
from textmusic_guitarpro.text.grammar.lines import LineGrammar, line_moves, may_begin, with_voice
from textmusic_guitarpro.text.grammar.named import named_of
from textmusic_guitarpro.text.grammar.opening import (
    ALONE,
    Measures,
    Neck,
    Reference,
    Turns,
    absent,
)
from textmusic_guitarpro.text.grammar.piece import Piece
from textmusic_guitarpro.text.grammar.retold import retold
from textmusic_guitarpro.text.grammar.sound import Sound, letters_of
from textmusic_guitarpro.text.grammar.voice import Voice, voice_chars, voice_step
from textmusic_guitarpro.text.grammar.wishes import FREE
from textmusic_guitarpro.text.grammar.words import Bar
from textmusic_guitarpro.text.times import beat_of
from textmusic_guitarpro.text.writing import LABELS

__all__ = ["GuitarProGrammar"]

_FIRST_LINE = frozenset({"at", "meter", "signature", "tempo"})
_ANY_STRING = "E2"
_WAITING = (), (), (), (), ()


class GuitarProGrammar(LineGrammar):
    """What may follow in a text of the codec `guitarpro`. See `textmusic.grammar.Joint`.

    Args:
        controls: what must hold of every text.

    Raises:
        ConfigError: no text can keep them.
    """

    parts: Sequence[Any]

    def __init__(self, controls: Controls | None = None) -> None:
        super().__init__(controls)
        waiting = _Waiting()
        self.parts = (waiting, waiting, _Openings(self), _Times(), *[waiting] * 4)

    def split(self, state: State) -> tuple[Any, ...]:
        """Return the states of the automata."""
        phase = state.phase
        begins = may_begin(state)
        if begins or phase == "voice":
            return self._split_voice(state, begins=begins)
        if phase in HEADER or phase == "parts":
            return (*_around_header(state), narrow(state), *_WAITING)
        turns, measures = _around(state)
        if phase == "reference":
            found = frozenset(state.piece.references(state.bar.length))
            return turns, measures, Reference(state.text, found), *_WAITING
        if phase == "semicolon":
            return turns, measures, Neck("in"), AGAIN if state.text else SEMICOLON, *_WAITING[1:]
        return turns, measures, narrow(state) if state.is_alone else (), *_WAITING

    def _split_voice(self, state: State, *, begins: bool) -> tuple[Any, ...]:
        voice = with_voice(state).voice if begins else state.voice
        if begins and state.phase == "parts":
            around: tuple[Any, Any] = Turns("only", 1), Measures("only", state.bar)
        else:
            around = _around(state)
        is_last = len(state.traces) + 1 == MAX_VOICES
        if voice.is_new:
            part = voice.part
            letters, missing, typed = _begun(part)
            neck = self._start(state, missing, begins=begins)
            held = _held(voice, letters, is_first=begins and state.phase == "parts")
            return *around, neck, _timed(part, voice.left, is_last=is_last), typed, *held, Curve()
        return *around, *_within(state, voice, is_last=is_last)

    def _start(self, state: State, missing: str, *, begins: bool) -> Neck:
        """What may stand in place of a voice."""
        is_first = not state.traces
        instead = (
            {mark[0] for mark in state.piece.references(state.bar.length)} if is_first else set()
        )
        if begins:
            instead.update(line_moves(state))
        accepts = begins and self.accepting(state)
        return Neck("start", missing, "".join(sorted(instead)), _silence(state), accepts)

    def joined(self, before: State, states: Sequence[Any], text: str) -> State:
        """Return the whole state: the text says it."""
        beats = states[3]
        is_done = isinstance(beats, Beats) and beats.phase in {"event", "end"}
        return retold(self, before, text, is_done=is_done)


def _within(state: State, voice: Voice, *, is_last: bool) -> tuple[Any, ...]:
    """Return what is known in a voice but at its start."""
    letters = letters_of(voice.part) if voice.part.opens else ""
    missing = absent(letters) if letters else ""
    neck = (
        Neck("rest", missing, silence=_silence(state)) if voice.is_silent else Neck("in", missing)
    )
    beats = Beats.of(voice, is_last=is_last)
    if beats is None:
        return neck, voice, *_WAITING[1:]
    return neck, beats, Sound.of(voice), *_held(voice, letters), Curve.of(voice.event)


def _held(voice: Voice, letters: str, *, is_first: bool = False) -> tuple[Any, Any]:
    """Return what sounds in a voice."""
    if letters:
        return held_of(voice, letters, is_first=is_first)
    return named_of(voice, is_first=is_first)


def _silence(state: State) -> str:
    """What may stand behind a voice that is silent for the whole bar."""
    voices = len(state.traces) + 1
    return " " * (voices < MAX_VOICES) + "\n" * (voices == 1 and state.is_alone)


@lru_cache(maxsize=1 << 10)
def _begun(part: Instrument) -> tuple[str, str, Sound]:
    """Return the letters of strings that there are and are not, and the start of a voice."""
    letters = letters_of(part) if part.opens else ""
    return letters, absent(letters) if letters else "", Sound.of(Voice(part, 0), is_fresh=True)


@lru_cache(maxsize=1 << 12)
def _timed(part: Instrument, length: int, *, is_last: bool) -> Beats | None:
    """Return the time at the start of a voice."""
    return Beats.of(Voice(part, length, grids=beat_of(0, length)), is_last=is_last)


def _around_header(state: State) -> tuple[Turns, Measures]:
    """Return what is known of the lines around, within the header."""
    phase, count = state.phase, len(state.piece.parts)
    if phase in {"at", "meter"}:
        measures = Measures("meter", Bar(fixed=state.wishes.fixed), text=state.text)
    else:
        measures = Measures("header", state.bar)
    if phase == "parts":
        return Turns("parts", count), measures
    return Turns("part", 0 if phase in _FIRST_LINE else count + 1), measures


def _around(state: State) -> tuple[Turns, Measures | tuple[()]]:
    """Return what is known of the lines around, in bars."""
    phase, piece, bar = state.phase, state.piece, state.bar
    if state.is_alone:
        return ALONE, ()
    is_within = phase not in {"line", "label", "words"}
    turn = LABELS.index(state.text) if phase == "label" else piece.turn
    turns = Turns("voice" if is_within else phase, len(piece.parts), turn, piece.heard)
    if phase == "words":
        return turns._replace(turn=0), Measures("words", bar, piece.section)
    section = piece.section.after(bar.measure)
    return turns, Measures("line" if phase == "line" else "voice", bar.next(), section)


def narrow(state: State) -> State:
    """Return of a place in the header, or in the words of a single part, what decides its line."""
    phase = state.phase
    if phase == "words":
        return State(phase, piece=state.piece._replace(heard=False), bar=state.bar)
    if phase == "parts":
        return State(phase, wishes=state.wishes)
    if state.wishes != FREE:
        return state._replace(piece=Piece(), bar=Bar())
    return State(phase, state.text, (_ANY_STRING,) * len(state.tuning))


class _Waiting:
    """An automaton that has nothing to say where its state is empty."""

    def allowed(self, state: Any) -> frozenset[str]:
        """Return the characters that may follow."""
        return state.allowed() if state else ALL

    def accepting(self, state: Any) -> bool:
        """Whether the text may end."""
        return not isinstance(state, Turns) or state.accepts

    def after(self, state: Any, char: str) -> Any:
        """Return the state after a character; None where that needs the whole state."""
        return state.after(char) if state else ()

    def alike(self, state: Any, char: str) -> frozenset[str]:
        """Return characters after which the state is the same."""
        return state.alike(char) if state else ALL


Place: TypeAlias = Neck | Reference | State | tuple[()]


class _Openings(_Waiting):
    """The automaton that reads the header, and knows what may stand in place of a voice."""

    def __init__(self, grammar: LineGrammar) -> None:
        self._grammar = grammar

    def allowed(self, state: Place) -> frozenset[str]:
        """Return the characters that may follow."""
        if isinstance(state, State):
            return ALL if state.phase == "parts" else self._grammar.allowed(state)
        return super().allowed(state)

    def accepting(self, state: Place) -> bool:
        """Whether the text may end."""
        return state.accepts if isinstance(state, Neck) else not state

    def after(self, state: Place, char: str) -> Place | None:
        """Return the state after a character; None where that needs the whole state."""
        if isinstance(state, State):
            return _outside(state, char)
        if isinstance(state, Neck) and state.phase == "start" and char == ":":
            return State("program", wishes=self._grammar.wishes)
        found: Place | None = super().after(state, char)
        return found

    def alike(self, state: Place, char: str) -> frozenset[str]:
        """Return characters after which the state is the same."""
        return frozenset(char) if isinstance(state, State) else super().alike(state, char)


def _outside(place: State, char: str) -> State | tuple[()] | None:
    """The place after a character of the header, or of the words of a single part."""
    if place.phase == "parts":
        return State("program", wishes=place.wishes) if char == ":" else ()
    after = line_moves(place).get(char)
    is_over = after is None or (place.phase == "words" and may_begin(after))
    return narrow(after) if after and not is_over else None


class _Times(_Waiting):
    """The automaton of time, or where it stands in brackets before these are understood a voice."""

    def allowed(self, state: Beats | Voice | tuple[()]) -> frozenset[str]:
        """Return the characters that may follow."""
        return voice_chars(state) if isinstance(state, Voice) else super().allowed(state)

    def after(self, state: Beats | Voice | tuple[()], char: str) -> Any:
        """Return the state after a character; None where that needs the whole state."""
        if not isinstance(state, Voice):
            return super().after(state, char)
        voice = voice_step(state, char)
        return voice if voice and Beats.of(voice) is None else None

    def alike(self, state: Beats | Voice | tuple[()], char: str) -> frozenset[str]:
        """Return characters after which the state is the same."""
        return frozenset(char) if isinstance(state, Voice) else super().alike(state, char)
