"""Guitar Pro 3-5 files, as PyGuitarPro reads them, to the written `Song`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from guitarpro import models as gp

from textmusic_guitarpro._endings import MOST_ENDINGS
from textmusic_guitarpro._marks import grace_marks, marks_of
from textmusic_guitarpro._source import parse_song, repaired_text
from textmusic_guitarpro._tracks import META
from textmusic_guitarpro._unread import name_unread
from textmusic_guitarpro.compose import Complaints
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

__all__ = ["read_page"]

_META_LINE = re.compile(r"([a-z][a-z0-9_-]{0,31}): (.*)")
_STRUCK = {gp.NoteType.normal, gp.NoteType.dead, gp.NoteType.tie}
_TIE_REACH = 3
"""How many measures back alphaTab looks for the note that a tie continues."""


def read_page(data: bytes) -> tuple[Song, Complaints]:
    """Return the page that a Guitar Pro 3, 4 or 5 file holds, and what was left out.

    Raises:
        FormatError: the file is of another kind or damaged; says where if that is known.
    """
    source = parse_song(data)
    complaints = Complaints()
    for track in source.tracks:
        _follow_ties(track, complaints)
    name_unread(source, complaints)
    song = Song(
        [_measure(header) for header in source.measureHeaders],
        [_part(track, complaints) for track in source.tracks],
        dict(_meta(source)),
    )
    _give_tempos(source, song)
    return song, complaints


def _measure(header: gp.MeasureHeader) -> Measure:
    signature = header.timeSignature
    fifths, minor = header.keySignature.value
    endings = header.repeatAlternative
    return Measure(
        signature.numerator,
        signature.denominator.value,
        fifths,
        "minor" if minor else "major",
        header.isRepeatOpen,
        header.repeatClose + 1 if header.repeatClose > 0 else 0,
        frozenset(n + 1 for n in range(MOST_ENDINGS) if endings >> n & 1),
    )


def _give_tempos(source: gp.Song, song: Song) -> None:
    """Tempo changes stand in the beats of any track."""
    for track in source.tracks:
        for measure, written in zip(track.measures, song.measures, strict=False):
            for voice in measure.voices:
                for beat in voice.beats:
                    table = beat.effect.mixTableChange
                    if table and table.tempo:
                        offset = Fraction(beat.start - measure.header.start)
                        change = TempoChange(
                            offset / gp.Duration.quarterTime, float(table.tempo.value)
                        )
                        if change not in written.tempos:
                            written.tempos.append(change)
    if song.measures:
        song.measures[0].tempos.insert(0, TempoChange(Fraction(0), float(source.tempo)))


def _is_drum(track: gp.Track) -> bool:
    return track.isPercussionTrack or not any(string.value for string in track.strings)


def _follow_ties(track: gp.Track, complaints: Complaints) -> None:
    """Give each tied note the fret of the last note, or grace note, on its string in its voice.

    Where there is none within reach it is struck anew at its stored fret, which is what alphaTab
    does; the stored key of a tied drum note means nothing.
    """
    is_drum = _is_drum(track)
    latest: dict[tuple[int, int], tuple[int, int]] = {}
    for index, voice, note in _notes(track):
        last, fret = latest.get((voice, note.string), (-1 - _TIE_REACH, 0))
        if note.effect.grace is not None:
            last, fret = index, max(note.effect.grace.fret, 0)
        if note.type is gp.NoteType.tie:
            if index - last <= _TIE_REACH:
                note.value = fret
            elif not is_drum:
                note.type = gp.NoteType.normal
                place = f"track {track.number}, measure {index + 1}"
                complaints.add("tie", "tie with no note before it, struck anew", place)
        latest[voice, note.string] = index, note.value


def _notes(track: gp.Track) -> Iterator[tuple[int, int, gp.Note]]:
    """Yield the notes of a track with the indices of their measures and voices."""
    for index, measure in enumerate(track.measures):
        for number, voice in enumerate(measure.voices):
            for beat in voice.beats:
                for note in beat.notes:
                    yield index, number, note


def _part(track: gp.Track, complaints: Complaints) -> Part:
    """A capo below the nut, which Guitar Pro allows, lowers the tuning."""
    is_drum = _is_drum(track)
    lower = min(track.offset, 0)
    part = Part(
        repaired_text(track.name),
        track.channel.instrument if track.channel else 0,
        is_drum,
        () if is_drum else tuple(string.value + lower for string in reversed(track.strings)),
        max(track.offset, 0),
    )
    for measure in track.measures:
        part.measures.append([_voice(voice, part, complaints) for voice in measure.voices])
    return part


def _voice(voice: gp.Voice, part: Part, complaints: Complaints) -> Voice:
    return [beat for source in voice.beats for beat in _beats(source, part, complaints)]


def _beats(source: gp.Beat, part: Part, complaints: Complaints) -> Iterator[Beat]:
    """Yield a beat, and before it the grace notes of its notes."""
    if source.status is gp.BeatStatus.empty and not source.notes:
        return
    beat = Beat(_rhythm(source.duration))
    grace = Beat(Rhythm(32), is_grace=True)
    track = source.voice.measure.track
    for note in source.notes:
        if note.type not in _STRUCK:
            place = f"track {track.number}"
            complaints.add("note-type", "note of no known kind, left out", place)
            continue
        string = None if part.is_drum else len(track.strings) - note.string
        marks = marks_of(note, track.strings[note.string - 1].value + track.offset)
        is_tied = note.type is gp.NoteType.tie
        beat.notes.append(Struck(note.value, string, is_tied, note.velocity, marks))
        if (ornament := note.effect.grace) is not None:
            struck = Struck(max(ornament.fret, 0), string, velocity=ornament.velocity)
            struck.marks |= grace_marks(ornament)
            grace.notes.append(struck)
    if grace.notes:
        yield grace
    yield beat


def _rhythm(duration: gp.Duration) -> Rhythm:
    tuplet = duration.tuplet
    return Rhythm(duration.value, int(duration.isDotted), tuplet.enters, tuplet.times)


def _meta(song: gp.Song) -> Iterator[tuple[str, str]]:
    """Yield the texts; lines ``key: value`` of the notice are entries of their own."""
    for key, name in META.items():
        yield key, repaired_text(getattr(song, name))
    notice = "".join(line if len(line) == 255 else line + "\n" for line in song.notice)
    comment = []
    for line in repaired_text(notice).split("\n"):
        if match := _META_LINE.fullmatch(line):
            yield match[1], match[2]
        else:
            comment.append(line.rstrip())
    yield "comment", "\n".join(comment).strip()
