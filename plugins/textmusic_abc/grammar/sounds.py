"""Sounds: how a note, chord or rest is written, and how long it may last."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from textmusic_abc.form import GRID
from textmusic_abc.grammar.header import spelled
from textmusic_abc.grammar.lasting import length_chars, may_tie_tone, sounded
from textmusic_abc.grammar.lengths import LONGEST, least
from textmusic_abc.grammar.pitching import SIGNS, complete, pitch_chars, room_of, with_pitch
from textmusic_abc.grammar.state import State, may_go_on, may_have_symbol, mode, sounded_in
from textmusic_abc.grammar.sustaining import in_ending
from textmusic_abc.grammar.tuplets import tuplet_chars, tuplet_of
from textmusic_abc.layers import MAX_GRACES, MAX_MARKED
from textmusic_abc.symbols import TAILS

__all__ = [
    "LETTERS",
    "ORNAMENTS",
    "SOUND_MODES",
    "begin",
    "sound_allowed",
    "sound_step",
    "starters",
]

LETTERS = frozenset("CDEFGABcdefgab")
SOUND_MODES = frozenset({"symbol", "paren", "grace", "pitch", "chord", "chord-", "length"})
ORNAMENTS = frozenset("~.TuvLMP")
_ALIKE = "u"
_PLAYED = frozenset("~.T")
"""Ornaments that readers play or lose ties at; the others are all alike, and remembered as `_ALIKE`."""
_ALONE = frozenset("~T")
"""Ornaments that readers do not play on chords."""
_UNTIED = frozenset(".uvL")
"""Ornaments at which readers do not lose the tie to the note before."""
Post = Callable[[State], frozenset[str]]
Step = Callable[[State, str], State]
_NOTHING: frozenset[str] = frozenset()
_PREFIX = 5


def starters(state: State) -> frozenset[str]:
    """Return the characters that may begin what is still to come of a sound."""
    if not may_go_on(state):
        return _NOTHING
    single, stage = pitch_chars(state, "", chord=False), state.stage
    if len(state.tie) > 1:
        single = _NOTHING
    if stage == _PREFIX:
        return single | {"["} | (_NOTHING if state.tie else {"z"})
    if state.tuplet is None and state.left < GRID + least(state.left):  # only tuplets come out
        symbol = stage < 1 and may_have_symbol(state)
        return frozenset(("(" if stage < 2 else "") + ('"' if symbol else ""))
    tuplet = state.tuplet is None and stage < 2 and "(" in _paren(state)
    ornament = state.ornament if stage == 4 else ""
    chars = _begins(single, stage, ornament, tuplet, bool(state.tie))
    if len(state.tie) > MAX_MARKED:
        chars -= _UNTIED
    return chars if may_have_symbol(state) else chars - {'"'}


@lru_cache(maxsize=4096)
def _begins(
    single: frozenset[str],
    stage: int,
    ornament: str,
    tuplet: bool,  # noqa: FBT001
    tie: bool,  # noqa: FBT001
) -> frozenset[str]:
    chars = set(single)
    if ornament not in _ALONE:
        chars.add("[")
    if stage < 3:
        if not tie:
            chars |= {"z", "{"}
        if tuplet:
            chars.add("(")
    if stage < 1:
        chars.add('"')
    if stage < 4:
        chars |= _UNTIED if tie else ORNAMENTS - ({"~"} if stage == 3 else set())
    return frozenset(chars)


def _paren(state: State) -> frozenset[str]:
    left = min(state.left, LONGEST + state.left % GRID)
    return tuplet_chars("", left)


def begin(state: State, char: str) -> State:
    """Return the state after the first character of a sound, or of a part of it."""
    if state.over == -1:
        state = in_ending(state)
    if char == '"':
        return state._replace(mode="symbol", buf="", last=0, tones=(), ornament="")
    if char == "(":
        return state._replace(mode="paren", buf="(", last=0, tones=(), ornament="")
    if char == "{":
        return state._replace(mode="grace", buf="", last=0, tones=(), ornament="")
    state = state._replace(tones=(), tied=(), last=0)
    if char in ORNAMENTS:
        ornament = char if char in _PLAYED else _ALIKE
        return state._replace(mode="element", buf="", stage=4, ornament=ornament)
    if state.stage < 4 or state.stage == _PREFIX:
        state = state._replace(ornament="")
    if char == "[":
        return mode(state, "chord")
    if char == "z":
        return mode(state, "length")
    return mode(state, "pitch", char)


def sound_allowed(state: State, post: Post) -> frozenset[str]:
    """Return what may follow inside a sound; `post` says what may follow a whole one."""
    buf, name = state.buf, state.mode
    if name == "symbol":
        return spelled(buf[1:], TAILS, '"') if buf else frozenset("ABCDEFG")
    if name == "paren":
        left = min(state.left, LONGEST + state.left % GRID)
        chars = tuplet_chars(buf, left)
        if "!" in chars:
            chars = chars - {"!"} | starters(_in_tuplet(state))
        return chars
    if name == "grace":
        chars = pitch_chars(state, buf, chord=False, free=True)
        if complete(state, buf, chord=False, free=True):
            chars |= {"}"}
            if state.last + 1 < MAX_GRACES:  # `last` counts them
                chars |= pitch_chars(with_pitch(state, buf, free=True), "", chord=False, free=True)
        return chars
    if name == "pitch":
        chars = pitch_chars(state, buf, chord=False)
        if complete(state, buf, chord=False):
            chars |= _after_pitch(with_pitch(state, buf), "", post)
        return chars
    if name == "length":
        return _after_pitch(state, buf, post)
    return _chord_chars(state, buf)


def _after_pitch(state: State, buf: str, post: Post) -> frozenset[str]:
    chars, steps = length_chars(state, buf)
    return chars | post(sounded(state, steps)) if steps else chars


def _chord_chars(state: State, buf: str) -> frozenset[str]:
    if state.mode == "chord-":
        whole, chars = state, _NOTHING
        if room_of(state) > 0 or state.tie:
            chars = pitch_chars(state, "", chord=True)
    else:
        chars = pitch_chars(state, buf, chord=True)
        if not complete(state, buf, chord=True):
            return chars
        whole = with_pitch(state, buf)
        if room_of(whole) > 0 or whole.tie:
            chars |= pitch_chars(whole, "", chord=True)
        if may_tie_tone(whole):
            chars |= {"-"}
    return chars if whole.tie else chars | {"]"}


def _in_tuplet(state: State) -> State:
    return state._replace(mode="element", stage=2, tuplet=tuplet_of(state.buf), buf="")


def sound_step(state: State, char: str, post: Step) -> State:
    """Return the state after a legal character inside a sound; `post` steps after a whole one."""
    buf, name = state.buf, state.mode
    if name == "symbol":
        if char != '"':
            return mode(state, name, buf + char)
        channels = sounded_in(state, 0, symbols=True) if state.voice else ()
        return state._replace(mode="element", buf="", stage=1, symbols=1, channels=channels)
    if name == "paren":
        if char in "0123456789:":
            return mode(state, name, buf + char)
        return begin(_in_tuplet(state), char)
    if name == "grace":
        if buf and buf[-1] not in SIGNS and (char in SIGNS or char in LETTERS or char == "}"):
            state = with_pitch(state, buf, free=True)
            if char == "}":
                return state._replace(mode="element", buf="", stage=3, last=0)
            return state._replace(buf=char, last=state.last + 1)
        return mode(state, name, buf + char)
    if name == "pitch":
        if char in ",'" or buf[-1] in SIGNS:
            return mode(state, name, buf + char)
        return _length_step(mode(with_pitch(state, buf), "length"), char, post)
    if name == "length":
        return _length_step(state, char, post)
    return _chord_step(state, char)


def _length_step(state: State, char: str, post: Step) -> State:
    if char in "0123456789/":
        return mode(state, "length", state.buf + char)
    _, steps = length_chars(state, state.buf)
    return post(sounded(state, steps), char)


def _chord_step(state: State, char: str) -> State:
    buf = state.buf
    if char in ",'" or (buf and buf[-1] in SIGNS):
        return mode(state, "chord", buf + char)
    if buf:
        state = with_pitch(state, buf)
    if char == "-":
        return state._replace(mode="chord-", buf="", tied=(*state.tied, state.tones[-1]))
    if char == "]":
        if len(state.tones) == 1:  # readers lose ties and pairs of a chord of one tone
            state = state._replace(ornament=".")
        return mode(state, "length")
    return mode(state, "chord", char)


def sound_done(state: State) -> State | None:
    """Return the state after the sound whose pitch or length is being written, if it is whole."""
    if state.mode == "pitch":
        if not complete(state, state.buf, chord=False):
            return None
        state = mode(with_pitch(state, state.buf), "length")
    _, steps = length_chars(state, state.buf)
    return sounded(state, steps) if steps else None
