"""A Score laid out as a `Tune`: bars, chords with ties, tuplets."""

from __future__ import annotations

from itertools import pairwise

from textmusic.errors import EncodeError
from textmusic.score import Bar as ScoreBar
from textmusic.score import Note, Score, Track
from textmusic_abc.fields import WHOLE, MeterValue, TempoValue
from textmusic_abc.layers import MAX_GRACES, MAX_MARKED, MAX_VOICES, Layer, layer_of, layers_of
from textmusic_abc.metres import meter_lasting
from textmusic_abc.pitches import KeySignature, respell, respellings, signature, spell
from textmusic_abc.tune import Bar, Change, Event, Overlay, Sound, Tone, Tune, Voice

__all__ = [
    "MARKS",
    "MAX_QUARTERS",
    "MAX_VOICES",
    "has_odd_bars",
    "lay_out",
    "tempo_homes",
    "tempo_value",
]

MARKS = {"staccato": ".", "accent": "L", "trill": "T"}
MAX_QUARTERS = 50_000
_QUARTER = WHOLE // 4
_SHORTEST = WHOLE // 128
LONGEST = 64 * WHOLE
_LONGEST_IN_TUPLETS = 8 * WHOLE
_TUPLETS = ((1, 1), (3, 2), (5, 4), (7, 4), (9, 8))
_BEATS = ((1, 4), (3, 8), (1, 8), (1, 2), (1, 16))


def tempo_value(qpm: float) -> TempoValue | None:
    """Return how ABC writes a tempo, to a millionth, or None where it cannot."""
    for num, den in _BEATS:
        tempo = TempoValue(num, den, round(qpm * den / (4 * num)))
        if 1 <= tempo.count <= 9999 and abs(tempo.qpm - qpm) < 1e-6 * qpm:
            return tempo
    return None


def lay_out(score: Score, crowded: list[tuple[int, Note]] | None = None) -> Tune:
    """Return the tune that a score is, in its exact times.

    Args:
        score: the score.
        crowded: takes the notes of chords for which no letter is left, with the number of their
            track; the tune is of no use then.

    Raises:
        EncodeError: a length or tempo cannot be written, or a chord where `crowded` is missing.
    """
    if score.end > MAX_QUARTERS * score.tpq:
        raise EncodeError(f"the piece is longer than {MAX_QUARTERS} quarters")
    if _QUARTER % score.tpq:
        raise EncodeError(f"{score.tpq} ticks a quarter are finer than ABC writes")
    meters = score.meters
    keys = {key.onset: signature(key.fifths, key.mode) for key in score.keys}
    if has_odd_bars(score):
        raise EncodeError("a bar that no metre can name")
    tune = Tune(
        meter=MeterValue(meters[0].numerator, meters[0].denominator)
        if meters
        else MeterValue(0, 4),
        key=keys.get(0, signature(0)),
    )
    tempos = _tempos(score)
    tune.tempo = tempos[0].pop(0, None)
    layered = any(layer_of(note) > 1 for note in score.notes())
    for number, track in enumerate(score.tracks):
        voice = Voice(str(number + 1), program=track.program, is_drum=track.is_drum)
        layout = _Layout(score, track, keys, tempos[number], layered=layered)
        voice.events = layout.run(free=not meters)
        tune.voices.append(voice)
        if layout.crowded and crowded is None:
            raise EncodeError("a chord of more neighbouring tones than there are letters for")
        if crowded is not None:
            crowded += [(number, note) for note in layout.crowded]
    return tune


def has_odd_bars(score: Score) -> bool:
    """Whether a bar before the last is cut short to a length that no metre has."""
    scale = _QUARTER // score.tpq if _QUARTER % score.tpq == 0 else 0
    bars = score.bars()[:-1] if score.meters else ()
    return any(
        b.is_short and meter_lasting((b.end - b.onset) * scale, b.denominator) is None for b in bars
    )


def tempo_homes(score: Score) -> dict[int, int]:
    """Return for the onset of each tempo the track that can say it: the first at bar lines.

    Within a bar it is the first track with a note of the first layer that starts or ends there;
    onsets without any are left out.
    """
    lines = {bar.onset for bar in score.bars()}
    homes = {tempo.onset: 0 for tempo in score.tempos if tempo.onset in lines}
    others = {tempo.onset for tempo in score.tempos} - lines
    for number, track in enumerate(score.tracks if others else ()):
        for note in track.notes:
            for tick in {note.onset, note.end} & others:
                if layer_of(note) == 1:
                    homes.setdefault(tick, number)
    return homes


def _tempos(score: Score) -> list[dict[int, TempoValue]]:
    """The tempos that each track says, by their onsets."""
    tempos: list[dict[int, TempoValue]] = [{} for _ in score.tracks] or [{}]
    homes = tempo_homes(score)
    for tempo in score.tempos:
        value = tempo_value(tempo.qpm)
        if value is None or tempo.onset not in homes:
            raise EncodeError(f"a tempo of {tempo.qpm} quarters a minute at tick {tempo.onset}")
        tempos[homes[tempo.onset]][tempo.onset] = value
    return tempos


class _Layout:
    """Lays out one track."""

    def __init__(
        self,
        score: Score,
        track: Track,
        keys: dict[int, KeySignature],
        tempos: dict[int, TempoValue],
        *,
        layered: bool,
    ) -> None:
        self.score = score
        self.keys = keys
        self.tempos = tempos
        self.scale = _QUARTER // score.tpq
        self.key = keys.get(0, signature(0))
        self.events: list[Event] = []
        self.layers = layers_of(track.notes)
        self.active: list[Note] = []
        self.spelled: dict[Note, tuple[int, int]] = {}
        self.tuplet: tuple[int, int] = (1, 1)
        self.first: Sound | None = None
        self.count = 0
        self.layered = layered
        self.crowded: list[Note] = []

    def run(self, *, free: bool) -> list[Event]:
        """Return the events; `free` where there is no metre."""
        score = self.score
        bars = score.bars()
        stop = score.end
        meter = bars[0] if bars else None
        for number, bar in enumerate(bars):
            assert meter is not None
            if (bar.numerator, bar.denominator) != (meter.numerator, meter.denominator):
                self.events.append(Change(0, MeterValue(bar.numerator, bar.denominator)))
                meter = bar
            if bar.onset and bar.onset in self.keys:
                self.key = self.keys[bar.onset]
                self.events.append(Change(0, self.key))
            self._bar(bar, min(bar.end, stop))
            short = bar.is_short and number and not free
            self.events.append(Bar(0, double=bool(short)))
        return self.events

    def _bar(self, bar: ScoreBar, end: int) -> None:
        """Write a bar, the first layer and as many of the others as sound in it."""
        sounding = [layer.sounds(bar.onset, end) for layer in self.layers]
        count = max((n for n, sounds in enumerate(sounding, 1) if sounds), default=1)
        for number, layer in enumerate(self.layers[:count]):
            if number:
                self.events.append(Overlay(0))
            self.active = layer.active
            for start, stop in pairwise(layer.splits(bar.onset, end)):
                if not number and start in self.tempos:
                    self.events.append(Change(0, self.tempos[start]))
                self._slice(layer, start, stop, bar.onset)
            layer.active = self.active
            self._close_tuplet()

    def _slice(self, layer: Layer, start: int, end: int, bar: int) -> None:
        """Write what sounds from one edge to the next."""
        self.active = [note for note in self.active if note.end > start]
        fresh = layer.starting.get(start, [])
        self.active += fresh
        times = [start, end]
        ratio = _ratio((end - start) * self.scale)
        longest = LONGEST if ratio == (1, 1) else _LONGEST_IN_TUPLETS
        if ratio is None or (end - start) * self.scale > longest:
            beat = self.score.tpq
            inner = range(bar + ((start - bar) // beat + 1) * beat, end, beat)
            if len(inner) > MAX_QUARTERS:
                raise EncodeError("a length that no tuplet of ABC gives")
            times = [start, *inner, end]
        for piece, (one, two) in enumerate(pairwise(times)):
            tones = tuple(self._tone(note, two) for note in self.active)
            sound = self._sound(tones, (two - one) * self.scale, (one - bar) * self.scale)
            if piece == 0:
                self._dress(sound, layer.graces.get(start, []), fresh)

    def _tone(self, note: Note, end: int) -> Tone:
        if note not in self.spelled:  # a note keeps its spelling, for ties cannot change it
            self.spelled[note] = self._spell(note)
        index, alter = self.spelled[note]
        return Tone(index, alter, note.pitch, 0, tie=note.end > end)

    def _spell(self, note: Note) -> tuple[int, int]:
        """The spelling in the key, or another where a chord would have two kinds of one letter.

        Readers differ on what such a chord means, and lose its ties where both are in one octave.
        """
        first = spell(note.pitch, self.key.fifths)
        sounding = dict(self.spelled[n] for n in self.active if n in self.spelled)
        letters = {index % 7: alter for index, alter in sounding.items()}
        for index, alter in (first, respell(*first)):
            if letters.get(index % 7, alter) == alter:
                return index, alter
        for index, alter in (first, *respellings(*first)):
            if index not in sounding:
                return index, alter
        self.crowded.append(note)
        return first

    def _dress(self, sound: Sound, graces: list[Note], fresh: list[Note]) -> None:
        graces = sorted(graces, key=lambda note: -note.grace)
        if len(fresh) == len(sound.tones):  # readers lose a tie at grace notes
            sound.graces = tuple(spell(n.pitch, self.key.fifths) for n in graces[-MAX_GRACES:])
        tied = any(tone.tie for tone in sound.tones)
        for mark, text in MARKS.items():
            unread = (
                (text == "T" and len(sound.tones) > 1)
                or (tied and (text == "." or (text == "T" and self.layered)))
                or len(sound.tones) > MAX_MARKED
            )  # readers refuse these
            if fresh and not unread and all(mark in note.marks for note in fresh):
                sound.marks = (text,)

    def _sound(self, tones: tuple[Tone, ...], duration: int, position: int) -> Sound:
        ratio = _ratio(duration)
        if ratio is None:
            raise EncodeError("a length that no tuplet of ABC gives")
        p, q = ratio
        length = duration * p // q
        for tone in tones:
            tone.length = length
        sound = Sound(0, tones, length, duration)
        if ratio != self.tuplet or ratio == (1, 1):
            self._close_tuplet()
        if ratio != (1, 1):
            if self.first is None:
                self.first, self.tuplet = sound, ratio
            self.count += 1
        self.events.append(sound)
        # a group that is back on the plain grid is complete
        if not (position + duration) % _SHORTEST or self.count == 64:
            self._close_tuplet()
        return sound

    def _close_tuplet(self) -> None:
        if self.first is not None:
            self.first.tuplet = (*self.tuplet, self.count)
        self.first, self.tuplet, self.count = None, (1, 1), 0


def _ratio(duration: int) -> tuple[int, int] | None:
    """The (p, q) of the tuplet in which a duration has a plain length; (1, 1) outside any."""
    for p, q in _TUPLETS:
        written, rest = divmod(duration * p, q)
        if not rest and not written % _SHORTEST:
            return p, q
    return None
