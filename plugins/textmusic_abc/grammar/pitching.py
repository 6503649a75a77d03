"""Which letters may follow: pitches in MIDI's range, tones of a chord upwards, ties to their pitch."""

from __future__ import annotations

from functools import lru_cache

from textmusic_abc.grammar.state import Pitch, State
from textmusic_abc.grammar.wanted import Wanted
from textmusic_abc.layers import MAX_MARKED, MAX_TONES
from textmusic_abc.pitches import ACCIDENTALS, LOWEST_KEPT, letter, midi, signature

__all__ = [
    "SIGNS",
    "alter_of",
    "complete",
    "pitch_chars",
    "read_pitch",
    "room_of",
    "tie_texts",
    "with_pitch",
]

_LETTERS = "CDEFGABcdefgab"
_LOWER = frozenset("cdefgab")
SIGNS = frozenset("^_=")
_ANY = frozenset(_LETTERS) | SIGNS
_OCTAVES = {
    name: tuple(
        index for index in ((step, *range(step - 7, -44, -7)) if step < 7 else range(step, 48, 7))
    )
    for step, name in enumerate(_LETTERS)
}
_HIGH = 28
_NONE: tuple[frozenset[int], frozenset[int]] = frozenset(), frozenset()


def alter_of(state: State, index: int) -> int:
    """Return the alteration that holds for a letter without an accidental."""
    step = index % 7
    if state.accidentals and state.accidentals[step] != 99:
        return state.accidentals[step]
    return signature(state.fifths).alters[step]


def _alteration(state: State, index: int, explicit: int | None) -> int | None:
    """Return the alteration of a letter, None where it is illegal: low ones say their accidental."""
    return explicit if explicit is not None or index < LOWEST_KEPT else alter_of(state, index)


@lru_cache(maxsize=4096)
def read_pitch(text: str) -> tuple[int, int | None]:
    """Return index and explicit alteration of a pitch, such as ``^c'``."""
    bare = text.lstrip("^_=")
    index = _LETTERS.index(bare[0]) + 7 * (bare.count("'") - bare.count(","))
    return index, ACCIDENTALS[text[: len(text) - len(bare)]]


def pitch_chars(state: State, buf: str, *, chord: bool, free: bool = False) -> frozenset[str]:
    """Return what may continue the start `buf` of a pitch.

    Args:
        state: with the tones of the chord so far and the tie that must be met.
        buf: accidental and letter so far.
        chord: whether the pitch is a tone of a chord.
        free: whether neither matters, as for grace notes.
    """
    if not free and state.tie and (not chord or room_of(state) <= 0):
        return _tie_chars(buf, tie_texts(state))
    tie = state.tie[0] if state.tie and not free else None
    last = state.tones[-1] if chord and state.tones else None
    if tie is None and (last is None or last[0] < _HIGH) and state.wanted is None:
        tones = state.tones if last else ()
        return _upward(buf, tones, state.fifths, state.accidentals)
    tones = state.tones if last else ()
    pitched = state.fifths, state.accidentals, tones, state.tie if tie else ()
    return _within(buf, pitched, state.wanted)


def tie_texts(state: State) -> tuple[str, ...]:
    """Return the spellings of the next pitch that a tie demands, the shortest first."""
    index, alter = state.tie[0]
    return tuple(
        letter(index, said) for said in (None, alter) if _alteration(state, index, said) == alter
    )


@lru_cache(maxsize=8192)
def _tie_chars(buf: str, texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(t[len(buf)] for t in texts if t.startswith(buf) and len(t) > len(buf))


def _next(buf: str) -> frozenset[str]:
    if not buf:
        return _ANY
    last = buf[-1]
    if last in SIGNS:
        double = {last} if len(buf) == 1 and last != "=" else set()
        return frozenset(_LETTERS) | double
    return frozenset("'" if last in _LOWER or last == "'" else ",")


@lru_cache(maxsize=1 << 13)
def _within(
    buf: str,
    pitched: tuple[int, tuple[int, ...], tuple[Pitch, ...], tuple[Pitch, ...]],
    wanted: Wanted | None,
) -> frozenset[str]:
    """Above the last tone, not above the tie, and in the range.

    Args:
        buf: accidental and letter so far.
        pitched: fifths, accidentals, tones and the tie of the state.
        wanted: the range.
    """
    fifths, accidentals, tones, tie = pitched
    state = State(
        "chord", fifths=fifths, accidentals=accidentals, tones=tones, tie=tie, wanted=wanted
    )
    last, first = tones[-1] if tones else None, tie[0] if tie else None
    return frozenset(c for c in _next(buf) if _reaches(state, buf + c, last, first))


@lru_cache(maxsize=1 << 13)
def _upward(
    buf: str, tones: tuple[Pitch, ...], fifths: int, accidentals: tuple[int, ...]
) -> frozenset[str]:
    """Without a tie to meet, and with room above the last tone."""
    state = State("chord", fifths=fifths, accidentals=accidentals, tones=tones)
    last = tones[-1] if tones else None
    chars = _next(buf)
    if last is None and (not buf or buf[-1] in SIGNS):
        return chars
    if not buf or buf[-1] in SIGNS:
        below = [c for c in "CDEFGAB" if not _reaches(state, buf + c, last, None)]
        return chars.difference(below)
    return frozenset(c for c in chars if _reaches(state, buf + c, last, None))


def _reaches(state: State, text: str, last: Pitch | None, tie: Pitch | None) -> bool:
    """Whether a start of a pitch can become one that is legal."""
    if text[-1] in SIGNS:
        double = text == text[0] and text != "=" and _reaches(state, 2 * text, last, tie)
        return double or any(_reaches(state, text + name, last, tie) for name in _LETTERS)
    bare = text.lstrip("^_=")
    explicit = ACCIDENTALS[text[: len(text) - len(bare)]]
    wanted = state.wanted
    taken = _taken((*state.tones, *state.tie)) if last or tie else _NONE
    lowest = last[0] if last else _OCTAVES["C"][-1]
    for index in _OCTAVES[bare[0]][len(bare) - 1 :]:
        if index >= lowest:
            alter = _alteration(state, index, explicit)
            if (
                alter is not None
                and _legal(index, alter, last, tie, taken)
                and _in_range(index, alter, wanted)
            ):
                return True
    return False


@lru_cache(maxsize=1024)
def _taken(pitches: tuple[Pitch, ...]) -> tuple[frozenset[int], frozenset[int]]:
    """What sounds in the chord already, or has to: MIDI numbers, and diatonic indices."""
    return frozenset(midi(*pitch) for pitch in pitches), frozenset(index for index, _ in pitches)


def _legal(
    index: int,
    alter: int,
    last: Pitch | None,
    tie: Pitch | None,
    taken: tuple[frozenset[int], frozenset[int]],
) -> bool:
    """Whether a pitch may follow `last` in a chord that still has to hold `tie`.

    Readers lose ties to a chord that has one letter of an octave in two alterations.
    """
    if (last is not None and (index, alter) <= last) or (tie is not None and (index, alter) > tie):
        return False
    numbers, indices = taken
    return (index, alter) == tie or (index not in indices and midi(index, alter) not in numbers)


def _in_range(index: int, alter: int, wanted: Wanted | None) -> bool:
    if wanted is None:
        return 0 <= midi(index, alter) <= 127
    return wanted.low <= midi(index, alter) <= wanted.high


def room_of(state: State) -> int:
    """Return how many tones a chord may have beside those that it has or that ties demand.

    Readers play chords with ornaments with twice as many notes.
    """
    most = MAX_MARKED if state.ornament else MAX_TONES
    return most - len(state.tones) - len(state.tie)


def complete(state: State, text: str, *, chord: bool, free: bool = False) -> bool:
    """Whether a text is a whole pitch that is legal here."""
    if not text or text[-1] in SIGNS:
        return False
    index, explicit = read_pitch(text)
    alter = _alteration(state, index, explicit)
    if alter is None or not _in_range(index, alter, state.wanted):
        return False
    if free:
        return True
    tie = state.tie[0] if state.tie else None
    if not chord or (tie and room_of(state) <= 0):
        return tie is None or (index, alter) == tie
    return _legal(
        index,
        alter,
        state.tones[-1] if state.tones else None,
        tie,
        _taken((*state.tones, *state.tie)),
    )


def with_pitch(state: State, text: str, *, free: bool = False) -> State:
    """Return the state that has taken a whole pitch: its accidental holds until the bar line."""
    index, explicit = read_pitch(text)
    alter = alter_of(state, index) if explicit is None else explicit
    accidentals = state.accidentals
    if explicit is not None and alter != alter_of(state, index):
        old = accidentals or (99,) * 7
        step = index % 7
        accidentals = (*old[:step], alter, *old[step + 1 :])
    if free:
        return state._replace(accidentals=accidentals)
    tie = state.tie[1:] if state.tie and state.tie[0] == (index, alter) else state.tie
    tones = (*state.tones, (index, alter))
    return state._replace(accidentals=accidentals, tones=tones, tie=tie)
