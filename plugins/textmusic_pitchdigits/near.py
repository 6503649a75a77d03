"""What of a text decides which characters come soon, apart from the bars before.

Within a bar that is the time left in it and what is written of an event. Degrees are all alike, and
so are octaves as long as any may follow.
"""

from __future__ import annotations

import re

from textmusic_pitchdigits.pitches import CHROMAS
from textmusic_pitchdigits.states import DigitState, Known, Measure, has_begun, left_of

__all__ = ["alike", "barred", "leaves", "reduced"]

_OPENINGS = frozenset({"line", "bar", "reference"})
_RANGE = 0, 127
_OCTAVE = 12
_NEAR = 2
"""Octave marks after which there is room for one more, whatever the key and the degree."""
_BASE = DigitState("note").tonic
_NOTE = re.compile(r"([#b]?[1-7])('*)(,*)")
_FAR = re.compile("'{5}|,{5}")
"""Without so many marks a note lies in the range in every key."""
_FINE = re.compile("==|=_t")
_SOUND = re.compile("[1-7#b~0]")
_DEGREES = frozenset("1234567")


def _is_ranged(state: DigitState) -> bool:
    return (state.asked.low, state.asked.high) != _RANGE


def reduced(state: DigitState) -> DigitState:
    """Return a state that goes on like another until `leaves`, the same for as many as possible."""
    phase, asked = state.phase, state.asked
    known = Known(has_begun(state))
    if phase == "directive":
        full = min(state.full, 1)
        word, rank = state.word, state.rank
        return DigitState(phase, full, word=word, rank=rank, asked=asked, known=known)
    tonic, offset = state.tonic, state.offset
    if not _is_ranged(state):
        if phase != "note":
            tonic = _BASE
        elif abs(offset // _OCTAVE) <= _NEAR:
            tonic, offset = _BASE, offset // _OCTAVE * _OCTAVE
    bar = Measure() if phase in _OPENINGS else Measure(state.bar.ticks, rings=state.bar.rings)
    return DigitState(
        *(phase, state.full, tonic, (), bar, state.run, state.word, 0, offset, state.lead),
        *(state.owed, "", 0, asked, known),
    )


def leaves(near: DigitState, char: str) -> bool:
    """Whether the whole state is needed after a character that may follow a reduced one."""
    if char == "\n":
        return near.phase in {"directive", "short"}
    far = char in "'," and near.phase == "note" and not _is_ranged(near)
    return far and abs(near.offset // _OCTAVE) >= _NEAR


def alike(near: DigitState, char: str) -> frozenset[str]:
    """Return characters after which a reduced state is that after this one."""
    apart = near.lead or near.phase in _OPENINGS or near.phase == "directive"
    if apart or char not in _DEGREES or near.phase == "accidental" or _is_ranged(near):
        return frozenset(char)
    return _DEGREES


def barred(state: DigitState, text: str, near: DigitState | None) -> DigitState:
    """Return the whole state after a text within one bar.

    Args:
        state: before the text, at the start of a bar or after an event's head.
        text: without a line end.
        near: the reduced state after it; None at the end of a full bar.
    """
    if not text and near is not None:
        return state
    bar, word = state.bar, near.word if near and near.phase == "length" else ""
    done = (state.word if state.phase == "length" else "") + text
    open_ = near is not None and near.phase == "note"
    notes = _NOTE.findall(text) if open_ or _is_ranged(state) or _FAR.search(text) else []
    offsets = [CHROMAS[name] + _OCTAVE * (len(up) - len(down)) for name, up, down in notes]
    offset = offsets.pop() if open_ else 0
    low, high = bar.lowest, bar.highest
    for each in offsets:
        low, high = max(low, state.asked.low - each), min(high, state.asked.high - each)
    total = state.owed or state.full
    sounds = _SOUND.findall(text)
    measure = Measure(
        total if near is None else total - left_of(near),
        text[:1] == "~" if state.phase in _OPENINGS else bar.tied,
        bar.heard or any(sound != "0" for sound in sounds),
        sounds[-1] != "0" if sounds else bar.rings,
        *(low, high),
        bar.fine or bool(_FINE.search(done[: len(done) - len(word)])),
    )
    if near is None:
        return state._replace(bar=measure)
    return state._replace(
        phase=near.phase,
        bar=measure,
        run=near.run,
        word=near.word,
        offset=offset,
        lead=near.lead,
    )
