"""Lines of music of one voice to events: accidentals, lengths, tuplets, broken rhythm."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, Protocol

from textmusic_abc.fields import MeterValue
from textmusic_abc.metres import join_short_bars
from textmusic_abc.pitches import KeySignature, midi, spell
from textmusic_abc.playing import mend_repeats
from textmusic_abc.rhythm import Rhythm
from textmusic_abc.tokens import KINDS, SAME_MARKS, TOKENS, read_token, split_line
from textmusic_abc.tune import Bar, Change, Overlay, Sound, Tone, Tune, Voice

__all__ = ["VoiceReader"]

_NOTE, _SPACE, _FIELD = KINDS["note"], KINDS["space"], KINDS["field"]
_MARK_NAMES = set("~.HLMOPSTuvJR")
_MAX_SOUNDS = 200_000
_RANGE = "the pitch is outside what MIDI has"


class FieldReader(Protocol):
    """What takes the fields inside a line."""

    current: VoiceReader | None

    def field(self, name: str, value: str, offset: int, length: int) -> None:
        """Take one field."""


class VoiceReader:
    """Reads the lines of one voice and fills `voice.events`."""

    def __init__(self, tune: Tune, voice: Voice, userdefs: dict[str, str]) -> None:
        self.tune = tune
        self.voice = voice
        self.userdefs = userdefs
        self.unit = 0
        self.meter = tune.meter
        self.key = tune.key
        self.shift: int | None = None
        self.sounds = 0
        self._accidentals: dict[int, int] = {}
        self._tied: dict[int, int] = {}
        self._layer = 0
        self._ties_of: dict[int, dict[int, int]] = {}
        self._last: Sound | None = None
        self._rhythm = Rhythm(tune)
        self._bar: Bar | None = None
        self._symbol = ""
        self._marks: tuple[str, ...] = ()
        self._graces: tuple[tuple[int, int], ...] = ()

    def begin(self, unit: int, meter: MeterValue, key: KeySignature, shift: int) -> None:
        """Take what the header says, at its end; a transposition of the voice's own stays."""
        self.unit, self.meter, self.key = self.unit or unit, meter, key
        self.shift = shift if self.shift is None else self.shift

    def read_line(self, line: str, offset: int, reader: FieldReader) -> None:
        """Read a line of music; fields in it go to the reader, which may change the voice."""
        voice: VoiceReader = self
        texts = split_line(line)
        offsets = accumulate(map(len, texts), initial=offset)
        for text, token, at in zip(texts, map(TOKENS.get, texts), offsets, strict=False):
            kind, meaning = token or read_token(text)
            if kind == _NOTE:
                voice._note(meaning, text, at)
            elif kind == _FIELD:
                reader.field(text[1], text[3:-1], at, len(text))
                voice = reader.current or voice
            elif kind != _SPACE:
                _HANDLERS[kind](voice, meaning, text, at)

    def finish(self) -> None:
        """Close what is open at the end of the tune, and make its repeats explicit."""
        self._end_bar()
        events = self.voice.events
        for event in events:
            if type(event) is Sound:
                break
            if type(event) is Bar:
                event.times, event.passes = 0, ()  # nothing has been played yet
        mend_repeats(events)
        join_short_bars(events, self.tune.meter)

    def add_change(self, change: Change) -> None:
        """Take a metre or tempo."""
        if isinstance(change.value, MeterValue):
            if change.value == self.meter:
                return
            self.meter = change.value
        self.voice.events.append(change)

    def set_key(self, key: KeySignature, offset: int) -> None:
        """Take a key; the accidentals of the bar are forgotten."""
        self._accidentals.clear()
        if key != self.key:
            self.key = key
            self.voice.events.append(Change(offset, key))

    def _alter(self, index: int, accidental: int | None) -> int:
        """The alteration that holds for a note: its own, the bar's, that of a tie, the key's."""
        if accidental is not None:
            self._accidentals[index % 7] = accidental
            return accidental
        step = index % 7
        if self._tied and index in self._tied and step not in self._accidentals:
            return self._tied[index]
        return self._accidentals.get(step, self.key.alters[step])

    def _tone(self, index: int, accidental: int | None, length: int) -> Tone | None:
        if accidental is None and not self._accidentals and not self._tied:
            alter = self.key.alters[index % 7]
        else:
            alter = self._alter(index, accidental)
        pitch = midi(index, alter)
        if self.shift:
            pitch += self.shift
            octaves, rest = divmod(self.shift, 12)
            if rest:
                index, alter = spell(pitch, self.key.fifths)
            else:
                index += 7 * octaves
        return Tone(index, alter, pitch, length) if 0 <= pitch <= 127 else None

    def _note(self, meaning: tuple[int, int | None, int, int], text: str, offset: int) -> None:
        index, accidental, num, den = meaning
        length, rest = divmod(self.unit * num, den)
        if rest or not length:
            length = self._length(num, den, text, offset)
        if not length:
            return
        tone = self._tone(index, accidental, length)
        if tone is None:
            self.tune.complain("range", _RANGE, offset, len(text))
        if self._tied:
            self._tied = {}
        self._sound((tone,) if tone else (), length, offset)

    def _length(self, num: int, den: int, text: str, offset: int) -> int:
        length, rest = divmod(self.unit * num, den)
        if rest or not num:
            message = f"{text.strip()[:40]!r} has a length that cannot be"
            self.tune.complain("length", message, offset, len(text))
        return length

    def _sound(self, tones: tuple[Tone, ...], length: int, offset: int) -> None:
        sound = Sound(offset, tones, length, length)
        if self._rhythm.busy:
            self._rhythm.take(sound)
        if self._symbol or self._marks or self._graces:
            sound.symbol, sound.marks, sound.graces = self._symbol, self._marks, self._graces
            self._symbol, self._marks, self._graces = "", (), ()
        if self.sounds < _MAX_SOUNDS:
            self.voice.events.append(sound)
        self.sounds += 1
        self._last, self._bar = sound, None

    def _on_rest(self, meaning: Any, text: str, offset: int) -> None:
        _, num, den = meaning
        if length := self._length(num, den, text, offset):
            self._tied = {}
            self._sound((), length, offset)

    def _on_bars(self, meaning: int, text: str, offset: int) -> None:
        """``Z4``: bars of rest, with plain bar marks between."""
        full = self.meter.ticks
        if not full or not meaning or self.sounds > _MAX_SOUNDS:
            message = "bars of rest need a number and a metre"
            self.tune.complain("bar-rest", message, offset, len(text))
            return
        for bar in range(meaning):
            if bar:
                self._on_bar((0, False, (), False), text, offset)
            self._sound((), full, offset)

    def _on_chord(self, meaning: Any, text: str, offset: int) -> None:
        inner, num, den, clean = meaning
        if not clean or not inner:
            self.tune.complain("chord", f"{text[:40]!r} is no chord", offset, len(text))
        outer = self._length(num, den, text, offset)
        tones: list[Tone] = []
        for index, accidental, tone_num, tone_den, tie in inner:
            length, rest = divmod(outer * tone_num, tone_den)
            if rest or not length:
                self.tune.complain("length", "a length that cannot be", offset, len(text))
                continue
            tone = self._tone(index, accidental, length)
            if tone is None:
                self.tune.complain("range", _RANGE, offset, len(text))
            elif all((t.index, t.alter) != (tone.index, tone.alter) for t in tones):
                tone.tie = tie
                tones.append(tone)
        if not tones:
            return
        self._tied = {}
        self._sound(tuple(tones), tones[0].length, offset)
        if any(tone.tie for tone in tones):
            self._tied = {tone.index: tone.alter for tone in tones if tone.tie}

    _on_old = _on_chord

    def _on_tie(self, meaning: str, text: str, offset: int) -> None:
        if self._last is None or not self._last.tones:
            self.tune.complain("tie", "there is no note to tie", offset, 1, "warning")
            return
        for tone in self._last.tones:
            tone.tie = True
        self._tied = {tone.index: tone.alter for tone in self._last.tones}

    def _on_broken(self, meaning: str, text: str, offset: int) -> None:
        self._rhythm.open_pair(self._last, text, offset)

    def _on_tuplet(self, meaning: tuple[int, int, int], text: str, offset: int) -> None:
        self._rhythm.open_tuplet(meaning, offset, self.meter)

    def _on_bar(self, meaning: Any, text: str, offset: int) -> None:
        times, starts, passes, double = meaning
        self._end_bar()
        self._enter(0)
        bar = self._bar
        if bar is None:
            self._bar = Bar(offset, times, starts, passes, double)
            self.voice.events.append(self._bar)
            return
        # marks with no sound between are one mark
        bar.times = max(bar.times, times)
        bar.starts = bar.starts or starts
        bar.passes = () if bar.starts else passes or bar.passes
        bar.double = bar.double or double

    _on_bar2 = _on_bar

    def _enter(self, layer: int) -> None:
        """Go on in another layer of the bar; a tie waits for the next note of its own layer."""
        if layer != self._layer:
            self._ties_of[self._layer] = self._tied
            self._tied = self._ties_of.pop(layer, {})
            self._layer = layer

    def _end_bar(self) -> None:
        """Accidentals end here, and what had to be complete must be."""
        self._accidentals.clear()
        self._rhythm.end_bar()
        self._last = None

    def _on_open(self, meaning: str, text: str, offset: int) -> None:
        """Slurs, room on paper (``y``), old line breaks and what ABC 2.1 skips do not sound."""

    _on_close = _on_spacer = _on_ignored = _on_open

    def _on_text(self, meaning: str, text: str, offset: int) -> None:
        if text[1:2] not in {"^", "_", "<", ">", "@"}:
            self._symbol = text[1:-1].strip()

    def _on_grace(
        self, meaning: tuple[tuple[int, int | None], ...], text: str, offset: int
    ) -> None:
        graces: list[tuple[int, int]] = []
        for index, accidental in meaning:
            tone = self._tone(index, accidental, 0)
            if tone is not None:
                graces.append((tone.index, tone.alter))
        self._graces = tuple(graces)

    def _on_deco(self, meaning: str, text: str, offset: int) -> None:
        self._marks += (SAME_MARKS.get(meaning, meaning),)

    def _on_mark(self, meaning: str, text: str, offset: int) -> None:
        if text in self.userdefs:
            self._marks += (SAME_MARKS.get(self.userdefs[text], self.userdefs[text]),)
        elif text in _MARK_NAMES:
            self._marks += (text,)
        else:
            self._on_other(meaning, text, offset)

    def _on_overlay(self, meaning: str, text: str, offset: int) -> None:
        self._end_bar()
        self._enter(self._layer + 1)
        self.voice.events.append(Overlay(offset))
        self._bar = None

    def _on_micro(self, meaning: str, text: str, offset: int) -> None:
        message = "intervals smaller than a semitone are left out"
        self.tune.complain("microtone", message, offset, len(text), "warning")

    def _on_other(self, meaning: str, text: str, offset: int) -> None:
        self.tune.complain("unknown", f"{text!r} means nothing here", offset, len(text))


_HANDLERS: dict[int, Callable[[VoiceReader, Any, str, int], None]] = {
    KINDS[name.removeprefix("_on_")]: handler
    for name, handler in vars(VoiceReader).items()
    if name.startswith("_on_")
}
"""What takes a token, by its kind."""
