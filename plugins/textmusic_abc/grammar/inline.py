"""Fields inside the music: metre, key, tempo, part."""

from __future__ import annotations

from textmusic_abc.fields import WHOLE
from textmusic_abc.grammar.accompaniment import is_accompanied
from textmusic_abc.grammar.header import KEYS, LONGEST_OF_PARTS, METERS, bar_of, spelled, tempo
from textmusic_abc.grammar.state import State, may_go_on
from textmusic_abc.grammar.wanted import Wanted
from textmusic_abc.pitches import read_key

__all__ = ["field_chars", "field_done", "fields_at"]

_MAX_METERS = 4
_CHANGES = frozenset("MKQ")
_CHANGED = METERS - {"none"}
_OF_PARTS = frozenset(meter for meter in _CHANGED if bar_of(meter) <= LONGEST_OF_PARTS)
_ACCOMPANIED = frozenset(filter(is_accompanied, _CHANGED))
_OF_QUARTERS = frozenset(meter for meter in _ACCOMPANIED if bar_of(meter) % (WHOLE // 4) == 0)


def fields_at(state: State, place: str, *, waiting: bool) -> set[str]:
    """Return the names of the fields that may come at a place."""
    if place == "element" or state.stage:
        return set()
    form, free = state.form, _free(state.wanted)
    if state.layer > 1:  # readers forget them in the next bar
        return set()
    if place in {"post", "between"}:
        return set(free - {"M"}) if may_go_on(state) and not state.pair else set()
    found: set[str] = {"M"} if waiting else set()
    if state.voice > 1:
        return found | free - {"M"}
    if not form.first:
        found |= free - {"M"}
        carried = max(form.need, form.fork, form.origin) > 0  # completes a bar of this metre later
        if form.open == form.bar and not carried and len(state.meters) < _MAX_METERS:
            found |= free & {"M"}
    if state.parts and state.voice == 0 and not state.last and _part_may_start(state):
        found.add("P")
    return found


def _free(wanted: Wanted | None) -> frozenset[str]:
    """The fields that may change what the header said."""
    if wanted is None:
        return _CHANGES
    fixed = {"M": wanted.meter, "K": wanted.key, "Q": wanted.tempi}
    return frozenset(name for name, value in fixed.items() if not value)


def _part_may_start(state: State) -> bool:
    form = state.form
    if state.tie or state.held:  # another part may be played next
        return False
    if form.first:
        return form.origin == -3
    return form.rep in {0, 3} and form.open % form.bar == form.origin


def field_chars(state: State) -> frozenset[str]:
    """Return what may follow inside a field."""
    name, buf = state.buf[0], state.buf[1:]
    if not buf:
        return frozenset(":")
    value = buf[1:]
    if name == "M":
        row = state.row
        of = _accompanied(state) if state.symbols > 0 else _CHANGED
        if state.form.origin != -2:
            of &= _OF_PARTS
        if row is not None:
            of = frozenset({row.meters[len(state.meters)]})
        return spelled(value, of, "]")
    if name == "K":
        return spelled(value, KEYS, "]")
    if name == "P":
        return frozenset("]") if value else frozenset(state.parts)
    return tempo(value, "]")


def _accompanied(state: State) -> frozenset[str]:
    """The metres after which chord symbols may stand; readers lose count of others in repeats."""
    return _OF_QUARTERS if state.form.rep else _ACCOMPANIED


def field_done(state: State) -> State:
    """Return the state after a whole field."""
    name, value = state.buf[0], state.buf[2:]
    place = "bar" if state.mode == "barfield" else "between"
    state = state._replace(mode=place, buf="", ornament="", tones=(), last=0)
    if name == "M":
        symbols = state.symbols or (0 if value in _accompanied(state) else -1)
        state = state._replace(meters=(*state.meters, value), symbols=symbols)
        if state.row is None:
            bar = bar_of(value)
            form = state.form._replace(bar=bar, open=bar)
            return state._replace(form=form, left=bar)
    elif name == "K":
        key = read_key(value)
        assert key is not None
        return state._replace(fifths=key.fifths, accidentals=())
    elif name == "P":
        form = state.form
        origin = -1 if form.first else form.origin
        form = form._replace(origin=origin)
        if form.rep in {3, 4}:
            form = form._replace(rep=0, need=0, fork=0, number=1)
        return state._replace(parts=state.parts.replace(value, ""), form=form, buf="P", last=1)
    return state
