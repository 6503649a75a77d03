"""A `Tune` to regular ABC: one spelling for every length, mark, key and bar line.

    tune  = "M:" metre LF "L:" unit LF ["Q:" tempo LF] ["P:" order LF] "K:" key LF
            {"V:" number LF ["%%MIDI program " number LF] ["%%MIDI channel 10" LF]} body
    body  = ["|:"] bar mark {bar mark}                              one voice, all in one line
          | {"[V:1]" bar mark "[V:2]" bar mark … LF}                several, a line a bar
    mark  = "|" | "||" | "|:" | ":|" | "::" | ("|" | "[" | ":|") passes | "|]"
    bar   = {"[M:…]" | "[K:…]" | "[Q:…]" | "[P:…]" | "&" | sound}   a space before each beat
    sound = ['"' chord symbol '"'] [tuplet] ["{" graces "}"] [ornament] pitches [length] ["-"] [">"]

A repeat always says where it starts. An accidental stands wherever it would not be understood
by readers for whom accidentals hold in one octave and by those for whom they hold in all.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from textmusic.errors import EncodeError
from textmusic_abc.fields import WHOLE, MeterValue, TempoValue
from textmusic_abc.pitches import KeySignature, letter, midi, signature
from textmusic_abc.playing import repeat_starts
from textmusic_abc.tune import Bar, Change, Event, Overlay, Sound, Tone, Tune, Voice

__all__ = ["write_page", "write_tune"]

ORNAMENTS = "~.TuvLMP"
_SYMBOL = re.compile(r"[A-G][#b]?[a-z0-9+#]{0,8}(?:/[A-G][#b]?)?")
_DEFAULT_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_UNITS = (WHOLE // 8, WHOLE // 16, WHOLE // 4, WHOLE // 32)


@dataclass(slots=True)
class Row:
    """One bar of one voice: its text, its length in ticks, and the mark that closes it."""

    text: str
    ticks: int
    mark: Bar


def write_tune(tune: Tune) -> str:
    """Return the canonical text of a tune.

    Raises:
        EncodeError: a length has no spelling, or the voices do not line up bar by bar.
    """
    return header(tune) + _body(tune, bars_a_line=0)


def write_page(tune: Tune) -> str:
    """Return the same for people: named voices, four bars a line, every voice on its line.

    Raises:
        EncodeError: as `write_tune`.
    """
    return header(tune, names=True) + _body(tune, bars_a_line=4)


def _body(tune: Tune, bars_a_line: int) -> str:
    voices = [write_rows(tune, voice) for voice in tune.voices if _has_notes(voice)]
    if not voices:
        raise EncodeError("there are no notes")
    shapes = [[(row.ticks, _mark(rows, i)) for i, row in enumerate(rows)] for _, rows in voices]
    if any(shape != shapes[0] for shape in shapes):
        raise EncodeError("the voices do not line up bar by bar")
    count = len(shapes[0])
    if len(voices) == 1:
        step = bars_a_line or count
    else:
        step = bars_a_line or 1
    lines = []
    for first in range(0, count, step):
        pieces = []
        for number, (opening, rows) in enumerate(voices, 1):
            places = range(first, min(first + step, count))
            music = "".join(rows[place].text + _mark(rows, place) for place in places)
            label = f"[V:{number}]" if len(voices) > 1 else ""
            pieces.append(label + ("" if first else opening) + music)
        lines.append(("\n" if bars_a_line else "").join(pieces))
    return "\n".join(lines)


def _has_notes(voice: Voice) -> bool:
    return any(type(event) is Sound and event.tones for event in voice.events)


def header(tune: Tune, *, names: bool = False) -> str:
    """Return the fields before the music, with the names of voices if they are wanted."""
    lines = [f"M:{tune.meter.text}", f"L:1/{WHOLE // best_unit(tune)}"]
    if tune.tempo:
        lines.append(f"Q:{tune.tempo.text}")
    if tune.parts and _labels(tune):
        lines.append(f"P:{tune.parts}")
    lines.append(f"K:{tune.key.text}")
    voices = [voice for voice in tune.voices if _has_notes(voice)]
    names = names and any(voice.name for voice in voices)
    if names or any(voice.program or voice.is_drum for voice in voices):
        for number, voice in enumerate(voices, 1):
            if names or len(voices) > 1:
                lines.append(f"V:{number}" + (f' name="{voice.name}"' if names and voice.name else ""))
            if voice.program:
                lines.append(f"%%MIDI program {voice.program}")
            if voice.is_drum:
                lines.append("%%MIDI channel 10")
    return "\n".join(lines) + "\n"


def _labels(tune: Tune) -> bool:
    """Whether the tune names every part of its order."""
    names = {
        event.value
        for voice in tune.voices
        for event in voice.events
        if type(event) is Change and isinstance(event.value, str)
    }
    return set(tune.parts) <= names


def best_unit(tune: Tune) -> int:
    """Return the unit length: the tune's own if it is usual, else the one that spells shortest."""
    if tune.unit in _UNITS:
        return tune.unit
    lengths = Counter(
        event.length for voice in tune.voices for event in voice.events if type(event) is Sound
    )

    def cost(unit: int) -> int:
        return sum(count * len(_length(ticks, unit)) for ticks, count in lengths.items())

    return min(_UNITS, key=cost)


def _length(ticks: int, unit: int) -> str:
    ratio = Fraction(ticks, unit)
    num, den = ratio.numerator, ratio.denominator
    if num > 9999 or den > 1024:
        raise EncodeError(f"the length {num}/{den} is too odd to write")
    return ("" if num == 1 else str(num)) + ("" if den == 1 else f"/{den}")


def write_rows(tune: Tune, voice: Voice) -> tuple[str, list[Row]]:
    """Return what opens a voice (``|:`` or nothing) and its bars."""
    return _Rows(tune, voice).run()


def _mark(rows: list[Row], place: int) -> str:
    """The text of the mark after a bar; at the end there is no way on."""
    bar = rows[place].mark
    if place == len(rows) - 1:
        return f"{':' * (bar.times - 1)}|" if bar.times else "|]"
    if bar.times and bar.starts:
        return "::" if bar.times == 2 else f"{':' * (bar.times - 1)}|:"
    head = f"{':' * (bar.times - 1)}|" if bar.times else "|"
    if bar.passes:
        return f"{head}{':[' if bar.starts else ''}{','.join(map(str, bar.passes))}"
    if bar.starts:
        return "|:"
    return "||" if bar.double and not bar.times else head


@dataclass(slots=True)
class _Spelling:
    """Which accidentals are in force, by either rule."""

    alters: tuple[int, ...]
    steps: dict[int, int] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    def text(self, index: int, alter: int, *, force: bool = False) -> str:
        """Return a pitch as it must be written here, and remember it; `force` its accidental."""
        key = self.alters[index % 7]
        known = not force and self.steps.get(index % 7, key) == alter == self.places.get(index, key)
        if known:
            return letter(index, None)
        self.steps[index % 7] = self.places[index] = alter
        return letter(index, alter)


class _Rows:
    """Writes one voice."""

    def __init__(self, tune: Tune, voice: Voice) -> None:
        self.unit = best_unit(tune)
        self.parts = bool(tune.parts) and _labels(tune)
        self.events = voice.events
        self.key = tune.key
        self.meter = tune.meter
        self.rows: list[Row] = []
        self.opening = Bar(0)
        self.text: list[str] = []
        self.position = self.widest = 0
        self.sounds = 0
        self.spelling = _Spelling(_plain(tune.key))
        self.tuplet: tuple[int, int] = (1, 1)
        self.tuplet_left = 0
        self.tight = self.chained = False
        self.carried: dict[int, int] = {}

    def run(self) -> tuple[str, list[Row]]:
        events = self.events
        self.opening.starts = 0 in repeat_starts(events)
        self.ties = _real_ties(events)
        for place, event in enumerate(events):
            if type(event) is Sound:
                self._sound(event, place)
            elif type(event) is Bar:
                self._bar(event)
            elif type(event) is Overlay:
                self._overlay()
            elif type(event) is Change:
                self._change(event.value)
        if self.sounds:
            self._bar(Bar(0))
        while self.rows and not self.rows[-1].ticks:
            self.rows.pop()
        return ("|:" if self.opening.starts else ""), self.rows

    def _bar(self, bar: Bar) -> None:
        if self.sounds:
            mark = Bar(0, bar.times, bar.starts, bar.passes, bar.double)
            ticks = max(self.position, self.widest)
            self.rows.append(Row("".join(self.text), ticks, mark))
            self.text, self.sounds, self.position, self.widest = [], 0, 0, 0
        elif not self.rows:
            self.opening.starts = self.opening.starts or bar.starts
        self.spelling = _Spelling(_plain(self.key))
        self.tuplet_left, self.tight, self.chained = 0, False, False

    def _overlay(self) -> None:
        self.text.append("&")
        self.widest = max(self.widest, self.position)
        self.position = 0
        self.spelling = _Spelling(_plain(self.key))

    def _change(self, value: MeterValue | KeySignature | TempoValue | str) -> None:
        if isinstance(value, MeterValue):
            self.meter = value
            self.text.append(f"[M:{value.text}]")
        elif isinstance(value, KeySignature):
            if value.text != self.key.text:
                self.text.append(f"[K:{value.text}]")
            self.key = value
            self.spelling = _Spelling(_plain(value))
        elif isinstance(value, TempoValue):
            self.text.append(f"[Q:{value.text}]")
        elif self.parts:
            self.text.append(f"[P:{value}]")

    def _sound(self, sound: Sound, place: int) -> None:
        beat = self.meter.beat
        if self.position and not self.position % beat and not self.tight and not self.tuplet_left:
            if self.meter.numerator:
                self.text.append(" ")
        if sound.symbol and _SYMBOL.fullmatch(sound.symbol):
            self.text.append(f'"{sound.symbol}"')
        if sound.tuplet is not None:
            self.text.append(_tuplet(*sound.tuplet))
            self.tuplet, self.tuplet_left = sound.tuplet[:2], sound.tuplet[2]
        if sound.graces:
            graces = "".join(self.spelling.text(index, alter) for index, alter in sound.graces)
            self.text.append(f"{{{graces}}}")
        if mark := _ornament(sound):
            self.text.append(mark)
        broken = self._broken(sound, place)
        length = self._written(sound, paired=bool(broken) or self.tight)
        self.text.append(self._pitches(sound, length, tied=self.ties.get(place, ())))
        self.text.append(broken)
        self.tight = bool(broken)
        self.tuplet_left = max(self.tuplet_left - 1, 0)
        self.position += sound.duration
        self.sounds += 1

    def _written(self, sound: Sound, *, paired: bool) -> int:
        """The length to write: broken rhythm that is not kept as such is written out."""
        if paired:
            return sound.length
        p, q = self.tuplet if self.tuplet_left else (1, 1)
        return sound.duration * p // q

    def _broken(self, sound: Sound, place: int) -> str:
        """``>`` or ``<`` where the pair is a plain one, else nothing."""
        chained, self.chained = self.chained, bool(sound.broken)
        if len(sound.broken) != 1 or chained or self.tuplet_left or place + 1 >= len(self.events):
            return ""
        other = self.events[place + 1]
        if type(other) is not Sound or other.length != sound.length or other.broken:
            return ""
        dressed = other.symbol or other.graces or _ornament(other) or other.tuplet
        return "" if dressed else sound.broken

    def _pitches(self, sound: Sound, length: int, tied: tuple[Tone, ...]) -> str:
        """A rest, a note or a chord with its length and ties."""
        written = _length(length, self.unit)
        if not sound.tones:
            self.carried = {}
            return "z" + written
        tones = list(sound.tones)
        inner = [""] * len(tones)
        if any(tone.length != sound.length for tone in tones):
            inner = [_length(length * tone.length // sound.length, self.unit) for tone in tones]
            written = ""
        else:
            tones.sort(key=lambda tone: (tone.index, tone.alter))
        places = Counter(tone.index for tone in tones)
        whole = len(tied) == len(tones)
        pieces = ""
        for tone, size in zip(tones, inner, strict=True):
            # a tie carries its accidental over the bar line, so another one has to be said
            force = places[tone.index] > 1 or self.carried.get(tone.index, tone.alter) != tone.alter
            pieces += self.spelling.text(tone.index, tone.alter, force=force) + size
            if not whole and any(tone is other for other in tied):
                pieces += "-"
        self.carried = {tone.index: tone.alter for tone in tied}
        if len(tones) > 1:
            pieces = f"[{pieces}]"
        return pieces + written + ("-" if whole else "")


def _plain(key: KeySignature) -> tuple[int, ...]:
    """The alterations of a key without explicit accidentals, which are written at the notes."""
    return signature(key.fifths, key.mode).alters


def _ornament(sound: Sound) -> str:
    if not sound.tones:
        return ""
    known = [mark for mark in sound.marks if len(mark) == 1 and mark in ORNAMENTS]
    if len(sound.tones) > 1:
        known = [mark for mark in known if mark != "~"]  # no reader plays a rolled chord
    return known[0] if known else ""


def _tuplet(p: int, q: int, r: int) -> str:
    return f"({p}" if r == p and _DEFAULT_TUPLETS.get(p) == q else f"({p}:{q}:{r}"


def _real_ties(events: list[Event]) -> dict[int, tuple[Tone, ...]]:
    """The tied tones of each sound, by its place; a tie to another pitch is a slur and left out.

    Before a repeat or an ending the next note of the text need not be the next that is played.
    """
    ties: dict[int, tuple[Tone, ...]] = {}
    waiting: tuple[int, tuple[Tone, ...]] | None = None
    for place, event in enumerate(events):
        if type(event) is Sound:
            if waiting is not None:
                pitches = {midi(tone.index, tone.alter) for tone in event.tones}
                kept = tuple(t for t in waiting[1] if midi(t.index, t.alter) in pitches)
                ties[waiting[0]] = kept
            tied = tuple(tone for tone in event.tones if tone.tie)
            waiting = (place, tied) if tied else None
        elif waiting is not None and type(event) is Bar:
            if event.times or event.starts or event.passes:
                ties[waiting[0]] = waiting[1]
                waiting = None
    return ties
