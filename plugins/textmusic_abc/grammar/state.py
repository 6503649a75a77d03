"""Where a text stands, as the grammar sees it."""

from __future__ import annotations

from typing import NamedTuple

from textmusic_abc.form import FREE, Form, closings, passes_ties
from textmusic_abc.grammar.accompaniment import ends_well
from textmusic_abc.grammar.lengths import Tuplet, least
from textmusic_abc.grammar.wanted import Wanted
from textmusic_abc.layers import MAX_CHANNELS, MAX_LAYERS

__all__ = [
    "Pitch",
    "Row",
    "State",
    "bar_start",
    "channels_of",
    "marks_of",
    "may_go_on",
    "may_have_symbol",
    "mode",
    "sounded_in",
]

Pitch = tuple[int, int]
"""Diatonic index and alteration."""
_OF_SYMBOLS = 2
"""Channels for chord symbols: one for the bass, one for the chord."""
_NO_ACCIDENTALS: tuple[int, ...] = ()


class Row(NamedTuple):
    """What the first voice has said of a bar; the others say the same.

    Args:
        mark: that closes it.
        size: its ticks.
        meters: its fields of metre, in order.
        form: of the next bar.
    """

    mark: str
    size: int
    meters: tuple[str, ...]
    form: Form


class State(NamedTuple):
    """Where a text stands; hashable, and equal wherever the same may follow.

    Args:
        mode: what is being written: a phase of the header, ``open`` (the start of the body), ``bar``
            (of a bar), ``bracket``, ``field``, ``element`` (before a sound), ``symbol``, ``paren``,
            ``grace``, ``pitch``, ``chord``, ``length``, ``post`` (after a sound), ``mark``,
            ``label`` (of a voice) or ``end``.
        buf: the text of it so far.
        unit: ticks of ``L:``.
        form: where the bar starts in the form; of later voices its bar only.
        left: ticks left in the layer.
        rest: ticks that the first layer has left; -1 in the first layer.
        layer: from 1.
        fifths: of the key in force.
        accidentals: alteration of each step in the bar, 99 for none of its own; empty for none.
        tie: the pitches that must sound next, in order.
        held: ties that wait: ((voice, layer), pitches).
        stage: what of a sound is written: 1 chord symbol, 2 tuplet, 3 grace notes, 4 ornament,
            5 for the second of a broken pair.
        ornament: of the sound.
        tones: of the sound.
        tied: the tones of a chord that are tied on.
        last: written ticks of the sound before, where a broken pair may begin; else 0.
        tuplet: the open one.
        pair: written ticks of the first of a broken pair; 0 outside.
        voice: number of the voice; 0 where there is one.
        voices: how many; 0 before that is known.
        keys: fifths of each voice.
        row: what the first voice has said of this bar.
        meters: the fields of metre of this bar.
        parts: the labels of parts to come.
        heard: whether there has been a note; a text without one is no tune.
        symbols: 1 where there has been a chord symbol, -1 where none may come any more.
        layered: 1 where a bar has had layers, -1 where none may have any more.
        channels: of several voices, how many layers each has had, and whether chord symbols.
        over: how long a tie from before the first ending sounds in it; -1 while that is not known.
        owed: how long it would sound in this ending, to readers; no end before that.
        wanted: what must hold of the whole piece.
    """

    mode: str
    buf: str = ""
    unit: int = 0
    form: Form = Form()
    left: int = 0
    rest: int = -1
    layer: int = 1
    fifths: int = 0
    accidentals: tuple[int, ...] = ()
    tie: tuple[Pitch, ...] = ()
    held: tuple[tuple[tuple[int, int], tuple[Pitch, ...]], ...] = ()
    stage: int = 0
    ornament: str = ""
    tones: tuple[Pitch, ...] = ()
    tied: tuple[Pitch, ...] = ()
    last: int = 0
    tuplet: Tuplet | None = None
    pair: int = 0
    voice: int = 0
    voices: int = 0
    keys: tuple[int, ...] = ()
    row: Row | None = None
    meters: tuple[str, ...] = ()
    parts: str = ""
    heard: bool = False
    symbols: int = 0
    layered: int = 0
    channels: tuple[tuple[int, bool], ...] = ()
    over: int = 0
    owed: int = 0
    wanted: Wanted | None = None


def mode(state: State, name: str, buf: str = "") -> State:
    """Return the state in another mode."""
    return state._replace(mode=name, buf=buf)


def bar_start(state: State) -> State:
    """Return the state at the start of the bar of `state.form`, or of `state.row`."""
    left = state.row.size if state.row else state.form.open
    return enter(state, 1)._replace(mode="bar", buf="", left=left, rest=-1, meters=())


def enter(state: State, layer: int) -> State:
    """Return the state in a layer of the bar, whose tie goes on."""
    place = state.voice, layer
    tie: tuple[Pitch, ...] = ()
    held = state.held
    if held:
        tie = dict(held).get(place, ())
        held = tuple(item for item in held if item[0] != place)
    return state._replace(
        layer=layer, tie=tie, held=held, accidentals=_NO_ACCIDENTALS, tones=(), last=0, ornament=""
    )


def leave(state: State) -> State:
    """Return the state whose open tie waits for the next bar of this layer."""
    if not state.tie:
        return state
    held = (*state.held, ((state.voice, state.layer), state.tie))
    return state._replace(tie=(), held=tuple(sorted(held)))


def may_go_on(state: State) -> bool:
    """Whether another sound may come in this layer."""
    return state.tuplet is not None or state.left > 0


def marks_of(state: State) -> dict[str, Form]:
    """Return the marks that may close the bar here, and the form after each."""
    if state.tuplet or state.pair or state.stage:
        return {}
    ahead = _ties_ahead(state)
    if ahead and state.over == -1:
        return {}
    if state.held and any(v == state.voice and n > state.layer for (v, n), _ in state.held):
        return {}
    row = state.row
    if row is not None:
        if state.left or (ahead and not passes_ties(row.mark)):
            return {}
        return {row.mark: row.form}
    if state.rest >= 0 and state.left:
        return {}
    left = state.rest if state.rest >= 0 else state.left
    if left == state.form.open:
        return {}
    return _closings(state, left, ahead=ahead)


def _closings(state: State, left: int, *, ahead: bool) -> dict[str, Form]:
    """The marks that may close a bar of the first voice with so many ticks left."""
    form = state.form
    found = closings(form, left)
    accompanied = state.symbols > 0 and form.origin <= 0
    if accompanied and form.origin == -1 and not ends_well(form.bar, form.bar - form.open + left):
        return {}  # the upbeat of all parts, at which they end
    if state.layered > 0:  # readers lose layers beside endings inside a bar or for several passes
        found = {m: form for m, form in found.items() if m[0] != "[" and "," not in m}
    if state.voice:  # readers take such a list at the end of a line for a bad one
        found = {mark: form for mark, form in found.items() if "," not in mark}
    if ahead:
        # in a tune of parts an ending need not be what is played next; in bars readers lose the tie
        endings = "|" if form.origin == -2 else ""
        return {
            mark: form
            for mark, form in found.items()
            if mark in {"|", "||"} or (passes_ties(mark) and mark[0] == endings)
        }
    if (
        state.parts
        or (state.wanted and state.wanted.endless and (left or len(found) > 1))
        or not state.heard
        or form.open - left < state.owed
        or (state.voice and "|]" in found and form.open - left < least(form.open - left))
        or (accompanied and not ends_well(form.bar, form.bar - left))
    ):
        return {mark: form for mark, form in found.items() if mark != "|]"}
    return found


def _ties_ahead(state: State) -> bool:
    """Whether a tie of this bar goes on in the next; those of voices to come end in this one."""
    here = state.voice, state.layer
    return bool(state.tie) or any(place < here for place, _ in state.held)


def may_have_symbol(state: State) -> bool:
    """Whether a chord symbol may come here: in the first layer, of a tune that can still end."""
    form, row = state.form, state.row
    if state.symbols < 0 or state.layer > 1 or form.bar == FREE:
        return False  # without a metre readers lose the rhythm of chord symbols
    if not ends_well(form.bar, form.bar) or not _has_channels(state, symbols=True):
        return False
    if form.origin > 0 and not ends_well(form.bar, form.bar - form.origin):
        return False
    if row is not None and row.mark == "|]":
        return ends_well(row.form.bar, row.form.bar - row.form.open + row.size)
    return True


def _has_channels(state: State, *, layer: int = 0, symbols: bool = False) -> bool:
    """Whether readers have channels left for a layer of this voice, or for its chord symbols."""
    if state.voice == 0:
        return True
    channels = sounded_in(state, layer, symbols=symbols)
    return channels == state.channels or channels_of(channels, state.voices) <= MAX_CHANNELS


def sounded_in(state: State, layer: int, *, symbols: bool = False) -> tuple[tuple[int, bool], ...]:
    """Return `State.channels` with a layer or chord symbols of this voice."""
    place = state.voice - 1
    most, had = state.channels[place]
    now = max(most, layer), had or symbols
    return (*state.channels[:place], now, *state.channels[place + 1 :])


def channels_of(channels: tuple[tuple[int, bool], ...], voices: int) -> int:
    """Return the channels that readers take for the layers and chord symbols of all voices."""
    waiting = max(voices - len(channels), 0)
    return waiting + sum(most + _OF_SYMBOLS * had for most, had in channels)


def used(state: State) -> int:
    """Return the ticks of the bar, as its first layer gives them."""
    if state.row is not None:
        return state.row.size
    left = state.rest if state.rest >= 0 else state.left
    return state.form.open - left


def may_overlay(state: State) -> bool:
    """Whether ``&`` may come here: the layer is done, and some mark may follow the bar."""
    if state.tuplet or state.pair or state.stage or state.layer >= MAX_LAYERS or state.layered < 0:
        return False
    if not _has_channels(state, layer=state.layer + 1):
        return False
    if state.row is not None:
        return state.left == 0
    if state.rest >= 0:
        return state.left == 0
    size = state.form.open - state.left
    if not size or size < least(size) or size > FREE // 2:
        return False
    ahead = _ties_ahead(state)
    if ahead and state.over == -1:
        return False
    inner = state._replace(layer=2, layered=1)
    return bool(_closings(inner, state.left, ahead=ahead))
