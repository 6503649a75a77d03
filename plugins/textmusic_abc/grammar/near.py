"""What of a text decides which characters come soon.

Within a bar, and over plain bar lines, that is the time left, how the bar may be closed and what
of a sound is written. Key and accidentals count only where a tie has to be met, in chords and at
the ends of the range; where those begin, the whole state is asked for. So it is at all other bar
lines and at fields.
"""

from __future__ import annotations

from functools import lru_cache

from textmusic_abc.form import FREE, GRID, Form
from textmusic_abc.grammar.bars import after_mark, body_step
from textmusic_abc.grammar.header import LONGEST_OF_PARTS, header_step
from textmusic_abc.grammar.state import Pitch, State, marks_of

__all__ = ["PITCHING", "is_pitched", "is_plain", "leaves", "onward", "plain_form", "reduced"]

PITCHING = frozenset({"pitch", "grace", "chord", "chord-"})
_WHOLE = frozenset({"open", "open[", "opening", "label"})
"""Modes in which the whole state counts."""
_CHORD = frozenset({"chord", "chord-"})
_SOUNDED = frozenset({"post", "post[", "length"})
_BETWEEN_BARS = frozenset({"bar", "bar[", "barfield", "mark"})
_FIELDS = frozenset({"field", "barfield"})
_CLOSING = frozenset({"post", "pitch", "length"})
_TONES: tuple[tuple[Pitch, ...], ...] = ((), ((0, 0),), ((0, 0), (0, 0)))
_FAR = (",,", "''")
"""After these marks the next may lead out of the range."""
_LETTERS = str.maketrans("DEFGABdefgab", "CCCCCCcccccc")
_FLATS = str.maketrans("BCDEFGb", "AAAAAA#")
_RANGE = 0, 127
_REPEAT, _LONG = 2, 7
"""Full bars from which a repeat may turn inside a bar, and other sections; see `form`."""


def reduced(state: State) -> State:
    """Return a state that goes on like another until `leaves`, the same for as many as possible."""
    name = state.mode
    if name[0].isupper():
        form = Form(bar=GRID if state.form.bar <= LONGEST_OF_PARTS else FREE)
        return State(
            *(name, state.buf),
            form=form,
            last=state.last,
            voices=state.voices,
            parts=state.parts and "A",
            wanted=state.wanted,
        )
    if name in _WHOLE:
        return state
    single, between = not state.voice, name in _BETWEEN_BARS
    kept = is_pitched(state)
    tones = state.tones
    if name not in _CHORD:
        tones = _TONES[min(len(tones), 2)] if name in _SOUNDED else ()
    exact = name == "mark" and state.buf != "|"
    values = (
        *(name, state.buf if kept else _buf(name, state.buf), state.unit),
        *(state.form if exact else _formed(state), state.left, state.rest, state.layer),
        *(state.fifths if kept else 0, state.accidentals if kept else (), state.tie, state.held),
        *(state.stage, state.ornament, tones, state.tied, state.last, state.tuplet, state.pair),
        *(state.voice, state.voices, () if single else state.keys, state.row),
        state.meters if between or not single else (),
        state.parts if name in _FIELDS else state.parts and "A",
        *(state.heard, state.symbols, state.layered, state.channels, state.over, state.owed),
        state.wanted,
    )
    return State._make(values)


def is_pitched(state: State) -> bool:
    """Whether it counts which pitches are meant."""
    wanted = state.wanted
    return (
        bool(state.tie or state.tied or state.held)
        or state.mode in _CHORD
        or (wanted is not None and (wanted.low, wanted.high) != _RANGE)
        or (state.mode in PITCHING and len(state.buf) > 2 and state.buf[-3:] in {",,,", "'''"})
    )


def _buf(name: str, buf: str) -> str:
    """One start of a word for all that go on alike."""
    if name in PITCHING:
        bare = buf.lstrip("^_=")
        return bare.translate(_LETTERS) if bare else buf
    if name != "symbol" or not buf:
        return buf
    tail, slash, bass = buf[1:].partition("/")
    if slash:
        return "A/" + bass.translate(_FLATS)
    if tail[:1] in {"#", "b"}:
        tail = tail[1:] or "#"
    return "A" + tail


def is_plain(state: State) -> bool:
    """Whether ``|`` only begins a bar like this one: one voice, no part, no tie into an ending."""
    return (
        not (state.voice or state.held or state.over or state.owed or state.parts)
        and state.layer == 1
        and not state.form.first
        and state.form.origin == Form().origin
        and state.form.bar != FREE
    )


def _formed(state: State) -> Form:
    return plain_form(state.form) if is_plain(state) else state.form


@lru_cache(maxsize=1 << 14)
def plain_form(form: Form) -> Form:
    """Return one form for all that close this bar, and those after ``|``, by the same marks."""
    bar, open_, first, rep, need, fork, number, origin, turn, since = form
    fork = GRID if fork > 0 and need <= 0 else 0
    if rep == 0:
        number = 1
        turn = -1 if since == _LONG and 2 * turn <= bar else turn
    elif rep == 1:
        number, turn, since = 1, -1, min(since, _REPEAT)
    else:
        turn = turn if rep > 2 and 2 * turn > bar else -1
        since = 0
    return Form(bar, open_, first, rep, need, fork, number, origin, turn, since)


def leaves(near: State, char: str) -> bool:
    """Whether the whole state is needed after a character that may follow a reduced one."""
    name = near.mode
    if name[0].isupper():
        return char == "\n"
    if name == "mark":
        longer = near.buf + char
        if near.voice or any(mark.startswith(longer) for mark in marks_of(near)):
            return True
        return leaves(after_mark(near), char)
    if name in _WHOLE or name[-1] == "[":
        return True
    if name in _FIELDS:
        return char == "]"
    if name == "bar":
        return char == "|"
    if name in PITCHING and char in ",'":
        return near.buf.endswith(_FAR) and not is_pitched(near)
    if name not in _CLOSING:
        return name == "paren" and char == "["
    return char in ":&-" or (char == "|" and not is_plain(near))


def onward(near: State, char: str) -> State:
    """Return the reduced state after a character that does not leave."""
    step = header_step if near.mode[0].isupper() else body_step
    return reduced(step(near, char))
