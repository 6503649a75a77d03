"""The bars of one voice as regular ABC; `writing` has the grammar."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from textmusic.errors import EncodeError
from textmusic_abc.fields import MeterValue, TempoValue
from textmusic_abc.layers import MAX_GRACES, MAX_MARKED, MAX_TONES
from textmusic_abc.pitches import LOWEST_KEPT, KeySignature, letter, signature
from textmusic_abc.playing import mend_repeats
from textmusic_abc.symbols import known_symbol
from textmusic_abc.tune import Bar, Change, Event, Overlay, Sound, Tone, Tune, Voice

__all__ = ["Row", "has_labels", "length_text", "write_rows"]

_ORNAMENTS = "~.TuvLMP"
_DEFAULT_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}


@dataclass(slots=True)
class Row:
    """One bar of one voice: its text, ticks, closing mark, metre, and whether that is new."""

    text: str
    ticks: int
    mark: Bar
    meter: MeterValue
    changed: bool


@lru_cache(maxsize=1 << 12)
def length_text(ticks: int, unit: int) -> str:
    """Return a length as a fraction of the unit: ``""``, ``2``, ``3/2``, ``/2``.

    Raises:
        EncodeError: numerator or denominator are beyond what readers take.
    """
    ratio = Fraction(ticks, unit)
    num, den = ratio.numerator, ratio.denominator
    if num > 9999 or den > 1024:
        raise EncodeError(f"the length {num}/{den} is too odd to write")
    return ("" if num == 1 else str(num)) + ("" if den == 1 else f"/{den}")


def has_labels(tune: Tune) -> bool:
    """Whether the tune names every part of its order."""
    names = {
        event.value
        for voice in tune.voices
        for event in voice.events
        if type(event) is Change and isinstance(event.value, str)
    }
    return set(tune.parts) <= names


def write_rows(tune: Tune, voice: Voice, unit: int) -> tuple[str, list[Row]]:
    """Return what opens a voice (``|:`` or nothing) and its bars."""
    return _Rows(tune, voice, unit).run()


@dataclass(slots=True)
class _Spelling:
    """Which accidentals are in force, by either rule."""

    alters: tuple[int, ...]
    steps: dict[int, int] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    def text(self, index: int, alter: int, *, force: bool = False) -> str:
        """Return a pitch as it must be written here, and remember it; `force` its accidental."""
        key = self.alters[index % 7]
        force = force or index < LOWEST_KEPT
        known = not force and self.steps.get(index % 7, key) == alter == self.places.get(index, key)
        if known:
            return letter(index, None)
        self.steps[index % 7] = self.places[index] = alter
        return letter(index, alter)


class _Rows:
    """Writes one voice."""

    def __init__(self, tune: Tune, voice: Voice, unit: int) -> None:
        self.unit = unit
        self.parts = tune.parts if has_labels(tune) else ""
        self.events = voice.events
        self.key = tune.key
        self.meter = tune.meter
        self.rows: list[Row] = []
        self.opening = Bar(0)
        self.text: list[str] = []
        self.position = self.widest = 0
        self.sounds = 0
        self.changed = False
        self.spelling = _Spelling(_plain(tune.key))
        self.tuplet: tuple[int, int] = (1, 1)
        self.tuplet_left = 0
        self.tight = self.chained = False
        self.layer = 0
        self.carried: dict[int, dict[int, int]] = {}

    def run(self) -> tuple[str, list[Row]]:
        events = self.events
        self.opening.starts = mend_repeats(events, self.parts)
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
            self.rows.append(Row("".join(self.text), ticks, mark, self.meter, self.changed))
            self.changed = False
            self.text, self.sounds, self.position, self.widest = [], 0, 0, 0
        elif not self.rows:
            self.opening.starts = self.opening.starts or bar.starts
        self.layer = 0
        self.spelling = _Spelling(_plain(self.key))
        self.tuplet_left, self.tight, self.chained = 0, False, False

    def _overlay(self) -> None:
        self.text.append("&")
        self.layer += 1
        self.tuplet_left, self.tight, self.chained = 0, False, False
        self.widest = max(self.widest, self.position)
        self.position = 0
        self.spelling = _Spelling(_plain(self.key))

    def _change(self, value: MeterValue | KeySignature | TempoValue | str) -> None:
        if isinstance(value, MeterValue):
            if self.sounds:
                self._bar(Bar(0))
            self.changed = self.changed or value != self.meter
            self.meter = value
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
        on_beat = self.meter.numerator and self.position and not self.position % self.meter.beat
        if on_beat and not self.tight and not self.tuplet_left:
            self.text.append(" ")
        if sound.symbol and self.meter.numerator and known_symbol(sound.symbol):
            self.text.append(f'"{sound.symbol}"')
        if sound.tuplet is not None:
            self.text.append(_tuplet(*sound.tuplet))
            self.tuplet, self.tuplet_left = sound.tuplet[:2], sound.tuplet[2]
        if sound.graces and not self.carried.get(self.layer):  # readers lose a tie at grace notes
            graces = "".join(
                self.spelling.text(index, alter) for index, alter in sound.graces[-MAX_GRACES:]
            )
            self.text.append(f"{{{graces}}}")
        after_tie = bool(self.carried.get(self.layer))
        mark = _ornament(sound, tied=bool(self.ties.get(place)), after_tie=after_tie)
        if mark:
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
        if "." in sound.marks or (len(sound.tones) > 1 and self.ties.get(place)):
            return ""  # readers do not find the two equal, or lose the tie
        dressed = other.symbol or other.graces or _ornament(other) or other.tuplet
        return "" if dressed else sound.broken

    def _pitches(self, sound: Sound, length: int, tied: tuple[Tone, ...]) -> str:
        """A rest, a note or a chord with its length and ties."""
        written = length_text(length, self.unit)
        if not sound.tones:
            self.carried.pop(self.layer, None)
            return "z" + written
        tones = list(sound.tones)
        if len(tones) > MAX_TONES:
            raise EncodeError(f"a chord of {len(tones)} tones; readers take {MAX_TONES}")
        inner = [""] * len(tones)
        if any(tone.length != sound.length for tone in tones):
            inner = [length_text(length * tone.length // sound.length, self.unit) for tone in tones]
            written = ""
        elif len(tones) > 1:
            tones.sort(key=lambda tone: (tone.index, tone.alter))
        places = [tone.index for tone in tones]
        carried = self.carried.get(self.layer, {})
        whole = len(tied) == len(tones)
        pieces = ""
        for tone, size in zip(tones, inner, strict=True):
            # a tie carries its accidental over the bar line, so another one has to be said
            force = (
                places.count(tone.index) > 1 or carried.get(tone.index, tone.alter) != tone.alter
            )
            pieces += self.spelling.text(tone.index, tone.alter, force=force) + size
            if not whole and any(tone is other for other in tied):
                pieces += "-"
        self.carried[self.layer] = {tone.index: tone.alter for tone in tied}
        if len(tones) > 1:
            pieces = f"[{pieces}]"
        return pieces + written + ("-" if whole else "")


def _plain(key: KeySignature) -> tuple[int, ...]:
    """The alterations of a key without explicit accidentals, which are written at the notes."""
    return signature(key.fifths, key.mode).alters


def _ornament(sound: Sound, *, tied: bool = False, after_tie: bool = False) -> str:
    """The first ornament that readers play here."""
    if not 0 < len(sound.tones) <= MAX_MARKED:
        return ""
    known = [mark for mark in sound.marks if len(mark) == 1 and mark in _ORNAMENTS]
    if len(sound.tones) > 1:
        known = [mark for mark in known if mark not in "~T"]
    if sound.graces:
        known = [mark for mark in known if mark != "~"]
    if after_tie:
        known = [mark for mark in known if mark in ".uvL"]
    if tied:
        known = [mark for mark in known if mark != "."]
    return known[0] if known else ""


def _tuplet(p: int, q: int, r: int) -> str:
    return f"({p}" if r == p and _DEFAULT_TUPLETS.get(p) == q else f"({p}:{q}:{r}"


def _real_ties(events: list[Event]) -> dict[int, tuple[Tone, ...]]:
    """The tied tones of each sound, by its place; a tie to another pitch is a slur and left out.

    Before a repeat or an ending the next note of the text need not be the next that is played.
    """
    ties: dict[int, tuple[Tone, ...]] = {}
    waiting: dict[int, tuple[int, tuple[Tone, ...]]] = {}  # by layer
    layer = 0
    for place, event in enumerate(events):
        if type(event) is Sound:
            if layer in waiting:
                before, tied = waiting.pop(layer)
                pitches = {tone.pitch for tone in event.tones}
                ties[before] = tuple(tone for tone in tied if tone.pitch in pitches)
            if tied := tuple(tone for tone in event.tones if tone.tie):
                waiting[layer] = place, tied
        elif type(event) is Overlay:
            layer += 1
        elif type(event) is Bar:
            layer = 0
            if event.times or event.starts:
                ties.update(waiting.values())
                waiting.clear()
    return ties
