"""The event text: one bar a line, one token an event. The default layout, what a model learns best.

::

    text   = header { bar }
    bar    = [ "M" num "/" den " " ] body [ "!" ] LF     M where the metre changes
    body   = "%" [ "2" | "4" | "8" ]                     the bar 1, 2, 4, 8 before, expanded
           | event { " " event }                         the lengths sum to the metre, or, with "!",
                                                         to less: the bar is cut short
    event  = [ "{" | "&" | "}" ] ( notes length | "." ) | "r" length | "~" length
    notes  = pair { pair }                               strings in order, each once
    pair   = string fret { mark }                        fret 0-9, a = 10 … o = 24, x = dead
    "{" "&" "}"  from here to the next of them or the end of the bar: palm muting, ringing, neither
    "~"    = hold: what sounds goes on                   first in a bar, or the rest of a length
    "."    = the notes and length of the event before in this bar
    length = a letter of `lengths.LENGTHS`, or "`" for a grace note before the next event

Strings, marks and header: `piece`. A chord sounds until the next event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from textmusic.bars import fold
from textmusic.errors import EncodeError
from textmusic.lengths import BEAT, GRACE, LENGTHS, LETTERS, bar_ticks, spell
from textmusic_guitartab.marks import MARKS
from textmusic_guitartab.piece import (
    FRETS,
    STRINGS,
    Event,
    Measure,
    Pair,
    Piece,
)

__all__ = ["CHARS", "measure_text", "read_measure", "write"]

CHARS = "".join(
    sorted({*"\n @/#%.!~rxMct{&}ABCDEFG", *FRETS, *MARKS, *LENGTHS, GRACE, *STRINGS[-1]})
)
"""Every character of the event text."""

_TOKEN = re.compile(
    rf"(?P<switch>[{{&}}]?)(?:(?P<dot>\.)|"
    rf"(?P<pairs>(?:[{STRINGS[-1]}][0-9a-ox][{re.escape(''.join(MARKS))}1-9]*)+|[r~])"
    rf"(?P<length>[{''.join(LENGTHS)}{GRACE}]))"
)
_PAIR = re.compile(rf"([{STRINGS[-1]}])([0-9a-ox])([{re.escape(''.join(MARKS))}1-9]*)")


def write(piece: Piece) -> str:
    """Return the event text of a piece.

    Raises:
        EncodeError: a time lies on no grid that the lengths can write.
    """
    meter = piece.meter
    bodies: list[str] = []
    prefixes: list[str] = []
    for measure in piece.measures:
        bodies.append(measure_text(measure, STRINGS[len(piece.tuning) - 1]))
        changes = measure.meter != meter
        prefixes.append("M{}/{} ".format(*measure.meter) if changes else "")
        meter = measure.meter
    folded = fold(bodies, [bool(prefix) for prefix in prefixes])
    lines = (f"{prefix}{body}\n" for prefix, body in zip(prefixes, folded, strict=True))
    return piece.header() + "".join(lines)


@lru_cache(maxsize=1 << 12)
def measure_text(measure: Measure, strings: str) -> str:
    """Return one bar written out, without metre and line end.

    Raises:
        EncodeError: see `write`.
    """
    tokens: list[str] = []
    touch = ""
    last = ""
    for event in measure.events:
        letters = _letters(event.start % BEAT, event.length) if event.length else (GRACE,)
        if event.kind != "note":
            sign = "r" if event.kind == "rest" else "~"
            tokens += [sign + letter for letter in letters]
            last = ""
            continue
        switch = "" if event.touch == touch else event.touch or "}"
        touch = event.touch
        head = "".join(_pair_text(pair, strings) for pair in event.pairs) + letters[0]
        tokens.append(switch + ("." if head == last else head))
        tokens += ["~" + letter for letter in letters[1:]]
        last = head if len(letters) == 1 and event.length else ""
    return " ".join(tokens) + ("!" if measure.is_short else "")


@lru_cache(maxsize=1 << 12)
def _letters(start: int, length: int) -> tuple[str, ...]:
    try:
        return tuple(LETTERS[ticks] for ticks in spell(start, length))
    except ValueError as error:
        raise EncodeError(f"{error}: project first") from error


def _pair_text(pair: Pair, strings: str) -> str:
    fret = "x" if pair.fret < 0 else FRETS[pair.fret]
    return strings[pair.string] + fret + pair.marks


def read_measure(body: str, strings: str, meter: tuple[int, int]) -> Measure:
    """Return the bar that a body without references says; what is no token is passed over.

    Without ``!`` the bar has the length of its metre: missing time is silent, surplus cut.
    """
    full = bar_ticks(*meter)
    events: list[Event] = []
    time = 0
    for event in _events(body, strings):
        event = event._replace(start=time, length=min(event.length, full - time))
        if time < full:
            events.append(event)
        time += event.length
    if "!" in body and 0 < time < full:
        full = time
    if time < full:
        events.append(Event("rest", time, full - time))
    return Measure(meter, full, tuple(events))


def _events(body: str, strings: str) -> Iterator[Event]:
    touch = ""
    last: Event | None = None
    for token in _TOKEN.finditer(body):
        if token["switch"]:
            touch = token["switch"].strip("}")
        if token["dot"]:
            if last is not None:
                last = last._replace(touch=touch)
                yield last
            continue
        length = LENGTHS.get(token["length"], 0)
        if token["pairs"] in {"r", "~"}:
            if length:
                yield Event("rest" if token["pairs"] == "r" else "hold", 0, length)
            last = None
            continue
        pairs = _pairs(token["pairs"], strings)
        if pairs:
            last = Event("note", 0, length, pairs, touch)
            yield last


def _pairs(text: str, strings: str) -> tuple[Pair, ...]:
    """The pairs on strings that the instrument has, the first on each."""
    found: dict[int, Pair] = {}
    for letter, fret, marks in _PAIR.findall(text):
        string = strings.find(letter)
        if string >= 0:
            number = -1 if fret == "x" else FRETS.index(fret)
            found.setdefault(string, Pair(string, number, _tidy(marks)))
    return tuple(sorted(found.values()))


def _tidy(marks: str) -> str:
    """Marks in which digits stand only after a bend, as `piece` reads them."""
    return re.sub(r"(?<!\+)[1-9]", "", marks)
