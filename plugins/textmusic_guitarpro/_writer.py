"""Scores to Guitar Pro 3-5 files: the written `Song` in PyGuitarPro's model."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import guitarpro
from guitarpro import models as gp

from textmusic import form as forms
from textmusic.errors import Issue
from textmusic.format import Written
from textmusic.score import Score
from textmusic_guitarpro._endings import MOST_ENDINGS, EarlyEndings
from textmusic_guitarpro._marks import apply_marks, grace_effect, unheld_grace, unheld_marks
from textmusic_guitarpro._tracks import DRUM_STRINGS, new_track, song_of
from textmusic_guitarpro.engrave import Limits, engrave
from textmusic_guitarpro.song import Beat, Measure, Part, Rhythm, Song, Struck, Voice

__all__ = ["write_song"]

_MOST_PASSES = 99
_HIGHEST_DRUM = 99
_LOST = {
    "dropped": ("guitarpro.dropped", "notes left out: no string was free"),
    "high": ("guitarpro.dropped", f"notes left out: their drums have keys above {_HIGHEST_DRUM}"),
    "cut": ("guitarpro.shortened", "notes end early: their drum is struck twice at once"),
    "grace": ("guitarpro.grace", "grace notes left out: so is their main note"),
}


def write_song(score: Score, version: tuple[int, int, int]) -> Written:
    """Return the bytes of a Guitar Pro file and what they do not hold.

    Raises:
        FormatError: the score has more measures or tracks than such a file can hold.
    """
    page, issues = engrave(score, _limits(version[0]))
    song = song_of(page, issues)
    song.measureHeaders = _headers(page.measures)
    _name_lost(score, page, version[0], issues)
    for number, part in enumerate(page.parts, 1):
        track = new_track(song, part, number, issues)
        song.tracks.append(track)
        track.measures = [gp.Measure(track, header) for header in song.measureHeaders]
        writer = _Writer(track, part, version[0])
        writer.write()
        issues += writer.issues(f"track {number}")
    _write_tempos(song, page)
    stream = io.BytesIO()
    guitarpro.write(song, stream, version=version, encoding="latin-1")
    return Written(stream.getvalue(), tuple(issues))


def _limits(version: int) -> Limits:
    return Limits(
        voices=2 if version == 5 else 1,
        shortest=64,
        dots=1,
        strings=7,
        lowest_fret=0,
        grace_runs=False,
        pickup=False,
        tempo_at_beat=True,
        beats=100,
        form=_form if version == 5 else _early_form,
    )


def _form(form: forms.Form) -> forms.Form:
    """Return what is left of the signs: eight endings, and no repeat that is played once."""
    return forms.Form(
        tuple(
            replace(
                measure,
                passes=measure.passes if measure.passes > 1 else 0,
                endings=frozenset(n for n in measure.endings if n <= MOST_ENDINGS),
            )
            for measure in form.measures
        )
    )


def _early_form(form: forms.Form) -> forms.Form:
    """Return the signs that versions 3 and 4 keep.

    They hold one number N for an ending: all passes up to N that have none before it.
    """
    measures: list[forms.Measure] = []
    early = EarlyEndings()
    for measure in _form(form).measures:
        endings = early.up_to(max(measure.endings, default=0))
        measures.append(replace(measure, endings=endings))
        early.add(opens=measure.opens, closes=measure.passes > 0, endings=endings)
    return forms.Form(tuple(measures))


def _name_lost(score: Score, page: Song, version: int, issues: list[Issue]) -> None:
    odd = sum(tempo.qpm != max(round(tempo.qpm), 1) for tempo in score.tempos)
    if odd:
        message = f"{odd} tempos rounded to whole quarters a minute"
        issues.append(Issue("guitarpro.tempo", message, severity="warning"))
    if score.keys and version < 4:
        issues.append(Issue("guitarpro.key", "the key is lost", severity="note"))
    beats = [b for part in page.parts for m in part.measures for voice in m for b in voice]
    names: set[str] = set()
    for rhythm, marks in _marks_by_rhythm(beats).items():
        names |= unheld_marks(marks, version, rhythm.length)
    names |= unheld_grace(m for b in beats if b.is_grace for note in b.notes for m in note.marks)
    if names:
        message = f"techniques are lost: {', '.join(sorted(names))}"
        issues.append(Issue("guitarpro.techniques", message, severity="note"))


def _marks_by_rhythm(beats: Iterable[Beat]) -> dict[Rhythm, set[str]]:
    found: dict[Rhythm, set[str]] = {}
    for beat in beats:
        if not beat.is_grace:
            found.setdefault(beat.rhythm, set()).update(*(note.marks for note in beat.notes))
    return found


def _headers(measures: Iterable[Measure]) -> list[gp.MeasureHeader]:
    headers: list[gp.MeasureHeader] = []
    metre = 0, 0
    for number, measure in enumerate(measures, 1):
        endings = sum(1 << ending - 1 for ending in measure.endings)
        if metre != (measure.numerator, measure.denominator):
            metre = measure.numerator, measure.denominator
            # Where the metre changes, the byte of the endings stands before the four of the
            # beams; alphaTab looks for it behind. So the last of these is the same.
            beams = [2, 2, 2, endings or 2]
        signature = gp.TimeSignature(metre[0], gp.Duration(metre[1]), beams)
        headers.append(
            gp.MeasureHeader(
                number=number,
                keySignature=gp.KeySignature((measure.fifths, int(measure.mode == "minor"))),
                timeSignature=signature,
                isRepeatOpen=measure.opens,
                repeatClose=min(measure.passes, _MOST_PASSES) - 1,
                repeatAlternative=endings,
            )
        )
    return headers


def _write_tempos(song: gp.Song, page: Song) -> None:
    """Write changes of tempo into the beats of the first track's first voice."""
    for index, measure in enumerate(page.measures):
        changes = {c.offset: c for c in measure.tempos if index or c.offset}
        offset = Fraction(0)
        beats = iter(song.tracks[0].measures[index].voices[0].beats)
        for beat in page.parts[0].measures[index][0]:
            if beat.is_grace:
                continue
            written = next(beats)
            if offset in changes:
                tempo = gp.MixTableItem(max(round(changes[offset].qpm), 1))
                written.effect.mixTableChange = gp.MixTableChange(tempo=tempo, hideTempo=False)
            offset += beat.rhythm.length


class _Writer:
    """Writes the beats of one track."""

    def __init__(self, track: gp.Track, part: Part, version: int) -> None:
        self.track = track
        self.part = part
        self.version = version
        self.lost: Counter[str] = Counter()
        self.drums: dict[int, int] = {}
        """The string that a drum sounds on, so that a tie finds it."""
        self.cut: set[int] = set()
        """Drums that were struck twice at once, of which one is held."""

    def write(self) -> None:
        """Fill the measures; count the notes that are left out."""
        for index in range(gp.Measure.maxVoices):
            self.drums, self.cut = {}, set()
            for written, voices in zip(self.track.measures, self.part.measures, strict=True):
                voice = written.voices[index]
                beats = voices[index] if index < len(voices) else []
                self._voice(voice, beats)
                if index and not beats:
                    voice.beats = [gp.Beat(voice, status=gp.BeatStatus.empty)]

    def issues(self, place: str) -> Iterator[Issue]:
        """Yield what was lost."""
        for kind, (code, why) in _LOST.items():
            if count := self.lost[kind]:
                yield Issue(code, f"{place}: {count} {why}", severity="warning")

    def _voice(self, voice: gp.Voice, beats: Voice) -> None:
        graces: Sequence[Struck] = ()
        for beat in beats:
            if beat.is_grace:
                graces = beat.notes
                continue
            rhythm = beat.rhythm
            tuplet = gp.Tuplet(rhythm.notes, rhythm.times)
            duration = gp.Duration(rhythm.value, bool(rhythm.dots), tuplet)
            status = gp.BeatStatus.normal if beat.notes else gp.BeatStatus.rest
            written = gp.Beat(voice, duration=duration, status=status)
            voice.beats.append(written)
            self._notes(written, beat, list(graces))
            graces = ()

    def _notes(self, written: gp.Beat, beat: Beat, graces: list[Struck]) -> None:
        for string, note in self._strung(beat):
            number = len(self.track.strings) - string
            kind = gp.NoteType.tie if note.is_tied else gp.NoteType.normal
            new = gp.Note(written, note.fret, _dynamic(note.velocity), number, type=kind)
            written.notes.append(new)
            open_pitch = self.track.strings[number - 1].value + self.track.offset
            lost = unheld_marks(note.marks, self.version, beat.rhythm.length)
            held = (m for m in note.marks if not {m, m.partition(":")[0]} & lost)
            apply_marks(new, held, open_pitch)
            # drums have no strings: any note of the beat may carry a grace note
            fitting = [g for g in graces if self.part.is_drum or g.string == note.string]
            if fitting and not note.is_tied:
                grace = fitting[0]
                graces.remove(grace)
                velocity = _dynamic(grace.velocity)
                new.effect.grace = grace_effect(min(grace.fret, 99), velocity, grace.marks)
        self.lost["grace"] += len(graces)

    def _strung(self, beat: Beat) -> list[tuple[int, Struck]]:
        """Return the notes with their strings; drums lie on free ones, from the top."""
        if not self.part.is_drum:
            return [(note.string or 0, note) for note in beat.notes]
        held = [note for note in beat.notes if note.is_tied and note.fret in self.drums]
        tied = {self.drums[note.fret]: note for note in held}
        if len(tied) < len(held):
            again = Counter(note.fret for note in held if note.fret not in self.cut)
            self.lost["cut"] += again.total() - len(again)
            self.cut |= again.keys()
        found = list(tied.items())
        free = set(range(DRUM_STRINGS)) - set(tied)
        rest = [note for note in beat.notes if not note.is_tied]
        for note in sorted(rest, key=lambda note: -note.fret):
            if note.fret > _HIGHEST_DRUM:
                self.lost["high"] += 1
                continue
            if not free:
                self.lost["dropped"] += 1
                self.drums.pop(note.fret, None)
                continue
            string = max(free)
            free.remove(string)
            self.drums[note.fret] = string
            self.cut.discard(note.fret)
            found.append((string, note))
        return sorted(found, key=lambda pair: pair[0])


def _dynamic(velocity: int) -> int:
    """Return the nearest of the eight velocities from ppp to fff."""
    step = gp.Velocities.velocityIncrement
    level = (velocity - gp.Velocities.minVelocity + step // 2) // step
    return int(gp.Velocities.minVelocity + step * min(max(level, 0), 7))
