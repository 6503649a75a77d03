"""What stands on the page of a tablature: its staves, bars and places, before any layout."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field

from textmusic.form import Form, Measure, fold
from textmusic.score import Bar, Note, Score, Track
from textmusic_engraving._rhythm import Beat, beats_of

__all__ = ["Cell", "Piece", "Staff", "is_tab", "piece_of"]

_PITCHES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_DRUM_ROWS = (
    ("CC", (49, 52, 55, 57)),
    ("RD", (51, 53, 59)),
    ("HH", (42, 44, 46)),
    ("T1", (48, 50)),
    ("T2", (45, 47)),
    ("SD", (37, 38, 39, 40)),
    ("FT", (41, 43)),
    ("BD", (35, 36)),
)
_DRUM_ROW = {key: name for name, keys in _DRUM_ROWS for key in keys}
_STRUCK = frozenset({"SD", "BD", "T1", "T2", "FT"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One sign on a line of a staff.

    Args:
        onset: tick.
        line: from 0, the topmost.
        text: what stands there: ``7``, ``x``, ``<12>``.
        note: what it is the sign of.
    """

    onset: int
    line: int
    text: str
    note: Note


@dataclass(slots=True, eq=False)
class Staff:
    """A tablature of one track.

    Args:
        name: of the track.
        lines: what stands before each line, the topmost first.
        is_drum: the lines are drums.
        capo: its fret, 0 for none.
        cells: the signs of each bar.
        beats: the values of each bar.
    """

    name: str
    lines: tuple[str, ...]
    is_drum: bool
    capo: int
    cells: list[list[Cell]] = field(default_factory=list)
    beats: list[list[Beat]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of tablature: its staves, and for each bar its time and its signs of repetition."""

    score: Score
    bars: tuple[Bar, ...]
    signs: tuple[Measure, ...]
    staves: tuple[Staff, ...]


def is_tab(track: Track) -> bool:
    """Whether a track is drawn as tablature: all its notes have strings and frets."""
    if track.is_drum or not track.tuning or not track.notes:
        return False
    return all((track.fret(note) or 0) >= 0 and note.string is not None for note in track.notes)


def piece_of(score: Score) -> Piece:
    """Return what to draw; repeats are written as such where the score tells of them."""
    page, form = fold(score) or (score, Form(()))
    bars = page.bars()
    signs = form.measures if len(form.measures) == len(bars) else (Measure(),) * len(bars)
    staves = tuple(_staff(track, bars, page.tpq) for track in page.tracks)
    return Piece(page, bars, signs, staves)


def _staff(track: Track, bars: tuple[Bar, ...], tpq: int) -> Staff:
    lines = _drum_lines(track) if track.is_drum else _string_lines(track)
    staff = Staff(track.name, lines, track.is_drum, track.capo)
    starts = [note.onset for note in track.notes]
    carried: tuple[int, int] | None = None
    for bar in bars:
        notes = track.notes[bisect_left(starts, bar.onset) : bisect_left(starts, bar.end)]
        staff.cells.append([_cell(track, staff, note) for note in notes])
        sounds = _sounds(track, notes, tpq)
        if carried and carried[1] > bar.onset:
            sounds.insert(0, carried)
        staff.beats.append(beats_of(bar, tpq, sounds))
        carried = sounds[-1] if sounds else None
    return staff


def _sounds(track: Track, notes: tuple[Note, ...], tpq: int) -> list[tuple[int, int]]:
    """Return onset and end of what the first voice plays; drums last until the next stroke."""
    ends: dict[int, int] = defaultdict(int)
    for note in notes:
        if note.duration and not any(mark.startswith("voice:") for mark in note.marks):
            end = note.onset + tpq if track.is_drum else note.end
            ends[note.onset] = max(ends[note.onset], end)
    return sorted(ends.items())


def _string_lines(track: Track) -> tuple[str, ...]:
    return tuple(_PITCHES[pitch % 12] for pitch in reversed(track.tuning))


def _drum_lines(track: Track) -> tuple[str, ...]:
    used = {_DRUM_ROW.get(note.pitch, "PC") for note in track.notes}
    return tuple(name for name in (*(name for name, _ in _DRUM_ROWS), "PC") if name in used)


def _cell(track: Track, staff: Staff, note: Note) -> Cell:
    if staff.is_drum:
        row = _DRUM_ROW.get(note.pitch, "PC")
        sign = "o" if row in _STRUCK or note.pitch == 46 else "x"
        sign = f"({sign})" if "ghost" in note.marks else sign
        return Cell(note.onset, staff.lines.index(row), sign, note)
    assert note.string is not None
    return Cell(note.onset, len(track.tuning) - 1 - note.string, _fret_sign(track, note), note)


def _fret_sign(track: Track, note: Note) -> str:
    fret = str(track.fret(note))
    if "dead" in note.marks:
        return "x"
    if any(mark.startswith("harmonic") for mark in note.marks):
        return f"<{fret}>"
    return f"({fret})" if "ghost" in note.marks else fret
