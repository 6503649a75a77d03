"""Transforms: pure, exact where they say so."""

from __future__ import annotations

from textmusic import transforms
from textmusic.score import Key, Meter, Note, Score, Tempo, Track

SCORE = Score(
    [Track([Note(0, 480, 60), Note(480, 960, 64)])],
    tempos=[Tempo(0, 100)],
    meters=[Meter(0, 3, 4)],
    keys=[Key(0, 1)],
)


def test_resample_and_reduce_keep_the_music() -> None:
    assert transforms.resample(transforms.resample(SCORE, 960), 480) == SCORE
    assert transforms.reduce_ticks(SCORE).tpq == 1
    assert transforms.reduce_ticks(SCORE, 12).tpq == 12
    assert transforms.resample(transforms.reduce_ticks(SCORE), 480) == SCORE


def test_quantize_keeps_notes_audible() -> None:
    odd = Score([Track([Note(3, 5, 60), Note(130, 100, 62)])])
    notes = transforms.quantize(odd, 4).tracks[0].notes
    assert [(n.onset, n.duration) for n in notes] == [(0, 120), (120, 120)]


def test_transpose_moves_the_key_with_the_notes() -> None:
    moved = transforms.transpose(SCORE, 2)
    assert [n.pitch for n in moved.notes()] == [62, 66]
    assert moved.keys == (Key(0, 3),)
    assert transforms.transpose(moved, -2) == SCORE


def test_clip_brings_along_what_is_in_force() -> None:
    part = transforms.clip(SCORE, 240, 720)
    assert [(n.onset, n.duration) for n in part.notes()] == [(0, 240), (240, 240)]
    assert part.tempos == (Tempo(0, 100),)
    assert part.meters[0].numerator == 3


def test_first_bars() -> None:
    long = Score([Track([Note(i * 480, 480, 60) for i in range(8)])], meters=[Meter(0, 4, 4)])
    assert transforms.first_bars(long, 1).end == 1920
    assert transforms.first_bars(long, 9) == long


def test_merge_holds_both_resolutions() -> None:
    coarse = Score([Track([Note(0, 1, 60)])], tpq=1)
    merged = transforms.merge([coarse, SCORE])
    assert merged.tpq == 480
    assert len(merged.tracks) == 2
