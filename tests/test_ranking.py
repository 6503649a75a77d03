"""The best of several samples is what the ranking asked for says."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from textmusic.errors import ConfigError, Issue
from textmusic.evaluate import OverlapIndex
from textmusic.ranking import (
    NAMES,
    Originals,
    Ranking,
    like_histogram,
    likelihood,
    near_figure,
    parse_ranking,
)
from textmusic.score import Meter, Note, Score, Track
from textmusic.transforms import transpose


@dataclass(frozen=True)
class Drawn:
    score: Score
    bits: float = 10.0
    drawn: int = 10
    text: str = ""
    issues: tuple[Issue, ...] = ()


def line(*pitches: int, length: int = 480) -> Score:
    notes = (Note(i * length, length, pitch) for i, pitch in enumerate(pitches))
    return Score((Track(notes),), meters=(Meter(0, 4, 4),))


SCALE = line(60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65)
LEAPS = line(48, 72, 51, 75, 54, 79, 50, 70, 49, 73, 52, 76)
TRAINING = [SCALE, transpose(SCALE, 7), line(60, 62, 64, 62, 60, 59, 60, 62)]
ORIGINALS = Originals(
    lambda: OverlapIndex.build([(str(i), score) for i, score in enumerate(TRAINING)]),
    lambda: TRAINING,
)


def fail() -> Iterable[Score]:
    raise AssertionError("the training set is not needed")


def untrained() -> OverlapIndex:
    raise ConfigError("no training set lies here")


NOTHING = Originals(untrained, fail)


def best(rank: Ranking, *scores: Score) -> Score:
    return max(map(Drawn, scores), key=rank).score


def test_the_likeliest_has_the_fewest_bits_a_character() -> None:
    rank = parse_ranking("likelihood", NOTHING)
    assert rank(Drawn(SCALE, 20, 40)) == -0.5
    assert rank(Drawn(SCALE, 20, 40)) > rank(Drawn(SCALE, 10, 10))


def test_the_likeliest_by_note_has_the_fewest_bits_a_note() -> None:
    rank = parse_ranking("likelihood-a-note", NOTHING)
    assert rank(Drawn(SCALE, 24, 1000)) == -2
    assert rank(Drawn(SCALE, 24)) > rank(Drawn(line(60, 62), 24))


def test_what_was_not_drawn_or_holds_no_note_is_the_worst() -> None:
    silence = Drawn(Score(), 0, 0)
    assert likelihood()(silence) == -math.inf
    for name in NAMES[1:]:
        rank = parse_ranking(f"{name}=3" if name == "playable" else name, ORIGINALS)
        assert rank(silence) == -math.inf, name


def test_the_best_by_overlap_shares_the_shortest_run() -> None:
    rank = parse_ranking("overlap", ORIGINALS)
    assert best(rank, transpose(SCALE, 3), LEAPS) == LEAPS
    assert rank(Drawn(SCALE)) == pytest.approx(-12.5)


@pytest.mark.parametrize("name", ["interval", "pitch-class", "Pitch_Class"])
def test_the_best_by_a_distribution_lies_like_the_training_set(name: str) -> None:
    rank = parse_ranking(name, ORIGINALS)
    assert best(rank, LEAPS, TRAINING[2]) == TRAINING[2]
    assert -1 <= rank(Drawn(LEAPS)) <= 0


def test_the_best_by_duration_has_the_durations_of_the_training_set() -> None:
    rank = parse_ranking("duration", ORIGINALS)
    slow, fast = line(60, 62, 64, 65), line(60, 62, 64, 65, length=120)
    assert best(rank, fast, slow) == slow
    assert rank(Drawn(slow)) == 0


def test_the_best_by_a_figure_is_nearest_to_the_median_of_the_training_set() -> None:
    rank = parse_ranking("range", ORIGINALS)  # 12, 12 and 5 semitones
    assert rank(Drawn(line(60, 72))) == 0
    assert best(rank, LEAPS, line(60, 71), line(60, 74)) == line(60, 71)


def test_a_goal_needs_no_training_set() -> None:
    rank = parse_ranking("range=30", NOTHING)
    assert best(rank, SCALE, LEAPS) == LEAPS
    assert rank(Drawn(LEAPS)) == near_figure("range", 30)(Drawn(LEAPS)) == -1


def test_a_function_of_a_module_ranks() -> None:
    rank = parse_ranking("textmusic.ranking:_struck", NOTHING)
    assert rank(Drawn(SCALE)) == 12.0


def test_a_function_in_a_file_ranks(tmp_path: Path) -> None:
    file = tmp_path / "critic.py"
    file.write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n\n"
        "@dataclass\nclass Taste:\n    pitch: int\n\n"
        "def highest(score):\n    return Taste(max(n.pitch for n in score.notes())).pitch\n"
    )
    rank = parse_ranking(f"{file}:highest", NOTHING)
    assert best(rank, SCALE, LEAPS) == LEAPS


CODE = """
number = 3
def words(score): return "much"
def nan(score): return float("nan")
def nothing(score): pass
def broken(score): raise ValueError("no\\nnotes")
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("words", "returned 'much', which is no number"),
        ("nan", "returned nan, which is no number"),
        ("nothing", "returned None, which is no number"),
        ("broken", "raised ValueError: no notes"),
    ],
)
def test_a_function_that_gives_no_number_is_named(tmp_path: Path, name: str, said: str) -> None:
    file = tmp_path / "critic.py"
    file.write_text(CODE)
    rank = parse_ranking(f"{file}:{name}", NOTHING)
    with pytest.raises(ConfigError, match=said) as caught:
        rank(Drawn(SCALE))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}/critic.py:number", "number is no function but int"),
        ("{}/critic.py:missing", "has no function 'missing'"),
        ("{}/critic.py:", "has no function ''"),
        ("{}/nowhere.py:f", "there is no file"),
        ("{}/syntax.py:f", "cannot import .*: SyntaxError"),
        ("no_such_package.critic:f", "cannot import no_such_package.critic: ModuleNotFoundError"),
        (":f", "cannot import it: ValueError"),
        ("polyphonie", "unknown ranking 'polyphonie': did you mean polyphony"),
        ("zzz", "known: likelihood, likelihood-a-note, overlap, pitch-class"),
        ("interval=3", "no figure 'interval' to set a goal for; known: bars, notes a bar"),
        ("range=wide", "'wide' is no number"),
        ("range=inf", "'inf' is no number"),
        ("playable", "nothing in the training set has this figure"),
    ],
)
def test_what_cannot_rank_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "critic.py").write_text(CODE)
    (tmp_path / "syntax.py").write_text("def f(:\n    pass\n")
    with pytest.raises(ConfigError, match=said) as caught:
        parse_ranking(text.format(tmp_path), ORIGINALS)
    assert "\n" not in str(caught.value)


def test_a_ranking_without_its_training_set_says_so() -> None:
    with pytest.raises(ConfigError, match="no training set"):
        parse_ranking("overlap", NOTHING)


def test_a_distribution_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="no distribution 'range'; known: pitch class"):
        like_histogram("range", {})
