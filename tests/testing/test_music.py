"""Random scores, the hypothesis strategies over them, and the shape of the kit."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings

import textmusic.score
import textmusic.testing as kit
from textmusic.codec import Feature
from textmusic.errors import MissingDependencyError
from textmusic.score import Note, Score, Track
from textmusic.testing import Repertoire, random_score, scores
from textmusic.testing._features import difference
from textmusic.testing._material import mixed_scores, mutate, mutate_bytes
from textmusic.testing._shrink import brief, smaller_score, smaller_text


def test_equal_seeds_give_equal_scores() -> None:
    assert random_score(Random(3)) == random_score(Random(3))
    assert random_score(Random(3)) != random_score(Random(4))
    assert list(mixed_scores(9, 1)) == list(mixed_scores(9, 1))


def test_random_scores_reach_what_codecs_find_hard() -> None:
    seen = set()
    for score in mixed_scores(80, 0):
        for track in score.tracks:
            seen |= {"drums"} if track.is_drum else {f"{len(track.tuning)} strings"}
            seen |= {"capo"} if track.capo else set()
            for note in track.notes:
                seen |= {mark.partition(":")[0] for mark in note.marks}
                seen |= {"triplet"} if note.duration * 3 == score.tpq else set()
            onsets = [note.onset for note in track.notes]
            seen |= {"chord"} if len(set(onsets)) < len(onsets) else set()
        bars = score.bars()
        seen |= {"upbeat"} if bars and bars[0].is_short else set()
        seen |= {"tie"} if any(
            n.onset < bar.end < n.end for n in score.notes() for bar in bars
        ) else set()  # fmt: skip
        for field in ("tempos", "meters", "keys"):
            seen |= {field} if len(getattr(score, field)) > 1 else set()
    assert seen >= {"drums", "6 strings", "7 strings", "4 strings", "0 strings", "capo", "grace"}
    assert seen >= {"triplet", "chord", "upbeat", "tie", "tempos", "meters", "keys", "hammer"}


NARROW = Repertoire(
    tracks=(1, 1), bars=(2, 2), kinds=("melodic",), tpqs=(4,), pitches=(60, 71), chords=False,
    ties=False, tuplets=False, changes=False, upbeats=False, marks=False, graces=False,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(scores(NARROW))
def test_a_repertoire_narrows_the_strategy(score: Score) -> None:
    (track,) = score.tracks
    assert not track.is_drum
    assert not track.tuning
    assert all(60 <= n.pitch <= 71 and not n.marks and n.duration for n in track.notes)
    assert all(a.end <= b.onset for a, b in zip(track.notes, track.notes[1:], strict=False))
    assert len(score.bars()) <= 2
    assert len(score.meters) == 1
    ends = [bar.end for bar in score.bars()]
    assert not any(n.onset < end < n.end for n in track.notes for end in ends)


def test_strategies_without_hypothesis_name_the_pip_line(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(MissingDependencyError, match="pip install 'hypothesis'"):
        scores()


def test_the_kit_imports_without_hypothesis_and_torch() -> None:
    code = "import sys, textmusic.testing; print({'hypothesis', 'torch'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_every_public_name_of_the_kit_exists() -> None:
    assert sorted(kit.__all__) == kit.__all__
    assert all(hasattr(kit, name) for name in kit.__all__)


def test_brief_is_python_that_builds_the_score() -> None:
    for score in mixed_scores(12, 2):
        assert eval(brief(score, 1 << 20), vars(textmusic.score).copy()) == score


def test_shrinking_leaves_what_matters() -> None:
    music = random_score(Random(5))
    music = Score((*music.tracks, Track((Note(0, 480, 99), Note(480, 480, 12)))), music.tpq)
    small = smaller_score(music, lambda s: any(n.pitch == 99 for n in s.notes()))
    assert brief(small).count("Note(") == 1
    assert smaller_text("abc" * 50 + "x" + "abc" * 50, lambda t: "x" in t) == "x"


def test_difference_names_the_first_feature_that_differs() -> None:
    one = Score((Track((Note(0, 480, 60), Note(480, 480, 62))),))
    same = Score((Track((Note(0, 2, 60), Note(2, 2, 62))),), tpq=2)
    assert difference(one, same, frozenset(Feature)) is None
    other = Score((Track((Note(0, 480, 60), Note(480, 240, 62))),))
    line = difference(one, other, frozenset(Feature))
    assert line == (
        "duration: 1 notes missing and 1 too many (onset, duration): (1, 1) became (1, 1/2)"
    )
    fretted = Score((Track((Note(0, 480, 60, string=0),), tuning=(55, 50)),))
    elsewhere = Score((Track((Note(0, 480, 60, string=1),), tuning=(55, 50)),))
    loose = Score((Track((Note(0, 480, 60),)),))
    assert str(difference(fretted, elsewhere, {Feature.STRING})).startswith("string: 1 notes are")
    assert difference(loose, fretted, frozenset(Feature) - {Feature.PROGRAM}) is None
    split = Score((Track((Note(0, 480, 60),)), Track((Note(480, 480, 62),))))
    assert str(difference(one, split, frozenset(Feature))).startswith("track: ")


def test_mutations_change_and_stay_bounded() -> None:
    random = Random(1)
    texts = {mutate(random, "abc abc\nabc", "abc") for _ in range(200)}
    assert len(texts) > 100
    assert max(map(len, texts)) < 60
    blobs = {mutate_bytes(random, bytes(range(50))) for _ in range(200)}
    assert len(blobs) > 100
    assert mutate_bytes(random, b"") == b""
