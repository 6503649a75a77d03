"""A `Tune` to a `Score`: repeats played out, ties joined, bars counted."""

from __future__ import annotations

from array import array
from itertools import chain
from math import gcd
from operator import lt
from typing import Self

from textmusic.score import Columns, Key, Meter, Note, Score, Tempo, Track
from textmusic_abc.fields import WHOLE, MeterValue, TempoValue
from textmusic_abc.layers import layer_mark
from textmusic_abc.pitches import KeySignature, midi
from textmusic_abc.playing import playing_order
from textmusic_abc.tune import Bar, Change, Event, Overlay, Sound, Tune, Voice

__all__ = ["score_of"]

_QUARTER = WHOLE // 4
_MARKS = {".": "staccato", "L": "accent", "T": "trill"}
_MAX_NOTES = 500_000
_LONGEST = 1 << 62
"""Times that columns of 64 bits hold."""
_COARSE = 40_320  # ticks a quarter for music that needs more than a Score can have


_NO_MARKS: frozenset[str] = frozenset()

_PlayedBar = tuple[int, MeterValue, bool]
"""Onset, metre, and whether the bar line before it lets two short bars join."""


def score_of(tune: Tune) -> Score:
    """Return the music of a tune; what is odd about it is added to `Tune.issues`."""
    for voice in tune.voices:
        _check_bars(tune, voice)
    played = [_Player(tune, voice).run() for voice in tune.voices]
    ends = {player.now for player in played}
    if len(ends) > 1:
        quarters = " and ".join(f"{4 * end / WHOLE:g}" for end in sorted(ends))
        tune.complain("voices", f"voices end after {quarters} quarters", 0, 0, "warning")
    if not played:
        return Score(meta=tuple(tune.meta.items()))
    tempos = {onset: tempo for player in reversed(played) for onset, tempo in player.tempos}
    meters, keys = _meters(played[0].bars), played[0].keys
    times = {onset for onset, _ in (*meters, *keys)} | set(tempos) | {_QUARTER}
    times |= {meter.ticks for _, meter in meters}
    spans = [span for player in played for span in (player.onsets, player.durations)]
    tick = gcd(*times, *chain.from_iterable(spans))
    if _QUARTER // tick > 1_000_000:
        tune.complain("length", "lengths too odd for a common tick were rounded", 0, 0)
        tick = _QUARTER // _COARSE
    tracks = tuple(
        _track(voice, player, tick)
        for player, voice in zip(played, tune.voices, strict=True)
        if player.onsets
    )
    return Score(
        tracks,
        _QUARTER // tick,
        tuple(Tempo(onset // tick, tempo.qpm) for onset, tempo in tempos.items()),
        tuple(Meter(onset // tick, m.numerator, m.denominator) for onset, m in meters),
        tuple(Key(onset // tick, key.fifths, key.mode) for onset, key in keys),
        tuple(tune.meta.items()),
    )


def _track(voice: Voice, player: _Player, tick: int) -> Track:
    onsets, pitches = [onset // tick for onset in player.onsets], player.pitches
    if player.now >= _LONGEST or any(player.marks):
        lengths = [duration and (duration // tick or 1) for duration in player.durations]
        columns = onsets, lengths, pitches, [80] * len(onsets), [None] * len(onsets), player.marks
        return Track(tuple(map(Note, *columns)), voice.name, voice.program, voice.is_drum)
    lengths = [duration // tick or 1 for duration in player.durations]
    if not all(map(lt, onsets, onsets[1:])):
        rows = sorted(zip(onsets, pitches, lengths, strict=True))
        onsets, pitches, lengths = map(list, zip(*rows, strict=True))
    views = [
        memoryview(array("q", column)) for column in (onsets, lengths, pitches, [80] * len(onsets))
    ]
    return Track.of(Columns(*views), name=voice.name, program=voice.program, is_drum=voice.is_drum)


def _meters(bars: list[_PlayedBar]) -> list[tuple[int, MeterValue]]:
    """The metres of a score: one wherever a bar starts that the metre in force does not expect.

    Two short bars that make a full one around a repeat sign (an upbeat that is repeated) or a
    plain bar line are one bar; double lines keep the parts of a bar apart, and none of them is then
    a half of a bar with the next; nor need the second part be whole where the tune ends, unless the
    parts before it make a bar already. The last entry is the end.
    """
    meters: list[tuple[int, MeterValue]] = []
    full = origin = joined = apart = 0
    for place, (onset, meter, _) in enumerate(bars[:-1]):
        if not meter.numerator or place == joined > 0:
            continue
        if not full or meters[-1][1] != meter or (onset - origin) % full:
            meters.append((onset, meter))
            origin, full = onset, meter.ticks
        end, following, joins = bars[place + 1]
        after = bars[place + 2][0] if place + 2 < len(bars) else 0
        parted = apart
        short = end - onset < full and following == meter
        apart = (apart + end - onset) % full if short and (apart or not joins) else 0
        last = place + 2 == len(bars) - 1
        whole = not parted and after - onset == full
        open_ = last and after - onset < full and not (parted and not apart)
        if short and joins and place and (whole or open_):
            joined = place + 1
    return meters


class _Player:
    """Plays one voice."""

    def __init__(self, tune: Tune, voice: Voice) -> None:
        self.tune = tune
        self.events = voice.events
        self.keys = [(0, tune.key)]
        self.tempos = [(0, tune.tempo)] if tune.tempo else []
        self.onsets: list[int] = []
        self.durations: list[int] = []
        self.pitches: list[int] = []
        self.marks: list[frozenset[str]] = []
        self.bars: list[_PlayedBar] = []
        self.meter = tune.meter
        self.now = 0
        self.bar_start = 0
        self.joins = True
        self.layer = 1
        self.ties: dict[tuple[int, int], int] = {}  # by layer and pitch the number of a note

    def run(self) -> Self:
        """Play all spans."""
        self.changes = [(i, e.value) for i, e in enumerate(self.events) if type(e) is Change]
        place = 0
        for start, end in playing_order(self.events, self.tune.parts):
            if start != place and self.changes:
                self._restore(start)
            self._span(self.events[start:end])
            place = end
            if len(self.onsets) > _MAX_NOTES:
                self.tune.complain("too-long", f"more than {_MAX_NOTES} notes", 0, 0)
                break
        self._end_bar(joins=True)
        self.bars.append((self.now, self.meter, True))
        return self

    def _restore(self, place: int) -> None:
        """Put metre, key and tempo in force as they stand at a place in the text."""
        before = [value for at, value in self.changes if at < place]
        for value in (self.tune.meter, self.tune.key, self.tune.tempo, *before):
            if value is not None:
                self._change(value)

    def _span(self, events: list[Event]) -> None:
        now, widest = self.now, self.now
        for event in events:
            if type(event) is Sound:
                if event.tones:
                    self._sound(event, now)
                now += event.duration
            elif type(event) is Bar:
                self.now = now = max(now, widest)
                self.layer = 1
                sign = event.times or event.starts or event.passes
                self._end_bar(joins=bool(sign) or not event.double)
            elif type(event) is Overlay:
                widest, now = max(now, widest), self.bar_start
                self.layer += 1
            elif type(event) is Change:
                self.now = now
                self._change(event.value)
        self.now = max(now, widest)

    def _sound(self, sound: Sound, now: int) -> None:
        ties, layer = self.ties, self.layer
        marks = _NO_MARKS
        if layer > 1 or sound.graces or sound.marks:
            marks = self._marked(sound, now)
        for tone in sound.tones:
            pitch, duration = tone.pitch, sound.duration
            if tone.length != sound.length:
                duration = max(duration * tone.length // sound.length, 1)
            number = ties.pop((layer, pitch), None) if ties else None
            if number is not None and self.onsets[number] + self.durations[number] == now:
                self.durations[number] += duration
            else:
                number = len(self.onsets)
                self.onsets.append(now)
                self.durations.append(duration)
                self.pitches.append(pitch)
                self.marks.append(marks)
            if tone.tie:
                ties[layer, pitch] = number

    def _marked(self, sound: Sound, now: int) -> frozenset[str]:
        """Add the grace notes of a sound; return the marks of its own notes."""
        marks = layer_mark(self.layer)
        for place, (index, alter) in enumerate(sound.graces):
            self.onsets.append(now)
            self.durations.append(0)
            self.pitches.append(midi(index, alter))
            self.marks.append(marks | {f"grace:{len(sound.graces) - place}"})
        return marks | {_MARKS[mark] for mark in sound.marks if mark in _MARKS}

    def _end_bar(self, *, joins: bool) -> None:
        if self.now > self.bar_start:
            self.bars.append((self.bar_start, self.meter, self.joins))
            self.bar_start, self.joins = self.now, joins
        else:
            self.joins = joins

    def _change(self, value: MeterValue | KeySignature | TempoValue | str) -> None:
        if isinstance(value, MeterValue):
            if value != self.meter:
                self._end_bar(joins=False)
                self.meter = value
        elif isinstance(value, KeySignature):
            self.keys.append((self.now, value))
        elif isinstance(value, TempoValue):
            self.tempos.append((self.now, value))


def _check_bars(tune: Tune, voice: Voice) -> None:
    """Warn of bars that do not last what the metre says; next to a section mark they may be short.

    So may the first and the last bar.
    """
    full, length, widest, offset = tune.meter.ticks, 0, 0, 0
    edge = True
    for event in voice.events:
        if type(event) is Sound:
            if not length:
                offset = event.offset
            length += event.duration
        elif type(event) is Bar:
            length = max(length, widest)
            section = bool(event.times or event.starts or event.passes or event.double)
            if length:
                if full and length != full and (length > full or not (edge or section)):
                    _bar_warning(tune, length, full, offset)
                edge, length, widest = section, 0, 0
            else:
                edge = edge or section
        elif type(event) is Overlay:
            widest, length = max(length, widest), 0
        elif type(event) is Change and isinstance(event.value, MeterValue):
            full = event.value.ticks
    if full and max(length, widest) > full:
        _bar_warning(tune, max(length, widest), full, offset)


def _bar_warning(tune: Tune, length: int, full: int, offset: int) -> None:
    message = f"the bar lasts {4 * length / WHOLE:g} quarters of {4 * full / WHOLE:g}"
    tune.complain("bar-length", message, offset, 1, "warning")
