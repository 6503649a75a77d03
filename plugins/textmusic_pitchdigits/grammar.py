"""The grammar of the extended form: it counts the time left in the bar.

What it accepts is what `write_extended` writes, but for two freedoms: a bar that equals an
earlier one may be written out, and a directive may state what is in force already. So every
bar is full or marked as short, lengths and ties are split as `lengths.suffixes` splits them,
pitches are spelled one way and lie in 0…127, references name bars that fit where they stand, bars
are cut short where `textmusic.cuts` has them, and the last bar is full and heard.

A digit at the start of a line may open a bar or a directive (``12/8``, ``1=G``): while both are
possible the state follows the bar and remembers the directive. Any time left can be filled, as
there is a length of one tick: there is no dead end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from textmusic.bars import DISTANCES
from textmusic.score import MODES, Key
from textmusic_pitchdigits.asking import FASTEST, SLOWEST, Asked, is_metre
from textmusic_pitchdigits.lengths import BEAT, fitting, lasts, longer, longest
from textmusic_pitchdigits.pitches import CHROMAS, KEY, key_of, key_text, tonic_of
from textmusic_pitchdigits.states import FINE, FREE, DigitState, Measure, fits, may_cut, most_notes

__all__ = ["ExtendedGrammar"]

_HISTORY = max(DISTANCES.values())
_DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)
_WORDS = (
    frozenset(key_text(Key(0, fifths, mode)) for fifths in range(-7, 8) for mode in MODES),
    frozenset(f"{n}/{d}" for n in range(1, 256) for d in _DENOMINATORS if is_metre(n, d)),
    frozenset(f"q={qpm}" for qpm in range(SLOWEST, FASTEST + 1)),
)
"""Keys, metres and tempos."""
_METRE = 1
_FINISH = "\n /=4C2q"
"""The first of these that may follow leads to the end of a directive."""


class ExtendedGrammar:
    """What may follow in an extended text. See `textmusic.grammar.Grammar`.

    Args:
        asked: what must hold of it.
    """

    def __init__(self, asked: Asked = FREE) -> None:
        self._asked = asked

    def start(self) -> DigitState:
        """Return the state before the header."""
        return DigitState("directive", asked=self._asked)

    def allowed(self, state: DigitState) -> frozenset[str]:
        """Return the characters that may follow."""
        return frozenset(_moves(state))

    def step(self, state: DigitState, char: str) -> DigitState:
        """Return the state after a character; ValueError where it may not follow."""
        following = _moves(state).get(char)
        if following is None:
            raise ValueError(f"{char!r} may not follow here")
        return following

    def accepting(self, state: DigitState) -> bool:
        """Whether the text may end: after a full bar that is heard."""
        return state.phase == "line" and state.past[-1].heard and state.past[-1].ticks > 0

    def finish(self, state: DigitState) -> str:
        """Return an ending that completes the word, and fills the bar with a rest."""
        ending = ""
        while not self.accepting(state):
            char = _ending(state)
            ending += char
            state = self.step(state, char)
        return ending


_Moves = Iterator[tuple[str, DigitState]]


@lru_cache(maxsize=1 << 15)
def _moves(state: DigitState) -> dict[str, DigitState]:
    """What may follow, and the state after it."""
    moves = dict(_PHASES[state.phase](state._replace(lead="")))
    if state.phase == "line" or state.lead:
        bare = DigitState("directive", state.full, state.tonic, state.past)
        bare = bare._replace(
            spent=state.spent, asked=state.asked, owed=state.owed, metre=state.metre
        )
        for char in _spelled(state.asked, state.lead, _kinds(bare)):
            lead = state.lead + char
            said = moves[char]._replace(lead=lead) if char in moves else bare._replace(word=lead)
            moves[char] = said
    return moves


def _kinds(state: DigitState) -> tuple[int, ...]:
    """Which of `_WORDS` may be next; what is asked for stands in the first line only."""
    kinds = range(state.rank, len(_WORDS))
    if state.past:
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
    lacks_tempo = not state.past and kind < len(_WORDS) - 1 and state.asked.tempo
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
    rings = bool(state.past) and state.past[-1].rings
    yield from _event(state._replace(bar=Measure(rings=rings)))


def _reference(state: DigitState) -> _Moves:
    """After ``%``; a digit leads to the line end."""
    for name, back in DISTANCES.items():
        number = name[1:]
        if number == state.word and fits(state, back):
            bar = state.past[-back]
            spent = state.spent + most_notes(bar)
            yield "\n", _next_bar(state._replace(spent=spent), bar)
        elif not state.word and fits(state, back):
            yield number, state._replace(word=number)


def _next_bar(state: DigitState, bar: Measure) -> DigitState:
    after = DigitState("line", state.full, state.tonic, (*state.past, bar)[-_HISTORY:])
    lacks = state.full + bar.ticks if bar.ticks < 0 and state.past and not state.owed else 0
    return after._replace(spent=state.spent, asked=state.asked, owed=lacks, metre=state.metre)


def _event(state: DigitState) -> _Moves:
    """After an event, or before the first of a bar."""
    bar = state.bar
    left = _left(state)
    if not left and not state.owed:
        yield "\n", _next_bar(state, bar)
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
        accidental = state._replace(phase="accidental", word=sign)
        if any(True for _ in _degree(accidental)):
            yield sign, accidental


def _left(state: DigitState) -> int:
    """Ticks left in the bar."""
    return (state.owed or state.full) - state.bar.ticks


def _degree(state: DigitState) -> _Moves:
    """Before a degree, with an accidental as `word` or without one."""
    low, high = state.asked.low, state.asked.high
    for name, chroma in CHROMAS.items():
        if name[:-1] == state.word and high - (high - state.tonic - chroma) % 12 >= low:
            yield name[-1], state._replace(phase="note", word="", offset=chroma)


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
    bar = state.bar._replace(
        lowest=max(state.bar.lowest, low - state.offset),
        highest=min(state.bar.highest, high - state.offset),
    )
    yield from _length(state._replace(phase="length", bar=bar, word="", offset=0))


def _length(state: DigitState) -> _Moves:
    """Within the length of an event, or after it."""
    left = _left(state)
    for char in longer(state.run, left, state.word):
        yield char, state._replace(word=state.word + char)
    ticks = lasts(state.run, left, state.word)
    if ticks is not None:
        run = state.run + ticks
        run = run if run < 2 * BEAT else 2 * BEAT + run % BEAT
        bar = state.bar
        bar = bar._replace(ticks=bar.ticks + ticks, fine=bar.fine or ticks < FINE)
        yield from _event(state._replace(bar=bar, run=run, word=""))


def _short(state: DigitState) -> _Moves:
    """After the ``!`` of a short bar."""
    yield "\n", _next_bar(state, state.bar._replace(ticks=-state.bar.ticks))


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


def _ending(state: DigitState) -> str:
    """The next character of a short ending."""
    moves = _moves(state)
    pitch = state.tonic + state.offset
    if state.phase == "note" and not state.asked.low <= pitch <= state.asked.high:
        return next(char for char in "'," if char in moves)
    if state.phase in {"note", "length"}:
        left = _left(state)
        word = state.word if state.phase == "length" else ""
        heard = state.bar.heard
        if heard or lasts(state.run, left, word) is None:
            whole = longest(state.run, left, word)
            if whole != word:
                return whole[len(word)]
        wanted = ("\n!01" if state.owed else "\n01") if heard else "\n1"
    elif state.phase == "directive":
        wanted = _FINISH
    else:
        wanted = "\n13248"
    return next((char for char in wanted if char in moves), None) or min(
        moves.keys() - {"%", "0"} or moves
    )
