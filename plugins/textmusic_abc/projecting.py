"""A Score to the nearest one that ABC holds exactly, with every loss by name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import lcm

from textmusic import transforms
from textmusic.errors import EncodeError, Issue
from textmusic.score import Key, Meter, Note, Score, Tempo, Track
from textmusic_abc.layers import (
    MAX_CHANNELS,
    MAX_LAYERS,
    MAX_TONES,
    MAX_VOICES,
    layer_mark,
    layer_of,
    lower_layers,
    part_clusters,
    part_crowded,
    part_unisons,
)
from textmusic_abc.layout import (
    MARKS,
    MAX_QUARTERS,
    has_odd_bars,
    lay_out,
    tempo_homes,
    tempo_value,
)
from textmusic_abc.sounding import score_of
from textmusic_abc.tune import Tune

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
    held = replace(score, meta=(), tracks=tuple(tracks[:MAX_VOICES]))
    if held.end > MAX_QUARTERS * held.tpq:
        raise EncodeError(f"the piece is longer than {MAX_QUARTERS} quarters")
    written: list[Issue] = []
    exact = _settled(_plain(held, written, cut=False), written)
    if has_odd_bars(exact):
        _lose(losses, "metre", "bars cut to a length that no metre has: metres were left out")
        held = replace(held, meters=())
        exact = _settled(replace(exact, meters=()), losses)
    try:
        exact = _readable(exact, losses)
    except EncodeError as error:
        parts = " or ".join(f"1/{d}" for d in divisions)
        _lose(losses, "grid", f"{error}; every time goes to the nearest {parts} of a quarter")
        exact = _on_grid(held, divisions, losses)
    else:
        losses += written
    return transforms.reduce_ticks(exact), tuple(losses)


def _on_grid(score: Score, divisions: Divisions, losses: list[Issue]) -> Score:
    # a first time, for notes of one pitch that overlap are told apart before ends move
    held = _settled(_plain(score, losses, cut=True), losses)
    held = _settled(_plain(_snapped(held, divisions), losses, cut=True), losses)
    try:
        return _readable(held, losses)
    except EncodeError:
        _lose(losses, "metre", "metres whose bars start off the grid were left out")
        return _readable(_settled(replace(held, meters=()), losses), losses)


def _readable(score: Score, losses: list[Issue]) -> Score:
    """The score without the marks that readers refuse where they stand.

    Raises:
        EncodeError: it cannot be written.
    """
    score, tune = _spaced(score, losses)
    written = transforms.reduce_ticks(score_of(tune))
    score = transforms.reduce_ticks(score)
    if written == score:
        return score
    lost = sum(one != other for one, other in zip(score.notes(), written.notes(), strict=False))
    _lose(losses, "marks", f"marks of {lost} notes are refused by readers on chords or ties")
    return written


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


def _plain(score: Score, losses: list[Issue], *, cut: bool) -> Score:
    """Tracks of notes without what ABC has no word for.

    Args:
        score: any score.
        losses: what this costs is added here.
        cut: whether notes of one pitch that overlap are cut; else they go to layers.
    """
    shares = []
    for track in score.tracks:
        notes, parted = part_unisons(track.notes, cut=cut or track.is_drum)
        if parted:
            _lose(losses, "overlap", f"{parted} notes of a track overlap another of the same pitch")
        notes, gone = part_clusters(notes)
        if gone:
            _lose(losses, "chord", f"{gone} notes left out of chords of more than {MAX_TONES}")
        shares.append(notes)
    for number, (notes, most) in enumerate(zip(shares, _rooms(shares), strict=True)):
        if max(map(layer_of, notes), default=1) > most:
            shares[number], changed = lower_layers(notes, most)
            message = f"layers beyond {MAX_CHANNELS} joined others, which changed {changed} notes"
            _lose(losses, "layers", message)
    tracks = [
        Track(tuple(_marked(notes, losses)), program=track.program, is_drum=track.is_drum)
        for track, notes in zip(score.tracks, shares, strict=True)
    ]
    return replace(score, tracks=tuple(tracks))


def _rooms(shares: Sequence[Sequence[Note]]) -> list[int]:
    """How many layers each track may have, so that readers can play them all."""
    rooms = [max(map(layer_of, notes), default=1) for notes in shares]
    while sum(rooms) > MAX_CHANNELS and max(rooms) > 1:
        rooms[rooms.index(max(rooms))] -= 1
    return rooms


def _spaced(score: Score, losses: list[Issue]) -> tuple[Score, Tune]:
    """The score with the tones that no letter is left for in other layers, laid out.

    Raises:
        EncodeError: it cannot be written.
    """
    lost = 0
    while True:
        crowded: list[tuple[int, Note]] = []
        tune = lay_out(score, crowded)
        if not crowded:
            break
        tracks = list(score.tracks)
        for number in sorted({number for number, _ in crowded}):
            rooms = _rooms([track.notes for track in tracks])
            free = max(MAX_CHANNELS - sum(rooms), 0) if len(rooms) > 1 else MAX_LAYERS
            those = {note for where, note in crowded if where == number}
            most = min(rooms[number] + free, MAX_LAYERS)
            notes, gone = part_crowded(tracks[number].notes, those, most)
            tracks[number] = replace(tracks[number], notes=tuple(notes))
            lost += gone
        score = replace(score, tracks=tuple(tracks))
    if lost:
        _lose(losses, "chord", f"{lost} notes left out of chords that there are no letters for")
    return score, tune


def _marked(notes: Iterable[Note], losses: list[Issue]) -> Iterable[Note]:
    """Notes with the marks that all notes struck together share, and grace notes in a row."""
    struck: dict[tuple[int, int], list[Note]] = {}
    graces: dict[tuple[int, int], dict[int, Note]] = {}
    lost = 0
    for note in notes:
        if note.duration:
            struck.setdefault((note.onset, layer_of(note)), []).append(note)
    for note in notes:
        if not note.duration:
            place = note.onset, layer_of(note)
            if place not in struck:  # one of another layer will do
                place = min((key for key in struck if key[0] == note.onset), default=place)
            lost += note.grace in graces.setdefault(place, {})
            graces[place].setdefault(note.grace, note)
    for (onset, number), chord in struck.items():
        layer = layer_mark(number)
        shared = [mark for mark in MARKS if all(mark in note.marks for note in chord)][-1:]
        marks = layer | set(shared)
        lost += sum(note.marks != marks for note in chord)
        for note in chord:
            yield Note(onset, note.duration, note.pitch, marks=marks)
        ordered = sorted(graces.pop((onset, number), {}).items())
        for count, (_, note) in enumerate(ordered, 1):
            yield Note(onset, 0, note.pitch, marks=layer | {f"grace:{count}"})
    lost += sum(map(len, graces.values()))
    if lost:
        _lose(losses, "marks", f"marks of {lost} notes have no place in ABC")


def _settled(score: Score, losses: list[Issue]) -> Score:
    """Metres from the start, keys at bar lines, tempos there or at notes, nothing after the end."""
    end = score.end
    meters = tuple(meter for meter in score.meters if meter.onset < end)
    if meters and meters[0].onset:
        meters = (Meter(0, 4, 4), *meters)
    score = replace(score, meters=meters)
    starts = [bar.onset for bar in score.bars()]
    keys = [Key(0, 0), *(key for key in score.keys if key.onset < end)]
    moved_keys = tuple(replace(key, onset=_before(starts, key.onset)) for key in keys)
    tempos = [tempo for tempo in score.tempos if tempo.onset < end]
    homes = tempo_homes(score)
    moved_tempos = []
    for tempo in tempos:
        onset = tempo.onset if tempo.onset in homes else _before(starts, tempo.onset)
        moved_tempos.append(Tempo(onset, _writable(tempo.qpm)))
    if list(moved_keys) != keys or not all(map(_alike, tempos, moved_tempos)):
        _lose(losses, "tempo", "tempos and keys go to bar lines, tempos to what ABC can write")
    return replace(score, keys=moved_keys, tempos=tuple(moved_tempos))


def _writable(qpm: float) -> float:
    """The nearest tempo that a text can name."""
    exact = tempo_value(qpm)
    return exact.qpm if exact else float(min(max(round(qpm), 1), 9999))


def _alike(one: Tempo, other: Tempo) -> bool:
    return one.onset == other.onset and abs(one.qpm - other.qpm) < 1e-6 * one.qpm


def _before(starts: list[int], onset: int) -> int:
    """The start of the bar in which something happens."""
    return starts[bisect_right(starts, onset) - 1]
