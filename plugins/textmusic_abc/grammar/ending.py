"""A short legal ending: rests and notes that fill the bar, then the mark that closes the section."""

from __future__ import annotations

from textmusic_abc.form import FREE, GRID
from textmusic_abc.grammar.bars import after_mark
from textmusic_abc.grammar.lengths import Lengths, filler, lengths, tuplet_lengths
from textmusic_abc.grammar.pitching import complete, tie_texts, with_pitch
from textmusic_abc.grammar.sounds import sound_done
from textmusic_abc.grammar.state import State, marks_of

__all__ = ["next_char"]

_NOTES = "zcCdefgabDEFGAB^_="
_HEADER = {"M": "M:4/\n", "L": "L:1/8\n", "Q": "Q:1/=\n4", "P": "P:\nA", "K": "K:C\n", "QPK": "K"}
_RETURNING = frozenset({1, 2, 4})
"""Where the end of a section has to complete the bar at its start."""
_FINAL = {0: "|]", 1: ":|", 2: ":|", 3: "|]", 4: "|]"}


def next_char(state: State, allowed: frozenset[str]) -> str:
    """Return the next character of a short legal ending.

    Args:
        state: that is not accepting.
        allowed: what may follow it.
    """
    if len(allowed) == 1:
        return next(iter(allowed))
    name = state.mode
    if name[0].isupper():
        return _of(_HEADER.get(name, "\n" + "1 0"), allowed)
    if name in {"pitch", "length"}:
        return _length(state, allowed)
    if name == "mark":
        return _mark(state, allowed)
    if name == "post":
        return _close(state, allowed) or _fill(state, allowed)
    if name == "paren":
        return _paren(state, allowed)
    if name == "label":
        return "\n" if "\n" in allowed else "["
    if name in {"chord", "chord-"}:
        return _chord(state, allowed)
    if name == "grace":
        return _of("}" + _NOTES, allowed)
    if name in {"field", "barfield"}:
        return _of("]/" if state.buf[1:] and "]" in allowed else "".join(sorted(allowed)), allowed)
    if name == "symbol":
        return _of('"C' + "".join(sorted(allowed)), allowed)
    if name.endswith("["):
        row = state.row
        waiting = row is not None and len(state.meters) < len(row.meters)
        return _of(
            ("M" if waiting else "")
            + ("P" if state.parts else "")
            + "V"
            + _NOTES[1:]
            + "".join(sorted(allowed)),
            allowed,
        )
    return _fill(state, allowed)


def _chord(state: State, allowed: frozenset[str]) -> str:
    """Towards the pitches that ties demand, and no others."""
    buf = state.buf
    if state.tie:
        for text in tie_texts(state):
            if text.startswith(buf) and text[len(buf) : len(buf) + 1] in allowed:
                return text[len(buf)]
    if buf and complete(state, buf, chord=True):
        state = with_pitch(state, buf)
    firsts = "".join(text[0] for text in tie_texts(state)) if state.tie else "]"
    return _of(firsts + "]" + _NOTES + ",'", allowed)


def _of(wanted: str, allowed: frozenset[str]) -> str:
    found: str = next((char for char in wanted if char in allowed), min(allowed))
    return found


def _target(state: State) -> str:
    """The mark that should close the bar where the form lets it."""
    if state.row is not None:
        return state.row.mark
    if state.form.rep == 2:
        return f":|{state.form.number or '2,4'}"
    if state.parts and state.form.rep == 4:
        return "||"
    if state.parts and state.form.rep in {0, 3}:
        return "||" if state.form.origin > 0 else "|"
    return _FINAL[state.form.rep]


def _mark(state: State, allowed: frozenset[str]) -> str:
    found, buf = marks_of(state), state.buf
    final: tuple[str, ...] = () if state.parts else ("|]", ":|")
    for mark in (_target(state), *final, "|", "||"):
        if mark in found and mark.startswith(buf) and len(mark) > len(buf):
            return mark[len(buf)]
    if buf in found:
        longer = {mark[len(buf)] for mark in found if mark.startswith(buf) and len(mark) > len(buf)}
        rest = allowed - longer
        if rest:
            return next_char(after_mark(state), frozenset(rest))
    return _of("|:]12", allowed)


def _close(state: State, allowed: frozenset[str]) -> str | None:
    """The first character of the mark that closes the bar, if one should."""
    found = marks_of(state)
    target = _target(state)
    section = state.form.rep in _RETURNING or not state.parts
    if target in found and (section or state.left in {0, state.form.origin}):
        return target[0]
    if state.form.rep == 4 and state.left == state.form.need and "||" in found:
        return "|"
    full = (state.left == 0 or state.left >= FREE // 2) and state.tuplet is None
    if full and "&" in allowed and not found:
        return "&"
    if full:
        return next((mark[0] for mark in ("|", "||", "|]") if mark in found), None)
    return None


def _fill(state: State, allowed: frozenset[str]) -> str:
    """The first character of the next sound."""
    if state.parts and "[" in allowed and state.mode in {"bar", "open"} and _wants_part(state):
        return "["
    if (
        "(" in allowed
        and state.tuplet is None
        and state.stage < 2
        and filler(state.left) is not None
        and state.left < FREE // 2
    ):
        return "("
    return _of((_NOTES if state.heard else _NOTES[1:]) + "z[|", allowed)


def _wants_part(state: State) -> bool:
    form = state.form
    return form.origin == -3 or form.open % form.bar == form.origin


def _paren(state: State, allowed: frozenset[str]) -> str:
    way = filler(state.left)
    if way is not None:
        text = f"({way[0]}:{way[1]}:1"
        if text.startswith(state.buf) and len(text) > len(state.buf):
            return _of(text[len(state.buf)], allowed)
    return _of((_NOTES if state.heard else _NOTES[1:]) + "z:123456789", allowed)


def _wanted(state: State) -> int:
    """Ticks after which the bar can be closed."""
    if state.row is None and state.rest < 0:
        need = max(state.form.need if state.form.rep in _RETURNING else state.form.origin, 0)
        if need < state.left < FREE // 2:
            return state.left - need
        if state.left >= FREE // 2:
            return GRID
    return state.left


def _length(state: State, allowed: frozenset[str]) -> str:
    """The next character of a length; the text may be that of a pitch still."""
    buf = state.buf if state.mode == "length" else ""
    if (
        state.mode == "pitch"
        and not allowed & frozenset("0123456789/|:& -]z()<>")
        and len(allowed) < 8
    ):
        return _of("cCdefgabDEFGAB,'^_=", allowed)
    text = _text(state, buf)
    if text is not None and len(text) > len(buf) and text[len(buf)] in allowed:
        return text[len(buf)]
    after = allowed - frozenset("0123456789/,'<>") if text == buf else allowed
    if not after:
        return min(allowed)
    if text == buf:
        following = sound_done(state)
        if following is not None:
            return next_char(following, after)
    return _of("|:&" + _NOTES, after)


def _text(state: State, buf: str) -> str | None:
    """The text of the best length that begins so: what is wanted, or else the longest below."""
    if state.pair:
        return lengths(state.unit, 1).texts[state.pair // GRID]
    if state.tuplet is not None:
        good, _ = tuplet_lengths(state.tuplet, state.unit, state.left)
        table: Lengths = lengths(state.unit, state.tuplet.step)
        counts = sorted(good)
        way = filler(state.left)
        if way is not None and way[2] in good and state.tuplet.rest == 1:
            counts.insert(0, way[2])
    else:
        table = lengths(state.unit, 1)
        want = min(_wanted(state) // GRID, len(table.texts))
        room = state.left // GRID
        counts = [n for n in (want, *range(min(want, 256), 0, -1)) if 0 < n <= room]
    return next((table.texts[n] for n in counts if table.texts[n].startswith(buf)), None)
