"""The event text of a whole piece: all parts bar by bar, one token an event.

::

    text   = "@" num "/" den [ " " key ] [ " " tempo ] LF part { part } bar { bar }
    bar    = { word " " } body LF                     of a piece of one part
           | "|" { word " " } LF { label " " body LF }        of several; silent parts have no line
    label  = 1-9, a-z, A-Z                            the number of the part in the header
    body   = "%" [ "2" | "4" | "8" ]                  this part's bar 1, 2, 4, 8 before, expanded
           | "=" label                                as that part, tuned alike, plays in this bar
           | voice { " ; " voice }                    the first voice, the second …
    voice  = event { " " event }                      the lengths sum to the bar
           | "r"                                      silent for the whole bar
    event  = [ switch ] ( notes length | "." ) | "r" length | "~" length
    notes  = pair { pair }                            in order, each place once
    pair   = place fret { mark }                      a note is struck
           | place "~"                                the note that sounds there goes on
    switch = "{" | "&" | "{&" | "}" | "}{" | "}&"     from here to the next of them or the end of the
                                                      bar: palm mute, let ring (also), off
    "~"    = hold: all that sounds goes on            first in a bar, or the rest of a length
    "."    = the notes and length of the event before in this voice and bar
    length = a letter of `textmusic.lengths`, "[n/d]" of a quarter, or "`" for a grace note

Parts and the names of places and frets: `parts`; words: `signature`; marks: `signs`.
Repeats and endings are written as such where `textmusic.form` can fold the music and they are
regular (`repeats`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from textmusic import bars as references
from textmusic import form as forms
from textmusic.errors import EncodeError
from textmusic.form import Measure
from textmusic.lengths import GRACE
from textmusic.score import Bar, Key, Note, Score, Tempo, Track
from textmusic_guitarpro.text.checking import check
from textmusic_guitarpro.text.parts import Part
from textmusic_guitarpro.text.repeats import is_regular
from textmusic_guitarpro.text.signature import Signature, key_word, tempo_word
from textmusic_guitarpro.text.signs import SWITCHES, signs_of
from textmusic_guitarpro.text.times import UNITS, grids_at, is_bar_end, is_even, length_words

__all__ = ["LABELS", "voice_of", "write"]

LABELS = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_Change = TypeVar("_Change", Key, Tempo)


def write(score: Score) -> str:
    """Return the text of a projected score.

    Raises:
        EncodeError: it is outside the domain of the texts.
    """
    check(score)
    if UNITS % score.tpq or not score.meters:
        raise EncodeError("needs a metre and a projected number of ticks: project first")
    page, form = forms.fold(score) or (score, None)
    if form and not is_regular(form):
        raise EncodeError("the repeats are too entangled: project first")
    scale = UNITS // score.tpq
    bars = _bars(page, len(form.measures) if form else None)
    measures = form.measures if form else [Measure()] * len(bars)
    signatures = [_signature(page, b, m, scale) for b, m in zip(bars, measures, strict=True)]
    parts = [Part.of(track) for track in page.tracks]
    raw = [_bodies(t, p, bars, scale) for t, p in zip(page.tracks, parts, strict=True)]
    if len(parts) > len(LABELS):
        raise EncodeError(f"{len(parts)} parts, more than {len(LABELS)}: project first")
    header = _header(signatures[0]) + "".join(part.line() for part in parts)
    if len(parts) == 1:
        return header + _alone(signatures, raw[0])
    return header + _together(signatures, parts, raw)


def _bars(page: Score, count: int | None) -> tuple[Bar, ...]:
    """The bars of a page, also silent ones at its end."""
    if count is None:
        return page.bars()
    longest = max(page.tpq * 4 * m.numerator // m.denominator for m in page.meters)
    return page.bars(page.end + 1 + count * longest)[:count]


def _signature(page: Score, bar: Bar, measure: Measure, scale: int) -> Signature:
    length = (bar.end - bar.onset) * scale
    onsets = [k.onset for k in _within(page.keys, bar)] + [
        t.onset for t in _within(page.tempos, bar)
    ]
    ats = [(onset - bar.onset) * scale for onset in onsets]
    if not is_bar_end(length) or not all(map(grids_at, ats)):
        raise EncodeError("a bar line, key or tempo at an odd time: project first")
    if bar.is_short and bar.onset and measure == Measure():
        raise EncodeError("a bar is cut short where no repeat is: project first")
    return Signature(
        (bar.numerator, bar.denominator),
        length,
        [Key((k.onset - bar.onset) * scale, k.fifths, k.mode) for k in _within(page.keys, bar)],
        [Tempo((t.onset - bar.onset) * scale, t.qpm) for t in _within(page.tempos, bar)],
        measure,
    )


def _within(changes: Sequence[_Change], bar: Bar) -> Iterator[_Change]:
    return (change for change in changes if bar.onset <= change.onset < bar.end)


def _header(first: Signature) -> str:
    """The first line; what it says is taken from the words of the first bar."""
    words = ["@{}/{}".format(*first.meter)]
    if first.keys and not first.keys[0].onset:
        words.append(key_word(first.keys.pop(0)))
    if first.tempos and not first.tempos[0].onset:
        words.append(tempo_word(first.tempos.pop(0)))
    return " ".join(words) + "\n"


def _words(signatures: Sequence[Signature]) -> Iterator[list[str]]:
    meter = signatures[0].meter
    for bar in signatures:
        yield list(bar.words(changes=bar.meter != meter))
        meter = bar.meter


def _alone(signatures: Sequence[Signature], raw: Sequence[str]) -> str:
    bodies = references.fold([body or "r" for body in raw])
    lines = zip(_words(signatures), bodies, strict=True)
    return "".join(" ".join([*words, body]) + "\n" for words, body in lines)


def _together(signatures: Sequence[Signature], parts: Sequence[Part], raw: list[list[str]]) -> str:
    folded = [references.fold(bodies, [not body for body in bodies]) for bodies in raw]
    text = []
    for index, words in enumerate(_words(signatures)):
        text.append("|" + " ".join(words) + "\n")
        seen: dict[tuple[tuple[str, tuple[int, ...]], str], str] = {}
        for label, part, bodies, marks in zip(LABELS, parts, raw, folded, strict=False):
            body = bodies[index]
            if body:
                twin = seen.setdefault((part.kind, body), label)
                text.append(f"{label} {marks[index] if twin == label else '=' + twin}\n")
    return "".join(text)


class _Span(NamedTuple):
    """What one voice does between two changes: notes as text, ``~`` or ``r``."""

    start: int
    end: int
    head: str
    touch: str | None = None
    is_mixed: bool = False
    graces: tuple[tuple[str, str], ...] = ()


def _bodies(track: Track, part: Part, bars: Sequence[Bar], scale: int) -> list[str]:
    """The text of every bar of a track, empty where it is silent."""
    voices: dict[int, list[Note]] = defaultdict(list)
    for note in track.notes:
        voices[voice_of(note)].append(note)
    written = {
        number: _voice(list(_spans(part, notes, bars[-1].end)), bars, scale)
        for number, notes in voices.items()
    }
    silent = [""] * len(bars)
    columns = [written.get(number, silent) for number in range(1, max(voices, default=0) + 1)]
    return [_joined(bodies) for bodies in zip(*columns, strict=True)] or silent


def _joined(voices: Sequence[str]) -> str:
    last = max((n for n, body in enumerate(voices, 1) if body), default=0)
    return " ; ".join(body or "r" for body in voices[:last])


def voice_of(note: Note) -> int:
    """Return the number of a note's voice, from 1."""
    for mark in note.marks:
        if mark.startswith("voice:"):
            return int(mark[6:])
    return 1


def _spans(part: Part, notes: Sequence[Note], end: int) -> Iterator[_Span]:
    """The timeline of a voice without gaps, from 0 to `end`."""
    struck: dict[int, list[Note]] = defaultdict(list)
    graces: dict[int, list[Note]] = defaultdict(list)
    for note in notes:
        (graces if note.grace else struck)[note.onset].append(note)
    times = sorted({0, end, *struck, *graces, *(note.end for note in notes)})
    sounding: list[tuple[int, int, str]] = []
    for start, stop in pairwise(times):
        held = [note for note in sounding if note[0] > start]
        new = struck.get(start, [])
        ties = [(rank, 0, name + "~") for _, rank, name in held]
        before = tuple(_grace(part, graces[start])) if start in graces else ()
        if before and {rank for _, rank, _ in held} & {part.place(n).rank for n in graces[start]}:
            raise EncodeError("a note goes on where a grace note is struck: project first")
        pairs, touch = _pairs(part, new)
        head = "".join(name for _, _, name in sorted(pairs + ties)) or "r"
        if held and not new and len(held) == len(sounding):
            head = "~"
        yield _Span(start, stop, head, touch if new else None, bool(held), before)
        sounding = held + [(note.end, *part.place(note)) for note in new]


def _pairs(part: Part, notes: Iterable[Note]) -> tuple[list[tuple[int, int, str]], str]:
    """The notes struck together, to be sorted, and the switches that all of them have."""
    struck = list(notes)
    touch = "".join(s for s, mark in SWITCHES.items() if all(mark in n.marks for n in struck))
    pairs = []
    for note in struck:
        place = part.place(note)
        own = [m for m in note.marks if not m.startswith(("grace:", "voice:"))]
        signs = signs_of([m for m in own if not any(m == SWITCHES[s] for s in touch)], note.pitch)
        pairs.append((place.rank, -note.duration, place.name + part.fret(note) + signs))
    return pairs, touch


def _grace(part: Part, notes: Sequence[Note]) -> Iterator[tuple[str, str]]:
    """Switches and text of the grace notes at one time, in the order in which they sound."""
    for rank in sorted({note.grace for note in notes}, reverse=True):
        pairs, touch = _pairs(part, (note for note in notes if note.grace == rank))
        yield touch, "".join(name for _, _, name in sorted(pairs)) + GRACE


def _voice(spans: Sequence[_Span], bars: Sequence[Bar], scale: int) -> list[str]:
    """The text of one voice in every bar, empty where it is silent."""
    bodies = []
    index = 0
    for bar in bars:
        inside = []
        while index < len(spans) and spans[index].start < bar.end:
            inside.append(_clipped(spans[index], bar))
            if spans[index].end > bar.end:
                break
            index += 1
        silent = all(span.head == "r" and not span.graces for span in inside)
        bodies.append("" if silent else " ".join(_tokens(inside, bar, scale)))
    return bodies


def _clipped(span: _Span, bar: Bar) -> _Span:
    """The part of a span that lies in a bar; what began before is held."""
    end = min(span.end, bar.end)
    if span.start >= bar.onset:
        return span._replace(end=end)
    return _Span(bar.onset, end, "r" if span.head == "r" else "~")


def _tokens(inside: Sequence[_Span], bar: Bar, scale: int) -> Iterator[str]:
    on = last = ""
    times = [(time - bar.onset) * scale for span in inside for time in span[:2]]
    if not is_even(times, (bar.end - bar.onset) * scale):
        raise EncodeError("a note at an odd time: project first")
    for span in inside:
        for touch, head in span.graces:
            yield _switch(on, touch) + head
            on, last = touch, ""
        start, length = (span.start - bar.onset) * scale, (span.end - span.start) * scale
        first, *rest = length_words(start, length)
        head, switch = span.head + first, ""
        if span.touch is not None:
            switch, on = _switch(on, span.touch), span.touch
        yield switch + ("." if head == last else head)
        sign = "r" if span.head == "r" else "~"
        yield from (sign + word for word in rest)
        last = "" if rest or span.is_mixed or span.touch is None else head


def _switch(on: str, wanted: str) -> str:
    if set(on) <= set(wanted):
        return wanted.replace(on, "") if on else wanted
    return "}" + wanted
