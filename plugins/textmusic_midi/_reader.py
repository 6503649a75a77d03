"""MIDI files to Scores."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import lcm

from textmusic.errors import FormatError, Issue
from textmusic.format import Loaded, read_text
from textmusic.score import Key, Meter, Score, Tempo, Track
from textmusic_midi import _smf
from textmusic_midi._pairs import pair
from textmusic_midi._smf import Chunk
from textmusic_midi._tracks import tracks
from textmusic_midi._walk import Meta, Walked, walk

__all__ = ["read_midi", "shortest_qpm"]

_LONGEST_QUARTERS = 200_000
_META_LINE = re.compile(r"([a-z][a-z0-9_-]{0,31}): (.*)", re.DOTALL)
_REPAIRS = {
    "overlap": "note-on while the pitch sounds",
    "orphan-off": "note-off without note-on, dropped",
    "stuck": "note never ended, ended here",
    "zero-length": "note of no length, made 1 tick",
}


@dataclass
class _Part:
    """What one track chunk holds besides its notes."""

    number: int
    name: str = ""
    texts: list[tuple[int, str]] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    has_strikes: bool = False


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
    walked = walk(data, chunks)
    if max(walked.ends) > _LONGEST_QUARTERS * head.division:
        raise FormatError(f"the music would last more than {_LONGEST_QUARTERS} quarters")
    parts = [_Part(number) for number in range(1, len(chunks) + 1)]
    _collect(parts, chunks, walked, found)
    groups = [[part] for part in parts] if head.kind == 2 else [parts]
    scales = [_scale(group, head.division) for group in groups]
    _add_tracks(parts, walked, scales, found)
    scores = tuple(_score(*one, head) for one in zip(groups, scales, strict=True))
    issues = found.issues()
    if not any(part.tracks for part in parts):
        if any(chunk.is_cut for chunk in chunks):
            raise FormatError("the MIDI file is cut off before its first note")
        issues += (Issue("midi.no-notes", "the file holds no note", severity="warning"),)
    return Loaded(scores, issues)


def _collect(parts: list[_Part], chunks: list[Chunk], walked: Walked, found: _Issues) -> None:
    """Take the meta events, and report chunks that are cut off."""
    metas = iter(walked.metas)
    event = next(metas, None)
    for index, (part, chunk) in enumerate(zip(parts, chunks, strict=True)):
        while event and event.chunk == index:
            _meta(part, event, found)
            event = next(metas, None)
        if index in walked.cut:
            message = "event cut off; what stands before it is kept"
            found.add("truncated", part.number, message, chunk.end)
        elif chunk.is_cut:
            found.add("truncated", part.number, "chunk longer than the file", chunk.end)


def _meta(part: _Part, event: Meta, found: _Issues) -> None:
    """Take a meta event; what no Score may hold is left out and reported."""
    kind, data, tick = event.kind, event.data, event.tick
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


def _scale(parts: list[_Part], division: int) -> int:
    """By what to multiply all times, so that a bar is a whole number of ticks."""
    bars = {4 * m.numerator * Fraction(division, m.denominator) for p in parts for m in p.meters}
    return lcm(*(bar.denominator for bar in bars))


def _score(parts: list[_Part], scale: int, head: _smf.Header) -> Score:
    """Build a score from chunks that play together."""
    title = parts[0].name
    if len(parts) > 1 and (head.kind == 0 or parts[0].has_strikes):
        title = ""
    return Score(
        tuple(track for part in parts for track in part.tracks),
        head.division * scale,
        tuple(Tempo(t.onset * scale, t.qpm) for part in parts for t in part.tempos),
        tuple(replace(m, onset=m.onset * scale) for part in parts for m in part.meters),
        tuple(replace(k, onset=k.onset * scale) for part in parts for k in part.keys),
        _texts(parts, title),
    )


def _add_tracks(parts: list[_Part], walked: Walked, scales: list[int], found: _Issues) -> None:
    """Give each part its tracks; one scale for all parts, or one for each."""
    alone = len(scales) == len(parts)
    parts[0].has_strikes = bool(
        ((walked.messages.chunk == 0) & (walked.messages.status & 0xE0 == 0x80)).any()
    )
    notes, complaints = pair(walked.messages, walked.ends)
    for code, chunk, offset in complaints:
        found.add(code, chunk + 1, _REPAIRS[code], offset)
    every = scales if alone else scales * len(parts)
    names = [part.name for part in parts]
    voices = tracks(notes, walked.messages, names, every, alone=alone)
    for part, own in zip(parts, voices, strict=True):
        part.tracks = own


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
