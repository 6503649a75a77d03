"""Scores that a Guitar Pro file can hold exactly, for property tests."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from textmusic.score import Key, Meter, Note, Score, Tempo, Track

__all__ = ["GUITAR", "scores", "whole_bars"]

GUITAR = (40, 45, 50, 55, 59, 64)
TICKS = 3360
STEPS = [TICKS // n for n in (1, 2, 3, 4, 5, 6, 7, 8, 12, 16)]
METERS = ((4, 4), (3, 4), (6, 8), (2, 2), (5, 4))
"""Bars of whole quarters, so that no tuplet lies across a bar line."""
DYNAMICS = (15, 31, 47, 63, 79, 95, 111, 127)
MARKS = ("dead", "palm-mute", "let-ring", "vibrato", "bend:2", "accent", "ghost", "harmonic")


@st.composite
def rows(draw: st.DrawFn, string: int) -> list[Note]:
    """The notes of one string: each quarter cut into equal steps, some of them struck or tied."""
    notes: list[Note] = []
    for quarter in range(draw(st.integers(1, 9))):
        step = draw(st.sampled_from(STEPS))
        for onset in range(quarter * TICKS, (quarter + 1) * TICKS, step):
            action = draw(st.sampled_from(["rest", "strike", "strike", "hold"]))
            if action == "strike":
                pitch = GUITAR[string] + draw(st.integers(0, 24))
                marks = draw(st.frozensets(st.sampled_from(MARKS), max_size=2))
                velocity = draw(st.sampled_from(DYNAMICS))
                notes.append(Note(onset, step, pitch, velocity, string, marks))
            elif action == "hold" and notes and notes[-1].end == onset:
                last = notes[-1]
                notes[-1] = Note(
                    *(last.onset, last.duration + step, last.pitch, last.velocity),
                    *(string, last.marks),
                )
    return notes


@st.composite
def scores(draw: st.DrawFn) -> Score:
    """A score of one or two guitars; each plays one string in tuplets, or several plainly."""
    tracks = []
    for number in range(draw(st.integers(1, 2))):
        notes = draw(rows(draw(st.integers(0, 5))))
        if not notes:
            notes = [Note(0, TICKS, 64, 79, 5)]
        program = draw(st.integers(0, 127))
        tracks.append(Track(tuple(notes), f"Track {number + 1}", program, tuning=GUITAR))
    score = Score(tuple(tracks), TICKS)
    numerator, denominator = draw(st.sampled_from(METERS))
    fifths = draw(st.integers(-7, 7))
    return Score(
        score.tracks,
        TICKS,
        (Tempo(0, draw(st.integers(30, 300))),),
        (Meter(0, numerator, denominator),),
        (Key(0, fifths, draw(st.sampled_from(["major", "minor"]))),),
        {"title": draw(st.sampled_from(["A tune", "Größe"]))},
    )


def whole_bars(score: Score) -> list[tuple[Fraction, int, int]]:
    """Return the bars of a score with their starts in quarters."""
    return [(Fraction(b.onset, score.tpq), b.numerator, b.denominator) for b in score.bars()]
