"""What may follow in an extended text, and the state after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from textmusic.bars import DISTANCES
from textmusic.score import MODES, Key
from textmusic_pitchdigits.asking import FASTEST, SLOWEST, Asked, is_metre
from textmusic_pitchdigits.lengths import BEAT, fitting, lasts, longer
from textmusic_pitchdigits.pitches import CHROMAS, KEY, key_of, key_text, tonic_of
from textmusic_pitchdigits.states import (
    FINE,
    DigitState,
    Known,
    Measure,
    fits,
    has_begun,
    left_of,
    may_cut,
    most_notes,
    sounds,
)

__all__ = ["bare", "directed", "moves", "next_bar", "referred"]

_HISTORY = max(DISTANCES.values())
_DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)
_WORDS = (
    frozenset(key_text(Key(0, fifths, mode)) for fifths in range(-7, 8) for mode in MODES),
    frozenset(f"{n}/{d}" for n in range(1, 256) for d in _DENOMINATORS if is_metre(n, d)),
    frozenset(f"q={qpm}" for qpm in range(SLOWEST, FASTEST + 1)),
)
"""Keys, metres and tempos."""
_METRE = 1


_Moves = Iterator[tuple[str, DigitState]]


@lru_cache(maxsize=1 << 15)
def moves(state: DigitState) -> dict[str, DigitState]:
    """Return what may follow, and the state after it."""
    found = dict(_PHASES[state.phase](state._replace(lead="")))
    if state.phase == "line" or state.lead:
        other = bare(state)
        for char in _spelled(state.asked, state.lead, _kinds(other)):
            lead = state.lead + char
            said = found[char]._replace(lead=lead) if char in found else other._replace(word=lead)
            found[char] = said
    return found


def bare(state: DigitState) -> DigitState:
    """Return the state in a directive instead of a bar that was begun."""
    return DigitState(
        "directive",
        state.full,
        state.tonic,
        state.past,
        spent=state.spent,
        asked=state.asked,
        owed=state.owed,
        metre=state.metre,
        known=state.known,
    )


def _kind(word: str) -> int:
    """Which of `_WORDS` a whole word is of."""
    return next(kind for kind, words in enumerate(_WORDS) if word in words)


def _kinds(state: DigitState) -> tuple[int, ...]:
    """Which of `_WORDS` may be next; what is asked for stands in the first line only."""
    kinds = range(state.rank, len(_WORDS))
    if has_begun(state):
        return tuple(kind for kind in kinds if not state.asked[kind])
    must = next((k for k in kinds if state.asked[k] or k == _METRE), len(_WORDS))
    return tuple(kinds)[: must + 1 - state.rank]


@cache
def _words(asked: Asked, kind: int) -> frozenset[str]:
    return frozenset({str(asked[kind])}) if asked[kind] else _WORDS[kind]


@cache
def _spelled(asked: Asked, word: str, kinds: tuple[int, ...]) -> frozenset[str]:
    """What may follow within the words of some kinds."""
    size = len(word)
    words = frozenset().union(*(_words(asked, kind) for kind in kinds))
    return frozenset(w[size] for w in words if len(w) > size and w.startswith(word))


def _directive(state: DigitState) -> _Moves:
    """Within key, metre and tempo, of which the first line has at least a metre."""
    kinds = _kinds(state)
    for char in _spelled(state.asked, state.word, kinds):
        yield char, state._replace(word=state.word + char)
    kind = next((k for k in kinds if state.word in _words(state.asked, k)), None)
    if kind is None:
        return
    after = _changed(state, kind)
    if _kinds(after):
        yield " ", after
    lacks_tempo = not has_begun(state) and kind < len(_WORDS) - 1 and state.asked.tempo
    if after.full and not lacks_tempo:
        yield "\n", after._replace(phase="bar", rank=0)


def _changed(state: DigitState, kind: int) -> DigitState:
    """The state after a word."""
    after = state._replace(word="", rank=kind + 1)
    if match := KEY.fullmatch(state.word):
        return after._replace(tonic=tonic_of(key_of(match, 0)))
    if kind == _METRE:
        numerator, _, denominator = state.word.partition("/")
        owed = state.owed if state.word == state.metre else 0
        full = 4 * BEAT * int(numerator) // int(denominator)
        return after._replace(full=full, owed=owed, metre=state.word)
    return after


def _start(state: DigitState) -> _Moves:
    """At the start of a bar."""
    if any(fits(state, back) for back in DISTANCES.values()):
        yield "%", state._replace(phase="reference")
    yield from _event(state._replace(bar=Measure(rings=sounds(state))))


def _reference(state: DigitState) -> _Moves:
    """After ``%``; a digit leads to the line end."""
    for name, back in DISTANCES.items():
        number = name[1:]
        if number == state.word and fits(state, back):
            yield "\n", referred(state, back)
        elif not state.word and fits(state, back):
            yield number, state._replace(word=number)


def referred(state: DigitState, back: int) -> DigitState:
    """Return the state after a reference."""
    if state.known is not None:  # another part of the grammar knows the bar
        return next_bar(state, Measure(state.full))
    bar = state.past[-back]
    return next_bar(state._replace(spent=state.spent + most_notes(bar)), bar)


def directed(state: DigitState, text: str) -> DigitState:
    """Return the state after a part of a directive."""
    *words, word = (state.word + text).split(" ")
    for each in words:
        state = _changed(state._replace(word=each), _kind(each))
    return state._replace(word=word)


def _noted(state: DigitState) -> Measure:
    """The bar after the pitch of the note at hand."""
    low, high = state.asked.low - state.offset, state.asked.high - state.offset
    bar = state.bar
    if low <= bar.lowest and bar.highest <= high:
        return bar
    return bar._replace(lowest=max(bar.lowest, low), highest=min(bar.highest, high))


def _lasted(bar: Measure, ticks: int) -> Measure:
    """The bar after an event of so many ticks."""
    return bar._replace(ticks=bar.ticks + ticks, fine=bar.fine or ticks < FINE)


def next_bar(state: DigitState, bar: Measure) -> DigitState:
    """Return the state after a bar."""
    lacks = state.full + bar.ticks if bar.ticks < 0 and state.past and not state.owed else 0
    return DigitState(
        *("line", state.full, state.tonic, (*state.past, bar)[-_HISTORY:]),
        owed=lacks,
        metre=state.metre,
        spent=state.spent,
        asked=state.asked,
        known=state.known and Known(begun=True),
    )


def _event(state: DigitState) -> _Moves:
    """After an event, or before the first of a bar."""
    bar = state.bar
    left = left_of(state)
    if not left and not state.owed:
        yield "\n", next_bar(state, bar)
        return
    if not left or (bar.ticks and not state.owed and may_cut(state)):
        yield "!", state._replace(phase="short", run=0)
    if not left:
        return
    if bar.rings and fitting(state.run, left):
        held = bar._replace(tied=bar.tied or not bar.ticks, heard=True)
        yield "~", state._replace(phase="length", bar=held)
    run = 0 if bar.rings else state.run
    if fitting(run, left):
        yield "0", state._replace(phase="length", bar=bar._replace(rings=False), run=run)
    state = state._replace(bar=bar._replace(heard=True, rings=True), run=0)
    yield from _degree(state)
    for sign in "#b":
        if _degrees(sign, state.tonic, state.asked):
            yield sign, state._replace(phase="accidental", word=sign)


def _degree(state: DigitState) -> _Moves:
    """Before a degree, with an accidental as `word` or without one."""
    before, after = state[1:6], state[9:]
    for degree, chroma in _degrees(state.word, state.tonic, state.asked):
        values = (
            "note",
            *before,
            "",
            state.rank,
            chroma,
            *after,
        )  # `_replace` takes four times as long
        yield degree, DigitState._make(values)


@lru_cache(maxsize=4096)
def _degrees(accidental: str, tonic: int, asked: Asked) -> tuple[tuple[str, int], ...]:
    """The degrees that lie in the range in some octave, and how far they are above the tonic."""
    low, high = asked.low, asked.high
    return tuple(
        (name[-1], chroma)
        for name, chroma in CHROMAS.items()
        if name[:-1] == accidental and high - (high - tonic - chroma) % 12 >= low
    )


def _note(state: DigitState) -> _Moves:
    """After a degree or its octave marks, which lead into the range."""
    low, high = state.asked.low, state.asked.high
    pitch = state.tonic + state.offset
    if state.word in {"", "'"} and pitch + 12 <= high - (high - pitch) % 12:
        yield "'", state._replace(word="'", offset=state.offset + 12)
    if state.word in {"", ","} and pitch - 12 >= low + (pitch - low) % 12:
        yield ",", state._replace(word=",", offset=state.offset - 12)
    if not low <= pitch <= high:
        return
    yield from _length(state._replace(phase="length", bar=_noted(state), word="", offset=0))


def _length(state: DigitState) -> _Moves:
    """Within the length of an event, or after it."""
    left = left_of(state)
    for char in longer(state.run, left, state.word):
        yield char, state._replace(word=state.word + char)
    ticks = lasts(state.run, left, state.word)
    if ticks is not None:
        run = state.run + ticks
        run = run if run < 2 * BEAT else 2 * BEAT + run % BEAT
        yield from _event(state._replace(bar=_lasted(state.bar, ticks), run=run, word=""))


def _short(state: DigitState) -> _Moves:
    """After the ``!`` of a short bar."""
    yield "\n", next_bar(state, state.bar._replace(ticks=-state.bar.ticks))


_PHASES: dict[str, Callable[[DigitState], _Moves]] = {
    "directive": _directive,
    "line": _start,
    "bar": _start,
    "reference": _reference,
    "accidental": _degree,
    "note": _note,
    "length": _length,
    "short": _short,
}
