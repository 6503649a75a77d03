"""Bars: their fields, sounds, layers and marks, in one voice or in several that go together."""

from __future__ import annotations

from textmusic_abc.grammar.accompaniment import ends_well
from textmusic_abc.grammar.header import header_openings, program_waits
from textmusic_abc.grammar.inline import field_chars, field_done, fields_at
from textmusic_abc.grammar.labels import is_last_voice, label_chars, labelled
from textmusic_abc.grammar.lasting import may_tie
from textmusic_abc.grammar.pitching import pitch_chars
from textmusic_abc.grammar.sounds import (
    LETTERS,
    SOUND_MODES,
    begin,
    sound_allowed,
    sound_step,
    starters,
)
from textmusic_abc.grammar.state import (
    Row,
    State,
    bar_start,
    enter,
    leave,
    marks_of,
    may_go_on,
    may_overlay,
    mode,
    sounded_in,
    used,
)
from textmusic_abc.grammar.sustaining import sustained

__all__ = ["after_mark", "body_allowed", "body_step", "closes", "goes_on", "may_end"]

_NOTHING: frozenset[str] = frozenset()
_OPENING = "|:"


def may_end(state: State) -> bool:
    """Whether the text may end here."""
    if state.mode == "mark":
        final = (
            state.buf in {"|]", ":|"}
            and state.buf in marks_of(state)
            and not state.parts
            and state.heard
        )
        final = final and (state.voice == 0 or is_last_voice(state))
        return final and not (state.held or state.tie) and _may_stop(state)
    return False


def _may_stop(state: State) -> bool:
    """Whether the last bar is whole where parts follow each other, and readers can end it."""
    if state.buf == "|]":
        return True
    form = marks_of(state)[state.buf]
    left = form.open % form.bar
    if form.origin > 0 and left != form.origin:
        return False
    return state.symbols <= 0 or ends_well(form.bar, form.bar - left)


def body_allowed(state: State) -> frozenset[str]:
    """Return what may follow in the music."""
    name = state.mode
    if name in SOUND_MODES:
        return sound_allowed(state, _post)
    if name == "post":
        return _post(state)
    if name == "element":
        return starters(state)
    if name == "between":
        return starters(state) | {" ", "["}
    if name == "bar":
        return _bar(state)
    if name == "mark":
        return _mark(state)
    if name == "open":
        return _open(state)
    if name in {"field", "barfield"}:
        return field_chars(state)
    if name == "label":
        return label_chars(state)
    return frozenset(":") if name == "opening" else _bracket(state)


def _open(state: State) -> frozenset[str]:
    found = set(header_openings(state))
    if state.voices == 1 or program_waits(state):
        return frozenset(found)
    found.add("[")
    if state.voices < 2:
        found |= _bar(bar_start(state))
        if not state.parts:
            found.add("|")
    return frozenset(found)


def _bar(state: State) -> frozenset[str]:
    """At the start of a bar."""
    if state.row is not None and len(state.meters) < len(state.row.meters):
        return frozenset("|" if state.row.meters[len(state.meters)] == _OPENING else "[")
    opening = state.voice == 1 and state.form.first and not state.form.rep and not state.meters
    if state.form.origin == -3:
        return frozenset("[")
    opening = opening or (state.buf == "P" and state.form.rep == 0)
    chars = {"|", "["} if opening else {"["}
    return starters(state) | chars


def _post(state: State) -> frozenset[str]:
    """After a sound."""
    return goes_on(state) | closes(state)


def goes_on(state: State) -> frozenset[str]:
    """Return what may follow a sound in the layer."""
    chars: set[str] = set()
    if may_go_on(state):
        chars.update(starters(state))
        if state.tuplet is None:
            chars.add(" ")
    if state.last:
        chars |= {">", "<"}
    if may_tie(state):
        chars.add("-")
    return frozenset(chars)


def closes(state: State) -> frozenset[str]:
    """Return what may follow a sound and close the bar or the layer."""
    chars = {mark[0] for mark in marks_of(state)}
    if may_overlay(state):
        chars.add("&")
    return frozenset(chars)


def _mark(state: State) -> frozenset[str]:
    found = marks_of(state)
    buf = state.buf
    chars = {mark[len(buf)] for mark in found if mark.startswith(buf) and len(mark) > len(buf)}
    if buf in found and (buf != "|]" or state.voice):
        following = body_allowed(after_mark(state))
        chars |= following - {"."} if buf[-1].isdigit() else following  # "1." is a list to readers
    return frozenset(chars)


def after_mark(state: State) -> State:
    """The state after the whole mark in `state.buf`."""
    form = marks_of(state)[state.buf]
    layered = -1 if state.buf[0] == "[" or "," in state.buf else state.layered
    state = leave(state)._replace(layered=layered)
    if state.voice == 0:
        return bar_start(sustained(state, state.buf, used(state))._replace(form=form))
    row = state.row or Row(state.buf, used(state), state.meters, form)
    return state._replace(
        mode="label", buf="", row=row, left=0, rest=-1, layer=1, meters=(), accidentals=(), tones=(),
        last=0, ornament="",
    )  # fmt: skip


def _bracket(state: State) -> frozenset[str]:
    """After ``[``: at a bar's start, after a sound, in the middle of one, or at the very start."""
    place = state.mode[:-1]
    chars = set()
    if (
        place == "open"
        and not state.parts
        and not (state.wanted and state.wanted.asks and state.voices < 0)
    ):
        chars.add("V")
    if place == "open" and state.voices > 1:
        return frozenset("V")
    row = state.row
    waiting = row is not None and len(state.meters) < len(row.meters)
    if may_go_on(state) and not waiting and state.form.origin != -3:
        ornament = state.ornament if state.stage == 4 else ""
        chars |= pitch_chars(state._replace(tones=(), ornament=ornament), "", chord=True)
    if place == "post":
        chars |= {mark[1] for mark in marks_of(state) if mark[0] == "["}
    return frozenset(chars | fields_at(state, place, waiting=waiting))


def body_step(state: State, char: str) -> State:
    """Return the state after a legal character of the music."""
    name = state.mode
    if name in SOUND_MODES:
        return sound_step(state, char, _after_sound)
    if name == "post":
        return _after_sound(state, char)
    if name in {"bar", "element", "between"}:
        if char == "[":
            return mode(state, f"{name}[", "[")
        if char == "|":
            return mode(state, "opening", "|")
        if char == " ":
            return mode(state, "element")
        return begin(state, char)
    if name == "mark":
        longer = state.buf + char
        if any(mark.startswith(longer) for mark in marks_of(state)):
            return mode(state, "mark", longer)
        return body_step(after_mark(state), char)
    if name == "open":
        return _opened(state, char)
    if name == "opening":
        form = state.form
        if state.row is None:
            form = form._replace(rep=1, need=-1 if form.first else form.open % form.bar)
        meters = (*state.meters, _OPENING) if state.voice else ()
        return state._replace(mode="bar", buf="", form=form, meters=meters)
    if name in {"field", "barfield"}:
        return field_done(state) if char == "]" else mode(state, name, state.buf + char)
    if name == "label":
        if char == "]":
            return labelled(state)
        return mode(state, name, state.buf + char)
    return _bracketed(state, char)


def _opened(state: State, char: str) -> State:
    if char in "V%":
        return mode(state, "D", char)
    state = state._replace(last=0)
    if char == "[":
        return mode(bar_start(state), "open[", "[")
    if char == "|":
        return mode(bar_start(state), "opening", "|")
    return begin(bar_start(state), char)


def _bracketed(state: State, char: str) -> State:
    place = state.mode[:-1]
    if char == "V":
        return state._replace(mode="label", buf="[V", voice=0)
    if char in "MKQP" and char in _bracket(state) and char not in LETTERS:
        name = "barfield" if place in {"bar", "open"} else "field"
        return state._replace(mode=name, buf=char, tones=(), ornament="", last=0)
    if char.isdigit():
        return _at_mark(state, f"[{char}")
    return body_step(begin(state, "["), char)


def _at_mark(state: State, buf: str) -> State:
    """The state in a mark, to which no pitch of the bar matters but a tie."""
    return state._replace(mode="mark", buf=buf, accidentals=(), tones=(), ornament="", last=0)


def _after_sound(state: State, char: str) -> State:
    if char == "-":
        last = state.last if len(state.tones) == 1 else 0  # readers lose ties of chords in pairs
        layered = -1 if state.ornament == "T" else state.layered
        return state._replace(tie=tuple(state.tones), last=last, layered=layered)
    if char in "><":
        return state._replace(
            mode="element", stage=5, pair=state.last, last=0, tones=(), ornament=""
        )
    if char == "&":
        rest = state.rest
        size = used(state)
        if state.row is None and rest < 0:
            rest = state.left
        state = enter(leave(state), state.layer + 1)
        if state.voice:
            state = state._replace(channels=sounded_in(state, state.layer))
        return state._replace(mode="element", buf="", left=size, rest=rest, layered=1)
    if char in "|:":
        return _at_mark(state, char)
    if char == "[":
        return mode(state, "post[", "[")
    if char == " ":
        return state._replace(mode="element", last=0, tones=(), ornament="")
    return begin(state, char)
