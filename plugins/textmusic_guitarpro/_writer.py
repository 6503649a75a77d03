"""Scores to Guitar Pro 3-5 files."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import guitarpro
from guitarpro import models as gp

from textmusic.errors import FormatError, Issue
from textmusic.format import Written
from textmusic.score import Key, Note, Score, Tempo, Track
from textmusic_guitarpro._layout import (
    Measure,
    Sound,
    Span,
    measures_of,
    placed,
    spans_of,
    voices_of,
)
from textmusic_guitarpro._marks import apply_marks, unheld_marks
from textmusic_guitarpro._strings import stringed
from textmusic_guitarpro._tracks import new_track, song_of

__all__ = ["write_song"]

_MOST_MEASURES = 9_999
_MINOR = {"minor", "dorian", "phrygian", "locrian"}
_LATE_MARKS = ("hammer", "pull", "slide", "slide:legato", "slide:out-down", "slide:out-up")
_LOST = {
    "moved": "notes moved to the nearest time that note values can hold",
    "length": "notes get the nearest length that note values can hold",
    "shortened": "notes end early because their string is struck again",
    "dropped": "notes left out: no string was free",
    "grace": "grace notes left out: one a main note is what the file holds",
    "grace-string": "grace notes go to the string of their main note",
}


def write_song(score: Score, version: tuple[int, int, int]) -> Written:
    """Return the bytes of a Guitar Pro file and what they do not hold.

    Raises:
        FormatError: the score has more measures or tracks than such a file can hold.
    """
    issues: list[Issue] = []
    measures = measures_of(score)
    if len(measures) > _MOST_MEASURES:
        raise FormatError(f"{len(measures)} measures; a Guitar Pro file holds {_MOST_MEASURES}")
    song = song_of(score, issues)
    song.measureHeaders = _headers(score, measures, issues)
    if score.keys and version[0] < 4:
        issues.append(Issue("guitarpro.key", "the key is lost", severity="note"))
    tracks = score.tracks or (Track(name="Track 1"),)
    marks: set[str] = set()
    for number, track in enumerate(tracks, 1):
        place = f"track {number}" + (f" ({track.name})" if track.name else "")
        lost: Counter[str] = Counter()
        changes = _later_tempos(score, issues) if number == 1 else ()
        timed, extra, places = placed(
            track, score.tpq, measures, (tempo.onset for tempo in changes), lost
        )
        fitted = stringed(timed, place, issues)
        marks |= unheld_marks((m for n in fitted.notes for m in n.marks), version[0])
        fitted = _without(fitted, marks) if version[0] < 4 else fitted
        voices = voices_of(fitted, measures[-1].end, lost)
        if version[0] < 5:
            lost["dropped"] += sum(map(len, voices[1:]))
        new = new_track(song, fitted, number, issues)
        song.tracks.append(new)
        new.measures = [gp.Measure(new, header) for header in song.measureHeaders]
        _fill(new, measures, voices, places, dict(zip(extra, changes, strict=True)))
        for kind, count in lost.items():
            if count:
                message = f"{place}: {count} {_LOST[kind]}"
                issues.append(Issue(f"guitarpro.{kind}", message, severity="warning"))
    if marks:
        message = f"techniques are lost: {', '.join(sorted(marks))}"
        issues.append(Issue("guitarpro.techniques", message, severity="note"))
    stream = io.BytesIO()
    guitarpro.write(song, stream, version=version, encoding="latin-1")
    return Written(stream.getvalue(), tuple(issues))


def _without(track: Track, names: set[str]) -> Track:
    """Return the track without the marks of some names, which other effects would bring along."""

    def stripped(note: Note) -> Note:
        kept = (m for m in note.marks if m not in names and m.partition(":")[0] not in names)
        return replace(note, marks=frozenset(kept))

    return replace(track, notes=tuple(map(stripped, track.notes)))


def _later_tempos(score: Score, issues: list[Issue]) -> tuple[Tempo, ...]:
    """Return the tempo changes after the start, reporting those that the file rounds."""
    odd = sum(tempo.qpm != max(round(tempo.qpm), 1) for tempo in score.tempos)
    if odd:
        message = f"{odd} tempos rounded to whole quarters a minute"
        issues.append(Issue("guitarpro.tempo", message, severity="warning"))
    return tuple(tempo for tempo in score.tempos if tempo.onset > 0)


def _headers(
    score: Score, measures: Sequence[Measure], issues: list[Issue]
) -> list[gp.MeasureHeader]:
    fitted = sum(measure.is_fitted for measure in measures)
    if fitted:
        message = f"{fitted} measures get a time signature that fits their length"
        issues.append(Issue("guitarpro.short-bar", message, severity="note"))
    late = {key.onset for key in score.keys} - {measure.onset for measure in measures}
    if late:
        message = f"{len(late)} key changes move to the next bar line"
        issues.append(Issue("guitarpro.key", message, severity="note"))
    modes = sorted({key.mode for key in score.keys} - {"major", "minor"})
    if modes:
        message = f"written as major or minor, with the same signature: {', '.join(modes)}"
        issues.append(Issue("guitarpro.mode", message, severity="note"))
    headers = []
    for number, measure in enumerate(measures, 1):
        denominator = gp.Duration(measure.denominator)
        headers.append(
            gp.MeasureHeader(
                number=number,
                keySignature=_key(score.keys, measure.onset),
                timeSignature=gp.TimeSignature(measure.numerator, denominator),
            )
        )
    return headers


def _key(keys: Sequence[Key], onset: int) -> gp.KeySignature:
    index = bisect_right(keys, onset, key=lambda key: key.onset) - 1
    if index < 0:
        return gp.KeySignature.CMajor
    return gp.KeySignature((keys[index].fifths, int(keys[index].mode in _MINOR)))


def _fill(
    track: gp.Track,
    measures: Sequence[Measure],
    voices: Sequence[Sequence[Sound]],
    places: Sequence[int],
    tempos: dict[int, Tempo],
) -> None:
    """Write the measures of a track; the second voice only where it has notes."""
    for index in range(gp.Measure.maxVoices):
        sounds = voices[index] if index < len(voices) else ()
        waiting = 0
        sounding: list[Sound] = []
        for written, measure in zip(track.measures, measures, strict=True):
            voice = written.voices[index]
            sounding = [sound for sound in sounding if sound.end > measure.start]
            while waiting < len(sounds) and sounds[waiting].onset < measure.end:
                sounding.append(sounds[waiting])
                waiting += 1
            if index and not sounding:
                voice.beats = [gp.Beat(voice, status=gp.BeatStatus.empty)]
                continue
            changes = {} if index else tempos
            cuts = [time for time in changes if measure.start <= time < measure.end]
            for span in spans_of(measure, sounding, cuts, places):
                _write_span(voice, span, changes.get(span.onset))


def _write_span(voice: gp.Voice, span: Span, tempo: Tempo | None) -> None:
    """Write the beats of a span: notes struck at its start, ties for those that go on."""
    for index, (value, is_dotted, notes, times) in enumerate(span.values):
        duration = gp.Duration(value, is_dotted, gp.Tuplet(notes, times))
        status = gp.BeatStatus.normal if span.sounds else gp.BeatStatus.rest
        beat = gp.Beat(voice, duration=duration, status=status)
        if tempo is not None and index == 0:
            change = gp.MixTableItem(max(round(tempo.qpm), 1))
            beat.effect.mixTableChange = gp.MixTableChange(tempo=change, hideTempo=False)
        voice.beats.append(beat)
        for sound in span.sounds:
            starts = index == 0 and sound.onset == span.onset
            ends = index == len(span.values) - 1 and sound.end == span.end
            _write_note(beat, sound, starts=starts, ends=ends)


def _write_note(beat: gp.Beat, sound: Sound, *, starts: bool, ends: bool) -> None:
    """Write a note or a part of it; marks that lead to the next note go on its last part."""
    track = beat.voice.measure.track
    number = len(track.strings) - sound.string
    kind = gp.NoteType.normal if starts else gp.NoteType.tie
    velocity = _dynamic(sound.note.velocity)
    note = gp.Note(beat, sound.fret, velocity, number, type=kind)
    beat.notes.append(note)
    open_pitch = track.strings[number - 1].value + track.offset
    late = {mark for mark in sound.note.marks if mark in _LATE_MARKS}
    if starts:
        apply_marks(note, sound.note.marks - late, open_pitch)
        if sound.grace is not None:
            note.effect.grace = _grace(sound.grace, sound)
    if ends:
        slides = note.effect.slides
        apply_marks(note, late, open_pitch)
        note.effect.slides += slides


def _dynamic(velocity: int) -> int:
    """Return the nearest of the eight velocities from ppp to fff."""
    step = gp.Velocities.velocityIncrement
    level = (velocity - gp.Velocities.minVelocity + step // 2) // step
    return int(gp.Velocities.minVelocity + step * min(max(level, 0), 7))


def _grace(grace: Note, main: Sound) -> gp.GraceEffect:
    kinds = {
        "hammer": gp.GraceEffectTransition.hammer,
        "pull": gp.GraceEffectTransition.hammer,
        "slide": gp.GraceEffectTransition.slide,
        "bend": gp.GraceEffectTransition.bend,
    }
    names: Iterable[str] = (mark.partition(":")[0] for mark in sorted(grace.marks))
    transition = next((kinds[n] for n in names if n in kinds), gp.GraceEffectTransition.none)
    return gp.GraceEffect(
        fret=min(main.fret + grace.pitch - main.note.pitch, 99),
        isDead="dead" in grace.marks,
        transition=transition,
        velocity=_dynamic(grace.velocity),
    )
