"""A Score to the nearest one that ABC holds exactly, with every loss by name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from math import lcm

from textmusic import transforms
from textmusic.errors import EncodeError, Issue
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_abc.layout import MARKS, MAX_QUARTERS, MAX_VOICES, lay_out, tempo_value

__all__ = ["project"]

Divisions = tuple[int, ...]
_FINE = 32  # metres go down to 1/128, a thirty-second of a quarter


def project(score: Score, divisions: Divisions) -> tuple[Score, tuple[Issue, ...]]:
    """Return the score in the domain of the codec, and what that cost as warnings.

    Args:
        score: any score.
        divisions: equal parts of a quarter to whose points scores go whose times no tuplet gives.

    Raises:
        EncodeError: there are no notes, too many bars, or times that no grid brings in.
    """
    losses: list[Issue] = []
    tracks = [track for track in score.tracks if any(note.duration for note in track.notes)]
    if not tracks:
        raise EncodeError("there are no notes to write")
    if len(tracks) > MAX_VOICES:
        _lose(losses, "voices", f"{len(tracks) - MAX_VOICES} tracks beyond {MAX_VOICES} left out")
    held = replace(score, meta=(), tracks=tuple(_plain(tracks[:MAX_VOICES], losses)))
    if held.end > MAX_QUARTERS * held.tpq:
        raise EncodeError(f"the piece is longer than {MAX_QUARTERS} quarters")
    held = _settled(held, losses)
    try:
        lay_out(held)
    except EncodeError as error:
        parts = " or ".join(f"1/{d}" for d in divisions)
        _lose(losses, "grid", f"{error}; every time goes to the nearest {parts} of a quarter")
        held = _on_grid(held, divisions, losses)
    return transforms.reduce_ticks(held), tuple(losses)


def _on_grid(score: Score, divisions: Divisions, losses: list[Issue]) -> Score:
    held = _snapped(score, divisions)
    # notes that now start together have to agree on marks, and those of one pitch to part
    held = _settled(replace(held, tracks=tuple(_plain(held.tracks, losses))), losses)
    try:
        lay_out(held)
    except EncodeError:
        _lose(losses, "metre", "metres whose bars start off the grid were left out")
        held = _settled(replace(held, meters=()), losses)
        lay_out(held)
    return held


def _snapped(score: Score, divisions: Divisions) -> Score:
    """Every time on the nearest point of a division; ends rather on points twice as far apart.

    Played notes end early or late by more than they start, and few people mean it.
    """
    fine = lcm(*divisions) * _FINE
    coarse = tuple(d // 2 if d % 2 == 0 else d for d in divisions)
    step = fine // max(divisions)

    def at(tick: int, parts: Divisions = divisions) -> int:
        points = [(2 * tick * d + score.tpq) // (2 * score.tpq) * fine // d for d in parts]
        return min(points, key=lambda point: abs(point * score.tpq - tick * fine))

    def moved(note: Note) -> Note:
        onset = at(note.onset)
        if not note.duration:
            return replace(note, onset=onset)
        end = at(note.end, coarse)
        if end <= onset:
            end = max(at(note.end), onset + step)
        return replace(note, onset=onset, duration=end - onset)

    return replace(
        score,
        tpq=fine,
        tracks=tuple(replace(t, notes=tuple(map(moved, t.notes))) for t in score.tracks),
        tempos=tuple(replace(t, onset=at(t.onset)) for t in score.tempos),
        meters=tuple(replace(m, onset=at(m.onset)) for m in score.meters),
        keys=tuple(replace(k, onset=at(k.onset)) for k in score.keys),
    )


def _lose(losses: list[Issue], code: str, message: str) -> None:
    losses.append(Issue(f"abc.{code}", message, 0, 0, "warning"))


def _plain(tracks: Iterable[Track], losses: list[Issue]) -> Iterable[Track]:
    """Tracks of notes without what ABC has no word for."""
    for track in tracks:
        notes = tuple(_apart(_marked(track, losses), losses))
        yield Track(notes, program=track.program, is_drum=track.is_drum)


def _marked(track: Track, losses: list[Issue]) -> Iterable[Note]:
    """Notes with the marks that all notes struck together share, and grace notes in a row."""
    struck: dict[int, list[Note]] = {}
    graces: dict[int, dict[int, Note]] = {}
    for note in track.notes:
        if note.duration:
            struck.setdefault(note.onset, []).append(note)
        else:
            graces.setdefault(note.onset, {})[note.grace] = note
    lost = 0
    for onset, notes in struck.items():
        shared = [mark for mark in MARKS if all(mark in note.marks for note in notes)][-1:]
        marks = frozenset(shared)
        lost += sum(note.marks != marks for note in notes)
        for note in notes:
            yield Note(onset, note.duration, note.pitch, marks=marks)
        ordered = sorted(graces.pop(onset, {}).items())
        for number, (_, note) in enumerate(ordered, 1):
            yield Note(onset, 0, note.pitch, marks=frozenset({f"grace:{number}"}))
    lost += sum(map(len, graces.values()))
    if lost:
        _lose(losses, "marks", f"marks of {lost} notes have no place in ABC")


def _apart(notes: Iterable[Note], losses: list[Issue]) -> Iterable[Note]:
    """Notes of which no two of one pitch overlap: the earlier one ends where the next starts."""
    last: dict[int, int] = {}  # pitch -> place in kept
    kept: list[Note] = []
    cut = 0
    for note in sorted(notes, key=lambda note: (note.onset, -note.duration)):
        before = kept[last[note.pitch]] if note.pitch in last else None
        if note.duration and before is not None and before.end > note.onset:
            cut += 1
            if before.onset == note.onset:
                continue
            kept[last[note.pitch]] = replace(before, duration=note.onset - before.onset)
        if note.duration:
            last[note.pitch] = len(kept)
        kept.append(note)
    if cut:
        _lose(losses, "overlap", f"{cut} notes of a track overlap another of the same pitch")
    return kept


def _settled(score: Score, losses: list[Issue]) -> Score:
    """Metres from the start, keys and tempos at bar lines, nothing after the last note."""
    end = score.end
    meters = tuple(meter for meter in score.meters if meter.onset < end)
    if meters and meters[0].onset:
        meters = (Meter(0, 4, 4), *meters)
    score = replace(score, meters=meters)
    starts = [bar.onset for bar in score.bars()]
    keys = [Key(0, 0), *(key for key in score.keys if key.onset < end)]
    tempos = []
    for tempo in score.tempos:
        if tempo.onset < end:
            exact = tempo_value(tempo.qpm)
            qpm = exact.qpm if exact else float(min(max(round(tempo.qpm), 1), 9999))
            tempos.append(Tempo(tempo.onset, qpm))
    moved_keys = tuple(replace(key, onset=_before(starts, key.onset)) for key in keys)
    moved_tempos = tuple(replace(tempo, onset=_before(starts, tempo.onset)) for tempo in tempos)
    if list(moved_keys) != keys or list(moved_tempos) != list(score.tempos):
        _lose(losses, "tempo", "tempos and keys go to bar lines, tempos to what ABC can write")
    return replace(score, keys=moved_keys, tempos=moved_tempos)


def _before(starts: list[int], onset: int) -> int:
    """The start of the bar in which something happens."""
    return starts[bisect_right(starts, onset) - 1]
