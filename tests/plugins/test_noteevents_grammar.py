"""The grammar of `noteevents`: bars stay full, notes fall, references lead somewhere."""

from __future__ import annotations

from random import Random

import pytest
from step_scores import groove, study, unison

from textmusic.errors import errors_of
from textmusic.grammar import first_error
from textmusic.score import Meter, Note, Score, Track
from textmusic_midi import NoteEventsCodec


@pytest.mark.parametrize("layout", ["folded", "bars", "stream"])
@pytest.mark.parametrize("hold", ["length", "onset", "repeat"])
def test_what_is_written_is_allowed(hold: str, layout: str):
    codec = NoteEventsCodec(hold=hold, layout=layout)
    for piece in (study(), groove(), unison()):
        assert first_error(codec.grammar(), codec.encode(codec.project(piece))) is None


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("@12", 1),
        ("@24 128", 6),
        ("@24 0\nY4\n", 6),
        ("@24 0\n3/5", 8),
        ("@24 0\n%\n", 6),
        ("@24 0\n4/4 Y4\n%2", 14),
        ("@24 0\n4/4 Yc4", 11),
        ("@24 0\n4/4 cc4", 11),
        ("@24 0\n4/4 c4c4", 14),
        ("@24 0\n4/4 c4βY4", 12),
        ("@24 0\n2/4 c4|1", 13),
        ("@24 0\n2/4 c4|4Y4|2", 17),
        ("@24 0\n2/4 c|", 11),
        ("@24 0\n2/4 c4|\n", 13),
        ("@24 0\n2/4 <1", 11),
        ("@24 0\n4/4 c84", 12),
    ],
)
def test_the_first_fault_is_found(text: str, offset: int):
    assert first_error(NoteEventsCodec().grammar(), text) == offset


def test_any_walk_has_full_bars_and_decodes():
    codec = NoteEventsCodec()
    grammar = codec.grammar()
    for seed in range(12):
        random, state, text = Random(seed), grammar.start(), ""
        for _ in range(200):
            char = random.choice(sorted(grammar.allowed(state)))
            state, text = grammar.step(state, char), text + char
        text += grammar.finish(state)
        assert errors_of(codec.validate(text)) == ()
        assert grammar.accepting(grammar.start()) is False


def test_a_character_that_is_not_allowed_is_refused():
    grammar = NoteEventsCodec().grammar()
    with pytest.raises(ValueError, match="may not follow"):
        grammar.step(grammar.start(), "x")


@pytest.mark.parametrize(
    ("hold", "text", "ends"),
    [
        ("length", "4/4 Y2\n", True),
        ("length", "4/4 Y1.\n", False),
        ("length", "4/4 Y1.\n\n", True),
        ("length", "4/4 |2.Y2\n1/4 a4\n", True),
        ("length", "4/4 |2.Y1\n1/4 a4\n", False),
        ("length", "4/4 Y1|4βc1\n", False),
        ("length", "4/4 Y1.\n%\n", False),
        ("onset", "4/4 Y\n", True),
        ("onset", "4/4 Y|4c\n", False),
        ("onset", "4/4 Y|4c\n\n", True),
        ("repeat", "4/4 |4Y\n", True),
    ],
)
def test_a_text_ends_when_nothing_sounds(hold: str, text: str, *, ends: bool):
    codec = NoteEventsCodec(hold=hold)
    grammar = codec.grammar()
    text = "@24 0 41\n" + text
    state = grammar.start()
    for char in text:
        state = grammar.step(state, char)
    assert grammar.accepting(state) is ends
    assert (codec.validate(text) == ()) is ends
    whole = text + grammar.finish(state)
    assert codec.validate(whole) == ()
    assert codec.decode(whole) == codec.decode(text)
    assert whole.count("\n") == len(codec.decode(text).bars()) + 1


def test_a_score_that_sounds_on_gets_bars_until_its_end():
    codec = NoteEventsCodec()
    text = codec.encode(
        Score((Track((Note(0, 24, 60), Note(72, 150, 64))),), 24, (), (Meter(0, 4, 4),))
    )
    assert text == "@24 0\n4/4 Y4|2.c1.6\n\n%\n"
    assert codec.bar_offsets(text)[-1] == len(text)


def test_old_texts_without_those_bars_are_read_with_a_warning():
    codec = NoteEventsCodec()
    (issue,) = codec.validate("@24 0\n4/4 Y4|2.c1\n")
    assert issue.code == "noteevents.past-end"
    assert issue.severity == "warning"
