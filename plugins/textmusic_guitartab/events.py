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
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, pairwise
from operator import add, sub

from textmusic.bars import fold
from textmusic.errors import EncodeError
from textmusic.lengths import BEAT, GRACE, LENGTHS, LETTERS, bar_ticks, spell
from textmusic.score import Bar
from textmusic_guitartab.marks import MARKS
from textmusic_guitartab.piece import (
    FRETS,
    STRINGS,
    Event,
    Measure,
    Pair,
    Piece,
)
from textmusic_guitartab.playing import HOLD, REST, Played, Strike, happening, pairs_text

__all__ = ["CHARS", "read_measure", "write"]

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


_Word = tuple[Strike, int, int]


def write(piece: Piece) -> str:
    """Return the event text of a piece.

    Raises:
        EncodeError: a time lies on no grid that the lengths can write.
    """
    measures = piece.measures
    if isinstance(measures, Played):
        meters = [(bar.numerator, bar.denominator) for bar in measures.bars]
        bodies = list(_played_texts(measures))
    else:
        meters = [measure.meter for measure in measures]
        letters = STRINGS[len(piece.tuning) - 1]
        bodies = [_bar_text(_words(measure, letters), measure.is_short) for measure in measures]
    changes = [after != before for before, after in pairwise([piece.meter, *meters])]
    folded = fold(bodies, changes)
    for number in compress(range(len(folded)), changes):
        folded[number] = "M{}/{} ".format(*meters[number]) + folded[number]
    return piece.header() + "\n".join([*folded, ""])


def _played_texts(played: Played) -> Iterator[str]:
    """Yield the bars written out: usual ones from the columns, others event by event."""
    onsets, ends, strikes = played.chords
    times = [LETTERS.get(length, "") for length in map(sub, ends, onsets)]
    tokens = list(map(add, [strike[2] for strike in strikes], times))
    touches = [strike[1] for strike in strikes]
    touched = any(touches)
    first = sounding = 0
    for bar in played.bars:
        last = bisect_left(onsets, bar.end, first)
        if (
            first == last
            or "" in times[first:last]
            or ends[last - 1] > bar.end
            or ends[first : last - 1] != onsets[first + 1 : last]
            or (touched and any(touches[first:last]))
        ):
            words = happening(played.chords, bar, range(first, last), sounding)
            yield _bar_text(words, bar.is_short)
        else:
            yield _usual_text(bar, tokens[first:last], onsets[first], ends[last - 1], sounding)
        if first < last:
            first, sounding = last, ends[last - 1]


def _usual_text(bar: Bar, tokens: Sequence[str], onset: int, stop: int, sounding: int) -> str:
    """One bar of notes without a gap between them.

    Args:
        bar: the bar.
        tokens: of the notes.
        onset: of the first.
        stop: the end of the last.
        sounding: when what was struck before ends.
    """
    now = bar.onset
    words: list[str] = []
    if sounding > now:
        words.append(_spelled("~", 0, sounding - now))
        now = sounding
    if onset > now:
        words.append(_spelled("r", (now - bar.onset) % BEAT, onset - now))
    words.append(tokens[0])
    words += ["." if token == before else token for before, token in pairwise(tokens)]
    if stop < bar.end:
        words.append(_spelled("r", (stop - bar.onset) % BEAT, bar.end - stop))
    return " ".join(words) + ("!" if bar.is_short else "")


@lru_cache(maxsize=1 << 10)
def _spelled(sign: str, start: int, length: int) -> str:
    return " ".join([sign + letter for letter in _letters(start, length)])


def _words(measure: Measure, letters: str) -> Iterator[_Word]:
    """What happens in a bar, as `happening` yields it."""
    for kind, start, length, pairs, touch in measure.events:
        if kind == "note":
            yield Strike(pairs, touch, pairs_text(pairs, letters), ((), (), ())), start, length
        else:
            yield REST if kind == "rest" else HOLD, start, length


def _bar_text(words: Iterable[_Word], is_short: bool) -> str:  # noqa: FBT001
    """Return one bar written out, without metre and line end.

    Raises:
        EncodeError: see `write`.
    """
    tokens: list[str] = []
    touch = ""
    last = ""
    for (_, own, said, _), start, length in words:
        letters = (LETTERS[length],) if length in LETTERS else _letters(start % BEAT, length)
        if said in {"r", "~"}:
            tokens += [said + letter for letter in letters]
            last = ""
            continue
        head = said + letters[0]
        text = "." if head == last else head
        if own != touch:
            text = (own or "}") + text
            touch = own
        tokens.append(text)
        if len(letters) > 1:
            tokens += ["~" + letter for letter in letters[1:]]
            last = ""
        else:
            last = head if length else ""
    return " ".join(tokens) + ("!" if is_short else "")


@lru_cache(maxsize=1 << 12)
def _letters(start: int, length: int) -> tuple[str, ...]:
    if not length:
        return (GRACE,)
    try:
        return tuple(LETTERS[ticks] for ticks in spell(start, length))
    except ValueError as error:
        raise EncodeError(f"{error}: project first") from error


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
