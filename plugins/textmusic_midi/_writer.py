"""Scores to MIDI files of format 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from textmusic.errors import FormatError, Issue
from textmusic.format import Written
from textmusic.score import Note, Score, Track
from textmusic.transforms import reduce_ticks, resample
from textmusic_midi._smf import META, pack_length

__all__ = ["sounding", "write_midi"]

_MOST_TICKS = 32_767
_FEWEST_TICKS = 480
_FALLBACK_TICKS = 30_240  # divides by all note values to 1/128 triplets, quintuplets, septuplets
_CHANNELS = (*range(9), *range(10, 16))
_DRUMS = 9
_MINOR = {"minor", "dorian", "phrygian", "locrian"}
_OFF, _SETUP, _ON = range(3)

_Timed = tuple[int, int, bytes]
"""Tick, rank among the events of a tick, message."""


def write_midi(score: Score) -> Written:
    """Return the bytes of a MIDI file and what they do not hold.

    Raises:
        FormatError: a pause is longer than a MIDI file can hold.
    """
    issues: list[Issue] = []
    score = _with_fitting_ticks(score, issues)
    chunks = [_chunk(_conductor(score, issues))]
    channels = _channels(score.tracks, issues)
    clashes = 0
    for track, channel in zip(score.tracks, channels, strict=True):
        notes, lost = _apart(sounding(track, score.tpq))
        clashes += lost
        chunks.append(_chunk(_part(track, notes, channel)))
    if clashes:
        message = f"{clashes} notes end early or merge: their pitch starts again before they end"
        issues.append(Issue("midi.overlap", message, severity="warning"))
    issues += _unheld(score)
    head = b"MThd" + (6).to_bytes(4) + (1).to_bytes(2)
    if len(chunks) > 0xFFFF:
        raise FormatError(f"{len(chunks)} tracks are more than a MIDI file can hold")
    head += len(chunks).to_bytes(2) + score.tpq.to_bytes(2)
    return Written(head + b"".join(chunks), tuple(issues))


def _with_fitting_ticks(score: Score, issues: list[Issue]) -> Score:
    """Bring the ticks per quarter into what a MIDI header and common programs take."""
    if score.tpq > _MOST_TICKS:
        score = reduce_ticks(score)
    if score.tpq > _MOST_TICKS:
        message = f"times rounded from {score.tpq} to {_FALLBACK_TICKS} ticks per quarter"
        issues.append(Issue("midi.ticks", message, severity="warning"))
        return resample(score, _FALLBACK_TICKS)
    return resample(score, score.tpq * -(-_FEWEST_TICKS // score.tpq))


def sounding(track: Track, tpq: int) -> tuple[Note, ...]:
    """Return a track's notes with the grace notes given a length of their own.

    The grace notes of an onset share a 32nd note each, but at most half of the shortest main note
    that they delay: the one on their string, or all of the onset where that is not known.
    """
    if not any(note.duration == 0 for note in track.notes):
        return track.notes
    played: list[Note] = []
    for _, group in groupby(track.notes, key=lambda note: note.onset):
        notes = list(group)
        graces = [note for note in notes if note.duration == 0]
        mains = [note for note in notes if note.duration > 0]
        played += _with_graces(graces, mains, tpq) if graces else mains
    return tuple(sorted(played, key=lambda note: (note.onset, note.pitch)))


def _with_graces(graces: list[Note], mains: list[Note], tpq: int) -> Iterable[Note]:
    """Place the grace notes of one onset from the onset on, and delay their main notes."""
    strings = {note.string for note in graces}
    delayed = [n for n in mains if n.string in strings] or mains
    count = max(note.grace for note in graces)
    room = min((note.duration // 2 for note in delayed), default=count * tpq)
    step = max(min(tpq // 8, room // count), 1)
    shift = step * count
    for note in graces:
        yield replace(note, onset=note.onset + step * (count - note.grace), duration=step)
    for note in mains:
        late = note in delayed and note.duration > shift
        yield (
            replace(note, onset=note.onset + shift, duration=note.duration - shift)
            if late
            else note
        )


def _apart(notes: Sequence[Note]) -> tuple[list[Note], int]:
    """End each note before its pitch starts again; return the notes and how many changed."""
    last: dict[int, int] = {}
    kept: list[Note] = []
    changed = 0
    for note in notes:
        index = last.get(note.pitch)
        if index is not None and kept[index].end > note.onset:
            changed += 1
            before = kept[index]
            if before.onset == note.onset:
                longest = max(before.duration, note.duration)
                loudest = max(before.velocity, note.velocity)
                kept[index] = replace(before, duration=longest, velocity=loudest)
                continue
            kept[index] = replace(before, duration=note.onset - before.onset)
        last[note.pitch] = len(kept)
        kept.append(note)
    return kept, changed


def _channels(tracks: Sequence[Track], issues: list[Issue]) -> list[int]:
    """Give each track a channel: 10 (index 9) to drums, to others one of their own while it lasts.

    With more than 15 others, tracks of one program share; with more programs, channels repeat.
    """
    pitched = [track for track in tracks if not track.is_drum]
    alone = len(pitched) <= len(_CHANNELS)
    order: dict[int, int] = {}
    channels = []
    for index, track in enumerate(tracks):
        key = index if alone else track.program
        if track.is_drum:
            channels.append(_DRUMS)
        else:
            place = order.setdefault(key, len(order))
            channels.append(_CHANNELS[place % len(_CHANNELS)])
    if len(order) > len(_CHANNELS):
        message = f"{len(order)} programs share {len(_CHANNELS)} channels"
        issues.append(Issue("midi.channels", message, severity="warning"))
    return channels


def _part(track: Track, notes: Iterable[Note], channel: int) -> list[_Timed]:
    events: list[_Timed] = []
    if track.name:
        events.append((0, _OFF, _text(0x03, track.name)))
    events.append((0, _SETUP, bytes((0xC0 | channel, track.program))))
    for note in notes:
        events.append((note.end, _OFF, bytes((0x80 | channel, note.pitch, 64))))
        events.append((note.onset, _ON, bytes((0x90 | channel, note.pitch, note.velocity))))
    return events


def _conductor(score: Score, issues: list[Issue]) -> list[_Timed]:
    """Return the first chunk: title, texts, metres, tempos, keys."""
    title = score.get("title")
    events: list[_Timed] = [(0, _OFF, _text(0x03, title))] if title else []
    for name, value in score.meta:
        if name == "copyright":
            events.append((0, _SETUP, _text(0x02, value)))
        elif name != "title":
            text = value if name == "comment" else f"{name}: {value}"
            events.append((0, _SETUP, _text(0x01, text)))
    for meter in score.meters:
        signature = bytes((meter.numerator, meter.denominator.bit_length() - 1, 24, 8))
        events.append((meter.onset, _SETUP, _meta(0x58, signature)))
    for tempo in score.tempos:
        micros = round(60_000_000 / tempo.qpm)
        if not 601 <= micros < 1 << 24:
            message = f"a tempo of {tempo.qpm} quarters a minute is outside what MIDI holds"
            issues.append(Issue("midi.tempo", message, severity="warning"))
            micros = min(max(micros, 601), (1 << 24) - 1)
        events.append((tempo.onset, _SETUP, _meta(0x51, micros.to_bytes(3))))
    for key in score.keys:
        minor = key.mode in _MINOR
        data = key.fifths.to_bytes(1, signed=True) + bytes((minor,))
        events.append((key.onset, _SETUP, _meta(0x59, data)))
    return events


def _text(kind: int, text: str) -> bytes:
    return _meta(kind, text.encode(errors="replace"))


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((META, kind)) + pack_length(len(data)) + data


def _chunk(events: list[_Timed]) -> bytes:
    """Return a track chunk: at each tick ends first, then settings, then starts."""
    body = bytearray()
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        body += pack_length(tick - now)
        body += message
        now = tick
    body += b"\x00" + _meta(0x2F, b"")
    return b"MTrk" + len(body).to_bytes(4) + bytes(body)


def _unheld(score: Score) -> Iterable[Issue]:
    """Name what the score has and MIDI has not."""
    modes = sorted({key.mode for key in score.keys} - {"major", "minor"})
    if modes:
        message = f"MIDI knows major and minor only: {', '.join(modes)} written as the nearer one"
        yield Issue("midi.mode", message, severity="note")
    strings = sum(note.string is not None for note in score.notes())
    if strings:
        yield Issue("midi.strings", f"the strings of {strings} notes are lost", severity="note")
    graces = sum(note.duration == 0 for note in score.notes())
    if graces:
        message = f"{graces} grace notes take their time from their main notes"
        yield Issue("midi.grace", message, severity="note")
    marks = {m.partition(":")[0] for note in score.notes() for m in note.marks} - {"grace"}
    if marks:
        message = f"techniques are lost: {', '.join(sorted(marks))}"
        yield Issue("midi.techniques", message, severity="note")
