"""Small music of our own on a grid of steps, for the tests of `pianoroll` and `noteevents`."""

from __future__ import annotations

from textmusic.score import Meter, Note, Score, Tempo, Track

STEPS = 24


def line(*notes: tuple[int, int, int], at: int = 0) -> tuple[Note, ...]:
    """Notes one after the other: pitch (0 for a rest), length and gap in steps."""
    found = []
    for pitch, length, step in notes:
        if pitch:
            found.append(Note(at, length, pitch))
        at += step
    return tuple(found)


def study() -> Score:
    """Two hands: triplets, repeated and tied notes, a chord, an upbeat, two metres and tempi."""
    right = line(
        (67, 24, 24), (72, 24, 24), (72, 12, 12), (74, 12, 12), (76, 24, 24), (0, 1, 12),
        (79, 8, 8), (77, 8, 8), (76, 8, 8), (74, 84, 24), (71, 3, 3), (72, 3, 3), (0, 1, 66),
        (72, 96, 72), (67, 36, 36), (67, 36, 36), (67, 36, 36), (72, 72, 72),
    )  # fmt: skip
    left = tuple(
        Note(24 + bar * 96, 96, pitch) for bar, chord in enumerate(((48, 52, 55),) * 3)
        for pitch in chord
    )  # fmt: skip
    tracks = (Track(right), Track(left, program=42))
    meters = (Meter(0, 4, 4), Meter(24, 4, 4), Meter(24 + 3 * 96, 3, 4))
    return Score(tracks, STEPS, (Tempo(0, 96), Tempo(24 + 2 * 96, 72)), meters)


def groove() -> Score:
    """Drums and a bass that repeat every two bars."""
    drums = tuple(
        Note(12 * eighth, 12, key)
        for eighth in range(64)
        for key in ((42, 36) if eighth % 4 == 0 else (42, 38) if eighth % 4 == 2 else (42,))
    )
    bass = tuple(
        Note(96 * bar + 36 * beat, 30, (40, 43)[bar % 2] + 2 * beat)
        for bar in range(8)
        for beat in range(3)
    )
    return Score(
        (Track(drums, is_drum=True), Track(bass, program=33)), STEPS, (Tempo(0, 104),),
        (Meter(0, 4, 4),),
    )  # fmt: skip


def unison() -> Score:
    """One part that strikes a sounding pitch again, and holds two lengths of one pitch."""
    notes = (Note(0, 96, 60), Note(24, 24, 60), Note(48, 48, 64), Note(48, 12, 64), Note(96, 7, 21))
    return Score((Track(notes),), STEPS, (), (Meter(0, 4, 4),))
