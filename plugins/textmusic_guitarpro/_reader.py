"""Guitar Pro 3-5 files to Scores: what sounds, in the order in which it sounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import lcm

from guitarpro import models as gp

from textmusic.errors import FormatError
from textmusic.format import Loaded
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_guitarpro._notes import Complaints, Played, ReadNote, notes_of
from textmusic_guitarpro._order import MOST_MEASURES, play_order
from textmusic_guitarpro._source import parse_song, repaired_text
from textmusic_guitarpro._tracks import META

__all__ = ["read_song"]

_QUARTER = gp.Duration.quarterTime
_MOST_TICKS = 1_000_000
_MOST_NOTES = 500_000
_META_LINE = re.compile(r"([a-z][a-z0-9_-]{0,31}): (.*)")


def read_song(data: bytes) -> Loaded:
    """Return the score of a Guitar Pro 3, 4 or 5 file, with repeats and endings played out.

    Raises:
        FormatError: the file is of another kind or damaged; says where if that is known.
    """
    song = parse_song(data)
    complaints = Complaints()
    order = play_order(song.measureHeaders)
    if order is None:
        order = list(range(len(song.measureHeaders)))
        complaints.add("repeats", f"repeats left out: they make over {MOST_MEASURES} measures")
    if sum(_count(song, index) for index in order) > _MOST_NOTES:
        raise FormatError(f"the Guitar Pro file has more than {_MOST_NOTES} notes when played")
    played = list(_played(song, order))
    _unread(song, complaints)
    sounds = [notes_of(track, played, complaints) for track in song.tracks]
    tempos = list(_tempos(song, played))
    times = [t for notes in sounds for s in notes for t in (s.onset, s.end)]
    tpq = _ticks([*times, *(tempo[0] for tempo in tempos), *(p.onset for p in played)], complaints)
    tracks = tuple(
        _track(track, notes, tpq, complaints)
        for track, notes in zip(song.tracks, sounds, strict=True)
    )
    score = Score(
        tracks,
        tpq,
        tuple(Tempo(_tick(onset, tpq), qpm) for onset, qpm in tempos),
        tuple(_meter(p, tpq) for p in played),
        tuple(_key(p, tpq) for p in played),
        _meta(song),
    )
    if not any(track.notes for track in tracks):
        complaints.add("no-notes", "the file holds no note")
    return Loaded((score,), complaints.issues())


def _count(song: gp.Song, index: int) -> int:
    return sum(
        len(beat.notes)
        for track in song.tracks
        for voice in track.measures[index].voices
        for beat in voice.beats
    )


def _played(song: gp.Song, order: Sequence[int]) -> Iterator[Played]:
    """Lay the measures in playing order on one time line."""
    onset = 0
    for index in order:
        header = song.measureHeaders[index]
        signature = header.timeSignature
        value = signature.denominator.value
        if signature.numerator < 1 or value not in {1, 2, 4, 8, 16, 32, 64, 128}:
            text = f"{signature.numerator}/{value}"
            raise FormatError(f"the Guitar Pro file is damaged: measure {index + 1} is in {text}")
        yield Played(onset, index, header)
        onset += header.length


def _tempos(song: gp.Song, played: list[Played]) -> Iterator[tuple[Fraction, float]]:
    """Yield the tempo of the song, again where its first measure is played again, and changes."""
    changes: dict[int, list[tuple[Fraction, float]]] = {}
    for track in song.tracks:
        for index, measure in enumerate(track.measures):
            for voice in measure.voices:
                for beat in voice.beats:
                    table = beat.effect.mixTableChange
                    if table and table.tempo and 0 < table.tempo.value < 10_000:
                        at = Fraction(beat.start - measure.header.start)
                        changes.setdefault(index, []).append((at, float(table.tempo.value)))
    for bar in played:
        if bar.index == 0 and 0 < song.tempo < 10_000:
            yield Fraction(bar.onset), float(song.tempo)
        for offset, qpm in sorted(changes.get(bar.index, ())):
            yield bar.onset + offset, qpm


def _ticks(times: Iterable[Fraction | int], complaints: Complaints) -> int:
    """Return the ticks a quarter in which every time is whole, a multiple of 480 if possible."""
    needed = lcm(*{Fraction(time, _QUARTER).denominator for time in set(times)}, 32)
    for tpq in (lcm(needed, 480), needed):
        if tpq <= _MOST_TICKS:
            return tpq
    complaints.add("ticks", "times rounded to 1/40320 of a quarter")
    return 40_320


def _tick(time: Fraction | int, tpq: int) -> int:
    ticks: int = round(Fraction(time) * tpq / _QUARTER)
    return ticks


def _meter(bar: Played, tpq: int) -> Meter:
    signature = bar.header.timeSignature
    return Meter(_tick(bar.onset, tpq), signature.numerator, signature.denominator.value)


def _key(bar: Played, tpq: int) -> Key:
    fifths, minor = bar.header.keySignature.value
    if abs(fifths) > 7:
        fifths += -12 if fifths > 0 else 12
    return Key(_tick(bar.onset, tpq), fifths, "minor" if minor else "major")


def _meta(song: gp.Song) -> tuple[tuple[str, str], ...]:
    """Return the texts; lines ``key: value`` of the notice are entries of their own."""
    meta = [(key, repaired_text(getattr(song, name))) for key, name in META.items()]
    notice = "".join(line if len(line) == 255 else line + "\n" for line in song.notice)
    comment = []
    for line in repaired_text(notice).split("\n"):
        if match := _META_LINE.fullmatch(line):
            meta.append((match[1], match[2]))
        else:
            comment.append(line.rstrip())
    meta.append(("comment", "\n".join(comment).strip()))
    return tuple((key, text) for key, text in meta if text)


def _track(track: gp.Track, sounds: list[ReadNote], tpq: int, complaints: Complaints) -> Track:
    """Build a track; on drums the fret is the key and strings mean nothing.

    A capo below the nut, which Guitar Pro allows, lowers the tuning.
    """
    capo, lower = max(track.offset, 0), min(track.offset, 0)
    tuning = tuple(string.value + lower for string in reversed(track.strings))
    is_drum = track.isPercussionTrack or not any(string.value for string in track.strings)
    notes: dict[tuple[int, int, int, bool], Note] = {}
    for sound in sounds:
        onset = _tick(sound.onset, tpq)
        duration = max(_tick(sound.end, tpq) - onset, 0)
        pitch = sound.fret if is_drum else tuning[sound.string] + capo + sound.fret
        is_grace = "grace:1" in sound.marks
        if not 0 <= pitch <= 127 or not (duration or is_grace):
            complaints.add("pitch", "note outside MIDI's range, left out", f"track {track.number}")
            continue
        string = None if is_drum else sound.string
        note = Note(onset, duration, pitch, sound.velocity, string, frozenset(sound.marks))
        key = (onset, pitch, sound.string, is_grace)
        if key in notes:
            complaints.add("double", "note in both voices, kept once", f"track {track.number}")
        if key not in notes or notes[key].duration < duration:
            notes[key] = note
    program = min(max(track.channel.instrument, 0), 127) if track.channel else 0
    name = repaired_text(track.name)
    return Track(tuple(notes.values()), name, program, is_drum, () if is_drum else tuning, capo)


def _unread(song: gp.Song, complaints: Complaints) -> None:
    """Report what a Score does not hold and what is not played out."""
    for header in song.measureHeaders:
        if header.direction is not None or header.fromDirection is not None:
            complaints.add("directions", "jump or target (coda, segno…) not played out",
                           f"measure {header.number}")  # fmt: skip
        if header.tripletFeel is not gp.TripletFeel.none:
            complaints.add("triplet-feel", "measure in triplet feel, read as written",
                           f"measure {header.number}")  # fmt: skip
    for track in song.tracks:
        beats = [b for m in track.measures for v in m.voices for b in v.beats]
        for beat in beats:
            table = beat.effect.mixTableChange
            if table is not None and table.instrument is not None:
                complaints.add("program-change", "change of instrument, left out",
                               f"track {track.number}")  # fmt: skip
            if beat.effect.tremoloBar is not None:
                complaints.add("whammy", "use of the whammy bar, left out",
                               f"track {track.number}")  # fmt: skip
