"""Transforms: pure, exact where they say so."""

from __future__ import annotations

import pytest

from textmusic import transforms
from textmusic.errors import ScoreError
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


def test_merge_takes_what_the_first_that_states_it_says() -> None:
    silent = Score([Track([Note(0, 1, 60)])], tpq=1, meta={"title": "One", "provenance": "model a"})
    other = Score(SCORE.tracks, tpq=480, tempos=SCORE.tempos, meta={"provenance": "model b"})
    merged = transforms.merge([silent, other, SCORE])
    assert merged.tempos == (Tempo(0, 100),)
    assert merged.meters == (Meter(0, 3, 4),)
    assert dict(merged.meta) == {"title": "One", "provenance": "model a; model b"}


def test_merge_trims_to_the_last_bar_of_the_shortest() -> None:
    long = Score([Track([Note(0, 12, 60)])], tpq=1, meters=[Meter(0, 4, 4)])
    short = Score([Track([Note(0, 5, 67)])], tpq=1, meters=[Meter(0, 4, 4)])
    assert [n.duration for n in transforms.merge([long, short]).notes()] == [12, 5]
    assert [n.duration for n in transforms.merge([long, short], trim=True).notes()] == [8, 5]
    assert [n.duration for n in transforms.merge([short, short], trim=True).notes()] == [5, 5]


def test_merge_forgets_a_page_that_is_not_that_of_all() -> None:
    page = Score(SCORE.tracks, meta={"form": "2 1)2"})
    assert transforms.merge([page, page]).get("form") == "2 1)2"
    assert not transforms.merge([page, SCORE]).get("form")
    assert not transforms.merge([page, page], trim=True).get("form")


def test_merge_finds_a_common_tick_or_says_that_there_is_none() -> None:
    fine = Score([Track([Note(0, 480_000, 60)])], tpq=480_000)
    odd = Score([Track([Note(0, 999_983, 60)])], tpq=999_983)
    assert transforms.merge([fine, odd]).tpq == 1
    with pytest.raises(ScoreError, match="ticks per quarter"):
        transforms.merge(
            [
                Score([Track([Note(0, 7, 60)])], tpq=480_000),
                Score([Track([Note(0, 7, 60)])], tpq=999_983),
            ]
        )
    with pytest.raises(ScoreError, match="nothing to merge"):
        transforms.merge([])


def band() -> Score:
    rows = (
        ("Violin I", 40, False),
        ("Violin II", 40, False),
        ("Bassoon", 70, False),
        ("Bass", 32, False),
        ("", 42, False),
        ("Beat", 0, True),
        ("empty", 40, False),
    )
    return Score(
        [
            Track([] if name == "empty" else [Note(0, 480, 40 + n)], name, program, is_drum)
            for n, (name, program, is_drum) in enumerate(rows)
        ],
        meters=[Meter(0, 3, 4)],
    )


@pytest.mark.parametrize(
    ("part", "pitches"),
    [
        ("1", [40]),
        ("6", [45]),
        ("7", []),
        ("0", []),
        ("", []),
        ("VIOLIN I", [40]),
        ("violin", [40, 41]),
        ("bass", [43]),
        ("bassoo", [42]),
        ("cello", [44]),
        ("strings", [40, 41, 44]),
        ("drums", [45]),
        ("piano", []),
        ("(", []),
    ],
)
def test_select_finds_parts_by_number_name_and_instrument(part: str, pitches: list[int]) -> None:
    chosen = transforms.select(band(), part)
    assert [n.pitch for score in chosen for n in score.notes()] == pitches
    assert all(len(score.tracks) == 1 and score.meters for score in chosen)
