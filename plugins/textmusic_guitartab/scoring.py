"""Between a Score and a Piece: notes to the events of bars, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from textmusic.errors import EncodeError
from textmusic.lengths import BEAT
from textmusic.score import Bar, Meter, Note, Score, Tempo, Track
from textmusic_guitartab.marks import TOUCHES, names, signs_of
from textmusic_guitartab.meters import METERS
from textmusic_guitartab.piece import (
    MAX_FRET,
    Event,
    Measure,
    Pair,
    Piece,
    is_neck,
    is_wide,
    program_of,
)

__all__ = ["Chord", "chord_pairs", "measures_of", "piece_of", "score_of"]

_Struck = tuple[tuple[int, int, frozenset[str]], ...]
"""Pitch, string and marks of notes struck together, as a Score sorts them."""


class Chord(NamedTuple):
    """What is struck at a tick and ends at another, or at the same one where it is a grace."""

    onset: int
    end: int
    pairs: tuple[Pair, ...]
    touch: str = ""


def piece_of(score: Score) -> Piece:
    """Return the piece of a score.

    Raises:
        EncodeError: the score holds what a piece cannot; `projection` brings it inside.
    """
    if len(score.tracks) != 1 or score.tpq != BEAT or not score.meters:
        raise EncodeError(f"needs one track, a metre and {BEAT} ticks a quarter: project first")
    track = score.tracks[0]
    if not is_neck(track.tuning, track.capo):
        raise EncodeError(f"no tab for the tuning {track.tuning} with capo {track.capo}")
    if not any(note.duration for note in track.notes):
        raise EncodeError("the score has no note that sounds")
    measures = measures_of(list(_chords(track)), score.bars())
    if odd := {measure.meter for measure in measures} - METERS:
        raise EncodeError("no tab has a metre of {}/{}: project first".format(*min(odd)))
    if any(measure.is_short for measure in measures[1:-1]):
        raise EncodeError("a bar is cut short: project first")
    meter = (score.meters[0].numerator, score.meters[0].denominator)
    tempo = int(score.tempos[0].qpm) if score.tempos else None
    return Piece(meter, track.tuning, track.capo, tempo, measures)


def _chords(track: Track) -> Iterator[Chord]:
    opens = [pitch + track.capo for pitch in track.tuning]
    for (onset, _), group in groupby(track.notes, key=_moment):
        notes = list(group)
        pairs, touch = chord_pairs(opens, notes)
        if len(pairs) > 1 and is_wide([pair.fret for pair in pairs]):
            raise EncodeError(f"no hand holds the notes at tick {onset}: project first")
        yield Chord(onset, notes[0].end, pairs, touch)


def _moment(note: Note) -> tuple[int, int]:
    """What notes of one event have in common."""
    return note.onset, note.grace if note.marks else 0


def chord_pairs(opens: Sequence[int], notes: Sequence[Note]) -> tuple[tuple[Pair, ...], str]:
    """Return the pairs of notes that are struck together, and the key of their touch.

    Raises:
        EncodeError: a note has no fret of the neck, or a mark that has no character.
    """
    pairs = tuple(sorted([_pair(opens, note) for note in notes]))
    marks = notes[0].marks
    return pairs, next((s for s, mark in TOUCHES.items() if mark in marks), "") if marks else ""


def _pair(opens: Sequence[int], note: Note) -> Pair:
    fret = -1 if note.string is None else note.pitch - opens[note.string]
    if note.string is None or not 0 <= fret <= MAX_FRET:
        raise EncodeError(f"pitch {note.pitch} at tick {note.onset} has no fret: project first")
    if not note.marks:
        return Pair(note.string, fret)
    return Pair(note.string, -1 if "dead" in note.marks else fret, signs_of(note.marks))


def measures_of(chords: Sequence[Chord], bars: Sequence[Bar]) -> tuple[Measure, ...]:
    """Return the bars with what happens in each: notes, what goes on over bar lines, silence.

    Args:
        chords: by onset, none beyond the last bar.
        bars: one after the other, from tick 0 on.
    """
    measures: list[Measure] = []
    index, sounding = 0, 0
    for bar in bars:
        start, end = bar.onset, bar.end
        events: list[Event] = []
        now = start
        if sounding > start:
            now = min(sounding, end)
            events.append(Event("hold", 0, now - start))
        while index < len(chords) and chords[index].onset < end:
            onset, sounding, pairs, touch = chords[index]
            index += 1
            if onset > now:
                events.append(Event("rest", now - start, onset - now))
            now = min(sounding, end)
            events.append(Event("note", onset - start, now - onset, pairs, touch))
        if now < end:
            events.append(Event("rest", now - start, end - now))
        measures.append(Measure((bar.numerator, bar.denominator), end - start, tuple(events)))
    return tuple(measures)


def score_of(piece: Piece) -> Score:
    """Return the music of a piece as a Score of one track."""
    opens = tuple([pitch + piece.capo for pitch in piece.tuning])
    meters = [Meter(0, *piece.meter)]
    notes: list[Note] = []
    struck: _Struck = ()
    graces: list[Event] = []
    known: dict[tuple[int, str], _Struck] = {}
    onset = length = bar = 0  # where what is struck began, and how long it lasts so far
    for measure in piece.measures:
        meters.append(Meter(bar, *measure.meter))
        for event in measure.events:
            kind, start, ticks, pairs, touch = event
            if kind == "hold":
                length += ticks
                continue
            if kind == "note" and not ticks:
                graces.append(event)
                continue
            notes += [Note(onset, length, pitch, 80, string, m) for pitch, string, m in struck]
            if graces:
                notes += _grace_notes(graces, opens, bar)
                graces = []
            onset, length = bar + start, ticks
            place = (id(pairs), touch)  # events share their pairs
            struck = known.get(place) or known.setdefault(place, _struck(opens, pairs, touch))
        bar += measure.length
        if measure.is_short:
            meters.append(Meter(bar, *measure.meter))
    notes += [Note(onset, length, pitch, 80, string, m) for pitch, string, m in struck]
    program = program_of(piece.tuning)
    track = Track(tuple(notes), program=program, tuning=piece.tuning, capo=piece.capo)
    tempos = () if piece.tempo is None else (Tempo(0, piece.tempo),)
    return Score((track,), BEAT, tempos, tuple(meters))


def _grace_notes(graces: Sequence[Event], opens: tuple[int, ...], bar: int) -> Iterator[Note]:
    for rank, (_, start, _, pairs, touch) in zip(range(len(graces), 0, -1), graces, strict=True):
        for pitch, string, marks in _struck(opens, pairs, touch, rank):
            yield Note(bar + start, 0, pitch, 80, string, marks)


@lru_cache(maxsize=1 << 12)
def _struck(opens: tuple[int, ...], pairs: tuple[Pair, ...], touch: str, rank: int = 0) -> _Struck:
    """What pairs are on a neck, in the order in which a Score sorts notes."""
    also = [TOUCHES[touch]] if touch else []
    if rank:
        also.append(f"grace:{rank}")
    found = []
    for string, fret, signs in pairs:
        marks = {*names(signs), *also}
        if fret < 0:
            marks.add("dead")
        found.append((opens[string] + max(fret, 0), string, frozenset(marks)))
    return tuple(sorted(found, key=itemgetter(0, 1)))
