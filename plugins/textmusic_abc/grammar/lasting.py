"""How long a sound may last, and whether it may be tied to the next."""

from __future__ import annotations

from textmusic_abc.form import GRID, closings, passes_ties
from textmusic_abc.grammar.lengths import Tuplet, least, lengths, tuplet_lengths
from textmusic_abc.grammar.state import State, may_go_on

__all__ = ["length_chars", "may_tie", "may_tie_tone", "sounded"]

_NOTHING: frozenset[str] = frozenset()


def _goes_over(state: State) -> bool:
    """Whether a tie may go over the bar line that comes next, if the layer ends now."""
    if state.over == -1:
        return False
    if state.row is not None:
        return passes_ties(state.row.mark)
    if state.rest < 0:
        return True
    found = closings(state.form, state.rest)
    return "|" in found or "||" in found


def length_chars(state: State, buf: str) -> tuple[frozenset[str], int]:
    """Return what may follow the start of a length, and its steps if it is whole (else 0)."""
    if state.tuplet is not None:
        good, starts = tuplet_lengths(state.tuplet, state.unit, state.left, goes_on=_stays(state))
        table = lengths(state.unit, state.tuplet.step)
        chars = frozenset(c for c in table.following.get(buf, ()) if buf + c in starts)
        steps = table.steps.get(buf, 0)
        return chars, steps if steps in good else 0
    table = lengths(state.unit, 1)
    if state.pair:
        text = table.texts[state.pair // GRID]
        rest = frozenset(text[len(buf) : len(buf) + 1])
        return rest if text.startswith(buf) else _NOTHING, table.steps[text] if buf == text else 0
    room = (state.left - least(state.left)) // GRID
    if _stays(state) and not least(state.left):
        room -= 1
    chars = frozenset(c for c, low in table.following.get(buf, {}).items() if low <= room)
    steps = table.steps.get(buf, 0)
    return chars, steps if steps <= room else 0


def sounded(state: State, steps: int) -> State:
    """Return the state after a sound of a written length."""
    tuplet = state.tuplet
    if tuplet is not None:
        ticks = steps * tuplet.step * GRID
        spent = ticks * tuplet.q // tuplet.p
        ticks = 0
        tuplet = Tuplet(tuplet.p, tuplet.q, tuplet.rest - 1) if tuplet.rest > 1 else None
    else:
        ticks = spent = steps * GRID
    left = state.left - spent
    rolled = state.ornament == "~" and ticks == 3 * state.unit  # readers play several notes
    odd = (
        state.ornament == "."
        or rolled
        or state.pair
        or ticks % (2 * GRID)
        or left - ticks < least(left)
    )
    return state._replace(
        mode="post", buf="", left=left, tie=state.tied, heard=state.heard or bool(state.tones), tied=(), stage=0, tuplet=tuplet, pair=0,
        last=0 if odd else ticks, ornament="T" if state.ornament == "T" else "",
        tones=() if state.ornament == "." else state.tones,
    )  # fmt: skip


def may_tie(state: State) -> bool:
    """Whether the sound that has just been written may be tied to the next."""
    if state.tie or not state.tones:
        return False
    if state.ornament == "T" and state.layered > 0:  # readers lose such ties
        return False
    return may_go_on(state) or _goes_over(state)


def may_tie_tone(state: State) -> bool:
    """Whether the tone of a chord that has just been written may be tied to the next."""
    if state.ornament == ".":
        return False
    if _goes_over(state):
        return True
    if state.tuplet is not None:
        lasting = tuplet_lengths(state.tuplet, state.unit, state.left, goes_on=True)
        return state.tuplet.rest > 1 or bool(lasting[0])
    if state.pair:
        return state.left > state.pair
    rest = least(state.left)
    return state.left >= rest + (GRID if rest else 2 * GRID)


def _stays(state: State) -> bool:
    """Whether a tone of the chord is tied and its tie has to end in this bar."""
    return bool(state.tied) and not _goes_over(state)
