"""MIDI files to Scores."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import NamedTuple

from textmusic.errors import FormatError, Issue
from textmusic.format import Loaded, read_text
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_midi import _smf
from textmusic_midi._smf import Chunk, Event

__all__ = ["read_midi", "shortest_qpm"]

_DRUMS = 9
_LONGEST_QUARTERS = 200_000
_META_LINE = re.compile(r"([a-z][a-z0-9_-]{0,31}): (.*)", re.DOTALL)


class _Strike(NamedTuple):
    """A note-on (velocity above 0) or a note-off of one channel and pitch."""

    tick: int
    velocity: int
    program: int | None
    offset: int


class _Sound(NamedTuple):
    """A note and what decides to which track it belongs."""

    channel: int
    program: int | None
    note: Note


@dataclass
class _Part:
    """What one track chunk holds."""

    number: int
    end: int = 0
    name: str = ""
    texts: list[tuple[int, str]] = field(default_factory=list)
    strikes: dict[tuple[int, int], list[_Strike]] = field(default_factory=dict)
    programs: list[tuple[int, int, int]] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)


class _Issues:
    """Counts complaints of one kind in one chunk into one issue at the place of the first."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, str], list[int]] = {}

    def add(self, code: str, part: int, message: str, offset: int) -> None:
        self._found.setdefault((code, part, message), []).append(offset)

    def issues(self) -> tuple[Issue, ...]:
        return tuple(
            Issue(
                f"midi.{code}",
                f"track chunk {part}, from byte {min(places)}: {len(places)} × {message}",
                min(places),
                severity="note" if code == "overlap" else "warning",
            )
            for (code, part, message), places in self._found.items()
        )


def read_midi(data: bytes) -> Loaded:
    """Return the music of a MIDI file: one score, or one a chunk of a format 2 file.

    Raises:
        FormatError: the bytes are no MIDI file or damaged; says where.
    """
    head = _smf.header(data)
    chunks = _smf.tracks(data, head.end)
    if not chunks:
        raise FormatError("the MIDI file has a header but no track")
    found = _Issues()
    parts = [_part(data, chunk, number, found) for number, chunk in enumerate(chunks, 1)]
    if max(part.end for part in parts) > _LONGEST_QUARTERS * head.division:
        raise FormatError(f"the music would last more than {_LONGEST_QUARTERS} quarters")
    groups = [[part] for part in parts] if head.kind == 2 else [parts]
    scores = tuple(_score(group, head, found) for group in groups)
    issues = found.issues()
    if not any(track.notes for score in scores for track in score.tracks):
        if any(chunk.is_cut for chunk in chunks):
            raise FormatError("the MIDI file is cut off before its first note")
        issues += (Issue("midi.no-notes", "the file holds no note", severity="warning"),)
    return Loaded(scores, issues)


def _part(data: bytes, chunk: Chunk, number: int, found: _Issues) -> _Part:
    """Collect the events of a chunk."""
    part = _Part(number)
    programs: dict[int, int] = {}
    strikes = part.strikes
    try:
        for event in _smf.events(data, chunk):
            tick, status, first, second, _, offset = event
            part.end = tick
            kind = status & 0xF0
            if status == _smf.META:
                _meta(part, event, found)
            elif kind in {0x80, 0x90}:
                channel = status & 0x0F
                velocity = second if kind == 0x90 else 0
                strike = _Strike(tick, velocity, programs.get(channel), offset)
                strikes.setdefault((channel, first), []).append(strike)
            elif kind == 0xC0:
                programs[status & 0x0F] = first
                part.programs.append((tick, status & 0x0F, first))
    except _smf.TruncatedError:
        found.add("truncated", number, "event cut off; what stands before it is kept", chunk.end)
    except FormatError as error:
        raise FormatError(f"track chunk {number}, {error}") from error
    else:
        if chunk.is_cut:
            found.add("truncated", number, "chunk longer than the file", chunk.end)
    return part


def _meta(part: _Part, event: Event, found: _Issues) -> None:
    """Take a meta event; what no Score may hold is left out and reported."""
    kind, data, tick = event.first, event.data, event.tick
    if kind == 0x03 and not part.name:
        part.name = read_text(data).strip()
    elif kind in {0x01, 0x02}:
        part.texts.append((kind, read_text(data).strip()))
    elif kind == 0x51:
        micros = int.from_bytes(data)
        if len(data) == 3 and micros > 600:
            part.tempos.append(Tempo(tick, shortest_qpm(micros)))
        else:
            found.add("tempo", part.number, "tempo that cannot be, left out", event.offset)
    elif kind == 0x58:
        if len(data) >= 2 and data[0] and data[1] <= 7:
            part.meters.append(Meter(tick, data[0], 1 << data[1]))
        else:
            found.add("meter", part.number, "time signature that cannot be, left out", event.offset)
    elif kind == 0x59:
        fifths = int.from_bytes(data[:1], signed=True)
        if len(data) == 2 and -7 <= fifths <= 7 and data[1] <= 1:
            part.keys.append(Key(tick, fifths, "minor" if data[1] else "major"))
        else:
            found.add("key", part.number, "key signature that cannot be, left out", event.offset)


def shortest_qpm(micros: int) -> float:
    """Return the tempo with the fewest decimals that gives the microseconds of a quarter back."""
    for digits in range(12):
        qpm = round(60_000_000 / micros, digits)
        if qpm > 0 and round(60_000_000 / qpm) == micros:
            return qpm
    return 60_000_000 / micros


def _score(parts: list[_Part], head: _smf.Header, found: _Issues) -> Score:
    """Build a score from chunks that play together."""
    meters = [meter for part in parts for meter in part.meters]
    scale = lcm(*(Fraction(4 * m.numerator * head.division, m.denominator).denominator
                  for m in meters))  # fmt: skip
    changes: dict[int, list[tuple[int, int]]] = {}
    for tick, channel, program in sorted(c for part in parts for c in part.programs):
        changes.setdefault(channel, []).append((tick, program))
    tracks = [track for part in parts for track in _tracks(part, changes, found)]
    title = parts[0].name
    if head.kind == 0 or parts[0].strikes:
        title = title if len(parts) == 1 else ""
    score = Score(
        tuple(_scaled(tracks, scale)),
        head.division * scale,
        tuple(replace(t, onset=t.onset * scale) for part in parts for t in part.tempos),
        tuple(replace(m, onset=m.onset * scale) for m in meters),
        tuple(replace(k, onset=k.onset * scale) for part in parts for k in part.keys),
    )
    return replace(score, meta=_texts(parts, title))


def _scaled(tracks: list[Track], scale: int) -> Iterable[Track]:
    """Multiply all times, for a division in which a bar is no whole number of ticks."""
    if scale == 1:
        return tracks
    return (
        replace(
            track,
            notes=tuple(
                replace(n, onset=n.onset * scale, duration=n.duration * scale) for n in track.notes
            ),
        )
        for track in tracks
    )


def _texts(parts: list[_Part], title: str) -> tuple[tuple[str, str], ...]:
    """Return the meta entries: `key: value` texts as such, other texts as comments."""
    meta = [("title", title)] if title else []
    for kind, text in (text for part in parts for text in part.texts):
        if kind == 0x02:
            meta.append(("copyright", text))
        elif match := _META_LINE.fullmatch(text):
            meta.append((match[1], match[2]))
        elif text:
            meta.append(("comment", text))
    return tuple(dict.fromkeys(meta))


def _tracks(
    part: _Part, changes: dict[int, list[tuple[int, int]]], found: _Issues
) -> Iterable[Track]:
    """Split a chunk by channel and program, in the order of first notes."""
    groups: dict[tuple[int, int], list[Note]] = {}
    for channel, program, note in _sounds(part, found):
        if program is None:
            program = _in_force(changes.get(channel, ()), note.onset)
        groups.setdefault((channel, program), []).append(note)
    for (channel, program), notes in sorted(groups.items(), key=lambda g: (g[0][0], g[0][1])):
        yield Track(tuple(notes), part.name, program, channel == _DRUMS)


def _in_force(changes: Iterable[tuple[int, int]], tick: int) -> int:
    """Return the program that other chunks set for a channel before a tick."""
    known = list(changes)
    index = bisect_right(known, (tick, 128)) - 1
    return known[index][1] if index >= 0 else 0


def _sounds(part: _Part, found: _Issues) -> Iterable[_Sound]:
    """Pair the note-ons and note-offs of a chunk."""
    for (channel, pitch), strikes in part.strikes.items():
        pairs = _pairs(strikes, part, found)
        for on, end in pairs:
            duration = end - on.tick
            if duration == 0:
                found.add("zero-length", part.number, "note of no length, made 1 tick", on.offset)
                duration = 1
            yield _Sound(channel, on.program, Note(on.tick, duration, pitch, on.velocity))


def _pairs(strikes: list[_Strike], part: _Part, found: _Issues) -> list[tuple[_Strike, int]]:
    """Match each note-on of one channel and pitch with its end: first on, first off.

    Where an off is missing, matching in turn would lengthen every later note; there each note-on
    ends the note before it, and the last one ends with the chunk.
    """
    open_notes: list[_Strike] = []
    pairs = []
    position = 0
    for strike in strikes:
        sounding = len(open_notes) > position
        if strike.velocity:
            if sounding:
                found.add("overlap", part.number, "note-on while the pitch sounds", strike.offset)
            open_notes.append(strike)
        elif sounding:
            pairs.append((open_notes[position], strike.tick))
            position += 1
        else:
            found.add("orphan-off", part.number, "note-off without note-on, dropped", strike.offset)
    stuck = len(open_notes) - position
    if not stuck:
        return pairs
    for strike in open_notes[position:]:
        found.add("stuck", part.number, "note never ended, ended here", strike.offset)
    ends = [s for s in strikes if s.velocity == 0]
    return list(_restarted(open_notes, ends, part.end))


def _restarted(ons: list[_Strike], offs: list[_Strike], last: int) -> Iterable[tuple[_Strike, int]]:
    """End each note at the first off after it, or at the next on of its pitch."""
    ticks = [off.tick for off in offs]
    for on, after in pairwise([*ons, None]):
        assert on is not None
        limit = last if after is None else after.tick
        index = bisect_right(ticks, on.tick)
        yield on, min(ticks[index], limit) if index < len(ticks) else limit
