"""From what sounds to the page: a `Score` to a `Song`.

Repeats are folded where the score knows its form, irregular bars get signatures that fit them,
times move to the grid of note values, notes without a string are fingered, and each voice is
filled with rests and ties.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

from textmusic.errors import FormatError, Issue
from textmusic.form import Form
from textmusic.score import Key, Score, Tempo, Track
from textmusic_guitarpro._layout import (
    Place,
    Sound,
    Span,
    bars_of,
    divided,
    measures_of,
    placed,
    spans_of,
)
from textmusic_guitarpro._page import page_of
from textmusic_guitarpro._rhythm import UNIT, NoteValues, note_values
from textmusic_guitarpro._strings import stringed
from textmusic_guitarpro._voices import end_under_graces, graces_of, run_graces_of, voices_of
from textmusic_guitarpro.limits import Limits
from textmusic_guitarpro.song import (
    Beat,
    Measure,
    Part,
    Rhythm,
    Song,
    Struck,
    TempoChange,
    Voice,
)

__all__ = ["Limits", "engrave"]

_MINOR = {"minor", "dorian", "phrygian", "locrian"}
_LATE_MARKS = {"hammer", "slide", "slide:legato", "slide:out-down", "slide:out-up"}
_LOST = {
    "moved": "notes moved to the nearest time that note values can hold",
    "length": "notes get the nearest length that note values can hold",
    "shortened": "notes end early because their string is struck again",
    "dropped": "notes left out: no string was free",
    "voice": "notes move to another voice: there are fewer, or their string is struck twice",
    "grace": "grace notes left out: one a main note is what the file holds",
    "grace-string": "grace notes go to the string of their main note",
}
_GRACE = Rhythm(32)


def engrave(score: Score, limits: Limits | None = None) -> tuple[Song, list[Issue]]:
    """Return the page of a score, and what of it the page does not hold.

    ``meta["form"]`` is used up: it is in the signs of the page, or the repeats are written out.

    Args:
        score: any.
        limits: what the file can hold.

    Raises:
        FormatError: it takes more measures than `limits` allow.
    """
    limits = limits or Limits()
    issues: list[Issue] = []
    page, form = page_of(score, limits, issues)
    bars = bars_of(page, len(form.measures) if form else None)
    places = measures_of(bars, page.tpq, pickup=limits.pickup)
    while True:
        if len(places) > limits.measures:
            raise FormatError(f"{len(places)} measures; the file holds {limits.measures}")
        found: list[Issue] = []
        song = _laid(page, form, places, limits, found)
        smaller = [*_uncrowded(song, places, limits.beats)]
        if len(smaller) == len(places):
            return song, [*issues, *found]
        places = smaller


def _uncrowded(song: Song, places: Sequence[Place], most: int) -> Iterable[Place]:
    """Yield the measures, those divided in which a voice has over `most` beats."""
    for index, place in enumerate(places):
        voices = (voice for part in song.parts for voice in part.measures[index])
        if max(map(len, voices), default=0) > most:
            yield from divided(place)
        else:
            yield place


def _laid(
    page: Score, form: Form | None, places: Sequence[Place], limits: Limits, issues: list[Issue]
) -> Song:
    song = Song(meta=dict(page.meta))
    song.measures = [_measure(page, form, place) for place in places]
    _name_lost(page, places, issues)
    times = [Fraction(tempo.onset, page.tpq) for tempo in page.tempos]
    values = note_values(limits.shortest, limits.dots)
    for number, track in enumerate(page.tracks or (Track(name="Track 1"),), 1):
        cuts = [tempo.onset for tempo in page.tempos if limits.tempo_at_beat and number == 1]
        engraver = _Engraver(places, values, limits, issues, number)
        part, at = engraver.part(track, page.tpq, cuts)
        song.parts.append(part)
        if at:
            end = Fraction(places[-1].end, UNIT)
            times = _moved([Fraction(time, UNIT) for time in at], times, end, issues)
    _give_tempos(song, page.tempos, times, places)
    return song


def _moved(
    places: list[Fraction], times: Sequence[Fraction], end: Fraction, issues: list[Issue]
) -> list[Fraction]:
    """Return the places of tempo changes; name those that are not where they were, or at no beat."""
    count = sum(place != time for place, time in zip(places, times, strict=True))
    if count:
        message = f"{count} tempo changes move to the nearest time that note values can hold"
        issues.append(Issue("guitarpro.tempo", message, severity="warning"))
    within = [place for place in places if place < end]
    left_out = {
        "another one is at their time": len(within) - len(set(within)),
        "they fall on the end of the last measure": len(places) - len(within),
    }
    for why, count in left_out.items():
        if count:
            message = f"{count} tempo changes left out: {why}"
            issues.append(Issue("guitarpro.tempo", message, severity="warning"))
    return places


def _measure(page: Score, form: Form | None, place: Place) -> Measure:
    index = bisect_right(page.keys, place.onset, key=lambda key: key.onset) - 1
    key = page.keys[index] if index >= 0 else Key(0, 0)
    mode = "minor" if key.mode in _MINOR else "major"
    measure = Measure(place.numerator, place.denominator, key.fifths, mode)
    measure.is_pickup = place.is_pickup
    if form:
        signs = form.measures[place.bar]
        measure.opens = signs.opens and place.is_first
        measure.passes = signs.passes if place.is_last else 0
        measure.endings = signs.endings if place.is_first else frozenset()
    return measure


def _name_lost(page: Score, places: Sequence[Place], issues: list[Issue]) -> None:
    fitted = sum(place.is_fitted for place in places)
    if fitted:
        message = f"{fitted} measures get a time signature that fits their length"
        issues.append(Issue("guitarpro.short-bar", message, severity="note"))
    late = {key.onset for key in page.keys} - {place.onset for place in places}
    if late:
        message = f"{len(late)} key changes move to the next bar line"
        issues.append(Issue("guitarpro.key", message, severity="note"))
    modes = sorted({key.mode for key in page.keys} - {"major", "minor"})
    if modes:
        message = f"written as major or minor, with the same signature: {', '.join(modes)}"
        issues.append(Issue("guitarpro.mode", message, severity="note"))


def _give_tempos(
    song: Song, tempos: Iterable[Tempo], times: Iterable[Fraction], places: Sequence[Place]
) -> None:
    starts = [Fraction(place.start, UNIT) for place in places]
    for tempo, time in zip(tempos, times, strict=True):
        index = bisect_right(starts, time) - 1
        offset = time - starts[index]
        changes = [change for change in song.measures[index].tempos if change.offset != offset]
        song.measures[index].tempos = [*changes, TempoChange(offset, tempo.qpm)]


class _Engraver:
    """Writes one part."""

    def __init__(
        self,
        places: Sequence[Place],
        values: NoteValues,
        limits: Limits,
        issues: list[Issue],
        number: int,
    ) -> None:
        self.places = places
        self.values = values
        self.limits = limits
        self.issues = issues
        self.number = number
        self.used: list[int] = []

    def part(self, track: Track, tpq: int, cuts: Sequence[int]) -> tuple[Part, list[int]]:
        """Return the part, and where in units the ticks `cuts` lie, at which beats start."""
        name = f"track {self.number}" + (f" ({track.name})" if track.name else "")
        lost: Counter[str] = Counter()
        timed, at, self.used = placed(track, tpq, self.places, cuts, values=self.values, lost=lost)
        fitted = stringed(timed, name, self.limits, self.issues)
        stop = self.places[-1].end
        voices = voices_of(fitted, self.limits.voices, stop, lost)
        if self.limits.grace_runs:
            graces = run_graces_of(fitted, voices, stop, lost)
        else:
            graces = graces_of(fitted, voices, self.limits.highest_fret, lost)
        end_under_graces(voices, graces, lost)
        written = [
            self._voice(index, voices[index], graces[index], [] if index else at)
            for index in range(len(voices))
        ]
        measures = [list(voice_beats) for voice_beats in zip(*written, strict=True)]
        for kind, count in lost.items():
            if count:
                message = f"{name}: {count} {_LOST[kind]}"
                self.issues.append(Issue(f"guitarpro.{kind}", message, severity="warning"))
        tuning = () if fitted.is_drum else fitted.tuning
        about = fitted.name, fitted.program, fitted.is_drum, tuning, fitted.capo
        return Part(*about, measures), at

    def _voice(
        self,
        index: int,
        sounds: Sequence[Sound],
        graces: dict[int, list[list[Sound]]],
        cuts: Iterable[int],
    ) -> list[Voice]:
        """Return a voice measure by measure; only the first is written where it is silent."""
        waiting = 0
        sounding: list[Sound] = []
        written: list[Voice] = []
        extra = {*cuts, *graces}
        for place in self.places:
            sounding = [sound for sound in sounding if sound.end > place.start]
            while waiting < len(sounds) and sounds[waiting].onset < place.end:
                sounding.append(sounds[waiting])
                waiting += 1
            within = {time for time in extra if place.start <= time < place.end}
            beats: Voice = []
            if index == 0 or sounding or within:
                for span in spans_of(place, sounding, within, self.used, self.values):
                    beats += [_grace_beat(notes) for notes in graces.get(span.onset, ())]
                    beats += _beats(span)
            written.append(beats)
        return written


def _beats(span: Span) -> Iterable[Beat]:
    """Yield the beats of a span: notes struck at its start, ties for those that go on."""
    for index, rhythm in enumerate(span.values):
        beat = Beat(rhythm)
        for sound in span.sounds:
            starts = index == 0 and sound.onset == span.onset
            ends = index == len(span.values) - 1 and sound.end == span.end
            beat.notes.append(_struck(sound, starts=starts, ends=ends))
        yield beat


def _struck(sound: Sound, *, starts: bool, ends: bool) -> Struck:
    """Return a note or a part of it; marks that lead to the next note go on its last part."""
    struck = Struck(sound.fret, sound.string, not starts, sound.note.velocity)
    for mark in sound.note.marks:
        name = "hammer" if mark == "pull" else mark
        is_late = name in _LATE_MARKS
        if (ends if is_late else starts) and not mark.startswith(("voice:", "grace:")):
            struck.marks.add(name)
    return struck


def _grace_beat(sounds: Iterable[Sound]) -> Beat:
    notes = [_struck(sound, starts=True, ends=True) for sound in sounds]
    return Beat(_GRACE, notes, is_grace=True)
