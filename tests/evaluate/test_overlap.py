"""Copies are found in any key and tempo, with their place; what is new is not."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from textmusic.errors import CorpusError
from textmusic.evaluate import OverlapIndex, run_limit
from textmusic.score import Note, Score, Track
from textmusic.transforms import clip, merge, transpose


def tune(seed: int, notes: int = 64) -> Score:
    choose = random.Random(seed)
    onset, found = 0, []
    for _ in range(notes):
        length = choose.choice([240, 240, 480, 720])
        found.append(Note(onset, length, choose.randrange(55, 80)))
        onset += length
    return Score((Track(found),))


def in_time(score: Score, factor: int) -> Score:
    tracks = tuple(
        replace(
            track,
            notes=tuple(
                replace(n, onset=n.onset * factor, duration=n.duration * factor)
                for n in track.notes
            ),
        )
        for track in score.tracks
    )
    return replace(score, tracks=tracks)


def told(score: Score) -> int:
    """How many notes of a tune differ from the one before."""
    pitches = [note.pitch for note in score.notes()]
    return 1 + sum(a != b for a, b in pairwise(pitches))


PIECES = [(f"tune {seed}", tune(seed)) for seed in range(40)]


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize("semitones", [0, 5, -7])
def test_a_copy_is_named_in_any_key_and_tempo(factor: int, semitones: int) -> None:
    index = OverlapIndex.build(PIECES)
    for name, score in PIECES[::7]:
        found = index.audit(in_time(transpose(score, semitones), factor))
        assert (found.source, found.notes, found.bar, found.at) == (name, told(score), 1, 1)
        assert found.share > 0.9


def test_a_pasted_passage_is_found_with_its_bars() -> None:
    index = OverlapIndex.build(PIECES)
    start, passage = 8 * 1920, clip(PIECES[3][1], 4 * 1920, 9 * 1920)
    own = clip(tune(99), 0, start)
    shifted = tuple(
        replace(note, onset=note.onset + start) for note in transpose(passage, 5).notes()
    )
    found = index.audit(Score((Track((*own.notes(), *shifted)),)))
    assert found.source == "tune 3"
    assert found.notes >= len(shifted) - 2
    assert abs(found.at - 9) <= 1
    assert abs(found.bar - 5) <= 1


def test_what_is_new_shares_little() -> None:
    index = OverlapIndex.build(PIECES)
    found = index.audit(tune(1000))
    assert found.notes < 6
    assert found.share == 0


def test_without_any_tempo_another_tempo_is_another_tune() -> None:
    index = OverlapIndex.build(PIECES, any_tempo=False)
    name, score = PIECES[0]
    assert index.audit(transpose(score, 3)).source == name
    assert index.audit(in_time(score, 2)).notes < 8


def test_silence_drums_and_an_empty_training_set_share_nothing() -> None:
    drums = Score((Track(PIECES[0][1].tracks[0].notes, is_drum=True),))
    for index in (
        OverlapIndex.build(PIECES),
        OverlapIndex.build([]),
        OverlapIndex.build([("", drums)]),
    ):
        for score in (Score(), drums):
            found = index.audit(score)
            assert (found.notes, found.source, found.share) == (0, "", 0.0)


def test_an_index_survives_the_disk(tmp_path: Path) -> None:
    index = OverlapIndex.build(PIECES)
    index.save(tmp_path)
    again = OverlapIndex.open(tmp_path)
    score = merge([PIECES[5][1], PIECES[6][1]])
    assert again.audit(score) == index.audit(score)


@pytest.mark.parametrize("damage", ["missing", "json", "short"])
def test_a_damaged_index_is_one_line(tmp_path: Path, damage: str) -> None:
    if damage != "missing":
        OverlapIndex.build(PIECES[:3]).save(tmp_path)
    if damage == "json":
        (tmp_path / "overlap.json").write_text("{")
    if damage == "short":
        (tmp_path / "tokens.npy").write_bytes(b"")
    with pytest.raises(CorpusError, match="no index of a training set"):
        OverlapIndex.open(tmp_path)


def test_a_melody_is_found_over_another_accompaniment() -> None:
    index = OverlapIndex.build(PIECES)
    name, score = PIECES[8]
    chords = [Note(n.onset, n.duration, 40 + n.pitch % 7) for n in score.notes()]
    found = index.audit(Score((Track((*score.notes(), *chords)),)))
    assert (found.source, found.notes) == (name, told(score))


def test_a_chord_and_what_is_repeated_count_once() -> None:
    chord = (40, 47, 52)
    riff = Score((Track([Note(240 * i, 240, pitch) for i in range(40) for pitch in chord]),))
    index = OverlapIndex.build([("riff", riff)])
    assert (index.audit(riff).notes, index.audit(riff).share) == (0, 0)


def test_an_index_of_another_training_set_is_not_opened(tmp_path: Path) -> None:
    OverlapIndex.build(PIECES[:2]).save(tmp_path, "one")
    assert OverlapIndex.open(tmp_path, "one").names == ("tune 0", "tune 1")
    with pytest.raises(CorpusError, match="no index of this training set"):
        OverlapIndex.open(tmp_path, "two")


def test_the_limit_holds_for_99_of_100_new_pieces_on_average() -> None:
    draw = random.Random(5)
    above = 0
    for _ in range(2000):
        *held_out, new = (round(draw.expovariate(1e-6)) for _ in range(100))
        limit = run_limit(held_out)
        assert limit == max(held_out)
        above += new > limit
    assert above / 2000 == pytest.approx(0.01, abs=0.005)


def test_the_limit_is_a_run_of_the_held_out_pieces() -> None:
    assert run_limit(range(1, 200)) == 198
    assert run_limit([5] * 99) == 5
    assert run_limit(range(1, 20), 0.95) == 19


def test_too_few_pieces_set_no_limit() -> None:
    assert run_limit([]) is None
    assert run_limit(range(98)) is None
    assert run_limit(range(18), 0.95) is None
