"""What is read and written in columns is what is read and written note by note."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from textmusic.clock import Clock
from textmusic.fretboard import GUITAR
from textmusic.lengths import BEAT
from textmusic.score import Meter, Note, Score, Track
from textmusic_guitartab import events
from textmusic_guitartab.memory import Memory
from textmusic_guitartab.meters import clean_meters
from textmusic_guitartab.music import music_of
from textmusic_guitartab.projection import project
from textmusic_guitartab.scoring import score_of
from textmusic_guitartab.timing import beats_of

MARKS = ("", "", "", "hammer", "palm-mute", "let-ring", "dead", "bend:2", "grace:1")


def riff(seed: int) -> Score:
    """A part of notes, chords, rests and techniques, on grids of its own, some of them mixed."""
    rng = random.Random(seed)
    grids = rng.choice([(4,), (3,), (16,), (12, 4), (5, 4), (7, 3, 2)])
    now, notes = 0, []
    for _ in range(rng.randrange(1, 40)):
        length = BEAT // rng.choice(grids) * rng.randrange(1, 9)
        strings = rng.sample(range(6), rng.choice([1, 1, 2, 3]))
        mark = rng.choice(MARKS)
        for string in strings:
            marks = frozenset({mark} - {""})
            duration = 0 if mark.startswith("grace") else length
            pitch = GUITAR[string] + rng.randrange(4)
            notes.append(Note(now, duration, pitch, 80, string, marks))
        now += length if rng.random() < 0.8 else 2 * length
    meters = [Meter(0, rng.choice([3, 4]), 4), Meter(9 * BEAT, 7, 8)][: rng.randrange(1, 3)]
    return Score((Track(tuple(notes), tuning=GUITAR),), BEAT, (), tuple(meters))


@pytest.mark.parametrize("seed", range(60))
def test_bars_in_columns_say_what_bars_of_events_say(seed):
    score = riff(seed)
    if all(note.grace for note in score.notes()):
        return
    piece, _ = project(music_of(score))
    apart = replace(piece, measures=tuple(piece.measures))
    assert events.write(piece) == events.write(apart)
    quick, slow = score_of(piece), score_of(apart)
    assert quick == slow
    assert Track(quick.tracks[0].notes, tuning=GUITAR, program=25) == quick.tracks[0]
    assert quick.end == max(note.end for note in quick.notes())


@pytest.mark.parametrize("seed", range(60))
def test_times_on_a_common_grid_need_no_grid_of_each_beat(seed, monkeypatch):
    score = riff(seed)
    groups = music_of(score).groups if any(not n.grace for n in score.notes()) else None
    if groups is None:
        return
    clock = Clock(clean_meters(score)[0], BEAT, None)
    found = [list(column) for column in beats_of(groups, clock, BEAT)[0]]
    monkeypatch.setattr(Clock, "is_free", lambda *_: False)
    assert found == [list(column) for column in beats_of(groups, clock, BEAT)[0]]


def test_what_is_remembered_is_forgotten_when_it_is_too_much():
    memory = Memory(lambda _: dict[int, int](), 100)
    book = memory("a")
    book[1] = 1
    assert memory("a") is book
    assert memory("b") is not book
    book.update(dict.fromkeys(range(200), 0))
    for _ in range(40):
        memory("b")
    assert memory("a") == {}
