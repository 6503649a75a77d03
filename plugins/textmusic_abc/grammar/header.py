"""The fields before the music."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import gcd

from textmusic_abc.fields import WHOLE, read_meter
from textmusic_abc.form import FREE, Form
from textmusic_abc.grammar.state import State, mode
from textmusic_abc.grammar.wanted import Wanted
from textmusic_abc.layers import MAX_VOICES
from textmusic_abc.pitches import read_key, signature

__all__ = [
    "KEYS",
    "LONGEST_OF_PARTS",
    "METERS",
    "TEMPI",
    "bar_of",
    "header_allowed",
    "header_openings",
    "header_step",
    "program_waits",
    "spelled",
    "tempo",
    "words",
]

_MAX_PARTS = 100
LONGEST_OF_PARTS = 4 * WHOLE
"""The longest bar of a tune in parts, which play it many times."""
_NOTHING: frozenset[str] = frozenset()
_MAX_LABELS = 8
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_POWERS = (1, 2, 4, 8, 16, 32, 64, 128)
METERS = frozenset({f"{n}/{d}" for n in range(1, 256) for d in _POWERS} | {"none"})
TEMPI = frozenset(f"{n}/{d}=" for d in _POWERS for n in range(1, min(2 * d, 32)) if gcd(n, d) == 1)
_MODES = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian")
KEYS = frozenset(signature(fifths, name).text for fifths in range(-7, 8) for name in _MODES)
_UNITS = frozenset(str(WHOLE // unit) for unit in (WHOLE // n for n in (4, 8, 16, 32)))
_PROGRAMS = frozenset(map(str, range(1, 128)))
_PROGRAM = "%%MIDI program "
_CHANNEL = "%%MIDI channel 10"
_ANYTHING = Wanted()


@lru_cache(maxsize=64)
def words(of: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return for each start of a word the characters that lead on."""
    following: dict[str, set[str]] = {}
    for word in of:
        for place, char in enumerate(word):
            following.setdefault(word[:place], set()).add(char)
    return {start: frozenset(chars) for start, chars in following.items()}


def spelled(buf: str, of: frozenset[str], end: str) -> frozenset[str]:
    """Return what may follow the start of a word; `end` after a whole one."""
    chars = words(of).get(buf, frozenset())
    return chars | {end} if buf in of else chars


def tempo(buf: str, end: str, of: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return what may follow the start of a tempo, such as ``1/4=12``; any one or one `of` some."""
    if of:
        return spelled(buf, of, end)
    if "=" not in buf:
        return words(TEMPI)[buf]
    digits = len(buf) - buf.index("=") - 1
    if not digits:
        return frozenset("123456789")
    return frozenset("0123456789" + end) if digits < 4 else frozenset(end)


def bar_of(meter: str) -> int:
    """Return the ticks of a full bar of a metre, `FREE` without one."""
    value = read_meter(meter)
    return (value.ticks if value else 0) or FREE


def header_allowed(state: State) -> frozenset[str]:
    """Return what may follow in the header, whose modes are in capitals."""
    buf = state.buf
    wanted = state.wanted or _ANYTHING
    if state.mode == "M":
        meters = frozenset({wanted.meter}) if wanted.meter else METERS
        return _after("M:", buf, lambda rest: spelled(rest, meters, "\n"))
    if state.mode == "L":
        return _after("L:1/", buf, lambda rest: spelled(rest, _UNITS, "\n"))
    if state.mode == "QPK":
        if wanted.tempi and not state.last:
            return frozenset("Q")
        parts = state.last < 2 and state.form.bar <= LONGEST_OF_PARTS
        return frozenset("QPK"[state.last :]) - (_NOTHING if parts else {"P"})
    if state.mode == "Q":
        return _after("Q:", buf, lambda rest: tempo(rest, "\n", wanted.tempi))
    if state.mode == "P":
        return _after("P:", buf, _parts)
    if state.mode == "K":
        keys = frozenset({wanted.key}) if wanted.key else KEYS
        return _after("K:", buf, lambda rest: spelled(rest, keys, "\n"))
    return _directives(state)


def _after(lead: str, buf: str, rest: object) -> frozenset[str]:
    if len(buf) < len(lead):
        return frozenset(lead[len(buf)])
    return rest(buf[len(lead) :])  # type: ignore[operator,no-any-return]


def _parts(order: str) -> frozenset[str]:
    if not order:
        return _LETTERS
    if len(order) >= _MAX_PARTS:
        return frozenset("\n")
    letters = _LETTERS if len(set(order)) < _MAX_LABELS else frozenset(order)
    return letters | {"\n"}


def _directives(state: State) -> frozenset[str]:
    return spelled(state.buf, _lines(state.voices, state.last, _program(state)), "\n")


def _program(state: State) -> int:
    return state.wanted.program if state.wanted else -1


def program_waits(state: State) -> bool:
    """Whether a line has to give the voice its program before anything else."""
    return _program(state) > 0 and not state.last


@lru_cache(maxsize=256)
def _lines(voices: int, last: int, program: int) -> frozenset[str]:
    """The lines that may come after the key: ``V:``, programs, drums."""
    found: set[str] = set()
    waits = program > 0 and not last
    if voices != -1 and voices < MAX_VOICES and not (waits and voices):
        found.add(f"V:{voices + 1}")
    if not last and program:
        programs = _PROGRAMS if program < 0 else {str(program)}
        found |= {_PROGRAM + number for number in programs}
    if last <= 1 and program < 0:
        found.add(_CHANNEL)
    return frozenset(found)


def header_step(state: State, char: str) -> State:
    """Return the state after a character of the header."""
    if state.mode == "QPK":
        return mode(state, char, char)
    if char != "\n":
        return state._replace(buf=state.buf + char)
    value = state.buf[2:]
    if state.mode == "M":
        bar = bar_of(value)
        return mode(state, "L")._replace(form=Form(bar, bar))
    if state.mode == "L":
        return mode(state, "QPK")._replace(unit=WHOLE // int(value[2:]))
    if state.mode == "Q":
        return mode(state, "QPK")._replace(last=1)
    if state.mode == "P":
        form = state.form._replace(origin=-3)
        parts = "".join(sorted(set(value)))
        return mode(state, "QPK")._replace(last=2, form=form, parts=parts)
    if state.mode == "K":
        key = read_key(value)
        assert key is not None
        return mode(state, "open")._replace(fifths=key.fifths, last=0)
    if state.buf.startswith("V:"):
        return mode(state, "open")._replace(voices=int(value), last=0)
    voices = state.voices or -1
    return mode(state, "open")._replace(voices=voices, last=2 if state.buf == _CHANNEL else 1)


def header_openings(state: State) -> Iterable[str]:
    """Return the first characters of lines that may still come before the music."""
    program = _program(state)
    if state.parts:  # parts of several voices are not written
        return {line[0] for line in _lines(-1, state.last, program)}
    return {line[0] for line in _lines(state.voices, state.last, program)}
