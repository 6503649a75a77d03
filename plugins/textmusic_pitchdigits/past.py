"""What the bars before allow: references, ties into the bar, short bars, and the end of the text."""

from __future__ import annotations

from typing import NamedTuple

from textmusic.bars import DISTANCES
from textmusic.cuts import APART
from textmusic.grammar import HORIZON
from textmusic_pitchdigits.extended import CHARS
from textmusic_pitchdigits.states import (
    FINE,
    DigitState,
    Measure,
    fits,
    may_cut,
    may_end,
    most_notes,
    repeats_left,
    sounds,
)

__all__ = ["Past", "PastPart", "past_of"]

_HISTORY = max(DISTANCES.values())
_ALL = frozenset(CHARS)
_NOTES = frozenset("1234567~")
_DEGREES = frozenset("1234567")
_NUMBERS = frozenset("\n248")
_NEUTRAL = frozenset("#b',-.")
_BACK = {name[1:]: back for name, back in DISTANCES.items()}
_FULL, _OTHER, _CUT = 1, 2, -1


class Entry(NamedTuple):
    """A bar that was written.

    Args:
        kind: 1 for one as long as a bar now, 2 for another whole one, -1 for one that is cut short.
        fits: it may stand here once more: after a note if it is `tied`, and where bars may be cut
            short if it is.
        tied, heard, rings: as `Measure` has it.
    """

    kind: int
    fits: bool
    tied: bool
    heard: bool
    rings: bool


class Past(NamedTuple):
    """Where in a line, and after which bars.

    Args:
        phase: ``line``, ``bar`` (a line start after a directive), ``reference`` or ``inside``.
        bars: the last eight.
        exact: the whole state is needed at the end of the line.
        free: no metre is asked for, so that bars may be cut short.
        ends: the text may end before this line.
        cuts: this bar may be cut short.
        owed: the bar before was cut short.
        rings: a note sounds, here or at the end of the bar before.
        tied, heard: of the bar at hand.
        word: of a reference, or what may begin a length that is `FINE`.
    """

    phase: str
    bars: tuple[Entry, ...]
    exact: bool
    free: bool
    ends: bool
    cuts: bool
    owed: bool
    rings: bool
    tied: bool = False
    heard: bool = False
    word: str = ""


def past_of(state: DigitState) -> Past:
    """Return what of a whole state matters to the bars to come."""
    opens = state.phase in {"line", "bar"}
    inside = not opens and state.phase != "reference"
    most = max([-(-state.full // FINE), *map(most_notes, state.past)])
    exact = bool(state.owed) or repeats_left(state) < (HORIZON // 2 + 1) * most
    bars = tuple(
        [
            _entry(state, bar, back, exact=exact)
            for back, bar in zip(range(len(state.past), 0, -1), state.past, strict=True)
        ]
    )
    bar = state.bar if inside else Measure()
    exact = exact or bar.fine or state.phase in {"short", "directive"}
    word = state.word if state.phase == "reference" else ""
    if state.phase == "length" and state.word in {"=", "=_"}:
        word = state.word
    exact = exact or (state.phase == "length" and state.word.startswith(("==", "=_t")))
    return Past(
        phase="inside" if inside else state.phase,
        bars=bars,
        exact=exact,
        free=not state.asked.metre,
        ends=opens and may_end(state),
        cuts=may_cut(state),
        owed=bool(state.owed),
        rings=bar.rings if inside else sounds(state),
        tied=bar.tied,
        heard=bar.heard,
        word=word,
    )


def _entry(state: DigitState, bar: Measure, back: int, *, exact: bool) -> Entry:
    if exact:  # until the end of the line only
        return Entry(_FULL, fits(state, back), tied=False, heard=bar.heard, rings=bar.rings)
    kind = _FULL if bar.ticks == state.full else _OTHER if bar.ticks > 0 else _CUT
    fit = -state.full < bar.ticks and kind != _OTHER and bar.lowest <= state.tonic <= bar.highest
    return Entry(kind, fit, bar.tied, bar.heard, bar.rings)


def _fits(past: Past, back: int) -> bool:
    if back > len(past.bars):
        return False
    bar = past.bars[-back]
    return bar.fits and (past.rings or not bar.tied) and (bar.kind == _FULL or past.cuts)


class PastPart:
    """The part of the grammar that knows the bars before; see `textmusic.grammar.Part`."""

    def allowed(self, past: Past) -> frozenset[str]:
        """Return the characters that may follow as far as the bars before decide."""
        if past.phase in {"line", "bar"}:
            refers = any(_fits(past, back) for back in _BACK.values())
            return _ALL - ({"~"} if not past.rings else set()) - ({"%"} if not refers else set())
        if past.phase == "reference":
            if past.word:
                return _ALL
            fit = {name or "\n" for name, back in _BACK.items() if _fits(past, back)}
            return (_ALL - _NUMBERS) | fit
        return _ALL if past.cuts or past.owed else _ALL - {"!"}

    def accepting(self, past: Past) -> bool:
        """Whether the text may end here as far as the bars before decide."""
        return past.phase == "line" and past.ends

    def after(self, past: Past, char: str) -> Past | None:
        """Return the state after a character that may follow; None where that needs the whole."""
        if char == "\n":
            return _ended(past)
        if past.phase == "reference":
            return past._replace(word=char)
        if past.phase != "inside":
            if char == "%":
                return past._replace(phase="reference", ends=False)
            past = past._replace(
                phase="inside", ends=False, rings=False, tied=char == "~", heard=False
            )
        if char in _NOTES:
            return past._replace(rings=True, heard=True, word="")
        if char == "0":
            return past._replace(rings=False, word="")
        word = past.word + char
        exact = past.exact or char == "!" or word in {"==", "=_t"}
        return past._replace(exact=exact, word=word if word in {"=", "=_"} else "")

    def alike(self, past: Past, char: str) -> frozenset[str]:
        """Return characters after which the state is that after this one."""
        if char in _DEGREES and past.phase != "reference":
            return _NOTES if past.phase == "inside" else _DEGREES
        if char in _NEUTRAL and past.phase == "inside":
            return _NEUTRAL
        return frozenset(char)


def _ended(past: Past) -> Past | None:
    """The state after a line."""
    if past.exact:
        return None
    bar = Entry(_FULL, fits=True, tied=past.tied, heard=past.heard, rings=past.rings)
    if past.phase == "reference":
        bar = past.bars[-_BACK[past.word]]
        if bar.kind != _FULL:
            return None
    bars = (*past.bars, bar)[-_HISTORY:]
    whole = len(bars) >= APART and all(each.kind > 0 for each in bars[-APART:])
    return Past(*("line", bars, False, past.free, bar.heard, whole and past.free, False, bar.rings))
