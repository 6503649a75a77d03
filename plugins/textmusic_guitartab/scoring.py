"""Between a Score and a Piece: notes to the events of bars, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from operator import sub

import numpy as np

from textmusic.errors import EncodeError
from textmusic.lengths import BEAT
from textmusic.score import Columns, Meter, Note, Score, Tempo, Track
from textmusic_guitartab.marks import TOUCHES, signs_of
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
from textmusic_guitartab.playing import Chords, Heard, Played, Strike, heard, strike

__all__ = ["chord_pairs", "piece_of", "score_of"]


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
    measures = Played(_chords(track), score.bars())
    if odd := {(bar.numerator, bar.denominator) for bar in measures.bars} - METERS:
        raise EncodeError("no tab has a metre of {}/{}: project first".format(*min(odd)))
    if any(bar.is_short for bar in measures.bars[1:-1]):
        raise EncodeError("a bar is cut short: project first")
    meter = (score.meters[0].numerator, score.meters[0].denominator)
    tempo = int(score.tempos[0].qpm) if score.tempos else None
    return Piece(meter, track.tuning, track.capo, tempo, measures)


def _chords(track: Track) -> Chords:
    opens = tuple([pitch + track.capo for pitch in track.tuning])
    onsets: list[int] = []
    ends: list[int] = []
    strikes: list[Strike] = []
    for (onset, _), group in groupby(track.notes, key=_moment):
        notes = list(group)
        pairs, touch = chord_pairs(opens, notes)
        if len(pairs) > 1 and is_wide([pair.fret for pair in pairs]):
            raise EncodeError(f"no hand holds the notes at tick {onset}: project first")
        onsets.append(onset)
        ends.append(notes[0].end)
        strikes.append(strike(opens, pairs, touch))
    return Chords(onsets, ends, strikes)


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


def score_of(piece: Piece) -> Score:
    """Return the music of a piece as a Score of one track, whose notes are made on first use."""
    meters = [Meter(0, *piece.meter)]
    last = piece.meter
    onset, cut = 0, False
    for meter, length, is_short in _bars(piece.measures):
        if meter != last or cut:
            meters.append(Meter(onset, *meter))
        onset += length
        last, cut = meter, is_short
    if cut:
        meters.append(Meter(onset, *last))
    tempos = () if piece.tempo is None else (Tempo(0, piece.tempo),)
    return Score((_track_of(piece),), BEAT, tempos, tuple(meters))


def _bars(measures: Sequence[Measure]) -> Iterator[tuple[tuple[int, int], int, bool]]:
    """Metre, length and whether it is cut short of each bar."""
    if isinstance(measures, Played):
        for bar in measures.bars:
            yield (bar.numerator, bar.denominator), bar.end - bar.onset, bar.is_short
    else:
        for measure in measures:
            yield measure.meter, measure.length, measure.is_short


def _track_of(piece: Piece) -> Track:
    opens = tuple([pitch + piece.capo for pitch in piece.tuning])
    onsets, lengths, notes = _sounding(piece.measures, opens)
    sizes = [len(pitches) for pitches, _, _ in notes]
    count = sum(sizes)
    columns = (
        np.array(onsets, np.int64).repeat(sizes),
        np.array(lengths, np.int64).repeat(sizes),
        np.fromiter(chain.from_iterable([note[0] for note in notes]), np.int64, count),
        np.full(count, 80, np.int64),
    )
    strings = list(chain.from_iterable([note[1] for note in notes]))
    marks = list(chain.from_iterable([note[2] for note in notes]))
    return Track.of(
        Columns(*(column.data.toreadonly() for column in columns)),
        program=program_of(piece.tuning),
        tuning=piece.tuning,
        capo=piece.capo,
        played=(strings, marks),
    )


def _sounding(
    measures: Sequence[Measure], opens: tuple[int, ...]
) -> tuple[Sequence[int], Sequence[int], Sequence[Heard]]:
    """Return onsets, lengths and notes of what is struck."""
    if isinstance(measures, Played):
        starts, ends, strikes = measures.chords
        lasting = list(map(sub, ends, starts))
        if all(lasting):
            return starts, lasting, [strike[3] for strike in strikes]
    onsets: list[int] = []
    lengths: list[int] = []
    notes: list[Heard] = []
    graces: list[Event] = []
    sounds = False
    bar = 0
    for measure in measures:
        for event in measure.events:
            kind, start, ticks, pairs, touch = event
            if kind == "hold":
                if sounds:
                    lengths[-1] += ticks
                continue
            if kind == "note" and not ticks:
                graces.append(event)
                continue
            for rank, grace in zip(range(len(graces), 0, -1), graces, strict=True):
                onsets.append(bar + grace.start)
                lengths.append(0)
                notes.append(heard(opens, grace.pairs, grace.touch, rank))
            graces.clear()
            sounds = bool(pairs)
            if sounds:
                onsets.append(bar + start)
                lengths.append(ticks)
                notes.append(heard(opens, pairs, touch))
        bar += measure.length
    return onsets, lengths, notes
