"""The whole state after a text of which the reduced one is known: key, form and pitches come back."""

from __future__ import annotations

import re

from textmusic_abc.form import closings
from textmusic_abc.grammar.bars import after_mark, body_step
from textmusic_abc.grammar.header import header_step
from textmusic_abc.grammar.near import PITCHING
from textmusic_abc.grammar.pitching import alter_of, read_pitch
from textmusic_abc.grammar.state import Pitch, State

__all__ = ["stepped", "whole"]

_SAID = re.compile(r"\"[^\"]*\"?|\[[A-Z]:[^\]]*|([_^=]+[A-Ga-g][,']*)")
"""Chord symbols, fields, and pitches that say an accidental."""
_LAST = re.compile(r"([_^=]*[A-Ga-g][,']*)[\d/]*\[?$")
_OPEN_WORD = re.compile(r"[_^=]*(?:[A-Ga-g][,']*)?$")


def stepped(state: State, char: str) -> State:
    """Return the state after a character that may follow; it is not checked."""
    return header_step(state, char) if state.mode[0].isupper() else body_step(state, char)


def whole(state: State, text: str, near: State) -> State:
    """Return the whole state after a text.

    Args:
        state: before it.
        text: of characters that do not leave; see `near.leaves`.
        near: the reduced state after it.
    """
    if not text:
        return state
    if near.mode[0].isupper():
        return _headed(state, text)
    *bars, last = text.split("|")
    base = after_mark(state) if state.mode == "mark" else state
    closed = len(bars) - (near.mode == "mark")
    if closed > 0:
        base = _barred(base, closed)
    elif near.mode != "mark" and ("]" in text or near.mode in {"chord", "chord-"}):
        return _replayed(state, text)
    opened = "" if closed > 0 else _opened(state)
    said = opened + last
    word = _word(near, said)
    if near.mode in PITCHING:
        said = said[: len(said) - len(word)]
    accidentals = _accidentals(base, said) if near.mode != "mark" else ()
    return _joined(base, near, word, accidentals, _tones(base, near, said))


def _headed(state: State, text: str) -> State:
    if state.mode == "QPK":
        state, text = header_step(state, text[0]), text[1:]
    return state._replace(buf=state.buf + text)


def _replayed(state: State, text: str) -> State:
    for char in text:
        state = body_step(state, char)
    return state


def _barred(state: State, count: int) -> State:
    """The state at the start of a bar, behind so many plain bar lines."""
    form = state.form
    for _ in range(count):
        form = closings(form, 0)["|"]
    return state._replace(form=form, accidentals=(), tones=(), meters=())


def _opened(state: State) -> str:
    """The start of the word in which a state is."""
    if state.mode in PITCHING:
        return state.buf
    if state.mode == "symbol":
        return f'"{state.buf}'
    return f"[{state.buf}" if state.mode in {"field", "barfield"} else ""


def _word(near: State, said: str) -> str:
    """The start of the word in which a bar breaks off."""
    if near.mode == "symbol":
        return said.rpartition('"')[2]
    if near.mode not in PITCHING:
        return near.buf
    found = _OPEN_WORD.search(said)
    return found[0] if found else ""


def _accidentals(state: State, said: str) -> tuple[int, ...]:
    """The accidentals of a bar after what it says."""
    for text in _SAID.findall(said):
        if text:
            index, alter = read_pitch(text)
            assert alter is not None
            if alter != alter_of(state, index):
                old, step = state.accidentals or (99,) * 7, index % 7
                state = state._replace(accidentals=(*old[:step], alter, *old[step + 1 :]))
    return state.accidentals


def _tones(state: State, near: State, said: str) -> tuple[Pitch, ...]:
    """The tones of a sound whose length may follow: those of the last note, if that was said."""
    if not near.tones:
        return ()
    found = _LAST.search(said)
    if found is None:
        return state.tones
    index, explicit = read_pitch(found[1])
    if explicit is None:
        after = state._replace(accidentals=_accidentals(state, said))
        return ((index, alter_of(after, index)),)
    return ((index, explicit),)


def _joined(
    base: State,
    near: State,
    buf: str,
    accidentals: tuple[int, ...],
    tones: tuple[Pitch, ...],
) -> State:
    """The whole state, of what holds for the bar and what is near."""
    values = (
        *(near.mode, buf, base.unit, base.form, near.left, near.rest, near.layer),
        *(base.fifths, accidentals, near.tie, near.held, near.stage, near.ornament, tones),
        *(near.tied, near.last, near.tuplet, near.pair, base.voice, base.voices, base.keys),
        *(base.row, base.meters, base.parts, near.heard, near.symbols, near.layered),
        *(near.channels, near.over, near.owed, base.wanted),
    )
    return State._make(values)
