"""From the page to what sounds: a `Song` to a `Score`.

Repeats and endings are played out by `textmusic.form`, ties are merged in playing order, grace
notes are counted back from their main note, and times become whole ticks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd, lcm

from textmusic import form as forms
from textmusic.errors import FormatError, ScoreError
from textmusic.format import Loaded
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_guitarpro._notes import Complaints, Played, ReadNote, Timeline, notes_of
from textmusic_guitarpro.song import Measure, Part, Song

__all__ = ["Complaints", "compose"]

_MOST_TICKS = 1_000_000
_ROUNDED = 40_320
_MOST_NOTES = 500_000
_DENOMINATORS = {1, 2, 4, 8, 16, 32, 64, 128}
_FASTEST = 10_000


def compose(song: Song, complaints: Complaints | None = None) -> Loaded:
    """Return the score of a piece, with repeats and endings played out and ties merged.

    ``meta["form"]`` keeps the signs of repetition. Notes of the second and later voices have a
    mark ``voice:N``.

    Args:
        song: the page. Where it contradicts itself, it is repaired and that is reported.
        complaints: what the reader of the file has to report already.

    Returns:
        One score; its issues have codes ``guitarpro.*``.

    Raises:
        FormatError: an impossible time signature, or more than 500,000 notes when played.
    """
    complaints = Complaints() if complaints is None else complaints
    form, order = _order(song, complaints)
    time = Timeline(song, complaints)
    if sum(time.count(index) for index in order) > _MOST_NOTES:
        raise FormatError(f"the piece has more than {_MOST_NOTES} notes when played")
    bars = _bars(song, order, time)
    sounds = [notes_of(number, bars, time, complaints) for number in range(len(song.parts))]
    tempos = list(_tempos(song, bars, time))
    lengths = (round(measure.length * time.unit) for measure in song.measures)
    others = [*(at for at, _ in tempos), *(bar.onset for bar in bars), *lengths]
    tpq = _ticks(sounds, others, time)
    if tpq == _ROUNDED:
        complaints.add("ticks", f"times rounded to 1/{_ROUNDED} of a quarter")
    scale = _Scale(time.unit, tpq)
    tracks = tuple(
        _track(part, number, notes, scale, complaints)
        for number, (part, notes) in enumerate(zip(song.parts, sounds, strict=True), 1)
    )
    if not any(track.notes for track in tracks):
        complaints.add("no-notes", "the file holds no note")
    meta = {key: text for key, text in song.meta.items() if key != "form" and text} | form
    score = Score(
        tracks,
        tpq,
        tuple(Tempo(scale(at), qpm) for at, qpm in tempos),
        tuple(_meter(bar, song.measures[bar.index], scale) for bar in bars),
        tuple(_key(bar, song.measures[bar.index], scale) for bar in bars),
        tuple(meta.items()),
    )
    return Loaded((score,), complaints.issues())


class _Scale:
    """Times in a timeline's units to ticks."""

    def __init__(self, unit: int, tpq: int) -> None:
        self.unit = unit
        self.tpq = tpq

    def __call__(self, time: int) -> int:
        return (2 * time * self.tpq + self.unit) // (2 * self.unit)


def _order(song: Song, complaints: Complaints) -> tuple[dict[str, str], list[int]]:
    """Return what meta has to say about the form, and the measures as played."""
    try:
        form = forms.Form(tuple(_signs(measure) for measure in song.measures))
    except ScoreError as error:
        complaints.add("repeats", f"repeats left out: {error}")
        return {}, list(range(len(song.measures)))
    order = form.order()
    if order is None:
        complaints.add("repeats", f"repeats left out: over {forms.MOST_MEASURES} measures")
        return {}, list(range(len(song.measures)))
    return {} if form.is_plain else {"form": str(form)}, order


def _signs(measure: Measure) -> forms.Measure:
    return forms.Measure(measure.opens, measure.passes, measure.endings)


def _bars(song: Song, order: Sequence[int], time: Timeline) -> list[Played]:
    """Lay the measures in playing order on one time line."""
    for number, measure in enumerate(song.measures, 1):
        signature = measure.numerator, measure.denominator
        if not 1 <= signature[0] <= 255 or signature[1] not in _DENOMINATORS:
            text = "{}/{}".format(*signature)
            raise FormatError(f"the Guitar Pro file is damaged: measure {number} is in {text}")
    bars = []
    onset = 0
    for index in order:
        length = time.length(index)
        bars.append(Played(onset, length, index))
        onset += length
    return bars


def _tempos(song: Song, bars: Iterable[Played], time: Timeline) -> Iterable[tuple[int, float]]:
    for bar in bars:
        changes = song.measures[bar.index].tempos
        for change in sorted(changes, key=lambda change: change.offset):
            if 0 < change.qpm < _FASTEST and change.offset >= 0:
                yield bar.onset + round(change.offset * time.unit), change.qpm


def _ticks(sounds: Iterable[Iterable[ReadNote]], others: Iterable[int], time: Timeline) -> int:
    """Return the ticks a quarter in which every time is whole, a multiple of 480 if possible."""
    common = gcd(time.unit, *others)
    for notes in sounds:
        common = gcd(common, *{t for note in notes for t in (note.onset, note.end)})
    needed = time.unit // common
    for tpq in (lcm(needed, 480), lcm(needed, 32), needed):
        if tpq <= _MOST_TICKS:
            return tpq
    return _ROUNDED


def _meter(bar: Played, measure: Measure, scale: _Scale) -> Meter:
    return Meter(scale(bar.onset), measure.numerator, measure.denominator)


def _key(bar: Played, measure: Measure, scale: _Scale) -> Key:
    fifths = measure.fifths
    if abs(fifths) > 7:
        fifths = (fifths + 5) % 12 - 5
    return Key(scale(bar.onset), fifths, "minor" if measure.mode == "minor" else "major")


def _track(
    part: Part, number: int, sounds: Iterable[ReadNote], scale: _Scale, complaints: Complaints
) -> Track:
    place = f"track {number}"
    capo = max(part.capo, 0)
    tuning = () if part.is_drum else part.tuning
    notes: dict[tuple[int, ...], Note] = {}
    for count, sound in enumerate(sounds):
        onset = scale(sound.onset)
        duration = 0 if sound.grace else scale(sound.end) - onset
        string = sound.string if tuning else None
        pitch = sound.fret if string is None else tuning[string] + capo + sound.fret
        if not 0 <= pitch <= 127 or not (duration > 0 or sound.grace):
            complaints.add("pitch", "note outside MIDI's range, left out", place)
            continue
        note = Note(onset, duration, pitch, sound.velocity, string, frozenset(sound.marks))
        key = (count,) if string is None else (onset, pitch, string, sound.grace, sound.voice)
        if key in notes:
            complaints.add("double", "note written twice, kept once", place)
        if key not in notes or notes[key].duration < duration:
            notes[key] = note
    program = min(max(part.program, 0), 127)
    return Track(tuple(notes.values()), part.name, program, part.is_drum, tuning, capo)
